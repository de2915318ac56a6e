import CLibPQ
import DequeModule

/// One statement whose rows are handed over while they come. The server is held back when nobody takes them.
final class RowStreamExchange: Exchange, @unchecked Sendable {  // touched by one at a time, as Exchange says: caller, loop, caller
    /// Rows kept until the socket is no longer read.
    private static let bufferMax = 512

    private let query: PostgresQuery
    private var rows: [PostgresResult] = []
    private var isAbandoned = false

    init(_ query: PostgresQuery) {
        self.query = query
        super.init()
    }

    override var wantsInput: Bool { isAbandoned || rows.count < Self.bufferMax }
    override var awaitsServer: Bool { rows.isEmpty }

    override func start(_ wire: Wire) -> Step {
        wire.exitPipeline()
        guard wire.sendUnnamed(query), wire.setSingleRow() else { return .broken(wire.failure(.protocolViolation)) }
        return .more
    }

    override func proceed(_ wire: Wire) -> Step {
        defer { if !rows.isEmpty { wake() } }
        while wantsInput {
            switch wire.next() {
            case .wait: return .more
            case .none: return .done
            case .result(let raw):
                switch PQresultStatus(raw) {
                case PGRES_SINGLE_TUPLE:
                    if isAbandoned { PQclear(raw) } else { rows.append(PostgresResult(adopting: raw)) }
                case PGRES_FATAL_ERROR:
                    failure = failure ?? wire.failure(of: raw, sql: query.sql)
                    PQclear(raw)
                case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                    PQclear(raw)
                    return .broken(PostgresError(.invalidUse, "cannot run COPY as a query: use copyIn or copyOut"))
                default: PQclear(raw)
                }
            }
        }
        return .more
    }

    /// What is there, taken out.
    func take() -> [PostgresResult] {
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    override func abandon() {
        isAbandoned = true
        rows.removeAll()
    }
}
