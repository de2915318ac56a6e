public import Logging
public import ServiceLifecycle
import Synchronization
import WireTypes

/// Leases tasks, has them done by a ``TaskHandler``, many at once, and reports what came of them.
///
/// - It asks for no more leases than handlers are free, and says at a third of the lease time that they are still worked on.
/// - A lease that ends at the coordinator (recall, hold, expiry) cancels its handler. So does a notice about its case.
/// - Outcomes are sent until each has its receipt, whatever the network does: the same outcome twice counts once.
/// - While the coordinator is away it tries again with growing waits. A refused credential ends it.
/// - On graceful shutdown it takes nothing more, lets handlers finish for ``WorkerPoolConfiguration/drain``, then cancels them, reports what is done
///   and gives back the rest. Only a kill leaves leases to expire.
public final class WorkerPool<Handler: TaskHandler>: Service {
    private let client: AgencyClient
    private let configuration: WorkerPoolConfiguration
    private let handler: Handler
    private let logger: Logger

    private let leases = Mutex(HeldLeases())
    /// A handler has ended, or the pool has to stop: the lease loop looks again.
    private let freed = Wake()
    /// There is something to send, or nothing more will come.
    private let toSend = Wake()
    /// Leases came in, or nothing is left to keep alive.
    private let beat = Wake()
    private let asking = Mutex<Task<LeaseReply, any Error>?>(nil)

    /// A pool; it begins with ``run()``.
    public init(client: AgencyClient, configuration: WorkerPoolConfiguration, handler: Handler, logger: Logger) {
        self.client = client
        self.configuration = configuration
        self.handler = handler
        self.logger = logger
    }

    /// What has been done so far.
    public var statistics: WorkerStatistics { leases.withLock { $0.statistics } }

    /// Tells the pool to take no more work and end when what it holds is done.
    public func stop() {
        leases.withLock { $0.stop() }
        asking.withLock { $0?.cancel() }
        freed.raise()
    }

