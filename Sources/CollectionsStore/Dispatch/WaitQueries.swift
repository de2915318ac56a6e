package import CollectionsDomain
package import PostgresDriver

/// Cases that wait for an instant.
package enum WaitQueries {
    /// Debtors whose case waits for an instant that has come, at most so many of each lane: one read over the lanes' partial indexes.
    package static func ended(
        parts: [Int32], now: Instant, limitPerLane: Int, in db: PostgresConnection
    ) async throws -> [(part: Int32, debtorId: Int64)] {
        try await db.query(
            """
            select l.part, c.debtor_id from unnest(\(parts)) l (part) cross join lateral (
                select debtor_id from case_file where part = l.part and state = 'waiting' and until <= \(now)
                    and state in ('waiting', 'promised', 'planned', 'requested', 'held')
                order by until limit \(Int32(limitPerLane))) c
            """
        ).map { row in
            let (part, debtor) = try row.decode((Int32, Int64).self)
            return (part, debtor)
        }
    }
}
