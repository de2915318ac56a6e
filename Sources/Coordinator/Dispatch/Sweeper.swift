import CollectionsDomain
import CollectionsStore
import Logging
import PostgresDriver
import Synchronization

/// Takes expired leases back and ends waits whose instant has come: on every node, in small transactions that skip what others hold. None leads, and
/// a bad row blocks nobody.
package final class Sweeper: Sendable {
    /// How far behind the present a deep sweep begins, in slots of 5 s: rows that were locked, or committed late.
    private static let deepSlots: Int32 = 12
    /// How often a sweep is deep.
    private static let deepEvery: Duration = .seconds(10)
    /// How long a row that failed is left alone.
    private static let badFor: Duration = .seconds(60)

    private struct State {
        /// Per lane: no lease in force lies below this slot. nil: nothing swept yet.
        var floors: [Int32: Int32] = [:]
        var deepAt: [Int32: ContinuousClock.Instant] = [:]
        /// Rows that failed alone: slot and when.
        var bad: [Int64: (slot: Int32, at: ContinuousClock.Instant)] = [:]
        var badCases: [Int64: ContinuousClock.Instant] = [:]
    }

    private let shared: DispatchShared
    private let publisher: OutboxPublisher
    private let state = Mutex(State())

    init(shared: DispatchShared, publisher: OutboxPublisher) {
        self.shared = shared
        self.publisher = publisher
    }

    // MARK: Expired leases

    /// One sweep over all lanes. Returns how many leases were taken back.
    @discardableResult
    package func sweepExpired() async -> Int {
        var count = 0
        for part in shared.database.lanes.all {
            guard !Task.isCancelled else { break }
            do {
                count += try await sweep(part)
            } catch is PolicyServiceError {
                // Before a policy is loaded there are no leases to take back.
                return count
            } catch {
                shared.logger.warning("could not sweep expired leases", metadata: ["lane": "\(part)", "error": "\(LoggableError(error))"])
            }
        }
        return count
    }

    private func sweep(_ part: Int32) async throws -> Int {
        let time = ContinuousClock.now
        let from = state.withLock { state -> Int32 in
            guard let floor = state.floors[part] else { return 0 }
            if let deepAt = state.deepAt[part], time - deepAt < Self.deepEvery { return floor }
            state.deepAt[part] = time
            return max(0, floor - Self.deepSlots)
        }
        var count = 0
        while true {
            let round = try await sweep(part, from: from)
            count += round.count
            if round.count < shared.limits.expiriesPerSweep {
                state.withLock { state in
                    // A bad row keeps the floor below it until it is tried again.
                    let bad = state.bad.values.map(\.slot).min() ?? .max
                    state.floors[part] = min(round.slot - 1, bad)
                    if state.deepAt[part] == nil { state.deepAt[part] = time }
                }
                return count
            }
        }
    }

    private func sweep(_ part: Int32, from: Int32) async throws -> (count: Int, slot: Int32) {
        do {
            return try await transaction(part, from: from, limit: shared.limits.expiriesPerSweep, only: nil)
        } catch let error as PostgresError
            where error.isRetryable || error.isConnectionLoss || error.outcomeUnknown || error.code == .poolTimeout
        {
            throw error
        } catch {
            return try await oneByOne(part, from: from)
        }
    }

    /// After a batch failed for no passing reason: each row in a transaction of its own, and the bad one left alone for a while.
    private func oneByOne(_ part: Int32, from: Int32) async throws -> (count: Int, slot: Int32) {
        let (rows, slot) = try await shared.database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            let slot = TaskQueries.expirySlot(of: now.real)
            return (
                try TaskQueries.expired(
                    try await db.query(TaskQueries.expired(part: part, fromSlot: from, toSlot: slot, limit: shared.limits.expiriesPerSweep))
                ), slot
            )
        }
        var count = 0
        for row in rows where !isBad(row.task.taskId) {
            do {
                count += try await transaction(part, from: from, limit: 1, only: row.task.taskId).count
            } catch {
                state.withLock { $0.bad[row.task.taskId] = (row.expirySlot, .now) }
                shared.logger.error(
                    "an expired lease could not be taken back",
                    metadata: ["task.id": "\(row.task.taskId)", "error": "\(LoggableError(error))"])
            }
        }
        return (count, slot)
    }

    private func isBad(_ task: Int64) -> Bool {
        state.withLock { state in
            guard let bad = state.bad[task] else { return false }
            if ContinuousClock.now - bad.at < Self.badFor { return true }
            state.bad[task] = nil
            return false
        }
    }

    private func transaction(_ part: Int32, from: Int32, limit: Int, only: Int64?) async throws -> (count: Int, slot: Int32) {
        let estimate = try await shared.presentHint()
        let environment = try await shared.environments.current(at: estimate)
        let result = try await HotTransaction.run(shared.database, on: shared.database.core) { db in
            let now = try await ClockQueries.read(in: db)
            shared.clock.note(now)
            let slot = TaskQueries.expirySlot(of: now.real)
            let answers = try await db.pipeline([
                TaskQueries.expired(part: part, fromSlot: from, toSlot: slot, limit: only == nil ? limit : shared.limits.expiriesPerSweep),
                TaskQueries.moveSlots(part: part, fromSlot: from, toSlot: slot, limit: shared.limits.expiriesPerSweep),
            ])
            let expired = try TaskQueries.expired(answers[0]).filter { only == nil ? !isBad($0.task.taskId) : $0.task.taskId == only }
            guard !expired.isEmpty else { return (count: 0, slot: slot, hints: [WorkHint](), hasMessages: false) }
            let ledgers = Dictionary(expired.map { ($0.task.debtorId, $0.ledger) }, uniquingKeysWith: { first, _ in first })
            let written = try await LeaseReturn(database: shared.database, environment: environment, part: part, now: now).end(
                expired.map { ($0.task, .expired) }, ledgers: ledgers, by: "sweep", in: db)
            let entries = try await shared.database.audit.entries(part: part, connection: db, drafts: written.audit)
            _ = try await db.commit(after: written.statements + [entries])
            return (count: expired.count, slot: slot, hints: written.hints, hasMessages: written.hasMessages)
        }
        if result.hasMessages { publisher.signal() }
        await shared.hint(result.hints)
        return (result.count, result.slot)
    }

    // MARK: Waits

    /// Ends waits whose instant has come in business time. Returns how many cases were looked at.
    @discardableResult
    package func endWaits() async -> Int {
        do {
            let waits = try await shared.database.core.withTransaction { db in
                let now = try await ClockQueries.read(in: db)
                shared.clock.note(now)
                return try await WaitQueries.ended(parts: Array(shared.database.lanes.all), now: now.business, limitPerLane: 100, in: db)
            }
            let open = waits.filter { !isBadCase($0.debtorId) }
            for (part, group) in Dictionary(grouping: open, by: \.part).sorted(by: { $0.key < $1.key }) {
                guard !Task.isCancelled else { break }
                for wait in group { await endWait(of: wait.debtorId, part: part) }
            }
            return open.count
        } catch {
            shared.logger.warning("could not look for ended waits", metadata: ["error": "\(LoggableError(error))"])
            return 0
        }
    }

    private func isBadCase(_ debtor: Int64) -> Bool {
        state.withLock { state in
            guard let at = state.badCases[debtor] else { return false }
            if ContinuousClock.now - at < Self.badFor { return true }
            state.badCases[debtor] = nil
            return false
        }
    }

    private func endWait(of debtor: Int64, part: Int32) async {
        do {
            let estimate = try await shared.presentHint()
            let environment = try await shared.environments.current(at: estimate)
            let (moved, hints) = try await shared.database.withAuditedTransaction(shared.database.core, part: part) { transaction in
                let now = try await ClockQueries.read(in: transaction.connection)
                var contexts = try await CaseContext.load(
                    part: part, debtors: [debtor], environment: environment, now: now, in: transaction.connection)
                guard var context = contexts.removeValue(forKey: debtor), case .waiting(let until, _) = context.facts.state,
                    until <= now.business
                else {
                    return (true, [WorkHint]())
                }
                var step = CaseTransition(part: part, environment: environment, now: now, database: shared.database)
                let decision = try await step.take(.waitEnded, on: &context, cause: TransitionCause(by: "sweep"))
                let hints = step.dueNow
                transaction.audit(try await step.write(in: transaction.connection))
                transaction.audit(
                    .caseChange, subject: context.facts.caseId,
                    [
                        "rules": .strings(decision.rules), "state": .string(decision.state.code.rawValue), "by": "sweep",
                        "at": .string(now.business.description),
                    ])
                if case .waiting(let next, _) = decision.state, next <= now.business { return (false, hints) }
                return (true, hints)
            }
            // What the decision leaves waiting is looked at again later, not in the next second.
            if !moved { state.withLock { $0.badCases[debtor] = .now } }
            publisher.signal()
            await shared.hint(hints)
        } catch {
            state.withLock { $0.badCases[debtor] = .now }
            shared.logger.error("a wait could not be ended", metadata: ["debtor.id": "\(debtor)", "error": "\(LoggableError(error))"])
        }
    }

    // MARK: Housekeeping

    /// Reads how long the planner believes the table of tasks to be.
    package func noteStatistics() async {
        do {
            let rows = try await shared.database.core.withConnection { try await $0.query(TaskAccess.statistics) }
            TaskAccess.note(rows: try rows.value(), lanes: shared.database.lanes.count)
        } catch {
            shared.logger.debug("could not read statistics", metadata: ["error": "\(LoggableError(error))"])
        }
    }

    /// Removes old records of lease calls and makes the partitions of the next month.
    package func keepHouse() async {
        do {
            let now = try await shared.presentHint()
            for part in shared.database.lanes.all {
                while try await shared.database.core.withTransaction({ db in
                    try await LeaseRequestQueries.deleteExpired(part: part, limit: 1_000, now: now.real, in: db)
                }) == 1_000 {}
            }
            try await shared.database.core.withConnection { _ = try await Partitions.ensure(in: $0) }
        } catch {
            shared.logger.warning("could not keep house", metadata: ["error": "\(LoggableError(error))"])
        }
    }
}
