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
        let scope: PolicyScope
        if let section = try keys.optional("scope") {
            scope = try section.mapping { try PolicyScope.read(&$0) }
        } else if let parent {
            // An overlay that does not say whose acts it judges judges those its parent does.
            scope = parent.scope
        } else {
            throw keys.fault("missing key 'scope'")
        }
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
        let known = Set(holds.map(\.type) + (parent?.chain.flatMap { $0.holds.map(\.type) } ?? []))
        if let stranger = civil?.blockedBy.first(where: { !known.contains($0.value) }) {
            throw keys.fault("civil_referral is blocked by hold '\(stranger.value.rawValue)', which has no row in holds")
        }
        if people.workplace?.value == .hoursOnly,
            !(time.windows + (parent?.chain.flatMap(\.time.windows) ?? [])).contains(where: { $0.place == .workplace })
        {
            throw keys.fault("workplace_mode is hours_only, but no row of contact_windows has place workplace")
        }
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
