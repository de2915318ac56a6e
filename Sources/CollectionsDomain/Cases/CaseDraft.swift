/// A decision in the making: the facts as the rows change them, and what was decided so far.
///
/// Rows call the verbs below ("next call", "set hold", "advance"); ``finished()`` then lets what stops demands win over whatever a row asked
/// for, so that no row has to know the others.
struct CaseDraft {
    var facts: CaseFacts
    let policy: StagePolicy
    let now: Instant
    let hours: WorkingHours

    var effects: [CaseEffect] = []
    var rules: [String] = []
    /// What a row asked for the contact task; `nil`: nothing yet.
    var contact: TaskChange?
    var document: TaskChange?
    /// A wait a row asked for.
    var wait: (until: Instant, reason: WaitReason)?
    /// The code with which the placement ends.
    var closing: CloseCode?
    /// A recall stops everything.
    var isRecalling: Bool
    /// Why tasks end, if they end.
    var endReason = TaskEndReason.replaced
    /// Effective conversations before what is being decided.
    let collectionsBefore: Int
    /// The number an ordinary next call goes to, if it may be dialled.
    var preferredPoint: Int64?
    /// The contact task beside a document's outcome stays as it is.
    var keepsContact = false
    /// When the next demand is due if the contact task is only a reminder.
    var demandAfter: Instant?
    /// The letter a tracking fact is about.
    var namedLetter: Int64?

    init(facts: CaseFacts, policy: StagePolicy, now: Instant, hours: WorkingHours) {
        self.facts = facts
        self.policy = policy
        self.now = now
        self.hours = hours
        isRecalling = facts.state == .recalling
        collectionsBefore = facts.counters.collections
    }
}

// MARK: - What the facts say

extension CaseDraft {
    /// Today's local date.
    var today: Day { hours.day(of: now) }

    /// "+n d".
    func days(_ n: Int) -> Instant { hours.opening(daysAfter: now, n) }

    /// `now` while contact is open, else the next opening.
    var nextWindow: Instant { hours.nextOpen(from: now) }

    /// Accounts still collected.
    var collected: [CaseFacts.Account] { facts.accounts.filter { $0.status.isCollected } }

    /// Accounts on the card: collected, something due, no hold of their own.
    var workable: [CaseFacts.Account] { collected.filter { $0.status != .curePending && !isHeld($0.id) } }

    /// Whether an account carries a hold that takes it off the card.
    func isHeld(_ account: Int64) -> Bool {
        facts.holds.contains { $0.account == account && ($0.type == .dispute || $0.type == .instalmentPlan) }
    }

    /// The case's days past due: the oldest account on the card, else of all.
    var daysPastDue: Int { (workable.map(\.daysPastDue).max() ?? facts.accounts.map(\.daysPastDue).max()) ?? 0 }

    /// Days of the stage that count against its budget.
    var daysInStage: Int {
        var paused = facts.counters.pausedDays
        if facts.counters.pausedSince > 0 { paused += max(0, Int(today.number) - facts.counters.pausedSince) }
        return max(0, hours.day(of: facts.stageEnteredAt).days(until: today) - paused)
    }

    /// The limits of calls for this debtor.
    var callLimits: StagePolicy.Phone.Call { policy.callLimits(lowRisk: facts.lowRisk) }

    /// Whether the debtor is lost at `instant`.
    func isLost(at instant: Instant) -> Bool {
        LostContact.isLost(at: instant, history: facts.history, points: facts.points, hours: hours)
    }

    /// The numbers that may be dialled for the debtor, in order: his own, or only his representative's.
    var debtorNumbers: [ContactPoint] {
        if facts.represented { return PointOrder.representatives(facts.points) }
        return wants(.call) ? PointOrder.debtorNumbers(facts.points, policy: policy) : []
    }

    /// Third parties not yet given the message; locked unless the debtor is lost.
    var thirdParties: [ContactPoint] {
        facts.represented ? [] : PointOrder.unlockedThirdParties(facts.points, history: facts.history, policy: policy)
    }

    /// Where a reminder may be sent.
    var mobiles: [ContactPoint] { wants(.sms) ? PointOrder.mobiles(facts.points) : [] }

    /// Where a reminder may be mailed.
    var mailboxes: [ContactPoint] { wants(.email) ? PointOrder.mailboxes(facts.points) : [] }

    /// Where a visitor may go.
    var visitAddresses: [ContactPoint] { wants(.visit) ? PointOrder.visitAddresses(facts.points) : [] }

    /// The next address a letter may go to.
    var letterAddress: ContactPoint? {
        wants(.letter) ? PointOrder.letterAddresses(facts.points, allowed: facts.terms.letterAddresses).first : nil
    }

