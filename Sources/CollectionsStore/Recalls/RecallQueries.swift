package import CollectionsDomain
package import PostgresDriver

/// Recalls: the bank takes accounts back.
package enum RecallQueries {
    /// Stores a recall of placements; one that is being recalled already is left alone.
    package static func insert(
        part: Int32, _ recalls: [(id: Int64, placement: Int64, agency: Int32)], category: String, reason: String, requestedAt: Instant,
        executeAt: Instant, by: String
    ) -> PostgresQuery {
        """
        insert into recall (part, recall_id, placement_id, agency_id, category, reason_code, requested_at, execute_at, requested_by)
        select \(part), u.id, u.placement, u.agency, \(category), \(reason), \(requestedAt), \(executeAt), \(by)
        from unnest(\(recalls.map(\.id))::bigint[], \(recalls.map(\.placement))::bigint[], \(recalls.map(\.agency))::int[]) u(id, placement, agency)
        on conflict (part, placement_id) where confirmed_at is null do nothing
        """
    }

    /// Debtors with a recall whose time to take effect has come.
    package static func due(part: Int32, after: Int64, now: Instant, limit: Int32, in db: PostgresConnection) async throws -> [Int64] {
        try await db.query(
            """
            select p.debtor_id from recall r join placement p on p.part = r.part and p.placement_id = r.placement_id
            where r.part = \(part) and r.executed_at is null and r.execute_at <= \(now) and p.state = 'recalling'
                and p.debtor_id > \(after)
            group by p.debtor_id order by p.debtor_id limit \(limit)
            """
        ).map { try $0.get(0) }
    }

    /// The category under which a case's placements are being recalled.
    package static func categories(part: Int32, placements: [Int64], in db: PostgresConnection) async throws -> [Int64: String] {
        let result = try await db.query(
            "select placement_id, category from recall where part = \(part) and placement_id = any(\(placements)) and executed_at is null")
        return Dictionary(
            try result.map { row in
                let (placement, category) = try row.decode((Int64, String).self)
                return (placement, category)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Marks recalls as in effect.
    package static func executed(part: Int32, placements: [Int64], at now: Instant) -> PostgresQuery {
        """
        update recall set executed_at = \(now)
        where part = \(part) and placement_id = any(\(placements)) and executed_at is null
        """
    }
}
