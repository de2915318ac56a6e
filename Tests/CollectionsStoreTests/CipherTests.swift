import CollectionsStore
import Testing

@Suite("Personal data")
struct CipherTests {
    private static let key: [UInt8] = Array(repeating: 7, count: 32)

    @Test(
        "what is sealed opens again, and twice the same text gives different bytes",
        arguments: ["", "张伟", "13800138000", String(repeating: "长", count: 1_000)])
    func roundTrip(text: String) throws {
        let cipher = try PersonalCipher(dataKey: Self.key)
        let one = cipher.seal(text), two = cipher.seal(text)
        #expect(one != two)
        #expect(one.first == 1 && one.count == 1 + 12 + text.utf8.count + 16)
        let opened = [try cipher.open(one), try cipher.open(two)]
        #expect(opened == [text, text])
    }

    @Test("a changed byte anywhere does not open", arguments: [0, 1, 5, 13, 20, 30])
    func tampering(position: Int) throws {
        let cipher = try PersonalCipher(dataKeys: [1: Self.key, 0: Self.key], current: 1)
        var sealed = cipher.seal("13800138000")
        sealed[position] ^= 1
        #expect(throws: PersonalCipherError.damaged) { try cipher.open(sealed) }
        #expect(throws: PersonalCipherError.damaged) { try cipher.open([]) }
    }

    @Test("older keys open, the current one seals, unknown ones are named")
    func rotation() throws {
        let other: [UInt8] = Array(repeating: 9, count: 32)
        let old = try PersonalCipher(dataKey: Self.key, keyId: 1)
        let new = try PersonalCipher(dataKeys: [1: Self.key, 2: other], current: 2)
        let opened = try new.open(old.seal("x"))
        #expect(opened == "x")
        #expect(new.seal("x").first == 2)
        #expect(throws: PersonalCipherError.unknownKey(2)) { try old.open(new.seal("x")) }
        #expect(throws: PersonalCipherError.badKey) { try PersonalCipher(dataKey: [1, 2, 3]) }
        #expect(old.fingerprint != new.fingerprint)
    }

    @Test("the blind index finds equal values and only under its key")
    func blindIndex() throws {
        let cipher = try PersonalCipher(dataKey: Self.key)
        let other = try PersonalCipher(dataKey: Array(repeating: 8, count: 32))
        #expect(cipher.blindIndex("13800138000") == cipher.blindIndex("13800138000"))
        #expect(cipher.blindIndex("13800138000").count == 16)
        #expect(cipher.blindIndex("13800138000") != cipher.blindIndex("13800138001"))
        #expect(cipher.blindIndex("13800138000") != other.blindIndex("13800138000"))
    }

    @Test("errors carry no personal data")
    func silent() throws {
        let cipher = try PersonalCipher(dataKey: Self.key)
        var sealed = cipher.seal("13800138000")
        sealed[20] ^= 1
        let error = #expect(throws: PersonalCipherError.self) { try cipher.open(sealed) }
        #expect(!String(describing: error).contains("138"))
    }
}

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test("keys are sorted by bytes, nothing is blank, escapes are the shortest")
    func form() {
        let value: CanonicalJSON = [
            "b": [1, -2, .null], "a": "q\"\\\n\u{1}é", "B": true, "é": .object([:]), "n": .number(Int16(7)), "o": .optional(Int64?.none),
            "s": .optional("x"),
        ]
        #expect(value.text == #"{"B":true,"a":"q\"\\\n\u0001é","b":[1,-2,null],"n":7,"o":null,"s":"x","é":{}}"#)
    }

    @Test("an object is the same as a dictionary sorted by the bytes of its keys, whatever is set and removed")
    func entries() {
        var random = SystemRandomNumberGenerator()
        let keys = [
            "a", "ab", "abc", "b", "", "B", "é", "e\u{301}", "日", "kind", "subject", "a_key_longer_than_fifteen_bytes", "a_key_longer",
        ]
        for _ in 0..<200 {
            var object = CanonicalObject()
            var model: [[UInt8]: Int64] = [:]
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let key = keys.randomElement(using: &random) ?? "a"
                let value: Int64? = Int.random(in: 0..<4, using: &random) == 0 ? nil : Int64.random(in: 0...9, using: &random)
                object[key] = value.map { .int($0) }
                model[Array(key.utf8)] = value
            }
            let sorted = model.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            #expect(object.entries.map { Array($0.key.utf8) } == sorted.map(\.key))
            #expect(object.entries.map(\.value) == sorted.map { .int($0.value) })
            for key in keys { #expect(object[key] == model[Array(key.utf8)].map { .int($0) }) }
        }
    }

    @Test("the order in which entries were added does not show")
    func order() {
        let one = CanonicalJSON.object(["x": 1]).adding(["a": 2, "z": 3])
        let two = CanonicalJSON.object(["z": 0]).adding(["x": 1, "a": 2, "z": 3])
        #expect(one.bytes == two.bytes)
        #expect(CanonicalJSON.int(5).adding(["k": 1]).text == #"{"k":1,"value":5}"#)
        #expect(one["a"] == 2 && one["missing"] == nil)
    }
}
