import CLibPQ

/// `COPY … FROM STDIN`: pieces sent while the caller makes them. The caller is held back while the socket takes no more.
final class CopyInExchange: Exchange, @unchecked Sendable {  // touched by one at a time, as Exchange says: caller, loop, caller
    private enum Phase { case starting, sending, ending }

    private let sql: String
    private var phase = Phase.starting
    private var isFlushing = false
    private var statusAtStart = TransactionStatus.idle
    /// How many rows the server took.
    private(set) var count = 0

    init(_ sql: String) {
        self.sql = sql
        super.init()
    }

    override var awaitsServer: Bool { phase != .sending }
    override var mayHaveCommitted: Bool { phase == .ending && statusAtStart == .idle }

    override func start(_ wire: Wire) -> Step {
        wire.exitPipeline()
        statusAtStart = wire.transactionStatus
        return wire.sendSimple(sql) ? .more : .broken(wire.failure(.protocolViolation))
    }

    override func proceed(_ wire: Wire) -> Step {
        // While we send, libpq keeps an error of the server back until the end of the copy.
        if phase == .sending { return .more }
        while true {
            switch wire.next() {
            case .wait: return .more
            case .none: return .done
            case .result(let raw):
                defer { PQclear(raw) }
                switch PQresultStatus(raw) {
                case PGRES_COPY_IN where phase == .starting:
                    phase = .sending
                    wake()
                    return .more
                case PGRES_FATAL_ERROR: failure = failure ?? wire.failure(of: raw, sql: sql)
                case PGRES_COMMAND_OK where phase == .ending:
                    count = PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0
                case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                    return .broken(PostgresError(.invalidUse, "cannot copy in: the statement is not COPY … FROM STDIN"))
                default:
                    if phase == .starting {
                        failure = failure ?? PostgresError(.invalidUse, "cannot copy in: the statement is not COPY … FROM STDIN")
                    }
                }
            }
        }
    }

    override func flushed() {
        guard isFlushing else { return }
        isFlushing = false
        if phase == .sending { wake() }
    }

    /// Queues a piece; ``needsFlush`` says afterwards whether the caller must wait. `false` when libpq refuses.
    func send(_ bytes: [UInt8], _ wire: Wire) -> Bool {
        guard phase == .sending else { return false }
        return bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress, raw.count > 0 else { return true }
            isFlushing = true
            return PQputCopyData(wire.raw, base.assumingMemoryBound(to: CChar.self), Int32(raw.count)) == 1
        }
    }

    /// Whether the server has not yet said that it takes rows.
    var isStarting: Bool { phase == .starting && !isFinished }

    /// Whether what was queued has not all gone out.
    var needsFlush: Bool { isFlushing }

    /// Ends the copy: with everything sent, or so that the server throws it away.
    func end(_ refusal: String?, _ wire: Wire) -> Bool {
        guard phase == .sending else { return false }
        phase = .ending
        return PQputCopyEnd(wire.raw, refusal) == 1
    }
}
