import CollectionsDomain

/// One debtor with account 1 (and 2), and short words for what happens.
struct Scene {
    var ledger = ConductLedger(profile: DebtorProfile(zones: .known([Scene.shanghai])))
    var facts = GateFacts(calendar: .known(BusinessCalendar()))

    static let shanghai: Zone = Zone(identifier: "Asia/Shanghai") ?? .utc
    static let agency = Actor(agency: 7)
    static let other = Actor(agency: 8)
    static let mobile = ContactPointRef(id: 11, kind: .mobile)
    static let relative: PartyKey = 501

    /// An instant in Shanghai: `"2026-12-01 09:30"`.
    static func at(_ text: String) -> Instant {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let day = Day(iso: parts[0]), let time = TimeOfDay(parts[1]) else {
            preconditionFailure("expected a date and a time")
        }
        return shanghai.instant(of: day, at: time)
    }

    mutating func call(
        _ time: String, _ outcome: ContactOutcome, by: Actor = agency, point: Int64 = 11, party: PartyKey = 0, role: PartyRole = .debtor,
        accounts: [Int64] = [1], direction: Direction = .outbound, channel: Channel = .call, purpose: ActPurpose = .demandPayment
    ) {
        let set = ledger.register(accounts)
        ledger.add(
            ContactEntry(
                at: Scene.at(time), channel: channel, direction: direction, outcome: outcome, purpose: purpose, party: party, role: role,
                point: point, accounts: set, by: by))
    }

    mutating func mark(_ kind: MarkKind, _ time: String, party: PartyKey = 0, accounts: [Int64] = [1], detail: Int32 = 0) {
        let set = ledger.register(accounts)
        ledger.add(ConductMark(kind, at: Scene.at(time), party: party, accounts: set, detail: detail))
    }

    mutating func reserve(
        _ from: String, _ before: String, task: Int64 = 1, channel: Channel = .call, purpose: ActPurpose = .demandPayment,
        presumed: Bool = false,
        by: Actor = agency
    ) {
        let set = ledger.register([1])
        ledger.reserve(
            Reservation(
                task: task, epoch: 1, channel: channel, purpose: purpose, point: 11, accounts: set, by: by, from: Scene.at(from),
                actBefore: Scene.at(before), isPresumed: presumed))
    }

    static func contact(
        _ channel: Channel = .call, party: PartyKey = 0, role: PartyRole = .debtor, point: ContactPointRef = mobile,
        purpose: ActPurpose = .demandPayment, content: ActContent = .clean, accounts: [Int64] = [1], by: Actor = agency,
        recorder: Bool = true,
        visit: VisitPlan = VisitPlan()
    ) -> Act {
        Act(
            by: by, accounts: accounts,
            kind: .contact(
                ContactAct(
                    channel: channel, party: party, role: role, point: point, purpose: purpose, content: content, recorder: recorder,
                    visit: visit)))
    }

    func judge(_ policy: ConductPolicy, _ time: String) -> GateDecision {
        judge(policy, Scene.contact(), at: Scene.at(time))
    }

    func judge(_ policy: ConductPolicy, _ act: Act, _ time: String) -> GateDecision {
        judge(policy, act, at: Scene.at(time))
    }

    func judge(_ policy: ConductPolicy, at now: Instant) -> GateDecision {
        judge(policy, Scene.contact(), at: now)
    }

    func judge(_ policy: ConductPolicy, _ act: Act, at now: Instant) -> GateDecision {
        ConductGate.judge(policy: policy, ledger: ledger, facts: facts, act: act, now: now)
    }
}

extension GateDecision {
    /// The earliest instant of a block.
    var earliest: Instant? {
        switch self {
        case .allowed: nil
        case .blocked(_, let earliest): earliest
        }
    }

    /// The end of a permission.
    var until: Instant? {
        switch self {
        case .allowed(let until, _): until
        case .blocked: nil
        }
    }

    /// The conditions of a permission.
    var conditions: GateConditions? {
        switch self {
        case .allowed(_, let conditions): conditions
        case .blocked: nil
        }
    }
}
