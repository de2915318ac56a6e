package import CollectionsDomain
package import PostgresDriver

/// Instalment plans: the SQL. Callers hold the debtors' locks.
package enum PlanQueries {
    /// One running plan of an account.
    package struct Plan: Hashable, Sendable {
        package let id: Int64
        package let debtor: Int64
        package let account: Int64
        package let signedAt: Instant
        package let instalments: [PlanInstalment]
    }

    /// Stores plans that begin now.
    package static func insert(part: Int32, _ plans: [CaseWrites.NewPlan], signedAt: Instant) -> PostgresQuery {
        """
        insert into instalment_plan (part, plan_id, debtor_id, account_id, state, signed_at, term_months, instalments, next_due)
        select \(part), u.id, u.debtor, u.account, 'active', \(signedAt), u.months, u.body::jsonb, u.next
        from unnest(\(plans.map(\.planId)), \(plans.map(\.debtorId)), \(plans.map(\.accountId)), \(plans.map { months($0.instalments) }),
            \(plans.map { text($0.instalments) }), \(plans.map { $0.instalments.map(\.due).min() })) u (id, debtor, account, months, body, next)
        """
    }

    /// Debtors with an instalment whose day the ledger may have passed.
    package static func due(part: Int32, after: Int64, through day: Day, limit: Int32, in db: PostgresConnection) async throws -> [Int64] {
        try await db.query(
            """
            select debtor_id from instalment_plan where part = \(part) and state = 'active' and next_due <= \(day) and debtor_id > \(after)
            group by debtor_id order by debtor_id limit \(limit)
            """
        ).map { try $0.get(0) }
    }

    /// The running plans of debtors.
    package static func running(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [Plan] {
        let rows = try await db.query(
            """
            select p.plan_id, p.debtor_id, p.account_id, p.signed_at, (i.body ->> 'due')::date, (i.body ->> 'amount')::bigint, i.body ->> 'currency'
            from instalment_plan p cross join lateral jsonb_array_elements(p.instalments) with ordinality i (body, n)
            where p.part = \(part) and p.debtor_id = any(\(debtors)) and p.state = 'active' order by p.plan_id, i.n
            """
        ).decode((Int64, Int64, Int64, Instant, Day, Int64, String).self)
        var plans: [Plan] = []
        for (id, debtor, account, signedAt, due, amount, code) in rows {
            guard let currency = Currency(code) else {
                throw PostgresError(code: .decode, message: "plan \(id) has an unknown currency")
            }
            let instalment = PlanInstalment(due: due, amount: Money(minorUnits: amount, currency: currency))
            let before = plans.last?.id == id ? plans.removeLast().instalments : []
            plans.append(Plan(id: id, debtor: debtor, account: account, signedAt: signedAt, instalments: before + [instalment]))
        }
        return plans
    }

    /// Notes which instalment is looked at next; nil: none is left on this account.
    package static func advance(part: Int32, _ plans: [(id: Int64, next: Day?)]) -> PostgresQuery {
        """
        update instalment_plan p set next_due = u.next from unnest(\(plans.map(\.id)), \(plans.map(\.next))) u (id, next)
        where p.part = \(part) and p.plan_id = u.id and p.state = 'active'
        """
    }

    private static func months(_ instalments: [PlanInstalment]) -> Int16 {
        guard let first = instalments.map(\.due).min(), let last = instalments.map(\.due).max() else { return 1 }
        return Int16(clamping: max(1, min(60, first.days(until: last) / 28 + 1)))
    }

    private static func text(_ instalments: [PlanInstalment]) -> String {
        let parts = instalments.map {
            #"{"due":"\#($0.due.description)","amount":\#($0.amount.minorUnits),"currency":"\#($0.amount.currency.code)"}"#
        }
        return "[" + parts.joined(separator: ",") + "]"
    }
}
