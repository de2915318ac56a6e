import CollectionsDomain
package import PostgresDriver

/// One account of a plan: who gets it and why, or why nobody does.
package struct PlanItemRow: Hashable, Sendable {
    package let accountId: Int64
    package let debtorId: Int64
    /// `nil`: not placed.
    package let agencyId: Int32?
    /// A short stable code: a strategy, `follow_on`, `handover`, or why not.
    package let reasonCode: String
    /// The same in words.
    package let reason: String
    /// Minor units.
    package let balance: Int64
    package let currency: String
    package let bucket: String
    /// Placed, or passed over at the run.
    package let done: Bool

    package init(
        accountId: Int64, debtorId: Int64, agencyId: Int32?, reasonCode: String, reason: String, balance: Int64, currency: String,
        bucket: String,
        done: Bool = false
    ) {
        self.accountId = accountId
        self.debtorId = debtorId
        self.agencyId = agencyId
        self.reasonCode = reasonCode
        self.reason = reason
        self.balance = balance
        self.currency = currency
        self.bucket = bucket
        self.done = done
    }

    init(_ row: PostgresRow) throws {
        (accountId, debtorId, agencyId, reasonCode, reason, balance, currency, bucket, done) = try row.decode(
            (Int64, Int64, Int32?, String, String, Int64, String, String, Bool).self)
    }
}

