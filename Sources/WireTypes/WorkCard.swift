/// What a worker needs for one task, and nothing else.
///
/// Which parts are there depends on the step: a third-party card names the person sought and the purpose and carries no debt data;
/// the identity number appears in the legal stage only; an address appears where a visit or a letter needs one.
public struct WorkCard: Codable, Hashable, Sendable {
    /// The case.
    public var caseRef: String
    /// Its placements; absent on a third-party card.
    public var placementRefs: [String]?
    /// Full name of the task's stage.
    public var stage: String
    /// What the task asks for.
    public var step: String
    /// What the act is for.
    public var goal: String
    /// Goals the outcome may set for the next contact.
    public var nextGoals: [String]?
    /// As in the lease.
    public var actBefore: WireInstant?
    /// As in the lease.
    public var reportBy: WireInstant?
    /// The one act this lease permits; absent where a permit is asked for at the act, or no person is contacted.
    public var permit: CardPermit?
    /// The debtor; absent on a third-party card.
    public var debtor: CardDebtor?
    /// Up to when payments are known in the amounts below.
    public var balanceAsOf: WireInstant?
    /// The placed accounts that may be worked now; absent on a third-party card.
    public var accounts: [CardAccount]?
    /// The last contacts, newest first, at most 5.
    public var lastContacts: [CardContact]?
    /// The promise that is running.
    public var openPromise: CardPromise?
    /// The request the bank has not answered yet.
    public var openRequest: CardRequest?
    /// The script to speak or write by.
    public var scriptId: String?
    /// What must be said or written.
    public var disclosures: [String]?
    /// What must not be said or written.
    public var forbiddenFields: [String]?
    /// The bank's own ways to pay; money is never taken by the agency.
    public var repaymentChannels: [String]?
    /// Whether the person may be told that an instalment plan can be asked for.
    public var mayRequestPlan: Bool?
    /// What limits the act, with rule ids.
    public var constraints: [CardConstraint]?
    /// Present on a third-party card, in place of all debt data.
    public var thirdParty: CardThirdParty?
    /// Present for a visit.
    public var visit: CardVisit?
    /// Present for a letter.
    public var letter: CardLetter?
    /// Present in the legal stage.
    public var legal: CardLegal?
    /// The lawful contact points, for information gathering: masked.
    public var contactPoints: [CardContactPoint]?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        caseRef: String, placementRefs: [String]? = nil, stage: String, step: String, goal: String, nextGoals: [String]? = nil,
        actBefore: WireInstant? = nil, reportBy: WireInstant? = nil, permit: CardPermit? = nil, debtor: CardDebtor? = nil,
        balanceAsOf: WireInstant? = nil, accounts: [CardAccount]? = nil, lastContacts: [CardContact]? = nil,
        openPromise: CardPromise? = nil, openRequest: CardRequest? = nil, scriptId: String? = nil, disclosures: [String]? = nil,
        forbiddenFields: [String]? = nil, repaymentChannels: [String]? = nil, mayRequestPlan: Bool? = nil,
        constraints: [CardConstraint]? = nil, thirdParty: CardThirdParty? = nil, visit: CardVisit? = nil, letter: CardLetter? = nil,
        legal: CardLegal? = nil, contactPoints: [CardContactPoint]? = nil
    ) {
        self.caseRef = caseRef
        self.placementRefs = placementRefs
        self.stage = stage
        self.step = step
        self.goal = goal
        self.nextGoals = nextGoals
        self.actBefore = actBefore
        self.reportBy = reportBy
        self.permit = permit
        self.debtor = debtor
        self.balanceAsOf = balanceAsOf
        self.accounts = accounts
        self.lastContacts = lastContacts
        self.openPromise = openPromise
        self.openRequest = openRequest
        self.scriptId = scriptId
        self.disclosures = disclosures
        self.forbiddenFields = forbiddenFields
        self.repaymentChannels = repaymentChannels
        self.mayRequestPlan = mayRequestPlan
        self.constraints = constraints
        self.thirdParty = thirdParty
        self.visit = visit
        self.letter = letter
        self.legal = legal
        self.contactPoints = contactPoints
    }

    private enum CodingKeys: String, CodingKey {
        case caseRef = "case_ref"
        case placementRefs = "placement_refs"
        case stage
        case step
        case goal
        case nextGoals = "next_goals"
        case actBefore = "act_before"
        case reportBy = "report_by"
        case permit
        case debtor
        case balanceAsOf = "balance_as_of"
        case accounts
        case lastContacts = "last_contacts"
        case openPromise = "open_promise"
        case openRequest = "open_request"
        case scriptId = "script_id"
        case disclosures
        case forbiddenFields = "forbidden_fields"
        case repaymentChannels = "repayment_channels"
        case mayRequestPlan = "may_request_plan"
        case constraints
        case thirdParty = "third_party"
        case visit
        case letter
        case legal
        case contactPoints = "contact_points"
    }
}
