package import CollectionsDomain
package import PostgresDriver

/// A difference somebody has to settle.
package struct BreakDraft: Hashable, Sendable {
    package var kind: String
    package var subjectKind: String
    package var subject: Int64
    package var debtor: Int64?
    package var agency: Int32?
    package var ours: String?
    package var theirs: String?
    package var severity: Severity
    package var rule: String?
    /// Who has to settle it.
    package var owner: String

    package init(
        kind: String, subjectKind: String, subject: Int64, debtor: Int64? = nil, agency: Int32? = nil, ours: String? = nil,
        theirs: String? = nil,
        severity: Severity, rule: String? = nil, owner: String = "operations"
    ) {
        self.kind = kind
        self.subjectKind = subjectKind
        self.subject = subject
        self.debtor = debtor
        self.agency = agency
        self.ours = ours
        self.theirs = theirs
        self.severity = severity
        self.rule = rule
        self.owner = owner
    }
}

/// Breaks: opened once per kind and subject, closed by the run that no longer finds them.
package enum BreakQueries {
    /// How the resolution of a break begins that two persons closed.
    package static let acceptedPrefix = "accepted: "

    /// Opens a break unless the same is open already, or two persons have accepted this very difference.
    ///
    /// - Returns: Whether it is new.
    package static func open(_ draft: BreakDraft, id: Int64, part: Int32, at now: Instant, in db: PostgresConnection) async throws -> Bool {
        let result = try await db.query(
            """
            insert into break (part, break_id, kind, subject_kind, subject_id, debtor_id, agency_id, ours, theirs, severity, rule, owner, opened_at)
            select \(part), \(id), \(draft.kind), \(draft.subjectKind), \(draft.subject), \(draft.debtor), \(draft.agency), \(draft.ours),
                \(draft.theirs), \(draft.severity.rawValue), \(draft.rule), \(draft.owner), \(now)
            where not exists (
                select from break b where b.part = \(part) and b.kind = \(draft.kind) and b.subject_kind = \(draft.subjectKind)
                    and b.subject_id = \(draft.subject) and b.state = 'closed' and b.ours is not distinct from \(draft.ours)
                    and b.theirs is not distinct from \(draft.theirs) and starts_with(b.resolution, \(acceptedPrefix)))
            on conflict (part, kind, subject_kind, subject_id) where state = 'open' do nothing returning break_id
            """)
        return !result.isEmpty
    }

    /// Closes the open breaks of a kind whose subject is none of `still`.
    package static func closeGone(part: Int32, kind: String, still: [Int64], at now: Instant, in db: PostgresConnection) async throws
        -> [Int64]
    {
        try await db.query(
            """
            update break set state = 'closed', closed_at = \(now), resolution = 'no longer found'
            where part = \(part) and kind = \(kind) and state = 'open' and subject_id <> all(\(still)) returning break_id
            """
        ).map { try $0.get(0) }
    }

    /// Closes the open break of a subject.
    package static func closeSubject(
        part: Int32, kind: String, subject: Int64, resolution: String, at now: Instant, in db: PostgresConnection
    ) async throws -> [Int64] {
        try await db.query(
            """
            update break set state = 'closed', closed_at = \(now), resolution = \(resolution)
            where part = \(part) and kind = \(kind) and state = 'open' and subject_id = \(subject) returning break_id
            """
        ).map { try $0.get(0) }
    }

    /// How many breaks are open, by kind and severity.
    package static func openCounts(in db: PostgresConnection) async throws -> [(kind: String, severity: String, count: Int64)] {
        try await db.query(
            "select kind, severity, count(*) from break where state = 'open' group by kind, severity order by kind, severity"
        ).map { row in
            let (kind, severity, count) = try row.decode((String, String, Int64).self)
            return (kind, severity, count)
        }
    }
}
