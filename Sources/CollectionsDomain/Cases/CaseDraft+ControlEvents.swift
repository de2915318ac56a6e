// Events E6 to E15, the bank's answers and the daily look.

extension CaseDraft {
    /// The first task of a case, at the stage it starts with.
    mutating func opened() throws(MoneyError) {
        rule("case.opened")
        switch facts.stage {
        case .informationGathering where !facts.holderIsLawFirm:
            put(.gather, goal: .completeDossier, at: now)
        case .phone where !facts.holderIsLawFirm:
            if daysPastDue < callLimits.dpdMin || facts.lowRisk {
                try putMessage(at: nextWindow, priority: .firstContact)
            } else {
                try putCall(at: nextWindow, goal: .getDate, priority: .firstContact)
            }
        case .letter where !facts.holderIsLawFirm:
            try nextLetterOrExit(at: nextWindow)
        case .informationGathering, .phone, .letter, .fieldVisit, .legalReferral:
            try resume(at: facts.holderIsLawFirm ? now : nextWindow)
        }
    }

    // MARK: E6

    mutating func holdSet(_ type: HoldType, account: Int64?) throws(MoneyError) {
        rule("E6.hold_set")
        if !facts.holds.contains(where: { $0.type == type && $0.account == account }) {
            facts.holds.append(CaseFacts.Hold(type, account: account))
        }
        emit(.notice("hold"))
        try dropForbiddenVisit()
    }

    /// A visit that a hold forbids now is not made; the stage looks for another way.
    mutating func dropForbiddenVisit() throws(MoneyError) {
        guard facts.contactTask?.step == .visit, !blockingVisitHolds.isEmpty, blocker == nil else { return }
        try resume(at: days(1))
    }

    /// Back to the prior state, never before 08:00 of the next day. What the release reveals (another hold, a request) goes on stopping.
    mutating func holdReleased(_ type: HoldType, account: Int64?) throws(MoneyError) {
        rule("E6.hold_released")
        facts.holds.removeAll { $0.type == type && $0.account == account }
        emit(.notice("hold_released"))
        guard blocker == nil, !facts.state.isClosed, !isRecalling else { return }
        if facts.state.code == .held || facts.state.code == .planned || (type != .vulnerableVisit && facts.contactTask == nil) {
            guard !isWaiting else { return }
            try resume(at: days(1))
        }
    }

    /// A wait of its own is not cut short by a release.
    private var isWaiting: Bool {
        if case .waiting(let until, let reason) = facts.state {
            reason != .letterAnswer && reason != .curePending && until > now
        } else {
            false
        }
    }

    // MARK: The bank's answers

    mutating func requestDecided(_ type: RequestType, _ decision: RequestDecision) throws(MoneyError) {
        // The answer came after the end: it is on record with the request, and moves nothing.
        guard !facts.state.isClosed else {
            endRequest(type)
            return rule("request.\(type.rawValue).case_closed")
        }
        switch decision {
        case .granted(let until, let date, let amount, let instalments):
            rule("request.\(type.rawValue).granted")
            endRequest(type)
            try granted(type, until: until, date: date, amount: amount, instalments: instalments)
        case .refused:
            if type == .legal { return try legalRejected() }
            rule("request.\(type.rawValue).refused")
            endRequest(type)
            emit(.tellDebtor("\(type.rawValue)_refused"))
            if type == .legalReview {
                if blocker == nil { try enterLight() } else { facts.lightCadence = true }
                return
            }
            if blocker == nil { try resume(at: days(1)) }
        case .approved(let route):
            legalApproved(route)
        case .verified(let hold):
            rule("request.\(type.rawValue).verified")
            endRequest(type)
            verified(hold)
        case .unfounded(let hold):
            rule("request.\(type.rawValue).unfounded")
            endRequest(type)
            releaseHold(hold)
            if blocker == nil { try resume(at: days(1)) }
        case .answered(let found):
            rule("request.\(type.rawValue).answered")
            endRequest(type)
            try answered(type, found: found)
        }
    }

    private mutating func granted(
        _ type: RequestType, until: Instant?, date: Day?, amount: Money?, instalments: [PlanInstalment]
    ) throws(MoneyError) {
        switch type {
        case .hardship:
            setHold(.hardship, until: until, reason: "request.hardship.granted")
        case .plan:
            let whole: Money
            if let amount { whole = amount } else { whole = try amountOfAll() }
            let single = PlanInstalment(due: date ?? today.adding(months: 1), amount: whole)
            try plan(instalments.isEmpty ? [single] : instalments, reason: "request.plan.granted")
        case .extension, .settlement:
            let whole: Money
            if let amount { whole = amount } else { whole = try amountOfAll() }
            let due = date ?? today.adding(days: max(1, promiseWindow))
            try promise(whole, due: due, type: type == .extension ? .extension : .settlement)
        case .legalReview:
            facts.legalReviewDone = true
            if blocker == nil { try advance() }
        case .skipTrace, .dataCorrection, .deceasedCheck:
            try answered(type, found: true)
        case .legal:
            legalApproved(.civil)
        }
    }

