/// The facts of one finished task. The coordinator alone decides what follows from them.
///
/// One item answers one lease; which fields a result needs is said by the result's row in the bank's transition table. Amounts are
/// decimals in major units as text, `"1200.00"`.
public struct OutcomeItem: Codable, Hashable, Sendable {
    /// The lease the outcome answers.
    public var leaseToken: String
    /// Result code of the task's step, such as `promise` or `no_answer`.
    public var result: String
    /// Business time at which the act started: server time of the last reply plus rate times what has passed since.
    public var occurredAt: WireInstant
    /// Business time at which it ended; acts of contact need it.
    public var endedAt: WireInstant?
    /// Who acted, in the agency's own numbering; acts of contact need it.
    public var collectorId: String?
    /// All who took part in a visit.
    public var collectorIds: [String]?
    /// How many took part in a visit.
    public var visitCollectors: Int?
    /// The contact point used; acts of contact need it.
    public var contactPointId: String?
    /// The permit under which a visit began.
    public var permitId: String?
    /// Where the agency keeps the recording.
    public var recordingRef: String?
    /// SHA-256 of the recording, hexadecimal.
    public var recordingSha256: String?
    /// References to what proves the facts.
    public var evidence: [Evidence]?
    /// The accounts a dispute or request is about; none means all of the case.
    public var accountRefs: [String]?
    /// The amount the result names: offered, claimed as paid, disputed.
    public var amount: String?
    /// ISO 4217 code of `amount`; needed where the card lists several currencies.
    public var currency: String?
    /// The promise to pay, for results that make one.
    public var promise: PromiseItem?
    /// The instalments agreed or asked for.
    public var instalments: [Instalment]?
    /// What the next contact should be for: `get_date`, `get_reason`, `verify_payment`, `reach` or `remind`.
    public var nextGoal: String?
    /// Business time the person asked to be called at.
    public var callbackAt: WireInstant?
    /// The day on which the person says to have paid.
    public var paidOn: WireDate?
    /// What the person no longer wants.
    public var optOut: OptOut?
    /// Whom the act reached instead of the debtor: `family`, `reference`, `colleague`, `occupant`, `other`.
    public var thirdPartyKind: String?
    /// Whether anything about the debt was said to a third party.
    public var debtDisclosed: Bool?
    /// Who speaks for the debtor now.
    public var representative: Representative?
    /// Contact data learned.
    public var newContactPoints: [NewContactPoint]?
    /// The agency's code for why a request is made, such as `job_loss`.
    public var requestReason: String?
    /// What a letter's or message's answer says.
    public var reply: ReplyItem?
    /// What became of a letter, for results of the letter stage.
    public var letter: LetterStatus?
    /// The proposal or the event, for results of the legal stage.
    public var legal: LegalStatus?
    /// Whether the reply should carry the next lease of the same stage, so that a dialler keeps its rhythm.
    public var requestNextLease: Bool?
    /// The agency's own reference of this report; kept as evidence.
    public var reportRef: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leaseToken: String, result: String, occurredAt: WireInstant, endedAt: WireInstant? = nil, collectorId: String? = nil,
        collectorIds: [String]? = nil, visitCollectors: Int? = nil, contactPointId: String? = nil, permitId: String? = nil,
        recordingRef: String? = nil, recordingSha256: String? = nil, evidence: [Evidence]? = nil, accountRefs: [String]? = nil,
        amount: String? = nil, currency: String? = nil, promise: PromiseItem? = nil, instalments: [Instalment]? = nil,
        nextGoal: String? = nil, callbackAt: WireInstant? = nil, paidOn: WireDate? = nil, optOut: OptOut? = nil,
        thirdPartyKind: String? = nil, debtDisclosed: Bool? = nil, representative: Representative? = nil,
        newContactPoints: [NewContactPoint]? = nil, requestReason: String? = nil, reply: ReplyItem? = nil, letter: LetterStatus? = nil,
        legal: LegalStatus? = nil, requestNextLease: Bool? = nil, reportRef: String? = nil
    ) {
        self.leaseToken = leaseToken
        self.result = result
        self.occurredAt = occurredAt
        self.endedAt = endedAt
        self.collectorId = collectorId
        self.collectorIds = collectorIds
        self.visitCollectors = visitCollectors
        self.contactPointId = contactPointId
        self.permitId = permitId
        self.recordingRef = recordingRef
        self.recordingSha256 = recordingSha256
        self.evidence = evidence
        self.accountRefs = accountRefs
        self.amount = amount
        self.currency = currency
        self.promise = promise
        self.instalments = instalments
        self.nextGoal = nextGoal
        self.callbackAt = callbackAt
        self.paidOn = paidOn
        self.optOut = optOut
        self.thirdPartyKind = thirdPartyKind
        self.debtDisclosed = debtDisclosed
        self.representative = representative
        self.newContactPoints = newContactPoints
        self.requestReason = requestReason
        self.reply = reply
        self.letter = letter
        self.legal = legal
        self.requestNextLease = requestNextLease
        self.reportRef = reportRef
    }

    private enum CodingKeys: String, CodingKey {
        case leaseToken = "lease_token"
        case result
        case occurredAt = "occurred_at"
        case endedAt = "ended_at"
        case collectorId = "collector_id"
        case collectorIds = "collector_ids"
        case visitCollectors = "visit_collectors"
        case contactPointId = "contact_point_id"
        case permitId = "permit_id"
        case recordingRef = "recording_ref"
        case recordingSha256 = "recording_sha256"
        case evidence
        case accountRefs = "account_refs"
        case amount
        case currency
        case promise
        case instalments
        case nextGoal = "next_goal"
        case callbackAt = "callback_at"
        case paidOn = "paid_on"
        case optOut = "opt_out"
        case thirdPartyKind = "third_party_kind"
        case debtDisclosed = "debt_disclosed"
        case representative
        case newContactPoints = "new_contact_points"
        case requestReason = "request_reason"
        case reply
        case letter
        case legal
        case requestNextLease = "request_next_lease"
        case reportRef = "report_ref"
    }
}

/// `POST /v1/outcomes`: results of leased tasks, at most 500.
public struct OutcomeReport: Codable, Hashable, Sendable {
    /// Judged one by one; the same item again gets the same receipt.
    public var outcomes: [OutcomeItem]

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        outcomes: [OutcomeItem]
    ) {
        self.outcomes = outcomes
    }

    private enum CodingKeys: String, CodingKey {
        case outcomes
    }
}
