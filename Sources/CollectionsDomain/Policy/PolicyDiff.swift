/// What one parameter was and is, for people who decide whether a policy may be published.
package struct PolicyChange: Hashable, Sendable {
    /// What the change means for collectors.
    package enum Direction: String, CaseIterable, Sendable {
        /// Less is allowed, or more is asked.
        case stricter
        /// More is allowed, or less is asked.
        case looser
        /// Neither can be said: it depends on the act.
        case different
    }

    /// The keys that lead to it, list items by their id: `counts.frequency_limits.talks_daily.max`.
    package let parameter: String
    /// As written; nil: there was no such rule.
    package let old: String?
    /// As written; nil: there is no such rule any more.
    package let new: String?
    package let direction: Direction
    /// The source ids of the old and of the new value.
    package let oldSources: [String]
    package let newSources: [String]
}

/// Compares two policies parameter by parameter.
package enum PolicyDiff {
    /// A policy as it was written and as it was read.
    package struct Side: Sendable {
        let node: PolicyNode
        let policy: ConductPolicy

        package init(node: PolicyNode, policy: ConductPolicy) {
            self.node = node
            self.policy = policy
        }
    }

    /// Every parameter that differs, by name. What a policy extends is compared as the name only: strictest wins, so nothing in it can be
    /// loosened by the file itself.
    package static func changes(from old: Side, to new: Side) throws(PolicyError) -> [PolicyChange] {
        let before = try PolicyLeaves(old.node).leaves
        let after = try PolicyLeaves(new.node).leaves
        var changes: [PolicyChange] = []
        for path in Set(before.keys).union(after.keys).sorted() {
            let (left, right) = (before[path], after[path])
            if left?.values == right?.values, left?.sources == right?.sources { continue }
            let direction: PolicyChange.Direction
            if left?.values == right?.values {
                direction = .different
            } else if path == PolicyLeaves.windows {
                direction = OpenHours(old.policy).direction(to: OpenHours(new.policy))
            } else {
                direction = PolicySense(of: path).direction(from: left?.values, to: right?.values)
            }
            changes.append(
                PolicyChange(
                    parameter: path, old: left?.text, new: right?.text, direction: direction, oldSources: left?.sources ?? [],
                    newSources: right?.sources ?? []))
        }
        return collapsed(changes, before: before, after: after)
    }

    /// A limit, cooldown or hold that came or went is one change, not one for each of its parts.
    private static func collapsed(
        _ changes: [PolicyChange], before: [String: PolicyLeaves.Leaf], after: [String: PolicyLeaves.Leaf]
    ) -> [PolicyChange] {
        var result: [PolicyChange] = []
        var seen: Set<String> = []
        for change in changes {
            guard let row = PolicyLeaves.row(of: change.parameter) else {
                result.append(change)
                continue
            }
            let wasThere = before.keys.contains { $0.hasPrefix(row + ".") }
            let isThere = after.keys.contains { $0.hasPrefix(row + ".") }
            if wasThere == isThere {
                result.append(change)
            } else if seen.insert(row).inserted {
                result.append(
                    PolicyChange(
                        parameter: row, old: wasThere ? text(of: row, in: before) : nil, new: isThere ? text(of: row, in: after) : nil,
                        direction: isThere ? .stricter : .looser, oldSources: sources(of: row, in: before),
                        newSources: sources(of: row, in: after)))
            }
        }
        return result
    }

    private static func text(of row: String, in leaves: [String: PolicyLeaves.Leaf]) -> String {
        leaves.filter { $0.key.hasPrefix(row + ".") }.sorted { $0.key < $1.key }
            .map { $0.key.dropFirst(row.count + 1) + " " + $0.value.text }.joined(separator: ", ")
    }

    private static func sources(of row: String, in leaves: [String: PolicyLeaves.Leaf]) -> [String] {
        Set(leaves.filter { $0.key.hasPrefix(row + ".") }.flatMap(\.value.sources)).sorted()
    }
}

/// A policy file as one value per parameter.
struct PolicyLeaves {
    /// A value as it stands in the file.
    struct Leaf: Hashable {
        /// One word, or the words of a list.
        let values: [String]
        let isList: Bool
        let sources: [String]

        var text: String { isList ? "[" + values.joined(separator: ", ") + "]" : values.first ?? "" }
    }

    /// The parameter that is compared by its hours.
    static let windows = "time.contact_windows"

    private(set) var leaves: [String: Leaf] = [:]

    init(_ node: PolicyNode) throws(PolicyError) {
        // Source ids were checked when the file was read; here they are only shown.
        try add(PolicyReader(node), path: "")
    }

