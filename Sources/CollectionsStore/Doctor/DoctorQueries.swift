package import CollectionsDomain
package import PostgresDriver

/// What one check found.
package struct DoctorFinding: Hashable, Sendable {
    /// How many violations there are.
    package let count: Int64
    /// The first few subjects, in order; ids only.
    package let samples: [String]
}

/// The statements behind `recourse doctor` that are more than a ``DoctorCheck``.
package enum DoctorQueries {
    /// How many subjects a finding names.
    static let sampleSize = 5

    /// Runs one check.
    package static func run(_ check: DoctorCheck, in db: PostgresConnection) async throws -> DoctorFinding {
        let text: String = """
            select count(*), coalesce((array_agg(subject order by subject))[1:\(sampleSize)], '{}'::text[])
            from (\(check.sql)) as found(subject)
            """
        let result = try await db.query(PostgresQuery(text))
        let (count, samples) = try result[0].decode((Int64, [String]).self)
        return DoctorFinding(count: count, samples: samples)
    }

    /// Whether the session's role could step over row-level security: superuser, BYPASSRLS, or owner of the task table.
    package static func mayBypassIsolation(in db: PostgresConnection) async throws -> Bool {
        try await db.query(
            """
            select r.rolsuper or r.rolbypassrls or exists (select from pg_class c where c.relname = 'task' and c.relowner = r.oid)
            from pg_roles r where r.rolname = current_user
            """
        ).value()
    }

    /// Tables whose rows belong to one agency.
    package static let agencyOwned = [
        "task", "placement", "outcome", "late_outcome", "lease_request", "notice", "letter", "visit", "legal_referral", "promise",
        "activity", "permit",
    ]

    /// Rows of other agencies that the session sees with the agency's setting on; with `agency` nil, rows it sees with no setting at all.
    package static func foreignRows(table: String, agency: Int32?, in db: PostgresConnection) async throws -> Int64 {
        try await db.withTransaction { transaction in
            if let agency { try await transaction.query(Isolation.statement(agencies: [agency])) }
            return try await transaction.query(
                "select count(*) from \(unescaped: table) where \(agency == nil) or agency_id <> \(agency ?? 0)"
            ).value(as: Int64.self)
        }
    }

    /// The backend that keeps the oldest snapshot open, if one is older than `age`: dead rows pile up behind it.
    package static func oldestSnapshot(in db: PostgresConnection, olderThan age: Duration) async throws -> (pid: Int32, seconds: Double)? {
        let result = try await db.query(
            """
            select pid, extract(epoch from now() - xact_start)::float8 from pg_stat_activity
            where backend_xmin is not null and xact_start < now() - make_interval(secs => \(Double(age.components.seconds)))
                and pid <> pg_backend_pid()
            order by xact_start limit 1
            """)
        return try result.first?.decode((Int32, Double).self)
    }

    /// Acts of contact of one lane in the order of debtor and time, from the start of the longest window a policy could look at.
    ///
    /// Only acts under a lease or permit: acts without one are breaks of their own, not exceeded limits.
    package static func contactActs(part: Int32, in db: PostgresConnection) async throws -> [ContactAct] {
        try await db.query(
            """
            select e.debtor_id, e.account_id, e.contact_point_id, e.agency_id, e.channel, e.outcome, e.party_role, e.occurred_at, o.task_id is not null, p.rank
            from contact_event e
            left join contact_point p on p.part = e.part and p.contact_point_id = e.contact_point_id and p.role = e.party_role
            left join outcome o on o.part = e.part and o.task_id = e.task_id and o.epoch = e.epoch
            where e.part = \(part) and e.direction = 'outbound'
            order by e.debtor_id, e.occurred_at, e.event_id
            """
        ).map { row in
            let (debtor, account, point, agency, channel, outcome, role, at, leased, rank) = try row.decode(
                (Int64, Int64?, Int64?, Int32?, String, String, String, Instant, Bool, Int16?).self)
            return ContactAct(
                debtor: debtor, account: account, point: point, agency: agency, channel: channel, outcome: outcome, role: role,
                rank: rank ?? 0, occurredAt: at, underLease: leased)
        }
    }

    /// One act of contact as the limit check sees it.
    package struct ContactAct: Hashable, Sendable {
        package let debtor: Int64
        /// `nil`: all accounts of the debtor.
        package let account: Int64?
        package let point: Int64?
        package let agency: Int32?
        package let channel: String
        package let outcome: String
        package let role: String
        /// The bank's order of the contact point; 0 where the person is not the point's owner.
        package let rank: Int16
        package let occurredAt: Instant
        package let underLease: Bool
    }
}
