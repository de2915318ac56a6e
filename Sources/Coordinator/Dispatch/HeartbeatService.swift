import CollectionsDomain
package import CollectionsStore
import PostgresDriver
package import WireTypes

/// Moves deadlines on: `POST /v1/leases/heartbeat`. Idempotent by nature.
///
/// A row is written only when less than half of its TTL is left. A heartbeat moves the deadline on by one TTL until business time is past
/// `act_before` plus the stage's `report_after_window_minutes`: an act begun in time may be reported, a lease is not held for ever.
package struct HeartbeatService: Sendable {
    let shared: DispatchShared

    init(shared: DispatchShared) {
        self.shared = shared
    }

    /// Answers for each token, in order.
    package func heartbeat(_ tokens: [String], for agency: AgencyIdentity) async throws -> (items: [HeartbeatItem], now: Now) {
        let (verified, byPart) = try await TokenBatch.verify(tokens, agency: agency.agencyId, shared: shared)
        var items = [HeartbeatItem](repeating: HeartbeatItem(problem: Problem(.leaseTokenInvalid)), count: tokens.count)
        var now = try await shared.presentHint()
        let environment = try await shared.environments.current(at: now)
        for (part, indices) in byPart {
            let leases = indices.compactMap { index in verified[index].map { (index: index, token: $0) } }
            let (answers, seen) = try await shared.database.api.withTransaction { db in
                try await beat(leases, part: part, agency: agency.agencyId, environment: environment, in: db)
            }
            now = seen
            shared.clock.note(seen)
            for (index, item) in answers { items[index] = item }
        }
        return (items, now)
    }

    private func beat(
        _ leases: [(index: Int, token: LeaseToken)], part: Int32, agency: Int32, environment: CaseEnvironment, in db: PostgresConnection
    ) async throws -> (answers: [(Int, HeartbeatItem)], now: Now) {
        let ids = Set(leases.map(\.token.taskId)).sorted()
        let answers = try await db.pipeline([
            Isolation.statement(agencies: [agency]), ClockQueries.readStatement, TaskQueries.find(part: part, tasks: ids, agency: agency),
        ])
        let now = try ClockQueries.decode(answers[1])
        var rows = Dictionary(try TaskQueries.rows(answers[2]).map { ($0.taskId, $0) }, uniquingKeysWith: { first, _ in first })
        let held = leases.filter { lease in rows[lease.token.taskId].map { $0.isLeased && $0.epoch == lease.token.epoch } ?? false }
        let short = held.compactMap { rows[$0.token.taskId] }.filter { row in
            guard let until = row.leasedUntil else { return false }
            return until - now.real < .milliseconds(Int64(row.leaseSeconds) * 500)
        }
        if !short.isEmpty {
            for row in try await extend(short, part: part, agency: agency, environment: environment, now: now, in: db) {
                rows[row.taskId] = row
            }
        }
        let gone = leases.filter { lease in !held.contains { $0.index == lease.index } }
        let reasons = try await TokenBatch.endReasons(gone.map(\.token), rows: rows, part: part, in: db)
        return (
            leases.map { lease in
                if let reason = reasons[lease.token.key] { return (lease.index, HeartbeatItem(cancelled: reason.rawValue)) }
                guard let until = rows[lease.token.taskId]?.leasedUntil else {
                    return (lease.index, HeartbeatItem(cancelled: CancelReason.expired.rawValue))
                }
                return (
                    lease.index,
                    HeartbeatItem(reportBy: WireInstant(until), expiresInMs: max(0, (until - now.real).wholeMicroseconds / 1_000))
                )
            }, now
        )
    }

    /// Moves the deadlines of leases on whose acts may still be reported; returns the rows as they stand now.
    private func extend(
        _ rows: [TaskRow], part: Int32, agency: Int32, environment: CaseEnvironment, now: Now, in db: PostgresConnection
    ) async throws -> [TaskRow] {
        let answers = try await db.pipeline([
            ConductQueries.find(part: part, debtors: Set(rows.map(\.debtorId)).sorted()),
            TaskQueries.lock(part: part, tasks: rows.map { ($0.taskId, agency) }),
        ])
        var ledgers: [Int64: ConductLedger] = [:]
        for row in try ConductQueries.rows(answers[0]) { ledgers[row.debtorId] = try ConductLedger(bytes: row.ledger) }
        // Locked only now: a row may have been taken back and granted to somebody else since it was read.
        let expected = Dictionary(rows.map { ($0.taskId, $0.epoch) }, uniquingKeysWith: { first, _ in first })
        let locked = try TaskQueries.rows(answers[1]).filter { $0.isLeased && $0.epoch == expected[$0.taskId] }
        let movable = locked.filter { row in
            guard row.step != .registeredLetter, let end = ledgers[row.debtorId]?.reservation(task: row.taskId, epoch: row.epoch)?.actBefore
            else { return true }
            let grace = environment.policy.stages.lease(of: row.step.stage).reportAfterWindowMinutes
            return now.business <= end + .seconds(Int64(grace) * 60)
        }
        var moved = locked
        var statements: [PostgresQuery] = []
        for (seconds, group) in Dictionary(grouping: movable, by: \.leaseSeconds) {
            let until = now.real + .seconds(Int64(max(seconds, 1)))
            statements += TaskQueries.extend(part: part, tasks: group.map(\.taskId), until: until)
            for row in group {
                guard let index = moved.firstIndex(where: { $0.taskId == row.taskId }), moved[index].leasedUntil.map({ $0 < until }) ?? true
                else { continue }
                moved[index].leasedUntil = until
            }
        }
        _ = try await db.pipeline(statements)
        return moved
    }
}

/// Tokens of one call, verified and by lane.
enum TokenBatch {
    /// The verified tokens at their places, and the places of each lane, lanes ascending.
    static func verify(
        _ texts: [String], agency: Int32, shared: DispatchShared
    ) async throws -> (tokens: [LeaseToken?], byPart: [(part: Int32, indices: [Int])]) {
        guard texts.count <= shared.limits.itemsPerCall else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/leases", reason: "too_many")])
        }
        var tokens: [LeaseToken?] = []
        for text in texts { tokens.append(try await shared.keys.verify(text, agency: agency)) }
        var groups: [Int32: [Int]] = [:]
        for (index, token) in tokens.enumerated() { if let token { groups[token.part, default: []].append(index) } }
        return (tokens, groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// Why leases are over that are not in force any more.
    static func endReasons(
        _ tokens: [LeaseToken], rows: [Int64: TaskRow], part: Int32, in db: PostgresConnection
    ) async throws -> [GrantKey: CancelReason] {
        guard !tokens.isEmpty else { return [:] }
        let ids = Set(tokens.map(\.taskId)).sorted()
        let answers = try await db.pipeline([OutcomeQueries.receipts(part: part, tasks: ids), TaskQueries.ends(part: part, tasks: ids)])
        let receipts = try OutcomeQueries.receipts(answers[0])
        let ends = try TaskQueries.ends(answers[1])
        var reasons: [GrantKey: CancelReason] = [:]
        for token in tokens {
            if receipts[token.key] != nil {
                reasons[token.key] = .reported
            } else if let end = ends[token.taskId] {
                reasons[token.key] = CancelReason(rawValue: end.rawValue) ?? .closed
            } else {
                // The row is there and ready, or another's: the lease ran out or was given back. Without a row, another grant was reported.
                reasons[token.key] = rows[token.taskId] == nil ? .reported : .expired
            }
        }
        return reasons
    }
}

extension LeaseToken {
    /// The grant it names.
    var key: GrantKey { GrantKey(taskId: taskId, epoch: epoch) }
}
