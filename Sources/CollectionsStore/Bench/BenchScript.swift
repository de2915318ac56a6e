import CollectionsDomain
import PostgresDriver

/// The limit a measurement is held against: the statements of a lease and its outcomes, by hand, for pgbench.
///
/// The same tables, rows and role, and the very texts dispatch sends, taken from where it takes them; the gate is replaced by constants, ledgers,
/// receipts and audit bodies by bytes of their usual size. What is left is what PostgreSQL itself needs for the work.
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
        let statements =
            [
                "\\set turn :turn + 1", "\\set lane (:turn * :clients + :client_id) % :lanes",
                "begin;", "set local recourse.agencies = '{\(agency)}';",
            ] + lease + ["commit;", "begin;", "set local recourse.agencies = '{\(agency)}';"] + outcomes + ["commit;", ""]
        return statements.joined(separator: "\n")
    }

    // MARK: Values

    private let ids = ":ids::bigint[]"
    private let debtors = ":debtors::bigint[]"
    private let cases = ":cases::bigint[]"
    /// As many of a value as there are tasks.
    private func filled(_ value: String) -> String { "array_fill(\(value), array[cardinality(\(ids))])" }
    private let newIds = "(select array_agg(nextval('bench_id')) from unnest(:ids::bigint[]))"

    // Sizes as dispatch writes them: a ledger of some 20 entries, an outcome's body, an audit body of 100 grants.
    private let ledger = "decode(repeat('ab', 300), 'hex')"
    private let body = "decode(repeat('cd', 180), 'hex')"
    private let hash = "sha256('bench')"

    /// A statement as dispatch sends it, on one line, with a value of pgbench's in the place of each of its own.
    private func line(_ query: PostgresQuery, _ values: [String]) -> String {
        precondition(query.bindCount == values.count, "\(query.bindCount) values wanted, \(values.count) given: \(query.sql)")
        var sql = query.sql.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
        // From the highest number down: $1 begins $10 as well.
        for index in values.indices.reversed() { sql = sql.replacing("$\(index + 1)", with: values[index]) }
        return sql + ";"
    }

    // MARK: The two transactions

    private var lease: [String] {
        let lane = ":lane"
        let own = "\(agency)"
        let pick = line(
            TaskQueries.pick(part: 0, agency: agency, stage: .phone, from: .distantPast, until: .distantPast, limit: batch),
            [lane, own, "2", "'-infinity'::timestamptz", business, "\(batch)", lane, lane, lane, lane, lane])
        let grants = "decode(repeat('ef', \(60 + batch * 22)), 'hex')"
        let cards = CardQueries.statements(part: 0, agency: agency, tasks: [], steps: [.call])
        return [
            line(ClockQueries.readStatement, []),
            line(LeaseRequestQueries.queue(agency: agency, requestId: ""), ["nextval('bench_id')"]),
            line(LeaseRequestQueries.find(part: 0, agency: agency, requestId: ""), [lane, own, "'none'"]),
            """
            select coalesce(array_agg(task_id order by task_id), '{}') as ids, coalesce(array_agg(debtor_id order by task_id), '{}') as debtors, \
            coalesce(array_agg(case_id order by task_id), '{}') as cases, coalesce(sum(length(ledger)), 0) as bytes from (\(pick.dropLast())) picked \\gset
            """,
            """
            update task set state = 1, epoch = epoch + 1, leased_until = now() + interval '30 minutes', expiry_slot = 1, lease_seconds = 1800 \
            where part = :lane and task_id = any(\(ids));
            """,
            line(ConductQueries.write(part: 0, []), [debtors, filled(ledger), lane]),
            line(
                LeaseRequestQueries.insert(
                    part: 0, agency: agency, requestId: "", LeaseRecord(bodyHash: [], parts: [], tasks: [], epochs: []),
                    expiresAt: .distantPast),
                [lane, own, "nextval('bench_id')::text", hash, filled("1"), ids, filled("1"), "now() + interval '1 day'"]),
            "insert into audit_entry (part, writer, seq, at, kind, subject, body, hash) "
                + "values (:lane, \(writer), nextval('bench_id'), now(), 3, \(agency), \(grants), \(hash));",
            line(cards[0], [ids, lane, own, lane, lane, lane, lane]), line(cards[1], [ids, lane, own, lane, lane]),
            line(cards[2], [ids, lane, own, lane]), line(cards[3], [ids, lane, own, lane]),
        ] + cards[4...].map { line($0, []) }
    }

    private var outcomes: [String] {
        let lane = ":lane"
        let reads = CaseQueries.statements(part: 0, debtors: [])
        let values: [[String]] = [
            [lane, debtors, lane, lane], [lane, debtors], [lane, debtors], [lane, lane, debtors], [lane, debtors], [lane, debtors],
            [lane, lane, debtors], [lane, lane, debtors], [debtors, lane],
        ]
        return [
            line(ClockQueries.readStatement, []), line(RateQueries.watermark, []),
            line(ConductQueries.lock(part: 0, debtors: []), [debtors, lane]),
            line(TaskQueries.lock(part: 0, tasks: []), [ids, filled("\(agency)"), lane]),
            line(OutcomeQueries.receipts(part: 0, tasks: []), [lane, ids]),
            line(CaseQueries.files(part: 0, debtors: []), [lane, lane, debtors]),
        ] + zip(reads, values).map(line) + writes
    }

    private var writes: [String] {
        let lane = ":lane"
        let due = "\(business) + interval '2 hours'"
        let present = Now(real: .distantPast, business: .distantPast)
        var caseWrites = CaseWrites()
        caseWrites.cases[0] = CaseWrites.CaseChange(
            caseId: 0, state: .ready, stage: .phone, stageEnteredAt: .distantPast, step: .call, goal: .getDate, pointId: nil,
            counters: CaseCounters(), lightCadence: false, lastWorkedAt: nil, rule: "", policyVersion: 0)
        caseWrites.contactEvents.append(
            CaseWrites.ContactEvent(
                eventId: 0, debtorId: 0, pointId: nil, agencyId: agency,
                entry: ContactEntry(at: .distantPast, channel: .call, outcome: .noAnswer, by: Actor(agency: agency)), grant: nil,
                activityId: nil,
                endedAt: nil, collector: nil, recording: nil, isLate: false))
        let statements = caseWrites.statements(part: 0, now: present)
        let counters = "'{" + Array(repeating: "1", count: CaseCounters().stored.count).joined(separator: ",") + "}'::text"
        return [
            line(ConductQueries.write(part: 0, []), [debtors, filled(ledger), lane]),
            "delete from task where part = :lane and task_id = any(\(ids));",
            line(
                statements[0],
                [
                    business, cases, filled("'ready'::text"), filled("null::text"), filled("null::timestamptz"), filled("2::smallint"),
                    filled(business), filled("2::smallint"), filled("1::smallint"), filled("null::bigint"), filled(counters),
                    filled("false"),
                    filled(business), filled("'phone.no_answer'::text"), filled("1"), lane,
                ]),
            line(
                TaskQueries.insert(part: 0, []),
                [
                    lane, newIds, filled("\(agency)"), filled("2::smallint"), filled("2::smallint"), filled(due), debtors, cases,
                    filled("1::smallint"),
                ]),
            line(
                statements[1],
                [
                    lane, "now()", newIds, debtors, filled("null::bigint"), filled("\(agency)"), filled("'outbound'::text"),
                    filled("'call'::text"), filled("'no_answer'::text"), filled("'debtor'::text"), filled("'demand_payment'::text"), ids,
                    filled("1"), filled("null::bigint"), filled(business), filled(business), filled("'c-1'::text"), filled("'rec-1'::text"),
                    filled("false"),
                ]),
            line(
                OutcomeQueries.insert(part: 0, [], now: present),
                [
                    lane, "now()", business, ids, filled("1"), filled("\(agency)"), cases, debtors, filled("2::smallint"),
                    filled("2::smallint"), filled("306::smallint"), filled("null::bigint"), filled(business), filled(hash), filled(body),
                    filled("2::smallint"), filled(due), filled("'phone.no_answer'::text"), filled("1"),
                ]),
            "insert into audit_entry (part, writer, seq, at, kind, subject, body, hash) select :lane, \(writer), u.seq, now(), u.kind, u.subject, "
                + "u.body, u.hash from unnest(\(newIds), \(filled("1::smallint")), \(ids), \(filled(body)), \(filled(hash))) "
                + "u (seq, kind, subject, body, hash);",
        ]
    }
}
