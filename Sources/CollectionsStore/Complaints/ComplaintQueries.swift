package import CollectionsDomain
package import PostgresDriver

/// A complaint as it stands.
package struct ComplaintRecord: Hashable, Sendable {
    /// Raw values are `complaint.state`.
    package enum State: String, CaseIterable, Sendable { case open, answered, closed }

    package var part: Int32
    package var id: Int64
    package var reference: String
    package var debtorId: Int64
    package var debtorRef: String
    package var source: String
    package var externalNo: String?
    package var code: String?
    package var state: State
    package var receivedAt: Instant
    package var dueOn: Day
    package var extensions: Int16
    package var answeredAt: Instant?
    package var holdId: Int64?
}

/// A complaint to be entered.
package struct NewComplaint: Hashable, Sendable {
    package var id: Int64
    package var reference: String
    package var debtorId: Int64
    package var accountId: Int64?
    package var agencyId: Int32?
    package var source: String
    package var externalNo: String?
    package var code: String?
    package var collector: String?
    package var textHash: [UInt8]?
    package var receivedAt: Instant
    package var dueOn: Day
    package var holdId: Int64?

    package init(
        id: Int64, reference: String, debtorId: Int64, accountId: Int64? = nil, agencyId: Int32? = nil, source: String,
        externalNo: String? = nil, code: String? = nil, collector: String? = nil, textHash: [UInt8]? = nil, receivedAt: Instant, dueOn: Day,
        holdId: Int64? = nil
    ) {
        self.id = id
        self.reference = reference
        self.debtorId = debtorId
        self.accountId = accountId
        self.agencyId = agencyId
        self.source = source
        self.externalNo = externalNo
        self.code = code
        self.collector = collector
        self.textHash = textHash
        self.receivedAt = receivedAt
        self.dueOn = dueOn
        self.holdId = holdId
    }
}

/// Complaints: the SQL.
package enum ComplaintQueries {
    private static let columns = """
        c.part, c.complaint_id, c.complaint_ref, c.debtor_id,
        (select debtor_ref from debtor d where d.part = c.part and d.debtor_id = c.debtor_id),
        c.source, c.external_no, c.code, c.state, c.received_at, c.due_on, c.extensions, c.answered_at, c.hold_id
        """

    /// Enters a complaint; one with the same reference, or the same number of the same source, is the same.
    package static func insert(part: Int32, _ complaint: NewComplaint) -> PostgresQuery {
        """
        insert into complaint (part, complaint_id, complaint_ref, debtor_id, account_id, agency_id, source, external_no, code, collector_id,
            text_hash, state, received_at, due_on, hold_id)
        values (\(part), \(complaint.id), \(complaint.reference), \(complaint.debtorId), \(complaint.accountId), \(complaint.agencyId),
            \(complaint.source), \(complaint.externalNo), \(complaint.code), \(complaint.collector), \(complaint.textHash), 'open',
            \(complaint.receivedAt), \(complaint.dueOn), \(complaint.holdId))
        on conflict do nothing
        """
    }

    /// The complaint that this one is, if it is known: same reference, or same number of the same source.
    package static func same(
        part: Int32, reference: String?, source: String, externalNo: String?, in db: PostgresConnection
    ) async throws -> ComplaintRecord? {
        try await db.query(
            """
            select \(unescaped: columns) from complaint c where part = \(part)
                and (complaint_ref = \(reference) or source = \(source) and external_no = \(externalNo)) order by complaint_id limit 1
            """
        ).first.map(decode)
    }

    /// How often a person complained with the same content.
    package static func sameContent(part: Int32, debtor: Int64, textHash: [UInt8], in db: PostgresConnection) async throws -> Int {
        Int(
            try await db.query(
                "select count(*) from complaint where part = \(part) and debtor_id = \(debtor) and text_hash = \(textHash)"
            ).value(as: Int64.self))
    }

    /// The complaints of a reference, or of any source's number.
    package static func find(_ reference: String, parts: [Int32], in db: PostgresConnection) async throws -> [ComplaintRecord] {
        try await db.query(
            """
            select \(unescaped: columns) from unnest(\(parts)) l (part) cross join lateral (
                select * from complaint where part = l.part and (complaint_ref = \(reference) or external_no = \(reference))) c
            """
        ).map(decode)
    }

    /// A complaint, locked.
    package static func lock(part: Int32, id: Int64, in db: PostgresConnection) async throws -> ComplaintRecord? {
        try await db.query("select \(unescaped: columns) from complaint c where part = \(part) and complaint_id = \(id) for update")
            .first.map(decode)
    }

    /// Complaints of a lane that are not closed, by their last day; the closed ones too if asked for.
    package static func list(part: Int32, closed: Bool, limit: Int, in db: PostgresConnection) async throws -> [ComplaintRecord] {
        try await db.query(
            """
            select \(unescaped: columns) from complaint c where part = \(part) and (\(closed) or state <> 'closed')
            order by due_on, complaint_id limit \(Int32(limit))
            """
        ).map(decode)
    }

    /// Open complaints of a lane whose last day is not after a day.
    package static func due(part: Int32, until: Day, in db: PostgresConnection) async throws -> [ComplaintRecord] {
        try await db.query(
            "select \(unescaped: columns) from complaint c where part = \(part) and state = 'open' and due_on <= \(until) order by due_on, complaint_id"
        ).map(decode)
    }

    /// Whether another complaint of the person is open.
    package static func hasOther(part: Int32, than id: Int64, debtor: Int64, in db: PostgresConnection) async throws -> Bool {
        try await !db.query(
            "select 1 from complaint where part = \(part) and debtor_id = \(debtor) and state = 'open' and complaint_id <> \(id) limit 1"
        ).isEmpty
    }

    /// Moves the last day.
    package static func extend(part: Int32, id: Int64, to due: Day, in db: PostgresConnection) async throws {
        try await db.query(
            "update complaint set due_on = \(due), extensions = extensions + 1 where part = \(part) and complaint_id = \(id) and state = 'open'"
        )
    }

    /// Notes the answer.
    package static func answer(part: Int32, id: Int64, replyHash: [UInt8]?, at now: Instant, in db: PostgresConnection) async throws {
        try await db.query(
            """
            update complaint set state = 'answered', answered_at = \(now), reply_hash = \(replyHash)
            where part = \(part) and complaint_id = \(id) and state = 'open'
            """)
    }

    /// Closes an answered complaint.
    package static func close(part: Int32, id: Int64, at now: Instant, in db: PostgresConnection) async throws {
        try await db.query(
            "update complaint set state = 'closed', closed_at = \(now) where part = \(part) and complaint_id = \(id) and state = 'answered'"
        )
    }

    private static func decode(_ row: PostgresRow) throws -> ComplaintRecord {
        ComplaintRecord(
            part: try row.get(0), id: try row.get(1), reference: try row.get(2), debtorId: try row.get(3), debtorRef: try row.get(4),
            source: try row.get(5), externalNo: try row.get(6), code: try row.get(7), state: try row.get(8), receivedAt: try row.get(9),
            dueOn: try row.get(10), extensions: try row.get(11), answeredAt: try row.get(12), holdId: try row.get(13))
    }
}

extension ComplaintRecord.State: PostgresCodable {}
