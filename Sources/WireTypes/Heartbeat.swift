/// `POST /v1/leases/heartbeat`: still working on these.
public struct HeartbeatRequest: Codable, Hashable, Sendable {
    /// Lease tokens, at most 500.
    public var leases: [String]

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leases: [String]
    ) {
        self.leases = leases
    }

    private enum CodingKeys: String, CodingKey {
        case leases
    }
}

/// What became of one lease, in the order of the request: moved on, cancelled, or not ours.
public struct HeartbeatItem: Codable, Hashable, Sendable {
    /// The deadline now, in lease time; present if the lease is in force.
    public var reportBy: WireInstant?
    /// Milliseconds of lease time until then.
    public var expiresInMs: Int64?
    /// Why the lease is over, see ``CancelReason``: stop the act.
    public var cancelled: String?
    /// `lease-token-invalid` if the token names no lease of this agency.
    public var problem: Problem?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        reportBy: WireInstant? = nil, expiresInMs: Int64? = nil, cancelled: String? = nil, problem: Problem? = nil
    ) {
        self.reportBy = reportBy
        self.expiresInMs = expiresInMs
        self.cancelled = cancelled
        self.problem = problem
    }

    private enum CodingKeys: String, CodingKey {
        case reportBy = "report_by"
        case expiresInMs = "expires_in_ms"
        case cancelled
        case problem
    }
}

/// The answer to ``HeartbeatRequest``.
public struct HeartbeatReply: Codable, Hashable, Sendable {
    /// One item per token, in order.
    public var leases: [HeartbeatItem]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leases: [HeartbeatItem], serverTime: WireInstant, clockRate: Double
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
