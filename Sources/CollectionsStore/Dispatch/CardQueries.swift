package import CollectionsDomain
package import PostgresDriver

/// What work cards are made of: read in the lease transaction for the granted tasks of one lane and agency. Every statement joins the agency's
/// own task, so that nothing of a debtor is read without one; placements are the holder's, which the transaction names beside the agency.
///
/// Each row is found by its key from the task's row (`lateral … offset 0`), and never by a join the planner may turn around: right after an import
/// it believes these tables empty and walked the lane's placements once a task (60 ms for a batch of 100 in place of 0.6 ms; 8,000 cases). A state
/// stands outside that fence, or the planner takes the partial index of that state and walks the lane all the same (3.5 ms).
package enum CardQueries {
    /// What a card says of debtor and case. Sealed columns stay sealed.
    package struct Head: Sendable {
        package var taskId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        package var stage: Stage
        package var step: Step
        package var attempt: Int16
        package var dueAt: Instant
        package var epoch: Int32
        package var leasedUntil: Instant?
        package var goal: WorkGoal
        package var caseStage: Stage
        package var holder: Int32
        package var name: [UInt8]?
        package var language: String?
        package var timeZone: String
        /// Sealed; legal stage only.
        package var idNumber: [UInt8]?
        /// The point the act is for; sealed value.
        package var point: PointRow?
        package var pointValue: [UInt8]?
    }

    /// One placed account of a card.
    package struct Account: Sendable {
        package var taskId: Int64
        package var accountId: Int64
        package var accountRef: String
        package var placementId: Int64
        package var product: String
        package var currency: String
        package var amountDue: Int64
        package var balance: Int64
        package var minPayment: Int64
        package var daysPastDue: Int32
        package var asOf: Day
        package var bucket: String
    }

    /// A running promise of a card.
    package struct Promise: Sendable {
        package var taskId: Int64
        package var amount: Int64
        package var currency: String
        package var dueOn: Day
        package var state: PromiseState
    }

    /// An open request of a card.
    package struct Request: Sendable {
        package var taskId: Int64
        package var type: RequestType
        package var slaDue: Instant
    }

    /// The letter a task makes, or the newest one of its case.
    package struct Letter: Sendable {
        package var taskId: Int64
        package var letterId: Int64
        package var isOwn: Bool
        package var template: String
        package var templateHash: [UInt8]?
        package var mailClass: String
        package var sealId: String?
        package var accounts: [Int64]
        package var isPosted: Bool
    }

    /// The legal facts of a card.
    package struct Referral: Sendable {
        package var taskId: Int64
        package var route: String?
        package var caseNo: String?
        package var state: String
    }

    /// A contact point of an information-gathering card; sealed value.
    package struct Point: Sendable {
        package var taskId: Int64
        package var row: PointRow
        package var value: [UInt8]
    }

    /// Everything read for the cards of one lane.
    package struct Rows: Sendable {
        package var heads: [Head] = []
        package var accounts: [Int64: [Account]] = [:]
        package var promises: [Int64: Promise] = [:]
        package var requests: [Int64: Request] = [:]
        package var letters: [Int64: [Letter]] = [:]
        package var referrals: [Int64: Referral] = [:]
        package var points: [Int64: [Point]] = [:]

        package init() {}

        /// Adds the rows of another lane.
        package mutating func merge(_ other: Rows) {
            heads += other.heads
            accounts.merge(other.accounts) { first, _ in first }
            promises.merge(other.promises) { first, _ in first }
            requests.merge(other.requests) { first, _ in first }
            letters.merge(other.letters) { first, _ in first }
            referrals.merge(other.referrals) { first, _ in first }
            points.merge(other.points) { first, _ in first }
        }
    }

    /// The statements that read cards; ``decode(_:)`` wants their answers in this order.
    ///
    /// - Parameter steps: The steps among the tasks: what no step needs is not read.
    package static func statements(part: Int32, agency: Int32, tasks: [Int64], steps: Set<Step>) -> [PostgresQuery] {
        let ids = tasks.sorted()
        let wantsDocuments =
            steps.contains(.registeredLetter) || steps.contains(.visit) || steps.contains(.legalDossier) || steps.contains(.lawFirm)
        let columns = "task_id, case_id, debtor_id, stage, step, attempt, due_at, epoch, leased_until"
        let none: PostgresQuery = "select where false"
        return [
            """
            select t.task_id, t.case_id, t.debtor_id, t.stage, t.step, t.attempt, t.due_at, t.epoch, t.leased_until,
                case when l.letter_id is null then c.goal else 10::smallint end, c.stage, c.agency_id, d.name_enc, d.language, d.time_zone,
                case when t.stage = 5 then d.id_number_enc end, p.contact_point_id, p.role, p.channel, p.state, p.provenance, p.rank,
                p.visits_off, p.value_enc
            from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
            cross join lateral (select stage, agency_id, goal, point_id from case_file where part = \(part) and case_id = t.case_id offset 0) c
            cross join lateral (
                select name_enc, language, time_zone, id_number_enc from debtor where part = \(part) and debtor_id = t.debtor_id offset 0) d
            left join lateral (
                select letter_id, contact_point_id from letter where part = \(part) and case_id = t.case_id and task_id = t.task_id offset 0) l on true
            left join lateral (
                select contact_point_id, role, channel, state, provenance, rank, visits_off, value_enc from contact_point
                where part = \(part) and contact_point_id = coalesce(l.contact_point_id, c.point_id) and t.step <> 1 offset 0) p on true
            """,
            """
            select t.task_id, a.account_id, a.account_ref, p.placement_id, a.product, a.currency, a.amount_due, a.balance, a.min_payment, a.days_past_due,
                a.as_of, a.bucket
            from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
            cross join lateral (
                select placement_id, account_id, state from placement where part = \(part) and case_id = t.case_id offset 0) p
            cross join lateral (
                select account_id, account_ref, product, currency, amount_due, balance, min_payment, days_past_due, as_of, bucket from account
                where part = \(part) and account_id = p.account_id offset 0) a
            where p.state = 'active' order by a.account_id
            """,
            """
            select t.task_id, p.amount, p.currency, p.due_on, p.state
            from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
            cross join lateral (
                select promise_id, amount, currency, due_on, state from promise
                where part = \(part) and debtor_id = t.debtor_id offset 0) p
            where p.state in ('open', 'awaiting_ledger') order by p.promise_id
            """,
            """
            select t.task_id, r.type, r.sla_due
            from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
            cross join lateral (
                select request_id, type, sla_due, state from bank_request where part = \(part) and case_id = t.case_id offset 0) r
            where r.state = 'open' order by r.request_id
            """,
            !wantsDocuments
                ? none
                : """
                select t.task_id, l.letter_id, coalesce(l.task_id = t.task_id, false), l.template, l.template_hash, l.mail_class, l.seal_id, l.accounts,
                    l.posted_at is not null
                from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
                join letter l on l.part = \(part) and l.case_id = t.case_id and l.state <> 'stopped'
                order by l.letter_id
                """,
            !steps.contains(.lawFirm)
                ? none
                : """
                select t.task_id, r.route, r.case_no, r.state
                from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
                join case_file c on c.part = \(part) and c.debtor_id = t.debtor_id
                join legal_referral r on r.part = \(part) and r.case_id = c.case_id
                order by r.referral_id
                """,
            !steps.contains(.gather)
                ? none
                : """
                select t.task_id, p.contact_point_id, p.role, p.channel, p.state, p.provenance, p.rank, p.visits_off, p.value_enc
                from unnest(\(ids)) u (id) cross join lateral (select \(unescaped: columns) from task where part = \(part) and task_id = u.id and agency_id = \(agency) offset 0) t
                join contact_point p on p.part = \(part) and p.debtor_id = t.debtor_id
                where t.step = 1 and p.state in ('valid', 'unverified')
                    and p.do_not_contact_since is null and p.channel not in ('work_phone', 'work_address') and p.role in ('debtor', 'guarantor')
                order by p.rank, p.contact_point_id
                """,
        ]
    }

    /// How many statements ``statements(part:agency:tasks:steps:)`` gives.
    package static let statementCount = 7

    /// The rows in the answers.
    package static func decode(_ results: ArraySlice<PostgresResult>) throws -> Rows {
        precondition(results.count == statementCount, "answers of another batch")
        let answers = Array(results)
        var rows = Rows()
        for row in answers[0] { rows.heads.append(try head(row)) }
        for row in answers[1] {
            var cells = try row.cells(12)
            let account = Account(
                taskId: try cells.next(), accountId: try cells.next(), accountRef: try cells.next(), placementId: try cells.next(),
                product: try cells.next(), currency: try cells.next(), amountDue: try cells.next(), balance: try cells.next(),
                minPayment: try cells.next(), daysPastDue: try cells.next(), asOf: try cells.next(), bucket: try cells.next())
            rows.accounts[account.taskId, default: []].append(account)
        }
        for row in answers[2] {
            var cells = try row.cells(5)
            let promise = Promise(
                taskId: try cells.next(), amount: try cells.next(), currency: try cells.next(), dueOn: try cells.next(),
                state: try cells.next())
            rows.promises[promise.taskId] = promise
        }
        for row in answers[3] {
            var cells = try row.cells(3)
            let request = Request(taskId: try cells.next(), type: try cells.next(), slaDue: try cells.next())
            rows.requests[request.taskId] = request
        }
        for row in answers[4] {
            var cells = try row.cells(9)
            let letter = Letter(
                taskId: try cells.next(), letterId: try cells.next(), isOwn: try cells.next(), template: try cells.next(),
                templateHash: try cells.next(), mailClass: try cells.next(), sealId: try cells.next(), accounts: try cells.next(),
                isPosted: try cells.next())
            rows.letters[letter.taskId, default: []].append(letter)
        }
        for row in answers[5] {
            var cells = try row.cells(4)
            let referral = Referral(
                taskId: try cells.next(), route: try cells.next(), caseNo: try cells.next(), state: try cells.next())
            rows.referrals[referral.taskId] = referral
        }
        for row in answers[6] {
            var cells = try row.cells(9)
            let point = Point(taskId: try cells.next(), row: try PointRow(&cells), value: try cells.next())
            rows.points[point.taskId, default: []].append(point)
        }
        return rows
    }

    private static func head(_ row: PostgresRow) throws -> Head {
        var cells = try row.cells(24)
        return Head(
            taskId: try cells.next(), caseId: try cells.next(), debtorId: try cells.next(), stage: try cells.next(),
            step: try cells.next(), attempt: try cells.next(), dueAt: try cells.next(), epoch: try cells.next(),
            leasedUntil: try cells.next(), goal: try cells.next(), caseStage: try cells.next(), holder: try cells.next(),
            name: try cells.next(), language: try cells.next(), timeZone: try cells.next(), idNumber: try cells.next(),
            point: try PointRow.optional(&cells), pointValue: try cells.next())
    }
}
