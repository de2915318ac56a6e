package import CollectionsDomain
package import PostgresDriver

/// The bank's exchange rates.
package enum RateQueries {
    /// The latest rate of each pair on or before a day.
    package static func latest(on day: Day, in db: PostgresConnection) async throws -> ExchangeRates {
        let rates = try await db.query(
            """
            select distinct on (from_currency, to_currency) from_currency, to_currency, rate::text from fx_rate
            where rate_on <= \(day) order by from_currency, to_currency, rate_on desc
            """
        ).compactMap { row -> ExchangeRate? in
            let (from, to, text) = try row.decode((String, String, String).self)
            guard let from = Currency(from), let to = Currency(to) else { return nil }
            return try ExchangeRate(from: from, to: to, text: text)
        }
        return ExchangeRates(rates)
    }

    /// The statement that reads up to when the bank's payments are known; nil while no source has reported.
    package static let watermark: PostgresQuery = "select min(through) from ledger_watermark"

    /// How far the bank's payments are known, and whether any source promises a daily file.
    package static func ledger(in db: PostgresConnection) async throws -> (watermark: Instant?, hasDailyFeed: Bool) {
        guard let row = try await db.query("select min(through), coalesce(bool_or(daily_feed), false) from ledger_watermark").first else {
            return (nil, false)
        }
        let (watermark, daily) = try row.decode((Instant?, Bool).self)
        return (watermark, daily)
    }
}
