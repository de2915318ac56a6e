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
