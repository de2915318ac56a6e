package import CollectionsDomain
package import CollectionsStore
import Logging
import PostgresDriver
import Synchronization

/// How far the carrying out of a plan is, in accounts.
package struct PlacementProgress: Hashable, Sendable {
    /// Placed or passed over so far, by this call.
    package var done = 0
    /// To do when this call began.
    package var total = 0
    package var waiting = 0
}

/// What one `recourse place run` did, in accounts.
package struct PlacementRunReport: Hashable, Sendable {
    package let runId: Int64
    /// Placed by this call, among them those that joined a case.
    package var placed = 0
    package var joined = 0
    /// Passed over, by reason code: they go back to the pool for the next plan.
    package var passedOver: [String: Int] = [:]
    /// Still waiting for the debtor's notice; the next call takes them.
    package var waiting = 0
    /// When the first of them may be placed; `nil`: nobody waits, or nobody was told yet.
    package var waitingUntil: Day?
    /// Whether the plan is done.
    package var isDone = false
    /// Keys that have work now.
    package var hints: [WorkHint] = []

    package init(runId: Int64) {
        self.runId = runId
    }
}

extension PlacementService {
    /// Debtors per transaction: long enough to pay for a commit, short enough that a debtor is not locked for long.
    package static let chunk = 200

    /// Carries out an approved plan with concurrent workers, each on lanes of its own, in chunks of one transaction each.
    ///
    /// May be stopped at any point and started again, also twice at once: every item is placed once. Accounts whose debtor was not told, or
    /// not long enough ago, stay open for the next call. The capacity kept free ends when nothing is left.
    ///
    /// - Parameters:
    ///   - workers: How many chunks run at once.
    ///   - progress: Told after every chunk.
    /// - Throws: ``PlacementError/wrongState(_:_:wanted:)`` unless the plan is approved.
    package func carryOut(
        _ runId: Int64, workers: Int = 2, by person: Operator, progress: @escaping @Sendable (PlacementProgress) -> Void = { _ in }
    ) async throws -> PlacementRunReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let (run, portfolio) = try await begin(runId, by: person)
        if run.state == .done {
            var report = PlacementRunReport(runId: runId)
            report.isDone = true
            return report
        }
        let total = try await openAccounts(runId)
        let row = try await ProgressRow.start(self, subject: "\(runId)", total: total)
        let writer = ChunkWriter(
            database: database, target: PlacementTarget(runId: runId, portfolio: portfolio, termDays: Int(run.termDays)),
            policies: policies,
            environments: environments)
        let tally = Tally(total: total, progress: progress)
        do {
            try await work(writer, workers: workers, row: row, tally: tally)
        } catch {
            await row?.abandon()
            throw error
        }
        return try await finish(run, tally: tally.result, row: row, by: person)
    }

    private func begin(_ runId: Int64, by person: Operator) async throws -> (PlacementRun, PortfolioRecord) {
        try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let locked = try await PlacementRunQueries.lock(runId, in: db) else { throw PlacementError.unknownRun(runId) }
            let found = try await self.run(runId, in: db)
            switch locked.state {
            case .running, .done: break
            case .approved:
                try await PlacementRunQueries.setState(.running, of: runId, in: db)
                transaction.audit(.placementRun, subject: runId, ["what": "started", "operator": .number(person.id)])
            case .planned, .stale, .cancelled:
                throw PlacementError.wrongState(runId, locked.state, wanted: PlacementRun.State.approved.rawValue)
            }
            return found
        }
    }

    private func openAccounts(_ runId: Int64) async throws -> Int {
        try await database.core.withConnection { db in
            var total = 0
            for part in database.lanes.all {
                for line in try await PlanItemQueries.open(part: part, runId: runId, in: db) { total += Int(line.accounts) }
            }
            return total
        }
    }

    private func work(_ writer: ChunkWriter, workers: Int, row: ProgressRow?, tally: Tally) async throws {
        let lanes = LaneQueue(database.lanes.all)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(workers, Int(database.lanes.count))) {
                group.addTask {
                    while let part = lanes.next() { try await carryOut(part: part, writer, row: row, tally: tally) }
                }
            }
            // The first failure cancels the others between two chunks; what is committed stays.
            try await group.waitForAll()
        }
    }

    private func carryOut(part: Int32, _ writer: ChunkWriter, row: ProgressRow?, tally: Tally) async throws {
        var last: Int64 = 0
        while true {
            try Task.checkCancellation()
            let after = last
            let debtors = try await database.core.withConnection { db in
                try await PlanItemQueries.openDebtors(part: part, runId: writer.target.runId, after: after, limit: Self.chunk, in: db)
            }
            guard let end = debtors.last else { return }
            last = end
            let done = tally.add(try await writer.write(part: part, debtors: debtors))
            try await row?.report(done: Int64(done))
        }
    }

    /// Ends the call; the plan itself, and with it the capacity kept free, when nothing is left of it.
    private func finish(
        _ run: PlacementRun, tally: ChunkResult, row: ProgressRow?, by person: Operator
    ) async throws -> PlacementRunReport {
        var report = PlacementRunReport(runId: run.runId)
        report.placed = tally.placed
        report.joined = tally.joined
        report.passedOver = tally.passedOver
        report.waiting = tally.waiting
        report.waitingUntil = tally.waitingUntil
        report.hints = tally.hints
        let detail: CanonicalJSON = [
            "placed": .number(tally.placed), "joined": .number(tally.joined), "waiting": .number(tally.waiting),
            "passed_over": .object(of: tally.passedOver.mapValues { .number($0) }),
        ]
        report.isDone = try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let current = try await PlacementRunQueries.lock(run.runId, in: db) else { throw PlacementError.unknownRun(run.runId) }
            var left = 0
            for part in database.lanes.all {
                for line in try await PlanItemQueries.open(part: part, runId: run.runId, in: db) { left += Int(line.accounts) }
            }
            guard left == 0, current.state == .running else { return left == 0 && current.state == .done }
            try await PlacementRunQueries.setState(.done, of: run.runId, in: db)
            try await PlacementRunQueries.release(run.runId, in: db)
            transaction.audit(.placementRun, subject: run.runId, ["what": "done", "operator": .number(person.id), "last_call": detail])
            return true
        }
        if let row { try await row.finish(detail) }
        if report.isDone {
            try await database.core.withTransaction { db in
                try await PlacementRunQueries.endProgress(
                    kind: Self.runKind, subject: "\(run.runId)", now: try await ClockQueries.read(in: db), in: db)
            }
        }
        return report
    }
}

