package import CollectionsDomain

/// The bank's ledger in a simulated world: who pays what on a day, and what the bank says of accounts that are no longer overdue.
///
/// Promises are kept by the character of the debtor who made them; some people pay unasked; a few payments come back. A pure function of the
/// seed, the day and what the accounts look like, so that a restarted run writes the same files.
package struct SimulatedBank: Sendable {
    /// One open account as the bank sees it.
    package struct Account: Sendable {
        package let accountRef: String
        package let amountDue: Money
        package let balance: Money

        package init(accountRef: String, amountDue: Money, balance: Money) {
            self.accountRef = accountRef
            self.amountDue = amountDue
            self.balance = balance
        }
    }

    /// A promise that somebody gave.
    package struct Promise: Sendable {
        package let caseRef: String
        package let accountRef: String
        package let amount: Money
        package let due: Day

        package init(caseRef: String, accountRef: String, amount: Money, due: Day) {
            self.caseRef = caseRef
            self.accountRef = accountRef
            self.amount = amount
            self.due = due
        }
    }

    /// The header of a payments file.
    package static let header = "payment_ref,account_ref,amount,currency,paid_at,channel,reversal_of\n"

    private let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// Lines of the payments file of `day`, for promises due that day and for people who pay by themselves; at most what is left to pay.
    package func payments(on day: Day, promises: [Promise], accounts: [Account]) -> [String] {
        var left = Dictionary(
            accounts.map { (Key($0.accountRef, $0.balance.currency), $0.balance.minorUnits) }, uniquingKeysWith: { first, _ in first })
        var lines: [String] = []
        for promise in promises where promise.due == day {
            var random = SeededGenerator(seed: seed, key: "\(promise.accountRef)/\(day)")
            let debtor = DebtorCharacter(seed: seed, debtor: promise.caseRef)
            let percent: Int64
            if random.chance(debtor.reliability) { percent = 100 } else if random.chance(0.2) { percent = 60 } else { continue }
            let key = Key(promise.accountRef, promise.amount.currency)
            pay(key, promise.amount.minorUnits * percent / 100, on: day, from: &left, random: &random, into: &lines)
        }
        for account in accounts {
            var random = SeededGenerator(seed: seed, key: "\(account.accountRef)/unasked/\(day)")
            guard account.amountDue.isPositive, random.chance(0.0015) else { continue }
            let due = account.amountDue.minorUnits
            pay(
                Key(account.accountRef, account.balance.currency), random.chance(0.5) ? due : max(1, due / 3), on: day, from: &left,
                random: &random, into: &lines)
        }
        return lines
    }

    private struct Key: Hashable {
        let account: String
        let currency: Currency
        init(_ account: String, _ currency: Currency) {
            self.account = account
            self.currency = currency
        }
    }

    private func pay(
        _ key: Key, _ wanted: Int64, on day: Day, from left: inout [Key: Int64], random: inout SeededGenerator, into lines: inout [String]
    ) {
        let paid = min(wanted, left[key] ?? 0)
        guard paid > 0 else { return }
        left[key, default: 0] -= paid
        let hour = Int.random(in: 9...20, using: &random), minute = Int.random(in: 0...59, using: &random)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let amount = Money(minorUnits: paid, currency: key.currency)
        lines.append(
            "PG-\(key.account)-\(day)-\(lines.count),\(key.account),\(amount.decimalText),\(key.currency.code),"
                + "\(day)T\(two(hour)):\(two(minute)):00+08:00,transfer,\n")
    }
}
