/// The limit a measurement is held against: the statements of a lease and its outcomes, by hand, for pgbench.
///
/// The same tables, rows, role and statements as dispatch sends; the gate is replaced by constants, cards and audit bodies by text of their usual
/// size. What is left is what PostgreSQL itself needs for the work.
package struct BenchScript: Sendable {
    /// The agency whose tasks are leased.
    package let agency: Int32
    /// Tasks of one lease; 1 is the one-by-one script.
    package let batch: Int
    /// Business time at which the bench stands, as an SQL literal.
    package let business: String
    /// The writer its audit entries name; removed afterwards, they belong to no chain.
    package let writer: Int64

    package init(agency: Int32, batch: Int, business: String, writer: Int64) {
        self.agency = agency
        self.batch = batch
        self.business = business
        self.writer = writer
    }

    /// The script. Variables from outside: `turn` (0), `clients`, `lanes`.
    package var text: String {
        // Sizes as dispatch writes them: a ledger of some 20 entries, an outcome's body, an audit body of 100 grants.
        let ledger = "decode(repeat('ab', 300), 'hex')"
        let body = "decode(repeat('cd', 180), 'hex')"
        let grants = "decode(repeat('ef', \(60 + batch * 22)), 'hex')"
        return """
            \\set turn :turn + 1
            \\set lane (:turn * :clients + :client_id) % :lanes
            begin;
            set local recourse.agencies = '{\(agency)}';
            select now(), anchor_real, anchor_business, rate, run_until from clock;
            select body_hash, parts, tasks, epochs from lease_request where part = :lane and agency_id = \(agency) and request_id = 'none';
            with due as materialized (select task_id, debtor_id, case_id, step, epoch, attempt, due_at from task where part = :lane and agency_id = \(agency) and stage = 2 and state = 0 and due_at <= \(business) order by due_at, task_id limit \(batch) for update skip locked), picked as (select due.*, d.version, d.ledger, c.goal, p.role, a.ids from due cross join lateral (select version, ledger from debtor_conduct where part = :lane and debtor_id = due.debtor_id for no key update skip locked) d cross join lateral (select goal, point_id from case_file where part = :lane and case_id = due.case_id offset 0) c left join lateral (select role from contact_point where part = :lane and contact_point_id = c.point_id offset 0) p on true cross join lateral (select array_agg(account_id) ids from account where part = :lane and debtor_id = due.debtor_id) a) select coalesce(array_agg(task_id order by task_id), '{}') as ids, coalesce(array_agg(debtor_id order by task_id), '{}') as debtors, coalesce(array_agg(case_id order by task_id), '{}') as cases, coalesce(sum(length(ledger)), 0) as bytes from picked \\gset
            update task set state = 1, epoch = epoch + 1, leased_until = now() + interval '30 minutes', expiry_slot = 1, lease_seconds = 1800 where part = :lane and task_id = any(:ids::bigint[]);
            update debtor_conduct d set ledger = \(ledger), version = d.version + 1 from unnest(:debtors::bigint[]) u(id) where d.part = :lane and d.debtor_id = u.id;
            insert into lease_request (part, agency_id, request_id, body_hash, parts, tasks, epochs, expires_at) values (:lane, \(agency), nextval('bench_id')::text, sha256('bench'), array_fill(1, array[cardinality(:ids::bigint[])]), :ids::bigint[], array_fill(1, array[cardinality(:ids::bigint[])]), now() + interval '1 day');
            insert into audit_entry (part, writer, seq, at, kind, subject, body, hash) values (:lane, \(writer), nextval('bench_id'), now(), 3, \(agency), \(grants), sha256('bench'));
            select t.task_id, d.name_enc, p.value_enc from unnest(:ids::bigint[]) u(id) cross join lateral (select * from task where part = :lane and task_id = u.id offset 0) t cross join lateral (select point_id from case_file where part = :lane and case_id = t.case_id offset 0) c cross join lateral (select name_enc from debtor where part = :lane and debtor_id = t.debtor_id offset 0) d left join lateral (select value_enc from contact_point where part = :lane and contact_point_id = c.point_id offset 0) p on true;
            select t.task_id, a.account_ref, a.balance, a.amount_due, a.bucket from unnest(:ids::bigint[]) u(id) cross join lateral (select * from task where part = :lane and task_id = u.id offset 0) t cross join lateral (select account_id, state from placement where part = :lane and case_id = t.case_id offset 0) p cross join lateral (select account_ref, balance, amount_due, bucket from account where part = :lane and account_id = p.account_id offset 0) a where p.state = 'active';
            select p.amount, p.due_on from promise p where p.part = :lane and p.debtor_id = any(:debtors::bigint[]) and p.state in ('open', 'awaiting_ledger');
            select r.type from bank_request r where r.part = :lane and r.case_id = any(:cases::bigint[]) and r.state = 'open';
            commit;
            begin;
            set local recourse.agencies = '{\(agency)}';
            select now(), anchor_real, anchor_business, rate, run_until from clock;
            select d.* from unnest(:debtors::bigint[]) u(id) cross join lateral (select debtor_id, version, ledger from debtor_conduct where part = :lane and debtor_id = u.id for no key update) d;
            select t.* from unnest(:ids::bigint[]) u(id) cross join lateral (select * from task where part = :lane and task_id = u.id and agency_id = \(agency) for update) t;
            select task_id, epoch, body_hash from outcome where part = :lane and task_id = any(:ids::bigint[]);
            select * from case_file where part = :lane and debtor_id = any(:debtors::bigint[]);
            select a.account_id, a.balance, a.amount_due, p.placement_id, p.term_end from account a join placement p on p.part = :lane and p.account_id = a.account_id where a.part = :lane and a.debtor_id = any(:debtors::bigint[]);
            select contact_point_id, role, channel, state from contact_point where part = :lane and debtor_id = any(:debtors::bigint[]);
            select hold_id, type from hold where part = :lane and debtor_id = any(:debtors::bigint[]) and state = 'open';
            select request_id, type from bank_request where part = :lane and case_id = any(:cases::bigint[]) and state = 'open';
            select promise_id, amount from promise where part = :lane and debtor_id = any(:debtors::bigint[]);
            select letter_id, state from letter where part = :lane and case_id = any(:cases::bigint[]);
            delete from task where part = :lane and task_id = any(:ids::bigint[]);
            insert into outcome (part, task_id, epoch, agency_id, case_id, debtor_id, stage, step, result, occurred_at, received_at, business_at, body_hash, body, next_stage, next_not_before, rule, policy_version) select :lane, u.id, 1, \(agency), u.c, u.d, 2, 2, 306, now(), now(), now(), sha256('bench'), \(body), 2, now(), 'phone.no_answer', 1 from unnest(:ids::bigint[], :cases::bigint[], :debtors::bigint[]) u(id, c, d);
            insert into contact_event (part, event_id, debtor_id, agency_id, direction, channel, outcome, party_role, purpose, task_id, epoch, occurred_at, received_at) select :lane, nextval('bench_id'), u.d, \(agency), 'outbound', 'call', 'no_answer', 'debtor', 'demand_payment', u.id, 1, now(), now() from unnest(:ids::bigint[], :debtors::bigint[]) u(id, d);
            update debtor_conduct d set ledger = \(ledger), version = d.version + 1 from unnest(:debtors::bigint[]) u(id) where d.part = :lane and d.debtor_id = u.id;
            update case_file c set last_worked_at = now(), last_rule = 'phone.no_answer', counters = array_fill(1, array[20]) from unnest(:cases::bigint[]) u(id) where c.part = :lane and c.case_id = u.id;
            insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt) select :lane, nextval('bench_id'), \(agency), 2, 2, 0, \(business) + interval '2 hours', u.d, u.c, 1 from unnest(:cases::bigint[], :debtors::bigint[]) u(c, d);
            insert into audit_entry (part, writer, seq, at, kind, subject, body, hash) select :lane, \(writer), nextval('bench_id'), now(), 1, u.id, \(body), sha256('bench') from unnest(:ids::bigint[]) u(id);
            commit;

            """
    }
}
