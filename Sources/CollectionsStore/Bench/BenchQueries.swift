package import CollectionsDomain
package import PostgresDriver

/// A bench's own database: made equal before every measurement. Never run against one that holds a bank's data.
package enum BenchQueries {
    /// One placed case, whose call task a measurement works once.
    package struct Case: Sendable {
        package let part: Int32
        package let caseId: Int64
        package let debtorId: Int64
        /// The holder.
        package let agencyId: Int32
    }

    /// Remembers how cases and ledgers look before the first measurement, and makes the ids the limit script draws.
    ///
    /// - Parameter firstId: Where the script's ids begin: high in this month's range, where the program's own blocks do not come.
    package static func prepare(firstId: Int64, in db: PostgresConnection) async throws {
        for statement in [
            """
            update case_file c set stage = 2, step = 2, goal = 1, state = 'ready', point_id =
                (select p.contact_point_id from contact_point p where p.part = c.part and p.debtor_id = c.debtor_id and p.channel = 'mobile' and p.role = 'debtor'
                 order by p.rank limit 1)
            """,
            "create table bench_conduct as select part, debtor_id, ledger from debtor_conduct",
            "create table bench_case as select part, case_id, point_id, counters, stage_entered_at, last_rule, policy_version from case_file",
            // What autovacuum does in the minutes after an import: the first round is then like the others.
            "vacuum (analyze) account, debtor, contact_point, placement, case_file, debtor_conduct, promise, bank_request, letter, hold",
            "create sequence bench_id start with \(firstId) cache 100",
            "grant usage on sequence bench_id to recourse_api",
        ] {
            try await db.query(PostgresQuery(statement))
        }
    }

    /// Replaces the remembered ledger of debtors.
    package static func remember(part: Int32, _ ledgers: [(debtor: Int64, bytes: [UInt8])], in db: PostgresConnection) async throws {
        try await db.query(
            """
            update bench_conduct b set ledger = u.l from unnest(\(ledgers.map(\.debtor))::bigint[], \(ledgers.map(\.bytes))::bytea[]) u(id, l)
            where b.part = \(part) and b.debtor_id = u.id
            """)
    }

    /// The remembered ledgers of a lane.
    package static func remembered(part: Int32, in db: PostgresConnection) async throws -> [(debtor: Int64, bytes: [UInt8])] {
        try await db.query("select debtor_id, ledger from bench_conduct where part = \(part) order by debtor_id").map { row in
            let (debtor, bytes) = try row.decode((Int64, [UInt8]).self)
            return (debtor, bytes)
        }
    }

    /// Every case, lane by lane.
    package static func cases(in db: PostgresConnection) async throws -> [Case] {
        try await db.query("select part, case_id, debtor_id, agency_id from case_file order by part, case_id").map { row in
            let (part, id, debtor, agency) = try row.decode((Int32, Int64, Int64, Int32).self)
            return Case(part: part, caseId: id, debtorId: debtor, agencyId: agency)
        }
    }

    /// Forgets what the last measurement did. As the schema's owner, outside a transaction.
    ///
    /// - Parameter writer: The limit script's audit writer.
    package static func reset(writer: Int64, in db: PostgresConnection) async throws {
        for statement in [
            "truncate task, outcome, late_outcome, task_end, contact_event, lease_request, outbox, notice, quarantine, violation",
            "delete from break", "delete from audit_entry where writer = \(writer)",
        ] + rewind {
            try await db.query(PostgresQuery(statement))
        }
    }

    /// Cases and ledgers as they were, tasks gone, with everything an earlier run wrote left where it is.
    package static func workOn(in db: PostgresConnection) async throws {
        for statement in ["delete from task", "delete from break"] + rewind { try await db.query(PostgresQuery(statement)) }
    }

    private static let rewind = [
        "update debtor_conduct d set ledger = b.ledger from bench_conduct b where b.part = d.part and b.debtor_id = d.debtor_id",
        """
        update case_file c set stage = 2, step = 2, goal = 1, state = 'ready', reason = null, until = null, light_cadence = false, last_worked_at = null,
            point_id = b.point_id, counters = b.counters, stage_entered_at = b.stage_entered_at, last_rule = b.last_rule,
            policy_version = b.policy_version
        from bench_case b where b.part = c.part and b.case_id = c.case_id
        """,
    ]

    /// After the tasks of a measurement are there: what a database that has run for a while has done anyway.
    package static func settle(in db: PostgresConnection) async throws {
        for table in ["debtor_conduct", "case_file", "task", "outcome", "contact_event", "audit_entry"] {
            try await db.query(PostgresQuery("vacuum (analyze) \(unescaped: table)"))
        }
    }

    /// Accepted outcomes so far.
    package static func outcomes(in db: PostgresConnection) async throws -> Int64 {
        try await db.query("select count(*) from outcome").value()
    }

    /// What a database has written and read so far.
    package struct Footprint: Sendable {
        /// Bytes of write-ahead log.
        package let walBytes: Int64
        /// Entries of the index of ready tasks.
        package let readyRead: Int64
    }

    /// What the database has written and read so far.
    package static func footprint(in db: PostgresConnection) async throws -> Footprint {
        let (wal, read) = try await db.query(
            """
            select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, coalesce(sum(idx_tup_read), 0)::bigint
            from pg_stat_user_indexes where indexrelname = 'task_ready'
            """
        )[0].decode((Int64, Int64).self)
        return Footprint(walBytes: wal, readyRead: read)
    }

    /// Dead rows of the task table, as the server counts them.
    package static func deadTasks(in db: PostgresConnection) async throws -> Int64 {
        try await db.query("select n_dead_tup from pg_stat_user_tables where relname = 'task'").value()
    }

    /// Ready tasks that nobody will come to: of debtors that are not there, behind every other task that is due at the same time.
    package static func addBacklog(_ count: Int, agency: Int32, dueAt: Instant, lanes: Int32, in db: PostgresConnection) async throws {
        try await db.query(
            """
            insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
            select (n % \(Int64(lanes)))::int, nextval('bench_id'), \(agency), 2, 2, 0, \(dueAt), n, n, 1
            from generate_series(1, \(Int64(count))) n
            """)
    }

    /// Begins a transaction that has an id and keeps its snapshot, on a connection of its own; the caller ends it.
    package static func holdHorizon(in db: PostgresConnection) async throws {
        try await db.query("begin isolation level repeatable read")
        try await db.query("select pg_current_xact_id()::text, count(*) from agency")
    }
}
