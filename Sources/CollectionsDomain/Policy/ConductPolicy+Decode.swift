extension ConductPolicy {
    /// Reads one policy file strictly.
    ///
    /// - Parameters:
    ///   - node: The file.
    ///   - parent: Gives the policy that `extends` names.
    /// - Throws: ``PolicyError`` with file, line and path of an unknown or missing key, a wrong word or unit, a value out of range, an
    ///   unlisted source; or what `parent` throws.
    package static func read(_ node: PolicyNode, parent: (String) throws -> ConductPolicy?) throws -> ConductPolicy {
        // First the sources, so that every `source` below can be checked against them.
        var overlaid: ConductPolicy?
        if let extends = node["extends"], !extends.isNull {
            let reader = try PolicyReader(extends, path: "extends")
            let name = try reader.string()
            guard let found = try parent(name) else { throw reader.fault("policy '\(name)' is not there") }
            overlaid = found
        }
        var known: [String: Force] = [:]
        for policy in overlaid?.chain ?? [] {
            for source in policy.sources { known[source.id] = source.force }
        }
        var sources: [PolicySource] = []
        if let list = node["sources"] {
            for item in try PolicyReader(list, path: "sources").items() {
                let source = try PolicySource.read(item)
                guard !sources.contains(where: { $0.id == source.id }) else { throw item.fault("source '\(source.id)' stands twice") }
                sources.append(source)
                known[source.id] = source.force
            }
        }
        let reader = try PolicyReader(node, sources: known)
        let parts = try reader.mapping { keys in try PolicyParts.read(&keys, sources: sources, parent: overlaid) }
        return ConductPolicy(parts: parts)
    }
}

extension PolicySource {
    static func read(_ reader: PolicyReader) throws -> PolicySource {
        guard case .mapping(let entries) = reader.node.content else { throw reader.fault("expected a mapping") }
        // `force` is this source's own here, not the basis of a value.
        for entry in entries where !["id", "instrument", "article", "force", "confidence", "url"].contains(entry.key) {
            throw PolicyError(file: entry.value.file, line: entry.line, path: "\(reader.path).\(entry.key)", reason: "unknown key")
        }
        func part(_ key: String) throws -> PolicyReader? {
            guard let value = reader.node[key], !value.isNull else { return nil }
            return try PolicyReader(value, path: "\(reader.path).\(key)")
        }
        func needed(_ key: String) throws -> PolicyReader {
            guard let value = try part(key) else { throw reader.fault("missing key '\(key)'") }
            return value
        }
        return PolicySource(
            id: try needed("id").string(), instrument: try needed("instrument").string(), article: try part("article")?.string(),
            force: try needed("force").word(), confidence: try needed("confidence").word(), url: try part("url")?.string())
    }
}

