import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver

/// `recourse doctor`: do the invariants hold?
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the invariants I1 to I12 on the live database.",
        discussion: "Reads only and takes no locks: it may run beside full load. Exits 1 when anything is violated.")
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await options.withDatabase { database in
            let report = try await Self.check(database)
            Self.say(report)
            if output.json { try Terminal.json(Self.summary(report)) }
            guard report.violations == 0 else { throw ExitStatus.faults }
        }
    }

    /// Runs every check under the policy in force, drawing progress.
    static func check(_ database: Database) async throws -> DoctorReport {
        let policies = PolicyService(database: database)
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        // A database in which no policy was loaded yet is checked for everything else.
        let policy: ActivePolicy?
        if try await policies.list().isEmpty {
            policy = nil
        } else {
            policy = try await policies.current(at: Zone.utc.day(of: now.business))
        }
        return try await Doctor(database: database, policy: policy).check { Terminal.progress("checking \($0)") }
    }

    /// A line per check that found something, and the verdict.
    static func say(_ report: DoctorReport) {
        for check in report.checks where check.violations > 0 {
            Terminal.say("\(check.invariant)  \(check.name): \(check.violations) violations")
            for sample in check.samples { Terminal.say("      \(sample)") }
            Terminal.say("      hint: \(check.hint)")
        }
        for remark in report.remarks { Terminal.say("note: \(remark)") }
        Terminal.say(
            report.violations == 0
                ? "\(report.checks.count) checks of I1 to I12: no violation"
                : "\(report.violations) violations in \(report.checks.count) checks")
    }

    /// The report for programs.
    struct Summary: Encodable {
        struct Check: Encodable {
            let invariant: String
            let name: String
            let violations: Int64
            let samples: [String]
        }
        let violations: Int64
        let checks: [Check]
        let remarks: [String]
    }

    static func summary(_ report: DoctorReport) -> Summary {
        Summary(
            violations: report.violations,
            checks: report.checks.map { .init(invariant: $0.invariant, name: $0.name, violations: $0.violations, samples: $0.samples) },
            remarks: report.remarks)
    }
}
