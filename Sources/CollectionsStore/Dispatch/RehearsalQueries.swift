package import CollectionsDomain
package import PostgresDriver

/// What happened to debtors, in the order in which a policy is rehearsed over it.
package enum RehearsalQueries {
    /// One thing that happened.
    package struct Row: Sendable {
        package enum Kind: String, Sendable {
            case contact, hold, release, promise
            case promiseOver = "promise_over"
        }

        package let debtor: Int64
        package let at: Instant
        package let kind: Kind
        /// nil: the whole debtor.
        package let account: Int64?
        package let agency: Int32?
        /// Of a contact the channel, of a hold its type.
        package let word: String
        package let direction: String?
        package let outcome: String?
        package let role: String?
        package let purpose: String?
        package let point: Int64?
        package let pointChannel: String?
        package let rank: Int16?
        package let provenance: String?
        package let stage: Stage?
        package let due: Day?
        package let zone: String
    }

    /// Contacts, holds and promises of one lane by debtor and time, as the server sends them; nothing is gathered here.
    package static func history(part: Int32, until: Instant) -> PostgresQuery {
        """
        select h.*, d.time_zone from (
            select e.debtor_id, e.occurred_at as at, 'contact' as kind, e.account_id, e.agency_id, e.channel as word, e.direction, e.outcome,
                e.party_role, e.purpose, e.contact_point_id, p.channel as point_channel, p.rank, p.provenance, o.stage, null::date as due_on
            from contact_event e
            left join contact_point p on p.part = e.part and p.contact_point_id = e.contact_point_id and p.role = e.party_role
            left join outcome o on o.part = e.part and o.task_id = e.task_id and o.epoch = e.epoch
            where e.part = \(part) and e.occurred_at < \(until)
            union all
            select debtor_id, set_at, 'hold', account_id, null, type, null, null, null, null, null, null, null, null, null, null
            from hold where part = \(part) and set_at < \(until)
            union all
            select debtor_id, released_at, 'release', account_id, null, type, null, null, null, null, null, null, null, null, null, null
            from hold where part = \(part) and released_at < \(until)
            union all
            select debtor_id, taken_at, 'promise', account_id, null, type, null, null, null, null, null, null, null, null, null, due_on
            from promise where part = \(part) and taken_at < \(until)
            union all
            select debtor_id, judged_at, 'promise_over', account_id, null, type, null, null, null, null, null, null, null, null, null, null
            from promise where part = \(part) and judged_at < \(until)
        ) h join debtor d on d.part = \(part) and d.debtor_id = h.debtor_id
        order by h.debtor_id, h.at, h.kind
        """
    }

    /// A row of ``history(part:until:)``; nil for a word this program does not know.
    package static func decode(_ row: PostgresRow) throws -> Row? {
        let (debtor, at, kind, account, agency, word, direction, outcome) = try (
            row.get(0, as: Int64.self), row.get(1, as: Instant.self), row.get(2, as: String.self), row.get(3, as: Int64?.self),
            row.get(4, as: Int32?.self), row.get(5, as: String.self), row.get(6, as: String?.self), row.get(7, as: String?.self)
        )
        guard let kind = Row.Kind(rawValue: kind) else { return nil }
        return Row(
            debtor: debtor, at: at, kind: kind, account: account, agency: agency, word: word, direction: direction, outcome: outcome,
            role: try row.get(8), purpose: try row.get(9), point: try row.get(10), pointChannel: try row.get(11), rank: try row.get(12),
            provenance: try row.get(13), stage: try row.get(14), due: try row.get(15), zone: try row.get(16))
    }

    /// The names of agencies.
    package static func agencyNames(in db: PostgresConnection) async throws -> [Int32: String] {
        var names: [Int32: String] = [:]
        for row in try await db.query("select agency_id, name from agency") {
            let (id, name) = try row.decode((Int32, String).self)
            names[id] = name
        }
        return names
    }
}
