package import CollectionsDomain
package import PostgresDriver

/// A dispute that waits for the bank's word.
package struct OpenDispute: Hashable, Sendable {
    package let part: Int32
    package let debtorId: Int64
    package let debtorRef: String
    /// `nil`: everything of the debtor is in dispute.
    package let accountId: Int64?
    package let accountRef: String?
    package let since: Instant
    package let setBy: String
}

/// Disputes: the SQL.
package enum DisputeQueries {
    /// Open disputes of a lane, the oldest first; of one debtor if named.
    package static func open(part: Int32, debtor: Int64? = nil, in db: PostgresConnection) async throws -> [OpenDispute] {
        try await db.query(
            """
            select h.debtor_id, d.debtor_ref, h.account_id, a.account_ref, h.set_at, h.set_by from hold h
            join debtor d on d.part = h.part and d.debtor_id = h.debtor_id
            left join account a on a.part = h.part and a.account_id = h.account_id
            where h.part = \(part) and h.state = 'open' and h.type = 'dispute' and (\(debtor)::bigint is null or h.debtor_id = \(debtor)::bigint)
            order by h.set_at, h.hold_id
            """
        ).map { row in
            OpenDispute(
                part: part, debtorId: try row.get(0), debtorRef: try row.get(1), accountId: try row.get(2), accountRef: try row.get(3),
                since: try row.get(4), setBy: try row.get(5))
        }
    }
}
