package import PostgresDriver

/// A secret that signs lease tokens.
package struct SigningKey: Hashable, Sendable {
    /// Names it in tokens.
    package let kid: Int32
    /// 32 random bytes.
    package let secret: [UInt8]
    /// Whether new tokens are signed with it; else it only verifies.
    package let isActive: Bool
}

/// Signing keys: the SQL.
package enum SigningKeyQueries {
    /// The length of a secret in bytes.
    package static let secretBytes = 32

    /// Makes the first key of a database, unless there is one.
    static func makeFirst(in db: PostgresConnection) async throws {
        try await db.query("lock table signing_key in share row exclusive mode")
        try await db.query(
            """
            insert into signing_key (secret, state, created_at) select \(secret()), 'active', now() where not exists (select from signing_key)
            """)
    }

    /// Makes a new key that signs from now on; the older ones still verify.
    package static func rotate(in db: PostgresConnection) async throws -> Int32 {
        try await db.query("update signing_key set state = 'retired' where state = 'active'")
        return try await db.query(
            "insert into signing_key (secret, state, created_at) values (\(secret()), 'active', now()) returning kid"
        ).value()
    }

    /// Every key that verifies, newest first; the first active one signs.
    package static func usable(in db: PostgresConnection) async throws -> [SigningKey] {
        try await db.query("select kid, secret, state = 'active' from signing_key where state <> 'destroyed' order by kid desc").map {
            row in
            let (kid, secret, isActive) = try row.decode((Int32, [UInt8], Bool).self)
            return SigningKey(kid: kid, secret: secret, isActive: isActive)
        }
    }

    private static func secret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
