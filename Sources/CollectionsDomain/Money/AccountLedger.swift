/// What an account owes, by component; kept by every posting (DOMAIN section 1, amounts; I8).
package struct AccountAmounts: Hashable, Sendable {
    /// opening - payments + reversals + accruals + adjustments; below zero: a credit balance owed back.
    package var balance: Money
    /// What is due now; at or below zero nothing is demanded.
    package var amountDue: Money
    /// What was lent.
    package var principal: Money
    /// Interest owed.
    package var interest: Money
    /// Fees and penalties owed.
    package var fees: Money

    package init(balance: Money, amountDue: Money, principal: Money, interest: Money, fees: Money) {
        self.balance = balance
        self.amountDue = amountDue
        self.principal = principal
        self.interest = interest
        self.fees = fees
    }
}

/// Money entries of the bank; raw values are those of `payment.entry_type`. Amounts are positive, the type gives the direction.
package enum PaymentEntry: String, CaseIterable, Sendable {
    case payment, reversal, refund, chargeback, waiver

    /// -1 lowers what is owed, 1 raises it again.
    package var sign: Int64 {
        switch self {
        case .payment, .waiver: -1
        case .reversal, .refund, .chargeback: 1
        }
    }

    /// Whether money came from the debtor: only that keeps a promise and earns commission.
    package var isMoneyIn: Bool { self == .payment }
}

/// The bank's adjustments; raw values are those of `adjustment.type`. Amounts are signed in the direction of the balance.
package enum AdjustmentType: String, CaseIterable, Sendable {
    case accrualInterest = "accrual_interest"
    case penalty, fee, waiver
    case chargeOff = "charge_off"
    case purchase, conversion

    /// Whether it is due at once; what was bought or converted is due with its own statement.
    package var isDueAtOnce: Bool {
        switch self {
        case .accrualInterest, .penalty, .fee, .waiver, .chargeOff: true
        case .purchase, .conversion: false
        }
    }
}

/// How a payment is spread over what is owed; raw values are those of `payment_allocation.component`.
package enum PaymentComponent: String, CaseIterable, Sendable {
    case fees, interest, principal
    /// More was paid than was owed.
    case credit
}

/// Parts of one payment; they sum to it.
package struct PaymentAllocation: Hashable, Sendable {
    /// Non-zero parts in the order fees, interest, principal, credit.
    package var parts: [PaymentComponent: Money]

    package init(parts: [PaymentComponent: Money]) { self.parts = parts }

    /// Fees first, then interest, then principal, the rest is credit: the order when the bank's file does not allocate.
    ///
    /// - Throws: ``MoneyError`` for amounts of another currency or below zero.
    package static func split(_ amount: Money, over amounts: AccountAmounts) throws(MoneyError) -> PaymentAllocation {
        guard amount.minorUnits >= 0 else { throw .negative }
        guard amount.currency == amounts.balance.currency else { throw .currencyMismatch }
        var left = amount.minorUnits
        var parts: [PaymentComponent: Money] = [:]
        for (component, owed) in [(PaymentComponent.fees, amounts.fees), (.interest, amounts.interest), (.principal, amounts.principal)] {
            let part = min(left, max(0, owed.minorUnits))
            if part > 0 { parts[component] = Money(minorUnits: part, currency: amount.currency) }
            left -= part
        }
        if left > 0 { parts[.credit] = Money(minorUnits: left, currency: amount.currency) }
        return PaymentAllocation(parts: parts)
    }

    /// The parts' sum.
    package func total(in currency: Currency) throws(MoneyError) -> Money { try Money.sum(parts.values, in: currency) }
}

/// Applies the bank's entries to an account: balance and amount due move with every one.
package enum AccountLedger {
    /// The amounts after a money entry, and how a payment was spread.
    ///
    /// - Parameters:
    ///   - allocation: The bank's own split, or that of the payment which is reversed; `nil`: fees, interest, principal.
    package static func apply(
        _ entry: PaymentEntry, _ amount: Money, to amounts: AccountAmounts, allocation: PaymentAllocation? = nil
    ) throws(MoneyError) -> (AccountAmounts, PaymentAllocation) {
        guard amount.minorUnits >= 0 else { throw .negative }
        let split: PaymentAllocation
        if let allocation {
            split = allocation
        } else {
            split = try .split(amount, over: entry.sign < 0 ? amounts : reversed(amounts, amount))
        }
        let signed = entry.sign < 0 ? try amount.negated() : amount
        var after = amounts
        after.balance = try amounts.balance + signed
        after.amountDue = try amounts.amountDue + signed
        after.fees = try amounts.fees + part(split, .fees, entry.sign, amount.currency)
        after.interest = try amounts.interest + part(split, .interest, entry.sign, amount.currency)
        after.principal = try amounts.principal + part(split, .principal, entry.sign, amount.currency)
        return (after, split)
    }

    /// The amounts after an adjustment, signed in the direction of the balance.
    package static func apply(_ type: AdjustmentType, _ amount: Money, to amounts: AccountAmounts) throws(MoneyError) -> AccountAmounts {
        var after = amounts
        after.balance = try amounts.balance + amount
        if type.isDueAtOnce { after.amountDue = try amounts.amountDue + amount }
        switch type {
        case .accrualInterest: after.interest = try amounts.interest + amount
        case .penalty, .fee: after.fees = try amounts.fees + amount
        case .purchase, .conversion: after.principal = try amounts.principal + amount
        case .waiver, .chargeOff:
            // Forgiven or written down: fees go first, then interest, then principal, like money.
            guard amount.minorUnits < 0 else {
                after.principal = try amounts.principal + amount
                break
            }
            let split = try PaymentAllocation.split(try amount.negated(), over: amounts)
            after.fees = try amounts.fees + part(split, .fees, -1, amount.currency)
            after.interest = try amounts.interest + part(split, .interest, -1, amount.currency)
            after.principal = try amounts.principal + part(split, .principal, -1, amount.currency)
        }
        return after
    }

    private static func part(
        _ split: PaymentAllocation, _ component: PaymentComponent, _ sign: Int64, _ currency: Currency
    ) throws(MoneyError) -> Money {
        let part = split.parts[component] ?? .zero(currency)
        return sign < 0 ? try part.negated() : part
    }

    /// What a reversal without its own split gives back: principal, as if nothing else had been paid.
    private static func reversed(_ amounts: AccountAmounts, _ amount: Money) -> AccountAmounts {
        AccountAmounts(
            balance: amounts.balance, amountDue: amounts.amountDue, principal: amount, interest: .zero(amount.currency),
            fees: .zero(amount.currency))
    }
}
