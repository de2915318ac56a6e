import WireTypes

/// What a ``WorkerPool`` works on, and how much of it at once.
public struct WorkerPoolConfiguration: Sendable {
    /// Full names of the stages to lease, see ``StageName``.
    public var stages: [String]
    /// Handlers that run at once.
    public var concurrency: Int
    /// Leases asked for in one call, at most 500; never more than handlers are free.
    public var batch: Int
    /// Lease time asked for; nil takes the policy's. Less means that what a killed worker held comes back sooner.
    public var ttlSeconds: Int?
    /// How long the coordinator may hold a call open while there is no work, 0 to 60.
    public var waitSeconds: Int
    /// How long running handlers may go on after the pool was told to stop.
    public var drain: Duration
    /// Whether to follow the agency's notices: end handlers of recalled and held cases, and confirm that work has stopped.
    public var followsNotices: Bool
    /// End when there is no work, instead of waiting for more.
    public var stopsWhenIdle: Bool
    /// How long a pool that stops when idle tries to reach the coordinator; others try for ever.
    public var giveUpAfter: Duration?

    /// A pool for the given stages.
    public init(
        stages: [String], concurrency: Int = 8, batch: Int? = nil, ttlSeconds: Int? = nil, waitSeconds: Int = 20,
        drain: Duration = .seconds(30),
        followsNotices: Bool = true, stopsWhenIdle: Bool = false, giveUpAfter: Duration? = nil
    ) {
        self.stages = stages
        self.concurrency = max(1, concurrency)
        self.batch = min(max(1, batch ?? concurrency), WireLimit.itemsMax)
        self.ttlSeconds = ttlSeconds
        self.waitSeconds = min(max(0, waitSeconds), WireLimit.waitSecondsMax)
        self.drain = drain
        self.followsNotices = followsNotices
        self.stopsWhenIdle = stopsWhenIdle
        self.giveUpAfter = giveUpAfter
    }
}

/// What a pool has done so far.
public struct WorkerStatistics: Hashable, Codable, Sendable {
    /// Leases taken.
    public var leased = 0
    /// Outcomes accepted, also those that had been before.
    public var accepted = 0
    /// Outcomes that came after their lease had ended.
    public var late = 0
    /// Outcomes refused.
    public var rejected = 0
    /// Leases given back.
    public var released = 0
    /// Of these, because the handler failed.
    public var failed = 0
    /// Leases that ended under a handler's hands: recall, hold, expiry.
    public var cancelled = 0

    /// Nothing done yet.
    public init() {}
}