extension PolicyParts {
    static func read(_ keys: inout PolicyKeys, sources: [PolicySource], parent: ConductPolicy?) throws -> PolicyParts {
        let id = try keys.required("policy_id").string()
        let version = try keys.required("version").string()
        let country = try keys.required("jurisdiction")
        let jurisdiction = try country.string()
        guard jurisdiction.utf8.count == 2, jurisdiction.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw country.fault("expected a country code such as CN, found '\(jurisdiction)'")
        }
        let from = try keys.required("effective_from").day()
        let until = try keys.optional("effective_to")
        let to = try until?.day()
        if let to, to < from { throw keys.fault("effective_to lies before effective_from") }
        _ = try keys.optional("extends")
        _ = keys.node("sources")
        let scope = try keys.required("scope").mapping { try PolicyScope.read(&$0) }
        let time: TimeRules
        if let section = try keys.optional("time") {
            time = try section.mapping { try TimeRules.read(&$0, parent: parent?.time) }
        } else if let parent {
            // An overlay without hours of its own reckons local dates as the policy it overlays does.
            time = TimeRules(
                mode: parent.time.mode, zone: parent.time.zone, windows: [], holidayMode: .normal, holidayCalendar: nil, consent: nil)
        } else {
            throw keys.fault("missing key 'time'")
        }
        var limits: [FrequencyLimit] = []
        var cooldowns: [Cooldown] = []
        try keys.optional("counts")?.mapping { counts in
            limits = try counts.optional("frequency_limits")?.list(FrequencyLimit.read) ?? []
            cooldowns = try counts.optional("cooldowns")?.list(Cooldown.read) ?? []
            try unique(limits.map(\.id) + cooldowns.map(\.id), counts)
        }
        let people = try keys.optional("people")?.mapping { try PeopleRules.read(&$0) } ?? PeopleRules(equivalents: [])
        let optOuts = try keys.optional("opt_outs")?.mapping { try OptOutRules.read(&$0) } ?? OptOutRules()
        let content =
            try keys.optional("content")?.mapping { try ContentRules.read(&$0) }
            ?? ContentRules(firstContact: [], everyContact: [], disclosureBasis: .bank, letterRecommended: [])
        var holds = try keys.optional("holds")?.list(HoldRule.read) ?? []
        if let repeated = holds.indices.first(where: { index in holds[..<index].contains { $0.type == holds[index].type } }) {
            throw keys.fault("hold '\(holds[repeated].type.rawValue)' stands twice in holds")
        }
        var plan: InstalmentPlanRule?
        var promise: PromiseRule?
        try keys.optional("arrangements")?.mapping { arrangements in
            plan = try arrangements.optional("instalment_plan")?.mapping { try InstalmentPlanRule.read(&$0) }
            promise = try arrangements.optional("promise_to_pay")?.mapping { try PromiseRule.read(&$0) }
        }
        if let plan, plan.stopsCollection, !holds.contains(where: { $0.type == .instalmentPlan }) {
            holds.append(.impliedByPlan(plan))
        }
        let visit = try keys.optional("visit")?.mapping { try VisitRules.read(&$0) } ?? VisitRules()
        let recording = try keys.optional("recording")?.mapping { try RecordingRules.read(&$0) }
        var limitation: LimitationRule?
        var civil: CivilReferralRule?
        var criminal: CriminalReferralRule?
        try keys.optional("legal")?.mapping { legal in
            limitation = try legal.optional("limitation")?.mapping { try LimitationRule.read(&$0) }
            civil = try legal.optional("civil_referral")?.mapping { try CivilReferralRule.read(&$0) }
            criminal = try legal.optional("criminal_referral")?.mapping { try CriminalReferralRule.read(&$0) }
        }
        var controls: AgencyControlRules?
        var data: AgencyDataRules?
        try keys.optional("agency")?.mapping { agency in
            controls = try agency.optional("agency_controls")?.mapping { try AgencyControlRules.read(&$0) }
            data = try agency.optional("agency_data")?.mapping { try AgencyDataRules.read(&$0) }
        }
        let complaint = try keys.optional("complaint")?.mapping { try ComplaintRules.read(&$0) }
        return PolicyParts(
            id: id, version: version, jurisdiction: jurisdiction, effectiveFrom: from, effectiveTo: to, sources: sources, parent: parent,
            scope: scope, time: time, limits: limits, cooldowns: cooldowns, people: people, optOuts: optOuts, content: content,
            holds: holds,
            plan: plan, promise: promise, visit: visit, recording: recording, limitation: limitation, civilReferral: civil,
            criminalReferral: criminal, agencyControls: controls, agencyData: data, complaint: complaint, stages: keys.node("stages"))
    }

    private static func unique(_ ids: [String], _ keys: PolicyKeys) throws(PolicyError) {
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted { throw keys.fault("id '\(id)' stands twice") }
    }
}

extension PolicyReader {
    /// The value with its basis.
    func sourced<Value: Sendable>(_ read: (PolicyReader) throws -> Value) throws -> Sourced<Value> {
        Sourced(try read(self), basis: basis)
    }

    /// An id as reasons carry it: lower-case letters, digits, underscores.
    func identifier() throws(PolicyError) -> String {
        let text = try string()
        guard text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }) else {
            throw fault("expected lower-case letters, digits and underscores, found '\(text)'")
        }
        return text
    }
}

extension PolicyScope {
    static func read(_ keys: inout PolicyKeys) throws -> PolicyScope {
        let actors = try keys.required("applies_to_actors")
        var scope = PolicyScope(appliesToBank: false, appliesToAgencies: false, onMissingFact: .block, onExceed: .block)
        for item in try actors.items() {
            switch try item.string() {
            case "bank": scope.appliesToBank = true
            case "agency": scope.appliesToAgencies = true
            case let other: throw item.fault("expected one of bank, agency, found '\(other)'")
            }
        }
        guard scope.appliesToBank || scope.appliesToAgencies else { throw actors.fault("expected at least one of bank, agency") }
        scope.onMissingFact = try keys.optional("on_missing_fact")?.word() ?? .block
        scope.onExceed = try keys.optional("on_exceed")?.word() ?? .block
        return scope
    }
}

