import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
import PostgresDriver

/// Plans placements, has them approved by a second person, and carries them out.
///
/// ```
/// plan -> approve (second person; capacity is kept free) -> debtors told (NoticeService) -> run, until no account waits
/// ```
package struct PlacementService: Sendable {
    package let database: Database
    let policies: PolicyService
    let environments: CaseEnvironmentSource
    let logger: Logger
    /// Names this user of the database in `run.holder`: another process, or another service of this one, is another holder.
    let holder: String

    /// - Parameter environments: Shared with the process's dispatcher where there is one; else the service keeps its own.
    package init(database: Database, policies: PolicyService, environments: CaseEnvironmentSource? = nil, logger: Logger) {
        self.database = database
        self.policies = policies
        self.environments = environments ?? CaseEnvironmentSource(database: database, policies: policies)
        self.logger = logger
        holder = "placement \(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
    }

    /// `run.kind` of a planning, of the carrying out of a plan, and of follow-on placements.
    static let planKind = "place_plan"
    static let runKind = "place_run"
    static let followOnKind = "follow_on"

    /// The plan of a number.
    func run(_ runId: Int64, in db: PostgresConnection) async throws -> (run: PlacementRun, portfolio: PortfolioRecord) {
        guard let run = try await PlacementRunQueries.find(runId, in: db) else { throw PlacementError.unknownRun(runId) }
        guard let portfolio = try await PlacementRunQueries.portfolio(id: run.portfolioId, in: db) else {
            throw PlacementError.unknownPortfolio("\(run.portfolioId)")
        }
        return (run, portfolio)
    }

    /// Plans, the newest first.
    package func list(portfolio name: String? = nil, limit: Int = 20) async throws -> [(run: PlacementRun, portfolio: String)] {
        try await database.core.withConnection { db in
            let portfolios = Dictionary(try await PlacementRunQueries.portfolios(in: db).map { ($0.portfolioId, $0.name) }) { first, _ in
                first
            }
            var id: Int32?
            if let name {
                guard let found = portfolios.first(where: { $0.value == name }) else { throw PlacementError.unknownPortfolio(name) }
                id = found.key
            }
            return try await PlacementRunQueries.list(portfolioId: id, limit: limit, in: db).map { ($0, portfolios[$0.portfolioId] ?? "") }
        }
    }

    // MARK: Approve

    /// Approves a plan: a second person, unchanged facts, and room at every agency, which is kept free from here on.
    ///
    /// - Throws: ``PlacementError/makerIsChecker(_:)``; ``PlacementError/stale(_:_:)`` and ``PlacementError/capacityGone(_:agency:)``, after which
    ///   the plan is marked stale; ``OperatorError/roleForbids(_:)``.
    package func approve(_ runId: Int64, by person: Operator) async throws -> PlacementRun {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        let (run, portfolio) = try await database.core.withConnection { db in try await self.run(runId, in: db) }
        guard run.state == .planned else { throw PlacementError.wrongState(runId, run.state, wanted: PlacementRun.State.planned.rawValue) }
        guard run.maker != person.id else { throw PlacementError.makerIsChecker(runId) }
        guard try await inputHash(of: run, portfolio: portfolio) == run.inputHash else {
            try await markStale(runId, "accounts, agencies or policy have changed since it was made", by: person)
            throw PlacementError.stale(runId, "accounts, agencies or policy have changed since it was made")
        }
        let verdict = try await database.withAuditedTransaction(database.core) { transaction -> Result<PlacementRun, PlacementError> in
            let db = transaction.connection
            guard let run = try await PlacementRunQueries.lock(runId, in: db), run.state == .planned else {
                return .failure(.wrongState(runId, .approved, wanted: PlacementRun.State.planned.rawValue))
            }
            let now = try await ClockQueries.read(in: db)
            let planned = try await planned(runId, in: db)
            let agencies = try await AgencyQueries.lock(Array(planned.keys), in: db)
            // Counted under the agencies' locks: two approvals at once see each other's reservations.
            let inventory = try await AgencyQueries.inventory(in: db)
            let contracts = Dictionary(grouping: try await AgencyQueries.contracts(in: db), by: \.agencyId).mapValues { $0.map(\.terms) }
            for agency in agencies {
                let held = inventory[agency.agencyId] ?? .init()
                let wanted = planned[agency.agencyId] ?? .init()
                let terms = contracts[agency.agencyId]?.inForce(on: run.businessOn)
                let fits =
                    held.accounts + wanted.accounts <= terms?.capacityCount ?? 0
                    && terms?.capacityAmount.map { held.amount + wanted.amount <= $0 } ?? true
                if !fits || agency.state == .suspended {
                    try await PlacementRunQueries.setState(.stale, of: runId, in: db)
                    transaction.audit(
                        .placementRun, subject: runId,
                        ["what": "stale", "operator": .number(person.id), "agency": .number(agency.agencyId)])
                    return .failure(.capacityGone(runId, agency: agency.name))
                }
            }
            let ids = planned.keys.sorted()
            try await PlacementRunQueries.reserve(
                runId: runId, agencies: ids, accounts: ids.map { Int32(clamping: planned[$0]?.accounts ?? 0) },
                amounts: ids.map { planned[$0]?.amount ?? 0 }, in: db)
            try await PlacementRunQueries.approve(runId, checker: person.id, at: now.business, in: db)
            transaction.audit(
                .placementRun, subject: runId,
                [
                    "what": "approved", "maker": .number(run.maker), "checker": .number(person.id), "agencies": .numbers(ids),
                    "accounts": .numbers(ids.map { planned[$0]?.accounts ?? 0 }),
                ])
            guard let approved = try await PlacementRunQueries.find(runId, in: db) else { throw PlacementError.unknownRun(runId) }
            return .success(approved)
        }
        return try verdict.get()
    }

    /// What a plan gives to each agency.
    private func planned(_ runId: Int64, in db: PostgresConnection) async throws -> [Int32: AgencyQueries.Inventory] {
        var planned: [Int32: AgencyQueries.Inventory] = [:]
        for part in database.lanes.all {
            for (agency, accounts, amount) in try await PlanItemQueries.open(part: part, runId: runId, in: db) {
                planned[agency, default: .init()].accounts += Int(accounts)
                planned[agency, default: .init()].amount += amount
            }
        }
        return planned
    }

    private func markStale(_ runId: Int64, _ reason: String, by person: Operator) async throws {
        try await database.withAuditedTransaction(database.core) { transaction in
            guard let run = try await PlacementRunQueries.lock(runId, in: transaction.connection), run.state == .planned else { return }
            try await PlacementRunQueries.setState(.stale, of: runId, in: transaction.connection)
            transaction.audit(.placementRun, subject: runId, ["what": "stale", "operator": .number(person.id), "reason": .string(reason)])
        }
    }

    /// Gives up a plan that is not done: what it kept free is free again, accounts not placed yet go back to the pool.
    package func cancel(_ runId: Int64, reason: String, by person: Operator) async throws {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let run = try await PlacementRunQueries.lock(runId, in: db) else { throw PlacementError.unknownRun(runId) }
            switch run.state {
            case .planned, .approved, .running, .stale: break
            case .done, .cancelled: throw PlacementError.wrongState(runId, run.state, wanted: "open")
            }
            try await PlacementRunQueries.setState(.cancelled, of: runId, in: db)
            try await PlacementRunQueries.release(runId, in: db)
            transaction.audit(
                .placementRun, subject: runId, ["what": "cancelled", "operator": .number(person.id), "reason": .string(reason)])
        }
    }
}
