import WireTypes

/// The leases a pool holds, what each waits for, and what has to be sent: a value without I/O.
struct HeldLeases {
    /// One lease, from its grant until its receipt.
    struct Held {
        let lease: Lease
        /// When to say next that it is still worked on.
        var beatAt: ContinuousClock.Instant
        /// A third of the lease time: two heartbeats may be lost before the lease is.
        let beatEvery: Duration
        var handler: Handler
        var cancelled: String?

        enum Handler {
            /// Its task; cancel it to end the act.
            case running(@Sendable () -> Void)
            /// Done; the result waits to be sent.
            case done
        }
    }

    private(set) var held: [String: Held] = [:]
    private(set) var outcomes: [OutcomeItem] = []
    private(set) var releases: [(token: String, reason: ReleaseReason)] = []
    private(set) var running = 0
    private(set) var stopping = false
    /// Nothing more will be taken: every handler has ended and the last call for leases is over.
    private(set) var closed = false
    var statistics = WorkerStatistics()

    /// Nothing is held and nothing has to be sent.
    var isEmpty: Bool { held.isEmpty && outcomes.isEmpty && releases.isEmpty }

    /// No more leases are to be taken.
    mutating func stop() { stopping = true }

    /// No handler runs any more and none will.
    mutating func close() { closed = true }

    /// A lease was granted: starts its handler with `start`, which returns how to cancel it. Does nothing if it is held already: a repeated reply.
    mutating func begin(_ lease: Lease, now: ContinuousClock.Instant, start: () -> @Sendable () -> Void) {
        guard held[lease.leaseToken] == nil else { return }
        let every = max(Duration.milliseconds(lease.expiresInMs) / 3, .milliseconds(100))
        held[lease.leaseToken] = Held(lease: lease, beatAt: now + every, beatEvery: every, handler: .running(start()))
        running += 1
        statistics.leased += 1
    }

    /// The handler has ended.
    mutating func finish(_ token: String, with result: HandlerEnd) {
        guard var lease = held[token], case .running = lease.handler else { return }
        running -= 1
        lease.handler = .done
        switch result {
        case .result(.outcome(var outcome)):
            outcome.leaseToken = token
            outcomes.append(outcome)
            held[token] = lease
        case .result(.release(let reason)): giveBack(token, lease, reason)
        case .failed: giveBack(token, lease, .handlerFailed)
        case .cancelled: giveBack(token, lease, .shutdown)
        }
    }

    /// A granted lease that no handler takes: the pool is stopping.
    mutating func refuse(_ token: String) {
        guard held[token] == nil, !releases.contains(where: { $0.token == token }) else { return }
        releases.append((token, .shutdown))
    }

    private mutating func giveBack(_ token: String, _ lease: Held, _ reason: ReleaseReason) {
        if lease.cancelled != nil {
            // Over already; there is nothing to give back.
            held[token] = nil
            return
        }
        if reason == .handlerFailed { statistics.failed += 1 }
        held[token] = lease
        releases.append((token, reason))
    }

    /// The lease is over at the coordinator: its handler has to end.
    mutating func cancel(_ token: String, reason: String) {
        guard var lease = held[token], lease.cancelled == nil else { return }
        lease.cancelled = reason
        held[token] = lease
        statistics.cancelled += 1
        if case .running(let cancel) = lease.handler { cancel() }
    }

    /// Leases of a task, a case or a placement.
    func tokens(taskId: String?, caseRef: String?, placementRef: String?) -> [String] {
        held.filter { _, lease in
            if let taskId { return lease.lease.taskId == taskId }
            if let caseRef, lease.lease.workCard.caseRef == caseRef { return true }
            if let placementRef, lease.lease.workCard.placementRefs?.contains(placementRef) == true { return true }
            return false
        }.map(\.key)
    }

    /// Ends all handlers that still run.
    mutating func cancelAll() {
        for lease in held.values {
            if case .running(let cancel) = lease.handler { cancel() }
        }
    }

    /// Tokens whose heartbeat is due, at most 500; their next one is set.
    mutating func takeBeats(now: ContinuousClock.Instant) -> [String] {
        var due: [String] = []
        for (token, lease) in held where lease.beatAt <= now && lease.cancelled == nil && due.count < WireLimit.itemsMax {
            due.append(token)
            held[token]?.beatAt = now + lease.beatEvery
        }
        return due.sorted()
    }

    /// When the next heartbeat is due.
    var nextBeat: ContinuousClock.Instant? { held.values.filter { $0.cancelled == nil }.map(\.beatAt).min() }

    /// Outcomes to send now, at most `max`; they stay held until settled.
    mutating func takeOutcomes(max: Int) -> [OutcomeItem] {
        let batch = Array(outcomes.prefix(max))
        outcomes.removeFirst(batch.count)
        return batch
    }

    /// Leases to give back now for one reason, at most 500.
    mutating func takeReleases() -> (tokens: [String], reason: ReleaseReason)? {
        guard let reason = releases.first?.reason else { return nil }
        let batch = releases.filter { $0.reason == reason }.prefix(WireLimit.itemsMax).map(\.token)
        let taken = Set(batch)
        releases.removeAll { taken.contains($0.token) }
        return (batch, reason)
    }

    /// An outcome has its answer.
    mutating func settle(_ token: String, _ reply: OutcomeReply) {
        switch reply.status {
        case .accepted, .duplicate: statistics.accepted += 1
        case .late: statistics.late += 1
        case .rejected:
            statistics.rejected += 1
            // The lease is still in force: back with it, or it hangs until it expires.
            if reply.problem?.kind == .outcomeInvalid, let lease = held[token] {
                giveBack(token, lease, .handlerFailed)
                return
            }
        }
        held[token] = nil
    }

    /// Leases are back.
    mutating func settle(released tokens: [String]) {
        statistics.released += tokens.count
        for token in tokens { held[token] = nil }
    }
}

/// How a handler ended.
enum HandlerEnd {
    case result(TaskResult)
    case failed
    case cancelled
}