extension TimeRules {
    static func read(_ keys: inout PolicyKeys, parent: TimeRules?) throws -> TimeRules {
        let modeKey = try keys.optional("time_zone_mode")
        let zoneKey = try keys.optional("policy_time_zone")
        let mode: TimeZoneMode
        var zone: Zone?
        if let modeKey {
            mode = try modeKey.word()
            if mode == .fixed {
                guard let zoneKey else { throw keys.fault("missing key 'policy_time_zone', which the mode fixed needs") }
                zone = try zoneKey.zone()
            } else if let zoneKey {
                throw zoneKey.fault("expected null unless time_zone_mode is fixed")
            }
        } else if let parent, zoneKey == nil {
            mode = parent.mode
            zone = parent.zone
        } else {
            throw keys.fault("missing key 'time_zone_mode'")
        }
        let windows = try keys.optional("contact_windows")?.list(ContactWindow.read) ?? []
        let holiday = try keys.optional("holiday_mode")
        let calendar = try keys.optional("holiday_calendar")?.string()
        let consent = try keys.optional("window_consent")?.mapping { consent in
            WindowConsentRule(
                allowed: try consent.required("allowed").bool(), needsRecord: try consent.optional("needs_record")?.bool() ?? false,
                narrowsOnly: try consent.optional("narrows_only")?.bool() ?? false, basis: consent.basis)
        }
        return TimeRules(
            mode: mode, zone: zone, windows: windows, holidayMode: try holiday?.word() ?? .normal, holidayCalendar: calendar,
            consent: consent)
    }
}

extension PolicyReader {
    /// An IANA zone name.
    func zone() throws(PolicyError) -> Zone {
        let name = try string()
        guard let zone = Zone(identifier: name) else { throw fault("unknown time zone '\(name)'") }
        return zone
    }

    /// A list of words `mon` to `sun` as bits.
    func weekdays() throws(PolicyError) -> UInt8 {
        let days = try words(Weekday.self)
        guard !days.isEmpty else { throw fault("expected at least one weekday") }
        return days.reduce(0) { $0 | 1 << UInt8($1.index) }
    }
}

extension ContactWindow {
    static func read(_ reader: PolicyReader) throws -> ContactWindow {
        try reader.mapping { keys in
            let window = ContactWindow(
                channels: try keys.required("channels").channels(), place: try keys.optional("place")?.word() ?? .any,
                weekdays: try keys.required("weekdays").weekdays(), start: try keys.required("start").time(),
                end: try keys.required("end").time(), basis: keys.basis)
            guard window.start < window.end else { throw keys.fault("start must lie before end") }
            return window
        }
    }
}

extension FrequencyLimit {
    static func read(_ reader: PolicyReader) throws -> FrequencyLimit {
        try reader.mapping { keys in
            let id = try keys.required("id").identifier()
            let kind: WindowKind = try keys.required("window_kind").word()
            let length: Int
            switch kind {
            case .calendarDay, .week, .month: length = try keys.optional("window_len")?.int(1...1) ?? 1
            case .consecutiveDays: length = try keys.required("window_len").int(1...366)
            case .rollingHours: length = try keys.required("window_len").int(1...8_784)
            }
            return FrequencyLimit(
                id: id, event: try keys.required("event").code(), channels: try keys.required("channels").channels(),
                max: try keys.required("max").int(0...1_000), windowKind: kind, windowLength: length,
                scope: try keys.required("scope").codes(), aggregation: try keys.required("aggregate_over").word(),
                exclusions: try keys.optional("exclusions")?.codes() ?? [], basis: keys.basis, rule: "frequency_limits." + id)
        }
    }
}

