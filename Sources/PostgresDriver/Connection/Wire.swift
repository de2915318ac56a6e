import CLibPQ
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One libpq connection. Used on its connection's event loop alone, hence not Sendable.
final class Wire {
    /// `nil` once closed.
    private(set) var raw: OpaquePointer?
    var cache: StatementCache
    let usesNames: Bool
    private let flags: ConnectionFlags
    private let notices: NoticeCounter
    private var isPipelining = false

    /// Takes over a connected, non-blocking `PGconn`.
    init(adopting raw: OpaquePointer, configuration: PostgresConfiguration, flags: ConnectionFlags) {
        self.raw = raw
        self.flags = flags
        cache = StatementCache(limit: configuration.statementCacheLimit)
        usesNames = configuration.namedStatements
        notices = NoticeCounter()
        PQsetNoticeReceiver(raw, NoticeCounter.receive, Unmanaged.passUnretained(notices).toOpaque())
        PQsetnonblocking(raw, 1)
        enterPipeline()
    }

    deinit { close() }

    /// Closes the socket. The notice counter outlives it.
    func close() {
        guard let raw else { return }
        self.raw = nil
        PQfinish(raw)
    }

    var socket: Int32 { raw.map { PQsocket($0) } ?? -1 }
    var isBroken: Bool { raw.map { PQstatus($0) == CONNECTION_BAD } ?? true }
    var transactionStatus: TransactionStatus { TransactionStatus(raw.map { PQtransactionStatus($0) } ?? PQTRANS_UNKNOWN) }
    /// How many plain warnings (01000) of the server itself have come.
    var warnings: UInt64 { notices.warnings }
    /// How many notices libpq has made up itself.
    var libraryNotices: UInt64 { notices.ofLibrary }

    /// Reads what the socket has. `false` when the connection has ended.
    func consume() -> Bool {
        guard PQconsumeInput(raw) == 1 else { return false }
        // A TLS record is larger than what libpq reads at once. What is left of it waits inside the TLS library, where no socket event tells of it.
        guard let tls = PQgetssl(raw) else { return true }
        while TLSLibrary.holdsData(tls) {
            guard PQconsumeInput(raw) == 1 else { return false }
        }
        return true
    }

    /// The BEGIN of a transaction scope: it goes out with the first statement of it, whichever that is.
    func takePendingBegin() -> PostgresQuery? { flags.scope.withLock { $0.takePendingBegin() } }

    enum Flush { case done, pending, broken }

    /// Sends what is queued.
    func flush() -> Flush {
        switch PQflush(raw) {
        case 0: .done
        case 1: .pending
        default: .broken
        }
    }

    enum Answer { case wait, none, result(OpaquePointer) }

    /// The next answer, without blocking.
    func next() -> Answer {
        guard PQisBusy(raw) == 0 else { return .wait }
        guard let result = PQgetResult(raw) else { return .none }
        return .result(result)
    }

    func enterPipeline() {
        guard !isPipelining else { return }
        isPipelining = PQenterPipelineMode(raw) == 1
    }

    func exitPipeline() {
        guard isPipelining else { return }
        isPipelining = PQexitPipelineMode(raw) == 0
    }

    // MARK: Sending; each returns false when libpq refuses.

    func sendPrepare(_ query: borrowing PostgresQuery, as statement: PreparedStatement) -> Bool {
        let sql = query.sql
        return query.binds.withParameters { count, types, _, _, _ in PQsendPrepare(raw, statement.name, sql, count, types) == 1 }
    }

    func sendExecute(_ query: borrowing PostgresQuery, as statement: PreparedStatement) -> Bool {
        query.binds.withParameters { count, _, values, lengths, formats in
            PQsendQueryPrepared(raw, statement.name, count, values, lengths, formats, 1) == 1
        }
    }

    func sendUnnamed(_ query: borrowing PostgresQuery) -> Bool {
        let sql = query.sql
        return query.binds.withParameters { count, types, values, lengths, formats in
            PQsendQueryParams(raw, sql, count, types, values, lengths, formats, 1) == 1
        }
    }

