/// The transition table of a case (DOMAIN section 3): what follows from a result or an event.
///
/// A pure function of the event, the facts read under the debtor's lock, the policy and business time. The decision lists what is to be
/// written; nothing is looked up, logged or waited for here.
package enum CaseMachine {
    /// Decides what follows from `event`.
    ///
    /// - Parameters:
    ///   - event: What happened. An outcome must have passed ``validate(_:task:facts:now:hours:clockRate:)``.
    ///   - facts: The case; money already posted is in its amounts.
    ///   - policy: The stages in force at `now`.
    ///   - now: Business time of the transaction.
    ///   - hours: Where days and windows begin for this debtor.
    /// - Throws: ``MoneyError`` when an amount leaves 64-bit minor units.
    package static func decide(
        _ event: CaseEvent, facts: CaseFacts, policy: StagePolicy, now: Instant, hours: WorkingHours
    ) throws(MoneyError) -> CaseDecision {
        var draft = CaseDraft(facts: facts, policy: policy, now: now, hours: hours)
        try draft.take(event)
        return try draft.finished()
    }

    /// Whether civil steps may be proposed now, account by account: the `entry` of legal_referral with every fact that is missing.
    ///
    /// - Throws: ``MoneyError`` when an amount leaves 64-bit minor units.
    package static func civilGuards(
        facts: CaseFacts, policy: StagePolicy, now: Instant, hours: WorkingHours
    ) throws(MoneyError) -> [CivilGuard] {
        try CaseDraft(facts: facts, policy: policy, now: now, hours: hours).civilGuards()
    }
}

extension CaseDraft {
    mutating func take(_ event: CaseEvent) throws(MoneyError) {
        switch event {
        case .opened: try opened()
        case .outcome(let task, let report): try outcome(task, report)
        case .lateOutcome(let task, let report): try late(task, report)
        case .activity(let report, let letter): try activity(report, letter: letter)
        case .payment(let account, let fulfilledOffer): try paid(account, fulfilledOffer: fulfilledOffer)
        case .promisesJudged(let verdicts): try promisesJudged(verdicts)
        case .reversal(let account): try reversed(account)
        case .instalmentMissed(let account): try instalmentMissed(account)
        case .planFulfilled: try planFulfilled()
        case .holdSet(let type, let account): try holdSet(type, account: account)
        case .holdReleased(let type, let account): try holdReleased(type, account: account)
        case .requestDecided(let type, let decision): try requestDecided(type, decision)
        case .requestOverdue(let type): requestOverdue(type)
        case .recallRequested(let category): recallRequested(category)
        case .recallExecuted(let category): recallExecuted(category)
        case .recallWithdrawn: try recallWithdrawn()
        case .termEnd: try termEnd()
        case .leaseExpired(let task, let expiries): leaseExpired(task, expiries: expiries)
        case .leaseReleased(let task): leaseReleased(task)
        case .holderSuspended: holderSuspended()
        case .accountUpdate(let account, let update): try accountUpdated(account, update)
        case .accountJoined(let account): try accountJoined(account)
        case .disputeResolved(let account, let upheld): try disputeResolved(account, upheld: upheld)
        // E14: the new version judges the next act; waits already set keep their time until they are due.
        case .policyChanged: rule("E14.next_act")
        case .limitationNear(let account): limitationNear(account)
        case .waitEnded, .ledgerAdvanced: try waitEnded()
        case .stageDay: try stageDay()
        case .bankContact(let contact):
            rule("bank.contact")
            facts.counters.count(contact)
        }
    }

    /// An accepted outcome: the contact counts, then the row decides.
    private mutating func outcome(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        count(task, report)
        // The letter of a letter task is the one that has not left the house.
        if task.step == .registeredLetter { namedLetter = facts.letters.last { !$0.state.isSent && $0.state != .stopped }?.id }
        if facts.state.isClosed || isRecalling {
            rule("ended.\(report.result.name)")
            return try lateRow(task, report)
        }
        try row(task, report)
    }

