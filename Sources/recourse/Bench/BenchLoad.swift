import AgencyClient
import CollectionsStore
import Coordinator
import Logging
import Synchronization
import WireTypes

/// The work of a measurement: leases of calls, each reported as unanswered.
enum BenchLoad {
    /// The outcome every leased call gets.
    static func outcome(_ lease: Lease, at time: WireInstant) -> OutcomeItem {
        OutcomeItem(
            leaseToken: lease.leaseToken, result: "no_answer", occurredAt: time, endedAt: time, collectorId: "c-1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-\(lease.taskId)")
    }

    /// Runs the body with dispatch in this process, its sweeps running beside.
    static func withDispatch<Value>(
        _ world: BenchWorld, logger: Logger, _ body: (Dispatch) async throws -> Value
    ) async throws -> Value {
        let dispatch = Dispatch(database: world.database, policies: world.policies, logger: logger)
        let sweeps = Task { try await dispatch.runSweeps() }
        await dispatch.wake()
        let value: Value
        do {
            value = try await body(dispatch)
        } catch {
            sweeps.cancel()
            do { try await sweeps.value } catch {}  // the first error is the one that matters
            throw error
        }
        sweeps.cancel()
        do { try await sweeps.value } catch is CancellationError {}
        return value
    }

    /// So many clients lease and report until there is nothing left, each pausing `pause` between two rounds.
    static func drain(
        _ dispatch: Dispatch, agency: AgencyIdentity, clients: Int, batch: Int, pause: Duration = .zero, calls: BenchMeter.Calls
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    while true {
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: batch)
                        let reply = try await calls.lease { try await dispatch.lease(request, for: agency) }
                        if reply.leases.isEmpty { return }
                        _ = try await dispatch.report(
                            OutcomeReport(outcomes: reply.leases.map { outcome($0, at: reply.serverTime) }), for: agency)
                        if pause > .zero { try await Task.sleep(for: pause) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A worker who comes when nothing is due.
    static func knock(_ dispatch: Dispatch, agency: AgencyIdentity) async throws {
        let reply = try await dispatch.lease(
            LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 1), for: agency)
        guard reply.leases.isEmpty else {
            throw UsageError("a task was leased before it was due: a fault of this program (hint: report it)")
        }
    }

    /// Clients lease and report until so many tasks are reported: what is behind them in the queue stays there.
    static func work(
        _ dispatch: Dispatch, agency: AgencyIdentity, clients: Int, batch: Int, tasks: Int, calls: BenchMeter.Calls
    ) async throws {
        let budget = Budget(tasks)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    while budget.take(batch) {
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: batch)
                        let reply = try await calls.lease { try await dispatch.lease(request, for: agency) }
                        if reply.leases.isEmpty { return }
                        _ = try await dispatch.report(
                            OutcomeReport(outcomes: reply.leases.map { outcome($0, at: reply.serverTime) }), for: agency)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Tasks still to be worked, shared by the clients.
    private final class Budget: Sendable {
        private let left: Mutex<Int>

        init(_ tasks: Int) { left = Mutex(tasks) }

        /// Takes so many; false: none were left.
        func take(_ count: Int) -> Bool {
            left.withLock { left in
                defer { left -= count }
                return left > 0
            }
        }
    }

    /// Workers lease and report over HTTP until so many tasks are done, or there is nothing left.
    static func work(_ client: AgencyClient, workers: Int, batch: Int, tasks: Int, calls: BenchMeter.Calls) async throws {
        let budget = Budget(tasks)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    while budget.take(batch) {
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: batch)
                        let reply = try await calls.lease { try await client.lease(request) }
                        if reply.leases.isEmpty { return }
                        _ = try await client.report(reply.leases.map { outcome($0, at: reply.serverTime) })
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
