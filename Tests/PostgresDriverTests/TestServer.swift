import Foundation
import Glibc
import Logging
import PostgresDriver
import Synchronization
import Testing

/// A private PostgreSQL for the tests of this process: made once, gone with the process however that ends.
struct TestServer: Sendable {
    let directory: String
    let port: Int

    /// The server of the process.
    static var shared: TestServer { get throws { try start.get() } }
    private static let start: Result<TestServer, any Error> = Result { try TestServer.launch() }

    struct LaunchFailure: Error, CustomStringConvertible {
        let description: String
    }

    func configuration(database: String = "postgres", user: String = "postgres") -> PostgresConfiguration {
        PostgresConfiguration(hosts: [.init(directory, port: port)], user: user, database: database, tls: .init(mode: "disable"))
    }

    /// The same server over TCP.
    func tcpConfiguration() -> PostgresConfiguration {
        PostgresConfiguration(hosts: [.init("127.0.0.1", port: port)], user: "postgres", database: "postgres", tls: .init(mode: "disable"))
    }

    /// The same server over TLS, its certificate checked.
    func tlsConfiguration() -> PostgresConfiguration {
        var configuration = tcpConfiguration()
        configuration.hosts = [.init("localhost", port: port)]
        configuration.tls = .init(mode: "verify-full", rootCertificate: "\(directory)/server.crt")
        return configuration
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func connect() async throws -> PostgresConnection { try await PostgresConnection.connect(configuration(), logger: Self.logger) }

    /// Runs `body` with a connection of its own.
    func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        let connection = try await connect()
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: Starting

    private static let binaries = [
        "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin", "/usr/local/bin", "/usr/bin",
    ]

    /// Stands between us and the server: stops it and removes its directory when our end of the pipe closes.
    private static let supervisor = #""$@" </dev/null >"$0/log" 2>&1 & p=$!; read x; kill -INT $p; wait $p; rm -rf "$0""#

    private static func launch() throws -> TestServer {
        guard let bin = binaries.first(where: { access($0 + "/initdb", X_OK) == 0 }) else {
            throw LaunchFailure(description: "no PostgreSQL is installed")
        }
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        let directory = "\(parent)/driver-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let drop = getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : []
        if getuid() == 0 { try run(["chown", "postgres:postgres", directory]) }
        try run(
            drop + ["\(bin)/initdb", "--no-sync", "--no-locale", "-E", "UTF8", "-A", "trust", "-U", "postgres", "-D", "\(directory)/data"])
        try run(
            drop + [
                "openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost", "-out",
                "\(directory)/server.crt",
                "-keyout", "\(directory)/server.key",
            ])
        // Free a moment ago; somebody else may be quicker, then another one.
        for _ in 0..<5 {
            if let server = try start(bin, drop, directory, port: try freePort()) { return server }
        }
        throw LaunchFailure(description: "the server did not start")
    }

    /// Starts the server; `nil` when it cannot, as with a port somebody else has.
    private static func start(_ bin: String, _ drop: [String], _ directory: String, port: Int) throws -> TestServer? {
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw LaunchFailure(description: "no pipe") }
        _ = fcntl(pipe[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
        let server = [
            "\(bin)/postgres", "-D", "\(directory)/data", "-k", directory, "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
            "fsync=off", "-c",
            "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "max_prepared_transactions=5", "-c",
            "ssl=on", "-c", "ssl_cert_file=\(directory)/server.crt", "-c",
            "ssl_key_file=\(directory)/server.key",
        ]
        let pid = try spawn(drop + ["sh", "-c", supervisor, directory] + server, stdin: pipe[0])
        close(pipe[0])
        let deadline = Date().addingTimeInterval(60)
        while Date() < deadline, isStarting(directory) {
            if try status(drop + ["\(bin)/pg_isready", "-q", "-h", directory, "-p", "\(port)"]) == 0 {
                writeEnd.store(pipe[1], ordering: .relaxed)
                supervisorPID.store(pid, ordering: .relaxed)
                atexit {
                    close(TestServer.writeEnd.load(ordering: .relaxed))
                    var status: Int32 = 0
                    waitpid(TestServer.supervisorPID.load(ordering: .relaxed), &status, 0)
                }
                return TestServer(directory: directory, port: port)
            }
            usleep(10_000)
        }
        // Supervisor and server, which are one process group, go without their last deed: the directory is still wanted.
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(pipe[1])
        unlink("\(directory)/log")
        return nil
    }

    /// Whether the server has not yet said why it cannot start.
    private static func isStarting(_ directory: String) -> Bool {
        FileManager.default.contents(atPath: "\(directory)/log").map { !String(decoding: $0, as: UTF8.self).contains("FATAL:  could not") }
            ?? true
    }

    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0 }
        }
        guard found else { throw LaunchFailure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static let writeEnd = Atomic<Int32>(-1)
    private static let supervisorPID = Atomic<pid_t>(0)

    private static func status(_ arguments: [String]) throws -> Int32 {
        let pid = try spawn(arguments, stdin: nil)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status
    }

    private static func run(_ arguments: [String]) throws {
        guard try status(arguments) == 0 else {
            throw LaunchFailure(description: "\(arguments.first { $0.contains("/bin/") } ?? arguments[0]) failed")
        }
    }

    private static func spawn(_ arguments: [String], stdin: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let stdin {
            posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Threads of the runtime block every signal and children inherit that: give them a clean mask, and a group of their own.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let argv = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid = pid_t()
        let failed = posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, environ)
        guard failed == 0 else { throw LaunchFailure(description: "could not start \(arguments[0])") }
        return pid
    }
}
