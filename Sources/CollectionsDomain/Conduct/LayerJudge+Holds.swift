/// Group 1: holds, promises and limitation.
extension LayerJudge {
    // MARK: Holds

    /// The outcome of looking for a hold in force.
    private enum HoldState {
        case none
        /// In force; ends by itself at the instant, or by an event.
        case active(ends: Instant?)

        /// Both together: in force while one of them is.
        func joined(with other: HoldState) -> HoldState {
            switch (self, other) {
            case (.none, _): other
            case (_, .none): self
            case (.active(let one?), .active(let two?)): .active(ends: max(one, two))
            case (.active, .active): .active(ends: nil)
            }
        }
    }

    mutating func checkHolds() {
        let kind = ActClass(act.kind)
        let purpose: ActPurpose? = if case .contact(let contact) = act.kind { contact.purpose } else { nil }
        for row in policy.tables.holds[Int(kind.rawValue)] {
            if let purpose, row.permits.contains(purpose) { continue }
            guard mayStand(row) else { continue }
            let rule = policy.holds[row.row]
            if case .active(let ends) = state(of: rule) { block(rule.rule, .hold, rule.basis, lifts: ends) }
        }
        if kind == .referCivil, let civil = policy.civilReferral {
            for blocking in civil.blockedBy {
                guard let rule = policy.holds.first(where: { $0.type == blocking.value }), !rule.blocks.contains(.referCivil) else {
                    continue
                }
                if case .active(let ends) = state(of: rule) { block(rule.rule, .hold, blocking.basis, lifts: ends) }
            }
        }
        if !ledger.holds.isEmpty { checkUnruledHolds(kind) }
    }

    /// Whether anything could put the hold in force; nearly always nothing could.
    private func mayStand(_ row: PolicyTables.Hold) -> Bool {
        if row.isFromFact { return true }
        for hold in ledger.holds where hold.type == row.type { return true }
        guard let mark = row.mark else { return false }
        for other in ledger.marks where other.kind == mark { return true }
        return false
    }

    /// A hold on record that the policy has no row for stops everything it could mean: nothing on record may be overlooked.
    private mutating func checkUnruledHolds(_ kind: ActClass) {
        for hold in ledger.holds where !policy.tables.holdTypes.contains(hold.type) && concerns(hold.accounts) {
            let blocks: CodeSet<ActClass> = hold.type == .vulnerableVisit ? [.visit] : .everything
            guard blocks.contains(kind) else { continue }
            if case .active(let ends) = state(from: hold.from, until: hold.until) {
                block("holds." + hold.type.rawValue, .hold, .bank, lifts: ends)
            }
        }
    }

    /// The state of a hold over a span of time; a start that is still to come bounds the permission.
    private mutating func state(from start: Instant, until end: Instant?) -> HoldState {
        if let end, end <= now || end <= start { return .none }
        if start > now {
            until = min(until, start)
            return .none
        }
        return .active(ends: end)
    }

    private mutating func state(of rule: HoldRule) -> HoldState {
        var result = HoldState.none
        for hold in ledger.holds where hold.type == rule.type && (!rule.perAccount || concerns(hold.accounts)) {
            guard let span = span(of: rule, on: hold) else { continue }
            result = result.joined(with: state(from: span.start, until: span.end))
        }
        guard !rule.conditions.contains(.onRecord) else { return result }
        if isStartedByFact(rule) { result = .active(ends: nil) }
        guard let start = rule.type.startingMark else { return result }
        for mark in ledger.marks where mark.kind == start && mark.at <= now && (!rule.perAccount || concerns(mark.accounts)) {
            guard let span = span(of: rule, from: mark) else { continue }
            result = result.joined(with: state(from: span.start, until: span.end))
        }
        return result
    }

