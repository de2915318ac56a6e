package import CollectionsStore
import EmbeddedPostgres
import Foundation
package import PostgresDriver

/// A pgbouncer in transaction mode in front of the test server: many clients take turns on few sessions, so that whatever a session is asked to
/// remember is soon somebody else's.
package struct Pooler: Sendable {
    /// Sessions that all clients of one role and database share.
    package static let sessions = 2
    /// Clients name themselves so; the sessions carry it.
    package static let applicationName = "behind-pooler"
    private static let port = 6_432

    private static var program: String? {
        ["/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Whether pgbouncer is on this machine; `Deploy/test` has it installed where that can be.
    package static var isInstalled: Bool { program != nil }

    /// pgbouncer did not start.
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private let directory: String
    private let database: String

    /// A login that goes through the pooler.
    package func login(user: String) -> PostgresConfiguration {
        PostgresConfiguration(
            hosts: [.init(directory, port: Self.port)], user: user, database: database, applicationName: Self.applicationName,
            namedStatements: false)
    }

    /// The test's database as a process of the bank opens it behind a pooler. Close it.
    package func open(connections: Int) async throws -> Database {
        try await Database.open(
            DatabaseConfiguration(
                core: login(user: PrivateCluster.coreRole), api: login(user: PrivateCluster.apiRole), dataKey: TestServer.dataKey,
                coreConnections: connections, apiConnections: connections),
            logger: TestServer.logger)
    }

    // MARK: Running

    /// Ends pgbouncer when our end of the pipe closes: at the end of the body, or with this process however that ends. It keeps nothing, and a
    /// request to stop would wait for the clients a failed body left behind.
    private static let supervisor = #""$@" & p=$!; read x; kill -KILL $p; wait $p; rm -rf "$0""#

    /// Runs `body` with a pooler in front of the test's database.
    package static func run<Value>(before test: TestDatabase, _ body: (Pooler) async throws -> Value) async throws -> Value {
        guard let program else { throw Failed(description: "pgbouncer is not installed (hint: apt-get install pgbouncer)") }
        let account = try ServerAccount.find()
        let directory = ServerSettings.throwAwayRoot + "/recourse-pooler-\(UInt32.random(in: .min ... .max))"
        try account.makeDirectory(directory)
        let server = test.server.server
        let users = [PrivateCluster.coreRole, PrivateCluster.apiRole]
        let files = [
            "users.txt": users.map { "\"\($0)\" \"\"\n" }.joined(),
            "pgbouncer.ini": """
            [databases]
            \(test.name) = host=\(server.socketDirectory) port=\(server.configuration.port)
            [pgbouncer]
            listen_addr =
            listen_port = \(port)
            unix_socket_dir = \(directory)
            auth_type = trust
            auth_file = \(directory)/users.txt
            pool_mode = transaction
            default_pool_size = \(sessions)
            max_client_conn = 200
            logfile = \(directory)/pgbouncer.log

            """,
        ]
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            try account.own("\(directory)/\(name)")
        }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failed(description: "no pipe (errno \(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = try ChildProcess.spawn(
            ["sh", "-c", supervisor, directory] + account.prefix + [program, "-q", "\(directory)/pgbouncer.ini"], input: ends[0])
        close(ends[0])
        let result: Result<Value, any Error>
        do {
            let pooler = Pooler(directory: directory, database: test.name)
            try await pooler.waitUntilItAnswers()
            result = .success(try await body(pooler))
        } catch {
            result = .failure(error)
        }
        close(ends[1])
        _ = await child.wait()
        return try result.get()
    }

    /// pgbouncer tells nobody when it is there: it is asked until it answers.
    private func waitUntilItAnswers() async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                let connection = try await PostgresConnection.connect(login(user: PrivateCluster.coreRole), logger: TestServer.logger)
                await connection.close()
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
