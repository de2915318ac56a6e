import Synchronization

extension PostgresConnection {
    /// Runs one statement and returns its rows, all of them.
    ///
    /// - Throws: The server's error, or the connection's; `.cancelled` when the task is cancelled, after the server has stopped.
    @discardableResult
    public nonisolated(nonsending) func query(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult {
        let results = try await run([query])
        guard let result = results.first else { throw PostgresError(.protocolViolation, "a statement without an answer") }
        return result
    }

    /// Sends a batch of statements at once, with one sync point, and returns their answers in order.
    ///
    /// Outside a transaction the batch is one: an error undoes all of it. It may hold its own `BEGIN` and `COMMIT`; when it fails between them, the
    /// transaction is rolled back before the error is thrown. A guard before a `COMMIT` in the batch must be an error, not an empty answer.
    ///
    /// - Throws: The first error, with ``PostgresError/statementIndex``; `.commitUnknown` when a `COMMIT` of the batch was sent and not answered.
    public nonisolated(nonsending) func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        if queries.isEmpty { return [] }
        return try await run(queries)
    }

    /// Runs several statements in one text by the simple protocol, without values and answers: for schema changes and administration.
    public nonisolated(nonsending) func simple(_ sql: String) async throws(PostgresError) {
        try await sendPendingBegin()
        let exchange = SimpleExchange(sql)
        await perform(exchange)
        if let failure = exchange.failure { throw failure }
    }

    /// The protocol counts parameters in 16 bits.
    private static let bindsMax = 65_535

    /// Runs a batch.
    nonisolated(nonsending) func run(_ queries: [PostgresQuery], isShielded: Bool = false) async throws(PostgresError) -> [PostgresResult] {
        for (index, query) in queries.enumerated() where query.bindCount > Self.bindsMax {
            throw PostgresError(.invalidUse, "cannot bind more than \(Self.bindsMax) values: bind arrays", statementIndex: index)
        }
        let exchange = BatchExchange(queries)
        await perform(exchange, isShielded: isShielded)
        if let failure = exchange.failure { throw failure }
        return exchange.results
    }

    /// Sends a BEGIN that waited for the first statement, before something that cannot be in one batch with it.
    nonisolated(nonsending) func sendPendingBegin() async throws(PostgresError) {
        guard flags.scope.withLock({ $0.isPending }) else { return }
        let exchange = BatchExchange([])
        await perform(exchange)
        if let failure = exchange.failure { throw failure }
    }
}
