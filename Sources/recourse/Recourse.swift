import ArgumentParser
import Foundation
import Logging

/// The bank's command.
@main
struct Recourse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recourse",
        abstract: "Coordinates outsourced collections: places overdue accounts with agencies, serves their workers, reconciles.",
        discussion: """
            The database is named by --database-url, DATABASE_URL or PGHOST and its kin; with none, a private PostgreSQL in .recourse/ is used.
            Exit codes: 0 done, 1 the job found faults or was refused, 2 wrong usage, 3 something it needs cannot be reached.
            """,
        subcommands: [
            MigrateCommand.self,
            DbCommand.self,
            OperatorCommand.self,
            ClockCommand.self,
            PolicyCommand.self,
            ImportCommand.self,
            ReconcileCommand.self,
            DayCommand.self,
            BreakCommand.self,
            HoldCommand.self,
            ComplaintCommand.self,
            RecallCommand.self,
            CaseCommand.self,
            LegalCommand.self,
            RequestCommand.self,
            RetainCommand.self,
            DoctorCommand.self,
            AuditCommand.self,
            DemoCommand.self,
            BenchCommand.self,
            SimulateCommand.self,
            AgencyCommand.self,
            PlaceCommand.self,
            NoticeCommand.self,
            LetterCommand.self,
            OutboxCommand.self,
            DisputeCommand.self,
            ServeCommand.self,
        ])

    /// Runs the command the arguments name and ends the process with the documented exit codes (the parser's own are others).
    static func main() async {
        ProcessInfo.bootstrapLogging()
        do {
            var command = try await asyncParseAsRoot(nil)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Failure.end(error, in: Self.self)
        }
    }
}
