import CollectionsDomain

/// One case living through random results and events on the pure core, as the shell would apply its decisions. Everything follows from the
/// seed. After every decision ``check()`` holds the case against the rules no row may break.
struct CaseLife {
    struct Fault: Error, CustomStringConvertible {
        var rule: String
        var seed: UInt64
        var step: Int
        var trace: [String]
        var description: String { "seed \(seed), step \(step): \(rule)\n  " + trace.suffix(12).joined(separator: "\n  ") }
    }

    private struct Live {
        var task: NextTask
        var dueAt: Instant
        var expiries = 0
    }

    private(set) var facts: CaseFacts
    private(set) var now: Instant
    private(set) var step = 0
    /// Rules that decided, for the coverage of rows.
    private(set) var rules: Set<String> = []
    private(set) var steps: [Step: Int] = [:]
    private(set) var trace: [String] = []
    private var contact: Live?
    private var document: Live?
    private var random: SplitMix
    private var nextId: Int64 = 1_000
    private let seed: UInt64
    private let policy = StagePolicy.bankDefault
    private var letterTimes: [Instant] = []

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix(seed: seed)
        now = CaseSample.at("2026-11-02T08:00:00+08:00")
        let size = ["900.00", "15000.00", "65000.00", "250000.00"]
        let termEnd = "2027-05-01T00:00:00+08:00"
        var accounts: [CaseFacts.Account] = []
        for index in 0..<(random.next() % 4 == 0 ? 2 : 1) {
            accounts.append(
                CaseSample.account(
                    Int64(100 + index), balance: size[Int(random.next() % 4)], due: "600.00",
                    dpd: [20, 45, 120, 200][Int(random.next() % 4)],
                    termEnd: termEnd))
        }
        var points = [CaseSample.workPhone]
        for point in [CaseSample.mobile, CaseSample.homePhone, CaseSample.billing, CaseSample.home, CaseSample.mother, CaseSample.friend]
        where random.next() % 4 != 0 { points.append(point) }
        facts = CaseSample.facts(.informationGathering, entered: "2026-11-02T08:00:00+08:00", accounts: accounts) {
            $0.points = points
            $0.terms.optOutHonoured = true
        }
        facts.lowRisk = random.next() % 8 == 0
        facts.executors.field = [.available(30), .handover, .none][Int(random.next() % 3)]
        if random.next() % 10 == 0 { facts.executors.legal = nil }
        if random.next() % 20 == 0 { facts.executors.letter = nil }
    }

    /// Lives until the case is closed; at the latest shortly after its term.
    mutating func live() throws -> CloseCode {
        try take(.opened, "opened")
        while true {
            if case .closed(let code) = facts.state { return code }
            guard step < 2_000 else { throw fault("the case does not end") }
            try oneStep()
        }
    }

    // MARK: Steps

    private mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }

    private mutating func oneStep() throws {
        step += 1
        if chance(6) { return try event() }
        // The next thing that is due: a task, a wait, an answer, a judgment, the term, or tomorrow's look.
        var dues: [Instant] = [CaseSample.hours.opening(daysAfter: now, pick([1, 1, 4, 9]))]
        if let contact { dues.append(contact.dueAt) }
        if let document { dues.append(document.dueAt) }
        if let until = facts.state.until { dues.append(until) }
        dues += facts.promises.map(\.judgeAfter) + facts.requests.map(\.slaDue)
        let morning = dues[0]
        now = max(now + .seconds(1), dues.min() ?? morning)
        age()
        facts.watermark = now - .seconds(86_400)

        if facts.accounts.contains(where: { $0.status.isCollected && $0.termEnd <= now }) { try take(.termEnd, "term end") }
        guard !facts.state.isClosed else { return }
        let judged = facts.promises.filter { $0.judgeAfter <= now }
        if !judged.isEmpty { return try judge(judged) }
        if case .waiting(let until, .skipTrace) = facts.state, until <= now, chance(50) { return try take(.waitEnded, "wait ended") }
        if let due = facts.requests.first(where: { $0.slaDue <= now || ($0.type != .skipTrace && chance(30)) }) {
            return try answer(due.type)
        }
        if case .waiting(let until, _) = facts.state, until <= now { return try take(.waitEnded, "wait ended") }
        if facts.state.code == .held { return try release() }
        if facts.state == .planned, chance(10) { return try take(.planFulfilled, "plan fulfilled") }
        if facts.state == .planned, chance(30) {
            return try take(.instalmentMissed(account: facts.holds.compactMap(\.account).first ?? 100), "instalment missed")
        }
        if facts.state == .recalling { return try take(.recallExecuted(.bank), "recall executed") }
        if let live = contact, live.dueAt <= now { return try work(live, isDocument: false) }
        if let live = document, live.dueAt <= now { return try work(live, isDocument: true) }
        if now >= morning { try take(.stageDay, "stage day") }
    }

    private mutating func age() {
        let days = CaseSample.day("2026-11-02").days(until: CaseSample.hours.day(of: now))
        for index in facts.accounts.indices { facts.accounts[index].daysPastDue = startDpd(facts.accounts[index].id) + days }
    }

    private var dpds: [Int64: Int] = [:]

    private mutating func startDpd(_ id: Int64) -> Int {
        if let known = dpds[id] { return known }
        let value = facts.accounts.first { $0.id == id }?.daysPastDue ?? 45
        dpds[id] = value
        return value
    }

    private mutating func work(_ live: Live, isDocument: Bool) throws {
        let task = ReportedTask(
            id: 50, step: live.task.step, goal: live.task.goal, point: live.task.point,
            lostAtGrant: LostContact.isLost(at: now, history: facts.history, points: facts.points, hours: CaseSample.hours))
        steps[live.task.step, default: 0] += 1
        if chance(seed % 40 == 0 ? 60 : 4) {
            // The worker died: the same task once more, or quarantine.
            let expiries = live.expiries + 1
            if isDocument { document?.expiries = expiries } else { contact?.expiries = expiries }
            return try take(.leaseExpired(task, expiries: expiries), "expired", reported: isDocument)
        }
        if isDocument { document = nil } else { contact = nil }
        let codes = ResultCode.allCases.filter { $0.family.fits(live.task.step) && $0.family != .any && $0 != .letterReplyReceived }
        let usual: [ResultCode] = [.noAnswer, .rpcNoCommitment, .dossierComplete, .messageSent, .letterPosted, .metNoCommitment, .proposed]
        var code = chance(92) ? pick(codes) : pick(ResultCode.allCases.filter { $0.family == .any })
        if chance(50), let common = usual.first(where: { $0.family.fits(live.task.step) }) { code = common }
        try take(.outcome(task, report(code, task)), "\(live.task.step.name) -> \(code.name)", reported: isDocument)
        if code == .letterPosted, chance(40) { try track() }
    }

    private mutating func track() throws {
        let code = pick([ResultCode.letterDelivered, .letterReturned, .letterRefusedDelivery, .letterNoTrace, .letterReplyReceived])
        now = now + .seconds(3 * 86_400)
        age()
        let task = ReportedTask(id: 0, step: .registeredLetter)
        guard !facts.state.isClosed else { return }
        try take(.activity(report(code, task), letter: facts.letters.last { $0.state.isSent }?.id), "tracking \(code.name)")
    }

    private mutating func report(_ code: ResultCode, _ task: ReportedTask) -> ReportedOutcome {
        var report = CaseSample.report(code, at: now, point: task.point)
        let today = CaseSample.hours.day(of: now)
        report.promise = PromiseClaim(
            amount: CaseSample.cny(pick(["600.00", "50.00", "200.00"])), due: today.adding(days: pick([0, 2, 5, 7, 12])))
        report.callbackAt = now + .seconds(Int64(pick([3_600, 86_400, 500_000])))
        report.claimedOn = today
        report.newPoint = .init(channel: .mobile, role: .debtor, provenance: "debtor")
        report.returnReason = "moved"
        report.reply = pick([.promise, .refused, .dispute, .rpcNoCommitment])
        report.permitEarliest = now + .seconds(7_200)
        report.dossierComplete = chance(80)
        report.instalments = chance(30) ? [PlanInstalment(due: today.adding(days: 30), amount: CaseSample.cny("100.00"))] : []
        if code == .optOut { report.optOut = chance(50) ? .channel(pick(ContactFact.Channel.allCases)) : task.point.map { .point($0) } }
        return report
    }

    private mutating func judge(_ judged: [CaseFacts.OpenPromise]) throws {
        let state: PromiseState = pick([.kept, .partiallyKept, .broken, .broken])
        let verdicts = judged.map { promise in
            let paid: Int64 =
                switch state {
                case .kept: promise.amount.minorUnits
                case .partiallyKept: (promise.amount.minorUnits + 1) / 2
                default: 0
                }
            return PromiseVerdict(
                promise: promise.id, account: promise.account, type: promise.type, state: state, promised: promise.amount,
                paid: Money(minorUnits: paid, currency: .cny))
        }
        try take(.promisesJudged(verdicts), "judged \(state.rawValue)")
    }

    private mutating func answer(_ type: RequestType) throws {
        if chance(15) { try take(.requestOverdue(type), "overdue \(type.rawValue)") }
        let decision: RequestDecision
        switch type {
        case .legal: decision = chance(50) ? .approved(pick(StagePolicy.LegalReferral.Route.allCases)) : .refused
        case .deceasedCheck:
            let reported = facts.holds.map(\.type).first {
                [.deceased, .minor, .custody, .incapacity, .selfHarmRisk, .fraudClaim].contains($0)
            }
            decision = chance(50) ? .verified(reported ?? .deceased) : .unfounded(reported ?? .deceased)
        case .skipTrace, .dataCorrection: decision = .answered(found: chance(50))
        case .hardship, .plan, .extension, .settlement, .legalReview:
            let day = CaseSample.hours.day(of: now).adding(days: 5)
            decision = chance(50) ? .granted(until: nil, date: day, amount: CaseSample.cny("100.00")) : .refused
        }
        try take(.requestDecided(type, decision), "request \(type.rawValue) \(decision)")
    }

    private mutating func release() throws {
        guard let hold = facts.holds.first(where: { $0.type.stopsContact && $0.type != .promise && $0.type != .bankRequest }) else {
            throw fault("held without a hold")
        }
        if hold.type == .dispute, let account = hold.account {
            return try take(.disputeResolved(account: account, upheld: chance(50)), "dispute resolved")
        }
        try take(.holdReleased(hold.type, account: hold.account), "released \(hold.type.rawValue)")
    }

    private mutating func event() throws {
        let open = facts.accounts.filter(\.status.isCollected).map(\.id)
        guard let account = open.isEmpty ? nil : pick(open), let index = facts.accounts.firstIndex(where: { $0.id == account }) else {
            return
        }
        switch random.next() % 12 {
        case 0, 1, 2:
            let part = chance(30) ? facts.accounts[index].balance : chance(30) ? facts.accounts[index].amountDue : CaseSample.cny("10.00")
            facts.accounts[index].balance = Money(minorUnits: facts.accounts[index].balance.minorUnits - part.minorUnits, currency: .cny)
            facts.accounts[index].amountDue = Money(
                minorUnits: facts.accounts[index].amountDue.minorUnits - part.minorUnits, currency: .cny)
            try take(.payment(account: account, fulfilledOffer: chance(3)), "payment")
        case 3:
            facts.accounts[index].balance = Money(minorUnits: facts.accounts[index].balance.minorUnits + 5_000, currency: .cny)
            facts.accounts[index].amountDue = Money(minorUnits: facts.accounts[index].amountDue.minorUnits + 5_000, currency: .cny)
            try take(.reversal(account: account), "reversal")
        case 4:
            let type = pick(HoldType.allCases.filter { $0 != .promise && $0 != .bankRequest && $0 != .instalmentPlan })
            try take(.holdSet(type, account: type == .dispute ? account : nil), "hold \(type.rawValue)")
        case 5: try take(.accountUpdate(account: account, pick([.cured, .overdue, .overdue, .chargedOff])), "account update")
        case 6: if chance(20) { try take(.recallRequested(pick(RecallCategory.allCases)), "recall") }
        case 7: try take(.ledgerAdvanced, "ledger")
        case 8: try take(.policyChanged, "policy")
        case 9: try take(.limitationNear(account: account), "limitation")
        case 10:
            let codes = ResultCode.allCases.filter { $0.family == .any || $0.family == .call }
            let task = ReportedTask(id: 50, step: .call, point: pick(facts.points.map(\.id)))
            let code = pick(codes)
            try take(.lateOutcome(task, report(code, task)), "late \(code.name)")
        default:
            let task = ReportedTask(id: 0, step: .call, point: facts.points.first { $0.role == .debtor }?.id)
            var report = report(pick([ResultCode.promise, .rpcNoCommitment, .dispute, .complaint, .paidClaimed]), task)
            report.inbound = true
            try take(.activity(report, letter: nil), "ring-back \(report.result.name)")
        }
    }

    // MARK: The shell

    private mutating func take(_ event: CaseEvent, _ name: String, reported isDocument: Bool? = nil) throws {
        let isExpiry = if case .leaseExpired = event { true } else { false }
        facts.contactTask = contact.flatMap { isExpiry && isDocument == false ? nil : live($0) }
        facts.documentTask = document.flatMap { isExpiry && isDocument == true ? nil : live($0) }
        // What the shell writes itself before it asks what follows.
        if case .holdSet(let type, let account) = event, !facts.holds.contains(where: { $0.type == type && $0.account == account }) {
            facts.holds.append(.init(type, account: account))
        }
        if case .holdReleased(let type, let account) = event { facts.holds.removeAll { $0.type == type && $0.account == account } }
        let before = facts
        let decision = try CaseSample.decide(event, facts, policy: policy, now: now)
        trace.append(
            "\(now.iso8601(in: CaseSample.zone)) \(facts.stage.name) \(name) -> \(decision.rules.joined(separator: ",")) \(decision.state)")
        rules.formUnion(decision.rules)
        try apply(decision)
        try check(decision, before: before)
    }

    private func live(_ live: Live) -> CaseFacts.LiveTask {
        .init(id: 60, step: live.task.step, goal: live.task.goal, dueAt: live.dueAt, point: live.task.point)
    }

    private mutating func apply(_ decision: CaseDecision) throws {
        for effect in decision.effects { apply(effect) }
        facts.state = decision.state
        facts.stage = decision.stage
        facts.stageEnteredAt = decision.stageEnteredAt
        facts.lightCadence = decision.lightCadence
        facts.counters = CaseCounters(stored: decision.counters.stored)
        guard facts.counters == decision.counters else { throw fault("counters do not survive their column") }
        facts.lastWorkedAt = now
        apply(decision.contactTask, to: &contact)
        apply(decision.documentTask, to: &document)
        guard CaseState(code: facts.state.code.rawValue, reason: facts.state.reason, until: facts.state.until) == facts.state else {
            throw fault("the state does not survive its columns")
        }
    }

    private func apply(_ change: TaskChange, to slot: inout Live?) {
        switch change {
        case .keep: break
        case .put(let task): slot = Live(task: task, dueAt: task.dueAt(hours: CaseSample.hours, policy: policy, now: now))
        case .delay(let until): slot?.dueAt = until
        case .end: slot = nil
        }
    }

    private mutating func apply(_ effect: CaseEffect) {
        switch effect {
        case .contact(let contact):
            facts.history.append(contact)
            // The ledger keeps what some limit still counts.
            if facts.history.count > 40 { facts.history.removeFirst() }
        case .setHold(let order): facts.holds.append(.init(order.type, account: order.account, until: order.until))
        case .releaseHold(let type, let account): facts.holds.removeAll { $0.type == type && $0.account == account }
        case .request(let order): facts.requests.append(.init(order.type, slaDue: order.slaDue))
        case .endRequest(let type): facts.requests.removeAll { $0.type == type }
        case .point(let id, let change):
            guard let index = facts.points.firstIndex(where: { $0.id == id }) else { return }
            if let state = change.state { facts.points[index].state = state } else { facts.points[index].visitsOff = true }
        case .channelOff(let channel): facts.optedOut.insert(channel)
        case .addPoint:
            nextId += 1
            facts.points.append(ContactPoint(id: nextId, channel: .mobile, rank: 9, state: .unverified))
        case .promise(let order):
            nextId += 1
            facts.promises.append(
                .init(
                    id: nextId, account: order.account, type: order.type, amount: order.amount, due: order.due, takenAt: now,
                    judgeAfter: order.judgeAfter))
        case .judged(let id, _, _): facts.promises.removeAll { $0.id == id }
        case .plan, .planEnded: break
        case .cancelPromises: facts.promises.removeAll()
        case .letter(let order): apply(order)
        case .visit(let visit, _): facts.visits.append(visit)
        case .closeAccount(let id, _): facts.accounts.removeAll { $0.id == id && $0.status.isCollected }
        case .accountStatus(let id, let status):
            if let index = facts.accounts.firstIndex(where: { $0.id == id }) { facts.accounts[index].status = status }
        case .extendTerm(let id, let until):
            if let index = facts.accounts.firstIndex(where: { $0.id == id }) {
                facts.accounts[index].termEnd = until
                facts.accounts[index].extended = true
            }
        case .cardBlock: facts.cardBlocked = true
        case .cardUnblock, .cardUnblockAccount: facts.cardBlocked = false
        case .claimedPromise, .represented, .announceVisit, .legal, .close, .handover, .rotate, .openLawFirmCase, .reopen, .tellDebtor,
            .violation,
            .raiseBreak, .serviceLevel, .quarantine, .alarm, .notice, .feeTypeChanged, .clawback, .rateUsed, .notYet:
            break
        }
    }

    private mutating func apply(_ order: LetterOrder) {
        switch order {
        case .order(let point, let accounts):
            nextId += 1
            facts.letters.append(.init(id: nextId, state: .ordered, accounts: accounts, point: point))
        case .mark(let id, let state):
            guard let index = facts.letters.firstIndex(where: { $0.id == id }) else { return }
            facts.letters[index].state = state
            if state == .posted {
                facts.letters[index].postedAt = now
                letterTimes.append(now)
            } else if state.isSent, state != .noTrace {
                facts.letters[index].endedAt = now
            }
        case .answered(let id):
            if let index = facts.letters.firstIndex(where: { $0.id == id }) { facts.letters[index].answered = true }
        case .stopUnposted:
            for index in facts.letters.indices where !facts.letters[index].state.isSent { facts.letters[index].state = .stopped }
        }
    }

    // MARK: What no row may break

    private func fault(_ rule: String) -> Fault { Fault(rule: rule, seed: seed, step: step, trace: trace) }

    private func check(_ decision: CaseDecision, before: CaseFacts) throws {
        if facts.state.needsTask, contact == nil, document == nil { throw fault("ready without a live task") }
        switch facts.state.code {
        case .held, .requested, .planned, .recalling, .closed:
            guard contact == nil, document == nil else { throw fault("a stopped case has a live task") }
        case .leased, .handover: throw fault("not a state a decision ends in")
        case .ready, .waiting, .promised: break
        }
        if facts.state.code == .promised, facts.promises.isEmpty { throw fault("promised without a promise") }
        if facts.stage < before.stage { throw fault("the stage went back") }
        if before.lightCadence, !facts.lightCadence { throw fault("light cadence was left") }
        if before.state.isClosed, !facts.state.isClosed { throw fault("a closed case moved without a reversal") }
        for slot in [contact, document].compactMap({ $0 }) {
            if slot.dueAt < now, decision.contactTask != .keep, decision.documentTask != .keep { throw fault("a task is due in the past") }
            try check(slot.task)
        }
        if contact?.task.step.isDocument == true || document?.task.step.isDocument == false {
            throw fault("a task stands in the wrong slot")
        }
        guard decision.effects.filter({ if case .close = $0 { true } else { false } }).count <= 1 else { throw fault("closed twice") }
        if decision.effects.contains(where: { if case .notYet = $0 { true } else { false } }) { throw fault("a row is not there yet") }
        if decision.rules.isEmpty { throw fault("no rule decided") }
        for (earlier, later) in zip(letterTimes, letterTimes.dropFirst()) {
            let days = CaseSample.hours.day(of: earlier).days(until: CaseSample.hours.day(of: later))
            guard days >= 30, CaseSample.hours.day(of: earlier).month != CaseSample.hours.day(of: later).month else {
                throw fault("two letters in a month")
            }
        }
        if !facts.lightCadence, facts.letters.filter({ $0.state.isSent && $0.accounts.contains(100) }).count > 2 {
            throw fault("a third letter")
        }
    }

    private func check(_ task: NextTask) throws {
        guard let id = task.point else { return }
        guard let point = facts.points.first(where: { $0.id == id }) else { throw fault("a task for an unknown point") }
        // A live task of before may name a point that fell away meanwhile; the gate judges it again.
        guard contact?.task == task || document?.task == task else { return }
        if point.channel.isWorkplace { throw fault("a task for a workplace") }
        switch task.step {
        case .call where !point.channel.isPhone, .smsReminder where point.channel != .mobile, .visit where !point.channel.isAddress,
            .registeredLetter where !point.channel.isAddress:
            throw fault("a point that does not serve its step")
        default: break
        }
        if task.step == .visit || task.step == .registeredLetter, point.role != .debtor { throw fault("an address of somebody else") }
        if task.step == .call, point.role == .employer || point.role == .colleague { throw fault("a call to the workplace") }
        if task.step == .call, !point.role.isLiable, !point.role.isRepresentative, task.goal != .askContact {
            throw fault("a demand to a third party")
        }
    }
}