    /// The row of a list to which a parameter belongs: `counts.frequency_limits.talks_daily` of its `max`.
    static func row(of path: String) -> String? {
        for list in ["counts.frequency_limits.", "counts.cooldowns.", "holds."] where path.hasPrefix(list) {
            return list + path.dropFirst(list.count).prefix { $0 != "." }
        }
        return nil
    }

    private mutating func add(_ reader: PolicyReader, path: String) throws(PolicyError) {
        switch reader.node.content {
        case .null: break
        case .scalar(let text, _): leaves[path] = Leaf(values: [text], isList: false, sources: reader.basis.sources)
        case .mapping:
            for entry in try reader.entries() where !(path.isEmpty && entry.key == "sources") {
                try add(entry.reader, path: path.isEmpty ? entry.key : "\(path).\(entry.key)")
            }
        case .sequence:
            let items = try reader.items()
            if items.isEmpty { return }
            if path == Self.windows {
                leaves[path] = Leaf(values: items.map { Self.words($0.node) }, isList: true, sources: items.flatMap(\.basis.sources).unique)
                return
            }
            let names = items.map { Self.name(of: $0.node) }
            if names.allSatisfy({ $0 != nil }), Set(names).count == names.count {
                for (item, name) in zip(items, names) { try add(item, path: "\(path).\(name ?? "")") }
            } else {
                leaves[path] = Leaf(values: items.map { Self.words($0.node) }, isList: true, sources: reader.basis.sources)
            }
        }
    }

    /// What tells one item of a list from the others.
    private static func name(of node: PolicyNode) -> String? {
        for key in ["id", "type", "stage", "step", "collections_from"] {
            if case .scalar(let text, _)? = node[key]?.content { return text }
        }
        return nil
    }

    /// An item on one line, without where it comes from.
    private static func words(_ node: PolicyNode) -> String {
        switch node.content {
        case .null: "-"
        case .scalar(let text, _): text
        case .sequence(let items): items.map(words).joined(separator: " ")
        case .mapping(let entries):
            entries.filter { $0.key != "source" && $0.key != "force" }.map { $0.key + " " + words($0.value) }.joined(separator: ", ")
        }
    }
}

extension [String] {
    /// Each once, in order of appearance.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

/// In which direction a parameter is strict.
enum PolicySense {
    /// Numbers: less is stricter.
    case lower
    /// Numbers: more is stricter.
    case higher
    /// Like ``higher``, but no number means without end.
    case higherOrOpen
    case yes
    case no
    /// Lists: every word more asks or blocks more.
    case more
    /// Lists that allow; none means nothing is allowed.
    case fewer
    /// Lists that allow; no list means everything is allowed.
    case fewerOrAny
    /// Words from loose to strict.
    case order([String])
    /// Whatever is set is stricter than nothing.
    case presence
    case unknown

    init(of path: String) {
        let keys = path.split(separator: ".").map(String.init)
        let last = keys.last ?? ""
        let isHold = keys.first == "holds"
        if keys.first == "stages" || keys.count == 1 {
            self = .unknown
            return
        }
        switch last {
        case "max", "max_contacts", "confirmations_allowed", "replies_allowed", "sms_verify_max_age_days", "max_term_months",
            "evaluation_months", "training_months", "max_agencies", "purge_days_after_end", "extended_days", "further_days", "due_days",
            "months":
            self = .lower
        case "max_days": self = isHold ? .higherOrOpen : .lower
        case "days": self = keys.first == "complaint" ? .lower : .higher
        case "window_len", "extend_days", "silent_days", "dispute_days", "assumed_receipt_business_days", "grace_days", "min_collectors",
            "prior_notice_days", "min_gap_days", "retention_months", "default_notice", "letter_of_claim", "min_principal",
            "effective_collections", "more_than_months_after_last":
            self = .higher
        case "id_required", "entry_consent", "recording", "honoured", "refusal_is_final", "block_party", "public_list",
            "debtor_notice_before", "evaluate_before_expiry", "needs_record", "narrows_only", "needs_legal_review_if_expired",
            "stops_collection", "required":
            self = .yes
        case "public_posting", "subcontract", "commission_only", "access_after_end", "allowed", "consents", "repayment_info_if_offers",
            "trigger_day_is_day_one":
            self = .no
        case "forbidden_fields", "letter_required_fields", "letter_recommended_fields", "letter_forbidden", "first_contact",
            "every_contact", "required_channels", "written_consent_roles", "blocks", "blocked_by", "expired_blocks",
            "instruction_required", "channels", "required_fields", "applies_to_actors", "types", "records":
            self = .more
        case "permits", "permitted_after", "repeat_exceptions", "exclusions", "excused_by", "condition", "interrupted_by", "release":
            self = .fewer
        case "collectable_roles", "purposes", "letter_addresses", "any_of": self = .fewerOrAny
        case "scope": self = isHold ? .order(["account", "party"]) : .fewer
        case "workplace_mode": self = .order(["if_not_prohibited", "blocked"])
        case "contact_in_window": self = .order(["any", "due_day_reminder", "none"])
        case "no_recorder_then": self = .order(["allow", "review", "block"])
        case "on_missing_fact", "on_exceed": self = .order(["review", "block"])
        case "aggregate_over": self = .order(["agency", "bank_and_all_agencies"])
        case "holiday_mode": self = .order(["normal", "blocked"])
        case "form": self = .order(["written", "any"])
        case "initiated_by": self = .order(["collector", "any"])
        case "oral_recording_until", "block_all_if": self = .presence
        default: self = .unknown
        }
    }

