/// How an outcome was taken. Every status but ``rejected`` means the facts are stored and need not be sent again.
public enum OutcomeStatus: String, Codable, CaseIterable, Sendable {
    /// The lease was in force: the one transition of this grant has been made.
    case accepted
    /// The same outcome was accepted before; same receipt, same next step.
    case duplicate
    /// The lease had ended: kept as evidence, its safety facts count, the case does not move.
    case late
    /// Not taken; `problem` says why. Only `outcome-invalid` is worth a corrected report, and the lease stays in force for it.
    case rejected
}

/// What the case does next, as far as the agency may know.
public struct NextStep: Codable, Hashable, Sendable {
    /// Full name of the next task's stage; absent when none follows at this agency.
    public var stage: String?
    /// Business time before which it will not be due.
    public var notBefore: WireInstant?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        stage: String? = nil, notBefore: WireInstant? = nil
    ) {
        self.stage = stage
        self.notBefore = notBefore
    }

    private enum CodingKeys: String, CodingKey {
        case stage
        case notBefore = "not_before"
    }
}

/// What became of one ``OutcomeItem``.
public struct OutcomeReply: Codable, Hashable, Sendable {
    /// The receipt; present unless rejected. The same for every repetition.
    public var receiptId: String?
    /// How it was taken.
    public var status: OutcomeStatus
    /// Why it was rejected, or why an outcome came late.
    public var problem: Problem?
    /// What follows; present where accepted or duplicate.
    public var next: NextStep?
    /// The next lease, if asked for and there is work.
    public var nextLease: Lease?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        receiptId: String? = nil, status: OutcomeStatus, problem: Problem? = nil, next: NextStep? = nil, nextLease: Lease? = nil
    ) {
        self.receiptId = receiptId
        self.status = status
        self.problem = problem
        self.next = next
        self.nextLease = nextLease
    }

    private enum CodingKeys: String, CodingKey {
        case receiptId = "receipt_id"
        case status
        case problem
        case next
        case nextLease = "next_lease"
    }
}

/// The answer to ``OutcomeReport``.
public struct OutcomeReportReply: Codable, Hashable, Sendable {
    /// One per item, in order.
    public var outcomes: [OutcomeReply]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        outcomes: [OutcomeReply], serverTime: WireInstant, clockRate: Double
    ) {
        self.outcomes = outcomes
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case outcomes
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}
