package import CollectionsDomain
package import PostgresDriver

/// A placed account whose limitation may be near, with what interrupts it.
package struct LimitationCandidate: Hashable, Sendable {
    package let accountId: Int64
    package let debtorId: Int64
    package let agencyId: Int32
    package let given: Day?
    package let defaultDate: Day
    package let ledger: [UInt8]
}

/// Limitation: which accounts of a lane may be near their last day.
package enum LimitationQueries {
    /// Placed accounts whose last day, interruptions aside, is no later than the day looked for, in key order.
    ///
    /// - Parameters:
    ///   - given: The latest last day, where the bank gave it.
    ///   - defaulted: The latest default, where it is reckoned; nil: the policy knows no period.
    package static func candidates(
        part: Int32, after: Int64, given: Day, defaulted: Day?, limit: Int32, in db: PostgresConnection
    ) async throws -> [LimitationCandidate] {
        try await db.query(
            """
            select a.account_id, a.debtor_id, p.agency_id, a.limitation_end, a.default_date, d.ledger
            from account a join placement p on p.part = a.part and p.account_id = a.account_id and p.state = 'active'
            join debtor_conduct d on d.part = a.part and d.debtor_id = a.debtor_id
            where a.part = \(part) and a.account_id > \(after)
                and (a.limitation_end <= \(given) or (a.limitation_end is null and a.default_date <= \(defaulted)))
            order by a.account_id limit \(limit)
            """
        ).map { row in
            let (account, debtor, agency, given, defaulted, ledger) = try row.decode((Int64, Int64, Int32, Day?, Day, [UInt8]).self)
            return LimitationCandidate(
                accountId: account, debtorId: debtor, agencyId: agency, given: given, defaultDate: defaulted, ledger: ledger)
        }
    }
}
