import Logging
import Testing

@testable import PostgresDriver

/// The event loop of other platforms, held to the same behaviour here.
@Suite(.timeLimit(.minutes(2)))
struct DispatchLoopTests {
    private func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        let loop = DispatchLoop(name: "test-dispatch-loop")
        let connection = try await PostgresConnection.connect(TestServer.shared.configuration(), on: loop, logger: TestServer.logger)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    @Test func queriesBatchesAndTransactions() async throws {
        try await withConnection { connection in
            let text = String(repeating: "y", count: 300_000)
            for i in 0..<20 { #expect(try await connection.query("SELECT \(i)").value(as: Int.self) == i) }
            let answers = try await connection.pipeline((0..<20).map { _ in "SELECT \(text)" })
            #expect(try answers.allSatisfy { try $0.value(as: String.self) == text })
            try await connection.simple("CREATE TEMP TABLE t (x int)")
            try await connection.withTransaction { try await $0.query("INSERT INTO t VALUES (1)") }
            #expect(try await connection.query("SELECT count(*) FROM t").value(as: Int.self) == 1)
        }
    }

    @Test func copyStreamAndCancel() async throws {
        try await withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE c (i int)")
            try await connection.withCopyIn("COPY c FROM STDIN") { writer in
                for i in 0..<100_000 { try await writer.write("\(i)\n") }
            }
            var sum = 0
            for try await row in connection.stream("SELECT i FROM c") { sum += try row.get(0, as: Int.self) }
            #expect(sum == 4_999_950_000)
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
            let after = try await connection.query("SELECT 1").value(as: Int.self)
            #expect(after == 1)
        }
    }

    @Test func timersFireInOrder() async {
        let loops: [any EventLoop] = [DispatchLoop(name: "timer-a"), EpollLoop(name: "timer-b")]
        for loop in loops {
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            let now = MonotonicTime.now
            loop.execute {
                for delay in [600, 200, 400] { loop.schedule(at: now + .milliseconds(delay)) { continuation.yield(delay) } }
            }
            var order: [Int] = []
            for await delay in stream {
                #expect(MonotonicTime.now.since(now) >= .milliseconds(delay))
                order.append(delay)
                if order.count == 3 { break }
            }
            #expect(order == [200, 400, 600])
        }
    }
}
