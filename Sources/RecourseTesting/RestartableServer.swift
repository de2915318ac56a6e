package import CollectionsStore
import EmbeddedPostgres
import Foundation
package import PostgresDriver

/// A server of a test's own that can be killed and started again, with one migrated database on it.
///
/// Its data is in memory where there is room, and synchronised all the same: what it acknowledged survives a kill.
package final class RestartableServer: Sendable {
    private static let databaseName = "recourse"
    private let server: PostgresServer

    private init(server: PostgresServer) {
        self.server = server
    }

    static func make(lanes: Int32, rehearsal: Bool) async throws -> RestartableServer {
        let account = try ServerAccount.find()
        let binaries = try PostgresBinaries.find(path: "/usr/local/bin:/usr/bin:/bin")
        let base =
            ServerSettings.throwAwayRoot + "/recourse-kill-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
        var configuration = PostgresServer.Configuration(base: base, account: account, binaries: binaries, port: 5432)
        configuration.settings =
            ServerSettings.durable + [
                ("shared_buffers", "128MB"), ("max_wal_size", "1GB"), ("dynamic_shared_memory_type", "mmap"),
            ]
        configuration.careless = true
        configuration.removedAfterwards = true
        let server = RestartableServer(server: PostgresServer(configuration, logger: TestServer.logger))
        try await server.server.start()
        try await ServerRoles.prepare(
            administrator: server.login(user: "postgres", database: "postgres"), password: "test", database: databaseName,
            logger: TestServer.logger)
        try await MigrateDatabase.run(
            MigrateDatabase.Options(lanes: lanes, rehearsal: rehearsal, dataKey: TestServer.dataKey), as: server.ownerLogin,
            logger: TestServer.logger)
        return server
    }

    private func login(user: String, database: String = databaseName) -> PostgresConfiguration {
        TestServer.login(server, user: user, database: database)
    }

    /// As the schema's owner.
    package var ownerLogin: PostgresConfiguration { login(user: PrivateCluster.ownerRole) }
    /// As a superuser.
    package var administratorLogin: PostgresConfiguration { login(user: "postgres") }

    /// The database's address as a role, for other processes.
    package func url(user: String = PrivateCluster.ownerRole) -> String {
        "postgres://\(user)@\(server.socketDirectory.replacing("/", with: "%2F")):\(server.configuration.port)/\(Self.databaseName)"
    }

    /// The key personal data is sealed with, for other processes: base64, as `RECOURSE_DATA_KEY` wants it.
    package var dataKeyText: String { Data(TestServer.dataKey).base64EncodedString() }

    /// Opens the database as a process of the bank does. Close it.
    package func open(connections: Int = 6) async throws -> Database {
        try await Database.open(
            DatabaseConfiguration(
                core: login(user: PrivateCluster.coreRole), api: login(user: PrivateCluster.apiRole), dataKey: TestServer.dataKey,
                coreConnections: connections, apiConnections: connections),
            logger: TestServer.logger)
    }

    /// Kills the server as a power cut would (SIGKILL, no shutdown); returns when its main process is gone.
    package func kill() async throws { try await server.crash() }

    /// Starts it again after ``kill()``; returns when it accepts connections.
    package func start() async throws { try await server.start() }

    func destroy() async throws { try await server.stop(removing: true) }
}

extension TestDatabase {
    /// A server of the test's own that can be killed and started again; gone afterwards.
    package static func withRestartableServer<Value>(
        lanes: Int32 = TestServer.lanes, rehearsal: Bool = true, _ body: (RestartableServer) async throws -> Value
    ) async throws -> Value {
        let server = try await RestartableServer.make(lanes: lanes, rehearsal: rehearsal)
        do {
            let value = try await body(server)
            try await server.destroy()
            return value
        } catch {
            try await server.destroy()
            throw error
        }
    }
}
