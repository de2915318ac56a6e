/// A share in hundredths of a percent (1 bp = 0.01 %), `0...10_000`.
package struct BasisPoints: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of basis points.
    package let value: Int

    /// `nil` outside `0...10_000`.
    package init?(_ value: Int) {
        guard (0...10_000).contains(value) else { return nil }
        self.value = value
    }

    /// Reads "0.15" (a fraction) or "15%" (a percentage), exact to one basis point; `nil` for anything else.
    package init?(parsing text: String) {
        let isPercent = text.hasSuffix("%")
        let scale = isPercent ? 2 : 4
        do throws(MoneyError) {
            let number = try DecimalNumber(parsing: isPercent ? text.dropLast() : text[...])
            guard number.scale <= scale, let value = Int(exactly: try number.scaled(to: scale)) else { return nil }
            self.init(value)
        } catch {
            return nil
        }
    }

    package static func < (left: BasisPoints, right: BasisPoints) -> Bool { left.value < right.value }

    /// The number with its unit.
    package var description: String { "\(value) bp" }
}

/// The agency's commission on one remittance.
///
/// - Parameters:
///   - collected: What the debtor paid, in minor units; negative for a clawback.
///   - rate: Contract rate in basis points.
/// - Returns: Commission in the same minor units, ties rounded to even, so that a clawback is the exact mirror of its fee.
/// - Throws: ``MoneyError/overflow`` when the result leaves `Int64`.
package func commission(on collected: Int64, at rate: BasisPoints) throws(MoneyError) -> Int64 {
    try Rounding.halfEvenUnits(Int128(collected) * Int128(rate.value), over: 10_000)
}

/// A bank's exchange rate: major units of `to` for one major unit of `from`, exactly as the file wrote it.
package struct ExchangeRate: Hashable, Sendable {
    /// The currency converted.
    package let from: Currency
    /// The currency it becomes.
    package let to: Currency
    /// The decimal text of the rate ("0.22"); stored with every decision that used it.
    package let text: String
    private let rate: DecimalNumber

    /// - Throws: ``MoneyError/malformed`` for text that is no decimal number, ``MoneyError/negative`` for a rate that is not above zero.
    package init(from: Currency, to: Currency, text: String) throws(MoneyError) {
        let rate = try DecimalNumber(parsing: text)
        guard rate.units > 0 else { throw .negative }
        self.from = from
        self.to = to
        self.text = text
        self.rate = rate
    }

    /// `amount` in ``to``, rounded half to even in the minor unit of ``to``.
    ///
    /// - Throws: ``MoneyError/currencyMismatch`` when `amount` is not in ``from``; ``MoneyError/overflow``.
    package func converting(_ amount: Money) throws(MoneyError) -> Money {
        guard amount.currency == from else { throw .currencyMismatch }
        var numerator = Int128(amount.minorUnits) * Int128(rate.units)
        var denominator = Int128(from.minorPerMajor)
        for _ in 0..<rate.scale { denominator *= 10 }
        let (scaled, overflow) = numerator.multipliedReportingOverflow(by: Int128(to.minorPerMajor))
        guard !overflow else { throw .overflow }
        numerator = scaled
        return Money(minorUnits: try Rounding.halfEvenUnits(numerator, over: denominator), currency: to)
    }
}

/// The bank's latest rates on a day, from which thresholds are converted (DOMAIN section 1, amounts).
package struct ExchangeRates: Hashable, Sendable {
    private var rates: [Pair: ExchangeRate] = [:]

    private struct Pair: Hashable {
        let from: Currency
        let to: Currency
    }

    /// The given rates; the last one of a pair wins.
    package init(_ rates: [ExchangeRate] = []) {
        for rate in rates { self.rates[Pair(from: rate.from, to: rate.to)] = rate }
    }

    /// The rate used to bring `from` into `to`; `nil` when the bank gave none. Inverse rates are not derived: the bank's figure is the figure.
    package func rate(from: Currency, to: Currency) -> ExchangeRate? { rates[Pair(from: from, to: to)] }

    /// `amount` in `currency`; `nil` when there is no rate (the caller answers `review`, reason `missing_fact.fx_rate`).
    package func convert(_ amount: Money, to currency: Currency) throws(MoneyError) -> Money? {
        if amount.currency == currency { return amount }
        guard let rate = rate(from: amount.currency, to: currency) else { return nil }
        return try rate.converting(amount)
    }
}
