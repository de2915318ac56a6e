/// Text that ``JSONReader`` leaves to `Codable`: broken, or only unusual. Who reads by hand tries again that way, which knows every error by
/// name, so that there is one truth about what is accepted and how it is refused.
package struct UnusualJSON: Error {
    package init() {}
}

/// A value that reads itself from usual JSON.
package protocol JSONReadable {
    /// Reads the value, and nothing but it.
    init(from json: inout JSONReader) throws(UnusualJSON)
}

/// Reads JSON as programs write it, byte by byte and without a tree: known members, each once, of the right type, no null.
///
/// Never accepts what `JSONDecoder` would refuse, and reads the same values from what it accepts; a test holds both to it. Everything else it
/// gives up on at once.
package struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    /// Whether a member or element was read in the innermost object or list: a comma has to come before the next.
    private var needsComma = false

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The value of a whole text; nil: to be read by `Codable`.
    package static func read<Value: JSONReadable>(_ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer) -> Value? {
        var json = JSONReader(bytes)
        do throws(UnusualJSON) {
            let value = try Value(from: &json)
            json.skipSpace()
            return json.index == bytes.count ? value : nil
        } catch {
            return nil
        }
    }

    // MARK: Structure

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(UnusualJSON) {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { throw UnusualJSON() }
        index += 1
    }

    /// Whether the next byte behind space is this one; it is read if so.
    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    package mutating func beginObject() throws(UnusualJSON) {
        try expect("{")
        needsComma = false
    }

    /// The name of the object's next member, its colon read; nil: the object has ended.
    package mutating func nextKey() throws(UnusualJSON) -> String? {
        if skip("}") {
            needsComma = true
            return nil
        }
        if needsComma { try expect(",") }
        let key = try string()
        try expect(":")
        needsComma = true
        return key
    }

    /// Elements until the list ends.
    private mutating func list<Value>(_ element: (inout JSONReader) throws(UnusualJSON) -> Value) throws(UnusualJSON) -> [Value] {
        try expect("[")
        var values: [Value] = []
        if !skip("]") {
            repeat { values.append(try element(&self)) } while skip(",")
            try expect("]")
        }
        needsComma = true
        return values
    }

    // MARK: Members

    /// Takes a member's value; one that was there before is unusual.
    private func once<Value>(_ old: Value?) throws(UnusualJSON) { if old != nil { throw UnusualJSON() } }

    package mutating func read(_ value: inout String?) throws(UnusualJSON) {
        try once(value)
        value = try string()
    }

    package mutating func read(_ value: inout Int64?) throws(UnusualJSON) {
        try once(value)
        value = try integer()
    }

    package mutating func read(_ value: inout Int?) throws(UnusualJSON) {
        try once(value)
        value = Int(try integer())
    }

    package mutating func read(_ value: inout Bool?) throws(UnusualJSON) {
        try once(value)
        skipSpace()
        if take("true") { value = true } else if take("false") { value = false } else { throw UnusualJSON() }
    }

    package mutating func read(_ value: inout WireInstant?) throws(UnusualJSON) {
        try once(value)
        guard let instant = WireInstant(try string()) else { throw UnusualJSON() }
        value = instant
    }

    package mutating func read(_ value: inout WireDate?) throws(UnusualJSON) {
        try once(value)
        guard let date = WireDate(try string()) else { throw UnusualJSON() }
        value = date
    }

    package mutating func read(_ value: inout [String]?) throws(UnusualJSON) {
        try once(value)
        value = try list { (json: inout JSONReader) throws(UnusualJSON) in try json.string() }
    }

    package mutating func read<Value: JSONReadable>(_ value: inout Value?) throws(UnusualJSON) {
        try once(value)
        value = try Value(from: &self)
        needsComma = true
    }

    package mutating func read<Value: JSONReadable>(_ value: inout [Value]?) throws(UnusualJSON) {
        try once(value)
        value = try list { (json: inout JSONReader) throws(UnusualJSON) in try Value(from: &json) }
    }

    // MARK: Values

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        let isSame = word.withUTF8Buffer { word in word.elementsEqual(bytes[index..<(index + count)]) }
        if isSame { index += count }
        return isSame
    }

    /// A plain whole number of at most 18 digits.
    private mutating func integer() throws(UnusualJSON) -> Int64 {
        skipSpace()
        let isNegative = take("-")
        let start = index
        var value: Int64 = 0
        while index < bytes.count, case let digit = bytes[index], digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
            guard index - start < 18 else { throw UnusualJSON() }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, bytes[start] != UInt8(ascii: "0") || (index == start + 1 && !isNegative) else { throw UnusualJSON() }
        // A fraction or an exponent may still be whole: not for us.
        if index < bytes.count, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[index]) { throw UnusualJSON() }
        return isNegative ? -value : value
    }

    private mutating func string() throws(UnusualJSON) -> String {
        try expect("\"")
        let start = index
        var isASCII = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let text = bytes[start..<index]
                index += 1
                if isASCII { return String(decoding: text, as: UTF8.self) }
                guard let valid = String(validating: text, as: UTF8.self) else { throw UnusualJSON() }
                return valid
            }
            if byte == UInt8(ascii: "\\") { return try escaped(from: start) }
            guard byte >= 0x20 else { throw UnusualJSON() }
            if byte >= 0x80 { isASCII = false }
            index += 1
        }
        throw UnusualJSON()
    }

    /// A string with escapes, from its first byte.
    private mutating func escaped(from start: Int) throws(UnusualJSON) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else { throw UnusualJSON() }
                return valid
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw UnusualJSON()
            default: text.append(byte)
            }
        }
        throw UnusualJSON()
    }

    private mutating func escape(into text: inout [UInt8]) throws(UnusualJSON) {
        guard index < bytes.count else { throw UnusualJSON() }
        let mark = bytes[index]
        index += 1
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try hexadecimal())
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\u"), case let low = UInt32(try hexadecimal()), (0xDC00..<0xE000).contains(low) else { throw UnusualJSON() }
                code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw UnusualJSON() }
            text.append(contentsOf: String(scalar).utf8)
        default: throw UnusualJSON()
        }
    }

    private mutating func hexadecimal() throws(UnusualJSON) -> UInt16 {
        guard index + 4 <= bytes.count else { throw UnusualJSON() }
        var value: UInt16 = 0
        for byte in bytes[index..<(index + 4)] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw UnusualJSON()
            }
        }
        index += 4
        return value
    }
}