    func sendUnnamed(_ sql: String) -> Bool { PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 1) == 1 }
    func sendSimple(_ sql: String) -> Bool { PQsendQuery(raw, sql) == 1 }
    func sendSync() -> Bool { PQpipelineSync(raw) == 1 }
    func setSingleRow() -> Bool { PQsetSingleRowMode(raw) == 1 }

    // MARK: Errors

    /// What libpq says about the connection.
    func failure(_ code: PostgresError.Code) -> PostgresError {
        let text = raw.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        return PostgresError(code, Self.firstLine(text) ?? "the connection is closed")
    }

    /// The error an answer holds.
    func failure(of result: OpaquePointer, sql: String? = nil, index: Int? = nil) -> PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        guard let state = field("C") else {
            let text = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
            return PostgresError(
                isBroken ? .connectionClosed : .protocolViolation, Self.firstLine(text) ?? "no answer of the server", sql: sql,
                statementIndex: index)
        }
        var message = field("M") ?? ""
        if state.hasPrefix("22") { message = Self.blanked(message) }
        // "cached plan must not change result type", whatever the server's language; or the name is not known (any more) or taken.
        let stale = state == "0A000" && field("R") == "RevalidateCachedQuery" || state == "26000" || state == "42P05"
        let code: PostgresError.Code =
            state.hasPrefix("57P0") || state.hasPrefix("08")
            ? .connectionClosed : (state == "57014" && message.contains("timeout") ? .timeout : .server)
        return PostgresError(
            code, message, sqlState: state, severity: field("V"), constraint: field("n"), table: field("t"), column: field("c"), sql: sql,
            statementIndex: index, isStaleStatement: stale)
    }

    /// The message of a data exception without what it quotes: that is a value.
    static func blanked(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return message }
        return String(parts[0]) + "\"…\"" + (parts.last.map(String.init) ?? "")
    }

    private static func firstLine(_ text: String) -> String? {
        text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}

/// The one thing libpq does not tell about the TLS library it has loaded.
private enum TLSLibrary {
    private typealias Pending = @convention(c) (UnsafeMutableRawPointer) -> Int32
    /// `SSL_pending`, found among what is loaded; this package does not link a TLS library itself. The cast is to its declared C type, `int (const SSL *)`,
    /// which OpenSSL and its forks have kept.
    private static let pending: Pending? = dlsym(UnsafeMutableRawPointer(bitPattern: searchEverything), "SSL_pending").map {
        unsafeBitCast($0, to: Pending.self)
    }
    #if canImport(Darwin)
        private static let searchEverything = -2
    #else
        private static let searchEverything = 0
    #endif

    static func holdsData(_ tls: UnsafeMutableRawPointer) -> Bool { pending.map { $0(tls) > 0 } ?? false }
}

/// Where the session stands.
enum TransactionStatus: UInt8, Sendable {
    /// No transaction.
    case idle
    /// A statement runs.
    case active
    /// In a transaction.
    case inTransaction
    /// In a transaction that can only be rolled back.
    case failed
    /// The connection is gone.
    case unknown

    init(_ status: PGTransactionStatusType) {
        switch status {
        case PQTRANS_IDLE: self = .idle
        case PQTRANS_ACTIVE: self = .active
        case PQTRANS_INTRANS: self = .inTransaction
        case PQTRANS_INERROR: self = .failed
        default: self = .unknown
        }
    }
}

/// Counts the server's plain warnings: one during a COMMIT says that the commit may not have reached the standby.
///
/// Not those that functions raise (`RAISE WARNING` has the same SQLSTATE): they say nothing about the commit.
private final class NoticeCounter {
    var warnings: UInt64 = 0
    var ofLibrary: UInt64 = 0

    static let receive: PQnoticeReceiver = { context, result in
        guard let context else { return }
        let counter = Unmanaged<NoticeCounter>.fromOpaque(context).takeUnretainedValue()
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            counter.ofLibrary += 1
            return
        }
        guard String(cString: state) == "01000" else { return }
        let routine = PQresultErrorField(result, Int32(UInt8(ascii: "R"))).map { String(cString: $0) }
        if routine != "exec_stmt_raise" { counter.warnings += 1 }
    }
}
