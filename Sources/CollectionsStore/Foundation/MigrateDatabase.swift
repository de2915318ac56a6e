package import Logging
package import PostgresDriver
import Schema

/// Brings a database to this program's schema, and fixes what is fixed once: lanes, rehearsal, data key, clock, signing key.
package enum MigrateDatabase {
    /// What a database is made with. Only the first run decides; later runs must agree.
    package struct Options: Sendable {
        /// The lane count; nil: what the database has, ``Lanes/standard`` for a new one.
        package var lanes: Int32?
        /// Whether the clock may be set.
        package var rehearsal: Bool
        /// The data key, whose fingerprint is stored.
        package var dataKey: [UInt8]

        /// Options by their parts.
        package init(lanes: Int32? = nil, rehearsal: Bool = false, dataKey: [UInt8]) {
            self.lanes = lanes
            self.rehearsal = rehearsal
            self.dataKey = dataKey
        }
    }

    /// What a run did.
    package struct Report: Hashable, Sendable {
        /// Names of the migrations applied now, in order.
        package let applied: [String]
        /// The database's lane count.
        package let lanes: Int32
        /// Whether its clock may be set.
        package let rehearsal: Bool
    }

    /// Where one migration stands.
    package struct Line: Hashable, Sendable {
        /// Its number.
        package let number: Int
        /// Its name.
        package let name: String
        /// Whether it is applied and unchanged since.
        package let isApplied: Bool
    }

    private static func migrator(_ logger: Logger) throws -> Migrator {
        try Migrator(Schema.migrations.map { Migrator.Migration(number: $0.number, name: $0.name, sql: $0.sql) }, logger: logger)
    }

    /// Applies what is missing, then fixes what is fixed once, then makes the partitions of this month and the next.
    ///
    /// - Parameter login: Who owns the schema; a direct connection, no pooler.
    /// - Throws: ``DatabaseError`` when the database was made otherwise than asked for; the driver's error.
    @discardableResult
    package static func run(_ options: Options, as login: PostgresConfiguration, logger: Logger) async throws -> Report {
        try await withConnection(login, logger) { connection in
            let applied = try await migrator(logger).migrate(connection)
            let report = try await fix(options, applied: applied.map { "\($0.number) \($0.name)" }, in: connection)
            try await RoleQueries.grantRolesToMigrator(in: connection)
            try await Partitions.ensure(in: connection)
            return report
        }
    }

    /// Where each migration of this program stands; changes nothing.
    package static func status(as login: PostgresConfiguration, logger: Logger) async throws -> [Line] {
        try await withConnection(login, logger) { connection in
            try await migrator(logger).status(connection).map { status in
                let isApplied: Bool =
                    switch status.state {
                    case .applied: true
                    case .pending, .partial, .changed, .unknown: false
                    }
                return Line(number: status.number, name: status.name, isApplied: isApplied)
            }
        }
    }

    /// Makes sure that the tables are those this program was written for.
    ///
    /// - Throws: ``DatabaseError/noSchema``, ``DatabaseError/otherSchema(applied:known:)``.
    static func requireCurrent(in db: PostgresConnection) async throws {
        guard try await db.query("select to_regclass('schema_migration') is not null").value(as: Bool.self) else {
            throw DatabaseError.noSchema
        }
        let applied: Int32 = try await db.query("select coalesce(max(number), 0) from schema_migration where applied_at is not null")
            .value()
        let known = Schema.migrations.map(\.number).max() ?? 0
        if applied == 0 { throw DatabaseError.noSchema }
        if Int(applied) != known { throw DatabaseError.otherSchema(applied: Int(applied), known: known) }
    }

    private static func withConnection<Value>(
        _ login: PostgresConfiguration, _ logger: Logger, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(login, logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// The facts of a database: the first run's stay. The row of `setting` decides, so two first runs at once agree.
    private static func fix(_ options: Options, applied: [String], in db: PostgresConnection) async throws -> Report {
        try await db.withTransaction { db in
            let wanted = options.lanes ?? Lanes.standard.count
            let isFirst = try await SettingQueries.value(.lanes, in: db) == nil
            let storedLanes = try await SettingQueries.fix(.lanes, String(wanted), in: db)
            guard let count = Int32(storedLanes), let lanes = Lanes(count: count) else { throw DatabaseError.badLanes(storedLanes) }
            if let asked = options.lanes, asked != lanes.count { throw DatabaseError.otherLanes(stored: lanes.count, wanted: asked) }
            let rehearsal = try await SettingQueries.fix(.rehearsal, String(options.rehearsal), in: db) == "true"
            if options.rehearsal && !rehearsal { throw DatabaseError.notRehearsal }
            let fingerprint = Digest.hex(try PersonalCipher(dataKey: options.dataKey).fingerprint)
            guard try await SettingQueries.fix(.dataKey, fingerprint, in: db) == fingerprint else { throw DatabaseError.otherDataKey }
            try await ClockQueries.create(in: db)
            if isFirst { try await SigningKeyQueries.makeFirst(in: db) }
            return Report(applied: applied, lanes: lanes.count, rehearsal: rehearsal)
        }
    }
}
