/// How an ``AgencyClient`` reaches its coordinator.
public struct AgencyClientConfiguration: Sendable {
    /// Base address, such as `https://recourse.bank.example`; paths are added to it.
    public var url: String
    /// The agency's credential. Never logged.
    public var token: String
    /// How long one attempt may take, beside the time a call asks the coordinator to wait.
    public var requestTimeout: Duration
    /// How long opening a connection may take.
    public var connectTimeout: Duration
    /// Waits between attempts.
    public var backoff: Backoff
    /// Connections to the coordinator at most; calls beyond it wait for one.
    public var connectionsMax: Int
    /// Sent as `User-Agent`.
    public var userAgent: String

    /// A configuration with waits that suit a worker.
    public init(
        url: String, token: String, requestTimeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(5),
        backoff: Backoff = Backoff(),
        connectionsMax: Int = 64, userAgent: String = "recourse-worker"
    ) {
        self.url = url
        self.token = token
        self.requestTimeout = requestTimeout
        self.connectTimeout = connectTimeout
        self.backoff = backoff
        self.connectionsMax = connectionsMax
        self.userAgent = userAgent
    }
}

/// Waits between attempts: doubling from `initial` to `max`, each drawn between its half and its whole, so that a fleet does not come back in step.
public struct Backoff: Sendable {
    /// The first wait.
    public var initial: Duration
    /// The longest wait, unless the coordinator asks for a longer one.
    public var max: Duration

    /// Doubling waits from `initial` to `max`.
    public init(initial: Duration = .milliseconds(200), max: Duration = .seconds(15)) {
        self.initial = initial
        self.max = max
    }

    /// The wait after the `attempt`-th failure (from 1).
    ///
    /// - Parameters:
    ///   - attempt: How many attempts have failed.
    ///   - retryAfter: What the coordinator asked for; the wait is never shorter.
    ///   - spread: A random number from 0 to 1.
    public func wait(attempt: Int, retryAfter: Duration?, spread: Double) -> Duration {
        let doublings = Swift.min(Swift.max(attempt - 1, 0), 20)
        let whole = Swift.min(initial * (1 << doublings), self.max)
        let drawn = whole / 2 + whole / 2 * Swift.min(Swift.max(spread, 0), 1)
        guard let retryAfter else { return drawn }
        // Everybody was told the same instant: what is drawn is added, so that not everybody comes at it.
        return Swift.max(drawn, retryAfter + Swift.min(drawn, retryAfter) / 2)
    }
}
