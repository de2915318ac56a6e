/// Group 1, continued: limitation, and what depends on it.
extension LayerJudge {
    /// Where limitation of the act's account stands.
    enum Limitation {
        /// No period is known to the policy or the account, or the account is not in default.
        case none
        /// Runs through `lastDay`.
        case running(lastDay: Day)
        /// Ran out after `lastDay`; the period began on `firstDay` where that is known.
        case expired(firstDay: Day?, lastDay: Day)
    }

    mutating func checkLimitation() {
        guard let rule = policy.limitation else { return }
        let kind = ActClass(act.kind)
        guard CodeSet<ActClass>.everything.contains(kind) else { return }
        let threatens: Bool = if case .contact(let contact) = act.kind { contact.content.threats.contains(.suit) } else { false }
        // Ask for nothing that no value of the rule can need.
        let mayMatter =
            rule.blockAllIfNoContact.value || rule.expiredBlocks.value.contains(.all) || threatens || kind == .referCivil
            || rule.subAreas.values.contains { $0.expiredBlocks?.value.contains(.all) ?? false }
        guard mayMatter else { return }
        guard let area = subArea(rule) else { return }
        let blocks = area.values?.expiredBlocks ?? rule.expiredBlocks
        let matters =
            rule.blockAllIfNoContact.value || blocks.value.contains(.all) || blocks.value.contains(.threat) && threatens
            || blocks.value.contains(.suit) && kind == .referCivil
        guard matters, case .expired(let first, let last)? = limitation(rule, area: area.values) else { return }
        let everything = blocks.value.contains(.all)
        if everything || blocks.value.contains(.threat) && threatens || blocks.value.contains(.suit) && kind == .referCivil {
            block("limitation.expired_blocks", .hold, blocks.basis)
        }
        if rule.blockAllIfNoContact.value, !everything, !wasContacted(from: first, through: last) {
            block("limitation.block_all_if", .hold, rule.blockAllIfNoContact.basis)
        }
    }

    /// The values of the debtor's part of the country; nil if the part is needed and unknown.
    private mutating func subArea(_ rule: LimitationRule) -> (values: LimitationRule.SubAreaValues?, Void)? {
        guard !rule.subAreas.isEmpty else { return (nil, ()) }
        guard let area = need(ledger.profile.subArea, "sub_area") else { return nil }
        return (area.flatMap { rule.subAreas[$0] }, ())
    }

    /// Where limitation stands today; nil if a fact is missing, which is reported.
    mutating func limitation(_ rule: LimitationRule) -> Limitation? {
        guard let area = subArea(rule) else { return nil }
        return limitation(rule, area: area.values)
    }

    private mutating func limitation(_ rule: LimitationRule, area: LimitationRule.SubAreaValues?) -> Limitation? {
        guard let given = need(facts.account.limitationEnd, "limitation_end") else { return nil }
        let months = area?.months ?? rule.months
        if let given {
            guard needZone() != nil else { return nil }
            return today <= given ? .running(lastDay: given) : .expired(firstDay: months.map { given.adding(months: -$0) }, lastDay: given)
        }
        guard let months else { return Limitation.none }
        guard let start = need(facts.account.defaultDate, "default_date") else { return nil }
        guard let start else { return Limitation.none }
        guard let zone = needZone() else { return nil }
        var first = start
        var last = start.adding(months: months)
        for day in interruptions(rule.interruptedBy, zone: zone) where day >= first && day <= last {
            first = day
            last = day.adding(months: months)
        }
        return today <= last ? .running(lastDay: last) : .expired(firstDay: first, lastDay: last)
    }

    /// The dates of what restarts limitation, ascending.
    private func interruptions(_ kinds: CodeSet<Interruption>, zone: Zone) -> [Day] {
        var days: [Day] = []
        for mark in ledger.marks where mark.at <= now && concerns(mark.accounts) {
            let kind: Interruption? =
                switch mark.kind {
                case .payment: .payment
                case .acknowledgment: .acknowledgment
                case .setOff: .setOff
                case .consentToPerform: .consentToPerform
                case .suitFiled: .suitFiled
                case .policeReport: .policeReport
                case .optOut, .ceaseNotice, .disputeReceived, .disputeVerified, .verificationSent, .outcomeSent, .validationSent,
                    .planSigned,
                    .instalmentMissed, .promiseTaken, .promiseEnded, .settled, .moratoriumEntered, .crisisTreatmentStarted,
                    .crisisTreatmentEnded, .adviserNotice, .adviserProgress, .ombudsmanComplaint, .ombudsmanClosed, .representativeKnown,
                    .representativeReply, .representativeConsents, .thirdPartyRefused, .thirdPartyOfferedToPay, .thirdPartyAskedBack,
                    .thirdPartyAnswerDoubted, .defaultNoticeSent, .letterOfClaimSent:
                    nil
                }
            if let kind, kinds.contains(kind) { days.append(zone.day(of: mark.at)) }
        }
        if kinds.contains(.deliveredDemand) {
            for entry in ledger.entries where entry.at <= now && entry.isDeliveredDemand && concerns(entry.accounts) {
                days.append(zone.day(of: entry.at))
            }
        }
        return days.sorted()
    }

    /// Whether anybody on the creditor's side contacted the debtor within the period.
    private func wasContacted(from first: Day?, through last: Day) -> Bool {
        guard let zone else { return false }
        return ledger.entries.contains { entry in
            guard entry.direction == .outbound, entry.party == 0, concerns(entry.accounts),
                ContactEvent.contactMade.matches(entry.channel, entry.outcome)
            else { return false }
            let day = zone.day(of: entry.at)
            return (first.map { $0 <= day } ?? true) && day <= last
        }
    }
}

extension ContactEntry {
    /// A message or letter asking the debtor to pay that arrived at a point reserved with the bank (CN22).
    var isDeliveredDemand: Bool {
        guard direction == .outbound, party == 0, pointIsReserved, purpose.isDemand else { return false }
        switch channel {
        case .sms, .email, .letter: return outcome == .delivered || outcome == .receiptSigned
        case .call, .noticeCall, .visit: return false
        }
    }
}