/// Lanes still to be worked on, handed out one by one.
private final class LaneQueue: Sendable {
    private let lanes: Mutex<[Int32]>

    init(_ lanes: Range<Int32>) {
        self.lanes = Mutex(lanes.reversed())
    }

    func next() -> Int32? { lanes.withLock { $0.popLast() } }
}

/// What the workers of one call have done together.
private final class Tally: Sendable {
    private let state = Mutex(ChunkResult())
    private let total: Int
    private let progress: @Sendable (PlacementProgress) -> Void

    init(total: Int, progress: @escaping @Sendable (PlacementProgress) -> Void) {
        self.total = total
        self.progress = progress
    }

    /// Adds a chunk, tells the listener, and returns the accounts done so far.
    func add(_ chunk: ChunkResult) -> Int {
        let now = state.withLock { state in
            state.add(chunk)
            return state
        }
        progress(PlacementProgress(done: now.done, total: total, waiting: now.waiting))
        return now.done
    }

    var result: ChunkResult { state.withLock { $0 } }
}

/// The row of table `run` that shows how far a job is. Chunks are safe without it, so a job whose row another process holds works without one.
actor ProgressRow {
    /// How often the row is written; more often would make it a counter that every chunk waits for.
    private static let interval: Duration = .seconds(1)

    private let database: Database
    private let logger: Logger
    private let holder: String
    private let id: Int64
    private var writtenAt: ContinuousClock.Instant = .now

    private init(_ service: PlacementService, id: Int64) {
        database = service.database
        logger = service.logger
        holder = service.holder
        self.id = id
    }

    /// The row of this job; nil while another holder, alive or dead not long enough, has it.
    static func start(_ service: PlacementService, subject: String, total: Int) async throws -> ProgressRow? {
        let database = service.database
        let holder = service.holder
        let id = try await database.ids.next(.run)
        do {
            let started = try await database.core.withTransaction { db in
                try await RunQueries.start(
                    id: id, kind: PlacementService.runKind, subject: subject, total: Int64(total), holder: holder,
                    now: try await ClockQueries.read(in: db), in: db)
            }
            return ProgressRow(service, id: started.run.id)
        } catch let error as RunError {
            service.logger.info("another process carries out this plan too", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    func report(done: Int64) async throws {
        guard .now - writtenAt >= Self.interval else { return }
        writtenAt = .now
        try await ignoringLoss { [id, holder] db, now in try await RunQueries.progress(id: id, holder: holder, done: done, now: now, in: db)
        }
    }

    func finish(_ detail: CanonicalJSON) async throws {
        try await ignoringLoss { [id, holder] db, now in
            try await RunQueries.finish(id: id, holder: holder, state: .done, detail: detail, now: now, in: db)
        }
    }

    /// Lets go after a failure, so that the next call need not wait for the lease to end. Best effort: the lease ends by itself.
    func abandon() async {
        let (database, id, holder, logger) = (database, id, holder, logger)
        // Not in the task that failed: it may be cancelled, and then no statement of it reaches the server.
        await Task.detached {
            do {
                try await database.core.withTransaction { db in
                    try await RunQueries.finish(
                        id: id, holder: holder, state: .failed, now: try await ClockQueries.read(in: db), in: db)
                }
            } catch {
                logger.debug("a progress row ends with its lease", metadata: ["run.id": "\(id)"])
            }
        }.value
    }

    /// A helper that took the row over after our lease ended goes on with it; the work is the same.
    private func ignoringLoss(_ body: @Sendable @escaping (PostgresConnection, Now) async throws -> Void) async throws {
        do {
            try await database.core.withTransaction { db in try await body(db, try await ClockQueries.read(in: db)) }
        } catch let error as RunError {
            switch error {
            case .lost: return
            case .running: throw error
            }
        }
    }
}
