import WireTypes

/// Makes a random value of any decodable type: optional members come and go, texts are of every kind that travels badly.
struct RandomValue {
    var generator: SplitMix

    /// A value; the same seed gives the same one.
    static func make<Value: Decodable>(_ type: Value.Type, seed: UInt64) throws -> Value {
        let source = Source(SplitMix(state: seed))
        return try Value(from: RandomDecoder(source: source))
    }

    final class Source {
        var generator: SplitMix

        init(_ generator: SplitMix) { self.generator = generator }

        func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &generator) == 0 }
        func count() -> Int { Int.random(in: 0...3, using: &generator) }

        func integer() -> Int64 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: Int64.random(in: -9...9, using: &generator)
            case 1: Int64.random(in: -1_000_000...1_000_000, using: &generator)
            default: Int64.random(in: -999_999_999_999_999_999...999_999_999_999_999_999, using: &generator)
            }
        }

        func text() -> String {
            let pieces = [
                "", "a", "get_date", "\"", "\\", "/", "\n", "\r\t", "\u{8}\u{C}", "\u{0}", "\u{1F}", "\u{7F}", "张伟", "é", "e\u{301}", "😀",
                "👨‍👩‍👧",
                "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{10FFFF}", "1234567890123456789012345", "{\"x\":[1,null]}", " ",
            ]
            return (0..<Int.random(in: 0...5, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        }
    }
}

private struct RandomDecoder: Decoder {
    let source: RandomValue.Source
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(source: source))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { Unkeyed(source: source, count: source.count()) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(source: source) }

    static func value<Value: Decodable>(_ type: Value.Type, _ source: RandomValue.Source) throws -> Value {
        func made(_ value: Any) throws -> Value {
            guard let value = value as? Value else { throw Unmakeable() }
            return value
        }
        if type == WireInstant.self {
            return try made(
                WireInstant(microseconds: .random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &source.generator)))
        }
        if type == WireDate.self { return try made(WireDate(daysSince1970: .random(in: -700_000...2_900_000, using: &source.generator))) }
        if type == OutcomeStatus.self { return try made(OutcomeStatus.allCases.randomElement(using: &source.generator) ?? .accepted) }
        if type == [String: String].self {
            return try made(Dictionary((0..<source.count()).map { _ in (source.text(), source.text()) }) { first, _ in first })
        }
        return try Value(from: RandomDecoder(source: source))
    }

    private struct Unmakeable: Error {}

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let source: RandomValue.Source
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }
        func contains(_ key: Key) -> Bool { !source.chance(3) }
        func decodeNil(forKey key: Key) throws -> Bool { false }
        func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { source.chance(2) }
        func decode(_ type: String.Type, forKey key: Key) throws -> String { source.text() }
        func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
            source.chance(2) ? Double(source.count()) : .random(in: 0...100_000, using: &source.generator)
        }
        func decode(_ type: Int.Type, forKey key: Key) throws -> Int { Int(source.integer()) }
        func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { source.integer() }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try RandomDecoder.value(type, source) }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
            KeyedDecodingContainer(Keyed<Nested>(source: source))
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unmakeable() }
        func superDecoder() throws -> any Decoder { throw Unmakeable() }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw Unmakeable() }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let source: RandomValue.Source
        let count: Int?
        var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var isAtEnd: Bool { currentIndex >= count ?? 0 }

        init(source: RandomValue.Source, count: Int) {
            self.source = source
            self.count = count
        }

        mutating func decodeNil() throws -> Bool { false }
        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            currentIndex += 1
            return try RandomDecoder.value(type, source)
        }
        mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
            throw Unmakeable()
        }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unmakeable() }
        mutating func superDecoder() throws -> any Decoder { throw Unmakeable() }
    }

    struct Single: SingleValueDecodingContainer {
        let source: RandomValue.Source
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { false }
        func decode(_ type: Bool.Type) throws -> Bool { source.chance(2) }
        func decode(_ type: String.Type) throws -> String { source.text() }
        func decode(_ type: Int.Type) throws -> Int { Int(source.integer()) }
        func decode(_ type: Int64.Type) throws -> Int64 { source.integer() }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try RandomDecoder.value(type, source) }
    }
}
