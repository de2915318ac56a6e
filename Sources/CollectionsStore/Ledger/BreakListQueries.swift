package import CollectionsDomain
package import PostgresDriver

/// A break as the people who settle it look at it.
package struct BreakRecord: Hashable, Sendable {
    package let part: Int32
    package let id: Int64
    package let kind: String
    /// What kind of row `subject` names: account, case, violation, recall, agency, ….
    package let subjectKind: String
    package let subject: Int64
    package let debtorRef: String?
    package let agency: String?
    package let ours: String?
    package let theirs: String?
    package let severity: Severity
    package let owner: String
    package let rule: String?
    package let isOpen: Bool
    package let openedAt: Instant
    package let closedAt: Instant?
    package let resolution: String?
}

/// Breaks for people: lists, one, and its end by hand.
package enum BreakListQueries {
    private static let columns = """
        b.part, b.break_id, b.kind, b.subject_kind, b.subject_id, d.debtor_ref, a.name, b.ours, b.theirs, b.severity, b.owner, b.rule, b.state,
            b.opened_at, b.closed_at, b.resolution
        """
    private static let tables = """
        break b left join debtor d on d.part = b.part and d.debtor_id = b.debtor_id left join agency a on a.agency_id = b.agency_id
        """

    /// Open breaks of every lane, oldest first.
    ///
    /// - Parameters:
    ///   - kind: Only this kind.
    ///   - severity: Only this severity.
    ///   - agency: Only those about this agency, by name.
    package static func open(
        kind: String?, severity: Severity?, agency: String?, limit: Int32, in db: PostgresConnection
    ) async throws -> [BreakRecord] {
        try await db.query(
            """
            select \(unescaped: columns) from \(unescaped: tables)
            where b.state = 'open' and (\(kind)::text is null or b.kind = \(kind)) and (\(severity?.rawValue)::text is null or b.severity = \(severity?.rawValue))
                and (\(agency)::text is null or a.name = \(agency))
            order by b.opened_at, b.break_id limit \(limit)
            """
        ).map(decode)
    }

    /// One break of whatever lane, open or closed.
    package static func find(_ id: Int64, in db: PostgresConnection) async throws -> BreakRecord? {
        try await db.query("select \(unescaped: columns) from \(unescaped: tables) where b.break_id = \(id)").first.map(decode)
    }

    /// Locks an open break; false: it is closed.
    package static func lockOpen(part: Int32, id: Int64, in db: PostgresConnection) async throws -> Bool {
        try await !db.query("select from break where part = \(part) and break_id = \(id) and state = 'open' for update").isEmpty
    }

    /// Closes a break by hand.
    package static func resolve(part: Int32, id: Int64, resolution: String, at now: Instant) -> PostgresQuery {
        """
        update break set state = 'closed', closed_at = \(now), resolution = \(resolution)
        where part = \(part) and break_id = \(id) and state = 'open'
        """
    }

    private static func decode(_ row: PostgresRow) throws -> BreakRecord {
        let (part, id, kind, subjectKind, subject, debtor, agency, ours, theirs, word, owner, rule, state, opened, closed, resolution) =
            try row.decode(
                (
                    Int32, Int64, String, String, Int64, String?, String?, String?, String?, String, String, String?, String, Instant,
                    Instant?, String?
                ).self)
        guard let severity = Severity(rawValue: word) else {
            throw PostgresError(code: .decode, message: "break \(id) has an unknown severity")
        }
        return BreakRecord(
            part: part, id: id, kind: kind, subjectKind: subjectKind, subject: subject, debtorRef: debtor, agency: agency, ours: ours,
            theirs: theirs, severity: severity, owner: owner, rule: rule, isOpen: state == "open", openedAt: opened, closedAt: closed,
            resolution: resolution)
    }
}
