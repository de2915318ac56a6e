package import CollectionsDomain
package import PostgresDriver

/// What an operator may attest for a whole portfolio; raw values are those of `attestation.fact`.
package enum AttestedFact: String, CaseIterable, Sendable {
    /// The bank has told the debtors that an agency will work for it.
    case debtorNotice = "debtor_notice"
    /// The bank's own collection is done.
    case internalCollectionDone = "internal_collection_done"
}

/// Portfolios and what was attested for them: the SQL. No lane tables.
package enum PortfolioQueries {
    /// The portfolio of a name, made where it is missing; its day of figures only moves forward.
    package static func ensure(name: String, asOf: Day, now: Now, in db: PostgresConnection) async throws -> Int32 {
        try await db.query(
            """
            insert into portfolio (name, as_of, created_at) values (\(name), \(asOf), \(now.business))
            on conflict (name) do update set as_of = greatest(portfolio.as_of, excluded.as_of) returning portfolio_id
            """
        ).value()
    }

    /// The portfolio of a name.
    package static func find(name: String, in db: PostgresConnection) async throws -> (id: Int32, asOf: Day)? {
        try await db.query("select portfolio_id, as_of from portfolio where name = \(name)").first?.decode((Int32, Day).self)
    }

    /// Enters an attestation.
    ///
    /// - Returns: true if it is new; false if the same fact was attested before, which then stays as it is.
    package static func attest(
        portfolio: Int32, fact: AttestedFact, holdsFrom: Day, by operatorId: Int32, reason: String, now: Now, in db: PostgresConnection
    ) async throws -> Bool {
        let made = try await db.query(
            """
            insert into attestation (portfolio_id, fact, holds_from, operator_id, reason, attested_at)
            values (\(portfolio), \(fact.rawValue), \(holdsFrom), \(operatorId), \(reason), \(now.business))
            on conflict (portfolio_id, fact) do nothing returning fact
            """)
        if made.isEmpty { return false }
        if fact == .internalCollectionDone {
            try await db.query("update portfolio set internal_collection_done = true where portfolio_id = \(portfolio)")
        }
        return true
    }

    /// What was attested.
    package static func attestation(portfolio: Int32, fact: AttestedFact, in db: PostgresConnection) async throws -> Day? {
        try await db.query("select holds_from from attestation where portfolio_id = \(portfolio) and fact = \(fact.rawValue)").first?.get(0)
    }
}
