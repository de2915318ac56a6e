import CLibPQ

/// Statements sent at once and ended by one sync point: what a single query is, too.
///
/// Without an explicit transaction the server runs the batch as one: an error undoes all of it and skips the rest.
final class BatchExchange: Exchange, @unchecked Sendable {  // touched by one at a time, as Exchange says: caller, loop, caller
    /// What the next answer belongs to.
    private enum Slot {
        case parse(Int, PreparedStatement)
        case statement(Int, SQLVerb)
        case housekeeping
        case sync(isLast: Bool)
    }

    /// After so many statements of a long batch the server gets what there is, and works while the rest is written: pipelines of 100 ran at 0.93 of
    /// pgbench with it, at 0.87 without (medians of four runs each, taking turns). Again every 25 statements was no better.
    private static let headStart = 20

    private var queries: [PostgresQuery]
    /// How many of the first queries are ours: one when the BEGIN of a transaction scope was put before the caller's.
    private var offset = 0
    private var slots: [Slot] = []
    private var cursor = 0
    private var statusAtStart = TransactionStatus.idle
    private var warningsAtStart: UInt64 = 0
    private var libraryNoticesBefore: UInt64 = 0
    private var hasFailedAtSync = false
    private var hasLookedAgain = false
    private var hasCommitted = false
    private var hasRetried = false
    private var isRollingBack = false
    private var sawDiscard = false
    private(set) var results: [PostgresResult] = []

    init(_ queries: [PostgresQuery]) {
        self.queries = queries
        super.init(endsTransaction: Self.endsTransaction(queries))
    }

    private static func endsTransaction(_ queries: [PostgresQuery]) -> Bool {
        for index in queries.indices {
            // A batch often holds the same statement many times.
            if index > 0, queries[index].sql == queries[index - 1].sql { continue }
            if case .commit = SQLVerb(queries[index].sql) { return true }
        }
        return false
    }

    override func start(_ wire: Wire) -> Step {
        wire.enterPipeline()
        statusAtStart = wire.transactionStatus
        if let begin = wire.takePendingBegin() {
            queries.insert(begin, at: 0)
            offset = 1
        }
        return send(wire)
    }

    private func send(_ wire: Wire) -> Step {
        cursor = 0
        slots.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        results.reserveCapacity(queries.count - offset)
        warningsAtStart = wire.warnings
        hasFailedAtSync = false
        // Old statements go behind a sync point of their own, so that nothing of ours depends on it; not in a transaction, where an error would end it.
        if statusAtStart == .idle, !wire.cache.garbage.isEmpty {
            let garbage = wire.cache.takeGarbage()
            for statement in garbage {
                guard wire.sendUnnamed("DEALLOCATE \(String(cString: statement.name))") else {
                    return .broken(wire.failure(.protocolViolation))
                }
                slots.append(.housekeeping)
            }
            guard wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
            slots.append(.sync(isLast: false))
        }
        slots.reserveCapacity(slots.count + queries.count + 1)
        for index in queries.indices {
            let sent: Bool
            let verb: SQLVerb
            if wire.usesNames, queries[index].isCached {
                let statement = wire.cache.statement(for: queries[index])
                // Twice in one batch: the second is parsed already, under the same name.
                if !statement.isPrepared, !statement.isBeingPrepared {
                    guard wire.sendPrepare(queries[index], as: statement) else { return .broken(wire.failure(.protocolViolation)) }
                    statement.isBeingPrepared = true
                    slots.append(.parse(index, statement))
                }
                sent = wire.sendExecute(queries[index], as: statement)
                verb = statement.verb
            } else {
                sent = wire.sendUnnamed(queries[index])
                verb = SQLVerb(queries[index].sql)
            }
            guard sent else { return .broken(wire.failure(.protocolViolation)) }
            if case .discard = verb { sawDiscard = true }
            slots.append(.statement(index, verb))
            // What cannot go out yet goes with the rest; so does an error, and is found there.
            if index == Self.headStart, queries.count > 2 * Self.headStart { _ = wire.flush() }
        }
        guard wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
        slots.append(.sync(isLast: true))
        return .more
    }

    override func proceed(_ wire: Wire) -> Step {
        while true {
            let raw: OpaquePointer
            switch wire.next() {
            case .wait: return .more
            case .none:
                // The end of one statement; libpq also answers so when it has nothing at all, which must not happen before the last sync point.
                guard cursor < slots.count, case .sync = slots[cursor] else {
                    cursor += 1
                    if cursor >= slots.count { return .broken(wire.failure(.protocolViolation)) }
                    continue
                }
                if wire.isBroken { return .broken(wire.failure(.connectionClosed)) }
                guard hasFailedAtSync else { return .more }
                if let step = lookForSync(wire) { return step }
                continue
            case .result(let result): raw = result
            }
            let status = PQresultStatus(raw)
            if status == PGRES_PIPELINE_SYNC {
                PQclear(raw)
                guard cursor < slots.count, case .sync(let isLast) = slots[cursor] else {
                    return .broken(PostgresError(.protocolViolation, "a sync point came before its time"))
                }
                cursor += 1
                if isLast { return atEnd(wire) }
                continue
            }
            guard cursor < slots.count else {
                PQclear(raw)
                return .broken(PostgresError(.protocolViolation, "an answer came that belongs to no statement"))
            }
            if let broken = take(raw, status, wire) { return broken }
        }
    }

