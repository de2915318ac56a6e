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

extension HoldQueries {
    /// The hold of the bank's own key.
    package static func find(
        part: Int32, reference: String, in db: PostgresConnection
    ) async throws -> (debtor: Int64, account: Int64?, type: HoldType)? {
        try await db.query("select debtor_id, account_id, type from hold where part = \(part) and hold_ref = \(reference)").first.map {
            (try $0.get(0), try $0.get(1), try $0.get(2))
        }
    }

    /// Notes the bank's key on a hold that has none.
    package static func name(part: Int32, id: Int64, reference: String, in db: PostgresConnection) async throws {
        try await db.query("update hold set hold_ref = \(reference) where part = \(part) and hold_id = \(id) and hold_ref is null")
    }
}
