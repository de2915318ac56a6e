import CLibPQ

/// A text of several statements, sent by the simple protocol; the server runs it as one transaction unless it says otherwise itself.
final class SimpleExchange: Exchange, @unchecked Sendable {  // touched by one at a time, as Exchange says: caller, loop, caller
    private let sql: String
    private var statusAtStart = TransactionStatus.idle

    init(_ sql: String) {
        self.sql = sql
        super.init()
    }

    override func start(_ wire: Wire) -> Step {
        wire.exitPipeline()
        statusAtStart = wire.transactionStatus
        return wire.sendSimple(sql) ? .more : .broken(wire.failure(.protocolViolation))
    }

    override func proceed(_ wire: Wire) -> Step {
        while true {
            switch wire.next() {
            case .wait: return .more
            case .none:
                wire.cache.forgetAllIfNeeded(after: sql)
                return .done
            case .result(let raw):
                defer { PQclear(raw) }
                switch PQresultStatus(raw) {
                case PGRES_FATAL_ERROR: if failure == nil { failure = wire.failure(of: raw, sql: sql) }
                case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                    return .broken(PostgresError(.invalidUse, "cannot run COPY as a query: use copyIn or copyOut"))
                default: break
                }
            }
        }
    }

    override var mayHaveCommitted: Bool { statusAtStart == .idle }
}

extension StatementCache {
    /// A text that may have dropped prepared statements: forget them rather than fail later.
    fileprivate mutating func forgetAllIfNeeded(after sql: String) {
        for statement in StatementSplitter.split(sql) {
            if case .discard = SQLVerb(String(statement)) {
                forgetAll()
                return
            }
        }
    }
}
