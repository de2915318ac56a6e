/// Group 6 for everything that is no contact: placement, referral, files, plans, promises, records.
extension LayerJudge {
    // MARK: Placement

    mutating func checkPlacement() {
        guard let rules = policy.agencyControls else { return }
        let agency = facts.agency
        requireTrue(rules.publicList, agency.listed, "listed", "agency_controls.public_list")
        requireTrue(
            rules.debtorNoticeBefore, facts.account.outsourcingNotice, "outsourcing_notice", "agency_controls.debtor_notice_before")
        requireRecent(rules.evaluationMonths, agency.lastEvaluatedOn, "last_evaluated_on", "agency_controls.evaluation_months")
        requireRecent(rules.trainingMonths, agency.lastTrainedOn, "last_trained_on", "agency_controls.training_months")
        requireAllowed(rules.subcontract, agency.subcontracts, "subcontracts", "agency_controls.subcontract")
        requireAllowed(rules.commissionOnly, agency.commissionOnly, "commission_only", "agency_controls.commission_only")
        if let limit = rules.maxAgencies, let used = need(agency.agenciesInUse, "agencies_in_use"), used > limit.value {
            block("agency_controls.max_agencies", .other, limit.basis, count: BlockReason.Count(counted: used, max: limit.value))
        }
    }

    private mutating func requireTrue(_ rule: Sourced<Bool>?, _ fact: Fact<Bool>, _ name: String, _ parameter: String) {
        guard let rule, rule.value else { return }
        if need(fact, name) == false { block(parameter, .other, rule.basis) }
    }

    /// A rule that says whether something is allowed.
    private mutating func requireAllowed(_ rule: Sourced<Bool>?, _ fact: Fact<Bool>, _ name: String, _ parameter: String) {
        guard let rule, !rule.value else { return }
        if need(fact, name) == true { block(parameter, .other, rule.basis) }
    }

    /// Something must have been done within so many months, met through the end of the last day.
    private mutating func requireRecent(_ rule: Sourced<Int>?, _ fact: Fact<Day?>, _ name: String, _ parameter: String) {
        guard let rule, let done = need(fact, name) else { return }
        guard let done else { return block(parameter, .other, rule.basis) }
        guard needZone() != nil else { return }
        if today > done.adding(months: rule.value) { block(parameter, .other, rule.basis) }
    }

    // MARK: Referral

    mutating func checkCivilReferral() {
        guard let rules = policy.civilReferral else { return }
        for notice in rules.noticeDays { checkNotice(notice) }
        let review = rules.needsLegalReviewIfExpired
        if review.value, let rule = policy.limitation, case .expired? = limitation(rule),
            need(facts.account.legalReviewDone, "legal_review_done") == false
        {
            block("civil_referral.needs_legal_review_if_expired", .other, review.basis)
        }
    }

    /// The days must have passed whole since the latest notice of the kind.
    private mutating func checkNotice(_ rule: Sourced<CivilReferralRule.NoticeDays>) {
        var sent: Instant?
        for mark in ledger.marks where mark.kind == rule.value.notice && mark.at <= now && concerns(mark.accounts) {
            sent = sent.map { max($0, mark.at) } ?? mark.at
        }
        guard let sent else {
            if !facts.unmarkedNoticesAreOld { block("civil_referral.notice_days", .other, rule.basis) }
            return
        }
        guard let zone = needZone() else { return }
        let passed = zone.endOfDay(zone.day(of: sent).adding(days: rule.value.days))
        if now < passed { block("civil_referral.notice_days", .other, rule.basis, lifts: passed) }
    }

    mutating func checkCriminalReferral() {
        guard let rules = policy.criminalReferral else { return }
        if let minimum = rules.minPrincipal, let principal = need(facts.account.principal, "principal") {
            if principal.currency != minimum.value.currency {
                missing("fx_rate")
            } else if principal.minorUnits < minimum.value.minorUnits {
                block("criminal_referral.min_principal", .other, minimum.basis)
            }
        }
        guard rules.effectiveCollections != nil || rules.minGapDays != nil || rules.moreThanMonthsAfterLast != nil else { return }
        guard let zone = needZone(), let start = need(facts.account.defaultDate, "default_date") else { return }
        let days = effectiveCollections(after: start, zone: zone)
        let needed = rules.effectiveCollections?.value ?? 1
        guard days.count >= needed else {
            if let rule = rules.effectiveCollections {
                block(
                    "criminal_referral.effective_collections", .other, rule.basis,
                    count: BlockReason.Count(counted: days.count, max: needed))
            }
            return
        }
        // The earliest collections that lie far enough apart; the months run from the last of them.
        var chosen: [Day] = []
        for day in days where chosen.last.map({ $0.days(until: day) >= rules.minGapDays?.value ?? 0 }) ?? true {
            chosen.append(day)
            if chosen.count == needed { break }
        }
        guard chosen.count == needed, let last = chosen.last else {
            if let rule = rules.minGapDays { block("criminal_referral.min_gap_days", .other, rule.basis) }
            return
        }
        if let rule = rules.moreThanMonthsAfterLast {
            let end = last.adding(months: rule.value)
            if today <= end {
                block("criminal_referral.more_than_months_after_last", .other, rule.basis, lifts: zone.endOfDay(end))
            }
        }
    }