    /// Whether the debtor himself may be reached through a channel.
    private func wants(_ channel: ContactFact.Channel) -> Bool { !facts.represented && !facts.optedOut.contains(channel) }

    func point(_ id: Int64?) -> ContactPoint? { facts.points.first { $0.id == id } }

    /// Outbound dials on today's date, to the debtor or to one point.
    func dialsToday(point: Int64? = nil) -> Int {
        facts.history.count {
            $0.channel == .call && $0.direction == .outbound && hours.day(of: $0.occurredAt) == today
                && (point == nil ? $0.role == .debtor : $0.point == point)
        }
    }

    /// Outbound messages to the debtor, oldest first.
    var messages: [ContactFact] {
        facts.history.filter { ($0.channel == .sms || $0.channel == .email) && $0.direction == .outbound && $0.role == .debtor }
    }

    // MARK: What stops demands

    /// The state that something outside the rows imposes; `nil`: demands may go on.
    var blocker: CaseState? {
        let holds = facts.holds.filter { $0.account == nil }.map(\.type)
        for type in HoldType.allCases where holds.contains(type) {
            switch type {
            case .vulnerableVisit, .promise, .instalmentPlan, .bankRequest: continue
            case .dispute, .moratorium, .crisisMoratorium, .adviserPlan, .incapacity, .deceased, .ombudsman, .complaint, .hardship, .cease,
                .fraudClaim, .minor, .custody, .selfHarmRisk, .operator:
                return .held(type)
            }
        }
        if let request = facts.requests.filter(\.type.stopsDemands).min(by: { $0.slaDue < $1.slaDue }) {
            return .requested(request.type, sla: request.slaDue)
        }
        if holds.contains(.instalmentPlan) { return .planned }
        if let until = facts.promises.map(\.judgeAfter).max() { return .promised(until: until) }
        if workable.isEmpty, !collected.isEmpty {
            let held = collected.filter { isHeld($0.id) }
            if held.contains(where: { account in facts.holds.contains { $0.account == account.id && $0.type == .instalmentPlan } }) {
                return .planned
            }
            if !held.isEmpty { return .held(.dispute) }
            if case .waiting(let until, .curePending) = facts.state { return .waiting(until: until, .curePending) }
            let until = hours.zone.endOfDay(hours.calendar.adding(businessDays: policy.ledger.paidClaimedBusinessDays, to: today))
            return .waiting(until: until, .curePending)
        }
        return nil
    }
}

// MARK: - Verbs of the rows

extension CaseDraft {
    mutating func rule(_ id: String) { rules.append(id) }

    mutating func emit(_ effect: CaseEffect) { effects.append(effect) }

    /// **H**: a hold on the debtor, or on one account.
    mutating func setHold(_ type: HoldType, account: Int64? = nil, until: Instant? = nil, reason: String) {
        guard !facts.holds.contains(where: { $0.type == type && $0.account == account }) else { return }
        facts.holds.append(CaseFacts.Hold(type, account: account, until: until))
        emit(.setHold(HoldOrder(type: type, account: account, until: until, reason: reason)))
    }

    mutating func releaseHold(_ type: HoldType, account: Int64? = nil) {
        guard facts.holds.contains(where: { $0.type == type && $0.account == account }) else { return }
        facts.holds.removeAll { $0.type == type && $0.account == account }
        emit(.releaseHold(type, account: account))
    }

    /// **RQ**: a question to the bank; a second one of the same type while the first is open is the same question.
    mutating func request(_ type: RequestType, subject: String, accounts: [Int64] = [], amount: Money? = nil, date: Day? = nil) {
        guard !facts.requests.contains(where: { $0.type == type }) else { return }
        let due = policy.requestDue(type, asked: now, zone: hours.zone, calendar: hours.calendar)
        facts.requests.append(CaseFacts.Request(type, slaDue: due))
        emit(
            .request(
                RequestOrder(
                    type: type, slaDue: due, accounts: accounts, approvals: type.approvalsNeeded, subject: subject, amount: amount,
                    date: date)))
        if type.stopsDemands { setHold(.bankRequest, reason: "request.\(type.rawValue)") }
    }

    /// A request is over; demands are free again when no other one stops them.
    mutating func endRequest(_ type: RequestType) {
        if facts.requests.contains(where: { $0.type == type }) {
            facts.requests.removeAll { $0.type == type }
            emit(.endRequest(type))
        }
        if !facts.requests.contains(where: \.type.stopsDemands) { releaseHold(.bankRequest) }
    }

