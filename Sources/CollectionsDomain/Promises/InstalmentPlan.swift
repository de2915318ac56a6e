/// One payment of an instalment plan.
package struct PlanInstalment: Hashable, Sendable {
    /// Last day on which it may be paid.
    package var due: Day
    /// What is paid.
    package var amount: Money

    package init(due: Day, amount: Money) {
        self.due = due
        self.amount = amount
    }
}

/// How an instalment plan stands by the ledger (DOMAIN section 3, E5).
package enum InstalmentPlan {
    /// What the ledger says.
    package enum Verdict: Hashable, Sendable {
        /// Everything that was due was paid; the next one is due then.
        case running(nextDue: Day)
        /// Less was paid than was due by the day.
        case missed(due: Day)
        /// All was paid.
        case fulfilled
    }

    /// `months` equal instalments, the last one taking the rest of the division, on the same day of each month.
    ///
    /// - Throws: ``MoneyError/overflow``.
    package static func equal(_ total: Money, months: Int, first: Day) throws(MoneyError) -> [PlanInstalment] {
        let each = Money(minorUnits: total.minorUnits / Int64(months), currency: total.currency)
        var rest = total
        var plan: [PlanInstalment] = []
        for month in 0..<months {
            let amount = month == months - 1 ? rest : each
            plan.append(PlanInstalment(due: first.adding(months: month), amount: amount))
            rest = try rest - amount
        }
        return plan
    }

    /// Judges a plan: an instalment counts as due once the watermark has passed the end of its day and the grace days. What was paid early counts
    /// for later ones.
    ///
    /// - Parameters:
    ///   - instalments: By due day.
    ///   - payments: Since the plan was signed, on its account; reversals are negative.
    /// - Throws: ``MoneyError`` when sums leave 64 bits or are of another currency.
    package static func judge(
        _ instalments: [PlanInstalment], signedAt: Instant, payments: [PromiseJudgement.Paid], watermark: Instant, graceDays: Int,
        zone: Zone
    ) throws(MoneyError) -> Verdict {
        guard let currency = instalments.first?.amount.currency else { return .fulfilled }
        var due = Money.zero(currency)
        for instalment in instalments {
            let end = zone.endOfDay(instalment.due.adding(days: graceDays))
            guard PromiseJudgement.hasPassed(end, watermark: watermark) else { return .running(nextDue: instalment.due) }
            due = try due + instalment.amount
            var paid = Money.zero(currency)
            for payment in payments where payment.paidAt >= signedAt && payment.paidAt < end { paid = try paid + payment.amount }
            if paid.minorUnits < due.minorUnits { return .missed(due: instalment.due) }
        }
        return .fulfilled
    }
}
