import CollectionsDomain
package import PostgresDriver

/// The bank's own contacts on their way in: the SQL.
package enum EventIntakeQueries {
    /// Locks debtors and reads their ledgers.
    package static func lock(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [Int64: [UInt8]] {
        let rows = try ConductQueries.rows(try await db.query(ConductQueries.lock(part: part, debtors: debtors)))
        return Dictionary(rows.map { ($0.debtorId, $0.ledger) }, uniquingKeysWith: { first, _ in first })
    }

    /// Which of these events stand in the table.
    package static func stored(part: Int32, ids: [Int64], in db: PostgresConnection) async throws -> Set<Int64> {
        Set(
            try await db.query("select event_id from contact_event where part = \(part) and event_id = any(\(ids))").map {
                try $0.get(0, as: Int64.self)
            })
    }

    /// The contact points of some debtors, by debtor and reference.
    package static func points(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [Int64: [String: PointRow]] {
        var found: [Int64: [String: PointRow]] = [:]
        let result = try await db.query(
            """
            select debtor_id, contact_ref, contact_point_id, role, channel, state, provenance, rank, visits_off from contact_point
            where part = \(part) and debtor_id = any(\(debtors)) and contact_ref is not null
            """)
        for row in result {
            let (debtor, ref, id, role, channel, state, provenance, rank, visitsOff) = try row.decode(
                (Int64, String, Int64, ContactPoint.Role, ContactPoint.Channel, ContactPoint.State, String, Int16, Bool).self)
            found[debtor, default: [:]][ref] = PointRow(
                id: id, role: role, channel: channel, state: state, provenance: provenance, rank: rank, visitsOff: visitsOff)
        }
        return found
    }

    /// The accounts of some debtors, by debtor and reference: one for each currency.
    package static func accounts(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [Int64: [String: [Int64]]] {
        var found: [Int64: [String: [Int64]]] = [:]
        let result = try await db.query(
            "select debtor_id, account_ref, account_id from account where part = \(part) and debtor_id = any(\(debtors)) order by account_id"
        )
        for row in result {
            let (debtor, ref, id) = try row.decode((Int64, String, Int64).self)
            found[debtor, default: [:]][ref, default: []].append(id)
        }
        return found
    }
}
