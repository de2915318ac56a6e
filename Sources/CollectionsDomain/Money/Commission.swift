/// The agency's rates by band and tier, those at placement (DOMAIN section 2, commission).
package struct FeeSchedule: Hashable, Sendable {
    /// One row; the first that matches counts.
    package struct Rate: Hashable, Sendable {
        /// Bucket at placement, "*" for any.
        package var band: String
        /// Tier at placement (手别); `nil` for any.
        package var tier: Int?
        /// The share earned.
        package var rate: BasisPoints

        package init(band: String, tier: Int? = nil, rate: BasisPoints) {
            self.band = band
            self.tier = tier
            self.rate = rate
        }
    }

    /// Rows in their order.
    package var rates: [Rate]

    package init(rates: [Rate]) { self.rates = rates }

    /// The rate for a placement; `nil`: the schedule names none, so nothing is earned and a break says so.
    ///
    /// - Parameter isChargedOff: The account was charged off before the payment: the row of band `WO` counts, if there is one (E11).
    package func rate(band: String, tier: Int, isChargedOff: Bool = false) -> BasisPoints? {
        let fitting = rates.filter { $0.tier == nil || $0.tier == tier }
        if isChargedOff, let row = fitting.first(where: { $0.band == Self.chargedOff }) { return row.rate }
        return fitting.first { $0.band == "*" || $0.band == band }?.rate
    }

    /// The bucket of charged-off accounts.
    package static let chargedOff = "WO"
}

/// Which placement a payment counts for.
package enum Attribution {
    /// A placement of the account, as far as attribution needs it.
    package struct Span: Hashable, Sendable {
        /// The placement.
        package var placement: Int64
        /// The agency.
        package var agency: Int32
        /// Its first instant.
        package var startsAt: Instant
        /// `nil`: still running.
        package var endedAt: Instant?

        package init(placement: Int64, agency: Int32, startsAt: Instant, endedAt: Instant? = nil) {
            self.placement = placement
            self.agency = agency
            self.startsAt = startsAt
            self.endedAt = endedAt
        }
    }

    /// A promise that a payment may fulfil.
    package struct Promised: Hashable, Sendable {
        /// The agency.
        package var agency: Int32
        /// When it was taken.
        package var takenAt: Instant
        /// End of due date and grace.
        package var judgeAfter: Instant

        package init(agency: Int32, takenAt: Instant, judgeAfter: Instant) {
            self.agency = agency
            self.takenAt = takenAt
            self.judgeAfter = judgeAfter
        }
    }

    /// Why a placement earns, or none does.
    package enum Rule: String, CaseIterable, Sendable {
        /// The holder at `paid_at`.
        case holder = "attribution.holder"
        /// The payment fulfils a promise the previous holder took, within the grace days after its end.
        case previousPromise = "attribution.previous_promise"
        /// Nobody held the account, and no grace applies.
        case none = "attribution.none"
        /// A reversal counts for the placement whose payment it takes back.
        case reversal = "attribution.reversal"
        /// The money went to the agency, which it must not: no commission, a break and a violation.
        case paidToAgency = "attribution.paid_to_agency"
    }

    /// Days after a placement's end in which its promises still earn [B].
    package static let graceDays = 7

    /// Who earns on money paid at `paidAt`. It counts by `paid_at`, never by when it became known.
    ///
    /// - Parameters:
    ///   - paidToAgency: The agency received the money although the policy forbids it.
    ///   - spans: All placements of the account, in any order.
    ///   - promises: Promises of the account.
    package static func decide(
        paidAt: Instant, paidToAgency: Bool, spans: [Span], promises: [Promised], zone: Zone
    ) -> (span: Span?, rule: Rule) {
        let current = spans.first { $0.startsAt <= paidAt && (($0.endedAt.map { paidAt < $0 }) ?? true) }
        if paidToAgency { return (current, .paidToAgency) }
        let fulfilled = promises.filter { $0.takenAt <= paidAt && paidAt < $0.judgeAfter }
        let previous = spans.filter { span in
            guard let ended = span.endedAt, ended <= paidAt, span.placement != current?.placement else { return false }
            let last = zone.endOfDay(zone.day(of: ended).adding(days: graceDays))
            return paidAt < last && fulfilled.contains { $0.agency == span.agency && $0.takenAt < ended && span.startsAt <= $0.takenAt }
        }
        if let earning = previous.max(by: { ($0.endedAt ?? .distantPast) < ($1.endedAt ?? .distantPast) }) {
            return (earning, .previousPromise)
        }
        return current.map { ($0, .holder) } ?? (nil, .none)
    }

    /// The commission line of a payment, or of its reversal: a clawback is the exact mirror of its fee.
    ///
    /// - Returns: `nil` when nothing is earned.
    /// - Throws: ``MoneyError/overflow``.
    package static func line(base: Money, entry: PaymentEntry, rate: BasisPoints) throws(MoneyError) -> CommissionLine? {
        switch entry {
        case .payment:
            let fee = try commission(on: base.minorUnits, at: rate)
            return CommissionLine(type: .fee, base: base, rate: rate, fee: Money(minorUnits: fee, currency: base.currency))
        case .reversal, .chargeback:
            let fee = try commission(on: base.negated().minorUnits, at: rate)
            return CommissionLine(
                type: .clawback, base: try base.negated(), rate: rate, fee: Money(minorUnits: fee, currency: base.currency))
        case .refund, .waiver:
            return nil
        }
    }
}

/// One line of an agency's statement.
package struct CommissionLine: Hashable, Sendable {
    /// Raw values are those of `commission_line.type`.
    package enum Kind: String, CaseIterable, Sendable { case fee, clawback, adjustment }
    /// What the line is.
    package var type: Kind
    /// What was collected, negative for a clawback.
    package var base: Money
    /// The share earned.
    package var rate: BasisPoints
    /// What is earned, negative for a clawback.
    package var fee: Money

    package init(type: Kind, base: Money, rate: BasisPoints, fee: Money) {
        self.type = type
        self.base = base
        self.rate = rate
        self.fee = fee
    }
}
