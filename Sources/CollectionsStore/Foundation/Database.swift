import CollectionsDomain
package import Logging
package import PostgresDriver

/// Where a database is and how it is used.
package struct DatabaseConfiguration: Sendable {
    /// As the role of operators and runs (`recourse_core`).
    package var core: PostgresConfiguration
    /// As the role that serves agencies (`recourse_api`).
    package var api: PostgresConfiguration
    /// 32 bytes personal data is sealed with.
    package var dataKey: [UInt8]
    /// The most connections of the operators' pool.
    package var coreConnections: Int
    /// The most connections of the agencies' pool.
    package var apiConnections: Int
    /// Ids per block.
    package var idBlockSize: Int64

    /// A configuration with pools of the sizes measured to be enough for two cores.
    package init(
        core: PostgresConfiguration, api: PostgresConfiguration, dataKey: [UInt8], coreConnections: Int = 8, apiConnections: Int = 8,
        idBlockSize: Int64 = IdBlocks.standardSize
    ) {
        self.core = core
        self.api = api
        self.dataKey = dataKey
        self.coreConnections = coreConnections
        self.apiConnections = apiConnections
        self.idBlockSize = idBlockSize
    }
}

/// Why a database that answers cannot be used.
package enum DatabaseError: Error, Hashable, CustomStringConvertible {
    /// The tables are missing.
    case noSchema
    /// The tables are of an older version of this program, or a newer one.
    case otherSchema(applied: Int, known: Int)
    /// The data key is not the one this database's personal data was sealed with.
    case otherDataKey
    /// The lane count stored is none.
    case badLanes(String)
    /// The lane count asked for is not the one the database has.
    case otherLanes(stored: Int32, wanted: Int32)
    /// Rehearsal was asked for, and the database is a production one, or the reverse.
    case notRehearsal
    /// A login would have to become this role, and its sessions are a pooler's.
    case roleBehindPooler(String)

    package var description: String {
        switch self {
        case .noSchema: "the database holds no tables of this program (hint: recourse migrate)"
        case .otherSchema(let applied, let known):
            applied < known
                ? "the database is at migration \(applied), this program needs \(known) (hint: recourse migrate)"
                : "the database is at migration \(applied), this program knows \(known) (hint: use the newer program)"
        case .otherDataKey:
            "the data key is not the one personal data of this database was sealed with (hint: RECOURSE_DATA_KEY, or data.key of its directory)"
        case .badLanes(let text): "the stored lane count \(text) is no power of two up to \(Lanes.allowed.upperBound)"
        case .otherLanes(let stored, let wanted): "the database has \(stored) lanes, which never change; \(wanted) were asked for"
        case .notRehearsal: "the database was made for production and cannot become a rehearsal (hint: use a new database)"
        case .roleBehindPooler(let role):
            "no login can become \(role) behind a pooler in transaction mode (hint: \(role) needs a login of its own, "
                + (role == RoleQueries.api ? "RECOURSE_API_DATABASE_URL)" : "in DATABASE_URL)")
        }
    }
}

/// The pools of one process, and what every transaction needs beside them.
package final class Database: Sendable {
    /// As `recourse_core`: operators' commands and scheduled runs.
    package let core: PostgresPool
    /// As `recourse_api`: what agencies ask; sees the rows of the agencies a transaction names.
    package let api: PostgresPool
    /// The lanes.
    package let lanes: Lanes
    /// Seals and opens personal data.
    package let cipher: PersonalCipher
    /// Makes ids.
    package let ids: IdBlocks
    /// Writes audit entries.
    package let audit: AuditStreams
    /// The directory of business keys.
    package let refs: RefDirectory
    /// Whether the clock may be set.
    package let isRehearsal: Bool
    /// How it was opened.
    package let configuration: DatabaseConfiguration
    /// One connection for ids and checkpoints: a transaction that waits for an id must not wait for its own pool.
    private let housekeeping: PostgresPool

    private init(
        configuration: DatabaseConfiguration, core: PostgresPool, api: PostgresPool, housekeeping: PostgresPool, cipher: PersonalCipher,
        facts: Facts
    ) {
        self.configuration = configuration
        self.core = core
        self.api = api
        self.housekeeping = housekeeping
        self.cipher = cipher
        lanes = facts.lanes
        isRehearsal = facts.isRehearsal
        refs = RefDirectory(lanes: facts.lanes)
        ids = IdBlocks(pool: housekeeping, lanes: facts.lanes, size: configuration.idBlockSize)
        audit = AuditStreams(ids: ids, pool: housekeeping)
    }

    private struct Facts: Sendable {
        let lanes: Lanes
        let isRehearsal: Bool
    }

    // MARK: Opening

    /// Opens the pools of a migrated database, after making sure that the data key is its own and that its lanes are known.
    ///
    /// - Throws: ``DatabaseError``, ``PersonalCipherError``, or the driver's error when it cannot be reached.
    package static func open(_ configuration: DatabaseConfiguration, logger: Logger) async throws -> Database {
        let cipher = try PersonalCipher(dataKey: configuration.dataKey)
        // One plain connection first: it fails at once and with the true reason, where a pool would go on trying.
        let connection = try await PostgresConnection.connect(configuration.core.forRecourse, logger: logger)
        let facts: Facts
        do {
            facts = try await Self.facts(cipher: cipher, in: connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        func pool(_ login: PostgresConfiguration, name: String, max: Int) -> PostgresPool {
            PostgresPool(configuration: login.forRecourse, limits: PostgresPool.Limits(max: max), name: name, logger: logger)
        }
        return Database(
            configuration: configuration, core: pool(configuration.core, name: "core", max: configuration.coreConnections),
            api: pool(configuration.api, name: "api", max: configuration.apiConnections),
            housekeeping: pool(configuration.core, name: "housekeeping", max: 1), cipher: cipher, facts: facts)
    }

    private static func facts(cipher: PersonalCipher, in db: PostgresConnection) async throws -> Facts {
        try await MigrateDatabase.requireCurrent(in: db)
        guard let text = try await SettingQueries.value(.lanes, in: db) else { throw DatabaseError.noSchema }
        guard let count = Int32(text), let lanes = Lanes(count: count) else { throw DatabaseError.badLanes(text) }
        let key = try await SettingQueries.value(.dataKey, in: db)
        guard key == nil || key == Digest.hex(cipher.fingerprint) else { throw DatabaseError.otherDataKey }
        return Facts(lanes: lanes, isRehearsal: try await SettingQueries.isRehearsal(in: db))
    }

    /// Closes the pools: waits for what runs, up to ten seconds.
    package func close() async {
        await core.shutdown()
        await api.shutdown()
        await housekeeping.shutdown()
    }
}

extension PostgresConfiguration {
    /// Sessions reckon in UTC, whatever the server's default: SQL that adds days to instants must not depend on a machine's zone.
    fileprivate var forRecourse: PostgresConfiguration {
        var login = self
        if login.extra["timezone"] == nil, login.extra["TimeZone"] == nil { login.extra["timezone"] = "UTC" }
        if login.applicationName.isEmpty { login.applicationName = "recourse" }
        return login
    }
}
