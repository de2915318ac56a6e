package import CollectionsDomain
package import PostgresDriver

/// A retain as it was asked for.
package struct RetainRow: Hashable, Sendable {
    package var retainId: Int64
    package var placementId: Int64
    package var debtorId: Int64
    package var caseId: Int64
    package var agencyId: Int32
    package var purpose: RetainPurpose
    /// Who asked, as text for the record.
    package var askedBy: String
    package var oldEnd: Instant
    package var newEnd: Instant

    package init(
        retainId: Int64, placementId: Int64, debtorId: Int64, caseId: Int64, agencyId: Int32, purpose: RetainPurpose, askedBy: String,
        oldEnd: Instant, newEnd: Instant
    ) {
        self.retainId = retainId
        self.placementId = placementId
        self.debtorId = debtorId
        self.caseId = caseId
        self.agencyId = agencyId
        self.purpose = purpose
        self.askedBy = askedBy
        self.oldEnd = oldEnd
        self.newEnd = newEnd
    }
}

/// A retain as people who decide look at it.
package struct RetainRecord: Hashable, Sendable {
    package let part: Int32
    package let row: RetainRow
    package let accountRef: String
    package let agency: String
    package let state: String
    package let askedAt: Instant
    package let decidedAt: Instant?
    package let decidedBy: String?
    package let reason: String?
}

/// Retains: the SQL.
package enum RetainQueries {
    /// Stores an ask; a second one of a placement is an error on `retain_once`, the caller has looked under the debtor's lock.
    package static func insert(part: Int32, _ row: RetainRow, at now: Instant) -> PostgresQuery {
        """
        insert into retain (part, retain_id, placement_id, debtor_id, case_id, agency_id, purpose, state, asked_at, asked_by, old_end, new_end)
        values (\(part), \(row.retainId), \(row.placementId), \(row.debtorId), \(row.caseId), \(row.agencyId), \(row.purpose.rawValue), 'open',
            \(now), \(row.askedBy), \(row.oldEnd), \(row.newEnd))
        """
    }

    /// Those of some placements that have a retain, open or granted.
    package static func known(part: Int32, placements: [Int64], in db: PostgresConnection) async throws -> Set<Int64> {
        var known: Set<Int64> = []
        for row in try await db.query(
            "select placement_id from retain where part = \(part) and placement_id = any(\(placements)) and state in ('open', 'granted')")
        { known.insert(try row.get(0)) }
        return known
    }

    private static let columns = """
        r.part, r.retain_id, r.placement_id, r.debtor_id, r.case_id, r.agency_id, r.purpose, r.asked_by, r.old_end, r.new_end, a.account_ref, g.name,
            r.state, r.asked_at, r.decided_at, r.decided_by, r.reason
        """
    private static let tables = """
        retain r join placement p on p.part = r.part and p.placement_id = r.placement_id
            join account a on a.part = p.part and a.account_id = p.account_id join agency g on g.agency_id = r.agency_id
        """

    /// Retains of every lane, those whose term ends first first.
    ///
    /// - Parameter all: Those decided, and those whose placement has ended meanwhile, as well.
    package static func list(all: Bool, limit: Int32, in db: PostgresConnection) async throws -> [RetainRecord] {
        try await db.query(
            """
            select \(unescaped: columns) from \(unescaped: tables)
            where \(all) or (r.state = 'open' and p.state = 'active') order by r.old_end, r.retain_id limit \(limit)
            """
        ).map(decode)
    }

    /// The retain of a number, in whatever lane.
    package static func find(_ id: Int64, in db: PostgresConnection) async throws -> RetainRecord? {
        try await db.query("select \(unescaped: columns) from \(unescaped: tables) where r.retain_id = \(id)").first.map(decode)
    }

    /// Locks an open retain; false: it is decided.
    package static func lockOpen(part: Int32, id: Int64, in db: PostgresConnection) async throws -> Bool {
        try await !db.query("select from retain where part = \(part) and retain_id = \(id) and state = 'open' for update").isEmpty
    }

    /// Decides a retain.
    package static func decide(
        part: Int32, id: Int64, granted: Bool, by: String, reason: String?, at now: Instant
    ) -> PostgresQuery {
        """
        update retain set state = \(granted ? "granted" : "refused"), decided_at = \(now), decided_by = \(by), reason = \(reason)
        where part = \(part) and retain_id = \(id) and state = 'open'
        """
    }

    /// Moves the term of a placement; an extension for a promise that ends later stays.
    package static func moveTerm(part: Int32, placement: Int64, to end: Instant) -> PostgresQuery {
        """
        update placement set term_end = \(end), extended_until = case when extended_until is null then null else greatest(extended_until, \(end)) end
        where part = \(part) and placement_id = \(placement)
        """
    }

    /// A case that waits for nothing but the end of its term waits for the new one.
    package static func moveWait(part: Int32, caseId: Int64, to end: Instant) -> PostgresQuery {
        """
        update case_file set until = \(end) where part = \(part) and case_id = \(caseId) and state = 'waiting' and reason = 'term_end'
            and until < \(end)
        """
    }

    private static func decode(_ row: PostgresRow) throws -> RetainRecord {
        let (
            part, id, placement, debtor, caseId, agencyId, word, askedBy, oldEnd, newEnd, account, agency, state, asked, decided, by, reason
        ) = try row.decode(
            (
                Int32, Int64, Int64, Int64, Int64, Int32, String, String, Instant, Instant, String, String, String, Instant, Instant?,
                String?,
                String?
            ).self)
        guard let purpose = RetainPurpose(rawValue: word) else {
            throw PostgresError(code: .decode, message: "retain \(id) has an unknown purpose")
        }
        return RetainRecord(
            part: part,
            row: RetainRow(
                retainId: id, placementId: placement, debtorId: debtor, caseId: caseId, agencyId: agencyId, purpose: purpose,
                askedBy: askedBy,
                oldEnd: oldEnd, newEnd: newEnd), accountRef: account, agency: agency, state: state, askedAt: asked, decidedAt: decided,
            decidedBy: by, reason: reason)
    }
}
