/// The contact point a task names, as dispatch reads it.
package struct DispatchPoint: Hashable, Sendable {
    /// Whether the point may be used.
    package enum State: UInt8, NamedCode {
        case valid = 0
        case unverified = 1
        case invalid = 2
        case off = 3

        package static let names = ["valid", "unverified", "invalid", "off"]
    }

    package var id: Int64
    /// The person it reaches; 0 is the debtor.
    package var party: PartyKey
    package var role: PartyRole
    package var kind: PointKind
    package var state: State
    /// Whether the debtor left it with the bank.
    package var isReserved: Bool
    /// Whether visits at this address are off.
    package var visitsOff: Bool

    package init(
        id: Int64, party: PartyKey, role: PartyRole, kind: PointKind, state: State = .valid, isReserved: Bool = true,
        visitsOff: Bool = false
    ) {
        self.id = id
        self.party = party
        self.role = role
        self.kind = kind
        self.state = state
        self.isReserved = isReserved
        self.visitsOff = visitsOff
    }
}

/// The step of dispatch that asks.
package enum DispatchMoment: Hashable, Sendable {
    /// A lease. Letters have no hours, and a visit's hours and counts wait for its permit.
    case lease
    /// A permit at the door: everything counts now.
    case permit(VisitPlan)
}

extension ConductGate {
    /// Judges what a lease or permit would allow.
    ///
    /// What the agency alone can fulfil (recorder, disclosures, staff cards) counts as fulfilled; the outcome tells, and raises a violation.
    /// - Parameters:
    ///   - accounts: Those the act is about. An account that is on hold or promised should be left out: ``workable(policy:ledger:accounts:now:)``.
    ///   - end: No permission goes further: end of the lease's time, term of the placement.
    /// - Returns: As ``judge(policy:ledger:facts:act:now:)``; `until` is the act's `act_before`.
    package static func judgeDispatch(
        policy: ConductPolicy, ledger: ConductLedger, channel: Channel, point: DispatchPoint, accounts: [Int64], purpose: ActPurpose,
        agency: Actor, moment: DispatchMoment = .lease, facts: GateFacts = GateFacts(), now: Instant, end: Instant
    ) -> GateDecision {
        var contact = ContactAct(
            channel: channel, party: point.party, role: point.role,
            point: ContactPointRef(id: point.id, kind: point.kind, isReserved: point.isReserved), purpose: purpose)
        var options: LayerJudge.Options = []
        switch moment {
        case .permit(let plan): contact.visit = plan
        case .lease: if channel == .letter || channel == .visit { options = .noWindows }
        }
        let act = Act(by: agency, accounts: accounts, kind: .contact(contact))
        let decision = judge(policy: policy, ledger: ledger, facts: facts, act: act, now: now, options: options)
        var own: [BlockReason] = []
        if let reason = reason(against: point, channel: channel, policy: policy) { own.append(reason) }
        if purpose.isDemand, ledger.awaitsLedger(accounts, policy: policy, now: now) {
            own.append(
                BlockReason(rule: awaitingLedger, group: .hold, policy: policy.id, basis: .bank, count: nil, isForReview: false, lifts: nil)
            )
        }
        if !own.isEmpty {
            switch decision {
            case .allowed: return .blocked(reasons: sorted(own), earliest: nil)
            case .blocked(let reasons, _): return .blocked(reasons: sorted(reasons + own), earliest: nil)
            }
        }
        switch decision {
        case .allowed(let until, let conditions):
            return .allowed(until: min(until, end), conditions: conditions)
        case .blocked(let reasons, let earliest):
            if channel == .visit, moment == .lease, let earliest, earliest < end, reasons.allSatisfy({ $0.group == .count }) {
                return .allowed(until: end, conditions: GateConditions())
            }
            return decision
        }
    }

    /// The accounts without a hold or promise of their own that stops contact on `channel` for `purpose`; holds on the whole debtor are
    /// left to the judgment itself.
    package static func workable(
        policy: ConductPolicy, ledger: ConductLedger, accounts: [Int64], channel: Channel, purpose: ActPurpose, now: Instant
    ) -> [Int64] {
        accounts.filter { account in
            if purpose.isDemand, ledger.awaitsLedger([account], policy: policy, now: now) { return false }
            let act = Act(
                by: .bank, accounts: [account],
                kind: .contact(ContactAct(channel: channel, point: ContactPointRef(id: 0, kind: .mobile), purpose: purpose)))
            return !policy.chain.contains { layer in
                let zones: [Zone?]
                switch layer.time.mode {
                case .fixed: zones = [layer.time.zone]
                case .partyLocal, .allPlausible: zones = ledger.profile.zones.value ?? [nil]
                }
                return zones.contains { zone in
                    var judge = LayerJudge(
                        policy: layer, zone: zone, ledger: ledger.withAccountHoldsOnly, facts: GateFacts(), act: act,
                        accounts: ledger.set(of: [account]), now: now, options: [])
                    judge.checkHolds()
                    if case .contact(let contact) = act.kind { judge.checkPromises(contact) }
                    return judge.reasons.contains { $0.group == .hold }
                }
            }
        }
    }

    /// The reason of a promise whose time is over while the bank's payments are not yet known so far: no demand until they are.
    package static let awaitingLedger = "promise.awaiting_ledger"

    /// A point that may not be used blocks whatever the policy says.
    private static func reason(against point: DispatchPoint, channel: Channel, policy: ConductPolicy) -> BlockReason? {
        let rule: String
        switch point.state {
        case .invalid, .off: rule = "contact_point." + point.state.name
        case .valid, .unverified:
            guard channel == .visit, point.visitsOff else { return nil }
            rule = "contact_point.visits_off"
        }
        return BlockReason(
            rule: rule, group: .optOut, policy: policy.id, basis: .bank, count: nil, isForReview: false, lifts: nil)
    }
}

extension ConductLedger {
    /// Whether the days of a promise on one of the accounts are over, and nobody has judged it: the ledger may know of a payment we do not.
    fileprivate func awaitsLedger(_ ids: [Int64], policy: ConductPolicy, now: Instant) -> Bool {
        guard marks.contains(where: { $0.kind == .promiseTaken && $0.at <= now }) else { return false }
        let accounts = set(of: ids)
        let zone = policy.time.zone ?? profile.zones.value?.first ?? .utc
        return marks.indices.contains { index in
            let promise = marks[index]
            return promise.kind == .promiseTaken && promise.at <= now && promise.accounts.meets(accounts)
                && now >= zone.endOfDay(promise.due.adding(days: policy.promise?.graceDays ?? 0))
                && !isEnded(promiseAt: index, by: [.promiseEnded], now: now)
        }
    }

    /// The ledger without holds on the whole debtor, on record or by event.
    fileprivate var withAccountHoldsOnly: ConductLedger {
        var copy = self
        copy.keep(
            entries: entries, marks: marks.filter { $0.accounts != .all }, reservations: reservations,
            holds: holds.filter { $0.accounts != .all }, consents: consents)
        copy.profile = DebtorProfile(zones: profile.zones)
        return copy
    }
}
