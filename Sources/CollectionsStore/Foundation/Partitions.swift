package import PostgresDriver

/// The monthly partitions of the history tables. They follow real time, because ids do.
package enum Partitions {
    /// The month of the database's present (months since 2020-01, UTC).
    package static func presentMonth(in db: PostgresConnection) async throws -> Int32 {
        try await db.query(
            """
            select (extract(year from t)::int - 2020) * 12 + extract(month from t)::int - 1 from (select now() at time zone 'UTC' as t) present
            """
        ).value()
    }

    /// Makes the partitions of this month and the `ahead` months after it where they are missing; any process may call it at any time.
    ///
    /// - Returns: How many were made.
    @discardableResult
    package static func ensure(ahead: Int32 = 1, in db: PostgresConnection) async throws -> Int {
        let present = try await presentMonth(in: db)
        var made = 0
        for month in present...(present + max(0, ahead)) { made += try await ensure(month: month, in: db) }
        return made
    }

    /// Makes the partitions of one month where they are missing.
    @discardableResult
    package static func ensure(month: Int32, in db: PostgresConnection) async throws -> Int {
        for _ in 0..<10 {
            do throws(PostgresError) {
                return Int(try await db.query("select ensure_partitions(\(month))").value(as: Int32.self))
            } catch {
                // Another process makes the same ones at this moment; the next look finds them.
                guard ["42P07", "23505", "XX000"].contains(error.sqlState) else { throw error }
            }
        }
        throw PostgresError(code: .protocolViolation, message: "could not make the partitions of month \(month): others keep making them")
    }
}
