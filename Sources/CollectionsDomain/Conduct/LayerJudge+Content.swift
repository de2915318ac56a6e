/// Group 6 for contacts: content, visits and recorders.
extension LayerJudge {
    mutating func checkContent(_ contact: ContactAct) {
        let rules = policy.content
        if contact.channel == .letter {
            if let required = rules.letterRequired {
                conditions.letterFields = conditions.letterFields.union(required.value)
                if required.value.intersects(contact.content.missing) { block("letter_required_fields", .other, required.basis) }
            }
            if let addresses = rules.letterAddresses, !addresses.value.isEmpty, !addresses.value.contains(contact.point.kind) {
                block("letter_addresses", .other, addresses.basis)
            }
        }
        if let forbidden = rules.letterForbidden {
            conditions.forbiddenMarks = conditions.forbiddenMarks.union(forbidden.value)
            if forbidden.value.intersects(contact.content.marks) { block("letter_forbidden", .other, forbidden.basis) }
        }
        let needed = disclosures(rules, contact)
        conditions.disclosures = conditions.disclosures.union(needed)
        if needed.intersects(contact.content.missing) { block("disclosures", .other, rules.disclosureBasis) }
    }

    /// What has to be said in this contact. The bank names no agency; a third party is never told that a debt collector calls, because
    /// that tells the debt.
    private func disclosures(_ rules: ContentRules, _ contact: ContactAct) -> ElementSet {
        var needed = rules.everyContact
        if !rules.firstContact.isEmpty, isFirstContact(contact) { needed = needed.union(rules.firstContact) }
        if act.by.isBank { needed.remove(.agency) }
        if isThirdParty(contact.role), policy.people.thirdParty?.forbiddenFields?.value.contains(.debtExists) ?? false {
            needed.remove(.debtCollector)
        }
        return needed
    }

    /// Whether the actor has not yet been in contact with the person addressed.
    private func isFirstContact(_ contact: ContactAct) -> Bool {
        !ledger.entries.contains { entry in
            entry.at <= now && entry.by == act.by && entry.party == contact.party
                && (ContactEvent.contactMade.matches(entry.channel, entry.outcome) || entry.outcome == .connected)
        }
    }

    // MARK: Visits

    mutating func checkVisit(_ contact: ContactAct) {
        let rules = policy.visit
        if let collectors = rules.minCollectors {
            conditions.collectors = max(conditions.collectors, collectors.value)
            if contact.visit.collectors < collectors.value { block("visit.min_collectors", .other, collectors.basis) }
        }
        if let id = rules.idRequired, id.value, !contact.visit.idShown { block("visit.id_required", .other, id.basis) }
        if let entry = rules.entryConsent, entry.value, contact.visit.entry == .withoutConsent {
            block("visit.entry_consent", .other, entry.basis)
        }
        if let posting = rules.publicPosting, !posting.value, contact.visit.postedNotice {
            block("visit.public_posting", .other, posting.basis)
        }
        if let notice = rules.priorNoticeDays { checkNotice(notice, contact.visit.notice) }
        if let gap = rules.minGapDays { checkGap(gap) }
    }

    private mutating func checkNotice(_ rule: Sourced<Int>, _ notice: VisitNotice) {
        switch notice {
        case .inTime: break
        case .never: block("visit.prior_notice_days", .other, rule.basis)
        case .on(let day):
            guard let zone = needZone() else { return }
            let first = day.adding(days: rule.value)
            if today < first { block("visit.prior_notice_days", .other, rule.basis, lifts: zone.startOfDay(first)) }
        }
    }

    private mutating func checkGap(_ rule: Sourced<Int>) {
        guard let zone = needZone() else { return }
        var last: Day?
        for entry in ledger.entries where entry.channel == .visit && entry.direction == .outbound && concerns(entry.accounts) {
            let day = zone.day(of: entry.at)
            if day <= today { last = last.map { max($0, day) } ?? day }
        }
        for reservation in ledger.reservations where reservation.channel == .visit && concerns(reservation.accounts) {
            let day = min(zone.day(of: reservation.last), today)
            last = last.map { max($0, day) } ?? day
        }
        guard let last else { return }
        let first = last.adding(days: rule.value)
        if today < first { block("visit.min_gap_days", .other, rule.basis, lifts: zone.startOfDay(first)) }
    }

    // MARK: Recorders

    mutating func checkRecorder(_ contact: ContactAct) {
        let required = policy.recording?.requiredChannels.value.contains(contact.channel) ?? false
        if contact.channel == .visit {
            let byVisit = policy.visit.recording?.value ?? false
            guard required || byVisit else { return }
            conditions.recorder = true
            let basis = byVisit ? policy.visit.recording?.basis : policy.recording?.requiredChannels.basis
            if !contact.recorder { block("visit.recording", .other, basis ?? .bank) }
        } else if required, let rule = policy.recording?.noRecorderThen {
            conditions.recorder = true
            guard !contact.recorder else { return }
            switch rule.value {
            case .block: block("recording.no_recorder_then", .other, rule.basis)
            case .review: block("recording.no_recorder_then", .other, rule.basis, isForReview: true)
            case .allow: break
            }
        }
    }
}
