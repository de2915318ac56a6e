package import CollectionsDomain
package import PostgresDriver

/// A task put aside for an operator.
package struct QuarantineRow: Hashable, Sendable {
    package var taskId: Int64
    package var caseId: Int64
    package var debtorId: Int64
    package var agencyId: Int32
    package var step: Step
    /// Why, as a code.
    package var reason: String

    package init(taskId: Int64, caseId: Int64, debtorId: Int64, agencyId: Int32, step: Step, reason: String) {
        self.taskId = taskId
        self.caseId = caseId
        self.debtorId = debtorId
        self.agencyId = agencyId
        self.step = step
        self.reason = reason
    }
}

/// Tasks that kept expiring, or that no handler could do.
package enum QuarantineQueries {
    /// Puts tasks aside.
    package static func insert(part: Int32, _ rows: [QuarantineRow], now: Now) -> PostgresQuery {
        """
        insert into quarantine (part, task_id, case_id, debtor_id, agency_id, stage, step, reason, at)
        select \(part), u.task, u.case_id, u.debtor, u.agency, u.stage, u.step, u.reason, \(now.business)
        from unnest(\(rows.map(\.taskId)), \(rows.map(\.caseId)), \(rows.map(\.debtorId)), \(rows.map(\.agencyId)),
            \(rows.map(\.step.stage.rawValue)), \(rows.map(\.step.rawValue)), \(rows.map(\.reason)))
            u (task, case_id, debtor, agency, stage, step, reason)
        on conflict (part, task_id) do nothing
        """
    }

    /// What waits for an operator in a lane, oldest first.
    package static func open(part: Int32, limit: Int, in db: PostgresConnection) async throws -> [(row: QuarantineRow, at: Instant)] {
        try await db.query(
            """
            select task_id, case_id, debtor_id, agency_id, step, reason, at from quarantine
            where part = \(part) and released_at is null order by at, task_id limit \(Int32(limit))
            """
        ).map { row in
            let (task, caseId, debtor, agency, step, reason, at) = try row.decode((Int64, Int64, Int64, Int32, Step, String, Instant).self)
            return (QuarantineRow(taskId: task, caseId: caseId, debtorId: debtor, agencyId: agency, step: step, reason: reason), at)
        }
    }

    /// Marks the quarantined tasks of a debtor as handed back.
    package static func release(part: Int32, debtor: Int64, by operatorName: String, now: Now) -> PostgresQuery {
        """
        update quarantine set released_at = \(now.business), released_by = \(operatorName)
        where part = \(part) and debtor_id = \(debtor) and released_at is null returning task_id
        """
    }
}
