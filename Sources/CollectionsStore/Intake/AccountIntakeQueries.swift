package import CollectionsDomain
package import PostgresDriver

/// A debtor about to be stored, personal values sealed.
package struct NewDebtor: Hashable, Sendable {
    package var debtorId: Int64
    package var debtorRef: String
    package var facts: DebtorDetails
    package var nameSealed: [UInt8]?
    package var idNumberSealed: [UInt8]?
    package var idNumberIndex: [UInt8]?
    /// The conduct ledger a debtor starts with.
    package var ledger: [UInt8]

    package init(
        debtorId: Int64, debtorRef: String, facts: DebtorDetails, nameSealed: [UInt8]?, idNumberSealed: [UInt8]?, idNumberIndex: [UInt8]?,
        ledger: [UInt8]
    ) {
        self.debtorId = debtorId
        self.debtorRef = debtorRef
        self.facts = facts
        self.nameSealed = nameSealed
        self.idNumberSealed = idNumberSealed
        self.idNumberIndex = idNumberIndex
        self.ledger = ledger
    }
}

/// An account about to be stored, personal values sealed.
package struct NewAccount: Hashable, Sendable {
    package var accountId: Int64
    package var debtorId: Int64
    package var facts: AccountFacts
    package var asOf: Day
    package var billingAddressSealed: [UInt8]?

    package init(accountId: Int64, debtorId: Int64, facts: AccountFacts, asOf: Day, billingAddressSealed: [UInt8]?) {
        self.accountId = accountId
        self.debtorId = debtorId
        self.facts = facts
        self.asOf = asOf
        self.billingAddressSealed = billingAddressSealed
    }
}

/// Storing debtors and accounts of a portfolio: the SQL. Every statement names one lane, and running it again changes nothing.
package enum AccountIntakeQueries {
    /// Stores debtors that are not there yet.
    package static func insertDebtors(part: Int32, _ debtors: [NewDebtor], now: Now) -> PostgresQuery {
        """
        insert into debtor (part, debtor_id, debtor_ref, name_enc, id_number_enc, id_number_bidx, language, region, time_zone, verified_status, created_at)
        select \(part), u.id, u.ref, u.name, u.id_number, u.bidx, u.language, u.region, u.zone, u.status, \(now.business)
        from unnest(\(debtors.map(\.debtorId)), \(debtors.map(\.debtorRef)), \(debtors.map(\.nameSealed)), \(debtors.map(\.idNumberSealed)),
            \(debtors.map(\.idNumberIndex)), \(debtors.map(\.facts.language)), \(debtors.map(\.facts.region)), \(debtors.map(\.facts.timeZone)),
            \(debtors.map(\.facts.status.rawValue))) u (id, ref, name, id_number, bidx, language, region, zone, status)
        on conflict do nothing
        """
    }

    /// Stores accounts that are not there yet, and returns the ids of those it stored.
    package static func insertAccounts(part: Int32, portfolio: Int32, _ accounts: [NewAccount], now: Now) -> PostgresQuery {
        let facts = accounts.map(\.facts)
        return """
            insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, as_of, opening_balance, balance,
                principal, interest, fees, amount_due, amount_due_assumed, min_payment, accelerated, credit_limit, days_past_due, bucket,
                delinquent_since, default_date, last_payment_on, last_payment_amount, statement_day, card_status, charge_off_on, tier,
                times_delinquent, segment, internal_collection_done, outsourcing_notice_at, billing_address_enc, bank_facts, status_since, created_at)
            select \(part), u.id, u.debtor, u.ref, u.currency, \(portfolio), u.product, u.region, u.as_of, u.balance, u.balance,
                u.principal, u.interest, u.fees, u.due, u.assumed, u.minimum, u.accelerated, u.credit_limit, u.dpd, u.bucket,
                u.delinquent, u.defaulted, u.paid_on, u.paid, u.statement_day, u.card, u.charged_off, u.tier,
                u.delinquencies, u.segment, u.internal, u.notice, u.address, u.facts, \(now.business), \(now.business)
            from unnest(\(accounts.map(\.accountId)), \(accounts.map(\.debtorId)), \(facts.map(\.accountRef)), \(facts.map(\.currency.code)),
                \(facts.map(\.product)), \(facts.map(\.region)), \(accounts.map(\.asOf)), \(facts.map(\.balance)), \(facts.map(\.principal)),
                \(facts.map(\.interest)), \(facts.map(\.fees)), \(facts.map(\.amountDue)), \(facts.map(\.amountDueAssumed)), \(facts.map(\.minPayment)),
                \(facts.map(\.accelerated)), \(facts.map(\.creditLimit)), \(facts.map(\.daysPastDue)), \(facts.map(\.bucket)),
                \(facts.map(\.delinquentSince)), \(facts.map(\.defaultDate)), \(facts.map(\.lastPaymentOn)), \(facts.map(\.lastPaymentAmount)),
                \(facts.map(\.statementDay)), \(facts.map(\.cardStatus.rawValue)), \(facts.map(\.chargeOffOn)), \(facts.map(\.tier)),
                \(facts.map(\.timesDelinquent)), \(facts.map(\.segment)), \(facts.map(\.internalCollectionDone)), \(facts.map(\.outsourcingNoticeAt)),
                \(accounts.map(\.billingAddressSealed)), \(facts.map(\.bankFacts.json.postgres)))
                u (id, debtor, ref, currency, product, region, as_of, balance, principal, interest, fees, due, assumed, minimum, accelerated,
                    credit_limit, dpd, bucket, delinquent, defaulted, paid_on, paid, statement_day, card, charged_off, tier, delinquencies, segment,
                    internal, notice, address, facts)
            on conflict do nothing returning account_id
            """
    }

    /// Which of some debtors are stored.
    package static func existing(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> Set<Int64> {
        Set(
            try await db.query("select debtor_id from debtor where part = \(part) and debtor_id = any(\(debtors))").map {
                try $0.get(0, as: Int64.self)
            })
    }

    /// The debtors of accounts.
    package static func debtors(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Int64: Int64] {
        var found: [Int64: Int64] = [:]
        for row in try await db.query("select account_id, debtor_id from account where part = \(part) and account_id = any(\(accounts))") {
            let (account, debtor) = try row.decode((Int64, Int64).self)
            found[account] = debtor
        }
        return found
    }
}
