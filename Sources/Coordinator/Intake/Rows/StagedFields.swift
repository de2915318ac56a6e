package import CollectionsDomain

/// Writes a validated row compactly for the staging table. Personal values are sealed before they come here.
///
/// The same bytes, of what identifies a row's content, are what its body hash is taken over.
package struct FieldWriter: Sendable {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    package init() {}

    /// Writes a number.
    package mutating func put(_ value: Int64?) {
        guard let value else { return bytes.append(0) }
        bytes.append(1)
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Writes bytes.
    package mutating func put(_ value: [UInt8]?) {
        guard let value else { return bytes.append(0) }
        bytes.append(1)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Writes text.
    package mutating func put(_ value: String?) { put(value.map { Array($0.utf8) }) }
    /// Writes true or false.
    package mutating func put(_ value: Bool?) { put(value.map { $0 ? 1 : 0 } as Int64?) }
    /// Writes a date.
    package mutating func put(_ value: Day?) { put(value.map { Int64($0.number) }) }
    /// Writes an instant.
    package mutating func put(_ value: Instant?) { put(value?.microseconds) }
    /// Writes a number of another width.
    package mutating func put(_ value: (some FixedWidthInteger)?) { put(value.map { Int64($0) }) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what ``FieldWriter`` wrote, in the same order.
package struct FieldReader {
    private let bytes: [UInt8]
    private var index = 0

    /// A reader of a staged row.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A number.
    package mutating func number() throws(IntakeError) -> Int64? {
        guard try tag() else { return nil }
        let raw = try varint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// A number of another width.
    package mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(IntakeError) -> Number? {
        guard let value = try number() else { return nil }
        guard let exact = Number(exactly: value) else { throw .stagingDamaged }
        return exact
    }

    /// Bytes.
    package mutating func blob() throws(IntakeError) -> [UInt8]? {
        guard try tag() else { return nil }
        let count = try varint()
        guard count <= UInt64(bytes.count - index) else { throw .stagingDamaged }
        defer { index += Int(count) }
        return Array(bytes[index..<index + Int(count)])
    }

    /// Text.
    package mutating func text() throws(IntakeError) -> String? { try blob().map { String(decoding: $0, as: UTF8.self) } }
    /// True or false.
    package mutating func flag() throws(IntakeError) -> Bool? { try number().map { $0 != 0 } }
    /// A date.
    package mutating func day() throws(IntakeError) -> Day? { try integer(Int32.self).map { Day(number: $0) } }
    /// An instant.
    package mutating func instant() throws(IntakeError) -> Instant? { try number().map { Instant(microseconds: $0) } }

    private mutating func byte() throws(IntakeError) -> UInt8 {
        guard index < bytes.count else { throw .stagingDamaged }
        defer { index += 1 }
        return bytes[index]
    }

    private mutating func tag() throws(IntakeError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .stagingDamaged
        }
    }

    private mutating func varint() throws(IntakeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw .stagingDamaged }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }
}

/// A staged value that is always written.
func present<Value>(_ value: Value?) throws(IntakeError) -> Value {
    guard let value else { throw .stagingDamaged }
    return value
}
