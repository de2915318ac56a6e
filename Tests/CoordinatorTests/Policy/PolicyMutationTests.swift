import CollectionsDomain
import Coordinator
import Foundation
import Testing

/// Takes every rule out of every shipped policy, one at a time: some decision case has to notice.
@Suite("decision cases hold every rule")
struct PolicyMutationTests {
    /// What no decision on an act can show, with the reason.
    private static let silent: [String: Set<String>] = [
        // A hold on record that a policy has no row for stops everything it could mean, under the same name.
        "a hold without a row is held all the same": [
            "cn-credit-card holds.deceased", "cn-credit-card holds.incapacity", "cn-credit-card holds.minor",
            "cn-credit-card holds.custody", "cn-credit-card holds.self_harm_risk", "cn-credit-card holds.operator",
            "cn-credit-card holds.vulnerable_visit",
        ],
        "recording.required_channels says the same": ["cn-credit-card visit.recording"],
        "the holds it names stop a suit themselves": ["uk-conc legal.civil_referral.blocked_by"],
        "nothing widens the hours where consents only narrow": ["uk-conc time.window_consent.needs_record"],
        "every_contact says the same": ["us-reg-f content.disclosures.first_contact"],
        "stops_collection says the same": [
            "cn-credit-card holds.instalment_plan", "cn-credit-card arrangements.instalment_plan.stops_collection",
        ],
        "the value is what holds without the rule": [
            "cn-credit-card time.window_consent.narrows_only", "us-reg-f time.window_consent.needs_record", "au-rg96 people.workplace_mode",
            "cn-credit-card time.holiday_mode", "us-reg-f time.holiday_mode", "uk-conc time.holiday_mode",
            "cn-credit-card recording.no_recorder_then", "cn-credit-card legal.limitation.expired_blocks",
            "uk-conc legal.civil_referral.needs_legal_review_if_expired",
        ],
        "it is not decided by act, but at renewal, at purge, or by lint": [
            "cn-credit-card agency.agency_controls.evaluate_before_expiry", "cn-credit-card agency.agency_data.fields",
            "cn-credit-card agency.agency_data.purge_days_after_end", "cn-credit-card content.letter_recommended_fields",
        ],
    ]

    @Test("each rule that is taken out changes a decision", arguments: PolicyDirectory.names)
    func mutations(name: String) throws {
        let original = try PolicyDirectory.node(name)
        let others = try PolicyDirectory.names.filter { $0 != name }.map { try PolicyDirectory.node($0) }
        let cases = try Self.cases(of: name)
        let before = try Self.answers(cases, PolicySet(reading: others + [original]))
        let silent = Self.silent.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        var survivors: [String] = []
        var count = 0
        for path in Self.rules(of: original) {
            count += 1
            let mutant = Self.removing(path, from: original)
            let after: [DecisionCase.Answer?]
            do {
                after = try Self.answers(cases, PolicySet(reading: others + [mutant]))
            } catch is PolicyError {
                continue  // The strict reader misses it itself.
            }
            if after == before { survivors.append("\(name) \(Self.name(of: path, in: original))") }
        }
        #expect(count > 0 && !before.isEmpty)
        let unexpected = survivors.filter { !silent.contains($0) }
        #expect(unexpected.isEmpty, "no case notices that these are gone: \(unexpected)")
        let noticed = silent.filter { $0.hasPrefix(name + " ") && !survivors.contains($0) }
        #expect(noticed.isEmpty, "a case does notice: \(noticed)")
    }

    // MARK: Cases

    private static func cases(of name: String) throws -> PolicyNode {
        var all: [PolicyNode] = []
        for file in ProjectCases.files {
            guard case .sequence(let items)? = try ProjectCases.node(file)["cases"]?.content else { continue }
            all += items.filter { if case .scalar(name, _)? = $0["policy"]?.content { true } else { false } }
        }
        let format = PolicyNode(.scalar("recourse-cases/1", quoted: false), file: "all.yaml", line: 1)
        return PolicyNode(
            .mapping([
                PolicyNode.Entry(key: "format", line: 1, value: format),
                PolicyNode.Entry(key: "cases", line: 1, value: PolicyNode(.sequence(all), file: "all.yaml", line: 1)),
            ]), file: "all.yaml", line: 1)
    }

    private static func answers(_ cases: PolicyNode, _ policies: PolicySet) throws -> [DecisionCase.Answer?] {
        try DecisionCases.run(cases, policies: policies).map(\.actual)
    }

    // MARK: Rules

    private enum Step: Hashable {
        case key(String)
        case item(Int)
    }

    /// Where single rules stand: rows of lists, and every value of a section that says something.
    private static func rules(of node: PolicyNode) -> [[Step]] {
        var paths: [[Step]] = []
        for section in [
            "time", "counts", "people", "opt_outs", "content", "holds", "arrangements", "visit", "recording", "legal", "agency",
        ] {
            if let node = node[section] { collect(node, [.key(section)], into: &paths) }
        }
        // Without these there is no section left to judge by.
        let frame: Set<[Step]> = [
            [.key("time"), .key("time_zone_mode")], [.key("time"), .key("policy_time_zone")], [.key("time"), .key("holiday_calendar")],
        ]
        return paths.filter { !frame.contains($0) }
    }

    private static func collect(_ node: PolicyNode, _ path: [Step], into paths: inout [[Step]]) {
        switch node.content {
        case .null: break
        case .scalar: paths.append(path)
        case .sequence(let items):
            if items.isEmpty { return }
            guard case .mapping? = items.first?.content else { return paths.append(path) }
            for index in items.indices { paths.append(path + [.item(index)]) }
        case .mapping(let entries):
            if entries.contains(where: { $0.key == "value" }) {
                if case .sequence(let items)? = node["value"]?.content, items.isEmpty { return }
                return paths.append(path)
            }
            for entry in entries where entry.key != "source" && entry.key != "force" {
                collect(entry.value, path + [.key(entry.key)], into: &paths)
            }
        }
    }

    private static func removing(_ path: [Step], from node: PolicyNode) -> PolicyNode {
        guard let first = path.first else { return node }
        let rest = Array(path.dropFirst())
        switch (node.content, first) {
        case (.mapping(let entries), .key(let key)):
            let kept = entries.compactMap { entry in
                entry.key != key
                    ? entry
                    : rest.isEmpty ? nil : PolicyNode.Entry(key: key, line: entry.line, value: removing(rest, from: entry.value))
            }
            return PolicyNode(.mapping(kept), file: node.file, line: node.line)
        case (.sequence(let items), .item(let index)):
            let kept = items.enumerated().compactMap { offset, item in
                offset != index ? item : rest.isEmpty ? nil : removing(rest, from: item)
            }
            return PolicyNode(.sequence(kept), file: node.file, line: node.line)
        default: return node
        }
    }

    private static func name(of path: [Step], in node: PolicyNode) -> String {
        var parts: [String] = []
        var current: PolicyNode? = node
        for step in path {
            switch step {
            case .key(let key):
                parts.append(key)
                current = current?[key]
            case .item(let index):
                guard case .sequence(let items)? = current?.content else { continue }
                current = items[index]
                var name = String(index)
                for key in ["id", "type"] { if case .scalar(let text, _)? = items[index][key]?.content { name = text } }
                parts.append(name)
            }
        }
        return parts.joined(separator: ".")
    }
}
