import CollectionsDomain
import Coordinator
import Foundation
import Testing

@Suite("decision cases")
struct DecisionCasesTests {
    /// Where the published cases lie beside a working copy; they are no part of this repository.
    static let published = PolicyDirectory.root.appending(path: "../shared/policy/cases.yaml")

    @Test("every published case is decided as expected, with the same reasons in the same order", .enabled(if: isPublishedThere))
    func publishedCases() throws {
        let text = try String(contentsOf: Self.published, encoding: .utf8)
        let results = try DecisionCases.run(PolicyFile.node(yaml: text, file: "cases.yaml"), policies: PolicyDirectory.policies())
        #expect(results.count >= 84)
        for result in results {
            #expect(
                result.passed,
                "\(result.id) \(result.title): expected \(String(describing: result.expected)), got \(String(describing: result.actual)) \(result.fault?.description ?? "")"
            )
        }
    }

    @Test("every case of this project is decided as expected")
    func ownCases() throws {
        let results = try DecisionCases.run(PolicyFile.node(yaml: OwnCases.yaml, file: "own.yaml"), policies: PolicyDirectory.policies())
        #expect(results.count >= 50)
        for result in results {
            #expect(
                result.passed,
                "\(result.id) \(result.title): expected \(result.expected?.rules ?? []), got \(result.actual?.rules ?? []) \(result.fault?.description ?? "")"
            )
        }
    }

    @Test("every blocked act of a case names a source its policy lists or a bank default, and its earliest instant is allowed")
    func reasons() throws {
        let policies = try PolicyDirectory.policies()
        for result in try DecisionCases.run(PolicyFile.node(yaml: OwnCases.yaml, file: "own.yaml"), policies: policies) {
            guard case .blocked(let reasons, _)? = result.decision else { continue }
            let known = Set(try #require(policies.latest(result.policy)).sources.map(\.id))
            for reason in reasons {
                #expect(reason.basis.sources.allSatisfy { known.contains($0) }, "\(result.id)")
                #expect(reason.policy == result.policy)
            }
        }
    }

    @Test(
        "a case that cannot be read fails alone, with the line of its fault",
        arguments: [
            ("act: {type: dance, at: \"2026-12-01T10:00:00+08:00\"}", "act.type"), ("act: {type: call, at: \"2026-12-01\"}", "act.at"),
            ("act: {type: call, at: \"2026-12-01T10:00:00+08:00\", to: {party: x, point: fax}}", "act"),
            ("facts: {party: {height: 3}}\n    act: {type: call, at: \"2026-12-01T10:00:00+08:00\"}", "facts.party.height"),
            (
                "history: [{type: rain, at: \"2026-12-01T10:00:00+08:00\"}]\n    act: {type: call, at: \"2026-12-01T10:00:00+08:00\"}",
                "history[0].type"
            ),
        ])
    func brokenCase(body: String, path: String) throws {
        let yaml = """
            format: recourse-cases/1
            cases:
              - id: X1
                policy: cn-credit-card
                title: broken
                expect: {decision: allow, rules: []}
                \(body)
              - id: X2
                policy: cn-credit-card
                title: whole
                act: {type: call, at: "2026-12-01T10:00:00+08:00"}
                expect: {decision: allow, rules: []}
            """
        let results = try DecisionCases.run(PolicyFile.node(yaml: yaml, file: "x.yaml"), policies: PolicyDirectory.policies())
        #expect(results.map(\.passed) == [false, true])
        let fault = try #require(results[0].fault)
        #expect(fault.path.hasSuffix(path) && fault.line >= 7, "\(fault)")
    }

    @Test("a case that expects something else fails and says what came out")
    func wrongExpectation() throws {
        let yaml = OwnCases.yaml.replacingOccurrences(
            of: "expect: {decision: block, rules: [recording.no_recorder_then]}", with: "expect: {decision: allow, rules: []}")
        let failed = try DecisionCases.run(PolicyFile.node(yaml: yaml, file: "own.yaml"), policies: PolicyDirectory.policies()).filter {
            !$0.passed
        }
        #expect(failed.map(\.id) == ["C30"] && failed[0].actual?.rules == ["recording.no_recorder_then"])
    }

    static var isPublishedThere: Bool { FileManager.default.fileExists(atPath: published.path) }
}
