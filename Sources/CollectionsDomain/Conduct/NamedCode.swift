/// An enumeration with a stored number and a word for files, tables and the wire.
///
/// Raw values are kept in stored ledgers: a new case gets a new number, none is ever used again.
package protocol NamedCode: CaseIterable, Hashable, Sendable, RawRepresentable where RawValue == UInt8 {
    /// The words, indexed by raw value.
    static var names: [String] { get }
}

extension NamedCode {
    /// The word of the case.
    package var name: String { Self.names[Int(rawValue)] }

    /// The case of a word; nil if there is none.
    package init?(name: some StringProtocol) {
        guard let index = Self.names.firstIndex(where: { $0 == name }), let code = UInt8(exactly: index) else { return nil }
        self.init(rawValue: code)
    }
}

/// A set of at most 64 cases of one enumeration, as bits.
package struct CodeSet<Element: NamedCode>: Hashable, Sendable {
    /// Bit n stands for the case with raw value n.
    package var bits: UInt64

    package init(bits: UInt64 = 0) {
        self.bits = bits
    }

    package init(_ elements: some Sequence<Element>) {
        bits = 0
        for element in elements { bits |= 1 << UInt64(element.rawValue) }
    }

    /// Every case.
    package static var all: CodeSet { CodeSet(Element.allCases) }

    package var isEmpty: Bool { bits == 0 }
    package func contains(_ element: Element) -> Bool { bits & (1 << UInt64(element.rawValue)) != 0 }
    package func intersects(_ other: CodeSet) -> Bool { bits & other.bits != 0 }
    package func intersection(_ other: CodeSet) -> CodeSet { CodeSet(bits: bits & other.bits) }
    package func union(_ other: CodeSet) -> CodeSet { CodeSet(bits: bits | other.bits) }
    package func subtracting(_ other: CodeSet) -> CodeSet { CodeSet(bits: bits & ~other.bits) }
    package mutating func insert(_ element: Element) { bits |= 1 << UInt64(element.rawValue) }
    package mutating func remove(_ element: Element) { bits &= ~(1 << UInt64(element.rawValue)) }

    /// The cases in order of their raw values.
    package var elements: [Element] {
        var list: [Element] = []
        forEachBit { code in if let element = Element(rawValue: code) { list.append(element) } }
        return list
    }

    /// The words of the cases.
    package var names: [String] {
        guard bits != 0 else { return [] }
        let words = Element.names
        var list: [String] = []
        forEachBit { code in if Int(code) < words.count { list.append(words[Int(code)]) } }
        return list
    }

    private func forEachBit(_ body: (UInt8) -> Void) {
        var rest = bits
        while rest != 0 {
            body(UInt8(rest.trailingZeroBitCount))
            rest &= rest - 1
        }
    }
}

extension CodeSet: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension PolicyReader {
    /// One of the words of an enumeration.
    package func code<Value: NamedCode>(_ type: Value.Type = Value.self) throws(PolicyError) -> Value {
        let text = try string()
        guard let value = Value(name: text) else {
            throw fault("expected one of \(Value.names.joined(separator: ", ")), found '\(text)'")
        }
        return value
    }

    /// A list of words of an enumeration; `all` stands for every one of them.
    package func codes<Value: NamedCode>(_ type: Value.Type = Value.self) throws(PolicyError) -> CodeSet<Value> {
        var set = CodeSet<Value>()
        for item in try items() {
            if try item.string() == "all" {
                set = .all
                continue
            }
            set.insert(try item.code(Value.self))
        }
        return set
    }
}
