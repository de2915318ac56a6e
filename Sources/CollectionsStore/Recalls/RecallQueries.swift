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

    /// Takes what an agency has acknowledged while the objection window ran as its stop-work confirmation, from the execution on.
    ///
    /// - Returns: The placements confirmed by it, with their agency.
    package static func confirmAcknowledged(
        part: Int32, placements: [Int64], at now: Instant, in db: PostgresConnection
    ) async throws -> [(placement: Int64, agency: Int32)] {
        try await db.query(
            """
            update recall r set confirmed_at = \(now)
            from placement p
            where r.part = \(part) and r.placement_id = any(\(placements)) and r.confirmed_at is null and r.executed_at is not null
                and p.part = r.part and p.placement_id = r.placement_id
                and exists (
                    select from notice n where n.agency_id = r.agency_id and n.part = r.part and n.kind = 'recall' and n.acknowledged_at is not null
                        and n.at >= r.requested_at and (n.placement_id = r.placement_id or n.case_id = p.case_id))
            returning r.placement_id, r.agency_id
            """
        ).map { row in
            let (placement, agency) = try row.decode((Int64, Int32).self)
            return (placement, agency)
        }
    }

    /// When the oldest recall of each agency took effect that it has not confirmed. Reads the partial index over what is unconfirmed.
    package static func oldestUnconfirmed(in db: PostgresConnection) async throws -> [Int32: Instant] {
        Dictionary(
            try await db.query(
                "select agency_id, min(executed_at) from recall where confirmed_at is null and executed_at is not null group by agency_id"
            ).map { row in
                let (agency, at) = try row.decode((Int32, Instant).self)
                return (agency, at)
            }, uniquingKeysWith: min)
    }

    /// What an agency has not confirmed.
    package struct Unconfirmed: Hashable, Sendable {
        package let agencyId: Int32
        package let agency: String
        package let placements: Int64
        /// When the oldest of them took effect.
        package let since: Instant
    }

    /// Recalls in effect before `limit` that are not confirmed, by agency, the oldest first.
    package static func unconfirmed(before limit: Instant, in db: PostgresConnection) async throws -> [Unconfirmed] {
        try await db.query(
            """
            select r.agency_id, a.name, count(*), min(r.executed_at) from recall r join agency a on a.agency_id = r.agency_id
            where r.confirmed_at is null and r.executed_at <= \(limit) group by r.agency_id, a.name order by min(r.executed_at), a.name
            """
        ).map { row in
            let (id, name, count, since) = try row.decode((Int32, String, Int64, Instant).self)
            return Unconfirmed(agencyId: id, agency: name, placements: count, since: since)
        }
    }
}
