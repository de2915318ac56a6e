/// `POST /v1/permits`: may this act begin now? Asked at the door, or wherever a lease is not a permit itself.
public struct PermitRequest: Codable, Hashable, Sendable {
    /// The lease the act belongs to.
    public var leaseToken: String
    /// The contact point, from the work card.
    public var contactPointId: String
    /// The act: `visit`, `call`, `sms`, `email` or `letter`.
    public var act: String
    /// How many collectors are present; visits need it.
    public var collectors: Int?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        leaseToken: String, contactPointId: String, act: String, collectors: Int? = nil
    ) {
        self.leaseToken = leaseToken
        self.contactPointId = contactPointId
        self.act = act
        self.collectors = collectors
    }

    private enum CodingKeys: String, CodingKey {
        case leaseToken = "lease_token"
        case contactPointId = "contact_point_id"
        case act
        case collectors
    }
}

/// Why an act may not begin now.
public struct PermitBlock: Codable, Hashable, Sendable {
    /// Rule ids, such as `contact_windows`.
    public var reasons: [String]
    /// The earliest business time at which the same act may be asked for again; absent if no time helps.
    public var earliest: WireInstant?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        reasons: [String], earliest: WireInstant? = nil
    ) {
        self.reasons = reasons
        self.earliest = earliest
    }

    private enum CodingKeys: String, CodingKey {
        case reasons
        case earliest
    }
}

/// The answer to ``PermitRequest``: either allowed until an instant, with the count reserved, or blocked with reasons.
public struct PermitReply: Codable, Hashable, Sendable {
    /// The permit; present if allowed.
    public var permitId: String?
    /// Business time before which the act must start; present if allowed.
    public var allowedUntil: WireInstant?
    /// What the act must keep to, as rule ids; present if allowed.
    public var conditions: [String]?
    /// Present if the act may not begin now.
    public var blocked: PermitBlock?
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        permitId: String? = nil, allowedUntil: WireInstant? = nil, conditions: [String]? = nil, blocked: PermitBlock? = nil,
        serverTime: WireInstant, clockRate: Double
    ) {
        self.permitId = permitId
        self.allowedUntil = allowedUntil
        self.conditions = conditions
        self.blocked = blocked
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case permitId = "permit_id"
        case allowedUntil = "allowed_until"
        case conditions
        case blocked
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}
