import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// The bank's word on accounts, told to their cases (E11, and the confirmation of a cure).
package struct CaseAccountUpdateSink: AccountUpdateSink {
    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    package func take(
        _ reports: [(report: ReportedAccount, before: KnownReport)], part: Int32, now: Now, in transaction: AuditedTransaction
    ) async throws {
        let environment = try await environments.current(at: now)
        let debtors = Set(reports.map(\.before.debtorId)).sorted()
        var contexts = try await CaseContext.load(
            part: part, debtors: debtors, environment: environment, now: now, in: transaction.connection)
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        var without: [(report: ReportedAccount, before: KnownReport)] = []
        for (report, before) in reports where before.status.isCollected {
            guard var context = contexts[before.debtorId], context.facts.accounts.contains(where: { $0.id == report.accountId }) else {
                without.append((report, before))
                continue
            }
            try await transition.take(
                .accountUpdate(account: report.accountId, report.update), on: &context, cause: TransitionCause(by: "bank"))
            contexts[before.debtorId] = context
        }
        transaction.audit(try await transition.write(in: transaction.connection))
        // Accounts that no case works have a status all the same.
        try await PlainAccountUpdateSink().take(without, part: part, now: now, in: transaction)
    }
}
