/// The sample cases the transition table is made on: one card of 30,000 CNY, 200 days past due, a debtor with two numbers and two addresses, a
/// relative and a reference; a lettershop, a field team, somebody for the dossier.
struct TransitionSample: Sendable {
    typealias Row = TransitionTable.Row
    typealias Change = @Sendable (inout CaseFacts) -> Void

    let policy: StagePolicy
    private let zone = Zone.utc
    private let hours: WorkingHours
    /// A Monday, 10:00.
    private let now: Instant

    init(policy: StagePolicy) {
        self.policy = policy
        let opening = TimeOfDay("08:00") ?? .midnight
        hours = WorkingHours(start: opening, end: TimeOfDay("22:00") ?? .endOfDay, zone: .utc)
        now = Instant(seconds: 1_793_613_600)
    }

    // MARK: Facts

    private func days(_ count: Int64) -> Instant { now + .seconds(count * 86_400) }

    private func facts(_ step: Step, _ situation: TransitionTable.Situation) -> CaseFacts {
        let money = Money(minorUnits: 3_000_000, currency: .cny)
        let account = CaseFacts.Account(
            id: 1, balance: money, amountDue: money, minPayment: Money(minorUnits: 100_000, currency: .cny), daysPastDue: 200,
            termEnd: days(120))
        var facts = CaseFacts(
            caseId: 1, debtorId: 1, holder: 1, holderIsLawFirm: step == .lawFirm, state: .ready, stage: step.stage,
            stageEnteredAt: days(situation == .spent ? -20 : -1), accounts: [account],
            points: [
                ContactPoint(id: 1, channel: .mobile), ContactPoint(id: 2, channel: .homePhone, rank: 2),
                ContactPoint(id: 3, channel: .billingAddress), ContactPoint(id: 4, channel: .homeAddress, rank: 2),
                ContactPoint(id: 5, role: .family, immediateFamily: true, channel: .mobile, rank: 3),
                ContactPoint(id: 6, role: .emergencyContact, channel: .mobile, rank: 4),
            ], executors: .init(letter: 2, field: .available(3), legal: 1))
        facts.counters.effectiveCollections = 2
        if situation == .spent {
            facts.counters.attempts = policy.phone.call.maxAttempts - 1
            facts.counters.talks = policy.phone.call.maxTalks - 1
            facts.counters.refusals = 1
            facts.counters.hangUpsInRow = 2
            facts.counters.brokenPromises = policy.promise.maxBroken - 1
            facts.counters.visits = policy.field.maxVisits - 1
            facts.counters.rounds = policy.gathering.maxRounds - 1
            facts.visits = [CaseFacts.Visit(occurredAt: days(-16), result: .absentCardLeft, point: 4)]
        }
        let isPastLetters = step == .visit || step == .legalDossier || step == .lawFirm
        if isPastLetters || situation == .spent {
            facts.letters.append(posted(1, days(-70)))
            facts.counters.lettersPosted = 1
        }
        if isPastLetters {
            facts.letters.append(posted(2, days(-35)))
            facts.counters.lettersPosted = 2
        }
        return facts
    }

    private func posted(_ id: Int64, _ at: Instant) -> CaseFacts.Letter {
        CaseFacts.Letter(id: id, state: .posted, accounts: [1], point: 3, postedAt: at)
    }

    /// The letter a result of the post is about, in the state before it.
    private func addLetter(for result: ResultCode, to facts: inout CaseFacts) {
        let before: CaseFacts.Letter.State =
            switch result {
            case .letterIssued, .letterRejected: .ordered
            case .letterPosted: .issued
            default: .posted
            }
        var letter = CaseFacts.Letter(id: 9, state: before, accounts: [1], point: 3)
        if before == .posted {
            letter.postedAt = days(-31)
            facts.counters.lettersPosted += 1
        }
        facts.letters.append(letter)
    }