    /// The dates of outbound contacts with the debtor after default whose receipt can be confirmed, ascending.
    private func effectiveCollections(after start: Day?, zone: Zone) -> [Day] {
        var days: [Day] = []
        for entry in ledger.entries where entry.direction == .outbound && entry.party == 0 && entry.at <= now {
            guard entry.outcome.isConfirmable, concerns(entry.accounts) else { continue }
            let day = zone.day(of: entry.at)
            if start.map({ day > $0 }) ?? true { days.append(day) }
        }
        return days
    }

    // MARK: Files, plans, promises, records

    mutating func checkAccess() {
        guard let rule = policy.agencyData?.accessAfterEnd, !rule.value, !act.by.isBank else { return }
        guard let end = need(facts.agency.contractEnd, "contract_end"), let end else { return }
        guard needZone() != nil else { return }
        if today > end { block("agency_data.access_after_end", .other, rule.basis) }
    }

    mutating func checkPlan(months: Int, content: ActContent) {
        guard let rule = policy.plan else { return }
        if let term = rule.maxTermMonths, months > term.value {
            block(
                "instalment_plan.max_term_months", .other, term.basis, count: BlockReason.Count(counted: months, max: term.value))
        }
        if rule.requiredFields.value.intersects(content.missing) {
            block("instalment_plan.required_fields", .other, rule.requiredFields.basis)
        }
    }

    mutating func checkPromiseDate(_ due: Day) {
        guard let rule = policy.promise?.maxDays, let zone = needZone() else { return }
        let last = today.adding(days: rule.value)
        if due > last {
            block("promise_to_pay.max_days", .other, rule.basis, lifts: zone.startOfDay(due.adding(days: -rule.value)))
        }
    }

    mutating func checkPurge(_ kind: RecordKind, madeOn: Day) {
        for rule in policy.recording?.retention ?? [] where rule.records.contains(kind) {
            guard let zone = needZone() else { return }
            switch anchor(of: rule, madeOn: madeOn, zone: zone) {
            case .unknown: continue
            case .known(nil): block("recording.retention_months", .other, rule.basis)
            case .known(let start?):
                let end = start.adding(months: rule.months)
                if today <= end { block("recording.retention_months", .other, rule.basis, lifts: zone.endOfDay(end)) }
            }
        }
        if kind == .planRecording, let plan = policy.plan, plan.recordingUntilSettlement {
            guard let zone = needZone(), let settled = settlement(zone) else { return }
            if settled.map({ $0 > today }) ?? true { block("instalment_plan.oral_recording_until", .other, plan.basis) }
        }
    }

    /// The date from which a record's retention runs; nil if that has not come.
    private mutating func anchor(of rule: RetentionRule, madeOn: Day, zone: Zone) -> Fact<Day?> {
        switch rule.anchor {
        case .event: return .known(madeOn)
        case .settlement:
            guard let day = settlement(zone) else { return .unknown }
            return .known(day)
        case .lastActivity:
            guard let given = need(facts.account.lastActivityOn, "last_activity_on") else { return .unknown }
            // What the ledger shows is activity too.
            var last = max(madeOn, given ?? madeOn)
            for entry in ledger.entries where entry.at <= now && concerns(entry.accounts) { last = max(last, zone.day(of: entry.at)) }
            for mark in ledger.marks where mark.at <= now && concerns(mark.accounts) { last = max(last, zone.day(of: mark.at)) }
            return .known(last)
        }
    }

    /// The day of settlement, known to the account or marked; the outer nil says that nobody knows.
    private mutating func settlement(_ zone: Zone) -> Day?? {
        guard let given = need(facts.account.settledOn, "settled_on") else { return nil }
        if given != nil { return .some(given) }
        let mark = ledger.marks.first { $0.kind == .settled && $0.at <= now && concerns($0.accounts) }
        return .some(mark.map { zone.day(of: $0.at) })
    }
}
