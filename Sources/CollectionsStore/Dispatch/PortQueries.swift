package import CollectionsDomain
package import PostgresDriver

/// A message waiting for one of the bank's systems.
package struct PortMessage: Hashable, Sendable {
    package var part: Int32
    package var outboxId: Int64
    package var port: OutboxRow.Target
    package var kind: String
    package var at: Instant
    package var caseId: Int64?
    /// The bank's key of the person it is about.
    package var debtorRef: String?
    /// IANA name of the person's zone.
    package var timeZone: String?
    /// Canonical JSON: keys and codes.
    package var body: [UInt8]
    /// Open holds under which a person must not be written to.
    package var holds: [HoldType]
}

/// What waits at the bank's ports: the SQL.
package enum PortQueries {
    /// How many messages wait, by port and kind, and since when.
    package static func waiting(in db: PostgresConnection) async throws -> [(
        port: OutboxRow.Target, kind: String, count: Int64, oldest: Instant
    )] {
        try await db.query(
            "select target, kind, count(*), min(at) from outbox where target <> 'agency' group by target, kind order by target, kind"
        ).map { (try $0.get(0), try $0.get(1), try $0.get(2), try $0.get(3)) }
    }

    /// Messages of a port, the oldest first.
    ///
    /// - Parameter holds: Types of holds that are told with a message.
    package static func next(
        port: OutboxRow.Target, after: Int64, limit: Int, holds: [HoldType], in db: PostgresConnection
    ) async throws -> [PortMessage] {
        try await db.query(
            """
            select o.part, o.outbox_id, o.kind, o.at, o.case_id, d.debtor_ref, d.time_zone, o.body,
                (select array_agg(distinct h.type) from hold h where h.part = o.part and h.debtor_id = d.debtor_id and h.state = 'open'
                    and h.account_id is null and h.type = any(\(holds.map(\.rawValue))))
            from outbox o left join case_file c on c.part = o.part and c.case_id = o.case_id
            cross join lateral (select convert_from(o.body, 'UTF8')::jsonb as said offset 0) b
            left join debtor d on d.part = o.part
                and (d.debtor_id = coalesce(c.debtor_id, (b.said ->> 'debtor')::bigint) or d.debtor_ref = b.said ->> 'debtor_ref')
            where o.target = \(port.rawValue) and o.outbox_id > \(after) order by o.outbox_id limit \(Int32(limit))
            """
        ).map { row in
            PortMessage(
                part: try row.get(0), outboxId: try row.get(1), port: port, kind: try row.get(2), at: try row.get(3),
                caseId: try row.get(4),
                debtorRef: try row.get(5), timeZone: try row.get(6), body: try row.get(7),
                holds: (try row.get(8, as: [String]?.self) ?? []).compactMap(HoldType.init(rawValue:)))
        }
    }

    /// Takes a message that was handed over out of the outbox; false: it was gone.
    package static func take(part: Int32, outboxId: Int64, in db: PostgresConnection) async throws -> Bool {
        try await !db.query("delete from outbox where part = \(part) and outbox_id = \(outboxId) returning outbox_id").isEmpty
    }
}
