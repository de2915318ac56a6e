import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Holds a decision for legal steps against the conduct policy: a suit out of time, or a report to the police whose tests are not met, is not decided,
/// whoever wants it.
struct LegalGate: Sendable {
    let environment: CaseEnvironment

    /// Judges the referred accounts of a case; the question to the bank that is being answered does not stand in its own way.
    ///
    /// - Throws: ``LegalError/blocked(rules:)``.
    func check(
        _ route: StagePolicy.LegalReferral.Route, context: CaseContext, part: Int32, now: Instant, in db: PostgresConnection
    ) async throws {
        var ledger = context.ledger
        while ledger.release(.bankRequest, on: nil) {}
        let accounts = context.facts.referred.sorted()
        let rows = try await LegalQueries.accountFacts(part: part, accounts: accounts, in: db)
        var rules: [String] = []
        for row in rows {
            let act = Act(
                by: .bank, accounts: [row.account], kind: route == .criminalReport ? .referCriminal : .referCivil)
            let decision = ConductGate.judge(
                policy: environment.policy.conduct, ledger: ledger, facts: try facts(row, context: context), act: act, now: now)
            if case .blocked(let reasons, _) = decision {
                for reason in reasons where !rules.contains(reason.rule) { rules.append(reason.rule) }
            }
        }
        guard rules.isEmpty else { throw LegalError.blocked(rules: rules) }
    }

    private func facts(_ row: LegalQueries.AccountFacts, context: CaseContext) throws -> GateFacts {
        // Thresholds of a policy are in one currency; without a rate the amount stays as it is, and the gate says that a rate is missing.
        var principal = row.principal
        if let wanted = environment.policy.conduct.criminalReferral?.minPrincipal?.value.currency {
            principal = try environment.rates.convert(principal, to: wanted) ?? principal
        }
        return GateFacts(
            account: GateFacts.Account(
                defaultDate: .known(row.defaultDate), limitationEnd: .known(row.limitationEnd), principal: .known(principal),
                legalReviewDone: .known(context.facts.legalReviewDone)),
            calendar: .known(environment.calendar))
    }
}
