package import CollectionsDomain
package import CollectionsStore
package import PostgresDriver
import Synchronization

/// Takes events on many cases of a lane, a chunk of debtors per transaction.
package struct CaseWork: Sendable {
    package let database: Database
    package let environment: CaseEnvironment
    /// Who acts, for the record.
    package var by = "reconcile"

    package init(database: Database, environment: CaseEnvironment, by: String = "reconcile") {
        self.database = database
        self.environment = environment
        self.by = by
    }

    /// Walks the lane's due debtors in key order.
    ///
    /// - Parameters:
    ///   - due: The next debtors after a key, ascending; empty ends the walk.
    ///   - events: What has happened to a case, decided under its debtor's lock; empty leaves it alone.
    /// - Returns: How many events were taken.
    package func each(
        part: Int32, due: @Sendable (Int64, PostgresConnection) async throws -> [Int64],
        events: @Sendable (CaseContext, Now) throws -> [CaseEvent]
    ) async throws -> Int {
        try await each(part: part, due: due, prepare: { _, _ in () }, events: { context, now, _ in try events(context, now) })
    }

    /// The same, with something read once for each chunk before the events are decided.
    package func each<Read: Sendable>(
        part: Int32, due: @Sendable (Int64, PostgresConnection) async throws -> [Int64],
        prepare: @Sendable ([Int64: CaseContext], PostgresConnection) async throws -> Read,
        events: @Sendable (CaseContext, Now, Read) throws -> [CaseEvent]
    ) async throws -> Int {
        var after: Int64 = 0
        var taken = 0
        while true {
            let position = after
            let debtors = try await database.core.withConnection { try await due(position, $0) }
            guard let last = debtors.max() else { return taken }
            taken += try await database.withAuditedTransaction(database.core, part: part) { tx in
                let now = try await ClockQueries.read(in: tx.connection)
                var contexts = try await CaseContext.load(
                    part: part, debtors: debtors, environment: environment, now: now, in: tx.connection)
                let read = try await prepare(contexts, tx.connection)
                var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
                var count = 0
                for debtor in debtors {
                    guard var context = contexts[debtor] else { continue }
                    for event in try events(context, now, read) {
                        let decision = try await transition.take(event, on: &context, cause: TransitionCause(by: by))
                        count += 1
                        tx.audit(
                            .reconciliation, subject: context.facts.caseId,
                            [
                                "rules": .strings(decision.rules), "state": .string(decision.state.storedCode), "by": .string(by),
                                "at": .string(now.business.description),
                            ])
                    }
                    contexts[debtor] = context
                }
                tx.audit(try await transition.write(in: tx.connection))
                return count
            }
            after = last
            try Task.checkCancellation()
        }
    }
}

/// Counts verdicts across the chunks of a walk. A chunk that is retried may count twice: the figures are for the report, the rows are exact.
final class VerdictTally: Sendable {
    private let counts = Mutex<[PromiseState: Int]>([:])

    func add(_ state: PromiseState) { counts.withLock { $0[state, default: 0] += 1 } }
    subscript(state: PromiseState) -> Int { counts.withLock { $0[state] ?? 0 } }
}
