import Synchronization

/// How much a transaction sees of others.
public enum PostgresIsolation: String, Sendable, CaseIterable {
    /// Each statement sees what was committed before it.
    case readCommitted = "READ COMMITTED"
    /// All statements see what was committed before the first.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after the other; expect 40001 and run again.
    case serializable = "SERIALIZABLE"
}

/// The transaction that ``PostgresConnection/withTransaction(isolation:readOnly:_:)`` has opened.
enum TransactionScope {
    /// None.
    case none
    /// Wanted; its BEGIN goes out with the first statement and costs no round trip.
    case pending(PostgresQuery)
    /// Begun.
    case begun
    /// Committed together with the last batch.
    case committed

    var isPending: Bool { if case .pending = self { true } else { false } }

    /// The BEGIN to send now, if it still has to be.
    mutating func takePendingBegin() -> PostgresQuery? {
        guard case .pending(let begin) = self else { return nil }
        self = .begun
        return begin
    }
}

extension PostgresConnection {
    /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws.
    ///
    /// The BEGIN travels with the first statement. `body` runs where the caller runs, not on the event loop.
    ///
    /// - Parameters:
    ///   - isolation: The isolation level; `nil` is the server's default.
    ///   - readOnly: Whether writes are refused.
    ///   - body: What to do. It must not begin another transaction; use ``savepoint(_:_:)`` for parts that may fail.
    /// - Throws: What `body` throws; the server's error at COMMIT; `.commitUnknown`, with the socket closed, when the COMMIT was sent and its outcome is not
    ///   known; SQLSTATE 25P02 when `body` swallowed an error and there was nothing left to commit.
    @discardableResult
    public nonisolated(nonsending) func withTransaction<R>(
        isolation: PostgresIsolation? = nil, readOnly: Bool = false, _ body: (PostgresConnection) async throws -> R
    ) async throws -> R {
        try beginTransaction(isolation, readOnly)
        let result: R
        do {
            result = try await body(self)
        } catch {
            await rollbackTransaction()
            throw error
        }
        try await commitTransaction()
        return result
    }

    /// In ``withTransaction(isolation:readOnly:_:)``: sends the last statements and the COMMIT in one round trip.
    ///
    /// - Throws: As ``pipeline(_:)``; afterwards no more statements may be run in this transaction.
    public nonisolated(nonsending) func commit(after queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        switch flags.scope.withLock({ $0 }) {
        case .pending, .begun: break
        case .none, .committed: throw PostgresError(.invalidUse, "cannot commit: no transaction is open")
        }
        var results = try await run(queries + ["COMMIT"])
        results.removeLast()
        flags.scope.withLock { $0 = .committed }
        return results
    }

    /// Runs `body` behind a savepoint: when it throws, what it did is undone and the transaction can go on.
    ///
    /// - Parameters:
    ///   - name: A plain identifier.
    ///   - body: What to do.
    @discardableResult
    public nonisolated(nonsending) func savepoint<R>(_ name: String, _ body: (PostgresConnection) async throws -> R) async throws -> R {
        guard let first = name.utf8.first, first == 95 || (97...122).contains(first | 0x20),
            name.utf8.allSatisfy({ $0 == 95 || (48...57).contains($0) || (97...122).contains($0 | 0x20) })
        else { throw PostgresError(.invalidUse, "cannot use this name for a savepoint: letters, digits and _ only") }
        try await query(PostgresQuery("SAVEPOINT \(name)" as String))
        let result: R
        do {
            result = try await body(self)
        } catch {
            try await rollback(to: name)
            throw error
        }
        try await query(PostgresQuery("RELEASE SAVEPOINT \(name)" as String))
        return result
    }

    private nonisolated(nonsending) func rollback(to savepoint: String) async throws(PostgresError) {
        guard !isClosed else { return }
        _ = try await run(
            [PostgresQuery("ROLLBACK TO SAVEPOINT \(savepoint)" as String), PostgresQuery("RELEASE SAVEPOINT \(savepoint)" as String)],
            isShielded: true)
    }

    private nonisolated func beginTransaction(_ isolation: PostgresIsolation?, _ readOnly: Bool) throws(PostgresError) {
        guard !isClosed else { throw PostgresError(.connectionClosed, "the connection is closed") }
        var sql = "BEGIN"
        if let isolation { sql += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { sql += " READ ONLY" }
        let begin = PostgresQuery(sql)
        let isFree = flags.scope.withLock { scope in
            guard case .none = scope else { return false }
            scope = .pending(begin)
            return true
        }
        guard isFree else { throw PostgresError(.invalidUse, "cannot begin a transaction inside a transaction: use a savepoint") }
    }

    /// Ends the transaction after an error; closes the connection when even that fails.
    private nonisolated(nonsending) func rollbackTransaction() async {
        guard closeScope() else { return }
        // After a failed batch that began it, the transaction is rolled back already.
        guard !isClosed, flags.transactionStatus != .idle else { return }
        do throws(PostgresError) {
            _ = try await run(["ROLLBACK"], isShielded: true)
        } catch {
            await close()
        }
    }

    /// Leaves the transaction scope. Whether the server may still have its transaction: not when nothing was sent, or everything is done.
    private nonisolated func closeScope() -> Bool {
        flags.scope.withLock { scope in
            defer { scope = .none }
            if case .begun = scope { return true }
            return false
        }
    }

    private nonisolated(nonsending) func commitTransaction() async throws(PostgresError) {
        guard closeScope() else { return }
        guard !isClosed else { throw PostgresError(.connectionClosed, "the connection was lost before the COMMIT was sent") }
        guard flags.transactionStatus != .idle else { return }  // the caller ended it in SQL
        do throws(PostgresError) {
            _ = try await run(["COMMIT"], isShielded: true)
        } catch {
            throw error.with(statementIndex: .some(nil))
        }
    }
}
