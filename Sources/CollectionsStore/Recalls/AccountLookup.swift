import CollectionsDomain
package import PostgresDriver

/// Finding an account by the bank's reference alone, in whatever currency, for people who type.
package enum AccountLookup {
    /// The account and its debtor; the first currency's where a card has two.
    package static func find(
        _ reference: String, lanes: Lanes, in db: PostgresConnection
    ) async throws -> (part: Int32, account: Int64, debtor: Int64)? {
        for part in lanes.all {
            let found = try await db.query(
                "select account_id, debtor_id from account where part = \(part) and account_ref = \(reference) order by currency limit 1")
            if let row = found.first {
                let (account, debtor) = try row.decode((Int64, Int64).self)
                return (part, account, debtor)
            }
        }
        return nil
    }

    /// Many accounts at once, by reference; the first currency's where a card has two.
    package static func find(
        _ references: [String], parts: [Int32], in db: PostgresConnection
    ) async throws -> [String: (part: Int32, account: Int64, debtor: Int64)] {
        var found: [String: (part: Int32, account: Int64, debtor: Int64)] = [:]
        for row in try await db.query(
            """
            select k.ref, x.part, x.account_id, x.debtor_id from unnest(\(parts)) l (part) cross join unnest(\(references)) k (ref)
            cross join lateral (
                select part, account_id, debtor_id from account where part = l.part and account_ref = k.ref order by currency limit 1) x
            """)
        {
            let (ref, part, account, debtor) = try row.decode((String, Int32, Int64, Int64).self)
            found[ref] = (part, account, debtor)
        }
        return found
    }
}
