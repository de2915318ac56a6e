import CollectionsDomain
import Coordinator
import Foundation
import Testing

@Suite("policy files")
struct PolicyFileTests {
    private func fault(_ yaml: String) -> PolicyError? {
        do {
            _ = try PolicyFile.node(yaml: yaml, file: "p.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test("keys and values keep their lines, order and quotes")
    func lines() throws {
        let node = try PolicyFile.node(
            yaml: """
                # a comment
                b: "08:00"
                a:
                  - one
                  - {x: 22:00, y: null, z: ~, w: "null"}
                c:
                """, file: "p.yaml")
        guard case .mapping(let entries) = node.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["b", "a", "c"] && entries.map(\.line) == [2, 3, 6])
        guard case .scalar("08:00", quoted: true)? = node["b"]?.content else {
            Issue.record("quotes are lost")
            return
        }
        guard case .sequence(let items)? = node["a"]?.content else {
            Issue.record("no list")
            return
        }
        #expect(items.map(\.line) == [4, 5])
        guard case .scalar("22:00", quoted: false)? = items[1]["x"]?.content, case .scalar("null", quoted: true)? = items[1]["w"]?.content
        else {
            Issue.record("text is not as written")
            return
        }
        #expect(items[1]["y"]?.isNull == true && items[1]["z"]?.isNull == true && node["c"]?.isNull == true)
    }

    @Test(
        "what is no YAML, has a key twice, is empty or too large is a fault with a line",
        arguments: [
            ("a: 1\nb: [1, 2\n", "cannot read YAML"), ("a: 1\nb: 2\na: 3\n", "twice"), ("", "empty"), ("a: *nobody\n", "cannot read YAML"),
            ("? [a, b]\n: 1\n", "key must be text"), ("a: 1\n---\nb: 2\n", "cannot read YAML"), ("a: \"\u{1}\"\n", "cannot read YAML"),
        ])
    func faults(yaml: String, reason: String) throws {
        let error = try #require(fault(yaml))
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.file == "p.yaml" && error.line >= 1)
    }

    @Test("a key that stands twice is named with its own line")
    func duplicateLine() throws {
        let error = try #require(fault("a: 1\nb:\n  x: 1\n  y: 2\n  x: 3\n"))
        #expect(error.line >= 2 && error.reason.contains("x") || error.path.hasSuffix("x"))
    }

    @Test("aliases that blow up, and nesting without end, are refused")
    func bombs() throws {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...7 {
            bomb += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(fault(bomb)?.reason.contains("too large") == true)
        #expect(fault(String(repeating: "[", count: 200) + String(repeating: "]", count: 200))?.reason.contains("too deep") == true)
        #expect(fault("a: " + String(repeating: "x", count: PolicyFile.maximumBytes))?.reason.contains("larger") == true)
    }

    @Test("an aliased value is the value, at its own place")
    func aliases() throws {
        let node = try PolicyFile.node(yaml: "a: &w {max: 3}\nb: *w\n", file: "p.yaml")
        #expect(try PolicyReader(#require(node["b"]?["max"])).int(0...9) == 3)
    }

    @Test("faults of a policy name the line on which its author finds them")
    func policyLine() throws {
        let text = try PolicyDirectory.text("cn-credit-card")
        let broken = text.replacingOccurrences(of: "max_term_months: 60", with: "max_term_months: 60m")
        let line =
            try #require(text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("max_term_months: 60") })
            + 1
        do {
            _ = try ConductPolicy.read(PolicyFile.node(yaml: broken, file: "cn.yaml")) { _ in nil }
            Issue.record("read")
        } catch let error as PolicyError {
            #expect(error.line == line && error.path == "arrangements.instalment_plan.max_term_months")
        }
    }
}
