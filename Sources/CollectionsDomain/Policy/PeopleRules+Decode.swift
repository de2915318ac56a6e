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
        let maxContacts = try keys.optional("max_contacts")?.sourced { try $0.int(0...1_000) }
        let exceptions = try keys.optional("repeat_exceptions")
        let repeats: CodeSet<RepeatException> = try exceptions?.codes() ?? []
        if let exceptions, maxContacts == nil, !repeats.isEmpty {
            throw exceptions.fault("exceptions of a limit that is not set: max_contacts is missing")
        }
        return ThirdPartyRules(
            purposes: try keys.optional("purposes")?.sourced { try $0.codes() },
            preconditions: try keys.optional("preconditions")?.sourced { reader in
                try reader.mapping { try $0.required("any_of").list(Precondition.read) }
            },
            maxContacts: maxContacts,
            repeatExceptions: repeats,
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
