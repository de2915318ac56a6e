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

    @Test("every case of this project is decided as expected", arguments: ProjectCases.files)
    func ownCases(file: String) throws {
        let results = try ProjectCases.run(file)
        #expect(results.count >= 20)
        for result in results {
            #expect(
                result.passed,
                "\(result.id) \(result.title): expected \(result.expected?.rules ?? []), got \(result.actual?.rules ?? []) \(result.fault?.description ?? "")"
            )
        }
    }

    @Test("every blocked act of a case names sources its policy lists, or is a bank default", arguments: ProjectCases.files)
    func reasons(file: String) throws {
        let policies = try PolicyDirectory.policies()
        for result in try ProjectCases.run(file) {
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
        let yaml = try ProjectCases.text("cn-credit-card.yaml").replacingOccurrences(
            of: "expect: {decision: block, rules: [recording.no_recorder_then]}", with: "expect: {decision: allow, rules: []}")
        let failed = try DecisionCases.run(PolicyFile.node(yaml: yaml, file: "own.yaml"), policies: PolicyDirectory.policies()).filter {
            !$0.passed
        }
        #expect(failed.map(\.id) == ["C30"] && failed[0].actual?.rules == ["recording.no_recorder_then"])
    }

    @Test("an event may name its person by `to`, and every key the format lists for it is taken")
    func eventKeys() throws {
        let yaml = """
            format: recourse-cases/1
            cases:
              - id: X1
                policy: cn-credit-card
                title: a refusal told by whom it was addressed to
                facts: {party: {number_invalid: true}}
                history:
                  - {type: third_party_refused, at: "2026-11-01T10:00:00+08:00", to: {party: aunt, role: family, point: other_phone}}
                act: {type: call, at: "2026-12-01T10:00:00+08:00", to: {party: aunt, role: family, point: other_phone}, purpose: relay}
                expect: {decision: block, rules: [third_party.refusal_is_final]}
              - id: X2
                policy: us-reg-f
                title: an opt-out with its form
                history:
                  - {type: opt_out, at: "2026-11-01T10:00:00-05:00", channel: sms, form: written}
                  - {type: payment, at: "2026-11-02T10:00:00-05:00", form: oral, accounts: [A], by: bank}
                act: {type: sms, at: "2026-12-01T10:00:00-05:00"}
                expect: {decision: block, rules: [channel_opt_out]}
            """
        let results = try DecisionCases.run(PolicyFile.node(yaml: yaml, file: "x.yaml"), policies: PolicyDirectory.policies())
        for result in results {
            #expect(result.passed, "\(result.id): \(String(describing: result.actual)) \(String(describing: result.fault))")
        }
    }

    static var isPublishedThere: Bool { FileManager.default.fileExists(atPath: published.path) }
}
