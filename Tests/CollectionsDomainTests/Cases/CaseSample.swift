import CollectionsDomain

/// A debtor of the decision tests: one CNY card, 45 days past due, two numbers, two addresses, a relative and a reference; holder 7,
/// lettershop 20, field team 30. Monday 2026-11-02, 10:00 in Shanghai, unless a test says otherwise.
enum CaseSample {
    static let zone: Zone = Zone(identifier: "Asia/Shanghai") ?? .utc
    static let hours = WorkingHours(start: TimeOfDay("08:00") ?? .midnight, end: TimeOfDay("22:00") ?? .endOfDay, zone: zone)
    static let policy = StagePolicy.bankDefault
    static let now = at("2026-11-02T10:00:00+08:00")
    static let holder: Int32 = 7

    static let mobile = ContactPoint(id: 1, channel: .mobile)
    static let homePhone = ContactPoint(id: 2, channel: .homePhone, rank: 2)
    static let billing = ContactPoint(id: 3, channel: .billingAddress)
    static let home = ContactPoint(id: 4, channel: .homeAddress)
    static let mother = ContactPoint(id: 5, role: .family, immediateFamily: true, channel: .mobile, rank: 4)
    static let friend = ContactPoint(id: 6, role: .emergencyContact, channel: .mobile, rank: 5)
    static let workPhone = ContactPoint(id: 8, channel: .workPhone)

    /// An instant of a test; a wrong literal shows as the distant past.
    static func at(_ text: String) -> Instant { Instant(iso8601: text) ?? .distantPast }

    /// 08:00 local on a date.
    static func opening(_ day: String) -> Instant { hours.opening(of: Self.day(day)) }

    static func day(_ text: String) -> Day { Day(iso: text) ?? Day(number: 0) }

    static func cny(_ text: String) -> Money { (try? Money(parsing: text, currency: .cny)) ?? Money(minorUnits: -1, currency: .cny) }

    static func account(
        _ id: Int64 = 100, balance: String = "8000.00", due: String = "1200.00", least: String = "200.00", dpd: Int = 45,
        termEnd: String = "2027-04-30T00:00:00+08:00"
    ) -> CaseFacts.Account {
        CaseFacts.Account(
            id: id, balance: cny(balance), amountDue: cny(due), minPayment: cny(least), daysPastDue: dpd, termEnd: at(termEnd))
    }

    static func facts(
        _ stage: Stage = .phone, entered: String = "2026-10-20T09:00:00+08:00", accounts: [CaseFacts.Account]? = nil,
        change: (inout CaseFacts) -> Void = { _ in }
    ) -> CaseFacts {
        var facts = CaseFacts(
            caseId: 1, debtorId: 1, holder: holder, stage: stage, stageEnteredAt: at(entered), accounts: accounts ?? [account()],
            points: [mobile, homePhone, billing, home, mother, friend, workPhone],
            executors: .init(letter: 20, field: .available(30), legal: holder))
        change(&facts)
        return facts
    }

    /// A task of `step` whose lease names the mobile (or an address).
    static func task(_ step: Step, goal: WorkGoal = .getDate, point: Int64? = nil, lost: Bool = false) -> ReportedTask {
        let usual: Int64? =
            switch step {
            case .call, .smsReminder: 1
            case .registeredLetter: 3
            case .visit: 4
            case .emailReminder, .gather, .legalDossier, .lawFirm: nil
            }
        return ReportedTask(
            id: 50, step: step, goal: goal, point: point ?? usual, lostAtGrant: lost, actBefore: hours.zone.endOfDay(hours.day(of: now)),
            grantedAt: at("2026-01-01T00:00:00+08:00"))
    }

    /// A complete report.
    static func report(
        _ result: ResultCode, at instant: Instant = now, point: Int64? = 1, change: (inout ReportedOutcome) -> Void = { _ in }
    ) -> ReportedOutcome {
        var report = ReportedOutcome(
            result: result, occurredAt: instant, endedAt: instant, collector: "c1", point: point, recording: "rec-1", collectors: 2)
        change(&report)
        return report
    }

    static func decide(
        _ event: CaseEvent, _ facts: CaseFacts, policy: StagePolicy = policy, now: Instant = now
    ) throws -> CaseDecision {
        try CaseMachine.decide(event, facts: facts, policy: policy, now: now, hours: hours)
    }

    /// The decision on one result of a task.
    static func after(
        _ result: ResultCode, step: Step = .call, _ facts: CaseFacts = facts(), point: Int64? = nil, lost: Bool = false, now: Instant = now,
        change: (inout ReportedOutcome) -> Void = { _ in }
    ) throws -> CaseDecision {
        let task = task(step, point: point, lost: lost)
        return try decide(.outcome(task, report(result, at: now, point: task.point, change: change)), facts, now: now)
    }

    /// A failed dial, or another act with the debtor.
    static func act(
        _ outcome: ContactFact.Outcome, _ instant: String, channel: ContactFact.Channel = .call, point: Int64 = 1,
        role: ContactPoint.Role = .debtor
    ) -> ContactFact {
        ContactFact(channel: channel, outcome: outcome, role: role, point: point, occurredAt: at(instant))
    }

    /// A posted letter.
    static func letter(
        _ id: Int64, _ state: CaseFacts.Letter.State = .posted, posted: String?, ended: String? = nil, accounts: [Int64] = [100],
        point: Int64 = 3
    ) -> CaseFacts.Letter {
        CaseFacts.Letter(id: id, state: state, accounts: accounts, point: point, postedAt: posted.map(at), endedAt: ended.map(at))
    }

    static func promise(_ amount: String = "1200.00", due: String = "2026-11-06", type: PromiseType = .payment) -> CaseFacts.OpenPromise {
        let due = day(due)
        return CaseFacts.OpenPromise(
            id: 900, account: 100, type: type, amount: cny(amount), due: due, takenAt: at("2026-11-02T10:00:00+08:00"),
            judgeAfter: PromiseWindow.judgeAfter(due: due, graceDays: 1, zone: zone))
    }
}

extension CaseDecision {
    /// The contact task the decision puts.
    var call: NextTask? { if case .put(let task) = contactTask { task } else { nil } }
    /// The document task the decision puts.
    var paper: NextTask? { if case .put(let task) = documentTask { task } else { nil } }

    func has(_ effect: CaseEffect) -> Bool { effects.contains(effect) }

    /// Types of the holds set.
    var holdsSet: [HoldType] { effects.compactMap { if case .setHold(let order) = $0 { order.type } else { nil } } }
    /// Types of the requests asked.
    var requests: [RequestType] { effects.compactMap { if case .request(let order) = $0 { order.type } else { nil } } }
    /// Promises stored.
    var promises: [PromiseOrder] { effects.compactMap { if case .promise(let order) = $0 { order } else { nil } } }
    /// Rules broken.
    var violations: [String] { effects.compactMap { if case .violation(let rule) = $0 { rule } else { nil } } }
    /// Points switched off.
    var pointsOff: [Int64: PointChange] {
        effects.reduce(into: [:]) { if case .point(let id, let change) = $1 { $0[id] = change } }
    }
    /// The contact entered.
    var contact: ContactFact? { effects.lazy.compactMap { if case .contact(let fact) = $0 { fact } else { nil } }.first }
}
