import CollectionsDomain

/// A policy file written as a Swift literal, for tests that need no YAML. Each mapping entry and list item counts as one line.
///
/// Strings are quoted as dates, times and decimals have to be; `.word` is an unquoted one. The strict reader takes quoted words too.
indirect enum PolicyLiteral: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    case null
    case text(String)
    case word(String)
    case list([PolicyLiteral])
    case map([(String, PolicyLiteral)])

    init(dictionaryLiteral elements: (String, PolicyLiteral)...) { self = .map(elements) }
    init(arrayLiteral elements: PolicyLiteral...) { self = .list(elements) }
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .word(String(value)) }
    init(booleanLiteral value: Bool) { self = .word(value ? "true" : "false") }
    init(nilLiteral: ()) { self = .null }

    /// The tree.
    var node: PolicyNode {
        var line = 1
        return node(&line)
    }

    private func node(_ line: inout Int) -> PolicyNode {
        let start = line
        switch self {
        case .null: return PolicyNode(.null, file: "test.yaml", line: start)
        case .text(let text): return PolicyNode(.scalar(text, quoted: true), file: "test.yaml", line: start)
        case .word(let text): return PolicyNode(.scalar(text, quoted: false), file: "test.yaml", line: start)
        case .list(let items):
            var nodes: [PolicyNode] = []
            for item in items {
                nodes.append(item.node(&line))
                line += 1
            }
            return PolicyNode(.sequence(nodes), file: "test.yaml", line: start)
        case .map(let pairs):
            var entries: [PolicyNode.Entry] = []
            for (key, value) in pairs {
                let keyLine = line
                entries.append(PolicyNode.Entry(key: key, line: keyLine, value: value.node(&line)))
                line += 1
            }
            return PolicyNode(.mapping(entries), file: "test.yaml", line: start)
        }
    }

    /// The literal with a value put at a path of keys; missing mappings are made.
    func setting(_ path: String, _ value: PolicyLiteral) -> PolicyLiteral {
        var parts = path.split(separator: ".").map(String.init)
        let key = parts.removeFirst()
        var pairs: [(String, PolicyLiteral)] = if case .map(let pairs) = self { pairs } else { [] }
        let inner = pairs.first { $0.0 == key }?.1 ?? .map([])
        let new = parts.isEmpty ? value : inner.setting(parts.joined(separator: "."), value)
        if let index = pairs.firstIndex(where: { $0.0 == key }) { pairs[index].1 = new } else { pairs.append((key, new)) }
        return .map(pairs)
    }

    /// The literal without a key.
    func removing(_ key: String) -> PolicyLiteral {
        guard case .map(let pairs) = self else { return self }
        return .map(pairs.filter { $0.0 != key })
    }

    /// The policy.
    func policy(parent: ConductPolicy? = nil) throws -> ConductPolicy {
        try ConductPolicy.read(node) { name in parent?.id == name ? parent : nil }
    }
}

/// Policies of tests.
enum TestPolicy {
    /// Nothing but who is judged and whose time counts.
    static let bare: PolicyLiteral = [
        "policy_id": "test", "version": "1", "jurisdiction": "CN", "effective_from": "2020-01-01",
        "sources": [
            ["id": "L", "instrument": "law", "force": "law", "confidence": "T"],
            ["id": "S", "instrument": "standard", "force": "standard", "confidence": "R"],
        ],
        "scope": ["applies_to_actors": ["bank", "agency"], "on_missing_fact": "block", "on_exceed": "block"],
        "time": ["time_zone_mode": "fixed", "policy_time_zone": "Asia/Shanghai"],
    ]

    static let everyDay: PolicyLiteral = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    static func window(_ start: PolicyLiteral, _ end: PolicyLiteral, channels: PolicyLiteral = ["all"], weekdays: PolicyLiteral = everyDay)
        -> PolicyLiteral
    {
        ["channels": channels, "place": "any", "weekdays": weekdays, "start": start, "end": end, "source": "S"]
    }

    static func limit(
        _ id: String, event: String, channels: PolicyLiteral, max: Int, kind: String, length: Int = 1, scope: PolicyLiteral = ["party"],
        over: String = "bank_and_all_agencies", exclusions: PolicyLiteral = []
    ) -> PolicyLiteral {
        [
            "id": .word(id), "event": .word(event), "channels": channels, "max": .word(String(max)), "window_kind": .word(kind),
            "window_len": .word(String(length)), "scope": scope, "aggregate_over": .word(over), "exclusions": exclusions, "source": "S",
        ]
    }

