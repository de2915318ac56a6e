package import CollectionsDomain
package import CollectionsStore
import EmbeddedPostgres
package import PostgresDriver

/// A migrated database of a test's own, on a rehearsal clock, with 16 lanes and the real roles.
package final class TestDatabase: Sendable {
    @TaskLocal static var bound: TestDatabase?

    /// No test with the trait `.freshDatabase` is running.
    package struct NotInScope: Error, CustomStringConvertible {
        package let description = "no test database: the suite or test lacks the trait .freshDatabase"
    }

    /// The database of the running test.
    package static var current: TestDatabase {
        get throws {
            guard let bound else { throw NotInScope() }
            return bound
        }
    }

    /// Its name on the server.
    package let name: String
    /// The server it is on.
    package let server: TestServer
    /// Opened as a process of the bank opens it: pools as `recourse_core` and `recourse_api`.
    package let database: Database
    /// As a superuser, for what no role of the program may do.
    package let administrator: PostgresPool

    private init(name: String, server: TestServer, database: Database, administrator: PostgresPool) {
        self.name = name
        self.server = server
        self.database = database
        self.administrator = administrator
    }

    static func make() async throws -> TestDatabase {
        let server = try await TestServer.shared()
        let name = try await server.makeDatabase()
        let database = try await Database.open(configuration(server, name), logger: TestServer.logger)
        let administrator = PostgresPool(
            configuration: server.login(user: "postgres", database: name), limits: PostgresPool.Limits(max: 2), logger: TestServer.logger)
        return TestDatabase(name: name, server: server, database: database, administrator: administrator)
    }

    private static func configuration(_ server: TestServer, _ name: String) -> DatabaseConfiguration {
        DatabaseConfiguration(
            core: server.login(user: PrivateCluster.coreRole, database: name),
            api: server.login(user: PrivateCluster.apiRole, database: name),
            dataKey: TestServer.dataKey, coreConnections: 6, apiConnections: 6, idBlockSize: 1_600)
    }

    func destroy() async throws {
        await database.close()
        await administrator.shutdown()
        try await server.dropDatabase(name)
    }

    /// The database's address as the schema's owner.
    package var url: String { url(user: PrivateCluster.ownerRole) }

    /// The database's address as a role.
    package func url(user: String) -> String {
        let directory = server.server.socketDirectory.replacing("/", with: "%2F")
        return "postgres://\(user)@\(directory):\(server.server.configuration.port)/\(name)"
    }

    /// A second process's view of the same database: its own pools, ids and audit streams. Close it.
    package func openAgain() async throws -> Database {
        try await Database.open(Self.configuration(server, name), logger: TestServer.logger)
    }

    /// Makes it `time` for the business, standing unless a rate is given. Unlike the program's own clock it may go back.
    package func setBusinessTime(_ time: Instant, rate: Double = 0) async throws {
        try await administrator.query(
            """
            update clock set anchor_real = now(), anchor_business = \(time), rate = \(rate), run_until = 'infinity', driver = null, driver_until = null
            """)
    }

    /// Both presents.
    package func now() async throws -> Now {
        try await database.core.withConnection { try await ClockQueries.read(in: $0) }
    }

    /// An empty database for tests of the migrations, dropped afterwards; `body` gets the owner's login, which names it.
    package static func withEmptyDatabase<Value>(
        _ body: (_ owner: PostgresConfiguration, _ server: TestServer) async throws -> Value
    ) async throws -> Value {
        let server = try await TestServer.shared()
        let name = try await server.makeEmptyDatabase()
        do {
            let value = try await body(server.login(user: PrivateCluster.ownerRole, database: name), server)
            try await server.dropDatabase(name)
            return value
        } catch {
            try await server.dropDatabase(name)
            throw error
        }
    }
}