    /// **CP-**: a contact point is off.
    mutating func switchOff(_ id: Int64?, _ change: PointChange) {
        guard let id, let index = facts.points.firstIndex(where: { $0.id == id }) else { return }
        if let state = change.state {
            facts.points[index].state = state
        } else {
            facts.points[index].visitsOff = true
        }
        emit(.point(id: id, change))
    }

    /// Enters a contact in the history and in what the case counts for ever.
    mutating func enter(_ contact: ContactFact) {
        facts.history.append(contact)
        facts.counters.count(contact)
        emit(.contact(contact))
    }

    /// Promises for the parts of an amount; demands stop until the ledger has judged them.
    mutating func promise(_ amount: Money, due: Day, type: PromiseType, account: Int64? = nil) throws(MoneyError) {
        let accounts = account.map { id in collected.filter { $0.id == id } } ?? (workable.isEmpty ? collected : workable)
        let judgeAfter = PromiseWindow.judgeAfter(due: due, graceDays: facts.terms.promiseGraceDays, zone: hours.zone)
        for part in try PromiseWindow.spread(amount, over: accounts) {
            emit(.promise(PromiseOrder(account: part.account, type: type, amount: part.amount, due: due, judgeAfter: judgeAfter)))
            facts.promises.append(
                CaseFacts.OpenPromise(
                    id: 0, account: part.account, type: type, amount: part.amount, due: due, takenAt: now, judgeAfter: judgeAfter))
        }
        if !facts.promises.isEmpty { setHold(.promise, reason: "promise") }
    }

    /// **X(c)** for one account; the placement ends with its last one.
    mutating func closeAccount(_ id: Int64, _ code: CloseCode, status: AccountStatus? = nil) {
        guard let index = facts.accounts.firstIndex(where: { $0.id == id }) else { return }
        if let status, facts.accounts[index].status != status { emit(.accountStatus(id: id, status)) }
        facts.accounts.remove(at: index)
        emit(.closeAccount(id: id, code))
        if collected.isEmpty { close(code) }
    }

    /// **X(c)**: the placement ends.
    mutating func close(_ code: CloseCode) {
        guard closing == nil else { return }
        closing = code
        emit(.close(code))
        for account in facts.accounts { emit(.closeAccount(id: account.id, code)) }
        // A proposal nobody has decided yet falls away with the case it belongs to; one that was approved, when the debt is paid.
        let isUndecided = code != .legal && facts.requests.contains { $0.type == .legal }
        if isUndecided { endRequest(.legal) }
        guard isUndecided || code.isPaid else { return }
        if facts.cardBlocked {
            facts.cardBlocked = false
            emit(.cardUnblock)
        }
        if isUndecided || facts.holderIsLawFirm { emit(.legal(.withdrawn)) }
    }

    /// Waits without a demand.
    mutating func waitUntil(_ until: Instant, _ reason: WaitReason) {
        wait = (until, reason)
        contact = .end(endReason)
    }

    /// Enters a stage with fresh budgets.
    mutating func enterStage(_ stage: Stage) {
        facts.stage = stage
        facts.stageEnteredAt = now
        facts.counters.enterStage()
        if facts.counters.pausedSince > 0 { facts.counters.pausedSince = Int(today.number) }
    }

    /// A missing fact is cleared by a person; until then nothing that needs it happens.
    mutating func review(_ fact: String) {
        rule("review.\(fact)")
        emit(.raiseBreak(fact, .high))
        setHold(.operator, reason: fact)
    }
}

// MARK: - The end of a decision

extension CaseDraft {
    /// The decision: what stops demands wins, else what the rows asked for, else the work goes on where it was.
    mutating func finished() throws(MoneyError) -> CaseDecision {
        let state = try settled()
        keepPauseCount(state)
        var decision = CaseDecision(
            state: state, stage: facts.stage, stageEnteredAt: facts.stageEnteredAt, lightCadence: facts.lightCadence,
            counters: facts.counters,
            contactTask: contact ?? .keep, documentTask: document ?? .keep, effects: effects, rules: rules, next: nil)
        decision.next = next(decision)
        return decision
    }