extension Cooldown {
    static func read(_ reader: PolicyReader) throws -> Cooldown {
        try reader.mapping { keys in
            let id = try keys.required("id").identifier()
            return Cooldown(
                id: id, trigger: try keys.required("trigger").code(), initiatedBy: try keys.optional("initiated_by")?.word() ?? .any,
                blocks: try keys.required("blocks").channels(), days: try keys.required("days").int(1...366),
                triggerDayIsDayOne: try keys.required("trigger_day_is_day_one").bool(), scope: try keys.required("scope").codes(),
                aggregation: try keys.required("aggregate_over").word(), excusedBy: try keys.optional("excused_by")?.codes() ?? [],
                basis: keys.basis, rule: "cooldowns." + id)
        }
    }
}

extension PeopleRules {
    static func read(_ keys: inout PolicyKeys) throws -> PeopleRules {
        PeopleRules(
            collectable: try keys.optional("collectable_roles")?.sourced { try $0.codes() },
            equivalents: try keys.optional("consumer_equivalent_roles")?.codes() ?? [],
            thirdParty: try keys.optional("third_party")?.mapping { try ThirdPartyRules.read(&$0) },
            workplace: try keys.optional("workplace_mode")?.sourced { try $0.word() },
            representative: try keys.optional("representative")?.mapping { try RepresentativeRule.read(&$0) })
    }
}

extension ThirdPartyRules {
    static func read(_ keys: inout PolicyKeys) throws -> ThirdPartyRules {
        ThirdPartyRules(
            purposes: try keys.optional("purposes")?.sourced { try $0.codes() },
            preconditions: try keys.optional("preconditions")?.sourced { reader in
                try reader.mapping { try $0.required("any_of").list(Precondition.read) }
            },
            maxContacts: try keys.optional("max_contacts")?.sourced { try $0.int(0...1_000) },
            repeatExceptions: try keys.optional("repeat_exceptions")?.codes() ?? [],
            forbiddenFields: try keys.optional("forbidden_fields")?.sourced { try $0.codes() },
            refusalIsFinal: try keys.optional("refusal_is_final")?.sourced { try $0.bool() },
            writtenConsentRoles: try keys.optional("written_consent_roles")?.sourced { try $0.codes() },
            repaymentInfoIfOffers: try keys.optional("repayment_info_if_offers")?.bool() ?? false)
    }
}

extension Precondition {
    static func read(_ reader: PolicyReader) throws -> Precondition {
        try reader.mapping { keys in
            var condition = Precondition()
            condition.numberInvalid = try keys.flag("number_invalid")
            condition.failedDials = try keys.optional("failed_dials")?.int(1...100)
            condition.nextDay = try keys.optional("next_day")?.bool() ?? false
            condition.unreachableDays = try keys.optional("unreachable_days")?.int(1...100)
            condition.deceased = try keys.flag("deceased")
            condition.incapacity = try keys.flag("incapacity")
            let isEmpty =
                !condition.numberInvalid && condition.failedDials == nil && condition.unreachableDays == nil && !condition.deceased
                && !condition.incapacity
            if isEmpty { throw keys.fault("expected a condition") }
            if condition.nextDay, condition.failedDials == nil { throw keys.fault("next_day goes with failed_dials") }
            return condition
        }
    }
}

extension PolicyKeys {
    /// A key that can only be true where it stands.
    mutating func flag(_ key: String) throws(PolicyError) -> Bool {
        guard let reader = try optional(key) else { return false }
        guard try reader.bool() else { throw reader.fault("expected true; leave the key out otherwise") }
        return true
    }
}

extension RepresentativeRule {
    static func read(_ keys: inout PolicyKeys) throws -> RepresentativeRule {
        let typesKey = try keys.required("types")
        let types: RoleSet = try typesKey.codes()
        guard types.subtracting([.attorney, .debtAdviser]).isEmpty else { throw typesKey.fault("expected attorney or debt_adviser") }
        let blocks = try keys.required("block_party").bool()
        var silent: Int?
        var consents = false
        try keys.optional("until")?.mapping { until in
            silent = try until.optional("silent_days")?.int(0...366)
            consents = try until.optional("consents")?.bool() ?? false
        }
        return RepresentativeRule(types: types, blocksParty: blocks, silentDays: silent, consents: consents, basis: keys.basis)
    }
}

