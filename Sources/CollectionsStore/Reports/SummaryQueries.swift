package import CollectionsDomain
package import PostgresDriver

/// Figures over the whole database for a manager's summary. Reads of many rows: for reports, never for a hot path.
package enum SummaryQueries {
    /// Accounts and their opening balance, by currency.
    package static func portfolio(in db: PostgresConnection) async throws -> [(
        currency: String, accounts: Int64, opening: Int64, balance: Int64
    )] {
        try await db.query(
            "select currency, count(*), sum(opening_balance)::bigint, sum(balance)::bigint from account group by currency order by currency"
        ).map { row in
            let (currency, count, opening, balance) = try row.decode((String, Int64, Int64, Int64).self)
            return (currency, count, opening, balance)
        }
    }

    /// Payments and reversals, by currency.
    package static func payments(in db: PostgresConnection) async throws -> [(currency: String, count: Int64, total: Int64)] {
        try await db.query(
            """
            select currency, count(*), sum(case when entry_type in ('payment', 'waiver') then amount else -amount end)::bigint
            from payment group by currency order by currency
            """
        ).map { row in
            let (currency, count, total) = try row.decode((String, Int64, Int64).self)
            return (currency, count, total)
        }
    }

    /// Accepted outcomes by stage of the task.
    package static func outcomesByStage(in db: PostgresConnection) async throws -> [Stage: Int64] {
        let result = try await db.query("select stage, count(*) from outcome group by stage")
        var found: [Stage: Int64] = [:]
        for row in result {
            let (raw, count) = try row.decode((Int16, Int64).self)
            if let stage = Stage(rawValue: raw) { found[stage] = count }
        }
        return found
    }

    /// Every result that was reported: of tasks, and of letters by the post.
    package static func results(in db: PostgresConnection) async throws -> Set<ResultCode> {
        let outcomes = try await db.query("select distinct result from outcome").map { try $0.get(0, as: Int16.self) }
        var found = Set(outcomes.compactMap { ResultCode(rawValue: $0) })
        let letters = try await db.query("select distinct state from letter").map { try $0.get(0, as: String.self) }
        for state in letters.compactMap({ CaseFacts.Letter.State(rawValue: $0) }) {
            switch state {
            case .delivered: found.insert(.letterDelivered)
            case .returned: found.insert(.letterReturned)
            case .noTrace: found.insert(.letterNoTrace)
            case .refused: found.insert(.letterRefusedDelivery)
            case .ordered, .issued, .posted, .stopped: break
            }
        }
        return found
    }

    /// Promises by state.
    package static func promises(in db: PostgresConnection) async throws -> [PromiseState: Int64] {
        let result = try await db.query("select state, count(*) from promise group by state")
        var found: [PromiseState: Int64] = [:]
        for row in result {
            let (word, count) = try row.decode((String, Int64).self)
            if let state = PromiseState(rawValue: word) { found[state] = count }
        }
        return found
    }

    /// What one agency did.
    package struct Agency: Hashable, Sendable {
        package let name: String
        package let kind: String
        package let placed: Int64
        package let outcomes: Int64
        package let contacts: Int64
        package let promises: Int64
        package let kept: Int64
        package let broken: Int64
        package let closedPaid: Int64
        /// Minor units of all currencies added up; a summary of one currency's portfolio.
        package let collected: Int64
        package let commission: Int64
    }

    /// Every agency's figures, by name.
    package static func agencies(in db: PostgresConnection) async throws -> [Agency] {
        try await db.query(
            """
            select a.name, a.kind,
                coalesce((select count(*) from placement p where p.agency_id = a.agency_id), 0),
                coalesce((select count(*) from outcome o where o.agency_id = a.agency_id), 0),
                coalesce((select count(*) from contact_event e where e.agency_id = a.agency_id and e.outcome in ('conversation', 'met')), 0),
                coalesce((select count(*) from promise r where r.agency_id = a.agency_id and r.state <> 'claimed'), 0),
                coalesce((select count(*) from promise r where r.agency_id = a.agency_id and r.state = 'kept'), 0),
                coalesce((select count(*) from promise r where r.agency_id = a.agency_id and r.state = 'broken'), 0),
                coalesce((select count(*) from placement p where p.agency_id = a.agency_id
                    and p.close_code in ('cured', 'paid_in_full', 'settled_in_full')), 0),
                coalesce((select sum(base_amount)::bigint from commission_line c where c.agency_id = a.agency_id), 0),
                coalesce((select sum(fee)::bigint from commission_line c where c.agency_id = a.agency_id), 0)
            from agency a order by a.name
            """
        ).map { row in
            let (name, kind, placed, outcomes, contacts, promises, kept, broken, paid, collected, commission) = try row.decode(
                (String, String, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64).self)
            return Agency(
                name: name, kind: kind, placed: placed, outcomes: outcomes, contacts: contacts, promises: promises, kept: kept,
                broken: broken,
                closedPaid: paid, collected: collected, commission: commission)
        }
    }

    /// How placements ended, by code.
    package static func closeCodes(in db: PostgresConnection) async throws -> [(code: String, count: Int64)] {
        try await db.query("select close_code, count(*) from placement where state = 'closed' group by close_code order by count(*) desc")
            .map { row in
                let (code, count) = try row.decode((String?, Int64).self)
                return (code ?? "none", count)
            }
    }

    /// Cases by state and stage.
    package static func cases(in db: PostgresConnection) async throws -> [(stage: Stage?, state: String, count: Int64)] {
        try await db.query("select stage, state, count(*) from case_file group by stage, state order by stage, state").map { row in
            let (stage, state, count) = try row.decode((Int16, String, Int64).self)
            return (Stage(rawValue: stage), state, count)
        }
    }
}
