import CLibPQ

/// Statements sent at once and ended by one sync point: what a single query is, too.
///
/// Without an explicit transaction the server runs the batch as one: an error undoes all of it and skips the rest.
final class BatchExchange: Exchange {
    /// What the next answer belongs to.
    private enum Slot {
        case parse(Int, PreparedStatement)
        case statement(Int, SQLVerb)
        case housekeeping
        case sync(isLast: Bool)
    }

    private let queries: [PostgresQuery]
    /// How many of the first queries are ours (a BEGIN put before the caller's).
    private let offset: Int
    private var slots: [Slot] = []
    private var cursor = 0
    private var statusAtStart = TransactionStatus.idle
    private var warningsBefore: UInt64 = 0
    private var hasCommitted = false
    private var hasRetried = false
    private var isRollingBack = false
    private var sawDiscard = false
    private(set) var results: [PostgresResult] = []

    init(_ queries: [PostgresQuery], offset: Int = 0) {
        self.queries = queries
        self.offset = offset
        super.init(endsTransaction: queries.contains { if case .commit = SQLVerb($0.sql) { true } else { false } })
    }

    override func start(_ wire: Wire) -> Step {
        wire.enterPipeline()
        statusAtStart = wire.transactionStatus
        return send(wire)
    }

    private func send(_ wire: Wire) -> Step {
        cursor = 0
        slots.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        results.reserveCapacity(queries.count - offset)
        warningsBefore = wire.warnings
        // Old statements go behind a sync point of their own, so that nothing of ours depends on it; not in a transaction, where an error would end it.
        if statusAtStart == .idle, !wire.cache.garbage.isEmpty {
            let garbage = wire.cache.takeGarbage()
            for statement in garbage {
                guard wire.sendUnnamed("DEALLOCATE \(String(cString: statement.name))") else { return .broken(wire.failure(.protocolViolation)) }
                slots.append(.housekeeping)
            }
            guard wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
            slots.append(.sync(isLast: false))
        }
        for index in queries.indices {
            let sent: Bool
            if wire.usesNames, queries[index].isCached {
                let statement = wire.cache.statement(for: queries[index])
                if !statement.isPrepared {
                    // Twice in one batch: the second is parsed already, under the same name.
                    let isUnderWay = slots.contains { if case .parse(_, let other) = $0 { other === statement } else { false } }
                    if !isUnderWay {
                        guard wire.sendPrepare(queries[index], as: statement) else { return .broken(wire.failure(.protocolViolation)) }
                        slots.append(.parse(index, statement))
                    }
                }
                sent = wire.sendExecute(queries[index], as: statement)
                note(statement.verb)
                slots.append(.statement(index, statement.verb))
            } else {
                sent = wire.sendUnnamed(queries[index])
                let verb = SQLVerb(queries[index].sql)
                note(verb)
                slots.append(.statement(index, verb))
            }
            guard sent else { return .broken(wire.failure(.protocolViolation)) }
        }
        guard wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
        slots.append(.sync(isLast: true))
        return .more
    }

    private func note(_ verb: SQLVerb) {
        if case .discard = verb { sawDiscard = true }
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
                return wire.isBroken ? .broken(wire.failure(.connectionClosed)) : .more
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
                warningsBefore = wire.warnings
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
        let warned = wire.warnings != warningsBefore
        warningsBefore = wire.warnings
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            switch slots[cursor] {
            case .parse(_, let statement):
                statement.isPrepared = true
                PQclear(raw)
            case .housekeeping, .sync: PQclear(raw)
            case .statement(let index, let verb):
                let result = PostgresResult(adopting: raw)
                if case .commit = verb, failure == nil { commitAnswered(result, index, warned) }
                if index >= offset { results.append(result) }
            }
            return nil
        case PGRES_FATAL_ERROR:
            defer { PQclear(raw) }
            switch slots[cursor] {
            case .parse(let index, _):
                wire.cache.forget(queries[index])
                note(wire.failure(of: raw, sql: queries[index].sql, index: index - offset), verb: .other)
            case .statement(let index, let verb):
                note(wire.failure(of: raw, sql: queries[index].sql, index: index - offset), verb: verb)
            case .sync: note(wire.failure(of: raw), verb: .other)  // a deferred constraint at the end of an implicit transaction
            case .housekeeping: break
            }
            return nil
        case PGRES_PIPELINE_ABORTED:
            PQclear(raw)
            if case .parse(let index, _) = slots[cursor] { wire.cache.forget(queries[index]) }
            return nil
        default:
            PQclear(raw)
            return .broken(PostgresError(.invalidUse, "cannot run COPY as a query: use copyIn or copyOut"))
        }
    }

    private func commitAnswered(_ result: PostgresResult, _ index: Int, _ warned: Bool) {
        if warned {
            failure = PostgresError(
                .commitUnknown, "the server warned while it committed: the commit may not have reached its standby", sqlState: "01000",
                statementIndex: index - offset)
        } else if result.commandTag == "ROLLBACK" {
            failure = PostgresError(
                .server, "transaction was rolled back: an earlier statement in it had failed", sqlState: "25P02", statementIndex: index - offset)
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
        } else if failure == nil, statusAtStart == .idle, !hasCommitted, wire.warnings != warningsBefore {
            failure = PostgresError(
                .commitUnknown, "the server warned while it committed: the commit may not have reached its standby", sqlState: "01000")
        }
        guard let failure, failure.code != .commitUnknown else { return .done }
        // A transaction that this batch began and could not end is nobody's: do not leave it behind.
        if statusAtStart == .idle, wire.transactionStatus == .failed || wire.transactionStatus == .inTransaction {
            isRollingBack = true
            cursor = 0
            slots = [.housekeeping, .sync(isLast: true)]
            guard wire.sendUnnamed("ROLLBACK"), wire.sendSync() else { return .broken(wire.failure(.protocolViolation)) }
            return .more
        }
        guard failure.isStaleStatement else { return .done }
        for query in queries { wire.cache.forget(query) }
        if statusAtStart == .idle, !hasCommitted, !hasRetried {
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
