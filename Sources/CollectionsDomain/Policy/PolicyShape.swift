/// What a value of a policy file may be.
package indirect enum PolicyShape: Sendable {
    case text
    /// Lower-case letters, digits and underscores.
    case identifier
    case country
    case currency
    case zone
    case integer(ClosedRange<Int>)
    case truth
    case date
    case time
    case decimal
    /// One of the words.
    case word([String])
    /// A list of the words.
    case words([String])
    case list(PolicyShape)
    case mapping([PolicyKey])
    /// A mapping whose keys are the names, each with the same shape.
    case named([String], PolicyShape)
    case either([PolicyShape])
    /// Read by somebody else.
    case open
}

extension PolicyShape {
    /// Whether it is a value or a list of values, which may be written `{value: …, source: …, force: …}`.
    fileprivate var isValue: Bool {
        switch self {
        case .text, .identifier, .country, .currency, .zone, .integer, .truth, .date, .time, .decimal, .word, .words: true
        case .list(let item): item.isValue
        case .either(let shapes): shapes.allSatisfy(\.isValue)
        case .mapping, .named, .open: false
        }
    }
}

/// One key of a mapping in a policy file.
package struct PolicyKey: Sendable {
    package let name: String
    package let shape: PolicyShape
    package let isRequired: Bool
    /// For the author, in an editor.
    package let help: String

    init(_ name: String, _ shape: PolicyShape, required: Bool = false, _ help: String = "") {
        self.name = name
        self.shape = shape
        isRequired = required
        self.help = help
    }
}