    static func hold(
        _ type: String, start: String = "same_day", maxDays: PolicyLiteral = nil, extendDays: Int = 0, blocks: PolicyLiteral = ["all"],
        permits: PolicyLiteral = [], scope: PolicyLiteral = ["account"], release: PolicyLiteral = nil, condition: PolicyLiteral = []
    ) -> PolicyLiteral {
        [
            "type": .word(type), "condition": condition, "start_rule": .word(start), "max_days": maxDays,
            "extend_days": .word(String(extendDays)),
            "blocks": blocks, "permits": permits, "scope": scope, "release": release, "source": "L",
        ]
    }

    /// Hours, counts, people, holds and promises in one policy, for properties over random histories.
    static let rich: PolicyLiteral =
        bare
        .setting("time.contact_windows", [window("08:00", "22:00")])
        .setting("time.window_consent", ["allowed": true, "needs_record": true, "narrows_only": false])
        .setting(
            "counts.frequency_limits",
            [
                limit("talks_daily", event: "effective_conversation", channels: ["call"], max: 3, kind: "calendar_day"),
                limit(
                    "unanswered_daily", event: "attempt_unanswered", channels: ["phone"], max: 4, kind: "calendar_day",
                    scope: ["party", "contact_point"]),
                limit(
                    "calls_weekly", event: "attempt_any", channels: ["phone"], max: 9, kind: "consecutive_days", length: 7,
                    scope: ["party", "account"], over: "agency", exclusions: ["not_connected", "prior_consent_7d"]),
                limit("messages_rolling", event: "message", channels: ["message"], max: 2, kind: "rolling_hours", length: 36),
                limit("contacts_week", event: "contact_made", channels: ["all"], max: 6, kind: "week", scope: ["account"]),
                limit("letters_month", event: "letter", channels: ["letter"], max: 2, kind: "month", scope: ["account"]),
                limit(
                    "visits_weekly", event: "visit", channels: ["visit"], max: 1, kind: "consecutive_days", length: 7, scope: ["account"]),
            ]
        )
        .setting(
            "counts.cooldowns",
            [
                [
                    "id": "after_talk", "trigger": "effective_conversation", "initiated_by": "any", "blocks": ["phone"], "days": 3,
                    "trigger_day_is_day_one": true, "scope": ["party", "account"], "aggregate_over": "agency",
                    "excused_by": ["prior_consent_7d"],
                ]
            ]
        )
        .setting("people.collectable_roles", ["debtor", "guarantor"])
        .setting(
            "people.third_party",
            [
                "purposes": ["relay"],
                "preconditions": [
                    "any_of": [
                        ["number_invalid": true], ["failed_dials": 3, "next_day": true], ["unreachable_days": 3], ["deceased": true],
                    ]
                ],
                "max_contacts": 2, "forbidden_fields": ["amount"], "refusal_is_final": true,
            ]
        )
        .setting("people.representative", ["types": ["attorney"], "block_party": true, "until": ["silent_days": 5, "consents": true]])
        .setting("opt_outs.channel_opt_out", ["honoured": true, "confirmations_allowed": 1, "replies_allowed": 1])
        .setting(
            "holds",
            [
                hold("dispute", permits: ["dispute_reply"], release: "dispute_verified"),
                hold("moratorium", start: "day_after", maxDays: 10, blocks: ["contact"], scope: ["party"]),
                hold(
                    "crisis_moratorium", start: "release_plus", maxDays: 5, blocks: ["contact"], scope: ["party"],
                    release: "crisis_treatment_ended"),
                hold("adviser_plan", start: "day_after", maxDays: 6, extendDays: 4, blocks: ["contact"], scope: ["party"]),
                hold("complaint", blocks: ["contact"], scope: ["party"], release: "operator", condition: ["on_record"]),
            ]
        )
        .setting("arrangements.promise_to_pay", ["max_days": 7, "grace_days": 1, "contact_in_window": "due_day_reminder"])
        .setting("visit", ["min_collectors": 2, "min_gap_days": 3])
}