    /// One answer that is not a sync point.
    private func take(_ raw: OpaquePointer, _ status: ExecStatusType, _ wire: Wire) -> Step? {
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            switch slots[cursor] {
            case .parse(_, let statement):
                statement.isPrepared = true
                statement.isBeingPrepared = false
                PQclear(raw)
            case .housekeeping, .sync: PQclear(raw)
            case .statement(let index, let verb):
                let result = PostgresResult(adopting: raw)
                if case .commit = verb, failure == nil { commitAnswered(result, index, wire) }
                if index >= offset { results.append(result) }
            }
            return nil
        case PGRES_FATAL_ERROR:
            defer { PQclear(raw) }
            switch slots[cursor] {
            case .parse(let index, let statement):
                statement.isBeingPrepared = false
                wire.cache.forget(statement)
                note(wire.failure(of: raw, sql: queries[index].sql, index: index - offset), verb: .other)
            case .statement(let index, let verb):
                note(wire.failure(of: raw, sql: queries[index].sql, index: index - offset), verb: verb)
            case .sync:
                // The implicit transaction failed to commit: a deferred constraint, a serialization failure.
                note(wire.failure(of: raw), verb: .other)
                hasFailedAtSync = true
                libraryNoticesBefore = wire.libraryNotices
            case .housekeeping: break
            }
            return nil
        case PGRES_PIPELINE_ABORTED:
            PQclear(raw)
            if case .parse(_, let statement) = slots[cursor] {
                statement.isBeingPrepared = false
                wire.cache.forget(statement)
            }
            return nil
        default:
            PQclear(raw)
            return .broken(PostgresError(.invalidUse, "cannot run COPY as a query: use copyIn or copyOut"))
        }
    }

    /// After an error at the sync point itself its end still has to come. It may be in libpq's hands already, where the socket would not tell: look again
    /// (`nil`). Early releases of libpq 14 and 15 took the error for the end and throw the real one away with a notice; they cannot be used any further.
    private func lookForSync(_ wire: Wire) -> Step? {
        if wire.libraryNotices != libraryNoticesBefore { return .broken(PostgresError(.protocolViolation, "libpq lost a sync point")) }
        hasLookedAgain.toggle()
        return hasLookedAgain ? nil : .more
    }

    private func commitAnswered(_ result: PostgresResult, _ index: Int, _ wire: Wire) {
        // libpq reads notices ahead of results, so a warning cannot be told to belong to the COMMIT alone: any of this batch makes it doubtful.
        if wire.warnings != warningsAtStart {
            failure = PostgresError(
                .commitUnknown, "the server warned while it committed: the commit may not have reached its standby", sqlState: "01000",
                statementIndex: index - offset)
        } else if result.commandTag == "ROLLBACK" {
            failure = PostgresError(
                .server, "transaction was rolled back: an earlier statement in it had failed", sqlState: "25P02",
                statementIndex: index - offset)
        } else {
            hasCommitted = true
        }
    }

    /// Keeps the first error; an error of a COMMIT itself may leave the outcome open.
    private func note(_ error: PostgresError, verb: SQLVerb) {
        guard failure == nil else { return }
        if case .commit = verb, error.isConnectionLoss || error.sqlState == "XX000" {
            failure = error.with(code: .commitUnknown, outcomeUnknown: true)
        } else {
            failure = error
        }
    }

    /// The last sync point has been reached.
    private func atEnd(_ wire: Wire) -> Step {
        if sawDiscard { wire.cache.forgetAll() }
        if isRollingBack {
            isRollingBack = false
        } else if failure == nil, statusAtStart == .idle, !hasCommitted, wire.warnings != warningsAtStart {
            failure = PostgresError(
                .commitUnknown, "the server warned while it committed: the commit may not have reached its standby", sqlState: "01000")
        }
        guard let failure, failure.code != .commitUnknown else { return .done }
        let mayRetry = failure.isStaleStatement && statusAtStart == .idle && !hasCommitted && !hasRetried
        // A transaction that the caller's batch began and could not end is nobody's: do not leave it behind. One that we began for a transaction scope is
        // the scope's: there, the failure must be seen at its end even when its body swallowed it.
        if statusAtStart == .idle, offset == 0 || mayRetry, wire.transactionStatus == .failed || wire.transactionStatus == .inTransaction {
            isRollingBack = true
            cursor = 0
            slots = [.housekeeping, .sync(isLast: true)]
            guard wire.sendUnnamed("ROLLBACK"), wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
            return .more
        }
        guard failure.isStaleStatement else { return .done }
        if wire.usesNames { for query in queries where query.isCached { wire.cache.forget(wire.cache.statement(for: query)) } }
        if mayRetry {
            hasRetried = true
            self.failure = nil
            return send(wire)
        }
        return .done
    }

    override var mayHaveCommitted: Bool {
        if hasCommitted || cursor >= slots.count { return false }
        if traits.endsTransaction { return true }
        guard statusAtStart == .idle, let first = queries.first else { return false }
        if case .begin = SQLVerb(first.sql) { return false }
        return true
    }

    override func lost(_ error: PostgresError) {
        // The COMMIT has been answered and only the sync point is missing: that is a success.
        if hasCommitted, failure == nil, results.count == queries.count - offset { return }
        super.lost(error)
    }
}
