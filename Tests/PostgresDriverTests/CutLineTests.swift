import Testing

@testable import PostgresDriver

/// A peer that is gone without a word: no FIN, no RST, no answer.
@Suite(.timeLimit(.minutes(1)))
struct CutLineTests {
    /// Three seconds without a sign of life are enough here.
    private func connect(by line: CutLine) async throws -> PostgresConnection {
        var configuration = try TestServer.shared.tcpConfiguration()
        configuration.hosts = [.init("127.0.0.1", port: line.port)]
        configuration.keepalive = .init(idle: .seconds(1), interval: .seconds(1), count: 2, userTimeout: .seconds(2))
        return try await PostgresConnection.connect(configuration, logger: TestServer.logger)
    }

    @Test func anIdleConnectionNoticesThatItsLineIsCut() async throws {
        let line = try CutLine(to: TestServer.shared.port)
        let connection = try await connect(by: line)
        try await connection.query("SELECT 1")
        try line.cut()
        await withCheckedContinuation { continuation in
            Task { await connection.notifyWhenClosed { continuation.resume() } }
        }
        #expect(connection.isClosed)
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(error?.code == .connectionClosed && error?.outcomeUnknown == false)
    }

    @Test func aStatementUnderWayEndsWhenItsLineIsCut() async throws {
        let line = try CutLine(to: TestServer.shared.port)
        let connection = try await connect(by: line)
        let pid = connection.backendPID
        let statement = Task { try await connection.query("SELECT pg_sleep(3600)") }
        try await TestServer.shared.withConnection { observer in
            while try await !observer.query(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = 'PgSleep')"
            ).value(as: Bool.self) { await Task.yield() }
        }
        try line.cut()
        let error = await #expect(throws: PostgresError.self) { try await statement.value }
        #expect(error?.code == .connectionClosed && error?.outcomeUnknown == true)
        try await TestServer.shared.withConnection { _ = try await $0.query("SELECT pg_terminate_backend(\(pid))") }
    }

    @Test func whatIsSentIntoACutLineFails() async throws {
        let line = try CutLine(to: TestServer.shared.port)
        let connection = try await connect(by: line)
        try await connection.query("SELECT 1")
        try line.cut()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 2") }
        #expect(error?.isConnectionLoss == true && error?.outcomeUnknown == true)
    }

    @Test func aPoolGoesOnWithOthersWhenLinesAreCut() async throws {
        let line = try CutLine(to: TestServer.shared.port)
        var configuration = try TestServer.shared.tcpConfiguration()
        configuration.hosts = [.init("127.0.0.1", port: line.port)]
        configuration.keepalive = .init(idle: .seconds(1), interval: .seconds(1), count: 2, userTimeout: .seconds(2))
        let pool = PostgresPool(configuration: configuration, limits: .init(max: 2, waitLimit: .seconds(30)), logger: TestServer.logger)
        try await pool.withConnection { _ = try await $0.query("SELECT 1") }
        try line.cut()
        // The first call may meet the dead connection; a new one is made by the same address, where others are not cut.
        do { try await pool.withConnection { _ = try await $0.query("SELECT 2") } } catch let error as PostgresError {
            #expect(error.isConnectionLoss)
        }
        let answer = try await pool.withConnection { try await $0.query("SELECT 3").value(as: Int.self) }
        #expect(answer == 3)
        await pool.shutdown()
    }
}
