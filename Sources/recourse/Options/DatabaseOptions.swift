import ArgumentParser
import CollectionsStore
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver

/// Which database a command works on.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp("The database; else DATABASE_URL, else PGHOST and its kin, else a private PostgreSQL.", valueName: "url"))
    var url: String?
    @Option(
        name: .customLong("api-database-url"),
        help: ArgumentHelp(
            "The database as the role that serves agencies; else RECOURSE_API_DATABASE_URL, else the same address as recourse_api.",
            valueName: "url"))
    var apiURL: String?
    @Option(help: ArgumentHelp("The directory of the private PostgreSQL and of the data key.", valueName: "path"))
    var directory = ".recourse"
    @Option(name: .customLong("database-wait"), help: ArgumentHelp("How long to wait for a database that is away.", valueName: "seconds"))
    var wait = 15

    func validate() throws {
        guard (0...3_600).contains(wait) else { throw ValidationError("--database-wait must be 0...3600 seconds, got \(wait)") }
    }

    /// Opens the database, starting the private cluster if none is named, and closes it afterwards.
    ///
    /// - Parameters:
    ///   - connections: The most connections of each pool.
    ///   - restartable: Whether `body` may be run again from its beginning when the database went away in the middle: for jobs whose parts are
    ///     done once however often they are asked for. It then waits for the database as at the start.
    /// - Throws: What `body` throws; `DatabaseError`, `EmbeddedPostgresError`, `PostgresError` when it cannot be reached or used.
    func withDatabase<Value>(
        connections: Int = 8, restartable: Bool = false, _ body: (Database) async throws -> Value
    ) async throws -> Value {
        try await withAddress { address in
            let database = try await whileAway("the database") {
                let roles = try await address.roles(logger: logger)
                var configuration = DatabaseConfiguration(core: roles.core, api: roles.api, dataKey: try address.requireKey())
                configuration.coreConnections = connections
                configuration.apiConnections = connections
                return try await Database.open(configuration, logger: logger)
            }
            do {
                let value = restartable ? try await rerunning(database, body) : try await body(database)
                await database.close()
                return value
            } catch {
                await database.close()
                throw error
            }
        }
    }

    /// Outages a restartable job sits out before it gives up.
    private static let mostOutages = 20

    private func rerunning<Value>(_ database: Database, _ body: (Database) async throws -> Value) async throws -> Value {
        for _ in 0..<Self.mostOutages {
            do {
                return try await body(database)
            } catch let error as PostgresError where error.mayComeBack || error.outcomeUnknown {
                Terminal.note("recourse: lost the database (\(error.message)); waiting for it")
                try await whileAway("the database") {
                    try await PostgresConnection.connect(database.configuration.core, logger: logger).close()
                }
                Terminal.note("recourse: the database is back; going on")
            }
        }
        return try await body(database)
    }

    var logger: Logger { Self.logger(named: "recourse") }

    static func logger(named name: String) -> Logger { Logger(label: name) }

    /// Finds the address, starting the private cluster if none is named; lets go of the cluster afterwards.
    func withAddress<Value>(keepRunning: Bool = false, _ body: (DatabaseAddress) async throws -> Value) async throws -> Value {
        if let address = try namedAddress() { return try await body(address) }
        return try await withPrivateCluster(keepRunning: keepRunning, body)
    }

    /// Starts the private cluster of the directory, whatever address the environment names; lets go of it afterwards.
    func withPrivateCluster<Value>(keepRunning: Bool = false, _ body: (DatabaseAddress) async throws -> Value) async throws -> Value {
        let cluster = try await PrivateCluster.start(
            directory: directory, keepRunning: keepRunning, path: ProcessInfo.variables["PATH"] ?? "", logger: logger)
        let address = DatabaseAddress(
            owner: cluster.ownerConfiguration, core: cluster.coreConfiguration, api: try apiConfiguration() ?? cluster.apiConfiguration,
            dataKey: try environmentKey() ?? cluster.dataKey, cluster: cluster, keyFile: directory + "/data.key")
        do {
            let value = try await body(address)
            try await cluster.stop()
            return value
        } catch {
            do { try await cluster.stop() } catch let stopping {
                logger.warning("the private PostgreSQL did not stop", metadata: ["error": "\(stopping)"])
            }
            throw error
        }
    }

    /// The address the user named, if any.
    private func namedAddress() throws -> DatabaseAddress? {
        let variables = ProcessInfo.variables
        let configuration: PostgresConfiguration
        if let url = url ?? variables["DATABASE_URL"], !url.isEmpty {
            do {
                configuration = try PostgresConfiguration(url: url)
            } catch {
                throw UsageError("\(self.url == nil ? "DATABASE_URL" : "--database-url"): \(error.message)")
            }
        } else if ["PGHOST", "PGDATABASE"].contains(where: { !(variables[$0] ?? "").isEmpty }) {
            configuration = try PostgresConfiguration(environment: variables)
        } else {
            return nil
        }
        let keyFile = directory + "/data.key"
        return DatabaseAddress(
            owner: configuration, core: configuration, api: try apiConfiguration(),
            dataKey: try environmentKey() ?? Self.key(inFile: keyFile),
            cluster: nil, keyFile: keyFile)
    }

    private func apiConfiguration() throws -> PostgresConfiguration? {
        guard let url = apiURL ?? ProcessInfo.variables["RECOURSE_API_DATABASE_URL"], !url.isEmpty else { return nil }
        do {
            return try PostgresConfiguration(url: url)
        } catch {
            throw UsageError("\(apiURL == nil ? "RECOURSE_API_DATABASE_URL" : "--api-database-url"): \(error.message)")
        }
    }

    private func environmentKey() throws -> [UInt8]? {
        guard let text = ProcessInfo.variables["RECOURSE_DATA_KEY"], !text.isEmpty else { return nil }
        guard let data = Data(base64Encoded: text), data.count == PersonalCipher.keyBytes else {
            throw UsageError("RECOURSE_DATA_KEY must be 32 bytes in base64 (hint: openssl rand -base64 32)")
        }
        return Array(data)
    }

    private static func key(inFile path: String) throws -> [UInt8]? {
        guard let content = FileManager.default.contents(atPath: path) else { return nil }
        let text = String(decoding: content, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let data = Data(base64Encoded: text), data.count == PersonalCipher.keyBytes else {
            throw UsageError("\(path) must hold 32 bytes in base64")
        }
        return Array(data)
    }

    /// Does something that needs the database, again and again while it is away, and says so.
    func whileAway<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now.advanced(by: .seconds(wait))
        var pause = Duration.milliseconds(500)
        while true {
            do {
                return try await body()
            } catch let error as PostgresError where error.mayComeBack && ContinuousClock.now < deadline {
                Terminal.note("recourse: \(what) is away (\(error.message)); trying again")
                try await Task.sleep(for: min(pause, max(.milliseconds(50), deadline - .now)))
                pause = min(pause * 2, .seconds(4))
            }
        }
    }
}

