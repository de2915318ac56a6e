import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver

/// `recourse import KIND FILE …`: takes the bank's files in.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Take in files of the bank: accounts, contacts, payments, fx, account-updates, adjustments, events, card-status, complaints, holds, letter-status, recall-confirmations.",
        discussion: """
            Every row is checked field by field; bad rows are refused with their reason in FILE.rejects.csv and stop no other. A file that \
            disagrees with its manifest (FILE.manifest.json) or lacks a column is refused whole. The same file twice changes nothing; an import \
            that was stopped is completed by running it again. FILE.ack.json says what became of the file.
            Exits 1 if a file was refused or rows of it were, 3 if the database stays away.
            """)

    @Argument(
        help: ArgumentHelp(
            "accounts, contacts, payments, fx, account-updates, adjustments, card-status, complaints (each sets its hold), holds, letter-status (the post's word on letters), recall-confirmations (what agencies say of recalled placements) or events (the bank's own contacts).",
            valueName: "kind"))
    var kind: ImportKind
    @Argument(help: ArgumentHelp("The files, loaded one after the other.", valueName: "file")) var files: [String]
    @Option(help: ArgumentHelp("The portfolio of accounts; else the file's name without its ending.", valueName: "name")) var portfolio:
        String?
    @Option(help: ArgumentHelp("A YAML file that says how the bank's file differs from the standard form.", valueName: "file")) var mapping:
        String?
    @Option(help: ArgumentHelp("The manifest, if it is not beside the file.", valueName: "file")) var manifest: String?
    @Option(name: .customLong("as-of"), help: ArgumentHelp("The day of the figures, where the file does not say.", valueName: "date"))
    var asOf: String?
    @Option(
        name: .customLong("ledger-through"),
        help: ArgumentHelp("Up to when a payments file is complete; else its manifest's word, else its last payment.", valueName: "instant")
    )
    var ledgerThrough: String?
    @Option(help: ArgumentHelp("Whose ledger a payments file is from; each source has its own watermark.", valueName: "name")) var source =
        "bank"
    @Flag(name: .customLong("daily-feed"), help: "The source promises a payments file every day: without one, demands stop.")
    var isDailyFeed = false
    @Option(
        help: ArgumentHelp(
            "What you attest for the portfolio: debtor_notice=DATE, internal_collection_done, or both with a comma.", valueName: "facts"))
    var attest: String?
    @Option(help: ArgumentHelp("Why you can attest it; goes on record.", valueName: "text")) var reason: String?
    @Option(help: ArgumentHelp("Where acknowledgement and reject file go; else beside the file.", valueName: "dir")) var out: String?
    @Flag(name: .customLong("dry-run"), help: "Check everything, load nothing.") var isDryRun = false
    @OptionGroup var identity: OperatorOptions
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if files.isEmpty { throw ValidationError("name at least one file") }
        if let asOf, Day(iso: asOf) == nil { throw ValidationError("--as-of must be a date as YYYY-MM-DD, got \(asOf)") }
        if let ledgerThrough, Reading.instant(ledgerThrough) == nil {
            throw ValidationError("--ledger-through must be an instant such as 2026-09-30T23:59:59+08:00, got \(ledgerThrough)")
        }
        if manifest != nil, files.count > 1 { throw ValidationError("--manifest belongs to one file") }
        if source.isEmpty || source.count > 100 { throw ValidationError("--source has 1 to 100 characters") }
    }

    func run() async throws {
        let reports: [ImportReport]
        do {
            var intake = try intakeOptions()
            // A fault in a path is told before a database is started for it.
            for file in files where !FileManager.default.isReadableFile(atPath: file) {
                throw UsageError("\(file): there is no such file, or it cannot be read")
            }
            reports = try await options.withDatabase(restartable: true) { database in
                if !isDryRun { intake.by = try await identity.authenticate(in: database) { $0.mayChange } }
                let service = try await IntakeService.working(database, logger: options.logger)
                var reports: [ImportReport] = []
                for file in files {
                    let name = URL(fileURLWithPath: file).lastPathComponent
                    intake.progress = { Terminal.progress(Self.line($0, name)) }
                    let report = try await service.run(kind, file: file, options: intake)
                    Self.show(report)
                    reports.append(report)
                }
                if kind == .accounts, !isDryRun { try await placeFollowers(in: database) }
                return reports
            }
        } catch let error as IntakeError {
            switch error {
            case .usage, .unreadable, .unwritable, .unsupportedEncoding: throw UsageError(error.description)
            case .refused, .busy, .stagingDamaged: throw error
            }
        }
        if output.json {
            if reports.count == 1, let only = reports.first { try Terminal.json(only) } else { try Terminal.json(reports) }
        }
        if reports.contains(where: { $0.state == .refused || $0.rejected > 0 }) { throw ExitStatus.faults }
    }

    /// New accounts of debtors who have a case join it at once; the others wait for a plan.
    private func placeFollowers(in database: Database) async throws {
        let report = try await FollowOnService(database: database, policies: PolicyService(database: database), logger: options.logger)
            .run()
        if report.joined > 0 { Terminal.say("\(report.joined) accounts joined the case their debtor already has") }
        if report.waiting > 0 { Terminal.say("\(report.waiting) accounts of debtors in a case wait for the debtor's notice") }
    }

    private func intakeOptions() throws -> IntakeOptions {
        var intake = IntakeOptions()
        intake.portfolio = portfolio
        intake.manifest = manifest
        intake.asOf = asOf.flatMap { Day(iso: $0) }
        intake.ledgerThrough = ledgerThrough.flatMap { Reading.instant($0) }
        intake.source = source
        intake.isDailyFeed = isDailyFeed
        intake.isDryRun = isDryRun
        if let out { intake.output = .directory(out) }
        if let attest {
            let names = files.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", ")
            intake.attestation = try .init(parsing: attest, reason: reason ?? "attested at the import of \(names)")
        }
        if let mapping {
            guard let yaml = FileManager.default.contents(atPath: mapping) else { throw UsageError("\(mapping): there is no such file") }
            guard let text = String(validating: yaml, as: UTF8.self) else { throw UsageError("\(mapping): it is not UTF-8") }
            do {
                intake.mapping = try MappingFile(yaml: text, file: mapping)
            } catch {
                throw UsageError(String(describing: error))
            }
        }
        return intake
    }

    // MARK: Telling

    private static func line(_ progress: ImportProgress, _ name: String) -> String {
        "\(name): \(progress.step.rawValue) \(progress.rows) rows, \(Int(progress.fraction * 100)) %, \(Int(progress.rowsPerSecond)) rows/s"
    }

    private static func show(_ report: ImportReport) {
        let amounts = report.amountTotal.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: " + ")
        let sum = amounts.isEmpty ? "" : ", \(amounts)"
        switch report.state {
        case .loaded:
            Terminal.say(
                "\(report.file): \(report.loaded) of \(report.rows) rows loaded, \(report.known) known, \(report.rejected) rejected\(sum) "
                    + "(\(Int(report.rowsPerSecond)) rows/s)")
        case .alreadyLoaded: Terminal.say("\(report.file): loaded before, nothing changed (\(report.rows) rows\(sum))")
        case .refused: Terminal.say("\(report.file): refused, nothing loaded: \(report.reasons.joined(separator: "; "))")
        case .checked: Terminal.say("\(report.file): checked, nothing loaded: \(report.rows) rows, \(report.rejected) rejected")
        }
        for reject in report.firstRejects {
            Terminal.say("  row \(reject.rowNumber)\(reject.field.isEmpty ? "" : ", \(reject.field)"): \(reject.reason)")
        }
        let others = report.rejected - Int64(Set(report.firstRejects.map(\.rowNumber)).count)
        if others > 0, let file = report.rejectFile { Terminal.say("  and \(others) more rows: \(file)") }
    }
}

extension ImportKind: ExpressibleByArgument {}
