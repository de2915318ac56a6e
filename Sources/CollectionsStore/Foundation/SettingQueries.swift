package import PostgresDriver

/// Facts fixed when the database was made.
package enum SettingQueries {
    /// The names in use.
    package enum Name: String, CaseIterable, Sendable {
        /// The lane count.
        case lanes
        /// `true`: the clock may be set.
        case rehearsal
        /// Fingerprint (hex) of the data key personal data is sealed with.
        case dataKey = "data_key"
    }

    /// The value of a setting, or nil if it was never fixed.
    package static func value(_ name: Name, in db: PostgresConnection) async throws -> String? {
        try await db.query("select value from setting where name = \(name.rawValue)").first?.get(0)
    }

    /// Fixes a setting and returns what holds: the new value, or the one that was fixed before.
    package static func fix(_ name: Name, _ value: String, in db: PostgresConnection) async throws -> String {
        try await db.query("insert into setting (name, value) values (\(name.rawValue), \(value)) on conflict (name) do nothing")
        return try await db.query("select value from setting where name = \(name.rawValue)").value()
    }

    /// Whether the clock may be set.
    package static func isRehearsal(in db: PostgresConnection) async throws -> Bool {
        try await value(.rehearsal, in: db) == "true"
    }
}
