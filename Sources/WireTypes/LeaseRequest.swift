/// `POST /v1/leases`: asks for work.
///
/// The same `request_id` with the same body gives the same leases again, as far as they are still held; with another body it is refused.
public struct LeaseRequest: Codable, Hashable, Sendable {
    /// Chosen by the caller, unique per agency; at most 100 characters.
    public var requestId: String
    /// Full names of the stages wanted, see ``StageName``.
    public var stages: [String]
    /// How many leases at most, 1 to 500.
    public var max: Int
    /// A shorter lease time than the policy gives the stage; never a longer one.
    public var ttlSeconds: Int?
    /// How long the coordinator may hold the request open while there is no work, 0 to 60 seconds of lease time.
    public var waitSeconds: Int?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        requestId: String, stages: [String], max: Int = 1, ttlSeconds: Int? = nil, waitSeconds: Int? = nil
    ) {
        self.requestId = requestId
        self.stages = stages
        self.max = max
        self.ttlSeconds = ttlSeconds
        self.waitSeconds = waitSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case requestId = "request_id"
        case stages
        case max
        case ttlSeconds = "ttl_seconds"
        case waitSeconds = "wait_seconds"
    }

    /// Decodes the body; `max` is 1 where it is absent.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        requestId = try container.decode(String.self, forKey: .requestId)
        stages = try container.decode([String].self, forKey: .stages)
        max = try container.decodeIfPresent(Int.self, forKey: .max) ?? 1
        ttlSeconds = try container.decodeIfPresent(Int.self, forKey: .ttlSeconds)
        waitSeconds = try container.decodeIfPresent(Int.self, forKey: .waitSeconds)
    }
}
