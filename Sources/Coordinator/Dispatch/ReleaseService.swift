import CollectionsDomain
package import CollectionsStore
import PostgresDriver
package import WireTypes

/// Takes leases back without a result: `POST /v1/leases/release`. Idempotent by nature.
package struct ReleaseService: Sendable {
    /// How long a declined task rests before it is offered again.
    private static let declinedFor: Duration = .seconds(15 * 60)

    let shared: DispatchShared
    let publisher: OutboxPublisher

    init(shared: DispatchShared, publisher: OutboxPublisher) {
        self.shared = shared
        self.publisher = publisher
    }

    /// Answers for each token, in order.
    package func release(_ tokens: [String], reason text: String, for agency: AgencyIdentity) async throws -> (
        items: [ReleaseItem], now: Now
    ) {
        guard let reason = ReleaseReason(rawValue: text) else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/reason", reason: "unknown")])
        }
        let ending: LeaseReturn.Ending =
            switch reason {
            case .shutdown: .released(after: .zero)
            case .declined: .released(after: Self.declinedFor)
            case .handlerFailed: .failed
            }
        let (verified, byPart) = try await TokenBatch.verify(tokens, agency: agency.agencyId, shared: shared)
        var items = [ReleaseItem](repeating: ReleaseItem(released: false, problem: Problem(.leaseTokenInvalid)), count: tokens.count)
        var now = try await shared.presentHint()
        let environment = try await shared.environments.current(at: now)
        for (part, indices) in byPart {
            let leases = indices.compactMap { index in verified[index].map { (index: index, token: $0) } }
            let done = try await retryingDeadlocks {
                try await HotTransaction.run(shared.database, on: shared.database.api) { db in
                    try await release(leases, ending: ending, part: part, agency: agency.agencyId, environment: environment, in: db)
                }
            }
            now = done.now
            shared.clock.note(done.now)
            for (index, item) in done.answers { items[index] = item }
            if done.hasMessages { publisher.signal() }
            await shared.hint(done.hints)
        }
        return (items, now)
    }

    private struct Done: Sendable {
        var answers: [(Int, ReleaseItem)]
        var now: Now
        var hints: [WorkHint]
        var hasMessages: Bool
    }

    private func release(
        _ leases: [(index: Int, token: LeaseToken)], ending: LeaseReturn.Ending, part: Int32, agency: Int32, environment: CaseEnvironment,
        in db: PostgresConnection
    ) async throws -> Done {
        let debtors = Set(leases.map(\.token.debtorId)).sorted()
        let unique = Dictionary(leases.map { ($0.token.taskId, $0.token) }, uniquingKeysWith: { first, _ in first })
        let agencies = [agency] + environment.routing.executors
        let answers = try await db.pipeline([
            Isolation.statement(agencies: agencies), ClockQueries.readStatement, ConductQueries.lock(part: part, debtors: debtors),
            TaskQueries.lock(part: part, tasks: unique.keys.map { ($0, agency) }), CaseQueries.files(part: part, debtors: debtors),
        ])
        let now = try ClockQueries.decode(answers[1])
        let ledgers = Dictionary(
            try ConductQueries.rows(answers[2]).map { ($0.debtorId, $0.ledger) }, uniquingKeysWith: { first, _ in first })
        let rows = Dictionary(try TaskQueries.rows(answers[3]).map { ($0.taskId, $0) }, uniquingKeysWith: { first, _ in first })
        // A quarantine is a decision about the whole case: its holder's rows are needed.
        let holders = try CaseQueries.files(answers[4]).flatMap(\.holders)
        if !Set(holders).isSubset(of: agencies) { try await db.query(Isolation.statement(agencies: agencies + holders)) }
        let held = unique.values.compactMap { token in
            rows[token.taskId].flatMap { $0.isLeased && $0.epoch == token.epoch ? $0 : nil }
        }.sorted { $0.taskId < $1.taskId }
        let gone = leases.filter { lease in !held.contains { $0.taskId == lease.token.taskId && $0.epoch == lease.token.epoch } }
        let reasons = try await TokenBatch.endReasons(gone.map(\.token), rows: rows, part: part, in: db)
        var written = LeaseReturn.Written()
        if !held.isEmpty {
            written = try await LeaseReturn(database: shared.database, environment: environment, part: part, now: now).end(
                held.map { ($0, ending) }, ledgers: ledgers, by: "agency:\(agency)", in: db)
            var statements = written.statements
            if !written.audit.isEmpty {
                statements.append(try await shared.database.audit.entries(part: part, connection: db, drafts: written.audit))
            }
            _ = try await db.commit(after: statements)
        }
        let items = leases.map { lease -> (Int, ReleaseItem) in
            guard let reason = reasons[lease.token.key] else { return (lease.index, ReleaseItem(released: true)) }
            // Free again by an earlier call: the row is ready and nobody else has had it since.
            if reason == .expired, let row = rows[lease.token.taskId], !row.isLeased, row.epoch == lease.token.epoch {
                return (lease.index, ReleaseItem(released: true))
            }
            return (lease.index, ReleaseItem(released: false, cancelled: reason.rawValue))
        }
        return Done(answers: items, now: now, hints: written.hints, hasMessages: written.hasMessages)
    }
}

/// Runs `body` again after a deadlock, a serialization failure, or a commit nobody knows of: for work that is idempotent by nature.
func retryingDeadlocks<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    var tries = 0
    while true {
        do {
            return try await body()
        } catch let error as PostgresError {
            tries += 1
            guard tries < 5, error.isRetryable || error.outcomeUnknown || error.isStaleStatement || error.isConnectionLoss else {
                throw error
            }
        }
    }
}
