package import CollectionsStore
package import PostgresDriver

/// Transactions of the hot paths: the body sends its last statements with the COMMIT itself (`commit(after:)`), and the audit streams are told
/// how it ended.
package enum HotTransaction {
    /// Runs `body` in a transaction on a connection of `pool`. Nothing is retried here: what may be run again, and how, is the caller's to know.
    package static func run<Value: Sendable>(
        _ database: Database, on pool: PostgresPool, body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await pool.withConnection { connection in
            database.audit.rolledBack(connection)
            do {
                let value = try await connection.withTransaction { try await body($0) }
                database.audit.committed(connection)
                return value
            } catch {
                if (error as? PostgresError)?.outcomeUnknown == true {
                    database.audit.doubtful(connection)
                } else {
                    database.audit.rolledBack(connection)
                }
                throw error
            }
        }
    }
}
