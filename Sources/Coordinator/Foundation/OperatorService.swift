package import CollectionsStore
import PostgresDriver

/// Operators: added by an admin (the first one by nobody), disabled, listed.
package struct OperatorService: Sendable {
    /// What every operator's token begins with.
    package static let tokenPrefix = "rop_"

    private let database: Database

    /// Operators of a database.
    package init(database: Database) {
        self.database = database
    }

    /// Adds an operator and makes the token, which is shown once and stored only as a hash.
    ///
    /// - Parameters:
    ///   - name: Unique, 1 to 100 characters.
    ///   - role: What the operator may do; nil: admin for the first one, viewer for others.
    ///   - authenticate: Proves who adds; not asked while the database has no operator.
    /// - Throws: `OperatorError`.
    package func add(
        name: String, role: OperatorRole?, authenticate: @Sendable () async throws -> Operator
    ) async throws -> (operator: Operator, token: NewToken) {
        let token = NewToken(prefix: Self.tokenPrefix)
        let isFirst = try await database.core.withConnection { try await OperatorQueries.isEmpty(in: $0) }
        let adder = isFirst ? nil : try await authenticate()
        if let adder, !adder.role.mayManageOperators { throw OperatorError.roleForbids(adder.role) }
        let role = role ?? (isFirst ? .admin : .viewer)
        let added = try await database.withAuditedTransaction(database.core) { transaction in
            // Somebody may have been the first meanwhile: then nobody's word is not enough any more.
            if adder == nil, try await !OperatorQueries.isEmpty(in: transaction.connection) { throw OperatorError.refused }
            let now = try await ClockQueries.read(in: transaction.connection)
            let added = try await OperatorQueries.add(name: name, role: role, tokenHash: token.hash, now: now, in: transaction.connection)
            transaction.audit(
                .operatorChange, subject: Int64(added.id),
                ["action": "added", "role": .string(role.rawValue), "by": .optional(adder?.id)])
            return added
        }
        return (added, token)
    }

    /// Disables an operator.
    ///
    /// - Throws: `OperatorError`.
    package func disable(name: String, by admin: Operator) async throws -> Operator {
        guard admin.role.mayManageOperators else { throw OperatorError.roleForbids(admin.role) }
        return try await database.withAuditedTransaction(database.core) { transaction in
            let disabled = try await OperatorQueries.disable(name: name, in: transaction.connection)
            transaction.audit(.operatorChange, subject: Int64(disabled.id), ["action": "disabled", "by": .number(admin.id)])
            return disabled
        }
    }

    /// Everybody, by name.
    package func list() async throws -> [Operator] {
        try await database.core.withConnection { try await OperatorQueries.list(in: $0) }
    }
}