    private func task(_ step: Step) -> ReportedTask {
        let point: Int64? =
            switch step {
            case .call, .smsReminder: 1
            case .registeredLetter: 3
            case .visit: 4
            case .emailReminder, .gather, .legalDossier, .lawFirm: nil
            }
        return ReportedTask(id: 1, step: step, goal: .getDate, point: point, grantedAt: days(-1))
    }

    private func report(_ result: ResultCode, task: ReportedTask) -> ReportedOutcome {
        let due = hours.day(of: now).adding(days: 1)
        var report = ReportedOutcome(
            result: result, occurredAt: now, endedAt: now, collector: "c", point: task.point, recording: "r", callbackAt: days(1),
            claimedOn: hours.day(of: now), proof: true, mailNumber: "R", returnReason: "moved", reply: .refused,
            collectors: policy.field.collectors, permitEarliest: days(1))
        report.promise = PromiseClaim(amount: Money(minorUnits: 3_000_000, currency: .cny), due: due)
        report.newPoint = ReportedOutcome.NewPoint(channel: .mobile, role: .debtor, provenance: "debtor")
        return report
    }

    // MARK: Rows

    func row(_ step: Step, _ result: ResultCode, _ situation: TransitionTable.Situation) throws(MoneyError) -> Row {
        var facts = facts(step, situation)
        let task = task(step)
        if step == .registeredLetter { addLetter(for: result, to: &facts) }
        let decision = try CaseMachine.decide(
            .outcome(task, report(result, task: task)), facts: facts, policy: policy, now: now, hours: hours)
        return Row(
            from: TransitionTable.Place(stage: step.stage, light: false, lawFirm: facts.holderIsLawFirm), step: step, what: result.name,
            situation: situation, outcome: outcome(decision, facts))
    }

    func row(_ name: String, _ event: CaseEvent, _ change: Change) throws(MoneyError) -> Row {
        var facts = facts(.call, .fresh)
        facts.contactTask = CaseFacts.LiveTask(id: 1, step: .call, goal: .getDate, dueAt: now, point: 1)
        change(&facts)
        let decision = try CaseMachine.decide(event, facts: facts, policy: policy, now: now, hours: hours)
        return Row(
            from: TransitionTable.Place(stage: facts.stage, light: facts.lightCadence, lawFirm: facts.holderIsLawFirm), step: nil,
            what: name, situation: .fresh, outcome: outcome(decision, facts))
    }