    /// What is due on all accounts of the first account's currency.
    private func amountOfAll() throws(MoneyError) -> Money {
        let currency = collected.first?.balance.currency ?? policy.amountCurrency
        return try Money.sum(collected.filter { $0.balance.currency == currency }.map(\.amountDue), in: currency)
    }

    /// A verified fact ends the placement without objection.
    private mutating func verified(_ hold: HoldType) {
        isRecalling = true
        emit(.notice("recall"))
        close(hold == .deceased ? .deceased : .compliance)
    }

    /// A search or a correction came back. A search changes nothing unless the case waits for it.
    private mutating func answered(_ type: RequestType, found: Bool) throws(MoneyError) {
        if case .waiting(_, .skipTrace) = facts.state, type == .skipTrace {
            if found {
                if facts.stage == .informationGathering { return try dossierComplete(rule: "info.skip_trace_found") }
                return try resume(at: days(1))
            }
            rule("info.untraceable")
            return close(.untraceable)
        }
        if type == .skipTrace { return }
        if blocker == nil { try resume(at: days(1)) }
    }

    /// The bank missed its time: a break to a supervisor; demands stay stopped.
    mutating func requestOverdue(_ type: RequestType) {
        rule("request.\(type.rawValue).overdue")
        emit(.raiseBreak("request_overdue.\(type.rawValue)", .high))
    }

    // MARK: E7, E8, E10

    mutating func recallRequested(_ category: RecallCategory) {
        rule("E7.recall_requested")
        isRecalling = true
        endReason = .recall
        emit(.notice("recall"))
        if !category.hasObjectionWindow { recallExecuted(category) }
    }

    mutating func recallExecuted(_ category: RecallCategory) {
        rule("E7.recall_executed")
        isRecalling = true
        close(category.closeCode)
    }

    /// The holder's objection was upheld: the work goes on next day.
    mutating func recallWithdrawn() throws(MoneyError) {
        rule("E7.recall_withdrawn")
        isRecalling = false
        if blocker == nil { try resume(at: days(1)) }
    }

    /// Accounts past their term: a promise extends it to its judgment, at most 15 days; a request to its answer; else the placement expires.
    mutating func termEnd() throws(MoneyError) {
        rule("E8.term_end")
        let over = collected.filter { $0.termEnd <= now }
        guard !over.isEmpty else { return }
        let request = facts.requests.filter(\.type.stopsDemands).map(\.slaDue).max()
        for account in over {
            if let judged = facts.promises.map(\.judgeAfter).max(), judged > now, !account.extended {
                rule("E8.extended_for_promise")
                extend(account.id, until: min(judged, account.termEnd + .seconds(15 * 86_400)))
            } else if let request, request > now {
                rule("E8.waits_for_request")
                extend(account.id, until: request)
            } else {
                rule("E8.expired")
                closeAccount(account.id, .expired)
            }
        }
        if closing == .expired { emit(.rotate) }
    }

    private mutating func extend(_ id: Int64, until: Instant) {
        if let index = facts.accounts.firstIndex(where: { $0.id == id }) {
            facts.accounts[index].termEnd = until
            facts.accounts[index].extended = true
        }
        emit(.extendTerm(account: id, until: until))
    }

    mutating func holderSuspended() {
        rule("E10.holder_suspended")
        isRecalling = true
        endReason = .suspended
        emit(.notice("recall"))
    }

    // MARK: E9

    /// The same task later; the 4th time it is for an operator. Its reservation stays as a presumed act, which the conduct ledger keeps.
    mutating func leaseExpired(_ task: ReportedTask, expiries: Int) {
        guard expiries < policy.retry.quarantineAfter else {
            rule("E9.quarantine")
            return quarantine()
        }
        rule("E9.expired")
        let waits = policy.retry.expiredMinutes
        delay(task, until: now + .seconds(Int64(waits[min(max(expiries, 1), waits.count) - 1]) * 60))
    }

    /// Given back unworked: due again at once.
    mutating func leaseReleased(_ task: ReportedTask) {
        rule("E9.released")
        delay(task, until: now)
    }

    private mutating func delay(_ task: ReportedTask, until: Instant) {
        if task.step.isDocument { document = .delay(until: until) } else { contact = .delay(until: until) }
    }

    // MARK: E12 to E15

