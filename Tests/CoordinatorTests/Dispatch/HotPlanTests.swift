import CollectionsDomain
import CollectionsStore
import RecourseTesting
import Testing

@testable import Coordinator
@testable import PostgresDriver

/// The plans of the hot statements on a table that looks empty to ANALYZE and is full of dead rows: the state in which an index that starts with
/// `part` would tempt the planner into reading a whole lane.
@Suite("Plans of the hot statements", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct HotPlanTests {
    @Test("Each uses its index and none reads a lane or a table")
    func plans() async throws {
        let scene = try await DispatchHarness()
        let keep = try await scene.db.database.withHeldSnapshot(scene.db) {
            try await fillWithDeadRows(scene)
        } check: {
            let ids: [Int64] = [1, 2, 3]
            let statements = hotStatements(scene, ids: ids)
            for (name, query, indexes) in statements {
                let plan = try await explain(query, scene)
                for index in indexes { #expect(plan.contains(index), "\(name): \(plan)") }
                for table in ["task", "debtor_conduct", "case_file", "account", "contact_point", "placement", "debtor"] {
                    #expect(!plan.contains("Seq Scan on \(table) "), "\(name): \(plan)")
                }
                // A scan of the lane would bind part alone on a key.
                for lane in ["3", "$1", "$2", "$3"] { #expect(!plan.contains("Index Cond: (part = \(lane))\n"), "\(name): \(plan)") }
            }
        }
        #expect(keep)
    }

    @Test("The agencies' own filter does not turn a pick into a walk through the lane")
    func filtered() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.database.withHeldSnapshot(scene.db) {
            try await fillWithDeadRows(scene)
        } check: {
            let now = DispatchHarness.monday
            let pick = TaskQueries.pick(part: 3, agency: 1, stage: .phone, from: now - .seconds(60), until: now, limit: 100)
            let plan = try await explain(pick, scene, asAgencies: true)
            #expect(plan.contains("current_setting('recourse.agencies'"), "the filter is not there: \(plan)")
            #expect(plan.contains("task_ready") && !plan.contains("task_pkey"), "\(plan)")
            let probe = try await explain(TaskQueries.probe(agency: 1, keys: [(3, .phone, now)], limit: 1), scene, asAgencies: true)
            #expect(probe.contains("task_ready") && !probe.contains("task_pkey"), "\(probe)")
        }
    }

    @Test("On a long table many keys go in one statement, by the whole key")
    func arrays() async throws {
        let scene = try await DispatchHarness()
        try await fillWithDeadRows(scene)
        try await scene.db.administrator.withConnection { db in
            try await db.simple(
                """
                insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
                select n % 16, n, 1, 2, 2, 0, timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second', n, n, 1 from generate_series(1, 40000) n;
                """)
            try await db.simple("vacuum analyze task")
        }
        #expect(!TaskAccess.usesArrays, "other tests of this process rely on single keys")
        let rows: Int64 = try await scene.value(TaskAccess.statistics)
        #expect(rows == 40_000)
        let ids = (0..<100).map { Int64($0 * 16 + 3) }
        let plan = try await explain("delete from task where part = \(Int32(3)) and task_id = any(\(ids))", scene)
        #expect(plan.contains("task_pkey") && plan.contains("(task_id = ANY (") && !plan.contains("Filter: (task_id = ANY"), "\(plan)")
    }

    private func hotStatements(_ scene: DispatchHarness, ids: [Int64]) -> [(String, PostgresQuery, [String])] {
        let now = DispatchHarness.monday
        let fixed: [(String, PostgresQuery, [String])] = [
            (
                "pick", TaskQueries.pick(part: 3, agency: 1, stage: .phone, from: now - .seconds(60), until: now, limit: 100),
                ["task_ready", "debtor_conduct_pkey", "case_file_pkey"]
            ),
            ("probe", TaskQueries.probe(agency: 1, keys: [(3, .phone, now)], limit: 1), ["task_ready"]),
            ("lock tasks", TaskQueries.lock(part: 3, tasks: ids.map { ($0, 1) }), ["task_pkey"]),
            ("find tasks", TaskQueries.find(part: 3, tasks: ids, agency: 1), ["task_pkey"]),
            ("tasks of debtors", TaskQueries.ofDebtors(part: 3, debtors: ids), ["task_debtor"]),
            ("expired", TaskQueries.expired(part: 3, fromSlot: 100, toSlot: 200, limit: 200), ["task_expiry", "debtor_conduct_pkey"]),
            ("lock debtors", ConductQueries.lock(part: 3, debtors: ids), ["debtor_conduct_pkey"]),
            ("write ledgers", ConductQueries.write(part: 3, ids.map { ($0, [1]) }), ["debtor_conduct_pkey"]),
            ("cases", CaseQueries.files(part: 3, debtors: ids), ["case_debtor", "debtor_pkey"]),
        ]
        let written =
            TaskQueries.grant(part: 3, tasks: ids, until: now, seconds: 60) + TaskQueries.postpone(part: 3, tasks: ids, until: now)
            + TaskQueries.delete(part: 3, tasks: ids) + TaskQueries.extend(part: 3, tasks: ids, until: now)
            + TaskQueries.takeBack(part: 3, tasks: ids, dueAt: now, countsExpiry: true)
        let cards = CardQueries.statements(part: 3, agency: 1, tasks: ids, steps: Set(Step.allCases))
        let facts = CaseQueries.statements(part: 3, debtors: ids)
        return fixed + written.enumerated().map { ("write \($0)", $1, ["task_pkey"]) }
            + cards.enumerated().map { ("card \($0)", $1, ["task_pkey"]) }
            + facts.enumerated().map { ("facts \($0)", $1, []) }
    }

    @Test("A pick from its floor walks past no dead row")
    func floorSkipsDead() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.database.withHeldSnapshot(scene.db) {
            try await fillWithDeadRows(scene)
        } check: {
            let now = DispatchHarness.monday
            let fromFloor = try await buffers(
                TaskQueries.pick(part: 3, agency: 1, stage: .phone, from: now, until: now + .seconds(60), limit: 100), scene)
            let fromHead = try await buffers(
                TaskQueries.pick(part: 3, agency: 1, stage: .phone, from: .distantPast, until: now + .seconds(60), limit: 100), scene)
            #expect(fromFloor * 5 < fromHead, "\(fromFloor) and \(fromHead) pages")
        }
    }

    /// 3,000 debtors live in lane 3, and 20,000 tasks come and go there while somebody holds a snapshot; statistics say the table of tasks is empty.
    private func fillWithDeadRows(_ scene: DispatchHarness) async throws {
        try await scene.db.administrator.withConnection { db in
            try await db.simple(
                """
                alter table task set (autovacuum_enabled = off);
                insert into debtor (part, debtor_id, debtor_ref, region, time_zone, created_at)
                    select 3, n, 'D' || n, 'CN-SH', 'Asia/Shanghai', now() from generate_series(1, 3000) n;
                insert into debtor_conduct (part, debtor_id, ledger)
                    select 3, n, decode(repeat('00', 400), 'hex') from generate_series(1, 3000) n;
                insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, as_of, opening_balance, balance, principal,
                        interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date, status_since, created_at)
                    select 3, n, n, 'A' || n, 'CNY', 1, 'card', 'CN-SH', now(), 1, 1, 1, 0, 0, 1, 60, 'M2', now(), now(), now(), now()
                    from generate_series(1, 3000) n;
                insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, channel, value_enc, value_bidx, provenance, created_at)
                    select 3, n, n, 'C', 'debtor', 'mobile', decode(repeat('00', 60), 'hex'), '', 'application', now() from generate_series(1, 3000) n;
                insert into case_file (part, case_id, debtor_id, agency_id, state, stage, stage_entered_at, step, point_id, last_rule, policy_version, opened_at)
                    select 3, n, n, 1, 'ready', 2, now(), 2, n, 'test', 1, now() from generate_series(1, 3000) n;
                insert into placement (part, placement_id, account_id, debtor_id, case_id, agency_id, portfolio_id, run_id, state, tier, bucket, currency,
                        refer_balance, amount_due, start_stage, starts_at, term_end, reason, policy_version)
                    select 3, n, n, n, n, 1, 1, 1, 'active', 1, 'M2', 'CNY', 1, 1, 2, now(), now(), 'test', 1 from generate_series(1, 3000) n;
                analyze;
                insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
                select 3, n, 1, 2, 2, 0, timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second', n, n, 1 from generate_series(1, 20000) n;
                update task set state = 1, leased_until = now(), expiry_slot = 150 where part = 3;
                delete from task where part = 3;
                """)
            try await db.simple("vacuum analyze task")
        }
    }

    /// The plans for these values and for any values, one after the other: a prepared statement may come to use either.
    ///
    /// - Parameter asAgencies: As the role that serves agencies, with its row-level security; else as a superuser, without.
    private func explain(_ query: PostgresQuery, _ scene: DispatchHarness, asAgencies: Bool = false) async throws -> String {
        try await scene.db.administrator.withTransaction { db in
            if asAgencies { try await db.simple("set local role recourse_api; set local recourse.agencies = '{1}'") }
            var lines = try await db.query(query.explained("explain (costs off)")).map { try $0.get(0, as: String.self) }
            let types: [String] = try await db.query(
                "select array_agg(t::regtype::text order by n) from unnest(\(query.binds.types.map(Int64.init))) with ordinality u (t, n)"
            ).value()
            let nulls = Array(repeating: "null", count: types.count).joined(separator: ",")
            try await db.simple(
                "set local plan_cache_mode = force_generic_plan; prepare any_values (\(types.joined(separator: ","))) as \(query.sql)")
            lines += try await db.query("explain (costs off) execute any_values (\(unescaped: nulls))").map {
                try $0.get(0, as: String.self)
            }
            try await db.simple("deallocate any_values")
            return lines.joined(separator: "\n")
        }
    }

    private func buffers(_ query: PostgresQuery, _ scene: DispatchHarness) async throws -> Int {
        let text = try await scene.db.administrator.withTransaction { db in
            let rows = try await db.query(query.explained("explain (analyze, buffers, costs off, timing off)"))
            return try rows.map { try $0.get(0, as: String.self) }.joined(separator: "\n")
        }
        let first = text.split(separator: "\n").first { $0.contains("Buffers:") } ?? ""
        return first.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }.reduce(0, +)
    }
}

extension Database {
    /// Runs `check` while a snapshot taken before `fill` is held open.
    func withHeldSnapshot(
        _ db: TestDatabase, _ fill: () async throws -> Void, check: () async throws -> Void
    ) async throws -> Bool {
        try await core.withConnection { holder in
            try await holder.withTransaction(isolation: .repeatableRead) { transaction in
                try await transaction.query("select count(*) from setting")
                try await fill()
                try await check()
                return true
            }
        }
    }
}

extension PostgresQuery {
    /// The same statement behind EXPLAIN, with its values.
    func explained(_ prefix: String) -> PostgresQuery {
        var copy = PostgresQuery("\(prefix) \(sql)" as String)
        copy.binds = binds
        copy.isCached = false
        return copy
    }
}