    private mutating func settled() throws(MoneyError) -> CaseState {
        if let closing {
            endTasks(.closed)
            return .closed(closing)
        }
        if facts.state.isClosed {
            // A fact about a closed case is kept; no task comes of it.
            contact = nil
            document = nil
            return facts.state
        }
        if isRecalling {
            endTasks(endReason == .suspended ? .suspended : .recall)
            return .recalling
        }
        if let blocker {
            switch blocker {
            case .promised:
                try followPromise()
                stopLetter()
            case .waiting:
                contact = .end(.payment)
                stopLetter()
            case .held, .requested, .planned:
                endTasks(.hold)
            case .ready, .leased, .handover, .recalling, .closed:
                preconditionFailure("a blocker is a state that stops demands")
            }
            return blocker
        }
        if contact == nil, wait == nil {
            if wasBlocked {
                try resume(at: days(1))
            }
            // Resuming may close the case, or find that a person has to look at it.
            if closing != nil || blocker != nil { return try settled() }
        }
        if let wait { return .waiting(until: wait.until, wait.reason) }
        // No row may leave a case without something to do: the stage goes on, or the case waits for its term's end.
        if flowing == .ready, !hasLiveTask, contact != nil || document != nil || needsWork {
            try resume(at: nextWindow)
            if closing != nil || blocker != nil { return try settled() }
            if let wait { return .waiting(until: wait.until, wait.reason) }
            if flowing == .ready, !hasLiveTask {
                let end = collected.map(\.termEnd).min() ?? now
                rule("wait.term_end.nothing_left")
                return .waiting(until: end, .termEnd)
            }
        }
        // Nothing was asked for: the state stays.
        if contact == nil, document == nil { return facts.state == .leased ? .ready : facts.state }
        return flowing
    }

    /// Ready, or the wait for a letter's answer beside the light calls; a clock that has passed is looked at by the next sweep.
    private var flowing: CaseState {
        if facts.stage == .letter, !facts.lightCadence, let until = letterClock { return .waiting(until: until, .letterAnswer) }
        return .ready
    }

    /// Whether the state before was imposed by something that is gone now.
    private var wasBlocked: Bool {
        switch facts.state {
        case .promised, .planned, .requested, .held, .handover, .recalling: true
        case .waiting(_, let reason): reason == .curePending
        case .ready, .leased, .closed: false
        }
    }

    /// Whether a task is live after this decision.
    private var hasLiveTask: Bool { isLive(contact, facts.contactTask) || isLive(document, facts.documentTask) }

    private func isLive(_ change: TaskChange?, _ before: CaseFacts.LiveTask?) -> Bool {
        switch change {
        case .put, .delay: true
        case .keep, nil: before != nil
        case .end: false
        }
    }

    /// Whether the state before promises a live task that is not there.
    private var needsWork: Bool {
        switch facts.state {
        case .ready, .leased: true
        case .waiting, .promised, .planned, .requested, .held, .handover, .recalling, .closed: false
        }
    }

    private mutating func endTasks(_ reason: TaskEndReason) {
        contact = .end(reason)
        document = .end(reason)
        stopUnposted()
    }

    /// A promise stops demands, and a letter is one.
    private mutating func stopLetter() {
        guard facts.documentTask != nil || document != nil || stopUnposted() else { return }
        document = .end(.hold)
        stopUnposted()
    }

    /// Letters that have not left the house stay there.
    @discardableResult
    private mutating func stopUnposted() -> Bool {
        let unposted = facts.letters.indices.filter { facts.letters[$0].state == .ordered || facts.letters[$0].state == .issued }
        guard !unposted.isEmpty else { return false }
        for index in unposted { facts.letters[index].state = .stopped }
        emit(.letter(.stopUnposted))
        return true
    }

    /// Counts the days that do not count against the stage.
    private mutating func keepPauseCount(_ state: CaseState) {
        let paused: Bool =
            switch state {
            case .held, .requested, .promised, .planned: true
            case .ready, .leased, .waiting, .handover, .recalling, .closed: false
            }
        if paused, facts.counters.pausedSince == 0 { facts.counters.pausedSince = Int(today.number) }
        if !paused, facts.counters.pausedSince > 0 {
            facts.counters.pausedDays += max(0, Int(today.number) - facts.counters.pausedSince)
            facts.counters.pausedSince = 0
            facts.counters.resumedDay = Int(today.number)
        }
    }

    private func next(_ decision: CaseDecision) -> NextDemand? {
        switch decision.state {
        case .closed, .recalling, .handover, .held: return nil
        case .requested(_, let sla): return NextDemand(stage: facts.stage, notBefore: sla)
        case .promised(let until): return NextDemand(stage: facts.stage, notBefore: hours.opening(of: hours.day(of: until)))
        case .planned: return NextDemand(stage: facts.stage, notBefore: nil)
        case .ready, .leased, .waiting: break
        }
        if let demandAfter { return NextDemand(stage: facts.stage, notBefore: demandAfter) }
        if case .put(let task) = decision.contactTask { return NextDemand(stage: task.stage, notBefore: task.notBefore) }
        if case .put(let task) = decision.documentTask { return NextDemand(stage: task.stage, notBefore: task.notBefore) }
        return NextDemand(stage: facts.stage, notBefore: decision.state.until)
    }
}
