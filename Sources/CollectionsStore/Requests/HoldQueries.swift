package import CollectionsDomain
package import PostgresDriver

/// Holds on record: the SQL.
package enum HoldQueries {
    /// The keys of open holds of a type on exactly this target.
    package static func open(
        part: Int32, debtor: Int64, account: Int64?, type: HoldType, in db: PostgresConnection
    ) async throws -> [Int64] {
        try await db.query(
            """
            select hold_id from hold where part = \(part) and debtor_id = \(debtor) and type = \(type.rawValue) and state = 'open'
                and account_id is not distinct from \(account)::bigint order by hold_id
            """
        ).map { try $0.get(0) }
    }
}
