/// How far ahead a promise may lie, and how it is spread over the accounts of a case.
package enum PromiseWindow {
    /// Days from today within which a promise may fall due: the window shrinks with the effective conversations since the delinquency began, and
    /// never passes the conduct policy's `promise_to_pay.max_days`.
    package static func days(collections: Int, policy: StagePolicy.Promise, cap: Int) -> Int {
        let window = policy.windows.last { $0.collectionsFrom <= collections } ?? policy.windows.first
        return min(window?.days ?? 0, cap)
    }

    /// The end of due date and grace: from there on the ledger may judge the promise.
    package static func judgeAfter(due: Day, graceDays: Int, zone: Zone) -> Instant {
        zone.endOfDay(due.adding(days: graceDays))
    }

    /// One part of a promise.
    package struct Part: Hashable, Sendable {
        /// The account.
        package var account: Int64
        /// The amount.
        package var amount: Money
    }

    /// Spreads `amount` over `accounts` of its currency: the longest overdue first, each up to its amount due; what is left then up to each
    /// balance. The parts sum to `amount` unless it is more than all balances.
    ///
    /// - Throws: ``MoneyError/overflow``.
    package static func spread(_ amount: Money, over accounts: [CaseFacts.Account]) throws(MoneyError) -> [Part] {
        let fitting = accounts.filter { $0.balance.currency == amount.currency && $0.balance.isPositive }
            .sorted { ($1.daysPastDue, $0.id) < ($0.daysPastDue, $1.id) }
        var left = amount.minorUnits
        var given = [Int64](repeating: 0, count: fitting.count)
        for limit in [\CaseFacts.Account.amountDue, \.balance] {
            for (index, account) in fitting.enumerated() where left > 0 {
                let room = max(0, min(account[keyPath: limit].minorUnits, account.balance.minorUnits) - given[index])
                let part = min(room, left)
                given[index] += part
                left -= part
            }
        }
        return zip(fitting, given).filter { $0.1 > 0 }.map {
            Part(account: $0.0.id, amount: Money(minorUnits: $0.1, currency: amount.currency))
        }
    }
}

/// How the ledger judges a promise (DOMAIN section 1, ledger watermark; section 3, E3).
package enum PromiseJudgement {
    /// A payment or its reversal, signed: money that came in is positive.
    package struct Paid: Hashable, Sendable {
        /// When it was paid.
        package var paidAt: Instant
        /// The amount.
        package var amount: Money

        package init(paidAt: Instant, amount: Money) {
            self.paidAt = paidAt
            self.amount = amount
        }
    }

    /// The state of a promise and what counted for it.
    package struct Result: Hashable, Sendable {
        /// How it stands.
        package var state: PromiseState
        /// What counted for it.
        package var paid: Money
    }

    /// A file that knows everything through the last second of a day says 23:59:59: it has passed that day's end.
    package static let lastSecond = Duration.seconds(1)

    /// Whether payments are known through `instant`.
    package static func hasPassed(_ instant: Instant, watermark: Instant?) -> Bool {
        guard let watermark else { return false }
        return watermark >= instant - lastSecond
    }

    /// Judges a promise: open until its grace is over, then awaiting the ledger until the watermark has passed that instant; then kept, partially
    /// kept or broken by what was paid on the account within [taken, due + grace].
    ///
    /// - Throws: ``MoneyError`` when payments leave 64 bits or are of another currency.
    package static func judge(
        _ promise: CaseFacts.OpenPromise, payments: [Paid], watermark: Instant?, now: Instant, policy: StagePolicy.Promise
    ) throws(MoneyError) -> Result {
        var paid = Money.zero(promise.amount.currency)
        for payment in payments where payment.paidAt >= promise.takenAt && payment.paidAt < promise.judgeAfter {
            paid = try paid + payment.amount
        }
        guard now >= promise.judgeAfter else { return Result(state: .open, paid: paid) }
        guard hasPassed(promise.judgeAfter, watermark: watermark) else { return Result(state: .awaitingLedger, paid: paid) }
        if paid.minorUnits >= promise.amount.minorUnits { return Result(state: .kept, paid: paid) }
        let reached = Int128(paid.minorUnits) * 100 >= Int128(promise.amount.minorUnits) * Int128(policy.partialFromPercent)
        return Result(state: reached ? .partiallyKept : .broken, paid: paid)
    }

    /// The verdict of a judged promise; `nil` while it is not judged.
    package static func verdict(
        _ promise: CaseFacts.OpenPromise, payments: [Paid], watermark: Instant?, now: Instant, policy: StagePolicy.Promise
    ) throws(MoneyError) -> PromiseVerdict? {
        let result = try judge(promise, payments: payments, watermark: watermark, now: now, policy: policy)
        guard !result.state.isOpen else { return nil }
        return PromiseVerdict(
            promise: promise.id, account: promise.account, type: promise.type, state: result.state, promised: promise.amount,
            paid: result.paid)
    }
}