    /// What it means that the words `old` became `new`; nil: no such rule.
    func direction(from old: [String]?, to new: [String]?) -> PolicyChange.Direction {
        switch self {
        case .lower: compare(old, new, number) { $0 > $1 }
        case .higher: compare(old, new, number) { $0 < $1 }
        case .higherOrOpen:
            switch (old, new) {
            case (nil, _): .looser
            case (_, nil): .stricter
            default: compare(old, new, number) { $0 < $1 }
            }
        case .yes: compare(old, new, truth) { !$0 && $1 }
        case .no: compare(old, new, truth) { $0 && !$1 }
        case .more: sets(Set(old ?? []), Set(new ?? []))
        case .fewer: sets(Set(new ?? []), Set(old ?? []))
        case .fewerOrAny:
            switch (old, new) {
            case (nil, _): .stricter
            case (_, nil): .looser
            case (let old?, let new?): sets(Set(new), Set(old))
            }
        case .order(let words): compare(old, new, { words.firstIndex(of: $0) }) { $0 < $1 }
        case .presence: old == nil ? .stricter : new == nil ? .looser : .different
        case .unknown: .different
        }
    }

    private func number(_ text: String) -> Int64? {
        // Amounts of one parameter have one number of decimals.
        Int64(text.filter { $0 != "." })
    }

    private func truth(_ text: String) -> Bool? { text == "true" ? true : text == "false" ? false : nil }

    private func compare<Value: Equatable>(
        _ old: [String]?, _ new: [String]?, _ read: (String) -> Value?, isStricter: (Value, Value) -> Bool
    ) -> PolicyChange.Direction {
        guard let old else {
            // A permission that is given where there was no rule takes nothing away.
            if case .yes = self { return new?.first == "true" ? .stricter : .different }
            if case .no = self { return new?.first == "false" ? .stricter : .looser }
            return .stricter
        }
        guard let new else {
            if case .yes = self { return old.first == "true" ? .looser : .different }
            if case .no = self { return old.first == "false" ? .looser : .stricter }
            return .looser
        }
        guard let left = old.first.flatMap(read), let right = new.first.flatMap(read) else { return .different }
        return isStricter(left, right) ? .stricter : isStricter(right, left) ? .looser : .different
    }

    private func sets(_ small: Set<String>, _ large: Set<String>) -> PolicyChange.Direction {
        small.isSubset(of: large) ? .stricter : large.isSubset(of: small) ? .looser : .different
    }
}

/// The minutes of a week in which a policy's rows allow contact, by channel and place.
private struct OpenHours {
    private let minutes: [[Bool]]

    init(_ policy: ConductPolicy) {
        minutes = [policy.tables.windows, policy.tables.workplaceWindows].flatMap { places in
            places.map { rows in
                var open = Array(repeating: rows.isEmpty, count: 7 * 1_440)
                for row in rows {
                    for day in 0..<7 where row.weekdays & 1 << UInt8(day) != 0 {
                        for minute in Int(row.start)..<Int(row.end) { open[day * 1_440 + minute] = true }
                    }
                }
                return open
            }
        }
    }

    func direction(to other: OpenHours) -> PolicyChange.Direction {
        var isOpened = false
        var isClosed = false
        for (before, after) in zip(minutes, other.minutes) {
            for (was, isNow) in zip(before, after) where was != isNow {
                if isNow { isOpened = true } else { isClosed = true }
            }
        }
        return isOpened == isClosed ? .different : isClosed ? .stricter : .looser
    }
}
