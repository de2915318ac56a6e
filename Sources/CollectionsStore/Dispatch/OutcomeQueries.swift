package import CollectionsDomain
package import PostgresDriver

/// An accepted outcome as it is stored: the row is the receipt.
package struct OutcomeRow: Hashable, Sendable {
    package var key: GrantKey
    package var agencyId: Int32
    package var caseId: Int64
    package var debtorId: Int64
    package var step: Step
    package var result: ResultCode
    package var contactPointId: Int64?
    /// Business time of the act's start.
    package var occurredAt: Instant
    /// SHA-256 of the canonical fields.
    package var bodyHash: [UInt8]
    /// The canonical fields.
    package var body: [UInt8]
    /// What the reply says about the next demand.
    package var nextStage: Stage?
    package var nextNotBefore: Instant?
    /// The row of the transition table that decided.
    package var rule: String
    package var policyVersion: Int32

    package init(
        key: GrantKey, agencyId: Int32, caseId: Int64, debtorId: Int64, step: Step, result: ResultCode, contactPointId: Int64?,
        occurredAt: Instant,
        bodyHash: [UInt8], body: [UInt8], nextStage: Stage?, nextNotBefore: Instant?, rule: String, policyVersion: Int32
    ) {
        self.key = key
        self.agencyId = agencyId
        self.caseId = caseId
        self.debtorId = debtorId
        self.step = step
        self.result = result
        self.contactPointId = contactPointId
        self.occurredAt = occurredAt
        self.bodyHash = bodyHash
        self.body = body
        self.nextStage = nextStage
        self.nextNotBefore = nextNotBefore
        self.rule = rule
        self.policyVersion = policyVersion
    }
}

/// What a repetition of an accepted outcome is answered from.
package struct OutcomeReceipt: Hashable, Sendable {
    package var bodyHash: [UInt8]
    package var nextStage: Stage?
    package var nextNotBefore: Instant?
}

/// Accepted outcomes: append-only, in partitions by the month of their task's id.
package enum OutcomeQueries {
    /// The receipts of some tasks' grants. Asked after the locks, so that a new snapshot sees what the transaction waited for has written.
    package static func receipts(part: Int32, tasks: [Int64]) -> PostgresQuery {
        """
        select task_id, epoch, body_hash, next_stage, next_not_before from outcome where part = \(part) and task_id = any(\(tasks.sorted()))
        """
    }

    /// The answer to ``receipts(part:tasks:)``.
    package static func receipts(_ result: PostgresResult) throws -> [GrantKey: OutcomeReceipt] {
        var receipts: [GrantKey: OutcomeReceipt] = [:]
        for row in result {
            let (task, epoch, hash, stage, notBefore) = try row.decode((Int64, Int32, [UInt8], Stage?, Instant?).self)
            receipts[GrantKey(taskId: task, epoch: epoch)] = OutcomeReceipt(bodyHash: hash, nextStage: stage, nextNotBefore: notBefore)
        }
        return receipts
    }

    /// Stores accepted outcomes. Plainly: a second acceptance of a grant is an error that rolls the whole batch back.
    package static func insert(part: Int32, _ rows: [OutcomeRow], now: Now) -> PostgresQuery {
        """
        insert into outcome (part, task_id, epoch, agency_id, case_id, debtor_id, stage, step, result, contact_point_id, occurred_at, received_at,
            business_at, body_hash, body, next_stage, next_not_before, rule, policy_version)
        select \(part), u.task, u.epoch, u.agency, u.case_id, u.debtor, u.stage, u.step, u.result, u.point, u.occurred, \(now.real), \(now.business),
            u.hash, u.body, u.next_stage, u.next_at, u.rule, u.policy
        from unnest(\(rows.map(\.key.taskId)), \(rows.map(\.key.epoch)), \(rows.map(\.agencyId)), \(rows.map(\.caseId)), \(rows.map(\.debtorId)),
            \(rows.map(\.step.stage.rawValue)), \(rows.map(\.step.rawValue)), \(rows.map(\.result.rawValue)), \(rows.map(\.contactPointId)),
            \(rows.map(\.occurredAt)), \(rows.map(\.bodyHash)), \(rows.map(\.body)), \(rows.map { $0.nextStage?.rawValue }),
            \(rows.map(\.nextNotBefore)), \(rows.map(\.rule)), \(rows.map(\.policyVersion)))
            u (task, epoch, agency, case_id, debtor, stage, step, result, point, occurred, hash, body, next_stage, next_at, rule, policy)
        """
    }
}
