/// `POST /v1/leases/release`: gives leases back without a result.
public struct ReleaseRequest: Codable, Hashable, Sendable {
    /// Lease tokens, at most 500.
    public var leases: [String]
    /// Why, see ``ReleaseReason``. `handler_failed` counts as a failure of the task, the others do not.
    public var reason: String

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leases: [String], reason: String
    ) {
        self.leases = leases
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case leases
        case reason
    }
}

/// What became of one lease, in the order of the request.
public struct ReleaseItem: Codable, Hashable, Sendable {
    /// Whether the task is free again by this call or an earlier one.
    public var released: Bool
    /// Why the lease was over already, see ``CancelReason``.
    public var cancelled: String?
    /// `lease-token-invalid` if the token names no lease of this agency.
    public var problem: Problem?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        released: Bool, cancelled: String? = nil, problem: Problem? = nil
    ) {
        self.released = released
        self.cancelled = cancelled
        self.problem = problem
    }

    private enum CodingKeys: String, CodingKey {
        case released
        case cancelled
        case problem
    }
}

/// The answer to ``ReleaseRequest``.
public struct ReleaseReply: Codable, Hashable, Sendable {
    /// One item per token, in order.
    public var leases: [ReleaseItem]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leases: [ReleaseItem], serverTime: WireInstant, clockRate: Double
    ) {
        self.leases = leases
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case leases
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}
