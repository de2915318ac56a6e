package import CollectionsDomain
package import PostgresDriver

/// What placement reads of an account: facts only, nothing of the person.
package struct CandidateAccount: Hashable, Sendable {
    package let debtorId: Int64
    package let accountId: Int64
    /// ISO 4217.
    package let currency: String
    package let product: String
    package let region: String
    /// `account.status`.
    package let status: String
    /// The day the figures are of; days past due roll from it.
    package let asOf: Day
    /// Minor units.
    package let balance: Int64
    package let amountDue: Int64
    /// On ``asOf``.
    package let daysPastDue: Int32
    package let bucket: String
    /// The tier the bank's file gave (手别), from 1.
    package let tier: Int16
    /// Whether the bank's own collection is done; `nil`: the file does not say.
    package let internalCollectionDone: Bool?
    /// When the bank's file says the debtor was told of the outsourcing.
    package let outsourcingNoticeAt: Instant?
    /// The last day on which the debt can be sued for, where the bank gave it.
    package let limitationEnd: Day?
    /// `debtor.verified_status`.
    package let verifiedStatus: String
    package let timeZone: String

    init(_ row: PostgresRow) throws {
        (
            debtorId, accountId, currency, product, region, status, asOf, balance, amountDue, daysPastDue, bucket, tier,
            internalCollectionDone,
            outsourcingNoticeAt, limitationEnd, verifiedStatus, timeZone
        ) = try row.decode(
            (
                Int64, Int64, String, String, String, String, Day, Int64, Int64, Int32, String, Int16, Bool?, Instant?, Day?, String, String
            ).self)
    }
}

/// A placement that is or was on an account.
package struct HeldPlacement: Hashable, Sendable {
    package let placementId: Int64
    package let accountId: Int64
    package let debtorId: Int64
    package let caseId: Int64
    package let agencyId: Int32
    /// `placement.state`.
    package let state: String
    package let tier: Int16
    package let startStage: Int16
    package let closeCode: String?
    package let closedAt: Instant?
    /// Stage of its case, now or when it closed.
    package let caseStage: Int16?
    /// `case_file.state`.
    package let caseState: String?

    /// Whether it still binds the account to the agency.
    package var isOpen: Bool { state != "closed" }

    init(_ row: PostgresRow) throws {
        (
            placementId, accountId, debtorId, caseId, agencyId, state, tier, startStage, closeCode, closedAt, caseStage, caseState
        ) = try row.decode((Int64, Int64, Int64, Int64, Int32, String, Int16, Int16, String?, Instant?, Int16?, String?).self)
    }
}

/// An open hold as placement sees it.
package struct OpenHold: Hashable, Sendable {
    package let debtorId: Int64
    /// `nil`: the whole debtor.
    package let accountId: Int64?
    /// `hold.type`.
    package let type: String
    /// When it ends by itself; `nil`: by an event or a person.
    package let until: Instant?
}

