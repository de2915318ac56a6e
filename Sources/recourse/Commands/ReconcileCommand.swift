import ArgumentParser
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver

/// `recourse reconcile …`: cases against the bank's ledger and the calendar.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Judge promises, end waits and terms, open and close breaks.",
        subcommands: [Run.self, Show.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reconcile everything that is due now.",
            discussion: """
                Safe to run again at any time: what is settled stays settled, a run that was killed is taken up where it stopped, two at once are refused.
                Exits 1 while breaks are open.
                """)
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase(restartable: true) { database in
                let policies = PolicyService(database: database)
                for lapse in try await AgencyService(database: database, logger: options.logger).suspendLapsed(policies: policies) {
                    Terminal.say("agency \(lapse.name) suspended and its work taken back: \(lapse.reason)")
                }
                let service = ReconciliationService(
                    database: database, environments: CaseEnvironmentSource(database: database, policies: policies))
                let report = try await service.run(holder: "cli-\(ProcessInfo.processInfo.processIdentifier)") { step, part in
                    Terminal.progress("reconciling: \(step) \(part + 1) of \(database.lanes.count)")
                }
                Terminal.say("run \(report.run) at \(report.at), payments known through \(report.watermark ?? "none")")
                Terminal.say(
                    "promises: \(report.promisesKept) kept, \(report.promisesPartlyKept) partly, \(report.promisesBroken) broken, "
                        + "\(report.promisesAwaitingLedger) newly awaiting the ledger")
                Terminal.say(
                    "ended: \(report.waitsEnded) waits, \(report.holdsEnded) holds, \(report.termsEnded) terms; \(report.requestsOverdue) requests overdue"
                )
                Terminal.say("breaks: \(report.breaksOpened) opened, \(report.breaksClosed) closed, \(report.breaksOpen) open")
                if output.json { try Terminal.json(report) }
                guard report.breaksOpen == 0 else { throw ExitStatus.faults }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the last run and the open breaks.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Summary: Encodable {
            struct Kind: Encodable {
                let kind: String
                let severity: String
                let open: Int64
            }
            let run: Int64?
            let state: String?
            let breaks: [Kind]
        }

        func run() async throws {
            try await options.withDatabase { database in
                let (last, counts) = try await database.core.withConnection { db in
                    (try await RunQueries.latest(kind: "reconcile", in: db), try await BreakQueries.openCounts(in: db))
                }
                Terminal.say(last.map { "run \($0.id): \($0.state.rawValue), started \($0.startedAt)" } ?? "no run yet")
                if counts.isEmpty {
                    Terminal.say("no open breaks")
                } else {
                    Terminal.table(["break", "severity", "open"], counts.map { [$0.kind, $0.severity, String($0.count)] })
                }
                if output.json {
                    try Terminal.json(
                        Summary(
                            run: last?.id, state: last?.state.rawValue,
                            breaks: counts.map { .init(kind: $0.kind, severity: $0.severity, open: $0.count) }))
                }
                guard counts.isEmpty else { throw ExitStatus.faults }
            }
        }
    }
}