    /// Works until told to stop. Throws ``AgencyClientError`` if the credential is refused, or the coordinator was away for longer than allowed.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await work()
            } onCancel: {
                leases.withLock { $0.cancelAll() }
                stop()
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func work() async throws {
        try await withThrowingTaskGroup(of: Loop.self) { group in
            group.addTask { try await self.leaseLoop() }
            group.addTask { try await self.sendLoop() }
            group.addTask { try await self.beatLoop() }
            if configuration.followsNotices { group.addTask { try await self.noticeLoop() } }
            do {
                // The lease loop ends when told to stop, the send loop when everything has its answer; the others only when cancelled.
                while let ended = try await group.next(), ended != .send {}
                group.cancelAll()
            } catch {
                leases.withLock { leases in
                    leases.stop()
                    leases.cancelAll()
                }
                asking.withLock { $0?.cancel() }
                group.cancelAll()
                throw error
            }
        }
    }

    private enum Loop {
        case lease, send, beat, notice
    }

    // MARK: Leases

    private func leaseLoop() async throws -> Loop {
        while let free = await freePlaces() {
            let request = LeaseRequest(
                requestId: AgencyClient.makeKey(), stages: configuration.stages, max: min(free, configuration.batch),
                ttlSeconds: configuration.ttlSeconds, waitSeconds: configuration.stopsWhenIdle ? nil : configuration.waitSeconds)
            guard let reply = try await ask(request) else { continue }
            for lease in reply.leases { begin(lease) }
            guard reply.leases.isEmpty else { continue }
            if configuration.stopsWhenIdle, leases.withLock({ $0.running == 0 && $0.isEmpty }) { stop() }
            let pause = min(max(Duration.milliseconds(reply.nextPollAfterMs), .milliseconds(20)), Self.pollPauseMax)
            await freed.wait(atMost: configuration.stopsWhenIdle ? min(pause, .milliseconds(200)) : pause)
        }
        await drain()
        leases.withLock { $0.close() }
        toSend.raise()
        return .lease
    }

    /// How many leases to ask for; nil when stopping.
    private func freePlaces() async -> Int? {
        while !Task.isCancelled {
            let (free, waiting, stopping) = leases.withLock { leases in
                (configuration.concurrency - leases.running, leases.outcomes.count, leases.stopping)
            }
            if stopping { return nil }
            // Results that cannot be sent mean that the coordinator is away: more work would only pile up.
            if waiting >= Self.unsentMax || free <= 0 {
                await freed.wait(atMost: .seconds(1))
                continue
            }
            if free < configuration.batch, free < configuration.concurrency {
                // Places become free one by one; a short pause lets one call fill several.
                await freed.wait(atMost: Self.gather)
                let now = leases.withLock { configuration.concurrency - $0.running }
                if now > free { continue }
                return max(1, now)
            }
            return free
        }
        return nil
    }

    /// Asks for leases; nil if told to stop meanwhile.
    private func ask(_ request: LeaseRequest) async throws -> LeaseReply? {
        let task = Task { [client, configuration] in try await client.lease(request, giveUpAfter: configuration.giveUpAfter) }
        asking.withLock { $0 = task }
        defer { asking.withLock { $0 = nil } }
        if leases.withLock({ $0.stopping }) { task.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch  where task.isCancelled {
            // The call was cut off; it may have granted something. The same request says what, and it goes straight back.
            if !Task.isCancelled { await giveBackUnseen(request) }
            return nil
        }
    }

    private func giveBackUnseen(_ request: LeaseRequest) async {
        var again = request
        again.waitSeconds = nil
        do {
            let reply = try await client.lease(again, giveUpAfter: Self.goodbye)
            leases.withLock { leases in
                for lease in reply.leases { leases.refuse(lease.leaseToken) }
            }
            toSend.raise()
        } catch {
            logger.debug("what the last call granted will expire", metadata: ["error.type": "\(type(of: error))"])
        }
    }

    private func begin(_ lease: Lease) {
        let task = LeasedTask(lease: lease, client: client)
        leases.withLock { leases in
            if leases.stopping { return leases.refuse(lease.leaseToken) }
            leases.begin(lease, now: .now) {
                let work = Task { await self.handle(task) }
                return { work.cancel() }
            }
        }
        toSend.raise()
        beat.raise()
    }

    private func handle(_ task: LeasedTask) async {
        let end: HandlerEnd
        do {
            end = .result(try await handler.handle(task))
        } catch is CancellationError {
            end = .cancelled
        } catch {
            end = Task.isCancelled ? .cancelled : .failed
            if !Task.isCancelled {
                logger.warning("handler failed", metadata: ["task.id": "\(task.lease.taskId)", "error.type": "\(type(of: error))"])
            }
        }
        leases.withLock { $0.finish(task.lease.leaseToken, with: end) }
        freed.raise()
        toSend.raise()
    }

    /// Waits for the handlers, then cancels them.
    private func drain() async {
        let deadline = ContinuousClock.now + configuration.drain
        var cancelled = false
        while leases.withLock({ $0.running }) > 0 {
            if !cancelled, ContinuousClock.now >= deadline || Task.isCancelled {
                leases.withLock { $0.cancelAll() }
                cancelled = true
            }
            let pause = cancelled ? .seconds(1) : min(max(deadline - .now, .milliseconds(1)), .seconds(1))
            // In a task of its own, since a cancelled one cannot sleep; the handlers have been told and will end.
            await Task { await freed.wait(atMost: pause) }.value
        }
    }

    // MARK: Reports

    private func sendLoop() async throws -> Loop {
        while true {
            let outcomes = leases.withLock { $0.takeOutcomes(max: Self.reportBatch) }
            if !outcomes.isEmpty {
                try await report(outcomes)
                continue
            }
            if let (tokens, reason) = leases.withLock({ $0.takeReleases() }) {
                try await release(tokens, reason)
                continue
            }
            if leases.withLock({ $0.closed && $0.isEmpty }) { return .send }
            try Task.checkCancellation()
            await toSend.wait()
        }
    }

    private func report(_ outcomes: [OutcomeItem]) async throws {
        do {
            let replies = try await client.report(outcomes, giveUpAfter: leases.withLock { $0.stopping } ? Self.lastWords : nil)
            for (outcome, reply) in zip(outcomes, replies) { settle(outcome, reply) }
        } catch AgencyClientError.refused(let problem) where outcomes.count > 1 {
            // One item spoils the call (too large, for instance): halves find it.
            logger.warning("report refused, trying halves", metadata: ["problem": "\(problem)"])
            try await report(Array(outcomes.prefix(outcomes.count / 2)))
            try await report(Array(outcomes.dropFirst(outcomes.count / 2)))
        } catch AgencyClientError.refused(let problem) {
            for outcome in outcomes { settle(outcome, OutcomeReply(status: .rejected, problem: problem)) }
        }
    }

    private func settle(_ outcome: OutcomeItem, _ reply: OutcomeReply) {
        if let problem = reply.problem {
            logger.log(
                level: reply.status == .rejected ? .warning : .info, "outcome not accepted",
                metadata: ["outcome.status": "\(reply.status)", "problem": "\(problem)"])
        }
        leases.withLock { $0.settle(outcome.leaseToken, reply) }
        if let next = reply.nextLease { begin(next) }
    }

    private func release(_ tokens: [String], _ reason: ReleaseReason) async throws {
        do {
            _ = try await client.release(tokens, reason: reason, giveUpAfter: leases.withLock { $0.stopping } ? Self.lastWords : nil)
        } catch AgencyClientError.refused(let problem) {
            logger.warning("release refused", metadata: ["problem": "\(problem)"])
        } catch AgencyClientError.unreachable {
            logger.warning("could not give leases back, they will expire", metadata: ["lease.count": "\(tokens.count)"])
        }
        leases.withLock { $0.settle(released: tokens) }
    }

    // MARK: Heartbeats

    private func beatLoop() async throws -> Loop {
        while !Task.isCancelled {
            let tokens = leases.withLock { $0.takeBeats(now: .now) }
            if tokens.isEmpty {
                let next = leases.withLock { $0.nextBeat }
                if let next {
                    await beat.wait(atMost: max(next - .now, .milliseconds(1)))
                } else {
                    await beat.wait()
                }
                continue
            }
            do {
                let reply = try await client.heartbeat(tokens, giveUpAfter: Self.beatPatience)
                for (token, item) in zip(tokens, reply.leases) {
                    if let reason = item.cancelled ?? item.problem?.kind?.rawValue { leases.withLock { $0.cancel(token, reason: reason) } }
                }
            } catch AgencyClientError.unreachable {
                // The next beat tries again; work goes on, since its outcome counts until the lease has been taken back.
                continue
            } catch AgencyClientError.refused(let problem) {
                logger.warning("heartbeat refused", metadata: ["problem": "\(problem)"])
            }
        }
        return .beat
    }

    // MARK: Notices

    private func noticeLoop() async throws -> Loop {
        var cursor: Int64 = 0
        var unconfirmed: [Notice] = []
        while !Task.isCancelled {
            do {
                let reply = try await client.notices(after: cursor, waitSeconds: unconfirmed.isEmpty ? configuration.waitSeconds : 1)
                cursor = max(cursor, reply.next)
                for notice in reply.notices {
                    end(for: notice)
                    if notice.needsAck { unconfirmed.append(notice) }
                }
                let (busy, idle) = leases.withLock { leases in
                    unconfirmed.partitioned {
                        !leases.tokens(taskId: $0.taskId, caseRef: $0.caseRef, placementRef: $0.placementRef).isEmpty
                    }
                }
                if !idle.isEmpty {
                    let stopped = client.clock.now()
                    for start in stride(from: 0, to: idle.count, by: WireLimit.itemsMax) {
                        let part = idle[start..<min(start + WireLimit.itemsMax, idle.count)]
                        _ = try await client.acknowledge(part.map { NoticeAck(seq: $0.seq, stoppedAt: stopped) })
                    }
                }
                unconfirmed = busy
                if reply.notices.isEmpty, configuration.waitSeconds == 0 { try await Task.sleep(for: .seconds(1)) }
            } catch AgencyClientError.refused(let problem) {
                logger.warning("notices refused", metadata: ["problem": "\(problem)"])
                try await Task.sleep(for: .seconds(30))
            }
        }
        return .notice
    }

    /// Ends the handlers a notice concerns.
    private func end(for notice: Notice) {
        guard [NoticeKind.recall, NoticeKind.hold, NoticeKind.closed].contains(notice.kind) else { return }
        leases.withLock { leases in
            for token in leases.tokens(taskId: notice.taskId, caseRef: notice.caseRef, placementRef: notice.placementRef) {
                leases.cancel(token, reason: notice.kind)
            }
        }
    }

    /// Outcomes in one call: what one group commit of the coordinator takes with ease.
    private static var reportBatch: Int { 100 }
    /// Results that may wait for the coordinator before no more work is taken.
    private static var unsentMax: Int { 2000 }
    /// How long the lease loop waits for more free places before it asks for few.
    private static var gather: Duration { .milliseconds(20) }
    /// The longest pause between two calls that found no work.
    private static var pollPauseMax: Duration { .seconds(30) }
    /// How long a stopping pool tries to learn what its last call granted.
    private static var goodbye: Duration { .seconds(2) }
    /// How long a stopping pool tries to report and give back.
    private static var lastWords: Duration { .seconds(60) }
    /// How long one heartbeat is tried.
    private static var beatPatience: Duration { .seconds(5) }
}

extension Array {
    /// Those for which `isFirst` holds, and the others, both in order.
    fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> (first: [Element], second: [Element]) {
        var first: [Element] = []
        var second: [Element] = []
        for element in self {
            if isFirst(element) { first.append(element) } else { second.append(element) }
        }
        return (first, second)
    }
}
