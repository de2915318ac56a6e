import CollectionsDomain
package import PostgresDriver

/// What a decision about a case reads. All statements take the debtors of one lane, and are sent as one pipeline behind the debtors' lock.
///
/// The API's role sees placements, letters, promises and the like of the agencies its transaction names: the caller names the holder of each
/// case beside whoever reports, because a decision is about the whole case whoever brings the news.
package enum CaseQueries {
    /// The statement that names each debtor's newest case and its holder: nothing in it is hidden by row-level security.
    package static func files(part: Int32, debtors: [Int64]) -> PostgresQuery {
        """
        select distinct on (c.debtor_id) c.case_id, c.debtor_id, c.agency_id, c.state, c.reason, c.until, c.stage, c.stage_entered_at, c.step, c.goal,
            c.point_id, c.counters, c.light_cadence, c.last_worked_at, d.time_zone, d.region, d.verified_status = 'alive',
            array_agg(c.agency_id) over (partition by c.debtor_id)
        from case_file c
        cross join lateral (select time_zone, region, verified_status from debtor where part = \(part) and debtor_id = c.debtor_id offset 0) d
        where c.part = \(part) and c.debtor_id = any(\(debtors)) order by c.debtor_id, c.case_id desc
        """
    }

    /// The answer to ``files(part:debtors:)``.
    package static func files(_ result: PostgresResult) throws -> [CaseRows.CaseFile] {
        try result.map { row in
            let (
                id, debtor, agency, state, reason, until, stage, entered, step, goal, point, counters, light, worked, zone, region, alive,
                holders
            ) =
                try row.decode(
                    (
                        Int64, Int64, Int32, String, String?, Instant?, Stage, Instant, Step, WorkGoal, Int64?, [Int32], Bool, Instant?,
                        String,
                        String, Bool, [Int32]
                    ).self)
            return CaseRows.CaseFile(
                caseId: id, debtorId: debtor, agencyId: agency, state: state, reason: reason, until: until, stage: stage,
                stageEnteredAt: entered,
                step: step, goal: goal, pointId: point, counters: counters, lightCadence: light, lastWorkedAt: worked, timeZone: zone,
                region: region,
                isVerifiedAlive: alive, holders: holders)
        }
    }

    /// The statements that read the rest, in the order ``decode(_:files:)`` wants their answers.
    package static func statements(part: Int32, debtors: [Int64]) -> [PostgresQuery] {
        [
            accounts(part, debtors), points(part, debtors), holds(part, debtors), requests(part, debtors), promises(part, debtors),
            letters(part, debtors), visits(part, debtors), referrals(part, debtors), TaskQueries.ofDebtors(part: part, debtors: debtors),
        ]
    }

    /// The number of ``statements(part:debtors:)``.
    package static let statementCount = 9

    /// The rows by debtor, from the answers to ``statements(part:debtors:)``.
    package static func decode(_ results: ArraySlice<PostgresResult>, files: [CaseRows.CaseFile]) throws -> [Int64: CaseRows] {
        precondition(results.count == statementCount, "answers of another batch")
        var cases: [Int64: CaseRows] = [:]
        for file in files { cases[file.debtorId] = CaseRows(file: file) }
        let answers = Array(results)
        for row in answers[0] {
            let (debtor, account) = try account(row)
            cases[debtor]?.accounts.append(account)
        }
        for row in answers[1] {
            let (debtor, id, role, family, channel, rank, state, visitsOff, doNotContact, provenance) = try row.decode(
                (Int64, Int64, ContactPoint.Role, Bool, ContactPoint.Channel, Int16, ContactPoint.State, Bool, Bool, String).self)
            cases[debtor]?.points.append(
                CaseRows.Point(
                    id: id, role: role, isImmediateFamily: family, channel: channel, rank: rank, state: state, visitsOff: visitsOff,
                    doNotContact: doNotContact, provenance: provenance))
        }
        for row in answers[2] {
            let (debtor, id, type, account, setAt, until) = try row.decode((Int64, Int64, HoldType, Int64?, Instant, Instant?).self)
            cases[debtor]?.holds.append(CaseRows.Hold(id: id, type: type, accountId: account, setAt: setAt, until: until))
        }
        for row in answers[3] {
            let (debtor, id, type, state, due) = try row.decode((Int64, Int64, RequestType, String, Instant).self)
            cases[debtor]?.requests.append(CaseRows.Request(id: id, type: type, state: state, slaDue: due))
        }
        for row in answers[4] {
            let (debtor, id, account, type, state, amount, currency, due, taken, judge) = try row.decode(
                (Int64, Int64, Int64, PromiseType, PromiseState, Int64, String, Day, Instant, Instant).self)
            cases[debtor]?.promises.append(
                CaseRows.Promise(
                    id: id, accountId: account, type: type, state: state, amount: amount, currency: currency, dueOn: due, takenAt: taken,
                    judgeAfter: judge))
        }
        for row in answers[5] {
            let (debtor, id, caseId, task, state, accounts, point, posted, closed, answered) = try row.decode(
                (Int64, Int64, Int64, Int64?, CaseFacts.Letter.State, [Int64], Int64?, Instant?, Instant?, Bool).self)
            cases[debtor]?.letters.append(
                CaseRows.Letter(
                    id: id, caseId: caseId, taskId: task, state: state, accounts: accounts, pointId: point, postedAt: posted,
                    closedAt: closed,
                    answered: answered))
        }
        for row in answers[6] {
            let (debtor, occurred, result, point) = try row.decode((Int64, Instant, ResultCode, Int64).self)
            cases[debtor]?.visits.append(CaseRows.Visit(occurredAt: occurred, result: result, pointId: point))
        }
        for row in answers[7] {
            let (debtor, id, account, state, block) = try row.decode((Int64, Int64, Int64, String, Bool).self)
            cases[debtor]?.referrals.append(CaseRows.Referral(id: id, accountId: account, state: state, hasCardBlock: block))
        }
        for task in try TaskQueries.rows(answers[8]) { cases[task.debtorId]?.tasks.append(task) }
        return cases
    }

    // The newest case's placements: of an open case those still open, of a closed one all of them (a reversal may open it again).
    private static func accounts(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select a.debtor_id, a.account_id, a.account_ref, a.status, a.currency, a.product, a.region, a.balance, a.amount_due, a.min_payment, a.principal,
            a.days_past_due, a.as_of, a.limitation_end, a.default_date, a.segment, a.card_status, p.placement_id, p.state, p.term_end,
            p.extended_until, p.tier, p.bucket, p.portfolio_id, p.refer_balance, p.fee_schedule_id, p.run_id, p.starts_at
        from (select distinct on (debtor_id) case_id, state from case_file where part = \(part) and debtor_id = any(\(debtors))
            order by debtor_id, case_id desc) c
        cross join lateral (
            select placement_id, account_id, state, term_end, extended_until, tier, bucket, portfolio_id, refer_balance, fee_schedule_id, run_id, starts_at
            from placement where part = \(part) and case_id = c.case_id and (state <> 'closed' or c.state = 'closed') offset 0) p
        cross join lateral (
            select debtor_id, account_id, account_ref, status, currency, product, region, balance, amount_due, min_payment, principal, days_past_due,
                as_of, limitation_end, default_date, segment, card_status
            from account where part = \(part) and account_id = p.account_id offset 0) a
        order by a.account_id
        """
    }

    private static func account(_ row: PostgresRow) throws -> (debtor: Int64, account: CaseRows.Account) {
        let (
            debtor, id, ref, status, currency, product, region, balance, due, minimum, principal, dpd, asOf, limitation, defaulted, segment,
            card,
            placement, state,
            term, extended, tier, bucket, portfolio, refer, fee, run, starts
        ) = try row.decode(
            (
                Int64, Int64, String, AccountStatus, String, String, String, Int64, Int64, Int64, Int64, Int32, Day, Day?, Day, String?,
                String,
                Int64,
                String, Instant, Instant?, Int16, String, Int32, Int64, Int32?, Int64, Instant
            ).self)
        return (
            debtor,
            CaseRows.Account(
                accountId: id, accountRef: ref, status: status, currency: currency, product: product, region: region, balance: balance,
                amountDue: due,
                minPayment: minimum, principal: principal, daysPastDue: dpd, asOf: asOf, limitationEnd: limitation, defaultDate: defaulted,
                segment: segment,
                cardStatus: card,
                placementId: placement, placementState: state, termEnd: term, extendedUntil: extended, tier: tier, bucket: bucket,
                portfolioId: portfolio, referBalance: refer, feeScheduleId: fee, runId: run, startsAt: starts)
        )
    }

    private static func points(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select debtor_id, contact_point_id, role, relation = 'immediate_family', channel, rank, state, visits_off, do_not_contact_since is not null,
            provenance
        from contact_point where part = \(part) and debtor_id = any(\(debtors)) order by debtor_id, rank, contact_point_id
        """
    }

    private static func holds(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select debtor_id, hold_id, type, account_id, set_at, until from hold
        where part = \(part) and debtor_id = any(\(debtors)) and state = 'open' order by hold_id
        """
    }

    private static func requests(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select r.debtor_id, r.request_id, r.type, r.state, r.sla_due
        from case_file c join bank_request r on r.part = \(part) and r.case_id = c.case_id and r.state in ('open', 'granted')
        where c.part = \(part) and c.debtor_id = any(\(debtors)) order by r.request_id
        """
    }

    private static func promises(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select p.* from (
            select debtor_id, promise_id, account_id, type, state, amount, currency, due_on, taken_at, judge_after from promise
            where part = \(part) and debtor_id = any(\(debtors)) offset 0) p
        where p.state in ('open', 'awaiting_ledger') order by p.promise_id
        """
    }

    private static func letters(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select debtor_id, letter_id, case_id, task_id, state, accounts, contact_point_id, posted_at, closed_at, answered_at is not null from letter
        where part = \(part) and debtor_id = any(\(debtors)) and state <> 'stopped' order by letter_id
        """
    }

    private static func visits(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select v.debtor_id, v.occurred_at, v.result, v.contact_point_id
        from case_file c join visit v on v.part = \(part) and v.case_id = c.case_id
        where c.part = \(part) and c.debtor_id = any(\(debtors)) and c.state <> 'closed' and v.result is not null and v.occurred_at is not null
        order by v.visit_id
        """
    }

    private static func referrals(_ part: Int32, _ debtors: [Int64]) -> PostgresQuery {
        """
        select r.debtor_id, r.referral_id, r.account_id, r.state, r.card_block_due is not null
        from case_file c join legal_referral r on r.part = \(part) and r.case_id = c.case_id
        where c.part = \(part) and c.debtor_id = any(\(debtors)) and r.state not in ('rejected', 'withdrawn', 'closed') order by r.referral_id
        """
    }
}
