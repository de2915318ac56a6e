package import CollectionsDomain
package import PostgresDriver

/// Which debtors of a lane have something that time alone has made due. Each statement names debtors only; the decision is made under their lock.
///
/// Every statement reads a partial index over what is open, so that its cost follows what is due, not what has been.
package enum DueWorkQueries {
    /// Debtors with promises the ledger has reached: their grace ended at or before `watermark`.
    package static func judgeable(part: Int32, after: Int64, watermark: Instant, limit: Int32, in db: PostgresConnection) async throws
        -> [Int64]
    {
        try await ids(
            """
            select debtor_id from promise where part = \(part) and state in ('open', 'awaiting_ledger') and judge_after <= \(watermark)
                and debtor_id > \(after)
            group by debtor_id order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Promises whose days have passed while the ledger has not reached them: from open to awaiting_ledger.
    package static func awaitLedger(part: Int32, now: Instant, in db: PostgresConnection) async throws -> Int {
        try await db.query(
            """
            update promise set state = 'awaiting_ledger' where part = \(part) and state = 'open' and judge_after <= \(now) returning promise_id
            """
        ).count
    }

    /// Debtors whose case waits for an instant that has come.
    package static func waitsEnded(part: Int32, after: Int64, now: Instant, limit: Int32, in db: PostgresConnection) async throws -> [Int64]
    {
        try await ids(
            """
            select debtor_id from case_file where part = \(part) and state = 'waiting' and until <= \(now) and debtor_id > \(after)
            order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors who said they had paid and whose case waits for the ledger to reach the day they named.
    package static func paymentsClaimed(part: Int32, after: Int64, limit: Int32, in db: PostgresConnection) async throws -> [Int64] {
        try await ids(
            """
            select debtor_id from case_file where part = \(part) and state = 'waiting' and reason = 'paid_claimed' and debtor_id > \(after)
            order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors with a hold that ends by itself and has.
    package static func holdsEnded(part: Int32, after: Int64, now: Instant, limit: Int32, in db: PostgresConnection) async throws -> [Int64]
    {
        try await ids(
            """
            select debtor_id from hold where part = \(part) and state = 'open' and until <= \(now) and debtor_id > \(after)
            group by debtor_id order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors with a request the bank has not answered in time and for which no break is open yet.
    package static func requestsOverdue(part: Int32, after: Int64, now: Instant, limit: Int32, in db: PostgresConnection) async throws
        -> [Int64]
    {
        try await ids(
            """
            select r.debtor_id from bank_request r where r.part = \(part) and r.state = 'open' and r.sla_due <= \(now) and r.debtor_id > \(after)
                and not exists (select from break b where b.part = r.part and b.kind = 'sla_request' and b.subject_id = r.request_id and b.state = 'open')
            group by r.debtor_id order by r.debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors with a placement whose term, extensions included, has ended.
    package static func termsEnded(part: Int32, after: Int64, now: Instant, limit: Int32, in db: PostgresConnection) async throws -> [Int64]
    {
        try await ids(
            """
            select debtor_id from placement where part = \(part) and state = 'active' and term_end <= \(now)
                and coalesce(extended_until, term_end) <= \(now) and debtor_id > \(after)
            group by debtor_id order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors whose case has been long enough in its stage, or untouched long enough, for the daily look to find something.
    package static func stagesToLookAt(
        part: Int32, after: Int64, enteredBefore: Instant, idleSince: Instant, limit: Int32, in db: PostgresConnection
    ) async throws -> [Int64] {
        try await ids(
            """
            select debtor_id from case_file where part = \(part) and state in ('ready', 'waiting') and not light_cadence and debtor_id > \(after)
                and (stage_entered_at <= \(enteredBefore) or coalesce(last_worked_at, opened_at) <= \(idleSince))
            order by debtor_id limit \(limit)
            """, in: db)
    }

    /// Debtors with an account whose amount due is paid while the bank's own word on the cure is still out since before `since`.
    package static func curesUnconfirmed(part: Int32, after: Int64, since: Instant, limit: Int32, in db: PostgresConnection) async throws
        -> [Int64]
    {
        try await ids(
            """
            select debtor_id from account where part = \(part) and status = 'cure_pending' and status_since <= \(since) and debtor_id > \(after)
            group by debtor_id order by debtor_id limit \(limit)
            """, in: db)
    }

    private static func ids(_ query: PostgresQuery, in db: PostgresConnection) async throws -> [Int64] {
        try await db.query(query).map { try $0.get(0) }
    }
}
