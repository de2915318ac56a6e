package import CollectionsDomain
package import PostgresDriver

/// A legal referral as the bank's legal desk looks at it.
package struct LegalReferral: Hashable, Sendable {
    package let part: Int32
    package let id: Int64
    package let caseId: Int64
    package let debtorRef: String
    package let accountId: Int64
    package let accountRef: String
    /// Who proposed.
    package let agencyId: Int32
    package let state: String
    package let route: StagePolicy.LegalReferral.Route?
    package let caseNo: String?
    /// In the policy's currency, minor units.
    package let amount: Int64?
    /// The facts of the guard at the proposal, as JSON text.
    package let guardFacts: String
    package let proposedAt: Instant
    package let decidedAt: Instant?
    package let blockDue: Instant?
    package let blockConfirmedAt: Instant?
    /// Minor units of the account's currency.
    package let costs: Int64
    /// The open request of the case, if the bank has still to decide.
    package let request: Int64?
    package let requestDue: Instant?
    /// What the first of two persons decided.
    package let firstDecision: String?
}

/// Legal referrals for people who decide on them.
package enum LegalQueries {
    private static let columns = """
        r.part, r.referral_id, r.case_id, d.debtor_ref, r.account_id, a.account_ref, c.agency_id, r.state, r.route, r.case_no, r.amount, r.guard,
            r.proposed_at, r.decided_at, r.card_block_due, r.card_block_confirmed_at, r.costs, q.request_id, q.sla_due, q.decision
        """
    private static let tables = """
        legal_referral r join debtor d on d.part = r.part and d.debtor_id = r.debtor_id
            join account a on a.part = r.part and a.account_id = r.account_id
            join case_file c on c.part = r.part and c.case_id = r.case_id
            left join bank_request q on q.part = r.part and q.case_id = r.case_id and q.type = 'legal' and q.state = 'open' and r.state = 'proposed'
        """

    /// Referrals of every lane, those that wait longest first.
    ///
    /// - Parameter state: A word of `legal_referral.state`; nil: all that are not at an end.
    package static func list(state: String?, limit: Int32, in db: PostgresConnection) async throws -> [LegalReferral] {
        try await db.query(
            """
            select \(unescaped: columns) from \(unescaped: tables)
            where r.state = \(state) or (\(state)::text is null and r.state not in ('rejected', 'withdrawn', 'closed'))
            order by r.proposed_at, r.referral_id limit \(limit)
            """
        ).map(decode)
    }

    /// Every referral of a debtor, oldest first.
    package static func ofDebtor(part: Int32, debtor: Int64, in db: PostgresConnection) async throws -> [LegalReferral] {
        try await db.query(
            """
            select \(unescaped: columns) from \(unescaped: tables)
            where r.part = \(part) and r.debtor_id = \(debtor) order by r.referral_id
            """
        ).map(decode)
    }

    /// What the legal rules of a conduct policy ask of an account.
    package struct AccountFacts: Hashable, Sendable {
        package let account: Int64
        package let defaultDate: Day
        package let limitationEnd: Day?
        package let principal: Money
    }

    /// The facts of accounts, by id.
    package static func accountFacts(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [AccountFacts] {
        try await db.query(
            """
            select account_id, default_date, limitation_end, principal, currency from account
            where part = \(part) and account_id = any(\(accounts)) order by account_id
            """
        ).map { row in
            let (account, defaultDate, limitationEnd, principal, code) = try row.decode((Int64, Day, Day?, Int64, String).self)
            return AccountFacts(
                account: account, defaultDate: defaultDate, limitationEnd: limitationEnd,
                principal: try TimelineQueries.money(principal, code))
        }
    }

    private static func decode(_ row: PostgresRow) throws -> LegalReferral {
        let (
            part, id, caseId, debtor, account, ref, agency, state, route, caseNo, amount, guardFacts, proposed, decided, due, confirmed,
            costs,
            request,
            requestDue, first
        ) = try row.decode(
            (
                Int32, Int64, Int64, String, Int64, String, Int32, String, String?, String?, Int64?, PostgresJSON, Instant, Instant?,
                Instant?,
                Instant?, Int64, Int64?, Instant?, String?
            ).self)
        return LegalReferral(
            part: part, id: id, caseId: caseId, debtorRef: debtor, accountId: account, accountRef: ref, agencyId: agency, state: state,
            route: route.flatMap(StagePolicy.LegalReferral.Route.init), caseNo: caseNo, amount: amount, guardFacts: guardFacts.text,
            proposedAt: proposed, decidedAt: decided, blockDue: due, blockConfirmedAt: confirmed, costs: costs, request: request,
            requestDue: requestDue, firstDecision: first)
    }

    /// An account whose limitation comes near.
    package struct NearLimitation: Hashable, Sendable {
        package let debtorRef: String
        package let accountRef: String
        package let agency: String?
        /// The flag's words, with the last day.
        package let words: String
        package let flaggedAt: Instant
    }

    /// Open flags of a kind on accounts, the nearest last day first.
    package static func flagged(kind: String, limit: Int32, in db: PostgresConnection) async throws -> [NearLimitation] {
        try await db.query(
            """
            select d.debtor_ref, a.account_ref, g.name, coalesce(b.ours, ''), b.opened_at from break b
            join account a on a.part = b.part and a.account_id = b.subject_id
            join debtor d on d.part = a.part and d.debtor_id = a.debtor_id
            left join agency g on g.agency_id = b.agency_id
            where b.kind = \(kind) and b.state = 'open' order by b.ours, b.break_id limit \(limit)
            """
        ).map { row in
            let (debtor, account, agency, words, at) = try row.decode((String, String, String?, String, Instant).self)
            return NearLimitation(debtorRef: debtor, accountRef: account, agency: agency, words: words, flaggedAt: at)
        }
    }
}
