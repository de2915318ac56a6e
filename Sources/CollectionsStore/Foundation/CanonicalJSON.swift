/// A JSON value with exactly one byte representation: keys sorted by their UTF-8 bytes, no blanks, integers only, shortest escapes.
///
/// Audit bodies and hashes of requests are made of it, so that the same facts always give the same bytes. There are no fractions: amounts
/// are minor units, rates basis points, instants text.
package enum CanonicalJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case string(String)
    case array([CanonicalJSON])
    case object(CanonicalObject)

    /// An object of whatever entries a dictionary holds.
    package static func object(of entries: [String: CanonicalJSON]) -> CanonicalJSON {
        .object(CanonicalObject(entries.map { ($0.key, $0.value) }))
    }

    /// A number of any integer type.
    package static func number(_ value: some BinaryInteger) -> CanonicalJSON { .int(Int64(value)) }

    /// Numbers in their order.
    package static func numbers(_ values: some Sequence<some BinaryInteger>) -> CanonicalJSON { .array(values.map { .int(Int64($0)) }) }

    /// Texts in their order.
    package static func strings(_ values: some Sequence<String>) -> CanonicalJSON { .array(values.map { .string($0) }) }

    /// The value, or null.
    package static func optional(_ value: (some BinaryInteger)?) -> CanonicalJSON { value.map { .int(Int64($0)) } ?? .null }

    /// The value, or null.
    package static func optional(_ value: String?) -> CanonicalJSON { value.map { .string($0) } ?? .null }

    /// The canonical bytes (UTF-8).
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        if case .object = self { out.reserveCapacity(256) }
        write(into: &out)
        return out
    }

    /// The canonical bytes as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value under `key`, if this is an object that has it.
    package subscript(key: String) -> CanonicalJSON? {
        if case .object(let entries) = self { return entries[key] }
        return nil
    }

    /// The object with `entries` added; theirs win. Any other value becomes the entry `value` of a new object.
    package func adding(_ entries: CanonicalObject) -> CanonicalJSON {
        var all: CanonicalObject = if case .object(let own) = self { own } else { ["value": self] }
        for entry in entries.entries { all[entry.key] = entry.value }
        return .object(all)
    }

    private func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): out.append(contentsOf: String(value).utf8)
        case .string(let value): Self.write(value, into: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let object):
            out.append(UInt8(ascii: "{"))
            for (index, entry) in object.entries.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(entry.key, into: &out)
                out.append(UInt8(ascii: ":"))
                entry.value.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func write(_ text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        defer { out.append(UInt8(ascii: "\"")) }
        // Nearly all text needs no escape: codes, rule ids, hashes.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            out.append(contentsOf: text.utf8)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: #"\\"#.utf8)
            case 0x08: out.append(contentsOf: #"\b"#.utf8)
            case 0x09: out.append(contentsOf: #"\t"#.utf8)
            case 0x0A: out.append(contentsOf: #"\n"#.utf8)
            case 0x0C: out.append(contentsOf: #"\f"#.utf8)
            case 0x0D: out.append(contentsOf: #"\r"#.utf8)
            case 0x00..<0x20:
                out.append(contentsOf: #"\u00"#.utf8)
                out.append(hexDigits[Int(byte >> 4)])
                out.append(hexDigits[Int(byte & 15)])
            default: out.append(byte)
            }
        }
    }
}

extension CanonicalJSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, CanonicalJSON)...) {
        self = .object(CanonicalObject(elements))
    }

    package init(arrayLiteral elements: CanonicalJSON...) { self = .array(elements) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}
