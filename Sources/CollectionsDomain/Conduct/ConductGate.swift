/// The pure function that says whether an act may be done now, and which rules stand against it.
///
/// Same policy, ledger, facts, act and instant: same answer. It reads nothing else.
package enum ConductGate {
    /// The furthest the search for the earliest instant goes: past any limit, plan step or notice of a policy.
    static let searchedDays: Int64 = 400

    /// Rounds of the search; each moves past at least one limit, window or hold.
    static let searchedRounds = 128

    /// Judges one act.
    ///
    /// - Parameters:
    ///   - policy: The version in force; policies it extends are judged too, and one block blocks.
    ///   - ledger: What is known of the debtor.
    ///   - facts: What is known of account, agency and holidays.
    ///   - act: What is about to be done. It is not part of the ledger yet.
    ///   - now: The start of the act, in business time.
    /// - Returns: Allowed until an instant, or every reason against it and the earliest instant at which it would be allowed.
    package static func judge(
        policy: ConductPolicy, ledger: ConductLedger, facts: GateFacts, act: Act, now: Instant
    ) -> GateDecision {
        judge(policy: policy, ledger: ledger, facts: facts, act: act, now: now, options: [])
    }

    static func judge(
        policy: ConductPolicy, ledger: ConductLedger, facts: GateFacts, act: Act, now: Instant, options: LayerJudge.Options
    ) -> GateDecision {
        let accounts = ledger.set(of: act.accounts)
        let verdict = verdict(policy: policy, ledger: ledger, facts: facts, act: act, accounts: accounts, now: now, options: options)
        if verdict.reasons.isEmpty { return .allowed(until: verdict.until, conditions: verdict.conditions) }
        let earliest = earliest(
            after: verdict, policy: policy, ledger: ledger, facts: facts, act: act, accounts: accounts, now: now, options: options)
        return .blocked(reasons: sorted(verdict.reasons), earliest: earliest)
    }

    /// The sum of all layers and zones at one instant.
    private struct Verdict {
        var reasons: [BlockReason] = []
        var until = Instant.distantFuture
        var conditions = GateConditions()
        /// The latest of the instants at which single reasons are gone; nil if one of them needs an event.
        var lifts: Instant?
    }

    private static func verdict(
        policy: ConductPolicy, ledger: ConductLedger, facts: GateFacts, act: Act, accounts: AccountSet, now: Instant,
        options: LayerJudge.Options
    ) -> Verdict {
        var verdict = Verdict()
        var lifts: Instant? = .distantPast
        var next: ConductPolicy? = policy
        while let layer = next {
            switch layer.time.mode {
            case .fixed:
                judge(layer, in: layer.time.zone)
            case .partyLocal, .allPlausible:
                if case .known(let zones) = ledger.profile.zones, !zones.isEmpty {
                    for zone in zones { judge(layer, in: zone) }
                } else {
                    judge(layer, in: nil)
                }
            }
            next = layer.parent
        }
        verdict.lifts = lifts
        return verdict

        func judge(_ layer: ConductPolicy, in zone: Zone?) {
            var judge = LayerJudge(
                policy: layer, zone: zone, ledger: ledger, facts: facts, act: act, accounts: accounts, now: now, options: options)
            judge.judge()
            if judge.reasons.isEmpty {
                verdict.until = min(verdict.until, judge.until)
                verdict.conditions.add(judge.conditions)
                return
            }
            for reason in judge.reasons {
                lifts = if let lift = reason.lifts, let last = lifts { max(last, lift) } else { nil }
                // One parameter is one reason, whatever layers and zones report it; the outermost layer's words stand.
                if !verdict.reasons.contains(where: { $0.rule == reason.rule }) { verdict.reasons.append(reason) }
            }
        }
    }

    /// Goes from lift to lift until nothing blocks: no instant before the last lift can be allowed, since each reason holds until its own.
    private static func earliest(
        after first: Verdict, policy: ConductPolicy, ledger: ConductLedger, facts: GateFacts, act: Act, accounts: AccountSet, now: Instant,
        options: LayerJudge.Options
    ) -> Instant? {
        let end = Instant(microseconds: now.microseconds + searchedDays * 86_400 * Instant.perSecond)
        var current = now
        var verdict = first
        for _ in 0..<searchedRounds {
            guard let lifts = verdict.lifts, lifts > current, lifts <= end else { return nil }
            current = lifts
            verdict = self.verdict(
                policy: policy, ledger: ledger, facts: facts, act: act, accounts: accounts, now: current, options: options)
            if verdict.reasons.isEmpty { return current }
        }
        return nil
    }

    /// By group, then by name.
    static func sorted(_ reasons: [BlockReason]) -> [BlockReason] {
        reasons.sorted { ($0.group, $0.rule) < ($1.group, $1.rule) }
    }
}

extension GateConditions {
    /// Adds what another layer asks.
    mutating func add(_ other: GateConditions) {
        disclosures = disclosures.union(other.disclosures)
        forbiddenFields = forbiddenFields.union(other.forbiddenFields)
        recorder = recorder || other.recorder
        collectors = max(collectors, other.collectors)
        letterFields = letterFields.union(other.letterFields)
        forbiddenMarks = forbiddenMarks.union(other.forbiddenMarks)
        optOutInstruction = optOutInstruction || other.optOutInstruction
        isDueDayReminder = isDueDayReminder || other.isDueDayReminder
    }
}
