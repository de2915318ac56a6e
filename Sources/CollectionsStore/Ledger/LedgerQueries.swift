package import CollectionsDomain
package import PostgresDriver

/// What the bank's ledger says: payments of accounts, how far it is known, what it reported.
package enum LedgerQueries {
    /// Money that came in for a debtor's accounts since `since`, reversals taken off, in order of time.
    package static func payments(
        part: Int32, debtors: [Int64], since: Instant, in db: PostgresConnection
    ) async throws -> [Int64: [(paidAt: Instant, minorUnits: Int64)]] {
        let result = try await db.query(
            """
            select p.account_id, p.paid_at, case when p.entry_type = 'payment' then p.amount else -p.amount end
            from account a join payment p on p.part = a.part and p.account_id = a.account_id
            where a.part = \(part) and a.debtor_id = any(\(debtors)) and p.paid_at >= \(since) and p.entry_type <> 'waiver'
            order by p.account_id, p.paid_at, p.payment_id
            """)
        var found: [Int64: [(Instant, Int64)]] = [:]
        for row in result {
            let (account, paidAt, amount) = try row.decode((Int64, Instant, Int64).self)
            found[account, default: []].append((paidAt, amount))
        }
        return found
    }

    /// The instant up to which every source's payments are known; `nil` while none has reported.
    package static func watermark(in db: PostgresConnection) async throws -> Instant? {
        try await db.query("select min(through) from ledger_watermark").value()
    }

    /// Accounts whose balance differs from the bank's last report of the same day or later than every posting we know.
    package static func balanceDifferences(part: Int32, in db: PostgresConnection) async throws -> [BalanceDifference] {
        try await db.query(
            """
            select account_id, debtor_id, balance, bank_balance, currency from account
            where part = \(part) and bank_balance is not null and bank_balance <> balance and status in ('open', 'cure_pending', 'charged_off')
            order by account_id
            """
        ).map(difference)
    }

    /// Accounts paid beyond their balance: money owed back to the cardholder.
    package static func creditBalances(part: Int32, in db: PostgresConnection) async throws -> [BalanceDifference] {
        try await db.query(
            "select account_id, debtor_id, balance, 0::bigint, currency from account where part = \(part) and balance < 0 order by account_id"
        ).map(difference)
    }

    /// Two amounts that should be one.
    package struct BalanceDifference: Hashable, Sendable {
        package let account: Int64
        package let debtor: Int64
        /// Minor units.
        package let ours: Int64
        /// Minor units.
        package let theirs: Int64
        package let currency: String
    }

    private static func difference(_ row: PostgresRow) throws -> BalanceDifference {
        let (account, debtor, ours, theirs, currency) = try row.decode((Int64, Int64, Int64, Int64, String).self)
        return BalanceDifference(account: account, debtor: debtor, ours: ours, theirs: theirs, currency: currency)
    }
}
