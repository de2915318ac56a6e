import CLibPQ

/// `COPY … TO STDOUT`: pieces of the server's text or binary, handed over while they come.
final class CopyOutExchange: Exchange, @unchecked Sendable {  // touched by one at a time, as Exchange says: caller, loop, caller
    private enum Phase { case starting, streaming, ending }
    /// Bytes kept until the socket is no longer read.
    private static let bufferMax = 256 * 1024

    private let sql: String
    private var phase = Phase.starting
    private var bytes: [UInt8] = []
    private var isAbandoned = false

    init(_ sql: String) {
        self.sql = sql
        super.init()
    }

    override var wantsInput: Bool { isAbandoned || bytes.count < Self.bufferMax }
    override var awaitsServer: Bool { bytes.isEmpty }

    override func start(_ wire: Wire) -> Step {
        wire.exitPipeline()
        return wire.sendSimple(sql) ? .more : .broken(wire.failure(.protocolViolation))
    }

    override func proceed(_ wire: Wire) -> Step {
        defer { if !bytes.isEmpty { wake() } }
        while true {
            if phase == .streaming {
                guard wantsInput else { return .more }
                var piece: UnsafeMutablePointer<CChar>?
                let count = PQgetCopyData(wire.raw, &piece, 1)
                if count > 0, let piece {
                    if !isAbandoned { bytes.append(contentsOf: UnsafeRawBufferPointer(start: piece, count: Int(count))) }
                    PQfreemem(piece)
                    continue
                }
                if count == 0 { return .more }
                phase = .ending  // -1: all is there; -2: the next answer says why not
            }
            switch wire.next() {
            case .wait: return .more
            case .none: return .done
            case .result(let raw):
                defer { PQclear(raw) }
                switch PQresultStatus(raw) {
                case PGRES_COPY_OUT where phase == .starting:
                    phase = .streaming
                case PGRES_FATAL_ERROR: failure = failure ?? wire.failure(of: raw, sql: sql)
                case PGRES_COPY_IN, PGRES_COPY_BOTH, PGRES_COPY_OUT:
                    return .broken(PostgresError(.invalidUse, "cannot copy out: the statement is not COPY … TO STDOUT"))
                default:
                    if phase == .starting {
                        failure = failure ?? PostgresError(.invalidUse, "cannot copy out: the statement is not COPY … TO STDOUT")
                    }
                }
            }
        }
    }

    /// What is there, taken out.
    func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    override func abandon() {
        isAbandoned = true
        bytes = []
    }
}
