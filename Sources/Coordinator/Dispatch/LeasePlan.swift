package import CollectionsDomain
package import CollectionsStore

/// What a lease call may grant, and what it puts off: the gate's word on each picked task, one after the other on the debtors' running ledgers.
///
/// A pure value: it is fed tasks in the order of their due times and asked for the outcome. Several tasks of one debtor see each other's
/// reservations (I7: known acts + reservations + presumptions + this act <= max, in lock order).
package struct LeasePlan: Sendable {
    /// A task that is granted.
    package struct Grant: Sendable {
        package var task: PickedTask
        /// The number of this grant.
        package var epoch: Int32
        /// How long the lease lasts.
        package var ttlSeconds: Int32
        /// Business time before which the act must start; nil where the step has no window or needs a permit.
        package var actBefore: Instant?
        /// What the act is for; nil where nobody is contacted.
        package var purpose: ActPurpose?
        /// What the act has to keep to.
        package var conditions: GateConditions
        /// The last contacts, newest first.
        package var lastContacts: [ContactEntry]
        /// Accounts that may be worked now; nil: all of the case.
        package var accounts: [Int64]?
    }

    /// A task that may not be worked now.
    package struct Blocked: Sendable {
        package var task: PickedTask
        /// When it is looked at again.
        package var until: Instant
        /// The rules against it, the gravest first.
        package var reasons: [String]
        /// Whether only a person or a new fact can free it.
        package var needsPerson: Bool
    }

    /// Contacts a card shows.
    private static let contactsOnCard = 5

    private let environment: CaseEnvironment
    private var policy: ActivePolicy { environment.policy }
    private let agency: Int32
    private let now: Now
    private let ttlWanted: Int?
    private let limits: DispatchLimits
    private var ledgers: [Int64: ConductLedger] = [:]
    private var changed: Set<Int64> = []
    private var parts: [Int64: Int32] = [:]
    /// Granted so far, in order.
    package private(set) var grants: [Grant] = []
    /// Put off so far, in order.
    package private(set) var blocked: [Blocked] = []

    /// An empty plan of an agency's call.
    ///
    /// - Parameter ttlSeconds: What the caller wants at most; the policy's TTL bounds it.
    package init(environment: CaseEnvironment, agency: Int32, now: Now, ttlSeconds: Int?, limits: DispatchLimits = DispatchLimits()) {
        self.environment = environment
        self.agency = agency
        self.now = now
        ttlWanted = ttlSeconds
        self.limits = limits
    }

    /// The TTL of a stage's leases in seconds: the policy's, or less if less is asked for.
    package static func ttl(of stage: Stage, wanted: Int?, policy: StagePolicy) -> Int32 {
        let most = policy.lease(of: stage).ttlMinutes * 60
        return Int32(clamping: max(1, min(most, wanted ?? most)))
    }

    /// Judges a picked task.
    ///
    /// - Throws: ``LedgerError`` when the stored ledger cannot be read.
    package mutating func consider(_ task: PickedTask) throws {
        var ledger = try ledgers[task.debtorId] ?? ConductLedger(bytes: task.ledger)
        parts[task.debtorId] = task.part
        defer { ledgers[task.debtorId] = ledger }
        guard let channel = task.step.channel else {
            // Gathering facts and legal steps contact nobody.
            return grant(task, accounts: nil, actBefore: nil, purpose: nil, conditions: GateConditions(), ledger: ledger)
        }
        guard let point = task.point else { return block(task, ["missing_fact.contact_point"], earliest: nil, needsPerson: true) }
        let purpose = ActPurpose(
            step: task.step, goal: task.goal, role: point.role, allowed: policy.conduct.people.thirdParty?.purposes?.value ?? [])
        let accounts = workable(task.accounts, ledger: ledger, channel: channel, purpose: purpose)
        guard !accounts.isEmpty else { return block(task, ["no_workable_account"], earliest: nil, needsPerson: false) }
        let ttl = Self.ttl(of: task.step.stage, wanted: ttlWanted, policy: policy.stages)
        // Acts with hours end with their window; a letter's or visit's lease is bounded by its own time.
        let isHourless = channel == .letter || channel == .visit
        let end = now.business + (isHourless ? .seconds(Int64(Double(ttl) * max(now.rate, 1))) : limits.longestAct)
        let decision = ConductGate.judgeDispatch(
            policy: policy.conduct, ledger: ledger, channel: channel, point: point.dispatchPoint, accounts: accounts, purpose: purpose,
            agency: Actor(agency: agency), now: now.business, end: end)
        switch paced(decision, task: task, point: point, ledger: ledger) {
        case .allowed(let until, let conditions):
            // A visit reserves at its permit, not at its lease.
            if channel != .visit {
                let party = point.role.party(rank: point.rank)
                let set = ledger.register(accounts)
                ledger.reserve(
                    Reservation(
                        task: task.taskId, epoch: task.epoch + 1, channel: channel, purpose: purpose, party: party,
                        role: point.role.ledgerRole,
                        point: point.id, accounts: set, by: Actor(agency: agency), from: now.business, actBefore: until))
                changed.insert(task.debtorId)
            }
            grant(task, accounts: accounts, actBefore: isHourless ? nil : until, purpose: purpose, conditions: conditions, ledger: ledger)
        case .blocked(let rules, let earliest, let isMissing):
            block(
                task, rules, earliest: isMissing ? nil : earliest,
                needsPerson: isMissing || earliest == nil && !rules.contains(ConductGate.awaitingLedger))
        }
    }

    private enum Verdict {
        case allowed(until: Instant, conditions: GateConditions)
        case blocked(rules: [String], earliest: Instant?, isMissing: Bool)
    }

    /// The gate's word together with the bank's own pace: what either stops is stopped, until the later of both instants.
    private func paced(_ decision: GateDecision, task: PickedTask, point: PointRow, ledger: ConductLedger) -> Verdict {
        let zone = ledger.profile.zones.value?.first?.identifier ?? ""
        let isReminder: Bool = if case .allowed(_, let conditions) = decision { conditions.isDueDayReminder } else { false }
        let waits = ContactCadence.waits(
            step: task.step, goal: task.goal, point: point.id, role: point.role, isDueDayReminder: isReminder,
            history: ledger.paceHistory, policy: policy.stages, lowRisk: task.isLowRisk, now: now.business,
            hours: environment.hours(timeZone: zone))
        switch decision {
        case .allowed(let until, let conditions):
            guard let latest = waits.map(\.earliest).max() else { return .allowed(until: until, conditions: conditions) }
            return .blocked(rules: waits.map(\.rule), earliest: latest, isMissing: false)
        case .blocked(let reasons, let earliest):
            let latest = waits.map(\.earliest).max() ?? .distantPast
            return .blocked(
                rules: reasons.map(\.rule) + waits.map(\.rule), earliest: earliest.map { max($0, latest) },
                isMissing: reasons.contains { $0.group == .missingFact || $0.isForReview })
        }
    }

    /// Accounts without a hold or promise of their own; without such entries in the ledger, all of them.
    private func workable(_ accounts: [Int64], ledger: ConductLedger, channel: Channel, purpose: ActPurpose) -> [Int64] {
        if ledger.holds.allSatisfy({ $0.accounts == .all }), ledger.marks.allSatisfy({ $0.accounts == .all }) { return accounts }
        return ConductGate.workable(
            policy: policy.conduct, ledger: ledger, accounts: accounts, channel: channel, purpose: purpose, now: now.business)
    }

    private mutating func grant(
        _ task: PickedTask, accounts: [Int64]?, actBefore: Instant?, purpose: ActPurpose?, conditions: GateConditions, ledger: ConductLedger
    ) {
        grants.append(
            Grant(
                task: task, epoch: task.epoch + 1, ttlSeconds: Self.ttl(of: task.step.stage, wanted: ttlWanted, policy: policy.stages),
                actBefore: actBefore, purpose: purpose, conditions: conditions,
                lastContacts: Array(ledger.entries.suffix(Self.contactsOnCard).reversed()), accounts: accounts))
    }

    private mutating func block(_ task: PickedTask, _ reasons: [String], earliest: Instant?, needsPerson: Bool) {
        let soonest = now.business + limits.shortestPostponement
        let until = earliest.map { max($0, soonest) } ?? now.business + limits.longestPostponement
        blocked.append(Blocked(task: task, until: until, reasons: reasons, needsPerson: needsPerson))
    }

    /// The ledgers with new reservations, of one lane.
    package func ledgers(of part: Int32) -> [(debtor: Int64, bytes: [UInt8])] {
        changed.compactMap { debtor in
            guard parts[debtor] == part, let ledger = ledgers[debtor] else { return nil }
            return (debtor, ledger.bytes)
        }
    }

    /// The tasks of a lane to be put off, by instant: at most the allowed number of instants, others rounded up.
    package func postponements(of part: Int32) -> [(until: Instant, tasks: [Int64])] {
        let all = blocked.filter { $0.task.part == part }.sorted { $0.until < $1.until }
        let distinct = Set(all.map(\.until)).count
        guard distinct > limits.distinctPostponements else {
            return Dictionary(grouping: all, by: \.until).map { ($0.key, $0.value.map(\.task.taskId)) }.sorted { $0.0 < $1.0 }
        }
        let size = (all.count + limits.distinctPostponements - 1) / limits.distinctPostponements
        return stride(from: 0, to: all.count, by: size).map { start in
            let group = all[start..<min(start + size, all.count)]
            return (group.last?.until ?? now.business, group.map(\.task.taskId))
        }
    }

    /// The lanes the plan writes to, ascending.
    package var lanes: [Int32] { Set(grants.map(\.task.part) + blocked.map(\.task.part)).sorted() }
}
