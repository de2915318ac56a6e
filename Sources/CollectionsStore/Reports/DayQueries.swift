package import CollectionsDomain
package import PostgresDriver

/// What came and what ran, for the board of the day: the SQL.
package enum DayQueries {
    /// Files that were loaded since an instant of business time: kind, and when the last of it was in.
    package static func files(since: Instant, in db: PostgresConnection) async throws -> [(kind: String, at: Instant)] {
        try await db.query("select kind, ended_at from import_file where state = 'loaded' and ended_at >= \(since) order by ended_at")
            .map {
                (try $0.get(0), try $0.get(1))
            }
    }

    /// When runs of a kind ended well since an instant: the business time they ran for.
    package static func runs(_ kind: String, since: Instant, in db: PostgresConnection) async throws -> [Instant] {
        try await db.query(
            "select business_at from run where kind = \(kind) and state = 'done' and business_at >= \(since) order by business_at"
        ).map { try $0.get(0) }
    }

    /// Agencies that get no work, and why.
    package static func suspended(in db: PostgresConnection) async throws -> [(name: String, reason: String)] {
        try await db.query("select name, coalesce(state_reason, '') from agency where state = 'suspended' order by name").map {
            (try $0.get(0), try $0.get(1))
        }
    }
}
