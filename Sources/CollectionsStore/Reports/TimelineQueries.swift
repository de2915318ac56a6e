package import CollectionsDomain
package import PostgresDriver

/// What happened to a debtor, read from every table that tells of it. Reads of many rows, for people who ask about one case: never for a hot path.
///
/// Each source is one statement on the debtor's lane with the way its rows are read. Tables that are kept by month (outcomes and the like) have no
/// index by debtor, so that what every outcome writes stays small; they are read from the month of the debtor's first case on.
package enum TimelineQueries {
    /// Whose record is read.
    package struct Subject: Hashable, Sendable {
        package var part: Int32
        package var debtorId: Int64
        /// The first id of the month of the debtor's first case; older partitions hold nothing.
        package var floor: Int64

        /// The currency of the policy's thresholds, in which amounts of referrals are kept.
        package var amountCurrency: Currency

        package init(part: Int32, debtorId: Int64, firstCase: Int64, amountCurrency: Currency) {
            self.part = part
            self.debtorId = debtorId
            self.amountCurrency = amountCurrency
            floor = IdLayout.first(ofMonth: IdLayout.month(of: firstCase))
        }
    }

    /// What the tables tell.
    package struct Answer: Sendable {
        package var entries: [TimelineEntry]
        /// Activities by the contact events they brought.
        package var activities: [Int64: Int64]
    }

    struct Source: Sendable {
        let query: PostgresQuery
        let read: @Sendable (PostgresRow) throws -> [TimelineEntry]
    }

    /// Everything the tables tell, in no order.
    package static func entries(of subject: Subject, in db: PostgresConnection) async throws -> Answer {
        let (part, debtor, floor) = (subject.part, subject.debtorId, subject.floor)
        let sources =
            caseSources(part, debtor) + taskSources(part, debtor, floor) + moneySources(part, debtor) + bankSources(part, debtor)
            + documentSources(part, debtor, subject.amountCurrency)
        let activities: PostgresQuery = """
            select event_id, activity_id from contact_event
            where part = \(part) and debtor_id = \(debtor) and event_id >= \(floor) and activity_id is not null
            """
        let results = try await db.pipeline(sources.map(\.query) + [activities])
        var entries: [TimelineEntry] = []
        for (source, result) in zip(sources, results) { for row in result { entries += try source.read(row) } }
        let pairs = try results[sources.count].decode((Int64, Int64).self)
        return Answer(entries: entries, activities: Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
    }

    static func money(_ minorUnits: Int64, _ code: String) throws -> Money {
        guard let currency = Currency(code) else { throw PostgresError(code: .decode, message: "an amount has an unknown currency") }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    // MARK: Cases and placements

    private static func caseSources(_ part: Int32, _ debtor: Int64) -> [Source] {
        [
            Source(
                query: """
                    select c.case_id, c.agency_id, c.opened_at, c.closed_at, c.close_code, (
                        select min(p.start_stage) from placement p where p.part = \(part) and p.case_id = c.case_id)
                    from case_file c where c.part = \(part) and c.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, agency, opened, closed, code, stage) = try row.decode(
                    (Int64, Int32, Instant, Instant?, String?, Stage?).self)
                var entries = [
                    TimelineEntry(at: opened, .caseOpened(stage ?? .informationGathering), by: .agency(agency), caseId: id, row: id)
                ]
                if let closed {
                    entries.append(
                        TimelineEntry(at: closed, .caseClosed(code.flatMap(CloseCode.init)), by: .bank, caseId: id, row: id))
                }
                return entries
            },
            Source(
                query: """
                    select p.placement_id, p.case_id, p.agency_id, a.account_ref, p.tier, p.refer_balance, p.currency, p.starts_at, p.term_end, p.reason,
                        p.closed_at, p.close_code
                    from placement p join account a on a.part = p.part and a.account_id = p.account_id
                    where p.part = \(part) and p.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, agency, account, tier, amount, code, starts, end, reason, closed, closeCode) = try row.decode(
                    (Int64, Int64, Int32, String, Int16, Int64, String, Instant, Instant, String, Instant?, String?).self)
                var entries = [
                    TimelineEntry(
                        at: starts, .placed(account: account, tier: tier, amount: try money(amount, code), until: end),
                        by: .agency(agency), rules: [reason], caseId: caseId, row: id)
                ]
                if let closed {
                    entries.append(
                        TimelineEntry(
                            at: closed, .placementEnded(account: account, code: closeCode.flatMap(CloseCode.init)), by: .bank,
                            caseId: caseId, row: id))
                }
                return entries
            },
            Source(
                query: """
                    select notice_id, agency_id, channel, state, sent_at from debtor_notice
                    where part = \(part) and debtor_id = \(debtor) and sent_at is not null
                    """
            ) { row in
                let (id, agency, channel, state, sent) = try row.decode((Int64, Int32?, String, String, Instant).self)
                return [
                    TimelineEntry(
                        at: sent, .debtorTold(channel: channel, state: state), by: agency.map(TimelineActor.agency) ?? .bank, row: id)
                ]
            },
            Source(
                query: """
                    select r.recall_id, p.case_id, a.account_ref, r.category, r.reason_code, r.requested_at, r.executed_at, r.confirmed_at, r.requested_by,
                        r.agency_id
                    from placement p join recall r on r.part = p.part and r.placement_id = p.placement_id
                    join account a on a.part = p.part and a.account_id = p.account_id
                    where p.part = \(part) and p.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, account, category, reason, requested, executed, confirmed, by, agency) = try row.decode(
                    (Int64, Int64, String, String, String, Instant, Instant?, Instant?, String, Int32).self)
                func entry(_ at: Instant, _ event: TimelineFact.RecallEvent, _ actor: TimelineActor, _ rules: [String]) -> TimelineEntry {
                    TimelineEntry(
                        at: at, .recall(event, category: category, account: account), by: actor, rules: rules, caseId: caseId, row: id)
                }
                return [entry(requested, .requested, TimelineActor(by: by), [reason])]
                    + (executed.map { [entry($0, .executed, .bank, ["E7.recall_executed"])] } ?? [])
                    + (confirmed.map { [entry($0, .confirmed, .agency(agency), [])] } ?? [])
            },
        ]
    }

    // MARK: Tasks and contacts

    private static func taskSources(_ part: Int32, _ debtor: Int64, _ floor: Int64) -> [Source] {
        [
            Source(
                query: """
                    select task_id, epoch, agency_id, case_id, step, result, occurred_at, rule from outcome
                    where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
                    """
            ) { row in
                let (task, epoch, agency, caseId, step, result, at, rule) = try row.decode(
                    (Int64, Int32, Int32, Int64, Step, ResultCode, Instant, String).self)
                return [
                    TimelineEntry(
                        at: at, .outcome(step, result, nil), by: .agency(agency), rules: [rule], caseId: caseId, task: task, epoch: epoch,
                        row: task)
                ]
            },
            Source(
                query: """
                    select task_id, epoch, agency_id, result, occurred_at, reason from late_outcome
                    where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
                    """
            ) { row in
                let (task, epoch, agency, result, at, reason) = try row.decode((Int64, Int32, Int32, ResultCode, Instant, String).self)
                return [
                    TimelineEntry(
                        at: at, .lateOutcome(result, reason: reason, nil), by: .agency(agency), rules: ["late.\(result.name)"], task: task,
                        epoch: epoch, row: task)
                ]
            },
            Source(
                query: """
                    select task_id, epoch, agency_id, reason, at from task_end
                    where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
                    """
            ) { row in
                let (task, epoch, agency, reason, at) = try row.decode((Int64, Int32, Int32, TaskEndReason, Instant).self)
                return [TimelineEntry(at: at, .taskEnded(reason), by: .agency(agency), task: task, epoch: epoch, row: task)]
            },
            Source(
                query: """
                    select event_id, agency_id, direction, channel, outcome, party_role, purpose, task_id, epoch, occurred_at, late from contact_event
                    where part = \(part) and debtor_id = \(debtor) and event_id >= \(floor)
                    """, read: contact),
            Source(
                query: """
                    select activity_id, agency_id, case_id, type, occurred_at from activity
                    where part = \(part) and activity_id >= \(floor) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, agency, caseId, type, at) = try row.decode((Int64, Int32, Int64?, String, Instant).self)
                return [TimelineEntry(at: at, .activity(type: type, nil), by: .agency(agency), caseId: caseId, row: id)]
            },
            Source(
                query: """
                    select p.permit_id, p.task_id, p.epoch, p.agency_id, p.granted_at, p.allowed_until, v.case_id
                    from visit v join permit p on p.part = v.part and p.permit_id = v.visit_id
                    where v.part = \(part) and v.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, task, epoch, agency, at, until, caseId) = try row.decode(
                    (Int64, Int64, Int32, Int32, Instant, Instant, Int64).self)
                return [
                    TimelineEntry(at: at, .permit(until: until), by: .agency(agency), caseId: caseId, task: task, epoch: epoch, row: id)
                ]
            },
            Source(
                query: """
                    select task_id, case_id, agency_id, reason, at, released_at, released_by from quarantine
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (task, caseId, agency, reason, at, released, by) = try row.decode(
                    (Int64, Int64, Int32, String, Instant, Instant?, String?).self)
                let entry = TimelineEntry(
                    at: at, .quarantined, by: .agency(agency), rules: [reason], caseId: caseId, task: task, row: task)
                guard let released else { return [entry] }
                return [
                    entry,
                    TimelineEntry(
                        at: released, .quarantineReleased, by: TimelineActor(by: by ?? "bank"), caseId: caseId, task: task, row: task),
                ]
            },
        ]
    }

    private static func contact(_ row: PostgresRow) throws -> [TimelineEntry] {
        let (id, agency, direction, channel, outcome, role, purpose, task, epoch, at, late) = try row.decode(
            (Int64, Int32?, String, String, String, String, String, Int64?, Int32?, Instant, Bool).self)
        guard let channel = Channel(name: channel), let outcome = ContactOutcome(name: outcome), let role = PartyRole(name: role),
            let purpose = ActPurpose(name: purpose)
        else { throw PostgresError(code: .decode, message: "contact \(id) has words this version does not know") }
        let contact = TimelineContact(
            channel: channel, isInbound: direction == "inbound", outcome: outcome, role: role, purpose: purpose, isLate: late)
        return [
            TimelineEntry(
                at: at, .contact(contact), by: agency.map(TimelineActor.agency) ?? .bank, task: task, epoch: epoch, row: id)
        ]
    }

    // MARK: Money

    private static func moneySources(_ part: Int32, _ debtor: Int64) -> [Source] {
        [
            Source(
                query: """
                    select p.promise_id, p.case_id, p.agency_id, a.account_ref, p.task_id, p.epoch, p.type, p.state, p.amount, p.currency, p.due_on, p.taken_at,
                        p.judged_at, p.paid_amount
                    from promise p join account a on a.part = p.part and a.account_id = p.account_id
                    where p.part = \(part) and p.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, agency, account, task, epoch, type, state, amount, code, due, taken, judged, paid) = try row.decode(
                    (
                        Int64, Int64, Int32, String, Int64?, Int32?, PromiseType, PromiseState, Int64, String, Day, Instant, Instant?,
                        Int64?
                    ).self)
                var entries = [
                    TimelineEntry(
                        at: taken, .promiseTaken(type, try money(amount, code), due: due, account: account), by: .agency(agency),
                        caseId: caseId, task: task, epoch: epoch, row: id)
                ]
                if let judged {
                    entries.append(
                        TimelineEntry(
                            at: judged, .promiseJudged(type, state, paid: try paid.map { try money($0, code) }, account: account),
                            by: .ledger, caseId: caseId, row: id))
                }
                return entries
            },
            Source(
                query: """
                    select p.plan_id, p.term_months, p.signed_at, a.account_ref
                    from instalment_plan p join account a on a.part = p.part and a.account_id = p.account_id
                    where p.part = \(part) and p.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, months, at, account) = try row.decode((Int64, Int16, Instant, String).self)
                return [TimelineEntry(at: at, .planSigned(months: months, account: account), by: .bank, row: id)]
            },
            Source(
                query: """
                    select p.payment_id, a.account_ref, p.entry_type, p.amount, p.currency, p.paid_at, p.posted_at
                    from payment p join account a on a.part = p.part and a.account_id = p.account_id
                    where p.part = \(part) and p.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, account, entry, amount, code, paid, posted) = try row.decode(
                    (Int64, String, String, Int64, String, Instant, Instant).self)
                guard let entry = PaymentEntry(rawValue: entry) else {
                    throw PostgresError(code: .decode, message: "payment \(id) has an unknown type")
                }
                return [
                    TimelineEntry(
                        at: posted, .money(entry, try money(amount, code), paidAt: paid, account: account), by: .ledger, row: id)
                ]
            },
            Source(
                query: """
                    select j.adjustment_id, a.account_ref, j.type, j.amount, j.currency, j.effective_at
                    from account a join adjustment j on j.part = a.part and j.account_id = a.account_id
                    where a.part = \(part) and a.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, account, type, amount, code, at) = try row.decode((Int64, String, String, Int64, String, Instant).self)
                guard let type = AdjustmentType(rawValue: type) else {
                    throw PostgresError(code: .decode, message: "adjustment \(id) has an unknown type")
                }
                return [TimelineEntry(at: at, .adjustment(type, try money(amount, code), account: account), by: .ledger, row: id)]
            },
        ]
    }
}
