import CollectionsDomain
package import CollectionsStore
import PostgresDriver
import Synchronization

/// The keys lease tokens are signed and verified with, read once and again when an unknown one turns up.
///
/// New tokens use the newest active key; every key that is not destroyed verifies, so a rotation never invalidates a lease.
package final class TokenKeys: Sendable {
    /// How often an unknown key id may cause a reading: forged ids must not become load.
    private static let pause: Duration = .seconds(1)
    /// How long a signing key is used before the table is asked whether a newer one signs.
    private static let refresh: Duration = .seconds(60)

    private struct Kept {
        var keys: [Int32: TokenKey] = [:]
        var signing: Int32?
        var readAt: ContinuousClock.Instant?
    }

    private let database: Database
    private let kept = Mutex(Kept())

    /// The key new tokens are signed with.
    package struct Signing: Sendable {
        package let kid: Int32
        package let key: TokenKey
    }

    /// The keys of a database.
    package init(database: Database) {
        self.database = database
    }

    /// The key that signs now, and its id.
    package func signing() async throws -> Signing {
        if let found = kept.withLock({ kept -> Signing? in
            guard let kid = kept.signing, let key = kept.keys[kid], let readAt = kept.readAt, .now - readAt < Self.refresh else {
                return nil
            }
            return Signing(kid: kid, key: key)
        }) {
            return found
        }
        try await read()
        guard let found = kept.withLock({ kept in kept.signing.flatMap { kid in kept.keys[kid].map { Signing(kid: kid, key: $0) } } })
        else {
            throw PostgresError(code: .configuration, message: "the database has no active signing key (hint: recourse migrate)")
        }
        return found
    }

    /// The verified token of a text; nil where it is malformed, not signed for the agency, or its key is destroyed: one answer for all.
    package func verify(_ text: some StringProtocol & Sendable, agency: Int32) async throws -> LeaseToken? {
        guard let token = LeaseToken(unverified: text) else { return nil }
        var key = kept.withLock { $0.keys[token.kid] }
        if key == nil, kept.withLock({ kept in kept.readAt.map { .now - $0 > Self.pause } ?? true }) {
            try await read()
            key = kept.withLock { $0.keys[token.kid] }
        }
        guard let key, token.part < database.lanes.count, database.lanes.part(of: token.debtorId) == token.part,
            token.isSigned(text, agency: agency, key: key)
        else { return nil }
        return token
    }

    private func read() async throws {
        let rows = try await database.core.withConnection { try await SigningKeyQueries.usable(in: $0) }
        kept.withLock { kept in
            kept.keys = Dictionary(rows.map { ($0.kid, TokenKey(secret: $0.secret)) }, uniquingKeysWith: { first, _ in first })
            kept.signing = rows.first(where: \.isActive)?.kid
            kept.readAt = .now
        }
    }
}
