public import WireTypes

/// Does one leased task. Called concurrently, once per lease.
public protocol TaskHandler: Sendable {
    /// Does the task and says what came of it.
    ///
    /// Cancelled when the lease is over (a recall, a hold) or the worker has to stop: end the act as soon as it can be ended. What was done all the same
    /// should still be returned as an outcome; the coordinator then counts it as late. A thrown error gives the task back as failed.
    func handle(_ task: LeasedTask) async throws -> TaskResult
}

/// What came of a task.
public enum TaskResult: Hashable, Sendable {
    /// The facts; the pool fills in the lease token.
    case outcome(OutcomeItem)
    /// Nothing was done: the task goes back.
    case release(ReleaseReason)
}

/// A task with what its handler may ask.
public struct LeasedTask: Sendable {
    /// The lease and its work card.
    public let lease: Lease
    /// Business time.
    public let clock: BusinessClock
    private let client: AgencyClient

    init(lease: Lease, client: AgencyClient) {
        self.lease = lease
        clock = client.clock
        self.client = client
    }

    /// Business time now, for `occurred_at` and `ended_at`.
    public func now() -> WireInstant {
        // A lease came in a reply, so the clock is set.
        clock.now() ?? lease.reportBy
    }

    /// Asks whether an act may begin now; for steps whose lease is not a permit itself.
    public func permit(contactPointId: String, act: String, collectors: Int? = nil) async throws -> PermitReply {
        try await client.permit(
            PermitRequest(leaseToken: lease.leaseToken, contactPointId: contactPointId, act: act, collectors: collectors),
            giveUpAfter: .milliseconds(lease.expiresInMs))
    }
}
