package import CollectionsDomain
package import PostgresDriver

/// A letter as operators see it: no name, no address.
package struct LetterRecord: Hashable, Sendable {
    package var letterId: Int64
    package var part: Int32
    package var caseId: Int64
    package var agencyId: Int32
    package var taskId: Int64?
    /// The kind of the address it goes to.
    package var address: String?
    package var template: String
    package var templateHash: [UInt8]?
    package var accounts: [String]
    package var mailClass: String
    package var sealId: String?
    package var state: CaseFacts.Letter.State
    package var mailNo: String?
    package var orderedAt: Instant
    package var postedAt: Instant?
    package var closedAt: Instant?
    package var returnReason: String?
    package var signedByKind: String?
}

/// Letters as print runs and operators see them: the SQL.
package enum LetterQueries {
    /// Ordered letters of a lettershop whose time has come.
    package static func due(agency: Int32, until: Instant, parts: [Int32], in db: PostgresConnection) async throws -> Int64 {
        try await db.query(
            """
            select coalesce(sum(x.count), 0)::bigint from unnest(\(parts)) n (part) cross join lateral (
                select count(*) from letter l join task t on t.part = l.part and t.task_id = l.task_id
                where l.part = n.part and t.agency_id = \(agency) and l.state = 'ordered' and t.state = 0 and t.due_at <= \(until)) x
            """
        ).value(as: Int64.self)
    }

    /// Notes by which text, under which seal, letters not yet printed are made.
    package static func stamp(
        part: Int32, _ letters: [(id: Int64, template: String, hash: String, sealId: String?)], in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            update letter l set template = u.template, template_hash = decode(u.hash, 'hex'), seal_id = u.seal
            from unnest(\(letters.map(\.id)), \(letters.map(\.template)), \(letters.map(\.hash)), \(letters.map(\.sealId)))
                u (id, template, hash, seal)
            where l.part = \(part) and l.letter_id = u.id and l.state = 'ordered'
            """)
    }

    /// Which agency each letter is with, and where its rows are.
    package static func places(ids: [Int64], parts: [Int32], in db: PostgresConnection) async throws -> [Int64: (
        part: Int32, agency: Int32
    )] {
        var places: [Int64: (part: Int32, agency: Int32)] = [:]
        for row in try await db.query(
            """
            select k.id, x.part, x.agency_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
            cross join lateral (select part, agency_id from letter where part = l.part and letter_id = k.id) x
            """)
        {
            let (id, part, agency) = try row.decode((Int64, Int32, Int32).self)
            places[id] = (part, agency)
        }
        return places
    }

    /// Letters by their ids, or of a state, the newest first.
    package static func list(
        ids: [Int64]? = nil, state: CaseFacts.Letter.State? = nil, parts: [Int32], limit: Int, in db: PostgresConnection
    ) async throws -> [LetterRecord] {
        try await db.query(
            """
            select l.letter_id, l.part, l.case_id, l.agency_id, l.task_id, p.channel, l.template, l.template_hash,
                (select array_agg(a.account_ref order by a.account_id) from account a where a.part = l.part and a.account_id = any(l.accounts)),
                l.mail_class, l.seal_id, l.state, l.mail_no, l.ordered_at, l.posted_at, l.closed_at, l.return_reason, l.signed_by_kind
            from unnest(\(parts)) n (part)
            cross join lateral (
                select * from letter where part = n.part and (\(ids)::bigint[] is null or letter_id = any(\(ids)::bigint[]))
                    and (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
                order by letter_id desc limit \(Int32(limit))) l
            left join contact_point p on p.part = l.part and p.contact_point_id = l.contact_point_id
            order by l.letter_id desc limit \(Int32(limit))
            """
        ).map { row in
            LetterRecord(
                letterId: try row.get(0), part: try row.get(1), caseId: try row.get(2), agencyId: try row.get(3), taskId: try row.get(4),
                address: try row.get(5), template: try row.get(6), templateHash: try row.get(7),
                accounts: try row.get(8, as: [String]?.self) ?? [], mailClass: try row.get(9), sealId: try row.get(10),
                state: try row.get(11), mailNo: try row.get(12), orderedAt: try row.get(13), postedAt: try row.get(14),
                closedAt: try row.get(15), returnReason: try row.get(16), signedByKind: try row.get(17))
        }
    }
}
