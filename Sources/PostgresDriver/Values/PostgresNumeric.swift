/// An exact decimal number; `numeric`. Kept as its canonical text, so nothing is rounded.
public struct PostgresNumeric: Hashable, Sendable, PostgresCodable, CustomStringConvertible {
    /// The number as the server writes it: sign, digits, point, digits; or `NaN`, `Infinity`, `-Infinity`.
    public let description: String

    /// Reads a decimal number such as `-12.50`, or `NaN`, `Infinity`, `-Infinity`. No exponent.
    ///
    /// Leading zeros are dropped, trailing zeros behind the point are kept: they are the number's scale.
    public init?(_ text: String) {
        if text == "NaN" || text == "Infinity" || text == "-Infinity" {
            description = text
            return
        }
        var digits = Substring(text)
        var negative = false
        if let sign = digits.first, sign == "-" || sign == "+" {
            negative = sign == "-"
            digits = digits.dropFirst()
        }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0]
        let fraction = parts.count == 2 ? parts[1] : ""
        guard !(whole.isEmpty && fraction.isEmpty), (whole + fraction).utf8.allSatisfy({ (48...57).contains($0) }),
            fraction.utf8.count <= 16_383,
            whole.utf8.count <= 131_072
        else { return nil }
        let trimmed = whole.drop { $0 == "0" }
        let isZero = trimmed.isEmpty && fraction.allSatisfy { $0 == "0" }
        description = (negative && !isZero ? "-" : "") + (trimmed.isEmpty ? "0" : trimmed) + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// A whole number.
    public init(_ value: some BinaryInteger) { description = String(value) }

    /// The whole number this is, when it is one and fits (`12.00` is 12).
    public var integer: Int64? {
        let parts = description.split(separator: ".", maxSplits: 1)
        guard parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }) else { return nil }
        return Int64(parts[0])
    }

    /// `numeric`
    public static var postgresType: PostgresType { .numeric }

    // Binary: number of base-10000 digits, weight of the first, sign, digits behind the point, then the digits; two bytes each.
    private static let positive: UInt16 = 0x0000, negative: UInt16 = 0x4000, nan: UInt16 = 0xC000, infinity: UInt16 = 0xD000
    private static let negativeInfinity: UInt16 = 0xF000

    /// Base-10000 digits.
    public func encode(into buffer: inout PostgresBuffer) {
        let special: UInt16? =
            switch description {
            case "NaN": Self.nan
            case "Infinity": Self.infinity
            case "-Infinity": Self.negativeInfinity
            default: nil
            }
        if let special {
            for word in [0, 0, special, 0] as [UInt16] { buffer.write(word) }
            return
        }
        let isNegative = description.utf8.first == UInt8(ascii: "-")
        let parts = description.utf8.dropFirst(isNegative ? 1 : 0).split(separator: UInt8(ascii: "."), maxSplits: 1)
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        var digits = [UInt8](repeating: 48, count: (4 - parts[0].count % 4) % 4) + parts[0]
        let wholeGroups = digits.count / 4
        digits += fraction
        digits += [UInt8](repeating: 48, count: (4 - digits.count % 4) % 4)
        var groups = stride(from: 0, to: digits.count, by: 4).map { at in
            digits[at..<at + 4].reduce(UInt16(0)) { $0 * 10 + UInt16($1 - 48) }
        }
        var weight = wholeGroups - 1
        while groups.first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        if groups.isEmpty { weight = 0 }
        buffer.write(UInt16(groups.count))
        buffer.write(Int16(weight))
        buffer.write(isNegative ? Self.negative : Self.positive)
        buffer.write(UInt16(fraction.count))
        for group in groups { buffer.write(group) }
    }

    /// Base-10000 digits.
    public init(from cell: PostgresCell) throws(PostgresError) {
        let raw = try cell.require(Self.self)
        func word(_ at: Int) -> UInt16 { UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: at * 2, as: UInt16.self)) }
        guard raw.count >= 8, raw.count == 8 + Int(word(0)) * 2 else { throw cell.failure(Self.self, "value is cut short") }
        let count = Int(word(0)), weight = Int(Int16(bitPattern: word(1))), scale = Int(word(3) & 0x3FFF)
        switch word(2) {
        case Self.nan: description = "NaN"
        case Self.infinity: description = "Infinity"
        case Self.negativeInfinity: description = "-Infinity"
        case Self.positive, Self.negative:
            var text = word(2) == Self.negative ? "-" : ""
            func group(_ index: Int) -> UInt16 { index >= 0 && index < count ? word(4 + index) : 0 }
            if weight < 0 {
                text += "0"
            } else {
                for index in 0...weight {
                    let digits = String(group(index))
                    text += index == 0 ? digits : String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            }
            if scale > 0 {
                var fraction = ""
                var index = weight + 1
                while fraction.utf8.count < scale {
                    let digits = String(group(index))
                    fraction += String(repeating: "0", count: 4 - digits.utf8.count) + digits
                    index += 1
                }
                text += "." + fraction.prefix(scale)
            }
            description = text
        default: throw cell.failure(Self.self, "unknown sign")
        }
    }
}
