/// What a policy would have said to acts that were made, counted by rule, agency and stage.
///
/// Each act is judged on what had really happened before it. Its own effect on later acts is the recorded one: an act the policy would have
/// stopped still counts, so later blocks are told on the strict side.
package struct PolicyRehearsal: Sendable {
    /// What would have become of an act.
    package enum Verdict: Hashable, Sendable {
        case allowed
        /// Blocked then, and allowed from a later instant on.
        case delayed
        /// Blocked until something else happens.
        case blocked
    }

    /// Acts by what would have become of them.
    package struct Tally: Hashable, Sendable {
        package private(set) var allowed = 0
        package private(set) var delayed = 0
        package private(set) var blocked = 0
        /// How long the delayed ones would have waited together, in seconds.
        package private(set) var delaySeconds: Int64 = 0

        package var acts: Int { allowed + delayed + blocked }

        mutating func add(_ verdict: Verdict, delay: Int64) {
            switch verdict {
            case .allowed: allowed += 1
            case .delayed:
                delayed += 1
                delaySeconds += delay
            case .blocked: blocked += 1
            }
        }
    }

    package let policy: ConductPolicy
    package private(set) var all = Tally()
    /// By reason; an act with several reasons stands under each.
    package private(set) var byRule: [String: Tally] = [:]
    /// By agency; 0 is the bank.
    package private(set) var byAgency: [Int32: Tally] = [:]
    /// By stage; nil: outside any.
    package private(set) var byStage: [Stage?: Tally] = [:]

    package init(policy: ConductPolicy) {
        self.policy = policy
    }

    /// Judges one outbound act on what was known before it.
    package mutating func judge(_ act: Act, stage: Stage?, ledger: ConductLedger, facts: GateFacts, at: Instant) {
        let decision = ConductGate.judge(policy: policy, ledger: ledger, facts: facts, act: act, now: at)
        let verdict: Verdict
        var delay: Int64 = 0
        switch decision {
        case .allowed: verdict = .allowed
        case .blocked(_, nil): verdict = .blocked
        case .blocked(_, let earliest?):
            verdict = .delayed
            delay = earliest.seconds - at.seconds
        }
        all.add(verdict, delay: delay)
        byAgency[act.by.id, default: Tally()].add(verdict, delay: delay)
        byStage[stage, default: Tally()].add(verdict, delay: delay)
        for rule in decision.rules { byRule[rule, default: Tally()].add(verdict, delay: delay) }
    }
}