extension OptOutRules {
    static func read(_ keys: inout PolicyKeys) throws -> OptOutRules {
        OptOutRules(
            channel: try keys.optional("channel_opt_out")?.mapping { rule in
                ChannelOptOutRule(
                    honoured: try rule.required("honoured").bool(),
                    confirmationsAllowed: try rule.optional("confirmations_allowed")?.int(0...100) ?? 0,
                    repliesAllowed: try rule.optional("replies_allowed")?.int(0...100) ?? 0,
                    instructionRequired: try rule.optional("instruction_required").map { list in
                        try list.items().isEmpty ? [] : try list.channels()
                    } ?? [], basis: rule.basis)
            },
            smsVerifyMaxAgeDays: try keys.optional("sms_verify_max_age_days")?.sourced { try $0.int(1...3_660) },
            cease: try keys.optional("cease_notice")?.mapping { rule in
                let form = try rule.required("form")
                let writtenOnly: Bool
                switch try form.string() {
                case "written": writtenOnly = true
                case "any": writtenOnly = false
                case let other: throw form.fault("expected one of written, any, found '\(other)'")
                }
                return CeaseNoticeRule(
                    writtenOnly: writtenOnly, permittedAfter: try rule.optional("permitted_after")?.codes() ?? [], basis: rule.basis)
            })
    }
}

extension ContentRules {
    static func read(_ keys: inout PolicyKeys) throws -> ContentRules {
        var rules = ContentRules(firstContact: [], everyContact: [], disclosureBasis: keys.basis, letterRecommended: [])
        if let disclosures = try keys.optional("disclosures") {
            rules.disclosureBasis = disclosures.basis
            try disclosures.mapping { kinds in
                rules.firstContact = try kinds.optional("first_contact")?.codes() ?? []
                rules.everyContact = try kinds.optional("every_contact")?.codes() ?? []
            }
        }
        rules.letterRequired = try keys.optional("letter_required_fields")?.sourced { try $0.codes() }
        rules.letterRecommended = try keys.optional("letter_recommended_fields")?.list { try $0.string() } ?? []
        rules.letterForbidden = try keys.optional("letter_forbidden")?.sourced { try $0.codes() }
        rules.letterAddresses = try keys.optional("letter_addresses")?.sourced { reader in
            let kinds: CodeSet<PointKind> = try reader.codes()
            guard kinds.subtracting([.billingAddress, .homeAddress, .workAddress, .otherAddress]).isEmpty else {
                throw reader.fault("expected addresses")
            }
            return kinds
        }
        rules.validation = try keys.optional("validation")?.mapping { rule in
            ValidationRule(
                required: try rule.required("required").bool(), dueDays: try rule.required("due_days").int(0...366),
                disputeDays: try rule.required("dispute_days").int(0...366),
                assumedReceiptBusinessDays: try rule.required("assumed_receipt_business_days").int(0...100), basis: rule.basis)
        }
        return rules
    }
}

extension HoldRule {
    static func read(_ reader: PolicyReader) throws -> HoldRule {
        try reader.mapping { keys in
            let type: HoldType = try keys.required("type").word()
            let start: HoldStart = try keys.required("start_rule").word()
            let maxDays = try keys.optional("max_days")?.int(1...3_660)
            let blocks: [HoldBlock] = try keys.required("blocks").words()
            let scopeKey = try keys.required("scope")
            let scope: CodeSet<CountScope> = try scopeKey.codes()
            guard !scope.isEmpty, !scope.contains(.contactPoint) else { throw scopeKey.fault("expected party or account") }
            var releases: [HoldRelease] = []
            if let release = try keys.optional("release") {
                if case .sequence = release.node.content {
                    releases = try release.list(HoldRelease.read)
                } else {
                    releases = [try HoldRelease.read(release)]
                }
            }
            if start == .releasePlus, maxDays == nil || !releases.contains(where: { $0 != .operator }) {
                throw keys.fault("release_plus needs max_days and the event that starts it running out")
            }
            return HoldRule(
                type: type, conditions: try keys.optional("condition")?.codes() ?? [], start: start, maxDays: maxDays,
                extendDays: try keys.optional("extend_days")?.int(0...3_660) ?? 0,
                blocks: blocks.reduce([]) { $0.union($1.acts) }, stopsInterest: blocks.contains(.interest),
                permits: try keys.optional("permits")?.codes() ?? [], perAccount: scope.contains(.account), releases: releases,
                basis: keys.basis, rule: "holds." + type.rawValue)
        }
    }

