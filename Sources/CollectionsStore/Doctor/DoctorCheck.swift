import CollectionsDomain

/// One question `recourse doctor` asks the live database about an invariant.
///
/// The SQL selects one text column, the subject of each violation (kinds and ids, never personal data); no row means the invariant holds.
/// Checks read committed rows and take no locks, so that they can run beside full load: each is one statement, hence one snapshot.
package struct DoctorCheck: Sendable {
    /// The invariant's number: `I1` … `I12`.
    package let invariant: String
    /// What is asked, in a few words; stable, used as the key in reports.
    package let name: String
    /// What an operator does when it fails.
    package let hint: String
    /// A query whose only column is the subject of a violation.
    package let sql: String
}

extension DoctorCheck {
    /// Business time inside a statement; the same arithmetic as `ClockQueries`.
    static let businessNow = "(select anchor_business + rate * (least(now(), run_until) - anchor_real) from clock)"

    /// Every check that is a single statement over all lanes. Limits on contacts (I7), isolation (I9) and the audit chain (I10) need more
    /// than one statement and have types of their own.
    package static let statements: [DoctorCheck] = outcomes + receipts + tasks + placements + money + capacity + backlog

    private static let outcomes: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I1", name: "one accepted outcome per task",
            hint: "two grants of one task were both accepted: export both receipts and hold the case",
            sql: "select format('task %s: %s outcomes', task_id, count(*)) from outcome group by part, task_id having count(*) > 1"),
        DoctorCheck(
            invariant: "I1", name: "an outcome ends its task",
            hint: "a task with an accepted outcome is still live: hold the case, delete the task row by hand with two persons",
            sql: """
                select format('task %s', t.task_id) from task t
                where exists (select from outcome o where o.part = t.part and o.task_id = t.task_id)
                """),
        DoctorCheck(
            invariant: "I1", name: "no outcome both accepted and late",
            hint: "the same grant was answered twice with different words: compare both bodies",
            sql: """
                select format('task %s epoch %s', o.task_id, o.epoch) from outcome o
                join late_outcome l on l.part = o.part and l.task_id = o.task_id and l.epoch = o.epoch
                """),
        DoctorCheck(
            invariant: "I2", name: "one audit entry per accepted outcome",
            hint: "an outcome without its entry was written past the program, or its entry was removed: run `recourse audit verify`",
            sql: """
                select format('task %s: %s entries', o.task_id, coalesce(a.n, 0)) from outcome o
                left join (select part, subject, count(*) n from audit_entry where kind = \(AuditKind.outcomeAccepted.rawValue) group by part, subject) a
                    on a.part = o.part and a.subject = o.task_id
                where coalesce(a.n, 0) <> 1
                """),
        DoctorCheck(
            invariant: "I2", name: "one transition per accepted outcome",
            hint: "the outcome names no rule, so nothing says what followed from it",
            sql: "select format('task %s epoch %s', task_id, epoch) from outcome where rule = '' or policy_version <= 0"),
    ]

    private static let receipts: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I3", name: "receipts carry the hash of what was said",
            hint: "a receipt without a whole hash cannot tell a replay from a conflict",
            sql: """
                select format('outcome %s/%s', task_id, epoch) from outcome where length(body_hash) <> 32
                union all select format('late outcome %s/%s', task_id, epoch) from late_outcome where length(body_hash) <> 32
                union all select format('lease request of agency %s', agency_id) from lease_request where length(body_hash) <> 32
                """),
        DoctorCheck(
            invariant: "I3", name: "a lease request answers for whole grants",
            hint: "a recorded lease request cannot be replayed: its arrays differ in length",
            sql: """
                select format('lease request of agency %s', agency_id) from lease_request
                where cardinality(tasks) <> cardinality(epochs) or cardinality(tasks) <> cardinality(parts)
                """),
        DoctorCheck(
            invariant: "I3", name: "every activity receipt has its activity",
            hint: "a receipt without its activity promises something that was not kept",
            sql: """
                select format('activity %s', r.activity_id) from activity_receipt r
                where not exists (select from activity a where a.part = r.part and a.activity_id = r.activity_id and a.body_hash = r.body_hash)
                """),
    ]

    private static let tasks: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I4", name: "no lease outlives its deadline",
            hint: "no coordinator sweeps: start `recourse serve`, it takes expired leases back within seconds",
            sql: "select format('task %s', task_id) from task where state = 1 and leased_until < now() - interval '30 seconds'"),
        DoctorCheck(
            invariant: "I5", name: "an active case has one live contact task, or a reason that ends",
            hint: "the case would be forgotten, or worked twice: look at it with the timeline and hold it",
            sql: """
                with live as (
                    select part, case_id, count(*) filter (where step <> all (\(documentSteps))) contact, count(*) filter (where step = any (\(documentSteps))) document
                    from task group by part, case_id)
                select format('case %s (%s): %s contact, %s document tasks', c.case_id, c.state, coalesce(l.contact, 0), coalesce(l.document, 0))
                from case_file c left join live l on l.part = c.part and l.case_id = c.case_id
                where c.state <> 'closed' and not (
                    case when c.state in ('held', 'requested', 'handover', 'recalling', 'planned') then coalesce(l.contact, 0) = 0
                         else coalesce(l.contact, 0) <= 1 and coalesce(l.document, 0) <= 1
                             and (coalesce(l.contact, 0) + coalesce(l.document, 0) >= 1 or c.until > \(businessNow) - interval '1 day') end)
                """),
        DoctorCheck(
            invariant: "I5", name: "a held or asked case has its open hold or request",
            hint: "nobody would ever release the case: set a hold with a date, or release it",
            sql: """
                select format('case %s (%s %s)', c.case_id, c.state, c.reason) from case_file c
                where (c.state = 'held' and not exists (select from hold h where h.part = c.part and h.debtor_id = c.debtor_id and h.state = 'open'))
                   or (c.state = 'requested' and not exists (select from bank_request r where r.part = c.part and r.case_id = c.case_id and r.state = 'open'))
                   or (c.state = 'planned' and not exists (
                        select from instalment_plan i where i.part = c.part and i.debtor_id = c.debtor_id and i.state = 'active'))
                   or (c.state = 'recalling' and not exists (
                        select from placement p where p.part = c.part and p.case_id = c.case_id and p.state = 'recalling'))
                """),
        DoctorCheck(
            invariant: "I5", name: "a closed case has no task",
            hint: "an agency could still work a case that was given back",
            sql: """
                select format('task %s of case %s', t.task_id, t.case_id) from task t
                left join case_file c on c.part = t.part and c.case_id = t.case_id
                where c.case_id is null or c.state = 'closed'
                """),
        DoctorCheck(
            invariant: "I5", name: "a closed case has no active placement",
            hint: "the account is neither worked nor free to be placed again",
            sql: """
                select format('placement %s of case %s', p.placement_id, p.case_id) from placement p
                join case_file c on c.part = p.part and c.case_id = p.case_id
                where p.state = 'active' and c.state = 'closed'
                """),
    ]

    /// Steps whose tasks make a document and contact nobody by themselves.
    private static var documentSteps: String {
        "array[" + Step.allCases.filter(\.isDocument).map { String($0.rawValue) }.joined(separator: ",") + "]::smallint[]"
    }

    private static let placements: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I6", name: "one active placement per account",
            hint: "two agencies believe the account is theirs: recall both",
            sql: """
                select format('account %s', account_id) from placement where state in ('active', 'recalling')
                group by part, account_id having count(*) > 1
                """),
        DoctorCheck(
            invariant: "I6", name: "a debtor is with one holder",
            hint: "the debtor would be contacted by two agencies: recall the later placement",
            sql: """
                select format('debtor %s', debtor_id) from placement where state = 'active'
                group by part, debtor_id having count(distinct agency_id) > 1
                """),
        DoctorCheck(
            invariant: "I6", name: "a placement belongs to its holder's case",
            hint: "case and placement name different agencies",
            sql: """
                select format('placement %s', p.placement_id) from placement p
                left join case_file c on c.part = p.part and c.case_id = p.case_id
                where p.state = 'active' and (c.case_id is null or c.agency_id <> p.agency_id or c.debtor_id <> p.debtor_id)
                """),
    ]

    private static let money: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I8", name: "balance follows from what was posted",
            hint: "opening balance, payments, reversals and adjustments do not add up to the balance: stop demands on the account",
            sql: """
                select format('account %s: %s, posted %s', a.account_id, a.balance, a.opening_balance - coalesce(p.net, 0) + coalesce(j.net, 0)) from account a
                left join (select part, account_id,
                        sum(case when entry_type in ('payment', 'waiver') then amount else -amount end)::bigint net from payment group by part, account_id) p
                    on p.part = a.part and p.account_id = a.account_id
                left join (select part, account_id, sum(amount)::bigint net from adjustment group by part, account_id) j
                    on j.part = a.part and j.account_id = a.account_id
                where a.balance <> a.opening_balance - coalesce(p.net, 0) + coalesce(j.net, 0)
                """),
        DoctorCheck(
            invariant: "I8", name: "allocations sum to their payment",
            hint: "part of a payment is counted for nothing, or twice",
            sql: """
                select format('payment %s: %s of %s', p.payment_id, coalesce(sum(a.amount), 0), p.amount) from payment p
                left join payment_allocation a on a.part = p.part and a.payment_id = p.payment_id
                group by p.part, p.payment_id, p.amount having coalesce(sum(a.amount), 0) <> p.amount
                """),
        DoctorCheck(
            invariant: "I8", name: "commission follows its payment",
            hint: "an agency is owed for money that did not come, or for more than came",
            sql: """
                select format('commission line %s', c.commission_line_id) from commission_line c
                left join payment p on p.part = c.part and p.payment_id = c.payment_id
                where p.payment_id is null or abs(c.base_amount) > p.amount or (c.type = 'fee' and c.base_amount < 0) or (c.type = 'clawback' and c.base_amount > 0)
                """),
        DoctorCheck(
            invariant: "I8", name: "a payment is counted in its own account",
            hint: "the payment's debtor is not the account's",
            sql: """
                select format('payment %s', p.payment_id) from payment p
                left join account a on a.part = p.part and a.account_id = p.account_id
                where a.account_id is null or a.debtor_id <> p.debtor_id or a.currency <> p.currency
                """),
    ]

    private static let capacity: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I11", name: "no agency holds more than its contract allows",
            hint: "suspend placements to the agency until enough have ended",
            sql: """
                select format('agency %s: %s accounts of %s', a.agency_id, p.n, k.capacity_count) from agency a
                join lateral (select * from agency_contract c where c.agency_id = a.agency_id and c.starts_on <= \(businessNow)::date
                    order by c.starts_on desc limit 1) k on true
                join (select agency_id, count(*) n, sum(refer_balance) amount from placement where state in ('active', 'recalling') group by agency_id) p
                    on p.agency_id = a.agency_id
                where p.n > k.capacity_count or p.amount > k.capacity_amount
                """)
    ]

    private static let backlog: [DoctorCheck] = [
        DoctorCheck(
            invariant: "I12", name: "no long job is stuck",
            hint: "the job's process died: run the same command again, it goes on where it stopped",
            sql: "select format('run %s (%s)', run_id, kind) from run where state = 'running' and lease_until < now() - interval '1 minute'"
        ),
        DoctorCheck(
            invariant: "I12", name: "no import stopped half-way",
            hint: "run the same import again: it completes what was claimed",
            sql: """
                select format('%s references without a record', count(*)) from ref where target_id is null
                having count(*) > 0
                """),
        DoctorCheck(
            invariant: "I12", name: "what was decided reaches the agencies",
            hint: "no coordinator publishes notices: start `recourse serve`",
            sql: """
                select format('notice of agency %s waits since %s', agency_id, min(at)) from outbox where target = 'agency' and at < \(businessNow) - interval '1 day'
                group by agency_id
                """),
    ]
}