    /// From when until when a hold on record stands: its own span, or the policy's `max_days` where it names no end.
    private mutating func span(of rule: HoldRule, on hold: LedgerHold) -> (start: Instant, end: Instant?)? {
        guard hold.until == nil, let days = rule.maxDays, rule.start != .releasePlus else { return (hold.from, hold.until) }
        guard let zone = needZone() else { return nil }
        let dayOne = zone.day(of: hold.from).adding(days: rule.start == .dayAfter ? 1 : 0)
        return (rule.start == .dayAfter ? zone.startOfDay(dayOne) : hold.from, zone.endOfDay(dayOne.adding(days: days - 1)))
    }

    /// Whether a fact about the debtor, not an event, puts the hold in force. Reports what is unknown.
    private mutating func isStartedByFact(_ rule: HoldRule) -> Bool {
        switch rule.type {
        case .incapacity:
            if ledger.profile.incapacitated == .known(true) || ledger.profile.capacityInDoubt == .known(true) { return true }
            _ = need(ledger.profile.incapacitated, "incapacitated")
            _ = need(ledger.profile.capacityInDoubt, "capacity_in_doubt")
            return false
        case .vulnerableVisit:
            return need(ledger.profile.vulnerable, "vulnerable") ?? false
        case .deceased:
            guard let day = need(ledger.profile.deceasedOn, "deceased_on") else { return false }
            return day != nil
        case .dispute, .moratorium, .crisisMoratorium, .adviserPlan, .instalmentPlan, .promise, .ombudsman, .complaint, .hardship,
            .bankRequest, .cease, .fraudClaim, .minor, .custody, .selfHarmRisk, .operator:
            return false
        }
    }

    /// From when until when an event holds; nil if it starts nothing. An end that is nil is open.
    private mutating func span(of rule: HoldRule, from mark: ConductMark) -> (start: Instant, end: Instant?)? {
        if rule.conditions.contains(.written), !mark.isWritten { return nil }
        if rule.conditions.contains(.inValidationWindow), !isInValidationWindow(mark) { return nil }
        let released = release(of: rule, from: mark)
        guard rule.maxDays != nil || rule.start == .dayAfter else { return (mark.at, released) }
        guard let zone = needZone() else { return nil }
        let day = zone.day(of: mark.at)
        let start = rule.start == .dayAfter ? zone.startOfDay(day.adding(days: 1)) : mark.at
        switch rule.start {
        case .releasePlus:
            guard let released, let days = rule.maxDays else { return (start, nil) }
            return (start, zone.endOfDay(zone.day(of: released).adding(days: days)))
        case .sameDay, .dayAfter:
            guard let days = rule.maxDays else { return (start, released) }
            let dayOne = rule.start == .dayAfter ? day.adding(days: 1) : day
            let length = days + (isExtended(rule, from: mark) ? rule.extendDays : 0)
            let end = zone.endOfDay(dayOne.adding(days: length - 1))
            return (start, released.map { min($0, end) } ?? end)
        }
    }

    /// The first event after the start that releases the hold.
    private func release(of rule: HoldRule, from mark: ConductMark) -> Instant? {
        var first: Instant?
        for release in rule.releases {
            guard case .event(let kind) = release else { continue }
            for other in ledger.marks where other.kind == kind && other.at >= mark.at && other.at <= now {
                guard !rule.perAccount || other.accounts.meets(mark.accounts) else { continue }
                first = first.map { min($0, other.at) } ?? other.at
            }
        }
        return first
    }

    /// Whether evidence for the extension has come in.
    private func isExtended(_ rule: HoldRule, from mark: ConductMark) -> Bool {
        guard rule.extendDays > 0, rule.type == .adviserPlan else { return false }
        return ledger.marks.contains { $0.kind == .adviserProgress && $0.at >= mark.at && $0.at <= now }
    }