    /// Events on a case of stage phone whose call is due, with what has to be so for each.
    var events: [(name: String, event: CaseEvent, change: Change)] {
        let money = Money(minorUnits: 3_000_000, currency: .cny)
        let zero = Money.zero(.cny)
        let nothing: Change = { _ in }
        let promised: Change = { [now] facts in
            facts.state = .promised(until: now)
            facts.holds = [CaseFacts.Hold(.promise)]
            facts.promises = [
                CaseFacts.OpenPromise(id: 1, account: 1, amount: money, due: Day(number: 20_700), takenAt: now, judgeAfter: now)
            ]
            facts.contactTask = nil
        }
        func judged(_ state: PromiseState, paid: Money) -> CaseEvent {
            .promisesJudged([
                PromiseVerdict(promise: 1, account: 1, type: .payment, state: state, promised: money, paid: paid)
            ])
        }
        func requested(_ type: RequestType) -> Change {
            { [now] facts in
                facts.state = .requested(type, sla: now + .seconds(86_400))
                facts.requests = [CaseFacts.Request(type, slaDue: now + .seconds(86_400))]
                facts.holds = [CaseFacts.Hold(.bankRequest)]
                facts.contactTask = nil
            }
        }
        let proposed: Change = { [now] facts in
            requestedLegal(&facts, now: now)
        }
        let planned: Change = { facts in
            facts.state = .planned
            facts.holds = [CaseFacts.Hold(.instalmentPlan)]
            facts.contactTask = nil
        }
        let held: Change = { facts in
            facts.state = .held(.cease)
            facts.contactTask = nil
        }
        return [
            (
                "E1 paid in full", .payment(account: 1, fulfilledOffer: false),
                {
                    $0.accounts[0].balance = zero; $0.accounts[0].amountDue = zero
                }
            ),
            ("E1 amount due paid", .payment(account: 1, fulfilledOffer: false), { $0.accounts[0].amountDue = zero }),
            ("E1 settlement offer met", .payment(account: 1, fulfilledOffer: true), nothing),
            ("E1 cure confirmed", .accountUpdate(account: 1, .cured), { $0.accounts[0].status = .curePending }),
            ("E2 partial payment", .payment(account: 1, fulfilledOffer: false), nothing),
            ("E3 promise kept", judged(.kept, paid: money), promised),
            ("E3 promise kept in part", judged(.partiallyKept, paid: Money(minorUnits: 2_000_000, currency: .cny)), promised),
            ("E3 promise broken", judged(.broken, paid: zero), promised),
            ("E4 reversal", .reversal(account: 1), nothing),
            ("E5 instalment missed", .instalmentMissed(account: 1), planned),
            ("E5 last instalment paid", .planFulfilled, planned),
            ("E6 hold set (cease)", .holdSet(.cease, account: nil), nothing),
            ("E6 hold released (cease)", .holdReleased(.cease, account: nil), held),
            ("E7 recall requested", .recallRequested(.bank), nothing),
            ("E7 recall takes effect", .recallExecuted(.bank), { $0.state = .recalling }),
            ("E7 recall for compliance", .recallRequested(.compliance), nothing),
            ("E8 term end", .termEnd, { [now] facts in facts.accounts[0].termEnd = now }),
            ("E9 lease ran out", .leaseExpired(task(.call), expiries: 1), { $0.contactTask = nil }),
            ("E9 lease ran out, last time", .leaseExpired(task(.call), expiries: policy.retry.quarantineAfter), { $0.contactTask = nil }),
            ("E10 holder suspended", .holderSuspended, nothing),
            ("E11 charged off", .accountUpdate(account: 1, .chargedOff), nothing),
            ("E11 sold", .accountUpdate(account: 1, .sold), nothing),
            ("E12 account joined", .accountJoined(account: 1), nothing),
            (
                "E13 dispute upheld", .disputeResolved(account: 1, upheld: true),
                {
                    $0.state = .held(.dispute); $0.holds = [CaseFacts.Hold(.dispute)]
                }
            ),
            (
                "E13 dispute unfounded", .disputeResolved(account: 1, upheld: false),
                {
                    $0.state = .held(.dispute); $0.holds = [CaseFacts.Hold(.dispute)]
                }
            ),
            ("E15 limitation near", .limitationNear(account: 1), nothing),
            ("extension granted", .requestDecided(.extension, .granted(until: nil, date: nil, amount: nil)), requested(.extension)),
            ("settlement granted", .requestDecided(.settlement, .granted(until: nil, date: nil, amount: nil)), requested(.settlement)),
            ("plan granted", .requestDecided(.plan, .granted(until: nil, date: nil, amount: nil)), requested(.plan)),
            ("hardship granted", .requestDecided(.hardship, .granted(until: days(30), date: nil, amount: nil)), requested(.hardship)),
            ("request refused", .requestDecided(.extension, .refused), requested(.extension)),
            ("request overdue", .requestOverdue(.extension), requested(.extension)),
            ("legal steps approved", .requestDecided(.legal, .approved(.civil)), proposed),
            ("legal steps rejected", .requestDecided(.legal, .refused), proposed),
            ("stage's days used", .stageDay, { [now] facts in facts.stageEnteredAt = now - .seconds(60 * 86_400) }),
        ]
    }

    // MARK: Words