    /// A late outcome: the contact counts, and what protects a person takes effect.
    private mutating func late(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        rule("late.\(report.result.name)")
        noteViolations(task, report)
        if facts.state.isClosed || isRecalling, ResultEvent.contact(report, task: task, points: facts.points) != nil {
            emit(.violation("contact_after_end"))
            emit(.raiseBreak("contact_after_end", .high))
        }
        if let contact = ResultEvent.contact(report, task: task, points: facts.points) { enter(contact) }
        try lateRow(task, report)
    }

    /// A fact no lease covers. What changes nothing about the plan leaves the tasks alone.
    private mutating func activity(_ report: ReportedOutcome, letter: Int64?) throws(MoneyError) {
        namedLetter = letter
        let isTracking = report.result.family == .letter
        if isTracking, let known = facts.letters.first(where: { $0.id == letter }), !known.state.takes(report.result) {
            return rule("activity.letter.known")
        }
        let step: Step =
            isTracking ? .registeredLetter : report.result.family == .firm ? .lawFirm : report.result.family == .visit ? .visit : .call
        let task = ReportedTask(id: 0, step: step, point: report.point, lostAtGrant: isLost(at: now))
        if let contact = ResultEvent.contact(report, task: task, points: facts.points) {
            if !isTracking, contact.direction == .outbound {
                // Stored, counted and raised, never refused (DOMAIN section 1, activities).
                emit(.violation("contact_without_permit"))
                // After the recall's notice it is worse, whether the agency has confirmed by then or not.
                if facts.state.isClosed || isRecalling {
                    emit(.violation("contact_after_end"))
                    emit(.raiseBreak("contact_after_end", .high))
                }
            }
            enter(contact)
        }
        if facts.state.isClosed || isRecalling {
            rule("ended.\(report.result.name)")
            return try lateRow(task, report)
        }
        if facts.stage == .informationGathering, report.result.family == .call, report.result != .promise {
            return rule("activity.\(report.result.name)")
        }
        try row(task, report)
        if isTracking { endPosting() }
    }

    private mutating func count(_ task: ReportedTask, _ report: ReportedOutcome) {
        noteViolations(task, report)
        if report.result != .notAttempted { facts.counters.notAttemptedInRow = 0 }
        if report.result != .busy && report.result != .notConnected { facts.counters.busyRetry = 0 }
        if report.result != .hungUp { facts.counters.hangUpsInRow = 0 }
        guard let contact = ResultEvent.contact(report, task: task, points: facts.points) else { return }
        if contact.channel == .call, contact.direction == .outbound { facts.counters.attempts += 1 }
        if contact.channel == .call, contact.outcome == .conversation, contact.role == .debtor { facts.counters.talks += 1 }
        enter(contact)
        if report.debtTold, !contact.role.isLiable, !contact.role.isRepresentative { emit(.violation("third_party.forbidden_fields")) }
    }

    /// What a contact act has to say about itself, and when it had to begin (DOMAIN section 1; PROTOCOL sections 2 and 12).
    private mutating func noteViolations(_ task: ReportedTask, _ report: ReportedOutcome) {
        if let end = task.actBefore, report.occurredAt >= end { emit(.violation("act_after_window")) }
        if let granted = task.grantedAt, report.occurredAt < granted { emit(.violation("act_outside_lease")) }
        guard let contact = ResultEvent.contact(report, task: task, points: facts.points), contact.direction == .outbound else { return }
        if let named = task.point, let used = report.point, used != named { emit(.violation("contact_fields.other_contact_point")) }
        switch contact.channel {
        case .call, .visit:
            if report.point == nil { emit(.violation("contact_fields.contact_point_id")) }
            if report.collector == nil { emit(.violation("contact_fields.collector_id")) }
            if report.endedAt == nil { emit(.violation("contact_fields.ended_at")) }
            if report.recording == nil { emit(.violation("contact_fields.recording_ref")) }
            if contact.channel == .visit, (report.collectors ?? 0) < facts.terms.visitMinCollectors {
                emit(.violation("visit.min_collectors"))
            }
        case .sms, .email:
            if report.point == nil { emit(.violation("contact_fields.contact_point_id")) }
        case .letter:
            break
        }
    }
}
