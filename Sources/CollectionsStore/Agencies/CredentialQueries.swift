package import CollectionsDomain
package import PostgresDriver

/// Tokens of agencies: only their hashes are kept.
package enum CredentialQueries {
    /// A token that was made, without the token.
    package struct Credential: Hashable, Sendable {
        package let label: String
        package let createdAt: Instant
        /// `nil`: in force.
        package let revokedAt: Instant?
    }

    /// Stores the hash of a new token.
    package static func insert(hash: [UInt8], agencyId: Int32, label: String, at: Instant, in db: PostgresConnection) async throws {
        try await db.query(
            "insert into agency_credential (token_hash, agency_id, label, created_at) values (\(hash), \(agencyId), \(label), \(at))")
    }

    /// Ends an agency's tokens, all or those of one label, and returns how many it ended.
    package static func revoke(agencyId: Int32, label: String?, at: Instant, in db: PostgresConnection) async throws -> Int {
        try await db.query(
            """
            update agency_credential set revoked_at = \(at)
            where agency_id = \(agencyId) and revoked_at is null and (\(label)::text is null or label = \(label))
            returning label
            """
        ).count
    }

    /// An agency's tokens, the oldest first.
    package static func list(agencyId: Int32, in db: PostgresConnection) async throws -> [Credential] {
        try await db.query(
            "select label, created_at, revoked_at from agency_credential where agency_id = \(agencyId) order by created_at, label"
        )
        .map { row in
            let (label, created, revoked) = try row.decode((String, Instant, Instant?).self)
            return Credential(label: label, createdAt: created, revokedAt: revoked)
        }
    }

    /// The agency a token's hash belongs to; nil for an unknown or revoked one. Runs in the API's role.
    package static func agency(ofTokenHash hash: [UInt8], in db: PostgresConnection) async throws -> AgencyIdentity? {
        let result = try await db.query(
            """
            select a.agency_id, a.name, a.kind, a.state from agency_credential c join agency a on a.agency_id = c.agency_id
            where c.token_hash = \(hash) and c.revoked_at is null
            """)
        guard let row = result.first else { return nil }
        let (id, name, kindText, stateText) = try row.decode((Int32, String, String, String).self)
        guard let kind = AgencyKind(rawValue: kindText) else { throw UnreadableAgency(agencyId: id, column: "kind") }
        guard let state = AgencyState(rawValue: stateText) else { throw UnreadableAgency(agencyId: id, column: "state") }
        return AgencyIdentity(agencyId: id, name: name, kind: kind, state: state)
    }
}
