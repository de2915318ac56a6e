package import CollectionsDomain
package import PostgresDriver

/// A placement about to be written.
package struct NewPlacement: Hashable, Sendable {
    package var placementId: Int64
    package var accountId: Int64
    package var debtorId: Int64
    package var caseId: Int64
    package var agencyId: Int32
    package var portfolioId: Int32
    package var runId: Int64
    /// How many holders the account had, this one included (手别).
    package var tier: Int16
    /// The bank's bucket on this day: the rate card goes by it for the whole placement.
    package var bucket: String
    package var currency: String
    /// The balance on this day: what liquidation is reckoned against. Minor units.
    package var referBalance: Int64
    package var amountDue: Int64
    package var feeScheduleId: Int32?
    package var startStage: Stage
    package var startsAt: Instant
    /// The end of the last day of the term.
    package var termEnd: Instant
    /// Why this agency.
    package var reason: String
    package var policyVersion: Int32

    package init(
        placementId: Int64, accountId: Int64, debtorId: Int64, caseId: Int64, agencyId: Int32, portfolioId: Int32, runId: Int64,
        tier: Int16,
        bucket: String, currency: String, referBalance: Int64, amountDue: Int64, feeScheduleId: Int32?, startStage: Stage,
        startsAt: Instant,
        termEnd: Instant, reason: String, policyVersion: Int32
    ) {
        self.placementId = placementId
        self.accountId = accountId
        self.debtorId = debtorId
        self.caseId = caseId
        self.agencyId = agencyId
        self.portfolioId = portfolioId
        self.runId = runId
        self.tier = tier
        self.bucket = bucket
        self.currency = currency
        self.referBalance = referBalance
        self.amountDue = amountDue
        self.feeScheduleId = feeScheduleId
        self.startStage = startStage
        self.startsAt = startsAt
        self.termEnd = termEnd
        self.reason = reason
        self.policyVersion = policyVersion
    }
}

/// Placements: a lane table, every statement names its lane.
package enum PlacementQueries {
    /// Writes placements of one lane. An account that is placed already is an error (the table's partial unique index), and with it the whole
    /// statement: the caller has looked under the debtor's lock.
    package static func insert(part: Int32, _ placements: [NewPlacement]) -> PostgresQuery {
        """
        insert into placement (part, placement_id, account_id, debtor_id, case_id, agency_id, portfolio_id, run_id, state, tier, bucket, currency,
            refer_balance, amount_due, fee_schedule_id, start_stage, starts_at, term_end, reason, policy_version)
        select \(part), u.id, u.account, u.debtor, u.case_id, u.agency, u.portfolio, u.run, 'active', u.tier, u.bucket, u.currency, u.refer, u.due,
            u.fee, u.stage, u.starts, u.ends, u.reason, u.policy
        from unnest(\(placements.map(\.placementId))::bigint[], \(placements.map(\.accountId))::bigint[], \(placements.map(\.debtorId))::bigint[],
            \(placements.map(\.caseId))::bigint[], \(placements.map(\.agencyId))::int[], \(placements.map(\.portfolioId))::int[],
            \(placements.map(\.runId))::bigint[], \(placements.map(\.tier))::smallint[], \(placements.map(\.bucket))::text[],
            \(placements.map(\.currency))::text[], \(placements.map(\.referBalance))::bigint[], \(placements.map(\.amountDue))::bigint[],
            \(placements.map(\.feeScheduleId))::int[], \(placements.map(\.startStage.rawValue))::smallint[],
            \(placements.map(\.startsAt))::timestamptz[], \(placements.map(\.termEnd))::timestamptz[], \(placements.map(\.reason))::text[],
            \(placements.map(\.policyVersion))::int[])
            u(id, account, debtor, case_id, agency, portfolio, run, tier, bucket, currency, refer, due, fee, stage, starts, ends, reason, policy)
        """
    }

    /// Open cases of debtors in one lane.
    package static func openCases(
        part: Int32, debtors: [Int64], in db: PostgresConnection
    ) async throws -> [(debtorId: Int64, caseId: Int64, agencyId: Int32, state: String, stage: Int16)] {
        try await db.query(
            """
            select debtor_id, case_id, agency_id, state, stage from case_file
            where part = \(part) and debtor_id = any(\(debtors)) and state <> 'closed' order by debtor_id
            """
        ).map { row in
            let (debtor, id, agency, state, stage) = try row.decode((Int64, Int64, Int32, String, Int16).self)
            return (debtor, id, agency, state, stage)
        }
    }
}
