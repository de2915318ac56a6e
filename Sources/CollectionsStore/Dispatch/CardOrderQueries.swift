package import CollectionsDomain
package import PostgresDriver

/// An order to the bank's card system.
package struct CardOrder: Hashable, Sendable {
    /// What is to be done with the card; raw values are the text of `card_order.act`.
    package enum Act: String, CaseIterable, Sendable {
        case block, unblock

        /// The word of `account.card_status` that says it is done.
        package var doneStatus: String {
            switch self {
            case .block: "blocked"
            case .unblock: "active"
            }
        }
    }

    package let id: Int64
    package let debtorId: Int64
    package let accountId: Int64
    package let act: Act
    package let orderedAt: Instant
    package let confirmBy: Instant
    package let confirmedAt: Instant?
    /// A later order for the same card took its place.
    package let isOvertaken: Bool
}

/// An order that leaves with the decision that makes it.
package struct NewCardOrder: Sendable {
    package var orderId: Int64
    package var debtorId: Int64
    package var caseId: Int64
    package var accountId: Int64
    package var act: CardOrder.Act
    package var rule: String
    package var confirmBy: Instant

    package init(
        orderId: Int64, debtorId: Int64, caseId: Int64, accountId: Int64, act: CardOrder.Act, rule: String, confirmBy: Instant
    ) {
        self.orderId = orderId
        self.debtorId = debtorId
        self.caseId = caseId
        self.accountId = accountId
        self.act = act
        self.rule = rule
        self.confirmBy = confirmBy
    }
}

/// Orders to the card system and the clock of their confirmation.
package enum CardOrderQueries {
    private static let columns = """
        o.order_id, o.debtor_id, o.account_id, o.act, o.ordered_at, o.confirm_by, o.confirmed_at,
            exists (select from card_order n where n.part = o.part and n.account_id = o.account_id and n.order_id > o.order_id)
        """

    /// Writes orders in the transaction of the decision.
    package static func insert(part: Int32, _ orders: [NewCardOrder], at now: Instant) -> PostgresQuery {
        """
        insert into card_order (part, order_id, debtor_id, case_id, account_id, act, rule, ordered_at, confirm_by)
        select \(part), u.id, u.debtor, u.case_id, u.account, u.act, u.rule, \(now), u.due
        from unnest(\(orders.map(\.orderId)), \(orders.map(\.debtorId)), \(orders.map(\.caseId)), \(orders.map(\.accountId)),
            \(orders.map(\.act.rawValue)), \(orders.map(\.rule)), \(orders.map(\.confirmBy))) u (id, debtor, case_id, account, act, rule, due)
        """
    }

    /// Open orders of accounts, or of the whole lane, oldest first.
    package static func open(part: Int32, accounts: [Int64]? = nil, in db: PostgresConnection) async throws -> [CardOrder] {
        try await db.query(
            """
            select \(unescaped: columns) from card_order o
            where o.part = \(part) and o.confirmed_at is null and (\(accounts == nil) or o.account_id = any(\(accounts ?? []))) order by o.order_id
            """
        ).map(decode)
    }

    /// All orders about a debtor's cards, oldest first.
    package static func ofDebtor(part: Int32, debtor: Int64, in db: PostgresConnection) async throws -> [CardOrder] {
        try await db.query(
            """
            select \(unescaped: columns) from card_order o
            where o.part = \(part) and o.debtor_id = \(debtor) order by o.order_id
            """
        ).map(decode)
    }

    /// Open orders the card's own status says are done: the last order of an account alone counts, an earlier one is overtaken.
    package static func doneByStatus(part: Int32, in db: PostgresConnection) async throws -> [CardOrder] {
        try await db.query(
            """
            select \(unescaped: columns) from card_order o join account a on a.part = o.part and a.account_id = o.account_id
            where o.part = \(part) and o.confirmed_at is null and (
                a.card_status = 'cancelled' or a.card_status = case o.act when 'block' then 'blocked' else 'active' end
                or exists (select from card_order n where n.part = o.part and n.account_id = o.account_id and n.order_id > o.order_id))
            order by o.order_id
            """
        ).map(decode)
    }

    /// Confirms orders; the referral behind a block that stands learns of it.
    package static func confirm(part: Int32, orders: [CardOrder], by: String, at now: Instant) -> [PostgresQuery] {
        let blocked = orders.filter { $0.act == .block && !$0.isOvertaken }.map(\.accountId)
        return [
            """
            update card_order set confirmed_at = \(now), confirmed_by = \(by)
            where part = \(part) and order_id = any(\(orders.map(\.id))) and confirmed_at is null
            """,
            """
            update legal_referral set card_block_confirmed_at = coalesce(card_block_confirmed_at, \(now))
            where part = \(part) and account_id = any(\(blocked)) and card_block_due is not null
            """,
        ]
    }

    /// What the card system says of an account's card.
    package static func setStatus(part: Int32, account: Int64, _ status: String) -> PostgresQuery {
        "update account set card_status = \(status) where part = \(part) and account_id = \(account) and card_status <> \(status)"
    }

    /// What the card system says of many cards.
    ///
    /// - Returns: Accounts whose card was something else before.
    package static func setStatuses(
        part: Int32, _ statuses: [(account: Int64, status: String)], in db: PostgresConnection
    ) async throws -> Set<Int64> {
        let rows = statuses.sorted { $0.account < $1.account }
        return Set(
            try await db.query(
                """
                update account a set card_status = u.status from unnest(\(rows.map(\.account)), \(rows.map(\.status))) u (id, status)
                where a.part = \(part) and a.account_id = u.id and a.card_status <> u.status returning a.account_id
                """
            ).map { try $0.get(0, as: Int64.self) })
    }

    private static func decode(_ row: PostgresRow) throws -> CardOrder {
        let (id, debtor, account, act, ordered, due, confirmed, overtaken) = try row.decode(
            (Int64, Int64, Int64, String, Instant, Instant, Instant?, Bool).self)
        guard let act = CardOrder.Act(rawValue: act) else {
            throw PostgresError(code: .decode, message: "card order \(id) has an unknown act")
        }
        return CardOrder(
            id: id, debtorId: debtor, accountId: account, act: act, orderedAt: ordered, confirmBy: due, confirmedAt: confirmed,
            isOvertaken: overtaken)
    }
}
