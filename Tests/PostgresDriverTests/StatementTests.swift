import Logging
import Testing

@testable import PostgresDriver

@Suite(.timeLimit(.minutes(2)))
struct StatementTests {
    @Test func aStatementIsPreparedOnceAndTypesTellThemApart() async throws {
        try await TestServer.shared.withConnection { connection in
            for i in 0..<10 { _ = try await connection.query("SELECT \(i)") }
            _ = try await connection.query("SELECT \("text")")
            _ = try await connection.pipeline((0..<5).map { "SELECT \($0) + 1" })
            let prepared = try await connection.query("SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1%'")
                .decode(String.self)
            #expect(prepared.sorted() == ["SELECT $1", "SELECT $1", "SELECT $1 + 1"])
        }
    }

    @Test func theCacheIsBoundedAndTheServerForgetsToo() async throws {
        var configuration = try TestServer.shared.configuration()
        configuration.statementCacheLimit = 4
        let connection = try await PostgresConnection.connect(configuration, logger: TestServer.logger)
        for i in 0..<20 { _ = try await connection.query(PostgresQuery("SELECT \(i)" as String)) }
        #expect(await connection.preparedStatementCount == 4)
        let held = try await connection.query("SELECT count(*) FROM pg_prepared_statements").value(as: Int.self)
        #expect(held <= 5)
        await connection.close()
    }

    @Test func aStalePlanIsPreparedAgain() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE p (a int); INSERT INTO p VALUES (1)")
            #expect(try await connection.query("SELECT * FROM p")[0].columnCount == 1)
            try await connection.simple("ALTER TABLE p ADD b int")
            #expect(try await connection.query("SELECT * FROM p")[0].columnCount == 2)
            try await connection.simple("ALTER TABLE p ADD c int")
            let batch = try await connection.pipeline(["BEGIN", "INSERT INTO p VALUES (2)", "SELECT * FROM p", "COMMIT"])
            #expect(batch[2][0].columnCount == 3)
            #expect(try await connection.query("SELECT count(*) FROM p").value(as: Int.self) == 2)
        }
    }

    @Test func aStalePlanInATransactionIsAnErrorThatThePoolRunsAgain() async throws {
        let pool = PostgresPool(configuration: try TestServer.shared.configuration(), limits: .init(max: 1), logger: TestServer.logger)
        try await pool.withConnection { try await $0.simple("CREATE TABLE stale (a int); INSERT INTO stale VALUES (1)") }
        try await pool.query("SELECT * FROM stale")
        try await pool.withConnection { try await $0.simple("ALTER TABLE stale ADD b int") }
        let attempts = Tally()
        let columns = try await pool.withTransaction { transaction in
            attempts.add()
            try await transaction.query("SELECT 1")
            return try await transaction.query("SELECT * FROM stale")[0].columnCount
        }
        #expect(columns == 2 && attempts.value == 2)
        await pool.shutdown()
    }

    @Test("statements dropped behind our back are prepared again", arguments: ["DEALLOCATE ALL", "DISCARD ALL"])
    func discarded(sql: String) async throws {
        try await TestServer.shared.withConnection { connection in
            #expect(try await connection.query("SELECT \(1)").value(as: Int.self) == 1)
            try await connection.query(PostgresQuery(sql))
            #expect(try await connection.query("SELECT \(2)").value(as: Int.self) == 2)
            try await connection.simple("SELECT 1; \(sql)".replacingDiscardInBatch)
            #expect(try await connection.query("SELECT \(3)").value(as: Int.self) == 3)
            // Hidden from us: the name is unknown to the server and the statement is sent anew.
            try await connection.query("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
            #expect(try await connection.query("SELECT \(4)").value(as: Int.self) == 4)
        }
    }

    @Test func behindAPoolerNothingIsNamed() async throws {
        var configuration = try TestServer.shared.configuration()
        configuration.namedStatements = false
        let connection = try await PostgresConnection.connect(configuration, logger: TestServer.logger)
        let answers = try await connection.pipeline((0..<10).map { "SELECT \($0)" })
        #expect(try answers.map { try $0.value(as: Int.self) } == Array(0..<10))
        #expect(try await connection.query("SELECT count(*) FROM pg_prepared_statements").value(as: Int.self) == 0)
        await connection.close()
    }

    @Test func aParseErrorLeavesTheCacheRight() async throws {
        try await TestServer.shared.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                _ = try await connection.pipeline(["SELECT 1", "SELECT nonsense FROM nowhere", "SELECT \(3)"])
            }
            #expect(error?.sqlState == "42P01" && error?.statementIndex == 1)
            #expect(error?.sql == "SELECT nonsense FROM nowhere")
            #expect(try await connection.query("SELECT \(3)").value(as: Int.self) == 3)
            try await connection.simple("CREATE TEMP TABLE nowhere (nonsense int)")
            #expect(try await connection.query("SELECT nonsense FROM nowhere").count == 0)
        }
    }

    @Test func severalTasksShareAConnectionInOrder() async throws {
        try await TestServer.shared.withConnection { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for i in 0..<100 {
                    group.addTask {
                        let answer = try await connection.query("SELECT \(i)").value(as: Int.self)
                        #expect(answer == i)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aBatchOfManyMegabytesGoesBothWays() async throws {
        try await TestServer.shared.withConnection { connection in
            let text = String(repeating: "x", count: 1_000_000)
            let answers = try await connection.pipeline((0..<60).map { _ in "SELECT \(text)" })
            #expect(try answers.allSatisfy { try $0.value(as: String.self).utf8.count == 1_000_000 })
        }
    }

    @Test func cancellationsInAnyOrderNeverMixAnswersUp() async throws {
        let pool = PostgresPool(
            configuration: try TestServer.shared.configuration(), limits: .init(max: 3, waitLimit: .seconds(60)), logger: TestServer.logger)
        let answered = Tally(), stopped = Tally()
        await withTaskGroup(of: Void.self) { group in
            for i in 0..<300 {
                group.addTask {
                    let task = Task {
                        try await pool.withTransaction { transaction in
                            try await transaction.query("SELECT \(i), pg_sleep(0.001 * \(Double(i % 7)))")[0].get(0, as: Int.self)
                        }
                    }
                    if i % 3 != 0 {
                        for _ in 0..<(i % 40) { await Task.yield() }
                        task.cancel()
                    }
                    do {
                        #expect(try await task.value == i)
                        answered.add()
                    } catch {
                        #expect((error as? PostgresError)?.code == .cancelled, "\(error)")
                        #expect(i % 3 != 0)
                        stopped.add()
                    }
                }
            }
        }
        #expect(answered.value + stopped.value == 300 && answered.value >= 100)
        #expect(try await pool.query("SELECT 1").value(as: Int.self) == 1)
        await pool.shutdown()
    }
}

extension String {
    /// `DISCARD ALL` cannot run in the one transaction of a text with several statements.
    fileprivate var replacingDiscardInBatch: String { hasSuffix("DISCARD ALL") ? "DISCARD ALL" : self }
}
