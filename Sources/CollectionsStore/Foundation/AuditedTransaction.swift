package import PostgresDriver
import Synchronization

/// A transaction whose audit entries are written with it, just before its COMMIT.
package final class AuditedTransaction: Sendable {
    /// The connection the transaction is open on.
    package let connection: PostgresConnection
    private let part: Int32
    private let drafts = Mutex<[(part: Int32, draft: AuditDraft)]>([])

    init(connection: PostgresConnection, part: Int32) {
        self.connection = connection
        self.part = part
    }

    /// Adds an entry in the transaction's lane, or in another one.
    package func audit(_ draft: AuditDraft, part: Int32? = nil) {
        drafts.withLock { $0.append((part ?? self.part, draft)) }
    }

    /// Adds an entry in the transaction's lane, or in another one.
    package func audit(_ kind: AuditKind, subject: Int64, _ body: CanonicalJSON, part: Int32? = nil) {
        audit(AuditDraft(kind: kind, subject: subject, body: body), part: part)
    }

    /// Adds entries in the transaction's lane, or in another one.
    package func audit(_ drafts: [AuditDraft], part: Int32? = nil) {
        for draft in drafts { audit(draft, part: part) }
    }

    /// The entries by lane, lanes ascending, each lane's in the order they were added.
    var byPart: [(part: Int32, drafts: [AuditDraft])] {
        let all = drafts.withLock { $0 }
        return Dictionary(grouping: all, by: \.part).sorted { $0.key < $1.key }.map { ($0.key, $0.value.map(\.draft)) }
    }
}

extension Database {
    /// The lane of entries that are about no debtor: operators, agencies, policies, files.
    package static let controlPart: Int32 = 0

    /// Runs `body` in a transaction and commits it together with the audit entries it added.
    ///
    /// Serialization failures and deadlocks run the body again, on a clean transaction and without the entries of the failed try. A commit
    /// whose outcome is unknown is thrown as the driver's `commitUnknown`; the connection's audit streams then end, and new ones begin.
    /// - Parameters:
    ///   - pool: ``core`` or ``api``.
    ///   - part: The lane of entries that name no other.
    ///   - agencies: On the API's pool: the agencies whose rows the transaction may see.
    package func withAuditedTransaction<Value: Sendable>(
        _ pool: PostgresPool, part: Int32 = Database.controlPart, agencies: [Int32] = [],
        body: @Sendable (AuditedTransaction) async throws -> Value
    ) async throws -> Value {
        try await pool.withTransaction { connection in
            do {
                if !agencies.isEmpty { try await connection.query(Isolation.statement(agencies: agencies)) }
                let transaction = AuditedTransaction(connection: connection, part: part)
                let value = try await body(transaction)
                var statements: [PostgresQuery] = []
                for (part, drafts) in transaction.byPart {
                    statements.append(try await audit.entries(part: part, connection: connection, drafts: drafts))
                }
                // The streams' ends are set while the connection is still ours: the next borrower chains on them.
                if !statements.isEmpty {
                    _ = try await connection.commit(after: statements)
                    audit.committed(connection)
                }
                return value
            } catch {
                if (error as? PostgresError)?.outcomeUnknown ?? false { audit.doubtful(connection) } else { audit.rolledBack(connection) }
                throw error
            }
        }
    }
}

/// Which agencies' rows a transaction of the API role may see.
package enum Isolation {
    /// `set local recourse.agencies = '{3,7}'`: a literal made of integers, because SET takes no parameters.
    package static func statement(agencies: [Int32]) -> PostgresQuery {
        let list = Set(agencies).sorted().map(String.init).joined(separator: ",")
        var query: PostgresQuery = "set local recourse.agencies = '{\(unescaped: list)}'"
        query.isCached = false
        return query
    }
}
