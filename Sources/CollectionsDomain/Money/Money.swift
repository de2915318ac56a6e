/// Why an amount could not be read or computed.
package enum MoneyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The result leaves `Int64` minor units.
    case overflow
    /// Two amounts of different currencies met.
    case currencyMismatch
    /// The text is not a plain decimal number.
    case malformed
    /// The text has more decimals than the currency's minor unit.
    case tooManyDecimals
    /// A negative amount stands where only zero or more is meaningful.
    case negative

    /// Text for logs and messages; names no person.
    package var description: String {
        switch self {
        case .overflow: "cannot compute amount: it leaves 64-bit minor units"
        case .currencyMismatch: "cannot combine amounts of different currencies"
        case .malformed: "cannot read amount: not a plain decimal number"
        case .tooManyDecimals: "cannot read amount: more decimals than the currency has"
        case .negative: "cannot use a negative amount here"
        }
    }
}

/// The unit in which a file writes its amounts.
package enum AmountUnit: String, CaseIterable, Sendable {
    /// Decimal major units ("1200.00").
    case major
    /// The same as `major`, as Chinese banks call it (元).
    case yuan
    /// Whole minor units ("120000", 分).
    case fen
}

/// An amount of money: whole minor units of one currency.
///
/// Arithmetic is checked: it throws ``MoneyError/overflow`` instead of wrapping, and never mixes currencies.
package struct Money: Hashable, Sendable, CustomStringConvertible {
    /// Minor units (fen, cents); negative for a credit.
    package let minorUnits: Int64
    /// The currency.
    package let currency: Currency

    package init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Nothing, in `currency`.
    package static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency: currency) }

    /// Reads `text` in the given unit, strictly: an optional minus, digits, optionally a point and digits; no spaces, no grouping, no plus,
    /// no exponent, no leading or trailing point, at most as many decimals as the currency has.
    ///
    /// - Throws: ``MoneyError/malformed``, ``MoneyError/tooManyDecimals`` or ``MoneyError/overflow``.
    package init(parsing text: some StringProtocol, currency: Currency, unit: AmountUnit = .major) throws(MoneyError) {
        let number = try DecimalNumber(parsing: text)
        let digits =
            switch unit {
            case .major, .yuan: currency.minorDigits
            case .fen: 0
            }
        guard number.scale <= digits else { throw .tooManyDecimals }
        self.init(minorUnits: try number.scaled(to: digits), currency: currency)
    }

    package static func + (left: Money, right: Money) throws(MoneyError) -> Money {
        guard left.currency == right.currency else { throw .currencyMismatch }
        let (sum, overflow) = left.minorUnits.addingReportingOverflow(right.minorUnits)
        guard !overflow else { throw .overflow }
        return Money(minorUnits: sum, currency: left.currency)
    }

    package static func - (left: Money, right: Money) throws(MoneyError) -> Money {
        guard left.currency == right.currency else { throw .currencyMismatch }
        let (difference, overflow) = left.minorUnits.subtractingReportingOverflow(right.minorUnits)
        guard !overflow else { throw .overflow }
        return Money(minorUnits: difference, currency: left.currency)
    }

    /// The amount with its sign turned.
    package func negated() throws(MoneyError) -> Money { try Money.zero(currency) - self }

    /// The sum of `amounts`, which must all be of `currency`.
    package static func sum(_ amounts: some Sequence<Money>, in currency: Currency) throws(MoneyError) -> Money {
        var total = Money.zero(currency)
        for amount in amounts { total = try total + amount }
        return total
    }

    /// Whether the amount is more than nothing.
    package var isPositive: Bool { minorUnits > 0 }

    /// The amount in decimal major units with every digit of the minor unit ("199422080.00").
    package var decimalText: String { Self.decimalText(Int128(minorUnits), digits: currency.minorDigits) }

    /// Decimal major units of a total that may pass 64 bits, as the sums of a whole portfolio are kept.
    package static func decimalText(_ minorUnits: Int128, digits: Int) -> String {
        let magnitude = String(minorUnits.magnitude)
        let sign = minorUnits < 0 ? "-" : ""
        guard digits > 0 else { return sign + magnitude }
        let padded = magnitude.count > digits ? magnitude : String(repeating: "0", count: digits + 1 - magnitude.count) + magnitude
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// Text for logs and messages; names no person.
    package var description: String { "\(decimalText) \(currency.code)" }
}

/// A decimal number as text gives it: `units / 10^scale`. Used for amounts and rates, which never pass through binary fractions.
package struct DecimalNumber: Hashable, Sendable {
    /// All digits, without the point.
    package let units: Int64
    /// Digits after the point.
    package let scale: Int

    /// At most this many digits after the point are read: more is no amount and no rate anybody quotes.
    package static let maximumScale = 12

    /// Reads an optional minus, digits, and optionally a point followed by digits. Nothing else is accepted.
    package init(parsing text: some StringProtocol) throws(MoneyError) {
        var negative = false
        var magnitude: Int64 = 0
        var scale = 0
        var wholeDigits = 0
        var seenPoint = false
        for (position, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where position == 0:
                negative = true
            case UInt8(ascii: ".") where !seenPoint && wholeDigits > 0:
                seenPoint = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if seenPoint { scale += 1 } else { wholeDigits += 1 }
                guard scale <= Self.maximumScale else { throw .tooManyDecimals }
                // Built as a negative number, so that the smallest Int64 can be read too.
                let (shifted, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
                let (next, passed) = shifted.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                guard !overflowed, !passed else { throw .overflow }
                magnitude = next
            default:
                throw .malformed
            }
        }
        guard wholeDigits > 0, !seenPoint || scale > 0 else { throw .malformed }
        if negative {
            self.units = magnitude
        } else {
            let (positive, overflow) = Int64(0).subtractingReportingOverflow(magnitude)
            guard !overflow else { throw .overflow }
            self.units = positive
        }
        self.scale = scale
    }

    /// The number as whole units of `10^-digits`; `digits` must not be below the number's scale.
    func scaled(to digits: Int) throws(MoneyError) -> Int64 {
        var value = units
        for _ in scale..<max(digits, scale) {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .overflow }
            value = next
        }
        return value
    }
}

/// Rounding shared by rates and commissions.
enum Rounding {
    /// `numerator / denominator` rounded to the nearest whole number, ties to even; `denominator > 0`.
    static func halfEven(_ numerator: Int128, over denominator: Int128) -> Int128 {
        precondition(denominator > 0, "a rate's denominator is positive")
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        let twice = remainder.magnitude * 2
        let bound = denominator.magnitude
        let awayFromZero: Int128 = numerator < 0 ? -1 : 1
        if twice > bound { return quotient + awayFromZero }
        if twice == bound { return quotient % 2 == 0 ? quotient : quotient + awayFromZero }
        return quotient
    }

    /// The same as `Int64`, or ``MoneyError/overflow``.
    static func halfEvenUnits(_ numerator: Int128, over denominator: Int128) throws(MoneyError) -> Int64 {
        guard let value = Int64(exactly: halfEven(numerator, over: denominator)) else { throw .overflow }
        return value
    }
}