/// The format of policy files as data: what editors complete and check. Tests hold it against the strict reader, key by key, both ways.
package enum PolicySchema {
    /// The JSON Schema of a policy file (draft 2020-12), indented, keys in the order of the format.
    package static var json: String {
        var root: [(String, SchemaValue)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text("Conduct policy")),
            ("description", .text("One conduct policy. Not legal advice: a lawyer must check every value before use.")),
        ]
        root += SchemaValue(file).pairs
        root.append(
            (
                "$defs",
                .object([
                    (
                        "source",
                        .object([
                            ("description", .text("Where the value comes from: ids of sources, or a document of the bank with its line.")),
                            ("anyOf", .array([text, .object([("type", .text("array")), ("items", text)])])),
                        ])
                    ),
                    ("force", SchemaValue(.word(Force.allCases.map(\.rawValue)))),
                ])
            ))
        return SchemaValue.object(root).rendered() + "\n"
    }

    private static let text = SchemaValue.object([("type", .text("string"))])

    // MARK: The format

    /// A whole file.
    package static let file = PolicyShape.mapping([
        PolicyKey("policy_id", .text, required: true, "The policy's name; the file is called after it."),
        PolicyKey("version", .text, required: true), PolicyKey("jurisdiction", .country, required: true, "Country code."),
        PolicyKey("extends", .text, "The policy this one overlays: both are judged, strictest wins."),
        PolicyKey("effective_from", .date, required: true, "First day in force."), PolicyKey("effective_to", .date, "Last day in force."),
        PolicyKey("sources", .list(source)), PolicyKey("scope", scope), PolicyKey("time", time), PolicyKey("counts", counts),
        PolicyKey("people", people), PolicyKey("opt_outs", optOuts), PolicyKey("content", content), PolicyKey("holds", .list(hold)),
        PolicyKey("arrangements", arrangements), PolicyKey("visit", visit), PolicyKey("recording", recording), PolicyKey("legal", legal),
        PolicyKey("agency", agency), PolicyKey("complaint", complaint, "Days to answer a complaint."),
        PolicyKey("stages", .open, "The stages of work; checked by recourse policy check."),
    ])

    private static let source = PolicyShape.mapping([
        PolicyKey("id", .text, required: true), PolicyKey("instrument", .text, required: true), PolicyKey("article", .text),
        PolicyKey("force", .word(Force.allCases.map(\.rawValue)), required: true, "Why it binds."),
        PolicyKey(
            "confidence", .word(PolicySource.Confidence.allCases.map(\.rawValue)), required: true,
            "T: the article was found; R: a report; O: own knowledge."), PolicyKey("url", .text),
    ])

    private static let scope = PolicyShape.mapping([
        PolicyKey("applies_to_actors", .words(["bank", "agency"]), required: true),
        PolicyKey("on_missing_fact", words(Escalation.self)), PolicyKey("on_exceed", words(Escalation.self)),
    ])

    private static let channels = PolicyShape.words(Channel.names + ["phone", "message", "all"])

    private static let time = PolicyShape.mapping([
        PolicyKey("time_zone_mode", words(TimeZoneMode.self), "Whose local time counts."),
        PolicyKey("policy_time_zone", .zone, "IANA name; only with the mode fixed."),
        PolicyKey(
            "contact_windows",
            .list(
                .mapping([
                    PolicyKey("channels", channels, required: true), PolicyKey("place", words(ContactWindow.Place.self)),
                    PolicyKey("weekdays", words(Weekday.self, list: true), required: true),
                    PolicyKey("start", .time, required: true, "Allowed from here."),
                    PolicyKey("end", .time, required: true, "Blocked from here."),
                ])), "A channel in no row is free of hours; one with rows is blocked outside them."),
        PolicyKey("holiday_mode", words(HolidayMode.self)), PolicyKey("holiday_calendar", .text),
        PolicyKey(
            "window_consent",
            .mapping([
                PolicyKey("allowed", .truth, required: true), PolicyKey("needs_record", .truth), PolicyKey("narrows_only", .truth),
            ])),
    ])

    private static let counts = PolicyShape.mapping([
        PolicyKey(
            "frequency_limits",
            .list(
                .mapping([
                    PolicyKey("id", .identifier, required: true), PolicyKey("event", codes(ContactEvent.self), required: true),
                    PolicyKey("channels", channels, required: true), PolicyKey("max", .integer(0...1_000), required: true),
                    PolicyKey("window_kind", words(WindowKind.self), required: true), PolicyKey("window_len", .integer(1...8_784)),
                    PolicyKey("scope", codes(CountScope.self, list: true), required: true, "Events count that agree on all of them."),
                    PolicyKey("aggregate_over", words(Aggregation.self), required: true),
                    PolicyKey("exclusions", codes(CountExclusion.self, list: true)),
                ]))),
        PolicyKey(
            "cooldowns",
            .list(
                .mapping([
                    PolicyKey("id", .identifier, required: true), PolicyKey("trigger", codes(ContactEvent.self), required: true),
                    PolicyKey("initiated_by", words(Cooldown.Initiator.self)), PolicyKey("blocks", channels, required: true),
                    PolicyKey("days", .integer(1...366), required: true), PolicyKey("trigger_day_is_day_one", .truth, required: true),
                    PolicyKey("scope", codes(CountScope.self, list: true), required: true),
                    PolicyKey("aggregate_over", words(Aggregation.self), required: true),
                    PolicyKey("excused_by", codes(CountExclusion.self, list: true)),
                ]))),
    ])

    private static let people = PolicyShape.mapping([
        PolicyKey("collectable_roles", codes(PartyRole.self, list: true), "Who may be asked to pay."),
        PolicyKey("consumer_equivalent_roles", codes(PartyRole.self, list: true), "Who is treated like the debtor."),
        PolicyKey(
            "third_party",
            .mapping([
                PolicyKey("purposes", codes(ActPurpose.self, list: true)),
                PolicyKey(
                    "preconditions",
                    .mapping([
                        PolicyKey(
                            "any_of",
                            .list(
                                .mapping([
                                    PolicyKey("number_invalid", .truth), PolicyKey("failed_dials", .integer(1...100)),
                                    PolicyKey("next_day", .truth), PolicyKey("unreachable_days", .integer(1...100)),
                                    PolicyKey("deceased", .truth), PolicyKey("incapacity", .truth),
                                ])), required: true)
                    ])), PolicyKey("max_contacts", .integer(0...1_000)),
                PolicyKey("repeat_exceptions", codes(RepeatException.self, list: true)),
                PolicyKey("forbidden_fields", codes(DebtField.self, list: true)), PolicyKey("refusal_is_final", .truth),
                PolicyKey("written_consent_roles", codes(PartyRole.self, list: true)), PolicyKey("repayment_info_if_offers", .truth),
            ])), PolicyKey("workplace_mode", words(WorkplaceMode.self)),
        PolicyKey(
            "representative",
            .mapping([
                PolicyKey("types", .words(["attorney", "debt_adviser"]), required: true), PolicyKey("block_party", .truth, required: true),
                PolicyKey("until", .mapping([PolicyKey("silent_days", .integer(0...366)), PolicyKey("consents", .truth)])),
            ])),
    ])

    private static let optOuts = PolicyShape.mapping([
        PolicyKey(
            "channel_opt_out",
            .mapping([
                PolicyKey("honoured", .truth, required: true), PolicyKey("confirmations_allowed", .integer(0...100)),
                PolicyKey("replies_allowed", .integer(0...100)), PolicyKey("instruction_required", channels),
            ])), PolicyKey("sms_verify_max_age_days", .integer(1...3_660)),
        PolicyKey(
            "cease_notice",
            .mapping([
                PolicyKey("form", .word(["written", "any"]), required: true),
                PolicyKey("permitted_after", codes(ActPurpose.self, list: true)),
            ])),
    ])

    private static let content = PolicyShape.mapping([
        PolicyKey(
            "disclosures",
            .mapping([
                PolicyKey("first_contact", codes(ContentElement.self, list: true)),
                PolicyKey("every_contact", codes(ContentElement.self, list: true)),
            ])), PolicyKey("letter_required_fields", codes(ContentElement.self, list: true)),
        PolicyKey("letter_recommended_fields", .list(.text), "A lint warning, no block."),
        PolicyKey("letter_forbidden", codes(ContentMark.self, list: true)),
        PolicyKey("letter_addresses", .words(["billing_address", "home_address", "work_address", "other_address"]), "Empty: any."),
        PolicyKey(
            "validation",
            .mapping([
                PolicyKey("required", .truth, required: true), PolicyKey("due_days", .integer(0...366), required: true),
                PolicyKey("dispute_days", .integer(0...366), required: true),
                PolicyKey("assumed_receipt_business_days", .integer(0...100), required: true),
            ])),
    ])

    private static let releases = MarkKind.names + ["operator"]

    private static let hold = PolicyShape.mapping([
        PolicyKey("type", words(HoldType.self), required: true), PolicyKey("condition", codes(HoldCondition.self, list: true)),
        PolicyKey("start_rule", words(HoldStart.self), required: true), PolicyKey("max_days", .integer(1...3_660), "Null: until released."),
        PolicyKey("extend_days", .integer(0...3_660)), PolicyKey("blocks", words(HoldBlock.self, list: true), required: true),
        PolicyKey("permits", codes(ActPurpose.self, list: true)), PolicyKey("scope", .words(["party", "account"]), required: true),
        PolicyKey("release", .either([.word(releases), .words(releases)])),
    ])

    private static let arrangements = PolicyShape.mapping([
        PolicyKey(
            "instalment_plan",
            .mapping([
                PolicyKey("max_term_months", .integer(1...1_200)), PolicyKey("required_fields", codes(ContentElement.self, list: true)),
                PolicyKey("stops_collection", .truth), PolicyKey("oral_recording_until", .word(["settlement"])),
            ])),
        PolicyKey(
            "promise_to_pay",
            .mapping([
                PolicyKey("max_days", .integer(0...366)), PolicyKey("grace_days", .integer(0...366)),
                PolicyKey("contact_in_window", words(PromiseContact.self), required: true),
            ])),
    ])

    private static let visit = PolicyShape.mapping([
        PolicyKey("min_collectors", .integer(1...20)), PolicyKey("id_required", .truth), PolicyKey("entry_consent", .truth),
        PolicyKey("recording", .truth), PolicyKey("prior_notice_days", .integer(0...366)), PolicyKey("min_gap_days", .integer(1...366)),
        PolicyKey("public_posting", .truth, "Whether notices may be put up in public."),
    ])

    private static let recording = PolicyShape.mapping([
        PolicyKey("required_channels", channels), PolicyKey("no_recorder_then", words(NoRecorder.self)),
        PolicyKey(
            "retention",
            .list(
                .mapping([
                    PolicyKey("records", .words(RecordKind.names + ["all"]), required: true),
                    PolicyKey("retention_months", .integer(1...1_200), required: true),
                    PolicyKey("anchor", words(RetentionAnchor.self), required: true),
                ]))),
    ])

    private static let expired = PolicyShape.either([.word(["none"]), .words(ExpiredBlock.names + ["none"])])

    private static let legal = PolicyShape.mapping([
        PolicyKey(
            "limitation",
            .mapping([
                PolicyKey("months", .integer(1...1_200)),
                PolicyKey(
                    "sub_areas",
                    .named(SubArea.names, .mapping([PolicyKey("months", .integer(1...1_200)), PolicyKey("expired_blocks", expired)]))),
                PolicyKey("interrupted_by", codes(Interruption.self, list: true)), PolicyKey("expired_blocks", expired),
                PolicyKey("block_all_if", .word(["no_contact_in_period"])),
            ])),
        PolicyKey(
            "civil_referral",
            .mapping([
                PolicyKey(
                    "notice_days",
                    .mapping([PolicyKey("default_notice", .integer(0...366)), PolicyKey("letter_of_claim", .integer(0...366))])),
                PolicyKey("needs_legal_review_if_expired", .truth), PolicyKey("blocked_by", words(HoldType.self, list: true)),
            ])),
        PolicyKey(
            "criminal_referral",
            .mapping([
                PolicyKey("min_principal", .decimal, "Without interest and fees."), PolicyKey("currency", .currency),
                PolicyKey("effective_collections", .integer(1...100)), PolicyKey("min_gap_days", .integer(0...3_660)),
                PolicyKey("more_than_months_after_last", .integer(0...1_200)),
            ])),
    ])

    private static let agency = PolicyShape.mapping([
        PolicyKey(
            "agency_controls",
            .mapping([
                PolicyKey("public_list", .truth), PolicyKey("debtor_notice_before", .truth),
                PolicyKey("evaluation_months", .integer(1...1_200)), PolicyKey("evaluate_before_expiry", .truth),
                PolicyKey("training_months", .integer(1...1_200)), PolicyKey("subcontract", .truth, "Whether it is allowed."),
                PolicyKey("commission_only", .truth, "Whether it is allowed."), PolicyKey("max_agencies", .integer(1...10_000)),
            ])),
        PolicyKey(
            "agency_data",
            .mapping([
                PolicyKey("fields", .list(.text)), PolicyKey("purge_days_after_end", .integer(0...3_660)),
                PolicyKey("access_after_end", .truth, "Whether it is allowed."),
            ])),
    ])

    private static let complaint = PolicyShape.mapping([
        PolicyKey("days", .integer(1...366), required: true), PolicyKey("extended_days", .integer(1...366), required: true),
        PolicyKey("further_days", .integer(0...366), required: true),
    ])

    private static func words<Value: CaseIterable & RawRepresentable>(_: Value.Type, list: Bool = false) -> PolicyShape
    where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        return list ? .words(names) : .word(names)
    }

    /// `all` stands for every word of a list.
    private static func codes<Value: NamedCode>(_: Value.Type, list: Bool = false) -> PolicyShape {
        list ? .words(Value.names + (Value.names.contains("all") ? [] : ["all"])) : .word(Value.names)
    }
}

