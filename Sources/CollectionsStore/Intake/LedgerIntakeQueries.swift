package import CollectionsDomain
package import PostgresDriver

/// How far the bank's payments are known, and its exchange rates: the SQL of intake. No lane tables.
package enum LedgerIntakeQueries {
    /// Moves the watermark of a source on; it never goes back.
    ///
    /// - Parameter through: nil only declares or keeps the source's feed.
    /// - Returns: The source's watermark afterwards; nil if it has none yet.
    package static func advance(
        source: String, through: Instant?, dailyFeed: Bool, now: Now, in db: PostgresConnection
    ) async throws -> Instant? {
        guard let through else {
            return try await db.query(
                """
                update ledger_watermark set daily_feed = daily_feed or \(dailyFeed) where source = \(source) returning through
                """
            ).first?.get(0)
        }
        return try await db.query(
            """
            insert into ledger_watermark (source, through, daily_feed, updated_at) values (\(source), \(through), \(dailyFeed), \(now.business))
            on conflict (source) do update set through = greatest(ledger_watermark.through, excluded.through),
                daily_feed = ledger_watermark.daily_feed or excluded.daily_feed, updated_at = excluded.updated_at
            returning through
            """
        ).first?.get(0)
    }

    /// One rate of the bank.
    package struct Rate: Hashable, Sendable {
        package let on: Day
        package let from: String
        package let to: String
        /// Decimal text.
        package let rate: String

        package init(on: Day, from: String, to: String, rate: String) {
            self.on = on
            self.from = from
            self.to = to
            self.rate = rate
        }
    }

    /// Stores rates; those of a day and pair that is known stay as they are.
    ///
    /// - Returns: For each rate: new, known, or known with another value.
    package static func insertRates(_ rates: [Rate], in db: PostgresConnection) async throws -> [(isNew: Bool, agrees: Bool)] {
        let numbers = rates.map { PostgresNumeric($0.rate) }
        let made = try await db.query(
            """
            insert into fx_rate (rate_on, from_currency, to_currency, rate)
            select u.rate_on, u.a, u.b, u.rate from unnest(\(rates.map(\.on)), \(rates.map(\.from)), \(rates.map(\.to)), \(numbers)) u (rate_on, a, b, rate)
            on conflict do nothing returning rate_on, from_currency, to_currency
            """)
        var new = Set<[String]>()
        for row in made {
            let (day, from, to) = try row.decode((Day, String, String).self)
            new.insert([day.description, from, to])
        }
        let agreeing = try await db.query(
            """
            select u.n from unnest(\(rates.map(\.on)), \(rates.map(\.from)), \(rates.map(\.to)), \(numbers)) with ordinality u (rate_on, a, b, rate, n)
            join fx_rate f on f.rate_on = u.rate_on and f.from_currency = u.a and f.to_currency = u.b and f.rate = u.rate
            """)
        var agrees = [Bool](repeating: false, count: rates.count)
        for row in agreeing { agrees[Int(try row.get(0, as: Int64.self)) - 1] = true }
        return rates.enumerated().map { (new.remove([$1.on.description, $1.from, $1.to]) != nil, agrees[$0]) }
    }
}
