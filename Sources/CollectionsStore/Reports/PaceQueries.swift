package import CollectionsDomain
package import PostgresDriver

/// What a paced clock waits for, and where it may go on to (rehearsals only).
package enum PaceQueries {
    /// Leases that run out sooner than this hold the clock; longer ones (a visit's week) do not.
    static let longLease = "interval '1 hour'"

    /// What is still to be done at this business time.
    package struct Load: Hashable, Sendable {
        /// Leases out that will come back soon.
        package let leased: Int64
        /// Tasks due and not yet leased.
        package let due: Int64
        /// When the next task becomes due; `nil`: there is none.
        package let nextDue: Instant?
        /// Business time.
        package let now: Instant
        package var isQuiet: Bool { leased == 0 && due == 0 }
    }

    /// The load now.
    package static func load(in db: PostgresConnection) async throws -> Load {
        let result = try await db.query(
            """
            with present as (select anchor_business + rate * (least(now(), run_until) - anchor_real) as t from clock)
            select count(*) filter (where state = 1 and leased_until < now() + \(unescaped: longLease)),
                count(*) filter (where state = 0 and due_at <= t), min(due_at) filter (where state = 0 and due_at > t), max(t)
            from present left join task on true
            """)
        let (leased, due, next, now) = try result[0].decode((Int64, Int64, Instant?, Instant).self)
        return Load(leased: leased, due: due, nextDue: next, now: now)
    }

    /// Messages to agencies that no publisher has taken up yet.
    package static func unpublished(in db: PostgresConnection) async throws -> Int64 {
        try await db.query("select count(*) from outbox where target = 'agency'").value()
    }

    /// Open promises with what the debtor's bank would need to know of them.
    package static func openPromises(
        dueOn day: Day, in db: PostgresConnection
    ) async throws -> [(caseId: Int64, accountRef: String, amount: Money, due: Day)] {
        try await db.query(
            """
            select p.case_id, a.account_ref, p.amount, p.currency, p.due_on from promise p
            join account a on a.part = p.part and a.account_id = p.account_id
            where p.state = 'open' and p.due_on = \(day) order by p.promise_id
            """
        ).compactMap { row in
            let (caseId, ref, amount, code, due) = try row.decode((Int64, String, Int64, String, Day).self)
            return Currency(code).map { (caseId, ref, Money(minorUnits: amount, currency: $0), due) }
        }
    }

    /// Open accounts with what is left to pay, and those whose cure the bank has yet to confirm.
    package static func openAccounts(
        in db: PostgresConnection
    ) async throws -> [(accountRef: String, amountDue: Money, balance: Money, status: AccountStatus)] {
        try await db.query(
            "select account_ref, amount_due, balance, currency, status from account where status in ('open', 'cure_pending') order by account_ref, currency"
        ).compactMap { row in
            let (ref, due, balance, code, word) = try row.decode((String, Int64, Int64, String, String).self)
            guard let currency = Currency(code), let status = AccountStatus(rawValue: word) else { return nil }
            return (ref, Money(minorUnits: due, currency: currency), Money(minorUnits: balance, currency: currency), status)
        }
    }
}
