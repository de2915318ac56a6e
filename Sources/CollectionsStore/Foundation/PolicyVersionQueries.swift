package import CollectionsDomain
package import PostgresDriver

/// A policy as it was loaded: what every decision names by its number.
package struct PolicyVersion: Hashable, Sendable {
    /// Key, rising with every load.
    package let number: Int32
    /// The policy's name.
    package let policyId: String
    /// The version its file gives itself.
    package let version: String
    /// SHA-256 of ``yaml``.
    package let sha256: [UInt8]
    /// The text: the file, and before it the files it extends, as `PolicyService` joins them.
    package let yaml: String
    /// First day it holds.
    package let effectiveFrom: Day
    /// Last day it holds; nil: until another.
    package let effectiveTo: Day?
}

/// Loaded policies: the SQL.
package enum PolicyVersionQueries {
    private static let columns = "policy_version, policy_id, version, sha256, yaml, effective_from, effective_to"

    /// Stores a policy, or returns the number it has: the same bytes are the same version.
    package static func insert(
        policyId: String, version: String, sha256: [UInt8], yaml: String, effectiveFrom: Day, effectiveTo: Day?, now: Now,
        in db: PostgresConnection
    ) async throws -> Int32 {
        let made = try await db.query(
            """
            insert into policy_version (policy_id, version, sha256, yaml, effective_from, effective_to, loaded_at)
            values (\(policyId), \(version), \(sha256), \(yaml), \(effectiveFrom), \(effectiveTo), \(now.business))
            on conflict (sha256) do nothing returning policy_version
            """)
        if let row = made.first { return try row.get(0) }
        return try await db.query("select policy_version from policy_version where sha256 = \(sha256)").value()
    }

    /// The policy in force on a day: of those that hold on it, the one loaded last.
    package static func current(at day: Day, in db: PostgresConnection) async throws -> PolicyVersion? {
        try await db.query(
            """
            select \(unescaped: columns) from policy_version
            where effective_from <= \(day) and (effective_to is null or effective_to >= \(day)) order by policy_version desc limit 1
            """
        ).first.map(decode)
    }

    /// The policy of a number.
    package static func find(number: Int32, in db: PostgresConnection) async throws -> PolicyVersion? {
        try await db.query("select \(unescaped: columns) from policy_version where policy_version = \(number)").first.map(decode)
    }

    /// Every load, newest first, without the texts.
    package static func list(in db: PostgresConnection) async throws -> [PolicyVersion] {
        try await db.query(
            """
            select policy_version, policy_id, version, sha256, '' as yaml, effective_from, effective_to from policy_version
            order by policy_version desc
            """
        ).map(decode)
    }

    private static func decode(_ row: PostgresRow) throws -> PolicyVersion {
        let (number, policyId, version, sha256, yaml, from, to) = try row.decode((Int32, String, String, [UInt8], String, Day, Day?).self)
        return PolicyVersion(
            number: number, policyId: policyId, version: version, sha256: sha256, yaml: yaml, effectiveFrom: from, effectiveTo: to)
    }
}
