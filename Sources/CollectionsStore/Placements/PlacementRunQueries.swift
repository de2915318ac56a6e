package import CollectionsDomain
package import PostgresDriver

/// A placement plan and how far it is.
package struct PlacementRun: Hashable, Sendable {
    /// How it stands; raw values are those of `placement_run.state`.
    package enum State: String, CaseIterable, Sendable {
        /// Looked at, not approved.
        case planned
        /// Approved: capacity is kept free, debtors are told.
        case approved
        /// Accounts are being placed; some may still wait for the debtor's notice.
        case running
        /// Every item is done.
        case done
        /// Refused at approval: what it was made from has changed.
        case stale
        /// Given up.
        case cancelled
    }

    package let runId: Int64
    package let portfolioId: Int32
    package let strategy: AllocationStrategy
    package let seed: Int64
    package let state: State
    /// SHA-256 over everything the plan was made from.
    package let inputHash: [UInt8]
    package let plannedAt: Instant
    /// The day the plan reckons with.
    package let businessOn: Day
    package let maker: Int32
    package let approvedAt: Instant?
    package let checker: Int32?
    package let policyVersion: Int32
    package let termDays: Int32

    package init(
        runId: Int64, portfolioId: Int32, strategy: AllocationStrategy, seed: Int64, state: State, inputHash: [UInt8], plannedAt: Instant,
        businessOn: Day, maker: Int32, approvedAt: Instant?, checker: Int32?, policyVersion: Int32, termDays: Int32
    ) {
        self.runId = runId
        self.portfolioId = portfolioId
        self.strategy = strategy
        self.seed = seed
        self.state = state
        self.inputHash = inputHash
        self.plannedAt = plannedAt
        self.businessOn = businessOn
        self.maker = maker
        self.approvedAt = approvedAt
        self.checker = checker
        self.policyVersion = policyVersion
        self.termDays = termDays
    }
}

/// A portfolio as placement needs it.
package struct PortfolioRecord: Hashable, Sendable {
    package let portfolioId: Int32
    package let name: String
    package let asOf: Day
    /// What an operator attested for the whole portfolio: since when the debtors know.
    package let debtorNoticeFrom: Day?
    /// What an operator attested for the whole portfolio: the bank's own collection is done since.
    package let internalCollectionFrom: Day?
}

