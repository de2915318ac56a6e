/// The right to work one task until it is reported, released or ends.
///
/// It has two ends: the act must start before `act_before` (business time), and the result must be in before `report_by`, which
/// heartbeats move on. A worker counts down `expires_in_ms` on its own clock instead of comparing `report_by`.
public struct Lease: Codable, Hashable, Sendable {
    /// The task; a decimal number, as text because it may exceed 2^53.
    public var taskId: String
    /// What every later call about this lease carries. It names the grant; it is not a credential.
    public var leaseToken: String
    /// Number of the grant; fences late results.
    public var epoch: Int
    /// Business time before which the act must start; absent where the act has no window or needs a permit of its own.
    public var actBefore: WireInstant?
    /// Lease time by which the outcome must be in, for the log.
    public var reportBy: WireInstant
    /// Milliseconds of lease time until `report_by`, counted from the reply.
    public var expiresInMs: Int64
    /// Full name of the task's stage, see ``StageName``.
    public var stage: String
    /// What the task asks for: `gather`, `call`, `sms_reminder`, `email_reminder`, `registered_letter`, `visit`, `legal_dossier` or
    /// `law_firm`.
    public var step: String
    /// What the act is for, such as `get_date`.
    public var goal: String
    /// Higher goes first at the same instant.
    public var priority: Int
    /// Which attempt of this step it is, from 1; not the fence.
    public var attempt: Int
    /// All that the act needs, and nothing else.
    public var workCard: WorkCard

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        taskId: String, leaseToken: String, epoch: Int, actBefore: WireInstant? = nil, reportBy: WireInstant, expiresInMs: Int64,
        stage: String, step: String, goal: String, priority: Int, attempt: Int, workCard: WorkCard
    ) {
        self.taskId = taskId
        self.leaseToken = leaseToken
        self.epoch = epoch
        self.actBefore = actBefore
        self.reportBy = reportBy
        self.expiresInMs = expiresInMs
        self.stage = stage
        self.step = step
        self.goal = goal
        self.priority = priority
        self.attempt = attempt
        self.workCard = workCard
    }

    private enum CodingKeys: String, CodingKey {
        case taskId = "task_id"
        case leaseToken = "lease_token"
        case epoch
        case actBefore = "act_before"
        case reportBy = "report_by"
        case expiresInMs = "expires_in_ms"
        case stage
        case step
        case goal
        case priority
        case attempt
        case workCard = "work_card"
    }
}

/// The answer to ``LeaseRequest``.
public struct LeaseReply: Codable, Hashable, Sendable {
    /// What was granted; empty when there is no work the rules allow now.
    public var leases: [Lease]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double
    /// Milliseconds of lease time after which asking again is useful.
    public var nextPollAfterMs: Int64

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leases: [Lease], serverTime: WireInstant, clockRate: Double, nextPollAfterMs: Int64
    ) {
        self.leases = leases
        self.serverTime = serverTime
        self.clockRate = clockRate
        self.nextPollAfterMs = nextPollAfterMs
    }

    private enum CodingKeys: String, CodingKey {
        case leases
        case serverTime = "server_time"
        case clockRate = "clock_rate"
        case nextPollAfterMs = "next_poll_after_ms"
    }
}
