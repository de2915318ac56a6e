/// Reads fixed-width digits from text, for dates and times; no Foundation formatter is needed or wanted on hot paths.
struct DigitScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Consumes `character` (ASCII) if it comes next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
    }

    /// Consumes exactly `digits` decimal digits.
    mutating func number(digits: Int) -> Int? {
        guard index + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + digits] {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        index += digits
        return value
    }

    /// Consumes one or more decimals and gives them as millionths; digits after the sixth are dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var weight: Int64 = 100_000
        let start = index
        while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
            value += weight * Int64(bytes[index] - 48)
            weight /= 10
            index += 1
        }
        return index > start ? value : nil
    }

    /// Consumes `YYYY-MM-DD` naming a day that exists.
    mutating func day() -> Day? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"), let day = number(digits: 2) else {
            return nil
        }
        return Day(year: year, month: month, day: day)
    }
}

/// `value` (0...99) with a leading zero.
func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
}

extension FixedWidthInteger {
    /// The quotient rounded towards negative infinity; `divisor` must be positive.
    func flooredQuotient(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