/// Plans of placement as a whole: control tables, without a lane.
package enum PlacementRunQueries {
    private static let columns = """
        run_id, portfolio_id, strategy, seed, state, input_hash, planned_at, business_on, maker, approved_at, checker, policy_version, term_days
        """

    /// The portfolio of a name with what was attested for it, or nil.
    package static func portfolio(named name: String, in db: PostgresConnection) async throws -> PortfolioRecord? {
        try await portfolio(
            db.query(
                """
                select p.portfolio_id, p.name, p.as_of, n.holds_from, i.holds_from from portfolio p
                left join attestation n on n.portfolio_id = p.portfolio_id and n.fact = 'debtor_notice'
                left join attestation i on i.portfolio_id = p.portfolio_id and i.fact = 'internal_collection_done'
                where p.name = \(name)
                """))
    }

    /// The portfolio of an id with what was attested for it, or nil.
    package static func portfolio(id: Int32, in db: PostgresConnection) async throws -> PortfolioRecord? {
        try await portfolio(
            db.query(
                """
                select p.portfolio_id, p.name, p.as_of, n.holds_from, i.holds_from from portfolio p
                left join attestation n on n.portfolio_id = p.portfolio_id and n.fact = 'debtor_notice'
                left join attestation i on i.portfolio_id = p.portfolio_id and i.fact = 'internal_collection_done'
                where p.portfolio_id = \(id)
                """))
    }

    /// Every portfolio by id, with what was attested for it.
    package static func portfolios(in db: PostgresConnection) async throws -> [PortfolioRecord] {
        try await db.query(
            """
            select p.portfolio_id, p.name, p.as_of, n.holds_from, i.holds_from from portfolio p
            left join attestation n on n.portfolio_id = p.portfolio_id and n.fact = 'debtor_notice'
            left join attestation i on i.portfolio_id = p.portfolio_id and i.fact = 'internal_collection_done'
            order by p.portfolio_id
            """
        ).map(portfolio)
    }

    private static func portfolio(_ result: PostgresResult) throws -> PortfolioRecord? { try result.first.map(portfolio) }

    private static func portfolio(_ row: PostgresRow) throws -> PortfolioRecord {
        let (id, name, asOf, notice, collection) = try row.decode((Int32, String, Day, Day?, Day?).self)
        return PortfolioRecord(portfolioId: id, name: name, asOf: asOf, debtorNoticeFrom: notice, internalCollectionFrom: collection)
    }

    /// Stores a new plan; its items are stored before it, so that a plan that exists is whole.
    package static func insert(_ run: PlacementRun, in db: PostgresConnection) async throws {
        try await db.query(
            """
            insert into placement_run (run_id, portfolio_id, strategy, seed, state, input_hash, planned_at, business_on, maker, policy_version, term_days)
            values (\(run.runId), \(run.portfolioId), \(run.strategy.rawValue), \(run.seed), \(run.state.rawValue), \(run.inputHash),
                \(run.plannedAt), \(run.businessOn), \(run.maker), \(run.policyVersion), \(run.termDays))
            """)
    }

    /// The plan of that number, or nil.
    package static func find(_ runId: Int64, in db: PostgresConnection) async throws -> PlacementRun? {
        try await db.query("select \(unescaped: columns) from placement_run where run_id = \(runId)").first.map(decode)
    }

    /// The plan of that number with its row locked, or nil.
    package static func lock(_ runId: Int64, in db: PostgresConnection) async throws -> PlacementRun? {
        try await db.query("select \(unescaped: columns) from placement_run where run_id = \(runId) for no key update").first.map(decode)
    }

    /// Plans of a portfolio (of all, if none is named), the newest first.
    package static func list(portfolioId: Int32?, limit: Int, in db: PostgresConnection) async throws -> [PlacementRun] {
        try await db.query(
            """
            select \(unescaped: columns) from placement_run where \(portfolioId)::int is null or portfolio_id = \(portfolioId)
            order by run_id desc limit \(Int64(limit))
            """
        ).map(decode)
    }

    private static func decode(_ row: PostgresRow) throws -> PlacementRun {
        let (id, portfolio, strategyText, seed, stateText, hash, planned, business, maker, approved, checker, policy, term) =
            try row.decode(
                (Int64, Int32, String, Int64, String, [UInt8], Instant, Day, Int32, Instant?, Int32?, Int32, Int32).self)
        guard let strategy = AllocationStrategy(rawValue: strategyText), let state = PlacementRun.State(rawValue: stateText) else {
            throw PostgresError(code: .decode, message: "placement run \(id) has a strategy or state this version does not know")
        }
        return PlacementRun(
            runId: id, portfolioId: portfolio, strategy: strategy, seed: seed, state: state, inputHash: hash, plannedAt: planned,
            businessOn: business, maker: maker, approvedAt: approved, checker: checker, policyVersion: policy, termDays: term)
    }

    /// Marks a plan approved by a second person. The table refuses the maker (SQLSTATE 23514).
    package static func approve(_ runId: Int64, checker: Int32, at: Instant, in db: PostgresConnection) async throws {
        try await db.query(
            "update placement_run set state = 'approved', checker = \(checker), approved_at = \(at) where run_id = \(runId) and state = 'planned'"
        )
    }

    /// Moves a plan on.
    package static func setState(_ state: PlacementRun.State, of runId: Int64, in db: PostgresConnection) async throws {
        try await db.query("update placement_run set state = \(state.rawValue) where run_id = \(runId)")
    }

    /// Plans that are approved and not done: their accounts are spoken for.
    package static func openRuns(in db: PostgresConnection) async throws -> [Int64] {
        try await db.query("select distinct run_id from capacity_reservation where open order by run_id").map {
            try $0.get(0, as: Int64.self)
        }
    }

    /// Keeps capacity free for a plan, one row per agency.
    package static func reserve(
        runId: Int64, agencies: [Int32], accounts: [Int32], amounts: [Int64], in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            insert into capacity_reservation (run_id, agency_id, accounts, amount)
            select \(runId), u.agency, u.accounts, u.amount from unnest(\(agencies)::int[], \(accounts)::int[], \(amounts)::bigint[])
                u(agency, accounts, amount)
            """)
    }

    /// Ends what was kept free for a plan.
    package static func release(_ runId: Int64, in db: PostgresConnection) async throws {
        try await db.query("update capacity_reservation set open = false where run_id = \(runId) and open")
    }

    /// Ends progress rows of a job that has nothing left to do, whoever held them: a killed process leaves one behind.
    package static func endProgress(kind: String, subject: String, now: Now, in db: PostgresConnection) async throws {
        try await db.query(
            """
            update run set state = 'done', ended_at = \(now.real), lease_until = null
            where kind = \(kind) and subject = \(subject) and state = 'running'
            """)
    }
}
