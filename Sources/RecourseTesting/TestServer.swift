import CollectionsStore
package import EmbeddedPostgres
import Foundation
import Logging
package import PostgresDriver

/// The throw-away PostgreSQL of a test process: made with the first test that needs it, gone with the process however it ends.
///
/// Nothing is synchronised to disk. One database, migrated once, is the template of all others; a clone costs some 30 ms.
package final class TestServer: Sendable {
    /// The key personal data of test databases is sealed with.
    package static let dataKey: [UInt8] = Array(0..<32)
    /// The lanes of test databases.
    package static let lanes: Int32 = 16

    /// The tests that hold a database at a time: two cores and one disk gain nothing from more.
    static let tests = AsyncSemaphore(4)
    /// Clones made at a time.
    private static let clones = AsyncSemaphore(2)
    private static let template = "recourse_template"
    static let logger = Logger(label: "recourse.testing") { _ in SwiftLogNoOpLogHandler() }

    /// The server of this process.
    package static func shared() async throws -> TestServer { try await started.value }

    private static let started = Task { try await TestServer() }

    /// The server itself.
    package let server: PostgresServer
    private let administration: PostgresPool

    private init() async throws {
        let account = try ServerAccount.find()
        let binaries = try PostgresBinaries.find(path: "/usr/local/bin:/usr/bin:/bin")
        let base =
            ServerSettings.throwAwayRoot + "/recourse-test-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
        var configuration = PostgresServer.Configuration(base: base, account: account, binaries: binaries, port: 5432)
        configuration.settings = ServerSettings.throwAway
        configuration.careless = true
        configuration.removedAfterwards = true
        server = PostgresServer(configuration, logger: Self.logger)
        try await server.start()
        let login = Self.login(server, user: "postgres", database: "postgres")
        try await ServerRoles.prepare(administrator: login, password: "test", database: Self.template, logger: Self.logger)
        administration = PostgresPool(configuration: login, limits: PostgresPool.Limits(max: 2), logger: Self.logger)
        try await MigrateDatabase.run(
            MigrateDatabase.Options(lanes: Self.lanes, rehearsal: true, dataKey: Self.dataKey),
            as: Self.login(server, user: PrivateCluster.ownerRole, database: Self.template), logger: Self.logger)
        _ = try await administration.query("alter database recourse_template allow_connections false")
    }

    static func login(_ server: PostgresServer, user: String, database: String) -> PostgresConfiguration {
        PostgresConfiguration(
            hosts: [.init(server.socketDirectory, port: server.configuration.port)], user: user, database: database,
            applicationName: "recourse-test")
    }

    /// A login on one of the server's databases.
    package func login(user: String, database: String) -> PostgresConfiguration {
        Self.login(server, user: user, database: database)
    }

    /// Makes a database of the template.
    func makeDatabase() async throws -> String {
        let name = "t_\(UInt64.random(in: .min ... .max))"
        try await Self.clones.withPermit {
            try await administration.withConnection {
                try await $0.simple("create database \(name) template \(Self.template) strategy wal_log owner \(PrivateCluster.ownerRole)")
            }
        }
        return name
    }

    /// Makes an empty database of the owner's, for tests of the migrations themselves.
    func makeEmptyDatabase() async throws -> String {
        let name = "e_\(UInt64.random(in: .min ... .max))"
        try await administration.withConnection { try await $0.simple("create database \(name) owner \(PrivateCluster.ownerRole)") }
        return name
    }

    func dropDatabase(_ name: String) async throws {
        try await administration.withConnection { try await $0.simple("drop database if exists \(name) with (force)") }
    }
}
