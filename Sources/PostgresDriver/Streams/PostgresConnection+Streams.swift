extension PostgresConnection {
    /// Runs one statement and hands its rows over while they come; the server is held back when they are not taken.
    ///
    /// The statement starts with the first row asked for and occupies the connection until its last row was taken, or the iterator is gone: then it is
    /// cancelled.
    public nonisolated func stream(_ query: PostgresQuery) -> PostgresRowStream { PostgresRowStream(connection: self, query: query) }

    /// Runs `COPY … TO STDOUT` and hands over what comes, in pieces that need not end with a row.
    ///
    /// - Parameter sql: The whole COPY statement, without values.
    public nonisolated func copyOut(_ sql: String) -> PostgresCopyStream { PostgresCopyStream(connection: self, sql: sql) }

    /// Runs `COPY … FROM STDIN` with all pieces of a sequence.
    ///
    /// - Parameters:
    ///   - sql: The whole COPY statement, without values.
    ///   - chunks: The rows as text or binary; pieces need not end with a row.
    /// - Returns: How many rows the server took.
    /// - Throws: What `chunks` throws, and then nothing was copied; or the server's error.
    @discardableResult
    public nonisolated(nonsending) func copyIn<Chunks: AsyncSequence>(_ sql: String, _ chunks: Chunks) async throws -> Int
    where Chunks.Element == [UInt8] {
        try await withCopyIn(sql) { writer in
            for try await chunk in chunks { try await writer.write(chunk) }
        }
    }

    /// Runs `COPY … FROM STDIN` with what `body` writes.
    ///
    /// - Parameters:
    ///   - sql: The whole COPY statement, without values.
    ///   - body: Writes all rows. When it throws, nothing is copied.
    /// - Returns: How many rows the server took.
    /// - Throws: What `body` throws, or the server's error.
    @discardableResult
    public nonisolated(nonsending) func withCopyIn(_ sql: String, _ body: (PostgresCopyWriter) async throws -> Void) async throws -> Int {
        let writer = PostgresCopyWriter(self, try await copyBegin(sql))
        do {
            try await body(writer)
            try await writer.flush()
        } catch {
            if let failure = await copyRefuse(writer.id), failure.sqlState != "57014" { throw Self.moreTelling(error, failure) }
            throw error
        }
        return try await copyEnd(writer.id)
    }

    /// A failed write only says that the copy is over; the server says why.
    private static func moreTelling(_ error: any Error, _ failure: PostgresError) -> any Error {
        guard let own = error as? PostgresError, own.code == .protocolViolation || own.code == .connectionClosed else { return error }
        return failure
    }

    // MARK: Copy in

    private func copyBegin(_ sql: String) async throws(PostgresError) -> ConnectionStateMachine.ID {
        try await sendPendingBegin()
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        let exchange = CopyInExchange(sql)
        let id = open(exchange)
        while exchange.isStarting { await wait(for: exchange, id) }
        if let failure = exchange.failure { throw failure }
        if exchange.isFinished { throw PostgresError(.protocolViolation, "the copy ended before it began") }
        return id
    }

    func copySend(_ id: ConnectionStateMachine.ID, _ bytes: [UInt8]) async throws(PostgresError) {
        guard let exchange = openExchange(id) as? CopyInExchange else { throw PostgresError(.connectionClosed, "the copy is over") }
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled while copying") }
        guard exchange.send(bytes, wire) else { throw PostgresError(.protocolViolation, "the copy does not take any more") }
        resume(exchange)
        while exchange.needsFlush, !exchange.isFinished { await wait(for: exchange, id) }
        if let failure = exchange.failure { throw failure }
    }

    private func copyEnd(_ id: ConnectionStateMachine.ID) async throws(PostgresError) -> Int {
        guard let exchange = openExchange(id) as? CopyInExchange else { throw closedError }
        guard exchange.end(nil, wire) else { throw PostgresError(.protocolViolation, "the copy does not take any more") }
        resume(exchange)
        while !exchange.isFinished { await wait(for: exchange, id) }
        if let failure = exchange.failure { throw failure }
        return exchange.count
    }

    /// Makes the server throw the copy away. Returns what it says.
    private func copyRefuse(_ id: ConnectionStateMachine.ID) async -> PostgresError? {
        guard let exchange = openExchange(id) as? CopyInExchange else { return closedError }
        guard exchange.end("the client gave up", wire) else { return exchange.failure }
        exchange.limit = Self.shieldedLimit
        resume(exchange)
        while !exchange.isFinished { await withUnsafeContinuation { exchange.wait($0) } }
        return exchange.failure
    }

    // MARK: Rows and copy out

    func streamBegin(_ query: PostgresQuery) async throws(PostgresError) -> ConnectionStateMachine.ID {
        try await sendPendingBegin()
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        let exchange = RowStreamExchange(query)
        let id = open(exchange)
        streams[id] = exchange
        return id
    }

    /// The next rows, at least one; `nil` at the end.
    func streamNext(_ id: ConnectionStateMachine.ID) async throws(PostgresError) -> [PostgresResult]? {
        guard let exchange = streams[id] as? RowStreamExchange else { return nil }
        while true {
            if Task.isCancelled, !exchange.isFinished {
                abandon(id)
                throw PostgresError(.cancelled, "the task was cancelled in the middle of the rows")
            }
            let rows = exchange.take()
            if !rows.isEmpty {
                resume(exchange)
                return rows
            }
            if exchange.isFinished {
                streams[id] = nil
                if let failure = exchange.failure { throw failure }
                return nil
            }
            await wait(for: exchange, id)
        }
    }

    func copyOutBegin(_ sql: String) async throws(PostgresError) -> ConnectionStateMachine.ID {
        try await sendPendingBegin()
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled before the statement was sent") }
        let exchange = CopyOutExchange(sql)
        let id = open(exchange)
        streams[id] = exchange
        return id
    }

    /// The next bytes, at least one; `nil` at the end.
    func copyOutNext(_ id: ConnectionStateMachine.ID) async throws(PostgresError) -> [UInt8]? {
        guard let exchange = streams[id] as? CopyOutExchange else { return nil }
        while true {
            if Task.isCancelled, !exchange.isFinished {
                abandon(id)
                throw PostgresError(.cancelled, "the task was cancelled in the middle of the copy")
            }
            let bytes = exchange.take()
            if !bytes.isEmpty {
                resume(exchange)
                return bytes
            }
            if exchange.isFinished {
                streams[id] = nil
                if let failure = exchange.failure { throw failure }
                return nil
            }
            await wait(for: exchange, id)
        }
    }

    private func wait(for exchange: Exchange, _ id: ConnectionStateMachine.ID) async {
        await withTaskCancellationHandler {
            // The actor is named: in a closure that does not mention it the default is nobody (Swift 6.3), and the continuation was made off the loop,
            // where it met the wake-up on the loop: a COPY of an import once waited for ever.
            await withUnsafeContinuation(isolation: self) { continuation in
                precondition(loop.isCurrent, "an exchange is waited for on its loop")
                exchange.wait(continuation)
            }
        } onCancel: { [self] in
            requestCancel(id)
        }
    }
}
