/// An instant on the wire: RFC 3339 text with six decimals and `Z`, kept as whole microseconds since 1970-01-01T00:00:00Z.
///
/// Reading accepts any zone offset and any number of decimals; digits after the sixth are dropped. Text without a zone is refused, since
/// it would name another instant in each place.
public struct WireInstant: Hashable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    public var microseconds: Int64

    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Reads RFC 3339 text; nil if it is not, or lies outside the years 1 to 9999.
    public init?(_ text: some StringProtocol) {
        var reader = ASCIIReader(text)
        guard let date = reader.date(), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
            let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
            let second = reader.number(digits: 2), second <= 60
        else { return nil }
        var micros = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            micros = fraction
        }
        var offset = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let sign: Int
            if reader.skip("+") { sign = 1 } else if reader.skip("-") { sign = -1 } else { return nil }
            guard let hours = reader.number(digits: 2), hours < 24, reader.skip(":"),
                let minutes = reader.number(digits: 2), minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard reader.isAtEnd else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        microseconds = Int64(seconds) * 1_000_000 + Int64(micros)
    }

    /// RFC 3339 text in UTC with exactly six decimals, such as `2026-11-02T02:00:00.000000Z`.
    public var text: String {
        String(unsafeUninitializedCapacity: 27) { buffer in
            let clamped = min(max(microseconds, Self.first), Self.last)
            let seconds = Int(clamped.flooredQuotient(by: 1_000_000))
            let micros = Int(clamped) - seconds * 1_000_000
            let day = Int(Int64(seconds).flooredQuotient(by: 86_400))
            let second = seconds - day * 86_400
            let date = WireDate(daysSince1970: day)
            var index = 0
            func put(_ value: Int, digits: Int) {
                var rest = value
                for place in stride(from: index + digits - 1, through: index, by: -1) {
                    buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                index += digits
            }
            func put(_ mark: Unicode.Scalar) {
                buffer[index] = UInt8(ascii: mark)
                index += 1
            }
            put(date.year, digits: 4)
            put("-")
            put(date.month, digits: 2)
            put("-")
            put(date.day, digits: 2)
            put("T")
            put(second / 3600, digits: 2)
            put(":")
            put(second / 60 % 60, digits: 2)
            put(":")
            put(second % 60, digits: 2)
            put(".")
            put(micros, digits: 6)
            put("Z")
            return index
        }
    }

    /// 0001-01-01T00:00:00Z, the earliest RFC 3339 can write here.
    static let first: Int64 = -62_135_596_800_000_000
    /// 9999-12-31T23:59:59.999999Z.
    static let last: Int64 = 253_402_300_799_999_999
}

extension WireInstant: Comparable {
    /// Whether the left instant is earlier.
    public static func < (left: WireInstant, right: WireInstant) -> Bool { left.microseconds < right.microseconds }
}

extension WireInstant: CustomStringConvertible {
    /// The RFC 3339 text.
    public var description: String { text }
}

extension WireInstant: Codable {
    /// Reads the RFC 3339 text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let instant = WireInstant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected RFC 3339 text with a zone")
        }
        self = instant
    }

    /// Writes the RFC 3339 text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity; `divisor > 0`.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
