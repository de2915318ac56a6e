import CollectionsDomain
package import PostgresDriver

/// What an operator's question about one account needs to know.
package struct ExplainedAccount: Sendable {
    /// The debtor's lane.
    package let part: Int32
    package let accountId: Int64
    package let debtorId: Int64
    /// The holder of the account; nil: not placed.
    package let agencyId: Int32?
    /// Accounts placed with the same holder, this one among them.
    package let accountIds: [Int64]
    /// The debtor's zone.
    package let timeZone: String
    /// Whether the bank counts the debtor to the low-risk segment.
    package let isLowRisk: Bool
    /// What the gate reads; nil for a debtor nobody worked yet.
    package let ledger: [UInt8]?
    package let points: [PointRow]
}

/// Reads for `recourse policy explain`; nothing is locked or changed.
package enum ExplainQueries {
    /// The accounts of a reference, one per currency.
    package static func accounts(ref: String, lanes: Lanes, in db: PostgresConnection) async throws -> [ExplainedAccount] {
        let found = try await db.query(
            """
            select a.part, a.account_id, a.debtor_id from unnest(\(Array(lanes.all))) l (part)
            cross join lateral (select part, account_id, debtor_id from account where part = l.part and account_ref = \(ref)) a
            order by a.account_id
            """
        ).decode((Int32, Int64, Int64).self)
        var accounts: [ExplainedAccount] = []
        for (part, account, debtor) in found { accounts.append(try await read(part: part, account: account, debtor: debtor, in: db)) }
        return accounts
    }

    private static func read(part: Int32, account: Int64, debtor: Int64, in db: PostgresConnection) async throws -> ExplainedAccount {
        let results = try await db.pipeline([
            """
            select account_id, agency_id from placement
            where part = \(part) and debtor_id = \(debtor) and state in ('active', 'recalling') order by account_id
            """,
            """
            select d.time_zone, c.ledger, exists (select from account where part = \(part) and debtor_id = d.debtor_id and segment = 'low_risk') from debtor d left join debtor_conduct c on c.part = \(part) and c.debtor_id = d.debtor_id
            where d.part = \(part) and d.debtor_id = \(debtor)
            """,
            """
            select contact_point_id, role, channel, state, provenance, rank, visits_off from contact_point
            where part = \(part) and debtor_id = \(debtor) order by role = 'debtor' desc, role, rank, contact_point_id
            """,
        ])
        let placed = try results[0].decode((Int64, Int32).self)
        let agency = placed.first { $0.0 == account }?.1
        guard let debtorRow = results[1].first else { throw PostgresError(code: .decode, message: "account \(account) has no debtor") }
        let (zone, ledger, isLowRisk) = try debtorRow.decode((String, [UInt8]?, Bool).self)
        let points = try results[2].compactMap { row -> PointRow? in
            let (id, role, channel, state, provenance, rank, visitsOff) = try row.decode(
                (Int64, String, String, String, String, Int16, Bool).self)
            guard let role = ContactPoint.Role(rawValue: role), let channel = ContactPoint.Channel(rawValue: channel),
                let state = ContactPoint.State(rawValue: state)
            else { throw PostgresError(code: .decode, message: "contact point \(id) has words this version does not know") }
            return PointRow(id: id, role: role, channel: channel, state: state, provenance: provenance, rank: rank, visitsOff: visitsOff)
        }
        return ExplainedAccount(
            part: part, accountId: account, debtorId: debtor, agencyId: agency,
            accountIds: agency == nil ? [account] : placed.filter { $0.1 == agency }.map(\.0), timeZone: zone,
            isLowRisk: isLowRisk, ledger: ledger, points: points)
    }
}