    /// Whether a dispute came within the dispute days after the assumed receipt of the latest validation notice before it. Without a
    /// notice on record the window cannot have ended.
    private mutating func isInValidationWindow(_ dispute: ConductMark) -> Bool {
        guard let rule = policy.content.validation else { return true }
        var sent: Instant?
        for mark in ledger.marks where mark.kind == .validationSent && mark.at <= dispute.at && mark.accounts.meets(dispute.accounts) {
            sent = sent.map { max($0, mark.at) } ?? mark.at
        }
        guard let sent else { return true }
        guard let zone = needZone(), let calendar = need(facts.calendar, "holidays") else { return true }
        let receipt = calendar.adding(businessDays: rule.assumedReceiptBusinessDays, to: zone.day(of: sent))
        return zone.day(of: dispute.at) <= receipt.adding(days: rule.disputeDays)
    }

    // MARK: Promises

    /// A promise blocks contact on its accounts from the day it was taken through due date + grace days, unless paid.
    mutating func checkPromises(_ contact: ContactAct) {
        guard let rule = policy.promise, rule.contactInWindow != .any else { return }
        for (index, mark) in ledger.marks.enumerated() where mark.kind == .promiseTaken && mark.at <= now && concerns(mark.accounts) {
            if ledger.isEnded(promiseAt: index, by: [.payment, .promiseEnded], now: now) { continue }
            guard let zone = needZone() else { return }
            let end = zone.endOfDay(mark.due.adding(days: rule.graceDays))
            if now >= end { continue }
            var lifts = end
            if rule.contactInWindow == .dueDayReminder, contact.purpose == .reminder {
                if today == mark.due, !isReminderUsed(on: mark.due, zone: zone, accounts: mark.accounts) {
                    conditions.isDueDayReminder = true
                    continue
                }
                if today < mark.due { lifts = min(end, zone.startOfDay(mark.due)) }
            }
            blockPromise(rule, lifts: lifts)
        }
    }

    /// Several promises are one reason; it is gone when the last of them is.
    private mutating func blockPromise(_ rule: PromiseRule, lifts: Instant) {
        block("promise_to_pay.contact_in_window", .hold, rule.basis, lifts: lifts)
    }

    /// Whether the one reminder of the due day was made, or may have been: unanswered and failed tries do not use it up.
    private func isReminderUsed(on due: Day, zone: Zone, accounts: AccountSet) -> Bool {
        let made = ledger.entries.contains { entry in
            guard entry.purpose == .reminder, entry.direction == .outbound, entry.at <= now, entry.accounts.meets(accounts) else {
                return false
            }
            switch entry.outcome {
            case .conversation, .connected, .voicemail, .sent, .delivered, .receiptSigned, .met: return zone.day(of: entry.at) == due
            case .noAnswer, .busy, .notInService, .failed, .returned, .nobodyHome, .received: return false
            }
        }
        return made
            || ledger.reservations.contains { reservation in
                reservation.purpose == .reminder && reservation.accounts.meets(accounts) && zone.day(of: reservation.from) <= due
                    && due <= zone.day(of: reservation.last)
            }
    }
}

extension HoldType {
    /// Whether a bare fact about the debtor starts a hold of the type.
    var isStartedByFact: Bool {
        switch self {
        case .incapacity, .vulnerableVisit, .deceased: true
        case .dispute, .moratorium, .crisisMoratorium, .adviserPlan, .instalmentPlan, .promise, .ombudsman, .complaint, .hardship,
            .bankRequest, .cease, .fraudClaim, .minor, .custody, .selfHarmRisk, .operator:
            false
        }
    }

    /// The event that starts a hold of the type; nil where only a fact or a record does.
    var startingMark: MarkKind? {
        switch self {
        case .dispute: .disputeReceived
        case .moratorium: .moratoriumEntered
        case .crisisMoratorium: .crisisTreatmentStarted
        case .adviserPlan: .adviserNotice
        case .instalmentPlan: .planSigned
        case .promise: .promiseTaken
        case .ombudsman: .ombudsmanComplaint
        case .incapacity, .vulnerableVisit, .deceased, .complaint, .hardship, .bankRequest, .cease, .fraudClaim, .minor, .custody,
            .selfHarmRisk, .operator:
            nil
        }
    }
}
