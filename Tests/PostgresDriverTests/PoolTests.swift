import PostgresDriver
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PoolTests {
    private func pool(max: Int = 4, min: Int = 0, waitLimit: Duration = .seconds(10), maxWaiters: Int = 1_000) throws -> PostgresPool {
        PostgresPool(
            configuration: try TestServer.shared.configuration(),
            limits: .init(min: min, max: max, waitLimit: waitLimit, maxWaiters: maxWaiters), logger: TestServer.logger)
    }

    @Test func servesManyCallersWithFewConnections() async throws {
        let pool = try pool(max: 3)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for i in 0..<200 { group.addTask { try await pool.query("SELECT \(i)").value(as: Int.self) } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 199 * 200 / 2)
        #expect(pool.usage.connections <= 3)
        await pool.shutdown()
        #expect(pool.usage.connections == 0)
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.code == .poolShutdown)
    }

    @Test func aCallerWaitsNoLongerThanTheLimit() async throws {
        let pool = try pool(max: 1, waitLimit: .milliseconds(200))
        while pool.usage.free == 0 {
            // On a busy machine the first connection alone may take longer than the limit.
            do { try await pool.query("SELECT 1") } catch { #expect(error.code == .poolTimeout) }
        }
        try await pool.withConnection { _ in
            let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
            #expect(error?.code == .poolTimeout)
        }
        #expect(try await pool.query("SELECT 1").value(as: Int.self) == 1)
        await pool.shutdown()
    }

    @Test func tooManyWaitingCallersAreRefusedAtOnce() async throws {
        let pool = try pool(max: 1, maxWaiters: 0)
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.code == .poolTimeout)
        await pool.shutdown()
    }

    @Test func aTransactionLeftOpenIsRolledBackBeforeTheNextCaller() async throws {
        let pool = try pool(max: 1)
        try await pool.withConnection { connection in
            try await connection.query("BEGIN")
            try await connection.query("CREATE TABLE left_behind (x int)")
        }
        #expect(try await pool.query("SELECT to_regclass('left_behind') IS NULL").value(as: Bool.self))
        await pool.shutdown()
    }

    @Test func aKilledConnectionIsReplaced() async throws {
        let pool = try pool(max: 1)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)")
        }
        #expect(error?.isConnectionLoss == true)
        #expect(error?.sqlState == "57P01")
        #expect(try await pool.query("SELECT 3").value(as: Int.self) == 3)
        await pool.shutdown()
    }

    @Test func theHookPreparesEveryConnection() async throws {
        let pool = PostgresPool(configuration: try TestServer.shared.configuration(), limits: .init(max: 2), logger: TestServer.logger) {
            connection in
            try await connection.query("SET application_name = 'hooked'")
        }
        #expect(try await pool.query("SHOW application_name").value(as: String.self) == "hooked")
        await pool.shutdown()
    }

    @Test func connectionsThatDieAtRandomAreReplacedAndNobodyWaitsForEver() async throws {
        let pool = try pool(max: 4, waitLimit: .seconds(60))
        let answered = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for i in 0..<400 {
                group.addTask {
                    do {
                        let value = try await pool.query(
                            i % 10 == 0 ? "SELECT pg_terminate_backend(pg_backend_pid())" : "SELECT pg_sleep(0.001) IS NULL"
                        ).count
                        #expect(value == 1)
                        answered.add()
                    } catch {
                        #expect((error as? PostgresError)?.isConnectionLoss == true, "\(error)")
                        #expect(i % 10 == 0, "only the killed one notices")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(answered.value >= 360)
        await pool.shutdown()
        #expect(pool.usage.connections == 0)
    }

    @Test func theServiceKeepsTheMinimumAndEndsWithItsTask() async throws {
        let pool = try pool(max: 4, min: 2)
        let service = Task { await pool.run() }
        while pool.usage.free < 2 { await Task.yield() }
        service.cancel()
        await service.value
        #expect(pool.usage.connections == 0)
    }

    @Test func theShutdownWaitsForBorrowersAndThenClosesUnderThem() async throws {
        let pool = try pool(max: 1)
        let borrowed = Gate(), release = Gate()
        let user = Task {
            try await pool.withConnection { connection in
                borrowed.open()
                await release.passed()
                return try await connection.query("SELECT 1").value(as: Int.self)
            }
        }
        await borrowed.passed()
        let end = Task { await pool.shutdown(grace: .seconds(60)) }
        while true {
            do { try await pool.query("SELECT 1") } catch {
                if error.code == .poolShutdown { break }
            }
        }
        release.open()
        #expect(try await user.value == 1)
        await end.value

        let other = try self.pool(max: 1)
        let inside = Gate()
        let stuck = Task {
            try await other.withConnection { connection in
                inside.open()
                try await connection.query("SELECT pg_sleep(600)")
            }
        }
        await inside.passed()
        await other.shutdown(grace: .milliseconds(50))
        let error = await #expect(throws: PostgresError.self) { try await stuck.value }
        #expect(error?.code == .connectionClosed)
    }

    @Test func aServerThatIsAwayIsNamedAndNotATimeout() async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration(hosts: [.init("127.0.0.1", port: 1)], user: "u", database: "d"),
            limits: .init(max: 2, waitLimit: .seconds(3)), logger: TestServer.logger)
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.code == .connectionFailed)
        await pool.shutdown()
    }

    @Test func aDeadlockIsRunAgain() async throws {
        let pool = try pool(max: 4)
        try await pool.withConnection {
            try await $0.simple("CREATE TABLE deadlock (id int PRIMARY KEY, n int); INSERT INTO deadlock VALUES (1, 0), (2, 0)")
        }
        let first = Gate(), second = Gate()
        let attempts = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (mine, other, locked, wait) in [(1, 2, first, second), (2, 1, second, first)] {
                group.addTask {
                    try await pool.withTransaction { transaction in
                        attempts.add()
                        try await transaction.query("UPDATE deadlock SET n = n + 1 WHERE id = \(mine)")
                        locked.open()
                        await wait.passed()
                        try await transaction.query("UPDATE deadlock SET n = n + 1 WHERE id = \(other)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(attempts.value >= 3)
        #expect(try await pool.query("SELECT n FROM deadlock ORDER BY id").decode(Int.self) == [2, 2])
        await pool.shutdown()
    }

    @Test func aSerializationFailureIsRunAgain() async throws {
        let pool = try pool(max: 4)
        try await pool.withConnection {
            try await $0.simple("CREATE TABLE serial (id int PRIMARY KEY, n int); INSERT INTO serial VALUES (1, 0)")
        }
        let first = Gate(), second = Gate()
        let attempts = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (read, wait) in [(first, second), (second, first)] {
                group.addTask {
                    try await pool.withTransaction(isolation: .serializable) { transaction in
                        attempts.add()
                        let n = try await transaction.query("SELECT n FROM serial WHERE id = 1").value(as: Int.self)
                        read.open()
                        await wait.passed()
                        try await transaction.query("UPDATE serial SET n = \(Int32(n + 1)) WHERE id = 1")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(attempts.value == 3)
        #expect(try await pool.query("SELECT n FROM serial").value(as: Int.self) == 2)
        await pool.shutdown()
    }
}

/// Opens once; whoever comes before waits.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Counts from several tasks.
final class Tally: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add() { count.add(1, ordering: .relaxed) }
}
