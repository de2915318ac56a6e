package import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
import PostgresDriver

/// What two persons have approved in advance: so many accounts a day may go to an agency that can do what their last holder could not.
package struct StandingApproval: Hashable, Sendable {
    /// The approval's number.
    package let approval: Int64
    package let limit: Int
    /// Its last day.
    package let until: Day
    /// Who agreed: this person stands as checker under the plans.
    package let checker: Int32
}

/// What became of a day's handover.
package struct HandoverReport: Hashable, Sendable, Encodable {
    /// Accounts that wait for another agency.
    package var waiting = 0
    /// Accounts in plans approved in advance today.
    package var approved = 0
    /// Plans that wait for a second person.
    package var forPersons: [String] = []
    /// Accounts placed today, of plans whose debtors have been told.
    package var placed = 0
    /// Why not everything was approved in advance.
    package var reason: String?
}

/// Hands cases over to agencies with stage and region, up to what is approved in advance; more than that waits for a second person.
///
/// - SeeAlso: Source: domain section 2, handover.
package struct HandoverService: Sendable {
    static let approvalKind = "handover_standing"
    static let subject = "daily"
    static let runKind = "day_handover"
    /// How many accounts a day unless said otherwise: the bank's default.
    package static let limitDefault = 200

    private let database: Database
    private let environments: CaseEnvironmentSource
    private let logger: Logger

    package init(database: Database, environments: CaseEnvironmentSource, logger: Logger) {
        self.database = database
        self.environments = environments
        self.logger = logger
    }

    // MARK: The approval in advance

    private struct Detail: Decodable, Equatable {
        let limit: Int
        let until: String
    }

    /// Asks for an approval in advance, or gives it as the second person who says the same.
    ///
    /// - Returns: The approval, or nil while a second person has to say the same.
    package func approve(limit: Int, until: Day, by person: Operator) async throws -> StandingApproval? {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        let id = try await database.ids.next(.approval)
        return try await database.withAuditedTransaction(database.core) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            if let open = try await ApprovalQueries.latest(kind: Self.approvalKind, subject: Self.subject, in: db), open.decision == nil {
                let asked = try JSONDecoder().decode(Detail.self, from: Data(open.detail.utf8))
                let isSame = asked == Detail(limit: limit, until: until.description)
                _ = try await ApprovalQueries.decide(
                    id: open.id, isSame ? .approved : .rejected, checker: person.id, reason: nil, now: now, in: db)
                tx.audit(
                    .approval, subject: open.id,
                    [
                        "kind": .string(Self.approvalKind), "decision": .string(isSame ? "approved" : "rejected"),
                        "operator": .number(person.id),
                    ])
                if isSame {
                    return StandingApproval(approval: open.id, limit: limit, until: until, checker: person.id)
                }
            }
            try await ApprovalQueries.ask(
                id: id, kind: Self.approvalKind, subject: Self.subject,
                detail: ["limit": .number(limit), "until": .string(until.description)], maker: person.id, now: now, in: db)
            tx.audit(
                .approval, subject: id,
                [
                    "kind": .string(Self.approvalKind), "asked_by": .number(person.id), "limit": .number(limit),
                    "until": .string(until.description),
                ])
            return nil
        }
    }

    /// The approval in advance that holds on a day.
    package func standing(on day: Day) async throws -> StandingApproval? {
        let found = try await database.core.withConnection {
            try await ApprovalQueries.latest(kind: Self.approvalKind, subject: Self.subject, in: $0)
        }
        guard let found, found.decision == .approved, let checker = found.checker else { return nil }
        let detail = try JSONDecoder().decode(Detail.self, from: Data(found.detail.utf8))
        guard let until = Day(iso: detail.until), day <= until else { return nil }
        return StandingApproval(approval: found.id, limit: detail.limit, until: until, checker: checker)
    }

    // MARK: A day's handover

    /// Plans what waits, approves what is approved in advance, tells its debtors, and places what may be placed. Once a day and one at a time;
    /// stopped in the middle, the next one goes on with what is left.
    package func run(by person: Operator, holder: String) async throws -> HandoverReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let day = try await environments.current(at: now).zone.day(of: now.business)
        let id = try await database.ids.next(.run)
        let run = try await database.core.withTransaction { db in
            try await RunQueries.start(
                id: id, kind: Self.runKind, holder: holder, now: try await ClockQueries.read(in: db), in: db
            ).run
        }
        do {
            let report = try await hand(over: day, by: person)
            try await end(run.id, holder: holder, .done)
            return report
        } catch {
            // The first error is the one that matters; the run row's lease ends by itself.
            do { try await end(run.id, holder: holder, .failed) } catch {
                logger.warning("the handover's run could not be ended", metadata: ["run.id": "\(run.id)", "error": "\(error)"])
            }
            throw error
        }
    }

    private func end(_ run: Int64, holder: String, _ state: Run.State) async throws {
        try await database.core.withTransaction { db in
            try await RunQueries.finish(id: run, holder: holder, state: state, now: try await ClockQueries.read(in: db), in: db)
        }
    }

    private func hand(over day: Day, by person: Operator) async throws -> HandoverReport {
        let placements = PlacementService(
            database: database, policies: PolicyService(database: database), environments: environments, logger: logger)
        var report = HandoverReport()
        let standing = try await standing(on: day)
        let checker = try await checker(of: standing, for: person, into: &report)
        let (portfolios, runs) = try await database.core.withConnection { db in
            (try await PlacementRunQueries.portfolios(in: db), try await PlacementRunQueries.list(portfolioId: nil, limit: 1_000, in: db))
        }
        // What a run of today that was stopped has approved counts against today's number.
        var left = standing?.limit ?? 0
        for run in runs where run.businessOn == day && run.isInAdvance(by: person, standing) {
            left -= try await placements.show(run.runId).summary.accounts
        }
        for portfolio in portfolios {
            // Looked at first, because an empty plan would be stored every morning.
            let accounts = try await placements.plan(
                portfolio: portfolio.name, strategy: .weighted, dryRun: true, onlyHandover: true, by: person
            ).summary.accounts
            report.waiting += accounts
            guard accounts > 0, let standing else { continue }
            // A plan that somebody is still looking at is not doubled either.
            if let open = runs.first(where: { $0.portfolioId == portfolio.portfolioId }), open.state == .planned {
                report.forPersons.append(String(open.runId))
                continue
            }
            let plan = try await placements.plan(portfolio: portfolio.name, strategy: .weighted, onlyHandover: true, by: person)
            guard let number = plan.runId else { continue }
            guard let checker, plan.summary.accounts <= left else {
                report.forPersons.append(String(number))
                continue
            }
            do {
                _ = try await placements.approve(number, by: checker)
            } catch let error as PlacementError {
                // Overtaken by what happened meanwhile: the next day plans anew.
                report.reason = error.description
                continue
            }
            left -= plan.summary.accounts
            report.approved += plan.summary.accounts
            try await database.withAuditedTransaction(database.core) { tx in
                tx.audit(
                    .placementRun, subject: number,
                    ["what": "approved_in_advance", "approval": .int(standing.approval), "accounts": .number(plan.summary.accounts)])
            }
        }
        try await carryOut(standing, placements: placements, by: person, into: &report)
        return report
    }

    /// Who stands as checker under today's plans; nil, with the reason in the report: nobody may.
    private func checker(
        of standing: StandingApproval?, for person: Operator, into report: inout HandoverReport
    ) async throws -> Operator? {
        guard let standing else {
            report.reason = "nothing is approved in advance (recourse place standing)"
            return nil
        }
        guard standing.checker != person.id else {
            report.reason = "the scheduler runs as the person who approved in advance: run it as somebody else"
            return nil
        }
        guard let checker = try await database.core.withConnection({ try await OperatorQueries.find(id: standing.checker, in: $0) }),
            checker.active
        else {
            report.reason = "the person who approved in advance is disabled: approve anew (recourse place standing)"
            return nil
        }
        return checker
    }

    /// Places what is approved as soon as its debtors have known it for long enough. Those of plans approved in advance are told here, again if a run
    /// was stopped before it told them; those of other plans are told by whoever made the plan.
    private func carryOut(
        _ standing: StandingApproval?, placements: PlacementService, by person: Operator, into report: inout HandoverReport
    ) async throws {
        let runs = try await database.core.withConnection { try await PlacementRunQueries.list(portfolioId: nil, limit: 1_000, in: $0) }
        for run in runs where run.state == .approved || run.state == .running {
            do {
                if run.isInAdvance(by: person, standing) {
                    _ = try await NoticeService(database: database, logger: logger).send(run: run.runId, by: person)
                }
                report.placed += try await placements.carryOut(run.runId, by: person).placed
            } catch let error as PlacementError {
                report.reason = error.description
            }
        }
    }
}

extension PlacementRun {
    /// Whether the scheduler made it and it was approved by a standing approval.
    fileprivate func isInAdvance(by person: Operator, _ standing: StandingApproval?) -> Bool {
        maker == person.id && approvedAt != nil && checker != nil && checker == standing?.checker
    }
}
