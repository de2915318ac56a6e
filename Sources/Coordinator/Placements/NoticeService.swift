package import CollectionsStore
package import Logging
import PostgresDriver

/// What `recourse notice send` did, in accounts.
package struct NoticeReport: Hashable, Sendable {
    /// Plans whose debtors were told.
    package var runs: [Int64] = []
    /// Messages ordered.
    package var sms = 0
    /// Letters ordered; they count from their posting.
    package var letters = 0
    /// Accounts whose debtor knows already.
    package var known = 0
    /// Accounts whose debtor cannot be told by message or letter.
    package var unreachable = 0

    package init() {}

    static func += (left: inout NoticeReport, right: NoticeReport) {
        left.runs += right.runs
        left.sms += right.sms
        left.letters += right.letters
        left.known += right.known
        left.unreachable += right.unreachable
    }
}

/// Tells debtors which agency will call, before anything is placed.
package struct NoticeService: Sendable {
    /// Debtors per transaction.
    static let chunk = 500

    package let database: Database
    let logger: Logger

    package init(database: Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Orders what is missing for an approved plan: one message per debtor, naming the agency. Again, it orders only what has become
    /// necessary since (a letter after a failed message).
    ///
    /// - Throws: ``PlacementError`` unless the plan is approved: before that the agency's name is not known.
    package func send(run runId: Int64, by person: Operator) async throws -> NoticeReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let (run, portfolio, agencies) = try await database.core.withConnection { db in
            guard let run = try await PlacementRunQueries.find(runId, in: db) else { throw PlacementError.unknownRun(runId) }
            guard let portfolio = try await PlacementRunQueries.portfolio(id: run.portfolioId, in: db) else {
                throw PlacementError.unknownPortfolio("\(run.portfolioId)")
            }
            return (run, portfolio, try await AgencyQueries.all(in: db))
        }
        guard run.state == .approved || run.state == .running else { throw PlacementError.wrongState(runId, run.state, wanted: "approved") }
        let names = Dictionary(agencies.map { ($0.agencyId, $0.displayName) }) { first, _ in first }
        var report = NoticeReport()
        report.runs = [runId]
        for part in database.lanes.all {
            var last: Int64 = 0
            while true {
                let after = last
                let debtors = try await database.core.withConnection { db in
                    try await PlanItemQueries.openDebtors(part: part, runId: runId, after: after, limit: Self.chunk, in: db)
                }
                guard let end = debtors.last else { break }
                last = end
                report += try await send(
                    part: part, runId: runId, debtors: debtors, attested: portfolio.debtorNoticeFrom != nil, names: names, by: person)
            }
        }
        return report
    }

    /// Orders what is missing for every approved plan of a portfolio.
    package func send(portfolio name: String, by person: Operator) async throws -> NoticeReport {
        let runs = try await database.core.withConnection { db in
            guard let portfolio = try await PlacementRunQueries.portfolio(named: name, in: db) else {
                throw PlacementError.unknownPortfolio(name)
            }
            return try await PlacementRunQueries.list(portfolioId: portfolio.portfolioId, limit: 100, in: db)
        }
        var report = NoticeReport()
        for run in runs.reversed() where run.state == .approved || run.state == .running {
            report += try await send(run: run.runId, by: person)
        }
        return report
    }

    private func send(
        part: Int32, runId: Int64, debtors: [Int64], attested: Bool, names: [Int32: String], by person: Operator
    ) async throws -> NoticeReport {
        try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            // The debtor's row keeps a second sender away; what it wrote is seen by the statements that follow.
            _ = try await CandidateQueries.lockDebtors(part: part, ids: debtors, in: db)
            let now = try await ClockQueries.read(in: db)
            let items = try await PlanItemQueries.openItems(part: part, runId: runId, debtors: debtors, in: db)
            let wanted = Dictionary(items.compactMap { item in item.agencyId.map { (item.accountId, $0) } }) { first, _ in first }
            let notices = DebtorNotices(database: database, part: part, runId: runId, attested: attested, names: names, now: now)
            let report = try await notices.order(wanted, in: db)
            if report.sms + report.letters > 0 {
                transaction.audit(
                    .placementRun, subject: runId,
                    [
                        "what": "debtors_told", "operator": .number(person.id), "sms": .number(report.sms),
                        "letters": .number(report.letters),
                    ])
            }
            return report
        }
    }
}