/// The items of plans: lane tables, every statement names its lane.
package enum PlanItemQueries {
    /// Items per statement when a plan is stored.
    package static let batch = 5_000

    /// Stores items of one lane.
    package static func insert(part: Int32, runId: Int64, _ items: [PlanItemRow], in db: PostgresConnection) async throws {
        var start = 0
        while start < items.count {
            let slice = items[start..<min(start + batch, items.count)]
            try await db.query(
                """
                insert into plan_item (part, run_id, account_id, debtor_id, agency_id, reason_code, reason, balance, currency, bucket, done)
                select \(part), \(runId), u.account, u.debtor, u.agency, u.code, u.reason, u.balance, u.currency, u.bucket, u.agency is null
                from unnest(\(slice.map(\.accountId))::bigint[], \(slice.map(\.debtorId))::bigint[], \(slice.map(\.agencyId))::int[],
                    \(slice.map(\.reasonCode))::text[], \(slice.map(\.reason))::text[], \(slice.map(\.balance))::bigint[],
                    \(slice.map(\.currency))::text[], \(slice.map(\.bucket))::text[])
                    u(account, debtor, agency, code, reason, balance, currency, bucket)
                """)
            start += slice.count
        }
    }

    /// Removes what a planning that did not end has left in one lane.
    package static func discard(part: Int32, runId: Int64, in db: PostgresConnection) async throws {
        try await db.query("delete from plan_item where part = \(part) and run_id = \(runId)")
    }

    /// One line of a plan's summary.
    package struct Line: Hashable, Sendable {
        /// `nil`: not placed.
        package let agencyId: Int32?
        package let reasonCode: String
        package let currency: String
        package let bucket: String
        package let accounts: Int64
        package let debtors: Int64
        /// Minor units.
        package let amount: Int64
        /// How many of the accounts are done.
        package let done: Int64
    }

    /// A plan's items of one lane, counted by agency, reason, currency and bucket.
    package static func summary(part: Int32, runId: Int64, in db: PostgresConnection) async throws -> [Line] {
        try await db.query(
            """
            select agency_id, reason_code, currency, bucket, count(*), count(distinct debtor_id), sum(balance)::bigint,
                count(*) filter (where done)
            from plan_item where part = \(part) and run_id = \(runId) group by agency_id, reason_code, currency, bucket
            """
        ).map { row in
            let (agency, code, currency, bucket, accounts, debtors, amount, done) = try row.decode(
                (Int32?, String, String, String, Int64, Int64, Int64, Int64).self)
            return Line(
                agencyId: agency, reasonCode: code, currency: currency, bucket: bucket, accounts: accounts, debtors: debtors,
                amount: amount,
                done: done)
        }
    }

    /// Some items of one lane, a few of each agency and reason, to be looked at.
    package static func samples(part: Int32, runId: Int64, each: Int, in db: PostgresConnection) async throws -> [(
        item: PlanItemRow, accountRef: String
    )] {
        try await db.query(
            """
            select i.account_id, i.debtor_id, i.agency_id, i.reason_code, i.reason, i.balance, i.currency, i.bucket, i.done, a.account_ref
            from (
                select *, row_number() over (partition by agency_id, reason_code order by account_id) n from plan_item
                where part = \(part) and run_id = \(runId)) i
            join account a on a.part = \(part) and a.account_id = i.account_id
            where i.n <= \(Int64(each)) order by i.account_id
            """
        ).map(sample)
    }

    /// What a plan says of the accounts of a reference (one per currency) in one lane.
    package static func items(
        part: Int32, runId: Int64, accountRef: String, in db: PostgresConnection
    ) async throws -> [(item: PlanItemRow, accountRef: String)] {
        try await db.query(
            """
            select i.account_id, i.debtor_id, i.agency_id, i.reason_code, i.reason, i.balance, i.currency, i.bucket, i.done, a.account_ref
            from account a join plan_item i on i.part = a.part and i.account_id = a.account_id
            where a.part = \(part) and a.account_ref = \(accountRef) and i.run_id = \(runId) order by i.account_id
            """
        ).map(sample)
    }

    private static func sample(_ row: PostgresRow) throws -> (item: PlanItemRow, accountRef: String) {
        let (account, debtor, agency, code, reason, balance, currency, bucket, done, ref) = try row.decode(
            (Int64, Int64, Int32?, String, String, Int64, String, String, Bool, String).self)
        return (
            PlanItemRow(
                accountId: account, debtorId: debtor, agencyId: agency, reasonCode: code, reason: reason, balance: balance,
                currency: currency,
                bucket: bucket, done: done), ref
        )
    }

    /// What is left to do of a plan in one lane: accounts and money by agency.
    package static func open(part: Int32, runId: Int64, in db: PostgresConnection) async throws -> [(
        agencyId: Int32, accounts: Int64, amount: Int64
    )] {
        try await db.query(
            """
            select agency_id, count(*), sum(balance)::bigint from plan_item
            where part = \(part) and run_id = \(runId) and not done and agency_id is not null group by agency_id
            """
        ).map { row in
            let (agency, accounts, amount) = try row.decode((Int32, Int64, Int64).self)
            return (agency, accounts, amount)
        }
    }

    /// The next debtors of one lane with something left to place.
    package static func openDebtors(
        part: Int32, runId: Int64, after debtorId: Int64, limit: Int, in db: PostgresConnection
    ) async throws -> [Int64] {
        try await db.query(
            """
            select distinct debtor_id from plan_item
            where part = \(part) and run_id = \(runId) and not done and agency_id is not null and debtor_id > \(debtorId)
            order by debtor_id limit \(Int64(limit))
            """
        ).map { try $0.get(0, as: Int64.self) }
    }

    /// What is left to place of some debtors of one lane, read after they were locked.
    package static func openItems(part: Int32, runId: Int64, debtors: [Int64], in db: PostgresConnection) async throws -> [PlanItemRow] {
        try await db.query(
            """
            select account_id, debtor_id, agency_id, reason_code, reason, balance, currency, bucket, done from plan_item
            where part = \(part) and run_id = \(runId) and debtor_id = any(\(debtors)) and not done and agency_id is not null
            order by debtor_id, account_id
            """
        ).map(PlanItemRow.init)
    }

    /// Accounts of one lane that some plans are about to place, with the plan.
    package static func planned(
        part: Int32, runs: [Int64], accounts: [Int64], in db: PostgresConnection
    ) async throws -> [(accountId: Int64, debtorId: Int64, runId: Int64)] {
        if runs.isEmpty { return [] }
        return try await db.query(
            """
            select account_id, debtor_id, run_id from plan_item
            where part = \(part) and run_id = any(\(runs)) and account_id = any(\(accounts)) and not done and agency_id is not null
            """
        ).map { row in
            let (account, debtor, run) = try row.decode((Int64, Int64, Int64).self)
            return (account, debtor, run)
        }
    }

    /// Marks items of one lane as placed.
    package static func markPlaced(part: Int32, runId: Int64, accounts: [Int64]) -> PostgresQuery {
        "update plan_item set done = true where part = \(part) and run_id = \(runId) and account_id = any(\(accounts))"
    }

    /// Marks items of one lane as passed over, with the reason: they go back to the pool for the next plan.
    package static func markPassedOver(part: Int32, runId: Int64, accounts: [Int64], codes: [String], reasons: [String]) -> PostgresQuery {
        """
        update plan_item i set done = true, agency_id = null, reason_code = u.code, reason = u.reason
        from unnest(\(accounts)::bigint[], \(codes)::text[], \(reasons)::text[]) u(account, code, reason)
        where i.part = \(part) and i.run_id = \(runId) and i.account_id = u.account
        """
    }
}
