/// The rows of one statement while they come; see ``PostgresConnection/stream(_:)``.
public struct PostgresRowStream: AsyncSequence, Sendable {
    /// A row.
    public typealias Element = PostgresRow
    /// The server's error, or the connection's.
    public typealias Failure = PostgresError

    let connection: PostgresConnection
    let query: PostgresQuery

    /// Starts over: each iterator runs the statement again.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, query: query) }

    /// Takes the rows one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let connection: PostgresConnection
        let query: PostgresQuery
        private var handle: StreamHandle?
        private var rows: [PostgresResult] = []
        private var at = 0

        init(connection: PostgresConnection, query: PostgresQuery) {
            self.connection = connection
            self.query = query
        }

        /// The next row; `nil` after the last.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(PostgresError) -> PostgresRow? {
            if at < rows.count {
                defer { at += 1 }
                return PostgresRow(result: rows[at], index: 0)
            }
            let handle: StreamHandle
            if let known = self.handle {
                handle = known
            } else {
                handle = StreamHandle(connection, try await connection.streamBegin(query))
                self.handle = handle
            }
            guard !handle.isOver else { return nil }
            do throws(PostgresError) {
                guard let more = try await connection.streamNext(handle.id) else {
                    handle.isOver = true
                    return nil
                }
                rows = more
                at = 1
                return PostgresRow(result: more[0], index: 0)
            } catch {
                handle.isOver = true
                throw error
            }
        }
    }
}

/// The bytes of a `COPY … TO STDOUT` while they come; see ``PostgresConnection/copyOut(_:)``.
public struct PostgresCopyStream: AsyncSequence, Sendable {
    /// A piece of the copy.
    public typealias Element = [UInt8]
    /// The server's error, or the connection's.
    public typealias Failure = PostgresError

    let connection: PostgresConnection
    let sql: String

    /// Starts over: each iterator runs the statement again.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, sql: sql) }

    /// Takes the pieces one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let connection: PostgresConnection
        let sql: String
        private var handle: StreamHandle?

        init(connection: PostgresConnection, sql: String) {
            self.connection = connection
            self.sql = sql
        }

        /// The next piece; `nil` after the last.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(PostgresError) -> [UInt8]? {
            let handle: StreamHandle
            if let known = self.handle {
                handle = known
            } else {
                handle = StreamHandle(connection, try await connection.copyOutBegin(sql))
                self.handle = handle
            }
            guard !handle.isOver else { return nil }
            do throws(PostgresError) {
                let piece = try await connection.copyOutNext(handle.id)
                if piece == nil { handle.isOver = true }
                return piece
            } catch {
                handle.isOver = true
                throw error
            }
        }
    }
}

/// Stops a statement when its iterator is gone before the end. Belongs to one iterator and is used by it alone.
private final class StreamHandle {
    let connection: PostgresConnection
    let id: ConnectionStateMachine.ID
    var isOver = false

    init(_ connection: PostgresConnection, _ id: ConnectionStateMachine.ID) {
        self.connection = connection
        self.id = id
    }

    deinit { if !isOver { connection.abandon(id) } }
}
