/// A value that writes itself as JSON, the same that `Codable` would write.
///
/// The two routes every task takes are written and read by hand. Foundation's coders build a tree of boxed values first: with them the way over
/// HTTP cost 74 us of CPU per task beyond the work itself, this way 14 us (batches of 100, release build). A test holds both equal.
package protocol JSONWritable {
    func write(to json: inout JSONWriter)
}

/// Writes JSON into one growing array of bytes. Members that are absent are left out.
package struct JSONWriter {
    /// What was written.
    package private(set) var bytes: [UInt8] = []
    /// Whether something stands before the next member or element.
    private var needsComma = false

    /// A writer that expects so many bytes.
    package init(capacity: Int = 1_024) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    private mutating func open(_ mark: UInt8) {
        bytes.append(mark)
        needsComma = false
    }

    private mutating func close(_ mark: UInt8) {
        bytes.append(mark)
        needsComma = true
    }

    /// The name of a member, with what stands before and after it. Names are plain ASCII.
    private mutating func name(_ name: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = true
    }

    // MARK: Members

    package mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        put(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        self.name(name)
        put(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int?) { member(name, value.map(Int64.init)) }

    package mutating func member(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        self.name(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// A finite number.
    package mutating func member(_ name: StaticString, _ value: Double) {
        precondition(value.isFinite, "JSON has no such number")
        self.name(name)
        if let whole = Int64(exactly: value) { put(whole) } else { bytes.append(contentsOf: value.description.utf8) }
    }

    package mutating func member(_ name: StaticString, _ value: WireInstant?) { member(name, value?.text) }
    package mutating func member(_ name: StaticString, _ value: WireDate?) { member(name, value?.text) }
    package mutating func member(_ name: StaticString, _ value: OutcomeStatus) { member(name, value.rawValue) }

    package mutating func member(_ name: StaticString, _ values: [String]?) {
        guard let values else { return }
        self.name(name)
        elements(values) { $0.put($1) }
    }

    package mutating func member(_ name: StaticString, _ values: [String: String]) {
        self.name(name)
        open(UInt8(ascii: "{"))
        for (index, entry) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            put(entry.key)
            bytes.append(UInt8(ascii: ":"))
            put(entry.value)
        }
        close(UInt8(ascii: "}"))
    }

    package mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
        guard let value else { return }
        self.name(name)
        value.write(to: &self)
    }

    package mutating func member(_ name: StaticString, _ values: [some JSONWritable]?) {
        guard let values else { return }
        self.name(name)
        elements(values) { $1.write(to: &$0) }
    }

    // MARK: Values

    private mutating func elements<Value>(_ values: [Value], _ write: (inout JSONWriter, Value) -> Void) {
        open(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(&self, value)
        }
        close(UInt8(ascii: "]"))
    }

    private mutating func put(_ value: Int64) { bytes.append(decimal: value) }

    private mutating func put(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: utf8[start..<index])
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
