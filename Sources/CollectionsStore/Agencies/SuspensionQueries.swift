package import CollectionsDomain
package import PostgresDriver

/// Taking an agency's work away: lane tables, every statement names its lane.
package enum SuspensionQueries {
    /// Ends every task of an agency's open cases in one lane, whoever executes it, and says which: one statement.
    ///
    /// Tasks are locked in the order of their ids (lock order 2), so that a batch of outcomes under way is waited for, not run into.
    package static func endTasks(part: Int32, holder: Int32, in db: PostgresConnection) async throws -> [(row: TaskEndRow, wasLeased: Bool)]
    {
        try await db.query(
            """
            with mine as materialized (
                select t.task_id from case_file c
                join task t on t.debtor_id = c.debtor_id and t.part = c.part and t.case_id = c.case_id
                where c.agency_id = \(holder) and c.part = \(part) and c.state <> 'closed'
                order by t.task_id for update of t)
            delete from task where part = \(part) and task_id in (select task_id from mine)
            returning task_id, epoch, agency_id, debtor_id, state
            """
        ).map { row in
            let (task, epoch, agency, debtor, state) = try row.decode((Int64, Int32, Int32, Int64, Int16).self)
            return (TaskEndRow(taskId: task, epoch: epoch, agencyId: agency, debtorId: debtor, reason: .suspended), state == 1)
        }
    }

    /// Takes back what an agency has leased for cases of others in one lane; the tasks stay with it by their route, ready, until it may work
    /// again. The next grant raises the epoch, so a result of the lease that was taken is late.
    package static func takeBackRouted(part: Int32, executor: Int32, at: Instant, in db: PostgresConnection) async throws -> Int {
        try await db.query(
            """
            update task set state = 0, leased_until = null, due_at = \(at)
            where part = \(part) and state = 1 and task_id = any(array(
                select task_id from task where agency_id = \(executor) and part = \(part) and state = 1 order by task_id for update))
            returning task_id
            """
        ).count
    }

    /// Debtors of one lane whose case with an agency is neither closed nor being recalled.
    package static func debtorsToRecall(
        part: Int32, holder: Int32, after debtorId: Int64, limit: Int, in db: PostgresConnection
    ) async throws -> [Int64] {
        try await db.query(
            """
            select debtor_id from case_file
            where agency_id = \(holder) and part = \(part) and state not in ('closed', 'recalling') and debtor_id > \(debtorId)
            order by debtor_id limit \(Int64(limit))
            """
        ).map { try $0.get(0, as: Int64.self) }
    }

    /// Orders the recall of placements of one lane, in force at once and without objection. A recall already asked for becomes this one.
    package static func insertRecalls(
        part: Int32, holder: Int32, placements: [(recallId: Int64, placementId: Int64)], reason: String, by: String, at: Instant
    ) -> PostgresQuery {
        """
        insert into recall (part, recall_id, placement_id, agency_id, category, reason_code, requested_at, execute_at, requested_by)
        select \(part), u.id, u.placement, \(holder), \(RecallCategory.compliance.rawValue), \(reason), \(at), \(at), \(by)
        from unnest(\(placements.map(\.recallId)), \(placements.map(\.placementId))) u (id, placement)
        on conflict (part, placement_id) where confirmed_at is null do update set category = excluded.category,
            reason_code = excluded.reason_code, execute_at = least(recall.execute_at, excluded.execute_at)
        """
    }
}