    private func outcome(_ decision: CaseDecision, _ before: CaseFacts) -> TransitionTable.Outcome {
        let place = TransitionTable.Place(stage: decision.stage, light: decision.lightCadence, lawFirm: before.holderIsLawFirm)
        var next = [state(decision.state)]
        for change in [decision.contactTask, decision.documentTask] {
            switch change {
            case .put(let task): next.append("\(task.step.name) \(distance(task.notBefore))")
            case .delay(let until): next.append("same task \(distance(until))")
            case .keep, .end: break
            }
        }
        return TransitionTable.Outcome(
            place: decision.state.isClosed ? nil : place, state: decision.state, next: next.joined(separator: ", "), rules: decision.rules,
            effects: decision.effects.compactMap(effect))
    }

    private func state(_ state: CaseState) -> String {
        let until = state.until.map { " until " + distance($0) } ?? ""
        return state.code.rawValue + (state.reason.map { "(\($0))" } ?? "") + until
    }

    /// How far an instant is from the sample's present: `now`, `+30 min`, `+2 h`, `+3 d`.
    private func distance(_ instant: Instant) -> String {
        if instant <= now { return "now" }
        let count = hours.day(of: now).days(until: hours.day(of: instant))
        if count > 0 { return "+\(count) d" }
        let minutes = (instant - now).wholeMicroseconds / 60_000_000
        return minutes % 60 == 0 ? "+\(minutes / 60) h" : "+\(minutes) min"
    }

    /// What a reader of the table wants to know; contacts, letters and notices are in every row and said once above it.
    private func effect(_ effect: CaseEffect) -> String? {
        switch effect {
        case .setHold(let order): "hold \(order.type.rawValue)"
        case .releaseHold(let type, _): "release \(type.rawValue)"
        case .request(let order): "ask bank: \(order.type.rawValue)"
        case .point(_, let change): "point off: \(change.rawValue)"
        case .channelOff: "channel off"
        case .addPoint: "point added, unverified"
        case .promise: "promise stored"
        case .cancelPromises: "promises cancelled"
        case .plan: "plan stored"
        case .planEnded(let fulfilled): fulfilled ? "plan fulfilled" : "plan broken"
        case .represented: "representative only"
        case .legal(let order): legal(order)
        case .cardBlock: "card block"
        case .cardUnblock, .cardUnblockAccount: "card unblock"
        case .accountStatus(_, let status): "account \(status.rawValue)"
        case .handover: "handover"
        case .rotate: "rotation"
        case .openLawFirmCase: "law firm's case"
        case .reopen: "reopened"
        case .extendTerm: "term extended"
        case .tellDebtor(let what): "tell debtor: \(what)"
        case .violation(let rule): "violation \(rule)"
        case .raiseBreak(let kind, let severity): "break \(kind) (\(severity.rawValue))"
        case .serviceLevel(let what): "service level \(what)"
        case .quarantine: "quarantine"
        case .alarm(let what, _): "alarm \(what)"
        case .clawback: "clawback"
        case .feeTypeChanged: "fee type changes"
        case .announceVisit: "visit announced"
        case .notYet(let what): "not yet: \(what)"
        case .contact, .endRequest, .claimedPromise, .judged, .letter, .visit, .closeAccount, .close, .notice, .rateUsed: nil
        }
    }

    private func legal(_ order: LegalOrder) -> String {
        switch order {
        case .propose: "referral proposed"
        case .refuse: "referral refused"
        case .approved: "referral approved"
        case .rejected: "referral rejected"
        case .withdrawn, .withdrawnAccount: "referral withdrawn"
        case .event(let result, _): "referral: \(result.name)"
        }
    }
}

/// A case whose legal proposal the bank has to decide.
private func requestedLegal(_ facts: inout CaseFacts, now: Instant) {
    facts.stage = .legalReferral
    facts.state = .requested(.legal, sla: now + .seconds(86_400))
    facts.requests = [CaseFacts.Request(.legal, slaDue: now + .seconds(86_400))]
    facts.holds = [CaseFacts.Hold(.bankRequest)]
    facts.contactTask = nil
    facts.cardBlocked = true
    facts.referred = [1]
}