extension PostgresError {
    /// Whether waiting may help: the server is down, starting, or full. A wrong password or a missing database stays so.
    var mayComeBack: Bool {
        guard isConnectionLoss || code == .poolTimeout || sqlState == "53300" else { return false }
        if let sqlState { return sqlState.hasPrefix("08") || sqlState.hasPrefix("57P") || sqlState == "53300" }
        // libpq gives no SQLSTATE for a refused login, only the server's words.
        guard code == .connectionFailed, message.contains("FATAL") else { return true }
        return ["starting up", "shutting down", "recovery", "too many", "remaining connection slots"].contains { message.contains($0) }
    }
}

/// Where a database is, as each role, and with which key its personal data is sealed.
struct DatabaseAddress: Sendable {
    /// As who migrates.
    let owner: PostgresConfiguration
    /// As who runs operators' commands, or who may become that role.
    let core: PostgresConfiguration
    /// As who serves agencies; nil: the same login, which becomes that role.
    let api: PostgresConfiguration?
    /// The data key, if one is known.
    let dataKey: [UInt8]?
    /// The private cluster, if this is one.
    let cluster: PrivateCluster?
    /// Where a key made for this database is kept.
    let keyFile: String

    /// The data key, which must exist by now.
    func requireKey() throws -> [UInt8] {
        guard let dataKey else {
            throw UsageError(
                "no data key: set RECOURSE_DATA_KEY to the 32 bytes (base64) this database was migrated with, or use its \(keyFile)")
        }
        return dataKey
    }

    /// Both logins as the roles they work as.
    func roles(logger: Logger) async throws -> (core: PostgresConfiguration, api: PostgresConfiguration) {
        if cluster != nil, let api { return (core, api) }
        let core = try await RoleQueries.assuming(RoleQueries.core, with: core, orItself: true, logger: logger)
        if let api { return (core, api) }
        return (core, try await RoleQueries.assuming(RoleQueries.api, with: self.core, orItself: false, logger: logger))
    }
}
