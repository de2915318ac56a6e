import Foundation
package import Logging
package import PostgresDriver

/// The PostgreSQL that `recourse` starts for itself where no database is named.
///
/// Made once below a directory (`.recourse`), started with the first command that needs it, stopped with the last one that uses it unless
/// it was asked to stay. It listens on a unix socket in a directory only its user can enter, and on the loopback interface with a
/// password. Its user is never root.
package final class PrivateCluster: Sendable {
    /// The database's name.
    package static let databaseName = "recourse"
    /// Logs in to migrate; owns the schema.
    package static let ownerRole = "recourse_owner"
    /// Runs operators' commands and scheduled runs.
    package static let coreRole = "recourse_core"
    /// Serves agencies; sees what row-level security lets it.
    package static let apiRole = "recourse_api"

    /// Where its files are.
    package let location: ClusterLocation
    /// The 32-byte data key of this directory, made with it.
    package let dataKey: [UInt8]
    /// The server.
    package let server: PostgresServer
    private let password: String
    private let logger: Logger

    private init(location: ClusterLocation, dataKey: [UInt8], server: PostgresServer, password: String, logger: Logger) {
        self.location = location
        self.dataKey = dataKey
        self.server = server
        self.password = password
        self.logger = logger
    }

    /// Finds the cluster of a directory without starting it. The directory, its keys and its server account are made where missing.
    ///
    /// - Parameters:
    ///   - directory: Usually `.recourse`.
    ///   - path: The value of `PATH`, where server programs are looked for beside their usual places.
    package static func find(directory: String, path: String = "/usr/bin:/bin:/usr/local/bin", logger: Logger) throws -> PrivateCluster {
        let account = try ServerAccount.find()
        let location = try ClusterLocation.resolve(directory: directory, account: account)
        let version = FileManager.default.contents(atPath: location.base + "/data/PG_VERSION")
            .flatMap { Int(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) }
        let binaries = try PostgresBinaries.find(path: path, dataVersion: version)
        let dataKey = try PrivateFile.read(location.directory + "/data.key") { Array(Data(PrivateFile.random(32)).base64EncodedData()) }
        guard let key = Data(base64Encoded: Data(dataKey).filter { $0 > 0x20 }), key.count == 32 else {
            throw EmbeddedPostgresError.directory(path: location.directory + "/data.key", reason: "it does not hold 32 bytes in base64")
        }
        let password = try PrivateFile.read(location.directory + "/password") {
            PrivateFile.random(24).flatMap { byte in Array((byte < 16 ? "0" : "").utf8) + Array(String(byte, radix: 16).utf8) }
        }
        var configuration = PostgresServer.Configuration(base: location.base, account: account, binaries: binaries, port: 0)
        configuration.socketDirectory = location.socketDirectory
        configuration.loopback = true
        configuration.settings = ServerSettings.durable
        configuration.port = try port(of: location, runs: PostgresServer(configuration, logger: logger).running() != nil)
        return PrivateCluster(
            location: location, dataKey: Array(key), server: PostgresServer(configuration, logger: logger),
            password: String(decoding: password, as: UTF8.self), logger: logger)
    }

    /// The port of the last time if the server runs or the port is free, else a free one: addresses stay valid where they can.
    private static func port(of location: ClusterLocation, runs: Bool) throws -> Int {
        let file = location.directory + "/port"
        let known = FileManager.default.contents(atPath: file).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        if let known, runs || FreePort.isFree(known) { return known }
        let port = try FreePort.find()
        try Data(String(port).utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        return port
    }

    /// Starts (or joins) the cluster of a directory: makes it where it is missing, with database and roles.
    ///
    /// - Parameters:
    ///   - directory: Usually `.recourse`.
    ///   - keepRunning: Whether it outlives the commands that use it, until `recourse db stop`.
    /// - Throws: ``EmbeddedPostgresError``, or a `PostgresError` of the set-up.
    package static func start(
        directory: String = ".recourse", keepRunning: Bool, path: String = "/usr/bin:/bin:/usr/local/bin", logger: Logger
    ) async throws -> PrivateCluster {
        let cluster = try find(directory: directory, path: path, logger: logger)
        if cluster.server.running() == nil {
            logger.info("starting the private PostgreSQL", metadata: ["db.directory": "\(cluster.location.base)"])
        }
        try await cluster.server.start(stay: keepRunning)
        try await cluster.prepare()
        return cluster
    }

    /// Lets go of the cluster; see ``PostgresServer/release()``.
    package func stop() async throws { try await server.release() }

    // MARK: Addresses

    private func configuration(user: String, database: String = databaseName) -> PostgresConfiguration {
        let running = server.running()
        return PostgresConfiguration(
            hosts: [.init(running?.socketDirectory ?? server.socketDirectory, port: running?.port ?? server.configuration.port)],
            user: user,
            password: password, database: database, applicationName: "recourse")
    }

    /// As the schema's owner, for migrations.
    package var ownerConfiguration: PostgresConfiguration { configuration(user: Self.ownerRole) }
    /// As the role of operators and runs.
    package var coreConfiguration: PostgresConfiguration { configuration(user: Self.coreRole) }
    /// As the role that serves agencies.
    package var apiConfiguration: PostgresConfiguration { configuration(user: Self.apiRole) }

    private func address(user: String, loopback: Bool) -> String {
        let configuration = configuration(user: user)
        let host = configuration.hosts[0]
        if loopback { return "postgres://\(user):\(password)@127.0.0.1:\(host.port)/\(Self.databaseName)" }
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let directory = host.name.addingPercentEncoding(withAllowedCharacters: allowed) ?? host.name
        return "postgres://\(user)@\(directory):\(host.port)/\(Self.databaseName)"
    }

    /// The address as the schema's owner, over the socket.
    package var url: String { address(user: Self.ownerRole, loopback: false) }
    /// The address as the role of operators and runs, over the socket.
    package var coreURL: String { address(user: Self.coreRole, loopback: false) }
    /// The address as the role that serves agencies, over the socket.
    package var apiURL: String { address(user: Self.apiRole, loopback: false) }
    /// The address as the schema's owner, over the loopback interface, with its password.
    package var loopbackURL: String { address(user: Self.ownerRole, loopback: true) }

    // MARK: Set-up

    /// Makes roles and database where they are missing; each step can be repeated, so a crash between them does no harm.
    private func prepare() async throws {
        try await ServerRoles.prepare(
            administrator: configuration(user: "postgres", database: "postgres"), password: password, database: Self.databaseName,
            logger: logger)
    }
}
