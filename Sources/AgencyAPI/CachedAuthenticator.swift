import Synchronization

/// Remembers for a few seconds what a credential was found to be, so that a busy worker does not cost a look-up per request.
///
/// A revoked credential works at most `lifetime` longer. That gives no contact away: suspending an agency revokes its leases and stops grants in
/// the database itself. Unknown credentials are remembered for less time, and in a bounded number.
package final class CachedAuthenticator: AgencyAuthenticator {
    private struct Entry {
        let caller: AgencyCaller?
        let until: ContinuousClock.Instant
    }

    private let base: any AgencyAuthenticator
    private let lifetime: Duration
    private let entriesMax: Int
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// Unknown credentials are asked for again after this long.
    private static let unknownLifetime = Duration.seconds(1)

    /// Puts a cache before `base`.
    package init(_ base: any AgencyAuthenticator, lifetime: Duration = .seconds(5), entriesMax: Int = 4096) {
        self.base = base
        self.lifetime = lifetime
        self.entriesMax = entriesMax
    }

    package func caller(tokenHash: [UInt8]) async throws -> AgencyCaller? {
        let now = ContinuousClock.now
        if let entry = entries.withLock({ $0[tokenHash] }), entry.until > now { return entry.caller }
        let caller = try await base.caller(tokenHash: tokenHash)
        let until = now + (caller == nil ? min(lifetime, Self.unknownLifetime) : lifetime)
        entries.withLock { entries in
            // A full cache drops what is stale, then everything: rare, and cheaper than keeping an order.
            if entries.count >= entriesMax { entries = entries.filter { $0.value.until > now } }
            if entries.count >= entriesMax { entries.removeAll() }
            entries[tokenHash] = Entry(caller: caller, until: until)
        }
        return caller
    }
}
