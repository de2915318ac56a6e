/// A `uuid`: 16 bytes.
public struct PostgresUUID: Hashable, Comparable, Sendable, PostgresCodable, CustomStringConvertible {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// A UUID by its halves.
    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random UUID (version 4).
    public static func random() -> PostgresUUID {
        PostgresUUID(
            high: UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000, low: UInt64.random(in: .min ... .max) & ~(3 << 62) | 2 << 62)
    }

    /// Reads the 36-character form, in either case; also without hyphens.
    public init?(_ text: String) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "-") { continue }
            guard digits < 32, let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            if digits < 16 { halves.0 = halves.0 << 4 | UInt64(digit) } else { halves.1 = halves.1 << 4 | UInt64(digit) }
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }

    /// By bytes, as the server orders them.
    @inlinable public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// The usual lower-case form with hyphens.
    public var description: String {
        var text = ""
        text.reserveCapacity(36)
        for (index, half) in [high, low].enumerated() {
            for nibble in 0..<16 {
                let place = index * 16 + nibble
                if place == 8 || place == 12 || place == 16 || place == 20 { text.append("-") }
                text.append(String(half >> UInt64(60 - nibble * 4) & 0xF, radix: 16))
            }
        }
        return text
    }

    /// `uuid`
    @inlinable public static var postgresType: PostgresType { .uuid }
    /// 16 bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) {
        buffer.write(high)
        buffer.write(low)
    }
    /// 16 bytes.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let raw = try cell.require(Self.self)
        guard raw.count == 16 else { throw cell.failure(Self.self, "value has \(raw.count) bytes") }
        high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}
