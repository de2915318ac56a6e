package import CollectionsDomain
package import PostgresDriver

/// Cases as an operator looks at them: no name, no number, no address.
package enum CaseOverviewQueries {
    /// The head of one case.
    package struct Head: Hashable, Sendable {
        package var part: Int32
        package var caseId: Int64
        package var debtorId: Int64
        package var debtorRef: String
        package var timeZone: String
        package var agencyId: Int32
        package var state: String
        package var reason: String?
        package var until: Instant?
        package var stage: Stage
        package var stageEnteredAt: Instant
        package var goal: WorkGoal
        package var lightCadence: Bool
        package var lastRule: String
        package var policyVersion: Int32
        package var openedAt: Instant
        package var closedAt: Instant?
        /// The debtor's first case, for the age of the record.
        package var firstCase: Int64
    }

    /// One placement of the case with its account.
    package struct Placed: Hashable, Sendable {
        package var placementId: Int64
        package var accountRef: String
        package var status: String
        package var currency: String
        package var balance: Int64
        package var amountDue: Int64
        package var daysPastDue: Int32
        package var asOf: Day
        package var cardStatus: String
        package var state: String
        package var tier: Int16
        package var termEnd: Instant
        package var closeCode: String?
    }

    /// A live task of the case.
    package struct LiveTask: Hashable, Sendable {
        package var taskId: Int64
        package var step: Step
        package var agencyId: Int32
        package var isLeased: Bool
        package var dueAt: Instant
        package var attempt: Int16
    }

    /// A line of the list.
    package struct Line: Hashable, Sendable {
        package var caseId: Int64
        package var debtorRef: String
        package var agencyId: Int32
        package var stage: Stage
        package var state: String
        package var reason: String?
        package var until: Instant?
        package var lastRule: String
        package var accounts: Int64
    }

    private static let columns = """
        c.part, c.case_id, c.debtor_id, d.debtor_ref, d.time_zone, c.agency_id, c.state, c.reason, c.until, c.stage, c.stage_entered_at, c.goal,
            c.light_cadence, c.last_rule, c.policy_version, c.opened_at, c.closed_at,
            (select min(f.case_id) from case_file f where f.part = c.part and f.debtor_id = c.debtor_id)
        """

    /// The case of a number, in whatever lane it is.
    package static func find(caseId: Int64, lanes: Lanes, in db: PostgresConnection) async throws -> Head? {
        try await db.query(
            """
            select c.* from unnest(\(Array(lanes.all))) l (part) cross join lateral (
                select \(unescaped: columns) from case_file c join debtor d on d.part = c.part and d.debtor_id = c.debtor_id
                where c.part = l.part and c.case_id = \(caseId)) c
            """
        ).first.map(head)
    }

    /// The newest case of a debtor.
    package static func newest(part: Int32, debtor: Int64, in db: PostgresConnection) async throws -> Head? {
        try await db.query(
            """
            select \(unescaped: columns) from case_file c join debtor d on d.part = c.part and d.debtor_id = c.debtor_id
            where c.part = \(part) and c.debtor_id = \(debtor) order by c.case_id desc limit 1
            """
        ).first.map(head)
    }

    /// Placements and live tasks of a case.
    package static func details(
        part: Int32, caseId: Int64, debtor: Int64, in db: PostgresConnection
    ) async throws -> (placed: [Placed], tasks: [LiveTask]) {
        let results = try await db.pipeline([
            """
            select p.placement_id, a.account_ref, a.status, a.currency, a.balance, a.amount_due, a.days_past_due, a.as_of, a.card_status, p.state,
                p.tier, coalesce(p.extended_until, p.term_end), p.close_code
            from placement p join account a on a.part = p.part and a.account_id = p.account_id
            where p.part = \(part) and p.case_id = \(caseId) order by a.account_ref, a.currency, p.placement_id
            """,
            """
            select task_id, step, agency_id, state = 1, due_at, attempt from task
            where part = \(part) and debtor_id = \(debtor) and case_id = \(caseId) order by due_at, task_id
            """,
        ])
        let placed = try results[0].map { row in
            let (id, ref, status, currency, balance, due, dpd, asOf, card, state, tier, end, code) = try row.decode(
                (Int64, String, String, String, Int64, Int64, Int32, Day, String, String, Int16, Instant, String?).self)
            return Placed(
                placementId: id, accountRef: ref, status: status, currency: currency, balance: balance, amountDue: due, daysPastDue: dpd,
                asOf: asOf, cardStatus: card, state: state, tier: tier, termEnd: end, closeCode: code)
        }
        let tasks = try results[1].map { row in
            let (id, step, agency, leased, due, attempt) = try row.decode((Int64, Step, Int32, Bool, Instant, Int16).self)
            return LiveTask(taskId: id, step: step, agencyId: agency, isLeased: leased, dueAt: due, attempt: attempt)
        }
        return (placed, tasks)
    }

    /// Cases, the newest first.
    ///
    /// - Parameters:
    ///   - stage: nil: any.
    ///   - state: A word of `case_file.state`; nil: any but closed.
    ///   - agency: The holder; nil: any.
    package static func list(
        stage: Stage?, state: String?, agency: Int32?, limit: Int32, in db: PostgresConnection
    ) async throws -> [Line] {
        try await db.query(
            """
            select c.case_id, d.debtor_ref, c.agency_id, c.stage, c.state, c.reason, c.until, c.last_rule,
                (select count(*) from placement p where p.part = c.part and p.case_id = c.case_id)
            from case_file c join debtor d on d.part = c.part and d.debtor_id = c.debtor_id
            where (\(stage?.rawValue)::smallint is null or c.stage = \(stage?.rawValue))
                and (c.state = \(state) or (\(state)::text is null and c.state <> 'closed'))
                and (\(agency)::int is null or c.agency_id = \(agency))
            order by c.case_id desc limit \(limit)
            """
        ).map { row in
            let (id, ref, agency, stage, state, reason, until, rule, accounts) = try row.decode(
                (Int64, String, Int32, Stage, String, String?, Instant?, String, Int64).self)
            return Line(
                caseId: id, debtorRef: ref, agencyId: agency, stage: stage, state: state, reason: reason, until: until, lastRule: rule,
                accounts: accounts)
        }
    }

    /// What agencies and operators are called.
    package static func names(in db: PostgresConnection) async throws -> TimelineNames {
        let results = try await db.pipeline(["select agency_id, name from agency", "select operator_id, name from operator"])
        let agencies = try results[0].decode((Int32, String).self)
        let persons = try results[1].decode((Int32, String).self)
        return TimelineNames(
            agencies: Dictionary(agencies, uniquingKeysWith: { first, _ in first }),
            persons: Dictionary(persons, uniquingKeysWith: { first, _ in first }))
    }

    private static func head(_ row: PostgresRow) throws -> Head {
        let (
            part, id, debtor, ref, zone, agency, state, reason, until, stage, entered, goal, light, rule, policy, opened, closed, first
        ) = try row.decode(
            (
                Int32, Int64, Int64, String, String, Int32, String, String?, Instant?, Stage, Instant, WorkGoal, Bool, String, Int32,
                Instant, Instant?, Int64
            ).self)
        return Head(
            part: part, caseId: id, debtorId: debtor, debtorRef: ref, timeZone: zone, agencyId: agency, state: state, reason: reason,
            until: until, stage: stage, stageEnteredAt: entered, goal: goal, lightCadence: light, lastRule: rule, policyVersion: policy,
            openedAt: opened, closedAt: closed, firstCase: first)
    }
}
