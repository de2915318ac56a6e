import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
import PostgresDriver

/// What one look at the day did.
package struct DayPass: Sendable {
    /// A file that was taken.
    package struct Taken: Sendable {
        package var report: ImportReport
        /// Where it lies now, below the inbox.
        package var folder: String
    }

    package var taken: [Taken] = []
    /// Files whose name says no kind; they stay where they are.
    package var unknown: [String] = []
    /// Files somebody else was at; they stay for the next look.
    package var busy: [String] = []
    /// Files that could not be read at all, and why; they stay, and stop nothing else.
    package var unreadable: [(name: String, reason: String)] = []
    package var suspended: [(name: String, reason: String)] = []
    /// The reconciliation that was due, if one was.
    package var reconciled: (step: String, missing: [String], report: ReconciliationReport)?
    /// The handover of the day, if it was due.
    package var handover: HandoverReport?

    /// Whether it did anything.
    package var isEmpty: Bool { taken.isEmpty && reconciled == nil && suspended.isEmpty && handover == nil }
    /// Whether a file was refused or has refused rows.
    package var hasFaults: Bool { !unreadable.isEmpty || taken.contains { $0.report.state == .refused || $0.report.rejected > 0 } }
}

/// The built-in scheduler: takes what lies in the inbox and runs what is due. Safe to stop anywhere, to run again, and to run twice at once: files
/// and runs are each somebody's alone, and doing them again changes nothing.
package struct DayRunner: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource
    private let days: DayService
    private let logger: Logger

    package init(database: Database, environments: CaseEnvironmentSource, logger: Logger) {
        self.database = database
        self.environments = environments
        self.logger = logger
        days = DayService(database: database, environments: environments)
    }

    /// Looks once and does what is due.
    ///
    /// - Parameters:
    ///   - isDailyFeed: Whether payments files are promised for every day.
    ///   - holder: A name for this process, unique among those alive.
    package func pass(inbox: Inbox, isDailyFeed: Bool, by person: Operator, holder: String) async throws -> DayPass {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        var pass = DayPass()
        var board = try await days.board()
        if let opens = board.steps.first?.step.at, board.time >= opens {
            try await take(inbox, day: board.day, isDailyFeed: isDailyFeed, by: person, into: &pass)
            if !pass.taken.isEmpty { board = try await days.board() }
        }
        for (step, state) in board.steps where step.work == .reconcile {
            guard case .due = state else { continue }
            let missing = board.steps.filter { step.needs.contains($0.step.name) }.compactMap {
                if case .late = $0.state { $0.step.name } else { nil }
            }
            let policies = PolicyService(database: database)
            pass.suspended += try await AgencyService(database: database, logger: logger).suspendLapsed(policies: policies).map {
                ($0.name, "\($0.reason)")
            }
            do {
                let report = try await ReconciliationService(database: database, environments: environments).run(holder: holder)
                pass.reconciled = (step.name, missing, report)
            } catch RunError.running {
                // Another scheduler, or a person, is at it right now.
            }
        }
        board = pass.reconciled == nil ? board : try await days.board()
        for (step, state) in board.steps where step.work == .handover {
            guard case .due = state else { continue }
            do {
                pass.handover = try await HandoverService(database: database, environments: environments, logger: logger)
                    .run(by: person, holder: holder)
            } catch RunError.running {
                // Another scheduler is at it.
            }
        }
        return pass
    }

    private func take(_ inbox: Inbox, day: Day, isDailyFeed: Bool, by person: Operator, into pass: inout DayPass) async throws {
        let (items, unknown) = try inbox.ready()
        pass.unknown = unknown
        if items.isEmpty { return }
        let intake = try await IntakeService.working(database, logger: logger)
        for item in items {
            var options = IntakeOptions()
            options.by = person
            options.isDailyFeed = isDailyFeed && item.kind == .payments
            let report: ImportReport
            do {
                report = try await intake.run(item.kind, file: item.path, options: options)
            } catch IntakeError.busy {
                pass.busy.append(item.name)
                continue
            } catch let error as IntakeError {
                // Gone: another scheduler has just taken it.
                if FileManager.default.fileExists(atPath: item.path) { pass.unreadable.append((item.name, error.description)) }
                continue
            }
            let folder = (report.state == .refused ? "refused/" : "done/") + day.description
            try inbox.put(item, into: folder)
            pass.taken.append(DayPass.Taken(report: report, folder: folder))
        }
    }
}
