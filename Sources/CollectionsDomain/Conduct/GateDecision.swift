/// The gate's answer.
package enum GateDecision: Hashable, Sendable {
    /// The act may start from now on and before `until`, under the conditions.
    case allowed(until: Instant, conditions: GateConditions)
    /// The act may not start. All reasons are given, in the order of the policy's semantics 14. `earliest` is the first instant at which
    /// it would be allowed as far as the known facts go; nil when only an event can lift the block.
    case blocked(reasons: [BlockReason], earliest: Instant?)

    package var isAllowed: Bool {
        switch self {
        case .allowed: true
        case .blocked: false
        }
    }

    /// The reasons' names; empty if allowed.
    package var rules: [String] {
        switch self {
        case .allowed: []
        case .blocked(let reasons, _): reasons.map(\.rule)
        }
    }
}

/// One reason why an act is blocked.
package struct BlockReason: Hashable, Sendable {
    /// The groups in which reasons are reported (conduct policy, semantics 14).
    package enum Group: Int, Comparable, Sendable {
        case missingFact = 0
        case hold = 1
        case optOut = 2
        case people = 3
        case window = 4
        case count = 5
        case other = 6

        package static func < (left: Group, right: Group) -> Bool { left.rawValue < right.rawValue }
    }

    /// How many events were counted, and how many are allowed.
    package struct Count: Hashable, Sendable {
        /// Events with this act.
        package let counted: Int
        package let max: Int

        package init(counted: Int, max: Int) {
            self.counted = counted
            self.max = max
        }
    }

    /// The parameter, such as `frequency_limits.talks_daily`.
    package let rule: String
    package let group: Group
    /// The policy whose rule it is.
    package let policy: String
    /// Its sources and force.
    package let basis: RuleBasis
    /// For limits.
    package let count: Count?
    /// Whether a named person may clear it (`on_missing_fact`, `on_exceed`: review).
    package let isForReview: Bool
    /// The first instant at which this reason alone is gone, as far as known; nil: only an event lifts it.
    package let lifts: Instant?

    package init(
        rule: String, group: Group, policy: String, basis: RuleBasis, count: Count? = nil, isForReview: Bool = false, lifts: Instant? = nil
    ) {
        self.rule = rule
        self.group = group
        self.policy = policy
        self.basis = basis
        self.count = count
        self.isForReview = isForReview
        self.lifts = lifts
    }
}

/// What an allowed contact has to keep to; for the work card.
package struct GateConditions: Hashable, Sendable {
    /// What has to be said.
    package var disclosures: ElementSet
    /// What must not be told to this person.
    package var forbiddenFields: FieldSet
    /// Whether a recorder must run.
    package var recorder: Bool
    /// Collectors who must come to a visit; 0 for other channels.
    package var collectors: Int
    /// What a letter must contain.
    package var letterFields: ElementSet
    /// What must not be on a letter or card.
    package var forbiddenMarks: MarkSet
    /// Whether the message must say how to opt out.
    package var optOutInstruction: Bool
    /// Whether this uses the one reminder of a promise's due day.
    package var isDueDayReminder: Bool

    package init() {
        disclosures = []
        forbiddenFields = []
        recorder = false
        collectors = 0
        letterFields = []
        forbiddenMarks = []
        optOutInstruction = false
        isDueDayReminder = false
    }
}