/// JSON whose keys keep their order.
private indirect enum SchemaValue {
    case text(String)
    case number(Int)
    case flag(Bool)
    case array([SchemaValue])
    case object([(String, SchemaValue)])

    var pairs: [(String, SchemaValue)] { if case .object(let pairs) = self { pairs } else { [] } }

    /// The schema of a shape without the wrapper that any value may have.
    init(_ shape: PolicyShape) {
        func pattern(_ text: String) -> SchemaValue { .object([("type", .text("string")), ("pattern", .text(text))]) }
        func words(_ words: [String]) -> SchemaValue {
            .object([("type", .text("string")), ("enum", .array(words.map(SchemaValue.text)))])
        }
        switch shape {
        case .text, .zone: self = .object([("type", .text("string")), ("minLength", .number(1))])
        case .identifier: self = pattern("^[a-z0-9_]+$")
        case .country: self = pattern("^[A-Z]{2}$")
        case .currency: self = pattern("^[A-Z]{3}$")
        case .integer(let range):
            self = .object([
                ("type", .text("integer")), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound)),
            ])
        case .truth: self = .object([("type", .text("boolean"))])
        case .date: self = pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        case .time: self = pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")
        case .decimal: self = pattern("^[0-9]+([.][0-9]+)?$")
        case .word(let names): self = words(names)
        case .words(let names): self = .object([("type", .text("array")), ("items", words(names))])
        case .list(let item): self = .object([("type", .text("array")), ("items", SchemaValue(item))])
        case .mapping(let keys):
            var properties = keys.map { ($0.name, Self.property($0)) }
            for own in ["source", "force"] where !keys.contains(where: { $0.name == own }) {
                properties.append((own, .object([("$ref", .text("#/$defs/" + own))])))
            }
            var pairs: [(String, SchemaValue)] = [
                ("type", .text("object")), ("properties", .object(properties)), ("additionalProperties", .flag(false)),
            ]
            let required = keys.filter(\.isRequired).map { SchemaValue.text($0.name) }
            if !required.isEmpty { pairs.append(("required", .array(required))) }
            self = .object(pairs)
        case .named(let names, let shape):
            self = SchemaValue(.mapping(names.map { PolicyKey($0, shape) }))
        case .either(let shapes): self = .object([("anyOf", .array(shapes.map { SchemaValue($0) }))])
        case .open: self = .object([("type", .text("object"))])
        }
    }

    private static func property(_ key: PolicyKey) -> SchemaValue {
        // Only values are wrapped: a mapping carries source and force itself.
        var choices = key.shape.isValue ? wrapped(SchemaValue(key.shape)).pairs : [("anyOf", .array([SchemaValue(key.shape)]))]
        if !key.isRequired, case .array(let all)? = choices.first(where: { $0.0 == "anyOf" })?.1 {
            choices = [("anyOf", .array(all + [.object([("type", .text("null"))])]))]
        }
        return .object((key.help.isEmpty ? [] : [("description", .text(key.help))]) + choices)
    }

    /// A value as it is, or as `{value: …, source: …, force: …}`.
    private static func wrapped(_ value: SchemaValue) -> SchemaValue {
        .object([
            (
                "anyOf",
                .array([
                    value,
                    .object([
                        ("type", .text("object")),
                        (
                            "properties",
                            .object([
                                ("value", value), ("source", .object([("$ref", .text("#/$defs/source"))])),
                                ("force", .object([("$ref", .text("#/$defs/force"))])),
                            ])
                        ), ("required", .array([.text("value")])), ("additionalProperties", .flag(false)),
                    ]),
                ])
            )
        ])
    }

    func rendered(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .text(let text): return Self.quoted(text)
        case .number(let number): return String(number)
        case .flag(let flag): return flag ? "true" : "false"
        case .array(let items):
            let flat = items.allSatisfy { if case .text = $0 { true } else { false } }
            if flat { return "[" + items.map { $0.rendered() }.joined(separator: ", ") + "]" }
            return "[\n" + items.map { inner + $0.rendered(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let pairs):
            if pairs.isEmpty { return "{}" }
            return "{\n" + pairs.map { inner + Self.quoted($0.0) + ": " + $0.1.rendered(indent: inner) }.joined(separator: ",\n")
                + "\n\(indent)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