    /// The hold that `stops_collection` means where `holds` has no row for it.
    static func impliedByPlan(_ plan: InstalmentPlanRule) -> HoldRule {
        HoldRule(
            type: .instalmentPlan, conditions: [], start: .sameDay, maxDays: nil, extendDays: 0, blocks: .everything, stopsInterest: false,
            permits: [], perAccount: true, releases: [.event(.instalmentMissed), .event(.settled)], basis: plan.basis,
            rule: "holds.instalment_plan")
    }
}

extension HoldRelease {
    static func read(_ reader: PolicyReader) throws(PolicyError) -> HoldRelease {
        let text = try reader.string()
        if text == "operator" { return .operator }
        guard let kind = MarkKind(name: text) else { throw reader.fault("expected an event or operator, found '\(text)'") }
        return .event(kind)
    }
}

extension InstalmentPlanRule {
    static func read(_ keys: inout PolicyKeys) throws -> InstalmentPlanRule {
        var untilSettlement = false
        if let until = try keys.optional("oral_recording_until") {
            guard try until.string() == "settlement" else { throw until.fault("expected settlement") }
            untilSettlement = true
        }
        return InstalmentPlanRule(
            maxTermMonths: try keys.optional("max_term_months")?.sourced { try $0.int(1...1_200) },
            requiredFields: try keys.optional("required_fields")?.sourced { try $0.codes() } ?? Sourced([], basis: keys.basis),
            stopsCollection: try keys.optional("stops_collection")?.bool() ?? false, recordingUntilSettlement: untilSettlement,
            basis: keys.basis)
    }
}

extension PromiseRule {
    static func read(_ keys: inout PolicyKeys) throws -> PromiseRule {
        let contact = try keys.required("contact_in_window")
        return PromiseRule(
            maxDays: try keys.optional("max_days")?.sourced { try $0.int(0...366) },
            graceDays: try keys.optional("grace_days")?.int(0...366) ?? 0, contactInWindow: try contact.word(), basis: contact.basis)
    }
}

extension VisitRules {
    static func read(_ keys: inout PolicyKeys) throws -> VisitRules {
        VisitRules(
            minCollectors: try keys.optional("min_collectors")?.sourced { try $0.int(1...20) },
            idRequired: try keys.optional("id_required")?.sourced { try $0.bool() },
            entryConsent: try keys.optional("entry_consent")?.sourced { try $0.bool() },
            recording: try keys.optional("recording")?.sourced { try $0.bool() },
            priorNoticeDays: try keys.optional("prior_notice_days")?.sourced { try $0.int(0...366) },
            minGapDays: try keys.optional("min_gap_days")?.sourced { try $0.int(1...366) },
            publicPosting: try keys.optional("public_posting")?.sourced { try $0.bool() })
    }
}

extension RecordingRules {
    static func read(_ keys: inout PolicyKeys) throws -> RecordingRules {
        let required = try keys.optional("required_channels")
        return RecordingRules(
            requiredChannels: try required?.sourced { list in try list.items().isEmpty ? [] : try list.channels() }
                ?? Sourced([], basis: keys.basis),
            noRecorderThen: try keys.optional("no_recorder_then")?.sourced { try $0.word() } ?? Sourced(.block, basis: keys.basis),
            retention: try keys.optional("retention")?.list { row in
                try row.mapping { rule in
                    RetentionRule(
                        records: try rule.required("records").codes(), months: try rule.required("retention_months").int(1...1_200),
                        anchor: try rule.required("anchor").word(), basis: rule.basis)
                }
            } ?? [])
    }
}

extension LimitationRule {
    static func read(_ keys: inout PolicyKeys) throws -> LimitationRule {
        var areas: [SubArea: SubAreaValues] = [:]
        for (name, reader) in try keys.optional("sub_areas")?.entries() ?? [] {
            guard let area = SubArea(name: name) else {
                throw reader.fault("expected one of \(SubArea.names.joined(separator: ", ")), found '\(name)'")
            }
            areas[area] = try reader.mapping { values in
                SubAreaValues(
                    months: try values.optional("months")?.int(1...1_200),
                    expiredBlocks: try values.optional("expired_blocks")?.sourced { try Self.blocks($0) })
            }
        }
        var noContact = Sourced(false, basis: keys.basis)
        if let condition = try keys.optional("block_all_if") {
            guard try condition.string() == "no_contact_in_period" else { throw condition.fault("expected no_contact_in_period") }
            noContact = Sourced(true, basis: condition.basis)
        }
        return LimitationRule(
            months: try keys.optional("months")?.int(1...1_200), subAreas: areas,
            interruptedBy: try keys.optional("interrupted_by")?.codes() ?? [],
            expiredBlocks: try keys.optional("expired_blocks")?.sourced { try Self.blocks($0) } ?? Sourced([], basis: keys.basis),
            blockAllIfNoContact: noContact)
    }

