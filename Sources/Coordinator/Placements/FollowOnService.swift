import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
import PostgresDriver

/// What became of new accounts of debtors who already have a case, in accounts.
package struct FollowOnReport: Hashable, Sendable {
    /// Placed with the debtor's holder.
    package var joined = 0
    /// Not placed, by reason code; `debtor_at_other_holder` waits until the debtor's placement ends.
    package var notPlaced: [String: Int] = [:]
    /// Waiting for the debtor's notice, which is ordered where it was missing.
    package var waiting = 0

    package init() {}
}

/// E12: a new account of a placed debtor goes to the debtor's holder, if contract and capacity allow, and joins the case in its stage.
///
/// It needs no plan and nobody's approval: the decision to place the debtor was made before. Run after every import of accounts and once a
/// day; running it again changes nothing.
package struct FollowOnService: Sendable {
    /// Debtors per transaction; small, because agencies are locked while capacity is counted.
    static let chunk = 200

    package let database: Database
    let policies: PolicyService
    let environments: CaseEnvironmentSource
    let logger: Logger

    /// - Parameter environments: Shared with the process's dispatcher where there is one; else the service keeps its own.
    package init(database: Database, policies: PolicyService, environments: CaseEnvironmentSource? = nil, logger: Logger) {
        self.database = database
        self.policies = policies
        self.environments = environments ?? CaseEnvironmentSource(database: database, policies: policies)
        self.logger = logger
    }

    /// Places what may be placed now.
    ///
    /// - Parameter name: One portfolio; `nil`: all.
    package func run(portfolio name: String? = nil) async throws -> FollowOnReport {
        let portfolios = try await database.core.withConnection { db in
            let all = try await PlacementRunQueries.portfolios(in: db)
            guard let name else { return all }
            guard let found = all.first(where: { $0.name == name }) else { throw PlacementError.unknownPortfolio(name) }
            return [found]
        }
        var report = FollowOnReport()
        // One number for what this call places; the placements name it as their run.
        let runId = try await database.ids.next(.run)
        for portfolio in portfolios {
            for part in database.lanes.all {
                var last: Int64 = 0
                while true {
                    let after = last
                    let accounts = try await database.core.withConnection { db in
                        try await CandidateQueries.followers(
                            part: part, portfolioId: portfolio.portfolioId, after: after, limit: Self.chunk, in: db)
                    }
                    guard let end = accounts.map(\.debtorId).max() else { break }
                    last = end
                    try await place(part: part, accounts, portfolio: portfolio, runId: runId, &report)
                }
            }
        }
        return report
    }

    private func place(
        part: Int32, _ seen: [CandidateAccount], portfolio: PortfolioRecord, runId: Int64, _ report: inout FollowOnReport
    ) async throws {
        let now = try await database.core.withConnection { db in try await ClockQueries.read(in: db) }
        let policy = try await policies.current(at: Zone.utc.day(of: now.business))
        let writer = ChunkWriter(
            database: database, target: PlacementTarget(runId: runId, portfolio: portfolio, termDays: policy.stages.intake.termDays),
            policies: policies, environments: environments)
        let environment = try await environments.current(at: now)
        let done = try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            _ = try await CandidateQueries.lockDebtors(part: part, ids: Set(seen.map(\.debtorId)).sorted(), in: db)
            let now = try await ClockQueries.read(in: db)
            return try await place(part: part, seen, writer: writer, policy: policy, environment: environment, now: now, transaction)
        }
        report.joined += done.joined
        report.waiting += done.waiting
        report.notPlaced.merge(done.notPlaced, uniquingKeysWith: +)
    }

    private func place(
        part: Int32, _ seen: [CandidateAccount], writer: ChunkWriter, policy: ActivePolicy, environment: CaseEnvironment, now: Now,
        _ transaction: AuditedTransaction
    ) async throws -> FollowOnReport {
        let db = transaction.connection
        let portfolio = writer.target.portfolio
        let openRuns = try await PlacementRunQueries.openRuns(in: db)
        // Read again: what was seen before the locks may have been placed, or its case closed, meanwhile.
        let reader = PlacementReader(database: database, portfolio: portfolio, openRuns: openRuns, at: now.business)
        let debtors = try await reader.complete(
            part: part, try await CandidateQueries.accounts(part: part, ids: seen.map(\.accountId), in: db), in: db)
        let holding = Set(debtors.flatMap(\.openPlacements).map(\.agencyId)).sorted()
        // Capacity is counted by one at a time: approvals and other follow-ons wait for these locks.
        let agencies = try await AgencyQueries.lock(holding, in: db)
        let context = try await PlacementEnvironment.read(policy: policy, now: now, in: db)
        let rules = PlacementRules(conduct: policy.conduct, stages: policy.stages, portfolio: portfolio, day: context.day)
        var allocation = context.allocation(.roundRobin, seed: 0)
        var report = FollowOnReport()
        var items: [PlanItemRow] = []
        for debtor in debtors {
            let (group, excluded) = rules.group(debtor)
            for (_, why) in excluded { report.notPlaced[why.code.rawValue, default: 0] += 1 }
            // The case may have closed since it was seen: then the account waits for a plan like any other.
            guard let group, group.holder != nil else { continue }
            let accounts = Dictionary(debtor.accounts.map { ($0.accountId, $0) }) { first, _ in first }
            for item in allocation.place(group) {
                guard let agency = item.agency, let account = accounts[item.account] else {
                    report.notPlaced[item.code, default: 0] += 1
                    continue
                }
                items.append(PlanItemRow(account, agencyId: agency, code: item.code, reason: item.reason))
            }
        }
        if items.isEmpty { return report }
        if context.needsNotice {
            let notices = DebtorNotices(
                database: database, part: part, runId: writer.target.runId, attested: portfolio.debtorNoticeFrom != nil,
                names: Dictionary(agencies.map { ($0.agencyId, $0.displayName) }) { first, _ in first }, now: now)
            _ = try await notices.order(
                Dictionary(items.compactMap { item in item.agencyId.map { (item.accountId, $0) } }) { first, _ in first }, in: db)
        }
        let chunk = try await writer.place(
            part: part, try await writer.load(part: part, items, context: context, in: db), context: context, environment: environment,
            transaction)
        report.joined += chunk.placed
        report.waiting += chunk.waiting
        report.notPlaced.merge(chunk.passedOver, uniquingKeysWith: +)
        return report
    }
}
