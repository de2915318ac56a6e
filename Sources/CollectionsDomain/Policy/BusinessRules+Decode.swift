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