    /// A list of suit, threat, all; `none` stands alone, with or without a list.
    private static func blocks(_ reader: PolicyReader) throws -> CodeSet<ExpiredBlock> {
        if case .scalar("none", _) = reader.node.content { return [] }
        let items = try reader.items()
        if items.count == 1, try items[0].string() == "none" { return [] }
        var set = CodeSet<ExpiredBlock>()
        for item in items { set.insert(try item.code()) }
        return set
    }
}

extension CivilReferralRule {
    static func read(_ keys: inout PolicyKeys) throws -> CivilReferralRule {
        var notices: [Sourced<NoticeDays>] = []
        try keys.optional("notice_days")?.mapping { days in
            for (key, mark) in [("default_notice", MarkKind.defaultNoticeSent), ("letter_of_claim", .letterOfClaimSent)] {
                if let value = try days.optional(key) {
                    notices.append(try value.sourced { NoticeDays(notice: mark, days: try $0.int(0...366)) })
                }
            }
        }
        return CivilReferralRule(
            noticeDays: notices,
            needsLegalReviewIfExpired: try keys.optional("needs_legal_review_if_expired")?.sourced { try $0.bool() }
                ?? Sourced(false, basis: keys.basis),
            blockedBy: try keys.optional("blocked_by")?.list { item in try item.sourced { try $0.word(HoldType.self) } } ?? [])
    }
}

extension CriminalReferralRule {
    static func read(_ keys: inout PolicyKeys) throws -> CriminalReferralRule {
        let currency = try keys.optional("currency")?.currency()
        let principal = try keys.optional("min_principal")
        if principal != nil, currency == nil { throw keys.fault("missing key 'currency', which min_principal needs") }
        var amount: Sourced<Money>?
        if let principal, let currency { amount = try principal.sourced { try $0.money(currency) } }
        return CriminalReferralRule(
            minPrincipal: amount, effectiveCollections: try keys.optional("effective_collections")?.sourced { try $0.int(1...100) },
            minGapDays: try keys.optional("min_gap_days")?.sourced { try $0.int(0...3_660) },
            moreThanMonthsAfterLast: try keys.optional("more_than_months_after_last")?.sourced { try $0.int(0...1_200) })
    }
}

extension AgencyControlRules {
    static func read(_ keys: inout PolicyKeys) throws -> AgencyControlRules {
        AgencyControlRules(
            publicList: try keys.optional("public_list")?.sourced { try $0.bool() },
            debtorNoticeBefore: try keys.optional("debtor_notice_before")?.sourced { try $0.bool() },
            evaluationMonths: try keys.optional("evaluation_months")?.sourced { try $0.int(1...1_200) },
            evaluateBeforeExpiry: try keys.optional("evaluate_before_expiry")?.sourced { try $0.bool() },
            trainingMonths: try keys.optional("training_months")?.sourced { try $0.int(1...1_200) },
            subcontract: try keys.optional("subcontract")?.sourced { try $0.bool() },
            commissionOnly: try keys.optional("commission_only")?.sourced { try $0.bool() },
            maxAgencies: try keys.optional("max_agencies")?.sourced { try $0.int(1...10_000) })
    }
}

extension AgencyDataRules {
    static func read(_ keys: inout PolicyKeys) throws -> AgencyDataRules {
        AgencyDataRules(
            fields: try keys.optional("fields")?.list { try $0.string() } ?? [],
            purgeDaysAfterEnd: try keys.optional("purge_days_after_end")?.int(0...3_660),
            accessAfterEnd: try keys.optional("access_after_end")?.sourced { try $0.bool() })
    }
}

extension ComplaintRules {
    static func read(_ keys: inout PolicyKeys) throws -> ComplaintRules {
        ComplaintRules(
            days: try keys.required("days").int(1...366), extendedDays: try keys.required("extended_days").int(1...366),
            furtherDays: try keys.required("further_days").int(0...366), basis: keys.basis)
    }
}
