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
            var cells = try row.cells(18)
            return CaseRows.CaseFile(
                caseId: try cells.next(), debtorId: try cells.next(), agencyId: try cells.next(), state: try cells.next(),
                reason: try cells.next(), until: try cells.next(), stage: try cells.next(), stageEnteredAt: try cells.next(),
                step: try cells.next(), goal: try cells.next(), pointId: try cells.next(), counters: try cells.next(),
                lightCadence: try cells.next(), lastWorkedAt: try cells.next(), timeZone: try cells.next(), region: try cells.next(),
                isVerifiedAlive: try cells.next(), holders: try cells.next())
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
        // In a list: a row added to a value in a dictionary takes the whole value out and puts it back.
        var cases = files.map { CaseRows(file: $0) }
        let places = Dictionary(cases.indices.map { (files[$0].debtorId, $0) }, uniquingKeysWith: { _, last in last })
        let answers = Array(results)
        for row in answers[0] {
            var cells = try row.cells(28)
            guard let place = places[try cells.next()] else { continue }
            cases[place].accounts.append(try account(&cells))
        }
        for row in answers[1] {
            var cells = try row.cells(10)
            guard let place = places[try cells.next()] else { continue }
            cases[place].points.append(
                CaseRows.Point(
                    id: try cells.next(), role: try cells.next(), isImmediateFamily: try cells.next(), channel: try cells.next(),
                    rank: try cells.next(), state: try cells.next(), visitsOff: try cells.next(), doNotContact: try cells.next(),
                    provenance: try cells.next()))
        }
        for row in answers[2] {
            var cells = try row.cells(6)
            guard let place = places[try cells.next()] else { continue }
            cases[place].holds.append(
                CaseRows.Hold(
                    id: try cells.next(), type: try cells.next(), accountId: try cells.next(), setAt: try cells.next(),
                    until: try cells.next()))
        }
        for row in answers[3] {
            var cells = try row.cells(5)
            guard let place = places[try cells.next()] else { continue }
            cases[place].requests.append(
                CaseRows.Request(id: try cells.next(), type: try cells.next(), state: try cells.next(), slaDue: try cells.next()))
        }
        for row in answers[4] {
            var cells = try row.cells(10)
            guard let place = places[try cells.next()] else { continue }
            cases[place].promises.append(
                CaseRows.Promise(
                    id: try cells.next(), accountId: try cells.next(), type: try cells.next(), state: try cells.next(),
                    amount: try cells.next(), currency: try cells.next(), dueOn: try cells.next(), takenAt: try cells.next(),
                    judgeAfter: try cells.next()))
        }
        for row in answers[5] {
            var cells = try row.cells(10)
            guard let place = places[try cells.next()] else { continue }
            cases[place].letters.append(
                CaseRows.Letter(
                    id: try cells.next(), caseId: try cells.next(), taskId: try cells.next(), state: try cells.next(),
                    accounts: try cells.next(), pointId: try cells.next(), postedAt: try cells.next(), closedAt: try cells.next(),
                    answered: try cells.next()))
        }
        for row in answers[6] {
            var cells = try row.cells(4)
            guard let place = places[try cells.next()] else { continue }
            cases[place].visits.append(
                CaseRows.Visit(occurredAt: try cells.next(), result: try cells.next(), pointId: try cells.next()))
        }
        for row in answers[7] {
            var cells = try row.cells(5)
            guard let place = places[try cells.next()] else { continue }
            cases[place].referrals.append(
                CaseRows.Referral(
                    id: try cells.next(), accountId: try cells.next(), state: try cells.next(), hasCardBlock: try cells.next()))
        }
        for task in try TaskQueries.rows(answers[8]) {
            if let place = places[task.debtorId] { cases[place].tasks.append(task) }
        }
        return places.mapValues { cases[$0] }
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

    private static func account(_ cells: inout PostgresCells) throws -> CaseRows.Account {
        CaseRows.Account(
            accountId: try cells.next(), accountRef: try cells.next(), status: try cells.next(), currency: try cells.next(),
            product: try cells.next(), region: try cells.next(), balance: try cells.next(), amountDue: try cells.next(),
            minPayment: try cells.next(), principal: try cells.next(), daysPastDue: try cells.next(), asOf: try cells.next(),
            limitationEnd: try cells.next(), defaultDate: try cells.next(), segment: try cells.next(), cardStatus: try cells.next(),
            placementId: try cells.next(), placementState: try cells.next(), termEnd: try cells.next(), extendedUntil: try cells.next(),
            tier: try cells.next(), bucket: try cells.next(), portfolioId: try cells.next(), referBalance: try cells.next(),
            feeScheduleId: try cells.next(), runId: try cells.next(), startsAt: try cells.next())
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
