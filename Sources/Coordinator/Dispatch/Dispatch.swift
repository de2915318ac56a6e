import CollectionsDomain
package import CollectionsStore
package import Logging
import PostgresDriver
import ServiceLifecycle
package import WireTypes

/// Dispatch in one process: what agencies ask, and the sweeps that keep the tables tidy. Stateless but for hints: any number of them run on one
/// database, and none leads.
package final class Dispatch: Sendable {
    private let shared: DispatchShared
    private let leases: LeaseService
    private let outcomes: OutcomeService
    private let heartbeats: HeartbeatService
    private let releases: ReleaseService
    private let permits: PermitService
    private let activityService: ActivityService
    private let feed: NoticeFeed
    private let publisher: OutboxPublisher
    private let sweeper: Sweeper
    private let noticeWaiters: NoticeWaiters
    private let everyMinute: @Sendable () async throws -> Void

    /// Dispatch over a database.
    ///
    /// - Parameters:
    ///   - policies: Where the policy in force is read.
    ///   - everyMinute: Run by the sweeps once a minute: the audit checkpoint.
    package init(
        database: Database, policies: PolicyService, limits: DispatchLimits = DispatchLimits(), logger: Logger,
        everyMinute: @escaping @Sendable () async throws -> Void = {}
    ) {
        shared = DispatchShared(database: database, policies: policies, limits: limits, logger: logger)
        let noticeWaiters = NoticeWaiters()
        self.noticeWaiters = noticeWaiters
        publisher = OutboxPublisher(database: database, limits: limits, logger: logger) { agencies in await noticeWaiters.wake(agencies) }
        leases = LeaseService(shared: shared)
        outcomes = OutcomeService(shared: shared, leases: leases, publisher: publisher)
        heartbeats = HeartbeatService(shared: shared)
        releases = ReleaseService(shared: shared, publisher: publisher)
        permits = PermitService(shared: shared)
        activityService = ActivityService(shared: shared, publisher: publisher)
        feed = NoticeFeed(shared: shared, waiters: noticeWaiters)
        sweeper = Sweeper(shared: shared, publisher: publisher)
        self.everyMinute = everyMinute
    }

    // MARK: What agencies ask

    /// Grants leases; waits for work itself, and ends early and empty when its task is cancelled.
    package func lease(_ request: LeaseRequest, for agency: AgencyIdentity) async throws -> LeaseReply {
        try await reaching { try await self.leases.lease(request, for: agency) }
    }

    /// Leases letters of a lettershop that have not been printed, through the same gate: for a print run.
    package func leaseUnprintedLetters(_ request: LeaseRequest, for agency: AgencyIdentity) async throws -> LeaseReply {
        try await reaching { try await self.leases.lease(request, scope: .unprintedLetters, for: agency) }
    }

    /// Moves deadlines on, and says which leases are over.
    package func heartbeat(_ request: HeartbeatRequest, for agency: AgencyIdentity) async throws -> HeartbeatReply {
        let (items, now) = try await reaching { try await self.heartbeats.heartbeat(request.leases, for: agency) }
        return HeartbeatReply(leases: items, serverTime: WireInstant(now.business), clockRate: now.rate)
    }

    /// Takes leases back without a result.
    package func release(_ request: ReleaseRequest, for agency: AgencyIdentity) async throws -> ReleaseReply {
        let (items, now) = try await reaching {
            try await self.releases.release(request.leases, reason: request.reason, for: agency)
        }
        return ReleaseReply(leases: items, serverTime: WireInstant(now.business), clockRate: now.rate)
    }

    /// Judges one act now.
    package func permit(_ request: PermitRequest, for agency: AgencyIdentity) async throws -> PermitReply {
        try await reaching { try await self.permits.permit(request, for: agency).reply }
    }

    /// Takes outcomes; throws ``Problem`` `outcome-unknown` for the whole call where it is not known whether they were stored.
    package func report(_ report: OutcomeReport, for agency: AgencyIdentity) async throws -> OutcomeReportReply {
        let replies = try await reaching { try await self.outcomes.report(report, for: agency) }
        let now = try await reaching { try await self.shared.presentHint() }
        return OutcomeReportReply(outcomes: replies, serverTime: WireInstant(now.business), clockRate: now.rate)
    }

    /// Takes facts that no lease covers.
    package func activities(_ report: ActivityReport, for agency: AgencyIdentity) async throws -> ActivityReportReply {
        let (replies, now) = try await reaching { try await self.activityService.take(report.activities, for: agency) }
        return ActivityReportReply(activities: replies, serverTime: WireInstant(now.business), clockRate: now.rate)
    }

    /// Notices after a cursor.
    package func notices(after seq: Int64, waitSeconds: Int, for agency: AgencyIdentity) async throws -> NoticesReply {
        try await reaching { try await self.feed.notices(after: seq, waitSeconds: waitSeconds, for: agency) }
    }

    /// Confirms notices.
    package func acknowledge(_ request: NoticeAckRequest, for agency: AgencyIdentity) async throws -> NoticeAckReply {
        try await reaching { try await self.feed.acknowledge(request.notices, for: agency) }
    }

    /// Whether the database answers.
    package func isReady() async -> Bool {
        do {
            let now = try await shared.database.api.withConnection { try await ClockQueries.read(in: $0) }
            shared.clock.note(now)
            return true
        } catch {
            return false
        }
    }

    /// Runs a call; a database that cannot be reached, or has no connection free, is a temporary problem of the whole call, not a failure.
    private func reaching<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            guard let error = error as? PostgresError else { throw error }
            if error.code == .poolTimeout { throw Problem(.overloaded, retryAfterMs: 500) }
            guard error.isConnectionLoss || error.outcomeUnknown || error.code == .timeout else { throw error }
            throw Problem(.databaseUnavailable, retryAfterMs: 1_000)
        }
    }

    // MARK: News

    /// News that keys have due tasks.
    package func hint(_ hints: [WorkHint]) async { await shared.hint(hints) }

    /// News that anything may have changed: business time was moved, a file was imported, accounts were placed.
    package func wake() async {
        publisher.signal()
        await shared.heardEverything()
    }

    /// Forgets routes, contracts, rates and the policy that are kept for a few seconds.
    package func forgetEnvironment() { shared.environments.forget() }

    /// Lease calls that wait at the moment.
    package var waitingLeases: Int { get async { await shared.waiters.count } }

    // MARK: Sweeps

    /// Runs the sweeps until cancelled: expired leases, ended waits, the outbox, old records, news from other nodes, and once a minute the hook.
    package func runSweeps() async throws {
        if shared.database.configuration.api.namedStatements { shared.notifier.turnOn() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.publisher.run() }
            group.addTask { await self.repeating(every: self.shared.limits.sweepEvery) { await self.sweeper.sweepExpired() } }
            group.addTask { await self.repeating(every: self.shared.limits.sweepEvery) { await self.sweeper.endWaits() } }
            group.addTask { await self.repeating(every: .seconds(60)) { await self.sweeper.keepHouse() } }
            group.addTask { await self.repeating(every: .seconds(10)) { await self.sweeper.noteStatistics() } }
            group.addTask {
                await self.repeating(every: .seconds(60)) {
                    do {
                        try await self.everyMinute()
                    } catch {
                        self.shared.logger.warning("the minute's work failed", metadata: ["error": "\(LoggableError(error))"])
                    }
                }
            }
            group.addTask { await self.listen() }
        }
        // In a task of its own: this one is cancelled by now, and outcomes in flight are not to be left unanswered.
        await Task { await self.outcomes.drain() }.value
    }

    private func repeating(every interval: Duration, _ body: () async -> Void) async {
        while !Task.isCancelled {
            await body()
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    /// Hears other nodes' news of work; what is missed while away is looked for.
    private func listen() async {
        // Behind a pooler in transaction mode nothing can be listened to: polling finds everything.
        guard shared.database.configuration.api.namedStatements else { return }
        let listener = PostgresListener(
            configuration: shared.database.configuration.api, channels: [WorkNotifier.channel], logger: shared.logger)
        for await event in listener {
            switch event {
            case .resync: await shared.heardEverything()
            case .notification(let note):
                if let hints = WorkNotifier.hints(note.payload) {
                    await shared.heard(hints)
                } else {
                    publisher.signal()
                    await shared.heardEverything()
                }
            }
            if Task.isCancelled { return }
        }
    }

    /// One round of everything the sweeps do, at once: for tests and for commands that end.
    package func sweepOnce() async throws {
        await sweeper.sweepExpired()
        await sweeper.endWaits()
        let agencies = try await publisher.publishAll()
        await noticeWaiters.wake(agencies)
    }
}

/// The sweeps as a service of the process: shutdown ends the waits between sweeps, and waits for outcomes in flight.
package struct DispatchSweeps: Service {
    private let dispatch: Dispatch

    /// The sweeps of a dispatch.
    package init(_ dispatch: Dispatch) {
        self.dispatch = dispatch
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await dispatch.runSweeps() }
    }
}
