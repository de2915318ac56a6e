import Glibc
import Logging
import Testing

@testable import PostgresDriver

@Suite(.timeLimit(.minutes(2)))
struct FailureTests {
    /// Waits until the server says that `condition` holds.
    private func wait(until condition: PostgresQuery) async throws {
        try await TestServer.shared.withConnection { observer in
            while try await !observer.query(condition).value(as: Bool.self) { await Task.yield() }
        }
    }

    private func waits(_ pid: Int32, _ event: String) -> PostgresQuery {
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = \(event))"
    }

    private func connect(_ change: (inout PostgresConfiguration) -> Void) async throws -> PostgresConnection {
        var configuration = try TestServer.shared.configuration()
        change(&configuration)
        return try await PostgresConnection.connect(configuration, logger: TestServer.logger)
    }

    // MARK: Timeouts

    @Test func theServersStatementTimeoutIsATimeoutAndTheConnectionGoesOn() async throws {
        let connection = try await connect { $0.statementTimeout = .milliseconds(100) }
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT pg_sleep(60)") }
        #expect(error?.code == .timeout && error?.sqlState == "57014")
        #expect(try await connection.query("SELECT 1").value(as: Int.self) == 1)
        await connection.close()
    }

    @Test func ourOwnDeadlineStopsAStatementTheServerWouldLetRun() async throws {
        let connection = try await connect {
            $0.statementTimeout = .milliseconds(100)
        }
        try await connection.query("SET statement_timeout = 0")
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT pg_sleep(60)") }
        #expect(error?.code == .timeout && error?.sqlState == "57014")
        #expect(try await connection.query("SELECT 1").value(as: Int.self) == 1)
        await connection.close()
    }

    @Test func aServerThatDoesNotEvenCancelIsLeft() async throws {
        let connection = try await connect {
            $0.statementTimeout = .milliseconds(100)
            $0.cancelGrace = .milliseconds(200)
        }
        kill(connection.backendPID, SIGSTOP)
        defer { kill(connection.backendPID, SIGCONT) }
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(error?.code == .timeout && error?.outcomeUnknown == true)
        #expect(connection.isClosed)
    }

    // MARK: Commits

    /// A table whose inserts make the COMMIT call `body` of plpgsql.
    private func makeSlowCommit(_ connection: PostgresConnection, _ name: String, _ body: String) async throws {
        try await connection.simple(
            """
            CREATE TABLE \(name) (x int);
            CREATE FUNCTION \(name)_f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER t AFTER INSERT ON \(name) DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION \(name)_f()
            """)
    }

    @Test func aCancelledTaskStillLearnsHowItsCommitEnded() async throws {
        let connection = try await connect { $0.commitGrace = .seconds(60) }
        try await makeSlowCommit(connection, "slow_commit", "PERFORM pg_advisory_xact_lock(77)")
        try await TestServer.shared.withConnection { holder in
            try await holder.query("SELECT pg_advisory_lock(77)")
            let task = Task { try await connection.withTransaction { try await $0.query("INSERT INTO slow_commit VALUES (1)") } }
            try await wait(until: waits(connection.backendPID, "advisory"))
            task.cancel()
            try await holder.query("SELECT pg_advisory_unlock(77)")
            _ = try await task.value
        }
        #expect(try await connection.query("SELECT count(*) FROM slow_commit").value(as: Int.self) == 1)
        await connection.close()
    }

    @Test func aCommitThatIsNotAnsweredAfterTheCancellationIsUnknownAndTheSocketClosed() async throws {
        let connection = try await connect { $0.commitGrace = .milliseconds(100) }
        try await makeSlowCommit(connection, "stuck_commit", "PERFORM pg_sleep(600)")
        let task = Task {
            try await connection.pipeline(["BEGIN", "INSERT INTO stuck_commit VALUES (1)", "COMMIT"])
        }
        try await wait(until: waits(connection.backendPID, "PgSleep"))
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .commitUnknown && error?.outcomeUnknown == true)
        #expect(connection.isClosed)
    }

    @Test func aCommitWhoseServerProcessDiesIsUnknown() async throws {
        let connection = try await TestServer.shared.connect()
        try await makeSlowCommit(connection, "killed_commit", "PERFORM pg_sleep(600)")
        let task = Task { try await connection.withTransaction { try await $0.query("INSERT INTO killed_commit VALUES (1)") } }
        try await wait(until: waits(connection.backendPID, "PgSleep"))
        try await wait(until: "SELECT pg_terminate_backend(\(connection.backendPID))")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .commitUnknown && error?.sqlState == "57P01")
        #expect(connection.isClosed)
    }

    /// The server waits for a standby that does not exist; somebody cancels that wait, and the commit "succeeds" with a warning.
    @Test(
        "a commit that may not have reached its standby is unknown", .serialized,
        arguments: [
            ["BEGIN", "INSERT INTO replicated VALUES (1)", "COMMIT"], ["INSERT INTO replicated VALUES (2)"],
            ["BEGIN", "INSERT INTO replicated VALUES (3)", "COMMIT", "SELECT 1"],
        ])
    func unreplicatedCommit(statements: [String]) async throws {
        try await TestServer.shared.withConnection { observer in
            try await observer.simple("CREATE TABLE IF NOT EXISTS replicated (x int)")
            try await observer.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await observer.query("SELECT pg_reload_conf()")
        }
        try await wait(until: "SELECT current_setting('synchronous_standby_names') = 'nobody'")
        let connection = try await TestServer.shared.connect()
        try await connection.query("SET synchronous_commit = on")
        let task = Task { try await connection.pipeline(statements.map { PostgresQuery($0) }) }
        try await wait(until: waits(connection.backendPID, "SyncRep"))
        try await wait(until: "SELECT pg_cancel_backend(\(connection.backendPID))")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .commitUnknown && error?.sqlState == "01000" && error?.outcomeUnknown == true)
        // The caller learns of the doubt first; the socket is closed by the loop's next turn.
        let deadline = ContinuousClock.now + .seconds(5)
        while !connection.isClosed, ContinuousClock.now < deadline { await Task.yield() }
        #expect(connection.isClosed)
    }

    @Test func aWarningThatAFunctionRaisesIsNoDoubt() async throws {
        try await TestServer.shared.withConnection { connection in
            try await makeSlowCommit(connection, "warned_commit", "RAISE WARNING 'only said'")
            try await connection.withTransaction { try await $0.query("INSERT INTO warned_commit VALUES (1)") }
            try await connection.query("INSERT INTO warned_commit VALUES (2)")
            #expect(try await connection.query("SELECT count(*) FROM warned_commit").value(as: Int.self) == 2)
        }
    }

    @Test func anErrorAtCommitIsKnownAndTheConnectionGoesOn() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE d (x int, UNIQUE (x) DEFERRABLE INITIALLY DEFERRED)")
            let explicit = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { try await $0.query("INSERT INTO d VALUES (1), (1)") }
            }
            #expect(explicit?.sqlState == "23505" && explicit?.outcomeUnknown == false)
            #expect(try await connection.query("SELECT count(*) FROM d").value(as: Int.self) == 0)
            let implicit = await #expect(throws: PostgresError.self) { try await connection.query("INSERT INTO d VALUES (2), (2)") }
            #expect(implicit?.sqlState == "23505" && implicit?.outcomeUnknown == false)
            #expect(implicit?.constraint == "d_x_key" && implicit?.description.contains("(2)") == false)
            #expect(try await connection.query("SELECT count(*) FROM d").value(as: Int.self) == 0)
            let batch = await #expect(throws: PostgresError.self) {
                _ = try await connection.pipeline(["BEGIN", "INSERT INTO d VALUES (3), (3)", "COMMIT"])
            }
            #expect(batch?.sqlState == "23505" && batch?.statementIndex == 2)
            #expect(try await connection.query("SELECT count(*) FROM d").value(as: Int.self) == 0)
        }
    }

    @Test func aSwallowedErrorDoesNotCommitSilently() async throws {
        try await TestServer.shared.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { transaction in
                    do { try await transaction.query("SELECT 1/0") } catch {}
                }
            }
            #expect(error?.sqlState == "25P02")
            let after = try await connection.query("SELECT 1").value(as: Int.self)
            #expect(after == 1)
        }
    }

    @Test func aFailedBatchLeavesNoTransactionBehind() async throws {
        try await TestServer.shared.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                _ = try await connection.pipeline(["BEGIN", "CREATE TABLE nobody (x int)", "SELECT 1/0", "COMMIT"])
            }
            #expect(error?.sqlState == "22012" && error?.statementIndex == 2)
            #expect(connection.flags.isClean)
            let isGone = try await connection.query("SELECT to_regclass('nobody') IS NULL").value(as: Bool.self)
            #expect(isGone)
        }
    }

    /// The server has answered the first statements of a long batch before its last ones are sent.
    @Test(arguments: [0, 19, 20, 21, 99]) func aLongBatchFailsAtItsStatement(_ place: Int) async throws {
        try await TestServer.shared.withConnection { connection in
            var batch: [PostgresQuery] = (0..<100).map { "SELECT \($0)" }
            batch[place] = "SELECT 1/0"
            let error = await #expect(throws: PostgresError.self) { _ = try await connection.pipeline(batch) }
            #expect(error?.sqlState == "22012" && error?.statementIndex == place)
            #expect(connection.flags.isClean)
            batch[place] = "SELECT \(place)"
            let answers = try await connection.pipeline(batch).map { try $0.value(as: Int.self) }
            #expect(answers == Array(0..<100))
        }
    }

    @Test func theLastBatchAndTheCommitTravelTogether() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE c (x int PRIMARY KEY)")
            let counts = try await connection.withTransaction { transaction in
                try await transaction.query("INSERT INTO c VALUES (1)")
                return try await transaction.commit(after: ["INSERT INTO c VALUES (2), (3)", "SELECT 1"])
            }
            #expect(counts.count == 2 && counts[0].affected == 2)
            #expect(connection.flags.isClean)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction {
                    try await $0.commit(after: ["INSERT INTO c VALUES (4)", "INSERT INTO c VALUES (1)"])
                }
            }
            #expect(error?.sqlState == "23505" && error?.statementIndex == 1)
            #expect(try await connection.query("SELECT count(*) FROM c").value(as: Int.self) == 3)
            let without = await #expect(throws: PostgresError.self) { try await connection.commit(after: []) }
            #expect(without?.code == .invalidUse)
        }
    }

    @Test func savepointsUndoTheirPartOnly() async throws {
        struct Stop: Error {}
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE s (x int)")
            try await connection.withTransaction { transaction in
                try await transaction.query("INSERT INTO s VALUES (1)")
                await #expect(throws: PostgresError.self) {
                    try await transaction.savepoint("a") {
                        try await $0.query("INSERT INTO s VALUES (2)")
                        try await $0.query("SELECT 1/0")
                    }
                }
                try await transaction.savepoint("a") { try await $0.query("INSERT INTO s VALUES (3)") }
                let inner = await #expect(throws: PostgresError.self) { try await transaction.withTransaction { _ in } }
                #expect(inner?.code == .invalidUse)
                let name = await #expect(throws: PostgresError.self) { try await transaction.savepoint("a; DROP") { _ in } }
                #expect(name?.code == .invalidUse)
            }
            #expect(try await connection.query("SELECT x FROM s ORDER BY x").decode(Int.self) == [1, 3])
        }
    }

    @Test func isolationAndReadOnlyReachTheServer() async throws {
        try await TestServer.shared.withConnection { connection in
            for isolation in PostgresIsolation.allCases {
                let shown = try await connection.withTransaction(isolation: isolation) {
                    try await $0.query("SHOW transaction_isolation").value(as: String.self)
                }
                #expect(shown == isolation.rawValue.lowercased())
            }
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction(readOnly: true) { try await $0.query("CREATE TABLE never (x int)") }
            }
            #expect(error?.sqlState == "25006")
        }
    }

    /// The BEGIN travels with the first statement; when that one is withdrawn before it is sent, the next one must take the BEGIN along.
    @Test func aFirstStatementThatIsCancelledDoesNotLoseTheTransaction() async throws {
        struct Stop: Error {}
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE first (x int)")
            await #expect(throws: Stop.self) {
                try await connection.withTransaction { transaction in
                    let child = Task { try await transaction.query("INSERT INTO first VALUES (1)") }
                    child.cancel()
                    let result = await child.result
                    if case .failure(let error) = result { #expect((error as? PostgresError)?.code == .cancelled) }
                    try await transaction.query("INSERT INTO first VALUES (2)")
                    throw Stop()
                }
            }
            let count = try await connection.query("SELECT count(*) FROM first").value(as: Int.self)
            #expect(count == 0)
        }
    }

    @Test func aTransactionThatDoesNothingSendsNothing() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.withTransaction { _ in }
            let streamed = try await connection.withTransaction { transaction in
                var sum = 0
                for try await row in transaction.stream("SELECT i FROM generate_series(1, 10) i") { sum += try row.get(0, as: Int.self) }
                let isIn = try await transaction.query("SELECT pg_current_xact_id_if_assigned() IS NULL AND now() = statement_timestamp()")
                    .value(as: Bool.self)
                #expect(!isIn, "the stream began the transaction, earlier than this statement")
                return sum
            }
            #expect(streamed == 55)
        }
    }

    @Test func aConnectionThatIsDroppedEndsItsSession() async throws {
        var connection: PostgresConnection? = try await TestServer.shared.connect()
        let pid = try #require(connection).backendPID
        try await connection?.query("SELECT 1")
        connection = nil
        try await wait(until: "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid))")
    }

    @Test func tooManyValuesAreRefusedAndTheConnectionGoesOn() async throws {
        try await TestServer.shared.withConnection { connection in
            let many = PostgresQuery("SELECT 1", Array(repeating: Int32(1), count: 65_536))
            let error = await #expect(throws: PostgresError.self) { try await connection.query(many) }
            #expect(error?.code == .invalidUse)
            let after = try await connection.query("SELECT 1").value(as: Int.self)
            #expect(after == 1)
        }
    }

    // MARK: Losses

    @Test func aKilledServerProcessIsAConnectionLossForTheRunningAndTheNext() async throws {
        let connection = try await TestServer.shared.connect()
        let task = Task { try await connection.query("SELECT pg_sleep(60)") }
        try await wait(until: waits(connection.backendPID, "PgSleep"))
        let queued = Task { try await connection.query("SELECT 1") }
        try await wait(until: "SELECT pg_terminate_backend(\(connection.backendPID))")
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.isConnectionLoss == true && error?.sqlState == "57P01" && error?.outcomeUnknown == true)
        let next = await #expect(throws: PostgresError.self) { try await queued.value }
        #expect(next?.isConnectionLoss == true && next?.outcomeUnknown == false)
        let later = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(later?.code == .connectionClosed)
    }

    @Test func aLossInsideATransactionIsNotUnknown() async throws {
        let connection = try await TestServer.shared.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.withTransaction { try await $0.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)") }
        }
        #expect(error?.isConnectionLoss == true && error?.outcomeUnknown == false)
    }

    @Test func anIdleConnectionNoticesItsEnd() async throws {
        let connection = try await TestServer.shared.connect()
        let closed = Gate()
        await connection.notifyWhenClosed { closed.open() }
        try await wait(until: "SELECT pg_terminate_backend(\(connection.backendPID))")
        await closed.passed()
        #expect(connection.isClosed)
    }

    @Test func closingEndsWhatRuns() async throws {
        let connection = try await TestServer.shared.connect()
        let task = Task { try await connection.query("SELECT pg_sleep(60)") }
        try await wait(until: waits(connection.backendPID, "PgSleep"))
        await connection.close()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .connectionClosed)
    }

    // MARK: Hosts

    @Test func deadHostsArePassedOver() async throws {
        let server = try TestServer.shared
        // One that refuses, one that takes the connection and never answers, one whose name does not exist, then ours.
        let mute = try MuteListener()
        defer { mute.close() }
        let connection = try await connect {
            $0.connectTimeout = .milliseconds(300)
            $0.hosts = [
                .init("127.0.0.1", port: 1), .init("127.0.0.1", port: mute.port), .init("/nowhere"), .init("no-such-host.invalid"),
                .init("localhost", port: server.port),
            ]
        }
        #expect(connection.host.name == "localhost")
        #expect(try await connection.query("SELECT 1").value(as: Int.self) == 1)
        await connection.close()
    }

    @Test func aServerThatCannotWriteIsPassedOverWhenWritingIsWanted() async throws {
        let server = try TestServer.shared
        try await server.withConnection { connection in
            try await connection.simple("CREATE ROLE reader LOGIN; ALTER ROLE reader SET default_transaction_read_only = on")
        }
        var configuration = server.configuration(user: "reader")
        let any = try await PostgresConnection.connect(configuration, logger: TestServer.logger)
        await any.close()
        configuration.targetSessionAttributes = .readWrite
        let wanted = configuration
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(wanted, logger: TestServer.logger) }
        #expect(error?.code == .connectionFailed)
    }

    @Test func connectingCanBeCancelled() async throws {
        let mute = try MuteListener()
        defer { mute.close() }
        var configuration = try TestServer.shared.tcpConfiguration()
        configuration.hosts = [.init("127.0.0.1", port: mute.port)]
        configuration.connectTimeout = .seconds(60)
        let wanted = configuration
        let task = Task { try await PostgresConnection.connect(wanted, logger: TestServer.logger) }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func theErrorOfAFailedLoginHasNoPassword() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await connect {
                $0.password = "very-secret"
                $0.database = "no such database"
            }
        }
        #expect(error?.code == .connectionFailed && error?.message.contains("no such database") == true)
        #expect(error?.description.contains("very-secret") == false)
    }

    @Test func keepaliveIsSetOnTheSocket() async throws {
        let connection = try await PostgresConnection.connect(TestServer.shared.tcpConfiguration(), logger: TestServer.logger)
        #expect(await connection.socketOption(IPPROTO_TCP, TCP_KEEPIDLE) == 10)
        #expect(await connection.socketOption(IPPROTO_TCP, TCP_KEEPINTVL) == 5)
        #expect(await connection.socketOption(IPPROTO_TCP, TCP_KEEPCNT) == 3)
        #expect(await connection.socketOption(IPPROTO_TCP, 18) == 20_000)  // TCP_USER_TIMEOUT
        await connection.close()
    }
}

extension PostgresConnection {
    fileprivate func socketOption(_ level: Int, _ option: Int32) -> Int32 {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(wire.socket, Int32(level), option, &value, &size)
        return value
    }
}

/// Takes connections and never says a word.
private struct MuteListener {
    struct Failure: Error {}
    let socket: Int32
    let port: Int

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let (descriptor, size) = (socket, socklen_t(MemoryLayout<sockaddr_in>.size))
        var actual = size
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &actual) == 0
            }
        }
        guard bound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { Glibc.close(socket) }
}
