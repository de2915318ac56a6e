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

    // MARK: What the bank reports

    /// What became of a notices file.
    package struct RecordReport: Sendable {
        /// Lines read, the header left out.
        package var rows = 0
        /// Accounts whose debtor's notice is known now.
        package var accounts = 0
        /// Lines refused: number, field, reason.
        package var rejects: [(number: Int, field: String, reason: String)] = []
    }

    /// Takes in the bank's notices file: sent and posted notices count from their time, failed ones are followed by a letter with the next
    /// ``send(run:by:)``. The same file again changes nothing.
    ///
    /// - Throws: ``IntakeError`` when the file cannot be read or is no notices file.
    package func record(file path: String, by person: Operator) async throws -> RecordReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let agencies = try await database.core.withConnection { db in
            Dictionary(try await AgencyQueries.all(in: db).map { ($0.name, $0.agencyId) }) { first, _ in first }
        }
        var report = RecordReport()
        var rejects: [NoticeFile.Reject] = []
        var unknown: [NoticeFile.Reject] = []
        try await NoticeFile.read(path: path, rejects: &rejects) { rows in
            report.rows += rows.count
            var known: [NoticeFile.Row] = []
            for row in rows {
                if let agency = row.agency, agencies[agency] == nil {
                    unknown.append(NoticeFile.Reject(number: row.number, field: "agency", reason: "unknown agency"))
                } else {
                    known.append(row)
                }
            }
            let targets = try await database.core.withConnection { db in
                try await database.refs.find(kind: .debtor, known.map(\.debtorRef), in: db)
            }
            var byPart: [Int32: [(row: NoticeFile.Row, debtorId: Int64)]] = [:]
            for row in known {
                if let target = targets[row.debtorRef] {
                    byPart[target.part, default: []].append((row, target.id))
                } else {
                    unknown.append(NoticeFile.Reject(number: row.number, field: "debtor_ref", reason: "unknown debtor"))
                }
            }
            for (part, rows) in byPart.sorted(by: { $0.key < $1.key }) {
                report.accounts += try await record(part: part, rows, agencies: agencies, by: person)
            }
        }
        report.rows += rejects.count
        report.rejects = (rejects + unknown).sorted { $0.number < $1.number }.map { ($0.number, $0.field, $0.reason) }
        return report
    }

    private func record(
        part: Int32, _ rows: [(row: NoticeFile.Row, debtorId: Int64)], agencies: [String: Int32], by person: Operator
    ) async throws -> Int {
        try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            _ = try await CandidateQueries.lockDebtors(part: part, ids: Set(rows.map(\.debtorId)).sorted(), in: db)
            var accounts = 0
            for (row, debtorId) in rows {
                accounts += try await DebtorNoticeQueries.record(
                    part: part, debtorId: debtorId, agencyId: row.agency.flatMap { agencies[$0] }, channel: row.channel, state: row.state,
                    sentAt: row.sentAt, newIds: { try await database.ids.next(.notice, count: $0) }, in: db)
            }
            transaction.audit(
                .placementRun, subject: 0,
                [
                    "what": "notices_recorded", "operator": .number(person.id), "debtors": .numbers(rows.map(\.debtorId)),
                    "states": .strings(rows.map(\.row.state.rawValue)),
                ])
            return accounts
        }
    }
}
