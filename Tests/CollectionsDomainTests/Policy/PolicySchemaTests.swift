import CollectionsDomain
import Testing

@Suite("schema of policy files")
struct PolicySchemaTests {
    /// A policy in which every key of the schema stands.
    private static func sample(_ shape: PolicyShape, key: String = "") -> PolicyLiteral {
        switch shape {
        case .text:
            switch key {
            case "extends": nil
            case "source": "L"
            default: "text"
            }
        case .identifier: "an_id"
        case .country: "CN"
        case .currency: "CNY"
        case .zone: "Asia/Shanghai"
        case .integer(let range): .word(String(key == "window_len" ? 1 : range.lowerBound))
        case .truth: true
        case .date: "2026-01-01"
        case .time: key == "end" ? "20:00" : "08:00"
        case .decimal: "10.00"
        case .word(let words): .word(word(words, key))
        case .words(let words): .list([.word(word(words, key))])
        case .list(let item): .list([sample(item, key: key)])
        case .mapping(let keys):
            // Limits and cooldowns share one space of ids.
            .map(
                keys.map { key in
                    (key.name, key.name == "id" && keys.contains { $0.name == "trigger" } ? "other" : sample(key.shape, key: key.name))
                })
        case .named(let names, let shape): .map(names.map { ($0, sample(shape)) })
        case .either(let shapes): sample(shapes[0], key: key)
        case .open: nil
        }
    }

    /// A word that contradicts nothing else in the sample.
    private static func word(_ words: [String], _ key: String) -> String {
        switch key {
        case "event", "trigger": "contact_made"
        case "channels", "blocks": words.contains("all") ? "all" : words[0]
        case "blocked_by", "type": "dispute"
        case "start_rule": "same_day"
        default: words[0]
        }
    }

    private var whole: PolicyLiteral { Self.sample(PolicySchema.file) }

    @Test("the reader knows every key of the schema")
    func readerKnows() throws {
        let policy = try whole.policy()
        #expect(policy.limits.count == 1 && policy.complaint?.days == 1 && policy.limitation?.subAreas.count == 4)
    }

    @Test("the schema knows every key of the reader")
    func schemaKnows() throws {
        var checked = 0
        try Self.mappings(PolicySchema.file, path: []) { path, keys in
            // A stranger in the mapping makes the reader list what it knows there.
            let stranger = Self.inserting(into: whole, at: path)
            do {
                _ = try stranger.policy()
                Issue.record("\(path): an unknown key was read")
            } catch let error as PolicyError {
                #expect(error.reason.hasPrefix("unknown key") || error.reason.contains("zz_stranger"), "\(error)")
                guard let list = error.reason.split(separator: "known here: ").last, error.reason.contains("known here") else { return }
                let known = Set(list.dropLast().split(separator: ", ").map(String.init))
                #expect(known == Set(keys), "\(path): reader \(known.symmetricDifference(keys).sorted()) schema")
                checked += 1
            }
        }
        #expect(checked > 25)
    }

    @Test("the schema is JSON with a definition of sources, and closed everywhere")
    func json() {
        let text = PolicySchema.json
        #expect(text.hasPrefix("{\n  \"$schema\"") && text.hasSuffix("}\n"))
        #expect(text.count { $0 == "{" } == text.count { $0 == "}" } && text.count { $0 == "[" } == text.count { $0 == "]" })
        let objects = text.components(separatedBy: "\"properties\"").count
        #expect(objects == text.components(separatedBy: "\"additionalProperties\": false").count)
    }

    private static func mappings(_ shape: PolicyShape, path: [String], _ body: ([String], [String]) throws -> Void) rethrows {
        switch shape {
        case .mapping(let keys):
            try body(path, keys.map(\.name))
            for key in keys { try mappings(key.shape, path: path + [key.name], body) }
        case .list(let item): try mappings(item, path: path + ["[0]"], body)
        case .named(let names, let shape): try mappings(shape, path: path + [names[0]], body)
        case .text, .identifier, .country, .currency, .zone, .integer, .truth, .date, .time, .decimal, .word, .words, .either, .open: break
        }
    }

    private static func inserting(into literal: PolicyLiteral, at path: [String]) -> PolicyLiteral {
        guard let first = path.first else {
            guard case .map(let pairs) = literal else { return literal }
            return .map(pairs + [("zz_stranger", 1)])
        }
        let rest = Array(path.dropFirst())
        switch literal {
        case .list(let items): return .list(items.enumerated().map { $0.offset == 0 ? inserting(into: $0.element, at: rest) : $0.element })
        case .map(let pairs): return .map(pairs.map { ($0.0, $0.0 == first ? inserting(into: $0.1, at: rest) : $0.1) })
        case .null, .text, .word: return literal
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
