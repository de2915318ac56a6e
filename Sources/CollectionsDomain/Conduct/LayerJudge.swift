/// Judges one act under one policy in one zone, and collects every reason against it.
///
/// The gate runs it for each policy of an `extends` chain and each zone the person may be in; one block blocks. The checks are in
/// `LayerJudge+….swift`, in the order of the groups of reasons.
struct LayerJudge {
    /// Checks that a lease of long duration leaves to the moment of the act.
    struct Options: OptionSet {
        let rawValue: Int
        /// Letters, and visits before their permit: no hours.
        static let noWindows = Options(rawValue: 1)
    }

    let policy: ConductPolicy
    /// Nil: nobody knows where the person is.
    let zone: Zone?
    let ledger: ConductLedger
    let facts: GateFacts
    let act: Act
    /// The act's accounts as bits of the ledger's table.
    let accounts: AccountSet
    /// The start of the act.
    let now: Instant
    let options: Options
    /// The local date and minute; meaningless without a zone.
    let today: Day
    let minute: Int16

    private(set) var reasons: [BlockReason] = []
    /// Before this instant the act stays allowed.
    var until: Instant
    var conditions = GateConditions()

    init(
        policy: ConductPolicy, zone: Zone?, ledger: ConductLedger, facts: GateFacts, act: Act, accounts: AccountSet, now: Instant,
        options: Options
    ) {
        self.policy = policy
        self.zone = zone
        self.ledger = ledger
        self.facts = facts
        self.act = act
        self.accounts = accounts
        self.now = now
        self.options = options
        if let zone {
            let local = zone.local(of: now)
            today = local.day
            minute = local.time.minutes
            // Every count is by local date, so no permission reaches into the next one; a lease without hours outlasts it.
            until = options.contains(.noWindows) ? .distantFuture : zone.endOfDay(local.day)
        } else {
            today = Day(number: 0)
            minute = 0
            until = .distantFuture
        }
    }

    /// Runs every check that applies to the act.
    mutating func judge() {
        guard policy.scope.applies(to: act.by) else {
            until = .distantFuture
            return
        }
        if zone != nil, !policy.isInForce(on: today) {
            missing("policy_in_force")
            return
        }
        checkHolds()
        checkLimitation()
        switch act.kind {
        case .contact(let contact):
            checkPromises(contact)
            checkOptOuts(contact)
            checkPeople(contact)
            if !options.contains(.noWindows) { checkWindows(contact) }
            checkCounts(contact)
            checkContent(contact)
            if contact.channel == .visit { checkVisit(contact) }
            checkRecorder(contact)
        case .placeAccount:
            checkPlacement()
        case .referCivil:
            checkCivilReferral()
        case .referCriminal:
            checkCriminalReferral()
        case .openFile:
            checkAccess()
        case .proposePlan(let months, let content):
            checkPlan(months: months, content: content)
        case .takePromise(let due):
            checkPromiseDate(due)
        case .purgeRecord(let kind, let madeOn):
            checkPurge(kind, madeOn: madeOn)
        }
    }

    // MARK: Reporting

    /// Reports a reason against the act.
    mutating func block(
        _ rule: String, _ group: BlockReason.Group, _ basis: RuleBasis, lifts: Instant? = nil, count: BlockReason.Count? = nil,
        isForReview: Bool = false
    ) {
        if reasons.contains(where: { $0.rule == rule }) { return }
        reasons.append(
            BlockReason(
                rule: rule, group: group, policy: policy.id, basis: basis, count: count, isForReview: isForReview, lifts: lifts))
    }

    /// Reports that a rule needs a fact nobody has.
    mutating func missing(_ fact: String) {
        block("missing_fact." + fact, .missingFact, .bank, isForReview: policy.scope.onMissingFact == .review)
    }

    /// The value of a fact that a rule needs; reports it as missing if it is unknown.
    mutating func need<Value>(_ fact: Fact<Value>, _ name: String) -> Value? {
        switch fact {
        case .known(let value): return value
        case .unknown:
            missing(name)
            return nil
        }
    }

    /// The zone, which every rule with a local date needs.
    mutating func needZone() -> Zone? {
        if let zone { return zone }
        missing("zones")
        return nil
    }

    // MARK: Common questions

    /// Whether an event's accounts are the act's.
    func concerns(_ other: AccountSet) -> Bool { other.meets(accounts) }

    /// Whether somebody is neither asked to pay nor acts for somebody.
    func isThirdParty(_ role: PartyRole) -> Bool {
        !policy.tables.collectable.contains(role) && !RoleSet.professionals.contains(role)
    }

    /// Whether an act on the date of this one is inside a consent to be called: its date and the six days after.
    func isWithinCallConsent(_ contact: ContactAct) -> Bool {
        guard contact.channel.isPhone else { return false }
        return ledger.consents.contains { consent in
            consent.kind == .callConsent && consent.party == contact.party && consent.channels.contains(contact.channel)
                && consent.isValid(on: today) && consent.givenOn.days(until: today) <= 6
        }
    }
}