/// Reading what may be placed. Every statement names one lane.
package enum CandidateQueries {
    /// Where a page of candidates ended: the next one begins behind it.
    package struct Position: Hashable, Sendable {
        package let debtorId: Int64
        package let accountId: Int64

        /// Before the first account.
        package static let start = Position(debtorId: 0, accountId: 0)

        package init(debtorId: Int64, accountId: Int64) {
            self.debtorId = debtorId
            self.accountId = accountId
        }
    }

    /// The next accounts of a portfolio in one lane, by debtor and account, whatever their state.
    package static func page(
        part: Int32, portfolioId: Int32, after position: Position, limit: Int, in db: PostgresConnection
    ) async throws -> [CandidateAccount] {
        try await db.query(
            """
            select a.debtor_id, a.account_id, a.currency, a.product, a.region, a.status, a.as_of, a.balance, a.amount_due, a.days_past_due,
                a.bucket, a.tier, coalesce(a.internal_collection_done, p.internal_collection_done), a.outsourcing_notice_at, a.limitation_end,
                d.verified_status, d.time_zone
            from account a join debtor d on d.part = a.part and d.debtor_id = a.debtor_id join portfolio p on p.portfolio_id = a.portfolio_id
            where a.part = \(part) and a.portfolio_id = \(portfolioId) and a.debtor_id >= \(position.debtorId)
              and (a.debtor_id, a.account_id) > (\(position.debtorId), \(position.accountId))
            order by a.debtor_id, a.account_id limit \(Int64(limit))
            """
        ).map(CandidateAccount.init)
    }

    /// Accounts of one lane by their ids.
    package static func accounts(part: Int32, ids: [Int64], in db: PostgresConnection) async throws -> [CandidateAccount] {
        try await db.query(
            """
            select a.debtor_id, a.account_id, a.currency, a.product, a.region, a.status, a.as_of, a.balance, a.amount_due, a.days_past_due,
                a.bucket, a.tier, coalesce(a.internal_collection_done, p.internal_collection_done), a.outsourcing_notice_at, a.limitation_end,
                d.verified_status, d.time_zone
            from account a join debtor d on d.part = a.part and d.debtor_id = a.debtor_id join portfolio p on p.portfolio_id = a.portfolio_id
            where a.part = \(part) and a.account_id = any(\(ids))
            """
        ).map(CandidateAccount.init)
    }

    /// Unplaced accounts of a portfolio whose debtor has an open case, in one lane: candidates for the same holder (E12).
    package static func followers(
        part: Int32, portfolioId: Int32?, after debtorId: Int64, limit: Int, in db: PostgresConnection
    ) async throws -> [CandidateAccount] {
        try await db.query(
            """
            select a.debtor_id, a.account_id, a.currency, a.product, a.region, a.status, a.as_of, a.balance, a.amount_due, a.days_past_due,
                a.bucket, a.tier, coalesce(a.internal_collection_done, p.internal_collection_done), a.outsourcing_notice_at, a.limitation_end,
                d.verified_status, d.time_zone
            from account a join debtor d on d.part = a.part and d.debtor_id = a.debtor_id join portfolio p on p.portfolio_id = a.portfolio_id
            where a.part = \(part) and a.debtor_id in (
                select c.debtor_id from case_file c
                where c.part = \(part) and c.state not in ('closed', 'recalling', 'handover') and c.debtor_id > \(debtorId)
                  and exists (
                    select from account x where x.part = \(part) and x.debtor_id = c.debtor_id and x.status in ('open', 'charged_off')
                      and (\(portfolioId)::int is null or x.portfolio_id = \(portfolioId))
                      and not exists (
                        select from placement q where q.part = \(part) and q.account_id = x.account_id and q.state in ('active', 'recalling')))
                order by c.debtor_id limit \(Int64(limit)))
              and a.status in ('open', 'charged_off') and (\(portfolioId)::int is null or a.portfolio_id = \(portfolioId))
              and not exists (
                select from placement q where q.part = \(part) and q.account_id = a.account_id and q.state in ('active', 'recalling'))
            order by a.debtor_id, a.account_id
            """
        ).map(CandidateAccount.init)
    }

    /// Open placements of debtors in one lane.
    package static func openPlacements(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [HeldPlacement] {
        try await db.query(
            """
            select p.placement_id, p.account_id, p.debtor_id, p.case_id, p.agency_id, p.state, p.tier, p.start_stage, p.close_code, p.closed_at,
                c.stage, c.state
            from placement p left join case_file c on c.part = p.part and c.case_id = p.case_id
            where p.part = \(part) and p.debtor_id = any(\(debtors)) and p.state in ('active', 'recalling')
            order by p.placement_id
            """
        ).map(HeldPlacement.init)
    }

    /// Ended placements of accounts in one lane, the latest last.
    package static func endedPlacements(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [HeldPlacement] {
        try await db.query(
            """
            select p.placement_id, p.account_id, p.debtor_id, p.case_id, p.agency_id, p.state, p.tier, p.start_stage, p.close_code, p.closed_at,
                c.stage, c.state
            from placement p left join case_file c on c.part = p.part and c.case_id = p.case_id
            where p.part = \(part) and p.account_id = any(\(accounts)) and p.state = 'closed'
            order by p.placement_id
            """
        ).map(HeldPlacement.init)
    }

    /// Open holds of debtors in one lane, those already run out left away.
    package static func openHolds(part: Int32, debtors: [Int64], at: Instant, in db: PostgresConnection) async throws -> [OpenHold] {
        try await db.query(
            """
            select debtor_id, account_id, type, until from hold
            where part = \(part) and debtor_id = any(\(debtors)) and state = 'open' and (until is null or until > \(at))
            order by debtor_id, hold_id
            """
        ).map { row in
            let (debtor, account, type, until) = try row.decode((Int64, Int64?, String, Instant?).self)
            return OpenHold(debtorId: debtor, accountId: account, type: type, until: until)
        }
    }

    /// Locks debtors of one lane in the order of their ids; returns those that exist.
    ///
    /// The lock of a debtor who is worked is the row of `debtor_conduct`; a debtor who was never placed may have none yet, so the debtor's own
    /// row is taken first, by everything that gives a debtor to a holder.
    package static func lockDebtors(part: Int32, ids: [Int64], in db: PostgresConnection) async throws -> [Int64] {
        let sorted = ids.sorted()
        let found = try await db.query(
            """
            select d.debtor_id from unnest(\(sorted)::bigint[]) with ordinality u(id, n)
            cross join lateral (select debtor_id from debtor where part = \(part) and debtor_id = u.id for no key update) d
            order by u.n
            """
        ).map { try $0.get(0, as: Int64.self) }
        try await db.query(
            """
            select d.debtor_id from unnest(\(sorted)::bigint[]) with ordinality u(id, n)
            cross join lateral (select debtor_id from debtor_conduct where part = \(part) and debtor_id = u.id for no key update) d
            """)
        return found
    }
}
