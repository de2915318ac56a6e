package import CollectionsDomain
package import PostgresDriver

/// The hot table: the SQL of picking, granting and ending tasks.
///
/// Statements are built here and run by their callers in pipelines, because a lease or an outcome batch is two round trips, not twenty. What
/// keeps them fast beside a long transaction or a backlog of millions, each with its measured cost where it is broken (bench of the dispatch
/// protocol, section 1; batches of 100 leased and completed per second, before and at the end of a 30-90 s hold):
/// - A pick starts at a *scan floor*, never at the dead head of the ready index: 764 -> 821 with it, 615 -> 52 without.
/// - Look-ups by key bind `part` and `task_id` alone, and no index but the key can serve them: those that hold `part` are partial, and a statement by
///   key never names `state`, which would make them fit (a table without live rows then gets a full scan of the partial index). Its caller has
///   locked the rows and looked at their state. `update … from unnest` is not used on this table: its join flips to a scan of the lane.
/// - A separate lease table is always "empty" and flips (576 -> 60); a unique index per placement walks dead entries (765 -> 53).
package enum TaskQueries {
    // MARK: Leasing

    /// The oldest due tasks of a key, locked together with their debtors; rows and debtors others hold are skipped, so a lease never waits.
    ///
    /// Each look-up stands behind a fence (`offset 0`, or its own lock), so that it is one by key whatever the planner believes of the tables.
    ///
    /// - Parameters:
    ///   - floor: Where the scan starts: the due time of the oldest row an earlier pick returned, or ``Instant/distantPast`` for none.
    ///   - until: Business time, or a hint of it; the caller checks again with the transaction's own.
    package static func pick(part: Int32, agency: Int32, stage: Stage, from floor: Instant, until: Instant, limit: Int) -> PostgresQuery {
        pick(part: part, agency: agency, stage: stage, from: floor, until: until, limit: limit, and: "")
    }

    /// As ``pick(part:agency:stage:from:until:limit:)``, of a lettershop's tasks whose letter has not been printed: those already printed wait for
    /// word from the post.
    package static func pickUnprinted(part: Int32, agency: Int32, until: Instant, limit: Int) -> PostgresQuery {
        pick(
            part: part, agency: agency, stage: .letter, from: .distantPast, until: until, limit: limit,
            and: """
                and exists (select from letter l where l.part = task.part and l.case_id = task.case_id and l.task_id = task.task_id
                    and l.state = 'ordered')
                """)
    }

    private static func pick(
        part: Int32, agency: Int32, stage: Stage, from floor: Instant, until: Instant, limit: Int, and condition: String
    ) -> PostgresQuery {
        """
        with due as materialized (
            select task_id, debtor_id, case_id, step, epoch, attempt, due_at from task
            where part = \(part) and agency_id = \(agency) and stage = \(stage.rawValue) and state = 0
                and due_at >= \(floor) and due_at <= \(until) \(unescaped: condition)
            order by due_at, task_id limit \(Int32(limit)) for update skip locked)
        select due.task_id, due.debtor_id, due.case_id, due.step, due.epoch, due.attempt, due.due_at,
            c.agency_id, c.stage, case when l.contact_point_id is null then c.goal else 10 end, p.*,
            a.*, d.version, d.ledger
        from due
        cross join lateral (
            select version, ledger from debtor_conduct where part = \(part) and debtor_id = due.debtor_id for no key update skip locked) d
        cross join lateral (
            select agency_id, stage, goal, point_id from case_file where part = \(part) and case_id = due.case_id offset 0) c
        left join lateral (
            select contact_point_id from letter where part = \(part) and case_id = due.case_id and task_id = due.task_id and due.step = 5
            offset 0 limit 1) l on true
        left join lateral (
            select contact_point_id, role, channel, case when do_not_contact_since is not null then 'off' else state end, provenance, rank, visits_off
            from contact_point where part = \(part) and contact_point_id = coalesce(l.contact_point_id, c.point_id) offset 0) p on true
        cross join lateral (
            select array_agg(account_id order by account_id), coalesce(bool_or(segment = 'low_risk'), false) from account
            where part = \(part) and debtor_id = due.debtor_id) a
        """
    }

    /// The tasks in an answer to ``pick(part:agency:stage:from:until:limit:)``, oldest first.
    package static func picked(_ result: PostgresResult, part: Int32) throws -> [PickedTask] {
        var tasks: [PickedTask] = []
        tasks.reserveCapacity(result.count)
        for row in result {
            var cells = try row.cells(21)
            tasks.append(
                PickedTask(
                    part: part, taskId: try cells.next(), debtorId: try cells.next(), caseId: try cells.next(), step: try cells.next(),
                    epoch: try cells.next(), attempt: try cells.next(), dueAt: try cells.next(), holder: try cells.next(),
                    caseStage: try cells.next(),
                    goal: WorkGoal(rawValue: Int16(truncatingIfNeeded: try cells.next(Int32.self))) ?? .none,
                    point: try PointRow.optional(&cells), accounts: try cells.next([Int64]?.self) ?? [], isLowRisk: try cells.next(),
                    conductVersion: try cells.next(), ledger: try cells.next()))
        }
        return tasks.sorted { ($0.dueAt, $0.taskId) < ($1.dueAt, $1.taskId) }
    }

    /// Grants tasks that this transaction has picked: the epoch rises here and nowhere else.
    ///
    /// - Parameters:
    ///   - until: Lease time of the deadline.
    ///   - seconds: The TTL, by which heartbeats move the deadline on.
    package static func grant(part: Int32, tasks: [Int64], until: Instant, seconds: Int32) -> [PostgresQuery] {
        let slot = expirySlot(of: until)
        return TaskAccess.statements(tasks) { keys in
            """
            update task set state = 1, epoch = epoch + 1, leased_until = \(until), expiry_slot = \(slot), lease_seconds = \(seconds)
            where part = \(part) and task_id = any(\(keys))
            """
        } single: { key in
            """
            update task set state = 1, epoch = epoch + 1, leased_until = \(until), expiry_slot = \(slot), lease_seconds = \(seconds)
            where part = \(part) and task_id = \(key)
            """
        }
    }

    /// Puts ready tasks off until an instant. One instant per call: values that differ per row would need a join.
    package static func postpone(part: Int32, tasks: [Int64], until dueAt: Instant) -> [PostgresQuery] {
        TaskAccess.statements(tasks) {
            "update task set due_at = \(dueAt) where part = \(part) and task_id = any(\($0))"
        } single: {
            "update task set due_at = \(dueAt) where part = \(part) and task_id = \($0)"
        }
    }

    /// The slot of 5 s a deadline lies in: what the sweep's index holds instead of the deadline, so that heartbeats touch no index.
    package static func expirySlot(of deadline: Instant) -> Int32 {
        Int32(clamping: deadline.seconds / 5)
    }

    /// The next tasks of some keys, from their floors on, at most `limit` of each: what is due, and when the next one will be.
    package static func probe(agency: Int32, keys: [(part: Int32, stage: Stage, floor: Instant)], limit: Int) -> PostgresQuery {
        """
        select k.part, k.stage, t.due_at
        from unnest(\(keys.map(\.part)), \(keys.map(\.stage.rawValue)), \(keys.map(\.floor))) k (part, stage, floor)
        cross join lateral (
            select due_at from task t where t.part = k.part and t.agency_id = \(agency) and t.stage = k.stage and t.state = 0 and t.due_at >= k.floor
            order by t.due_at limit \(Int32(limit))) t
        """
    }

    /// The answer to ``probe(agency:keys:limit:)``: keys without a ready task are left out.
    package static func probed(_ result: PostgresResult) throws -> [(part: Int32, stage: Stage, dueAt: Instant)] {
        try result.map { row in
            let (part, stage, dueAt) = try row.decode((Int32, Stage, Instant).self)
            return (part, stage, dueAt)
        }
    }

    // MARK: By key

    private static let columns =
        "task_id, agency_id, step, state, due_at, epoch, leased_until, lease_seconds, debtor_id, case_id, attempt, expiries"

    /// Locks live tasks in the order of their ids; each must be of the agency that speaks of it.
    package static func lock(part: Int32, tasks: [(id: Int64, agency: Int32)]) -> PostgresQuery {
        let sorted = tasks.sorted { $0.id < $1.id }
        return """
            select t.* from unnest(\(sorted.map(\.id)), \(sorted.map(\.agency))) u (id, agency)
            cross join lateral (
                select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = u.agency for update) t
            """
    }

    /// Reads live tasks without locking them.
    package static func find(part: Int32, tasks: [Int64], agency: Int32) -> PostgresQuery {
        """
        select t.* from unnest(\(tasks.sorted())) u (id)
        cross join lateral (
            select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
        """
    }

    /// Every live task of some debtors.
    package static func ofDebtors(part: Int32, debtors: [Int64]) -> PostgresQuery {
        """
        select t.* from unnest(\(debtors)) u (id)
        cross join lateral (select \(unescaped: columns) from task where debtor_id = u.id and part = \(part) offset 0) t
        """
    }

    /// The tasks in an answer of a look-up.
    package static func rows(_ result: PostgresResult) throws -> [TaskRow] {
        try result.map { row in
            var cells = try row.cells(12)
            return try TaskRow(&cells)
        }
    }

    /// Makes tasks.
    package static func insert(part: Int32, _ rows: [NewTaskRow]) -> PostgresQuery {
        """
        insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
        select \(part), u.id, u.agency, u.stage, u.step, 0, u.due, u.debtor, u.case_id, u.attempt
        from unnest(\(rows.map(\.taskId)), \(rows.map(\.agencyId)), \(rows.map(\.step.stage.rawValue)), \(rows.map(\.step.rawValue)),
            \(rows.map(\.dueAt)), \(rows.map(\.debtorId)), \(rows.map(\.caseId)), \(rows.map(\.attempt)))
            u (id, agency, stage, step, due, debtor, case_id, attempt)
        """
    }

    /// Ends tasks.
    package static func delete(part: Int32, tasks: [Int64]) -> [PostgresQuery] {
        TaskAccess.statements(tasks) {
            "delete from task where part = \(part) and task_id = any(\($0))"
        } single: {
            "delete from task where part = \(part) and task_id = \($0)"
        }
    }

    // MARK: Deadlines

    /// Moves the deadline of leases on, that the caller has locked.
    package static func extend(part: Int32, tasks: [Int64], until: Instant) -> [PostgresQuery] {
        TaskAccess.statements(tasks) {
            "update task set leased_until = greatest(leased_until, \(until)) where part = \(part) and task_id = any(\($0))"
        } single: {
            "update task set leased_until = greatest(leased_until, \(until)) where part = \(part) and task_id = \($0)"
        }
    }

    /// Leases of a lane whose deadline has passed, locked with their debtors; whatever others hold is left for the next sweep.
    ///
    /// - Parameters:
    ///   - fromSlot: The sweep's floor: no lease in force lies before it.
    ///   - toSlot: The slot of the present.
    package static func expired(part: Int32, fromSlot: Int32, toSlot: Int32, limit: Int) -> PostgresQuery {
        """
        with gone as materialized (
            select \(unescaped: columns), expiry_slot from task
            where expiry_slot >= \(fromSlot) and expiry_slot <= \(toSlot) and part = \(part) and state = 1 and leased_until < now()
            order by expiry_slot limit \(Int32(limit)) for update skip locked)
        select gone.*, d.version, d.ledger from gone
        join debtor_conduct d on d.part = \(part) and d.debtor_id = gone.debtor_id for no key update of d skip locked
        """
    }

    /// An expired lease with its debtor's conduct.
    package struct ExpiredLease: Sendable {
        package var task: TaskRow
        package var expirySlot: Int32
        package var conductVersion: Int32
        package var ledger: [UInt8]
    }

    /// The answer to ``expired(part:fromSlot:toSlot:limit:)``.
    package static func expired(_ result: PostgresResult) throws -> [ExpiredLease] {
        try result.map { row in
            var cells = try row.cells(15)
            return ExpiredLease(
                task: try TaskRow(&cells), expirySlot: try cells.next(), conductVersion: try cells.next(), ledger: try cells.next())
        }
    }

    /// Leases in force whose slot has passed because heartbeats moved the deadline: they get a slot that fits again.
    package static func moveSlots(part: Int32, fromSlot: Int32, toSlot: Int32, limit: Int) -> PostgresQuery {
        """
        update task set expiry_slot = (extract(epoch from leased_until) / 5)::int
        where part = \(part) and task_id = any(array(
            select task_id from task where expiry_slot >= \(fromSlot) and expiry_slot <= \(toSlot) and part = \(part) and state = 1
                and leased_until >= now() + interval '5 seconds'
            limit \(Int32(limit)) for update skip locked))
        """
    }

    /// The slot of the oldest lease of a lane from a floor on: the sweep's next floor.
    package static func oldestSlot(part: Int32, fromSlot: Int32) -> PostgresQuery {
        "select min(expiry_slot) from task where expiry_slot >= \(fromSlot) and part = \(part) and state = 1"
    }

    /// Takes leases back that the caller has locked: ready again from an instant on, with one more expiry (or, given back by their worker, without).
    package static func takeBack(part: Int32, tasks: [Int64], dueAt: Instant, countsExpiry: Bool) -> [PostgresQuery] {
        let more: Int16 = countsExpiry ? 1 : 0
        return TaskAccess.statements(tasks) { keys in
            """
            update task set state = 0, leased_until = null, due_at = \(dueAt), expiries = expiries + \(more)
            where part = \(part) and task_id = any(\(keys))
            """
        } single: { key in
            """
            update task set state = 0, leased_until = null, due_at = \(dueAt), expiries = expiries + \(more)
            where part = \(part) and task_id = \(key)
            """
        }
    }

    // MARK: Ends

    /// Says why tasks are gone.
    package static func insertEnds(part: Int32, _ rows: [TaskEndRow], at now: Instant) -> PostgresQuery {
        """
        insert into task_end (part, task_id, epoch, agency_id, debtor_id, reason, at)
        select \(part), u.id, u.epoch, u.agency, u.debtor, u.reason, \(now)
        from unnest(\(rows.map(\.taskId)), \(rows.map(\.epoch)), \(rows.map(\.agencyId)), \(rows.map(\.debtorId)), \(rows.map(\.reason.rawValue)))
            u (id, epoch, agency, debtor, reason)
        on conflict do nothing
        """
    }

    /// Why some tasks ended, where they ended without an outcome.
    package static func ends(part: Int32, tasks: [Int64]) -> PostgresQuery {
        "select task_id, reason from task_end where part = \(part) and task_id = any(\(tasks.sorted()))"
    }

    /// The answer to ``ends(part:tasks:)``.
    package static func ends(_ result: PostgresResult) throws -> [Int64: TaskEndReason] {
        var ends: [Int64: TaskEndReason] = [:]
        for row in result {
            let (task, reason) = try row.decode((Int64, TaskEndReason).self)
            ends[task] = reason
        }
        return ends
    }
}
