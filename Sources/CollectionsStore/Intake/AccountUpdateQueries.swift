package import CollectionsDomain
package import PostgresDriver

/// What the bank says of an account's state; raw values are those of `account.bank_status`.
package enum BankStatus: String, CaseIterable, Sendable {
    case open, cured, closed, sold
    case chargedOff = "charged_off"
}

/// One line of an account-updates file. Amounts are minor units.
package struct ReportedAccount: Hashable, Sendable {
    package var accountId: Int64
    package var asOf: Day
    package var balance: Int64
    package var amountDue: Int64?
    package var daysPastDue: Int32
    package var bucket: String
    package var cardStatus: CardStatus?
    package var status: BankStatus

    package init(
        accountId: Int64, asOf: Day, balance: Int64, amountDue: Int64?, daysPastDue: Int32, bucket: String, cardStatus: CardStatus?,
        status: BankStatus
    ) {
        self.accountId = accountId
        self.asOf = asOf
        self.balance = balance
        self.amountDue = amountDue
        self.daysPastDue = daysPastDue
        self.bucket = bucket
        self.cardStatus = cardStatus
        self.status = status
    }
}

extension ReportedAccount {
    /// What it means for the case. An open account without a day past due is cured (DOMAIN section 1, amounts).
    package var update: AccountUpdate {
        switch status {
        case .open: daysPastDue == 0 ? .cured : .overdue
        case .cured: .cured
        case .closed: .closed
        case .sold: .sold
        case .chargedOff: .chargedOff
        }
    }
}

/// What the bank reported last of an account, and how the account stands here.
package struct KnownReport: Hashable, Sendable {
    package let debtorId: Int64
    package let status: AccountStatus
    /// Of the figures in force.
    package let asOf: Day
    package let report: ReportedAccount?
}

/// Account updates: the SQL. Every statement names one lane. Our own balance is never overwritten: a difference is a break.
package enum AccountUpdateQueries {
    /// Locks accounts in id order and reads the last reports.
    package static func lock(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Int64: KnownReport] {
        let result = try await db.query(
            """
            select a.account_id, a.debtor_id, a.status, a.as_of, a.bank_as_of, a.bank_balance, a.bank_status, a.amount_due, a.amount_due_assumed,
                a.days_past_due, a.bucket, a.card_status
            from unnest(\(accounts.sorted())::bigint[]) u (id) cross join lateral (
                select * from account where part = \(part) and account_id = u.id for no key update) a
            """)
        var found: [Int64: KnownReport] = [:]
        for row in result {
            let (id, debtor, statusWord, asOf, bankAsOf, bankBalance, bankWord, due, assumed, dpd, bucket, cardWord) = try row.decode(
                (Int64, Int64, String, Day, Day?, Int64?, String?, Int64, Bool, Int32, String, String).self)
            guard let status = AccountStatus(rawValue: statusWord), let card = CardStatus(rawValue: cardWord) else {
                throw PostgresError(code: .decode, message: "account \(id) has a status this version does not know")
            }
            var report: ReportedAccount?
            if let bankAsOf, let bankBalance, let bankStatus = bankWord.flatMap(BankStatus.init) {
                report = ReportedAccount(
                    accountId: id, asOf: bankAsOf, balance: bankBalance, amountDue: assumed ? nil : due, daysPastDue: dpd, bucket: bucket,
                    cardStatus: card, status: bankStatus)
            }
            found[id] = KnownReport(debtorId: debtor, status: status, asOf: asOf, report: report)
        }
        return found
    }

    /// Enters reports; the caller holds the accounts' locks, each account stands once.
    package static func write(part: Int32, _ reports: [ReportedAccount], now: Now) -> PostgresQuery {
        """
        update account a set bank_as_of = u.as_of, bank_balance = u.balance, bank_status = u.status, as_of = u.as_of, days_past_due = u.dpd,
            bucket = u.bucket, card_status = coalesce(u.card, a.card_status), amount_due = coalesce(u.due, a.amount_due),
            amount_due_assumed = a.amount_due_assumed and u.due is null,
            charge_off_on = case when u.status = 'charged_off' then coalesce(a.charge_off_on, u.as_of) else a.charge_off_on end
        from unnest(\(reports.map(\.accountId)), \(reports.map(\.asOf)), \(reports.map(\.balance)), \(reports.map(\.amountDue)),
            \(reports.map(\.daysPastDue)), \(reports.map(\.bucket)), \(reports.map { $0.cardStatus?.rawValue }), \(reports.map(\.status.rawValue)))
            u (id, as_of, balance, due, dpd, bucket, card, status)
        where a.part = \(part) and a.account_id = u.id
        """
    }

    /// Sets the status of accounts; the caller holds their locks.
    package static func setStatus(part: Int32, _ changes: [(account: Int64, status: AccountStatus)], now: Now) -> PostgresQuery {
        """
        update account a set status = u.status, status_since = \(now.business)
        from unnest(\(changes.map(\.account)), \(changes.map(\.status.rawValue))) u (id, status)
        where a.part = \(part) and a.account_id = u.id and a.status <> u.status
        """
    }
}
