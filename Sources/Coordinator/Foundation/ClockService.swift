package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// The clock of a rehearsal, moved by operators.
package struct ClockService: Sendable {
    private let database: Database

    /// The clock of a database.
    package init(database: Database) {
        self.database = database
    }

    /// Both presents, the anchor, and who paces it.
    package func show() async throws -> (now: Now, anchor: ClockAnchor, driver: String?) {
        try await database.core.withConnection { try await ClockQueries.show(in: $0) }
    }

    /// Sets business time; it stands there unless a rate is given.
    ///
    /// - Throws: `ClockError`, `OperatorError.roleForbids`.
    package func set(to time: Instant, rate: Double?, by actor: Operator) async throws -> Now {
        try await move(by: actor) { try await ClockQueries.set(to: time, rate: rate ?? 0, in: $0) }
    }

    /// Moves business time on; its rate stays unless one is given.
    ///
    /// - Throws: `ClockError`, `OperatorError.roleForbids`.
    package func advance(by duration: Duration, rate: Double?, by actor: Operator) async throws -> Now {
        try await move(by: actor) { try await ClockQueries.advance(by: duration, rate: rate, in: $0) }
    }

    private func move(by actor: Operator, _ step: @Sendable (PostgresConnection) async throws -> Now) async throws -> Now {
        guard actor.role.mayChange else { throw OperatorError.roleForbids(actor.role) }
        return try await database.withAuditedTransaction(database.core) { transaction in
            let now = try await step(transaction.connection)
            try await WorkNewsQueries.announceEverything(in: transaction.connection)
            transaction.audit(
                .clock, subject: 0, ["to": .string(now.business.description), "rate": .string(String(now.rate)), "by": .number(actor.id)])
            return now
        }
    }
}
