import CollectionsStore
import EmbeddedPostgres
import Logging
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

/// Dispatch behind a real pgbouncer in transaction mode: six workers on two sessions that change hands at every COMMIT.
@Suite(
    "Behind a pooler", .tags(.database), .freshDatabase, .enabled(if: Pooler.isInstalled, "pgbouncer is missing"), .timeLimit(.minutes(2)))
struct PoolerTests {
    @Test("Leases and outcomes are taken exactly once, and few sessions serve many clients")
    func dispatch() async throws {
        let scene = try await DispatchHarness()
        for _ in 0..<24 { _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId) }
        let agency = scene.alpha
        try await Pooler.run(before: scene.db) { pooler in
            let database = try await pooler.open(connections: 6)
            let dispatch = Dispatch(database: database, policies: PolicyService(database: database), logger: Logger(label: "test"))
            // Its own sweeps and polling run beside, as in a process: they must not want to LISTEN.
            let sweeps = Task { try await dispatch.runSweeps() }
            await dispatch.wake()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    group.addTask {
                        for turn in 0..<12 {
                            let reply = try await dispatch.lease(
                                LeaseRequest(requestId: "\(worker)-\(turn)", stages: [StageName.phone], max: 2), for: agency)
                            var items: [OutcomeItem] = []
                            for lease in reply.leases { items.append(try await scene.outcome(lease, "no_answer")) }
                            let first = try await dispatch.report(OutcomeReport(outcomes: items), for: agency).outcomes
                            #expect(first.allSatisfy { $0.status == .accepted })
                            let again = try await dispatch.report(OutcomeReport(outcomes: items), for: agency).outcomes
                            #expect(again.allSatisfy { $0.status == .duplicate })
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sessions = try await scene.count(
                "select count(*) from pg_stat_activity where application_name = \(Pooler.applicationName) and usename = \(PrivateCluster.apiRole)"
            )
            #expect((1...Int64(Pooler.sessions)).contains(sessions))
            sweeps.cancel()
            do { try await sweeps.value } catch is CancellationError {}
            await database.close()
        }
        #expect(try await scene.count("select count(*) from outcome") == 24)
        #expect(try await scene.count("select count(distinct task_id) from outcome") == 24)
    }

    @Test(
        "A setting that would be somebody else's, above all a role, is refused before there is a connection",
        arguments: ["role", "options"])
    func refused(setting: String) async throws {
        try await Pooler.run(before: try TestDatabase.current) { pooler in
            var login = pooler.login(user: PrivateCluster.coreRole)
            login.extra[setting] = PrivateCluster.apiRole
            let refused = login
            let error = await #expect(throws: PostgresError.self) {
                _ = try await PostgresConnection.connect(refused, logger: Logger(label: "test"))
            }
            #expect(error?.code == .configuration && error?.message.contains(setting) == true)
        }
    }

    @Test("One login for both roles is refused by name before anything is served")
    func oneLogin() async throws {
        try await Pooler.run(before: try TestDatabase.current) { pooler in
            let own = pooler.login(user: PrivateCluster.coreRole)
            let core = try await RoleQueries.assuming(RoleQueries.core, with: own, orItself: true, logger: Logger(label: "test"))
            #expect(core.extra["role"] == nil)
            await #expect(throws: DatabaseError.roleBehindPooler(RoleQueries.api)) {
                _ = try await RoleQueries.assuming(RoleQueries.api, with: own, orItself: false, logger: Logger(label: "test"))
            }
        }
    }

    @Test("Transactions, errors and settings of many clients on few sessions stay their own")
    func driver() async throws {
        let test = try TestDatabase.current
        try await test.administrator.withConnection {
            try await $0.simple("create table pooled (id int primary key); grant all on pooled to \(PrivateCluster.coreRole)")
        }
        try await Pooler.run(before: test) { pooler in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var login = pooler.login(user: PrivateCluster.coreRole)
                        // What the pooler carries along for each client stays its own.
                        let zone = worker % 2 == 0 ? "UTC" : "Asia/Shanghai"
                        login.extra["timezone"] = zone
                        let db = try await PostgresConnection.connect(login, logger: Logger(label: "test"))
                        for turn in 0..<20 {
                            let id = worker * 100 + turn
                            try await db.withTransaction { try await $0.query("insert into pooled values (\(id))") }
                            // The second of a pipeline fails: nothing of it stays, and the session goes on.
                            let error = await #expect(throws: PostgresError.self) {
                                _ = try await db.withTransaction {
                                    try await $0.pipeline(["insert into pooled values (\(id + 50))", "insert into pooled values (\(id))"])
                                }
                            }
                            #expect(error?.sqlState == "23505")
                            #expect(try await db.query("select current_setting('timezone')").value(as: String.self) == zone)
                            #expect(try await db.query("select count(*) from pooled where id = \(id)").value(as: Int.self) == 1)
                        }
                        await db.close()
                    }
                }
                try await group.waitForAll()
            }
            let db = try await PostgresConnection.connect(pooler.login(user: PrivateCluster.coreRole), logger: Logger(label: "test"))
            #expect(try await db.query("select count(*) from pooled").value(as: Int.self) == 160)
            #expect(try await db.query("select count(*) from pg_prepared_statements").value(as: Int.self) == 0)
            await db.close()
        }
    }
}
