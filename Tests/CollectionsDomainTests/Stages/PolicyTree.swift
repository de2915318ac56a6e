import CollectionsDomain

/// A policy written down in a test: turned into the nodes a file would give.
indirect enum PolicyTree: Sendable {
    case null
    case plain(String)
    case quoted(String)
    case list([PolicyTree])
    case map([(String, PolicyTree)])

    var node: PolicyNode { node(line: 1) }

    private func node(line: Int) -> PolicyNode {
        let content: PolicyNode.Content =
            switch self {
            case .null: .null
            case .plain(let text): .scalar(text, quoted: false)
            case .quoted(let text): .scalar(text, quoted: true)
            case .list(let items): .sequence(items.map { $0.node(line: line) })
            case .map(let entries): .mapping(entries.map { .init(key: $0.0, line: line, value: $0.1.node(line: line)) })
            }
        return PolicyNode(content, file: "policy.yaml", line: line)
    }

    /// Puts a value at a path such as `list[3].entry.min_amount`; a new last key is added.
    mutating func set(_ path: String, _ value: PolicyTree) { change(Self.keys(path)[...], to: value) }

    /// Takes the last key of the path away.
    mutating func remove(_ path: String) { change(Self.keys(path)[...], to: nil) }

    private static func keys(_ path: String) -> [String] {
        path.split(separator: ".").flatMap { part -> [String] in
            part.split(separator: "[").map { String($0.hasSuffix("]") ? $0.dropLast() : $0) }
        }
    }

    private mutating func change(_ keys: ArraySlice<String>, to value: PolicyTree?) {
        guard let key = keys.first else {
            if let value { self = value }
            return
        }
        let rest = keys.dropFirst()
        switch self {
        case .list(var items):
            guard let index = Int(key), items.indices.contains(index) else { return }
            items[index].change(rest, to: value)
            self = .list(items)
        case .map(var entries):
            if let index = entries.firstIndex(where: { $0.0 == key }) {
                if rest.isEmpty, value == nil { entries.remove(at: index) } else { entries[index].1.change(rest, to: value) }
            } else if let value, rest.isEmpty {
                entries.append((key, value))
            }
            self = .map(entries)
        case .null, .plain, .quoted: return
        }
    }

    private static func words(_ words: String...) -> PolicyTree { .list(words.map { .plain($0) }) }

    private static func numbers(_ pairs: KeyValuePairs<String, Int>) -> PolicyTree {
        .map(pairs.map { ($0.key, .plain(String($0.value))) })
    }

    private static func window(_ from: Int, _ days: Int) -> PolicyTree { numbers(["collections_from": from, "days": days]) }

    /// The `stages:` section as documented.
    static let bankDefault: PolicyTree = .map([
        ("unit", .plain("case")),
        ("amount_basis", .map([("currency", .plain("CNY")), ("on_missing_rate", .plain("review"))])),
        (
            "intake",
            .map([
                ("min_dpd", .plain("31")), ("internal_collection_done", .plain("true")), ("debtor_notice_days", .plain("3")),
                ("term_days", .plain("180")),
            ])
        ),
        (
            "ledger",
            .map([
                ("max_age_hours", .plain("36")), ("only_if_daily_feed", .plain("true")),
                ("blocks", words("phone", "letter", "field_visit")),
                ("paid_claimed_business_days", .plain("3")),
            ])
        ),
        (
            "counting",
            .map([
                ("collections", .plain("effective_conversation")), ("since", .plain("delinquent_since")),
                ("legal_collections", .plain("effective_collection")),
            ])
        ),
        (
            "requests",
            numbers([
                "hardship": 5, "plan": 5, "extension": 5, "settlement": 5, "skip_trace": 10, "legal": 10, "data_correction": 3,
                "deceased_check": 5,
                "legal_review": 10,
            ])
        ),
        (
            "promise",
            .map([
                ("window_days", .list([window(0, 7), window(2, 5), window(4, 3), window(6, 1)])),
                ("first_offer", .plain("full_amount_due")),
                ("partial_from_percent", .plain("50")), ("max_broken", .plain("2")), ("reminder_on_due_day", .plain("true")),
            ])
        ),
        ("contact_order", words("mobile", "home_phone", "immediate_family", "reference")),
        ("locked_until_lost", words("immediate_family", "reference")),
        ("segments", .map([("low_risk", .map([("steps", words("sms_reminder", "letter")), ("call_factor", .quoted("0.5"))]))])),
        ("list", .list([gathering, phone, letter, field, legal])),
        ("light_cadence", numbers(["calls_per_7_days": 1, "letters_per_month": 1])),
        (
            "priorities",
            numbers([
                "callback_due": 100, "promise_broken": 90, "reminder_due": 85, "first_contact": 80, "expiring_7_days": 70,
                "high_amount": 60,
                "normal": 50, "light": 10,
            ])
        ),
        ("retry", .map([("expired_minutes", .list([.plain("5"), .plain("15"), .plain("60")])), ("quarantine_after", .plain("4"))])),
    ])

    private static let gathering: PolicyTree = .map([
        ("stage", .plain("information_gathering")), ("executor", .plain("holder")),
        ("lease", numbers(["ttl_minutes": 1_440, "heartbeat_minutes": 240])), ("max_days", .plain("2")), ("max_rounds", .plain("2")),
        ("exit", .map([("done", .plain("phone")), ("no_phone", .plain("letter")), ("nothing", .plain("close_untraceable"))])),
    ])

    private static let phone: PolicyTree = .map([
        ("stage", .plain("phone")), ("executor", .plain("holder")),
        ("lease", numbers(["ttl_minutes": 30, "heartbeat_minutes": 5, "report_after_window_minutes": 15])),
        ("entry", .map([("previous", .plain("information_gathering"))])),
        (
            "steps",
            .list([
                .map([
                    ("step", .plain("sms_reminder")), ("channel", .plain("sms")),
                    (
                        "when",
                        .map([
                            (
                                "any_of",
                                .list([numbers(["dpd_max": 30]), numbers(["failed_calls": 3]), .map([("segment", .plain("low_risk"))])])
                            )
                        ])
                    ),
                    ("max_per_day", .plain("1")), ("max_per_7_days", .plain("2")), ("spacing_days", .plain("3")),
                ]),
                .map([
                    ("step", .plain("call")), ("channel", .plain("call")), ("when", numbers(["dpd_min": 31])),
                    ("max_per_point_day", .plain("3")),
                    ("max_per_party_day", .plain("4")), ("spacing_minutes", .plain("120")), ("after_talk_days", .plain("3")),
                    ("max_attempts", .plain("24")), ("max_talks", .plain("4")),
                ]),
            ])
        ),
        ("min_days", .plain("7")), ("max_days", .plain("30")), ("max_idle_days", .plain("5")),
        ("exit", .map([("unsuccessful", .plain("letter"))])),
    ])

    private static func lightCall(_ goal: String) -> PolicyTree {
        .map([("step", .plain("call")), ("channel", .plain("call")), ("max_per_7_days", .plain("2")), ("goal", .plain(goal))])
    }

    private static let letter: PolicyTree = .map([
        ("stage", .plain("letter")), ("executor", .plain("bank_lettershop")),
        ("lease", .map([("ttl_minutes", .plain("2880")), ("heartbeat_minutes", .null)])),
        ("entry", .map([("previous_unsuccessful", .plain("phone")), ("valid_address", .plain("true"))])),
        (
            "steps",
            .list([
                .map([
                    ("step", .plain("registered_letter")), ("channel", .plain("letter")), ("mail", .plain("registered")),
                    ("address", .plain("billing_address")), ("per_calendar_month", .plain("1")), ("spacing_days", .plain("30")),
                    ("max", .plain("2")),
                    ("answer_days", .plain("20")), ("delivered_answer_days", .plain("10")), ("no_trace_days", .plain("30")),
                ]),
                lightCall("letter_received"),
            ])
        ),
        ("max_days", .plain("65")), ("exit", .map([("unanswered", words("field_visit", "handover", "legal_referral", "light_cadence"))])),
    ])

    private static let field: PolicyTree = .map([
        ("stage", .plain("field_visit")), ("executor", .plain("route_or_handover")),
        ("lease", .map([("ttl_minutes", .plain("10080")), ("heartbeat_minutes", .plain("1440")), ("permit_at_act", .plain("true"))])),
        (
            "entry",
            .map([("min_amount", .quoted("20000.00")), ("letters_unanswered", .plain("2")), ("not_holds", words("vulnerable_visit"))])
        ),
        (
            "steps",
            .list([
                .map([
                    ("step", .plain("visit")), ("channel", .plain("visit")), ("max", .plain("2")), ("spacing_days", .plain("15")),
                    ("absent_spacing_days", .plain("7")), ("notice_days", .plain("1")),
                    ("kit", words("staff_id", "authorisation", "letter", "commitment_form", "sealed_card", "recorder")),
                    ("collectors", .plain("2")),
                ]),
                lightCall("arrange_visit"),
            ])
        ),
        ("promise_max_days", .plain("3")), ("max_days", .plain("30")),
        ("exit", .map([("unsuccessful", words("legal_referral", "light_cadence"))])),
    ])

    private static let legal: PolicyTree = .map([
        ("stage", .plain("legal_referral")), ("executor", .plain("holder_proposes_law_firm_acts")),
        ("lease", numbers(["ttl_minutes": 43_200, "heartbeat_minutes": 10_080])),
        (
            "entry",
            .map([
                ("min_amount", .quoted("10000.00")), ("min_collections", .plain("2")), ("min_months_unpaid", .plain("6")),
                ("min_letters_posted", .plain("1")), ("not_holds", words("dispute", "complaint", "bank_request")),
            ])
        ),
        (
            "decision",
            .map([
                ("approvals", .plain("2")), ("business_days", .plain("10")),
                ("routes", words("lawyer_letter", "mediation", "payment_order", "civil")),
            ])
        ),
        (
            "criminal",
            .map([("uses", .plain("legal.criminal_referral")), ("roles", words("compliance")), ("visible_to_agency", .plain("false"))])
        ),
        ("card_block", .map([("at", .plain("proposed")), ("confirm_hours", .plain("24"))])),
        (
            "exit",
            .map([
                ("approved", .plain("close_legal")), ("rejected", .plain("light_cadence")), ("not_recommended", .plain("close_exhausted")),
            ])
        ),
    ])
}