    /// A new account joins the card at the case's stage; what was waiting only because nothing was due works again.
    mutating func accountJoined(_ id: Int64) throws(MoneyError) {
        rule("E12.account_joined")
        emit(.notice("account_joined"))
        if case .waiting(_, .curePending) = facts.state, blocker == nil { try resume(at: nextWindow) }
    }

    mutating func disputeResolved(_ id: Int64, upheld: Bool) throws(MoneyError) {
        rule(upheld ? "E13.dispute_upheld" : "E13.dispute_unfounded")
        releaseHold(.dispute, account: id)
        releaseHold(.dispute)
        if let account = facts.accounts.first(where: { $0.id == id }), upheld, account.balance.minorUnits <= 0 {
            closePaid(id, .paidInFull, .paid)
        }
        if facts.state == .held(.dispute), blocker == nil, closing == nil { try resume(at: days(1)) }
    }

    /// The limitation comes near: a flag for the legal queue.
    mutating func limitationNear(_ id: Int64) {
        rule("E15.limitation_near")
        emit(.raiseBreak("limitation_near", .warning))
    }

    // MARK: Time

    /// The instant of a wait has passed.
    mutating func waitEnded() throws(MoneyError) {
        guard case .waiting(let until, let reason) = facts.state else { return rule("wait.none") }
        if reason != .paidClaimed, until > now { return rule("wait.not_yet") }
        rule("wait.\(reason.rawValue)")
        switch reason {
        case .letterAnswer:
            guard facts.stage == .letter, !facts.lightCadence else { return try resume(at: nextWindow) }
            try continueLetter(at: nextWindow)
        case .paidClaimed:
            let claimed = Day(number: Int32(clamping: facts.counters.claimedDay))
            let isKnown =
                facts.counters.claimedDay > 0
                && PromiseJudgement.hasPassed(hours.zone.endOfDay(claimed), watermark: facts.watermark)
            guard isKnown || until <= now else { return rule("wait.not_yet") }
            try claimNotFound()
        case .curePending:
            // The bank said nothing within its days: work resumes.
            for account in facts.accounts where account.status == .curePending { setStatus(account.id, .open) }
            if blocker == nil { try resume(at: nextWindow) }
        case .representative:
            // Silent so long: direct contact is open again (conduct policy, semantics 9).
            facts.represented = false
            try resume(at: nextWindow)
        case .skipTrace:
            endRequest(.skipTrace)
            if !debtorNumbers.isEmpty || !mobiles.isEmpty {
                if facts.stage == .informationGathering { return try dossierComplete(rule: "info.skip_trace_found") }
                return try resume(at: nextWindow)
            }
            rule("info.untraceable")
            close(.untraceable)
        case .stageMinimum:
            try advance()
        case .callsLater:
            try resume(at: nextWindow)
        case .termEnd:
            try termEnd()
            if closing == nil { try resume(at: nextWindow) }
        case .lawFirmEvent:
            emit(.serviceLevel("law_firm.event_due"))
            // Its task is due now too; one that is already worked on is left alone.
            if facts.contactTask == nil { put(.lawFirm, goal: .reportCourtEvent, at: now) } else { contact = .keep }
        }
    }

    /// The daily look at stage days and idle days; what stops demands also stops this.
    mutating func stageDay() throws(MoneyError) {
        guard facts.state.allowsDemand || isWaitingForMinimum, blocker == nil, !facts.lightCadence, !facts.holderIsLawFirm else {
            return rule("stage_day.none")
        }
        let days = daysInStage
        if let most = policy.maxDays(of: facts.stage), days >= most {
            rule("\(facts.stage.shortName).max_days")
            switch facts.stage {
            case .informationGathering:
                emit(.serviceLevel("info.max_days"))
                return try dossierComplete(rule: "info.max_days")
            case .phone, .letter, .fieldVisit, .legalReferral:
                return try advance()
            }
        }
        if facts.stage == .phone, let last = facts.lastWorkedAt,
            max(hours.day(of: last), Day(number: Int32(clamping: facts.counters.resumedDay))).days(until: today)
                >= policy.phone.maxIdleDays
        {
            rule("phone.max_idle_days")
            emit(.serviceLevel("phone.max_idle_days"))
            return
        }
        rule("stage_day.none")
    }

    private var isWaitingForMinimum: Bool {
        if case .waiting(_, .stageMinimum) = facts.state { true } else { false }
    }
}

extension Stage {
    /// The short name of DOMAIN section 3's tables.
    var shortName: String {
        switch self {
        case .informationGathering: "info"
        case .phone: "phone"
        case .letter: "letter"
        case .fieldVisit: "field"
        case .legalReferral: "legal"
        }
    }
}
