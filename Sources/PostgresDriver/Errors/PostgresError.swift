/// Why something with the database failed.
///
/// Safe to log: ``description`` shows the stable code, SQLSTATE, the server's primary message and the names of constraint, table and column.
/// It never shows bound values, the server's DETAIL (which quotes rows) or the password. Messages of class 22 (data exceptions), which quote
/// the offending text, have their quoted parts blanked.
public struct PostgresError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The stable class of an error; extensible, so callers compare instead of switching.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's stable text.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// The server answered with an error; ``PostgresError/sqlState`` says which.
        public static let server = Code("server")
        /// No connection could be made to any host.
        public static let connectionFailed = Code("connectionFailed")
        /// The connection is closed or was lost while the statement ran.
        public static let connectionClosed = Code("connectionClosed")
        /// The client's own deadline for an answer passed.
        public static let timeout = Code("timeout")
        /// The Swift task was cancelled.
        public static let cancelled = Code("cancelled")
        /// A COMMIT was sent and its outcome cannot be known from this connection. Run the work again under the same key.
        public static let commitUnknown = Code("commitUnknown")
        /// A value of the answer could not be decoded as the type asked for.
        public static let decode = Code("decode")
        /// No connection became free within the pool's wait limit, or too many callers wait already.
        public static let poolTimeout = Code("poolTimeout")
        /// The pool is shut down.
        public static let poolShutdown = Code("poolShutdown")
        /// The server or libpq answered something that does not belong there.
        public static let protocolViolation = Code("protocolViolation")
        /// The configuration cannot be used.
        public static let configuration = Code("configuration")
        /// The caller broke a rule of this library, such as a transaction inside a transaction.
        public static let invalidUse = Code("invalidUse")
        /// A migration file differs from what was applied, or the files are not numbered in order.
        public static let migration = Code("migration")
    }

    /// One allocation for everything, so that a `throws(PostgresError)` function returns one word.
    private final class Storage: Sendable {
        let code: Code, message: String, sqlState: String?, severity: String?
        let constraint: String?, table: String?, column: String?, sql: String?
        let statementIndex: Int?, outcomeUnknown: Bool, isStaleStatement: Bool
        init(
            code: Code, message: String, sqlState: String?, severity: String?, constraint: String?, table: String?, column: String?,
            sql: String?,
            statementIndex: Int?, outcomeUnknown: Bool, isStaleStatement: Bool
        ) {
            self.code = code
            self.message = message
            self.sqlState = sqlState
            self.severity = severity
            self.constraint = constraint
            self.table = table
            self.column = column
            self.sql = sql
            self.statementIndex = statementIndex
            self.outcomeUnknown = outcomeUnknown
            self.isStaleStatement = isStaleStatement
        }
    }
    private let storage: Storage

    package init(
        _ code: Code, _ message: String, sqlState: String? = nil, severity: String? = nil, constraint: String? = nil, table: String? = nil,
        column: String? = nil, sql: String? = nil, statementIndex: Int? = nil, outcomeUnknown: Bool = false, isStaleStatement: Bool = false
    ) {
        storage = Storage(
            code: code, message: message, sqlState: sqlState, severity: severity, constraint: constraint, table: table, column: column,
            sql: sql,
            statementIndex: statementIndex, outcomeUnknown: outcomeUnknown || code == .commitUnknown, isStaleStatement: isStaleStatement)
    }

    /// An error of a caller's own decoder or of a rule built on this library.
    ///
    /// - Parameters:
    ///   - code: The stable class.
    ///   - message: Lower case, factual, without data of a person.
    public init(code: Code, message: String) { self.init(code, message) }

    /// The stable class of this error.
    public var code: Code { storage.code }
    /// The server's primary message, or this library's own.
    public var message: String { storage.message }
    /// The five characters of SQLSTATE, when the server gave one.
    public var sqlState: String? { storage.sqlState }
    /// `ERROR`, `FATAL` or `PANIC`, when the server gave one (never localised).
    public var severity: String? { storage.severity }
    /// The violated constraint's name. On a distributed server it may carry a shard suffix: decide by ``sqlState``.
    public var constraint: String? { storage.constraint }
    /// The table the error is about.
    public var table: String? { storage.table }
    /// The column the error is about.
    public var column: String? { storage.column }
    /// The text of the statement that failed, with placeholders: bound values are not in it.
    public var sql: String? { storage.sql }
    /// In a pipelined batch: the index of the statement that failed.
    public var statementIndex: Int? { storage.statementIndex }
    /// Whether the work may have been committed although it failed: a COMMIT, or a statement outside a transaction, was in flight when the connection was lost.
    public var outcomeUnknown: Bool { storage.outcomeUnknown }
    /// Whether a cached prepared statement was stale; it is forgotten by now, so the transaction can be run again.
    package var isStaleStatement: Bool { storage.isStaleStatement }

    /// Whether the whole transaction can simply be run again: serialization failure (40001) or deadlock (40P01).
    public var isRetryable: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// Whether the connection, not the statement, failed: class 08, 57P0x, or the client saw the socket end.
    public var isConnectionLoss: Bool {
        if code == .connectionClosed || code == .connectionFailed { return true }
        guard let sqlState else { return false }
        return sqlState.hasPrefix("08") || sqlState.hasPrefix("57P0")
    }

    /// One line without data: code, SQLSTATE, message, names.
    public var description: String {
        var text = "\(code): \(message)"
        if let sqlState { text += " [\(sqlState)]" }
        if let constraint { text += " constraint \(constraint)" }
        if let table { text += " table \(table)" }
        if let column { text += " column \(column)" }
        if let statementIndex { text += " statement \(statementIndex)" }
        return text
    }

    /// ``description`` and the statement's text (placeholders, no values).
    public var debugDescription: String {
        guard let sql else { return description }
        return "\(description)\n\(sql)"
    }

    /// The same error, seen as another code or at another statement.
    func with(
        code: Code? = nil, statementIndex: Int?? = nil, sql: String? = nil, outcomeUnknown: Bool? = nil, isStaleStatement: Bool? = nil
    ) -> PostgresError {
        PostgresError(
            code ?? self.code, message, sqlState: sqlState, severity: severity, constraint: constraint, table: table, column: column,
            sql: sql ?? self.sql, statementIndex: statementIndex ?? self.statementIndex,
            outcomeUnknown: outcomeUnknown ?? self.outcomeUnknown,
            isStaleStatement: isStaleStatement ?? self.isStaleStatement)
    }
}
