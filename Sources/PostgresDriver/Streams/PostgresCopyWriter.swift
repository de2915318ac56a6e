/// Takes the rows of a `COPY … FROM STDIN`.
public final class PostgresCopyWriter {
    /// Small writes are collected to pieces of this size.
    static let pieceBytes = 64 * 1024

    private let connection: PostgresConnection
    let id: ConnectionStateMachine.ID
    private var buffer: [UInt8] = []

    init(_ connection: PostgresConnection, _ id: ConnectionStateMachine.ID) {
        self.connection = connection
        self.id = id
        buffer.reserveCapacity(Self.pieceBytes)
    }

    /// Writes bytes; waits while the server does not take more.
    ///
    /// - Throws: The connection's error, or `.cancelled`. The server's own error may come as late as at the end of the copy.
    public func write(_ bytes: [UInt8]) async throws(PostgresError) {
        if bytes.count >= Self.pieceBytes {
            try await flush()
            try await connection.copySend(id, bytes)
            return
        }
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.pieceBytes { try await flush() }
    }

    /// Writes text.
    ///
    /// - Throws: As ``write(_:)-swift.method``.
    public func write(_ text: String) async throws(PostgresError) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.pieceBytes { try await flush() }
    }

    /// Sends what was collected.
    func flush() async throws(PostgresError) {
        guard !buffer.isEmpty else { return }
        let piece = buffer
        buffer.removeAll(keepingCapacity: true)
        try await connection.copySend(id, piece)
    }
}
