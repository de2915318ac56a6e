import PostgresDriver
import Testing

@Suite(.timeLimit(.minutes(2)))
struct QueryTests {
    @Test func answersOneQuery() async throws {
        try await TestServer.shared.withConnection { connection in
            let x: Int32 = 41
            let result = try await connection.query("SELECT \(x) + 1, \("text"), \(nil as String?)")
            let row = try result[0].decode((Int32, String, String?).self)
            #expect(row == (42, "text", nil))
            let single = try await connection.query("SELECT 7").decode(Int32.self)
            #expect(single == [7])
        }
    }

    @Test func pipelineAnswersInOrderAndNamesTheFailingStatement() async throws {
        try await TestServer.shared.withConnection { connection in
            let answers = try await connection.pipeline((0..<100).map { "SELECT \($0)" })
            #expect(try answers.map { try $0.value(as: Int.self) } == Array(0..<100))
            let error = await #expect(throws: PostgresError.self) {
                _ = try await connection.pipeline(["SELECT 1", "SELECT 1/0", "SELECT 3"])
            }
            #expect(error?.sqlState == "22012")
            #expect(error?.statementIndex == 1)
            #expect(try await connection.query("SELECT 5").value(as: Int.self) == 5)
        }
    }

    @Test func transactionCommitsAndRollsBack() async throws {
        struct Stop: Error {}
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE t (x int); INSERT INTO t VALUES (0)")
            try await connection.withTransaction { try await $0.query("INSERT INTO t VALUES (1)") }
            await #expect(throws: Stop.self) {
                try await connection.withTransaction {
                    try await $0.query("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            #expect(try await connection.query("SELECT count(*) FROM t").value(as: Int.self) == 2)
        }
    }

    @Test func cancellationStopsTheQueryOnTheServer() async throws {
        try await TestServer.shared.withConnection { connection in
            let task = Task { try await connection.query("SELECT pg_sleep(60)") }
            try await TestServer.shared.withConnection { other in
                while try await other.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(connection.backendPID) AND wait_event = 'PgSleep'"
                )
                .value(as: Int.self) == 0 {}
            }
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await connection.query("SELECT 1").value(as: Int.self) == 1)
        }
    }
}
