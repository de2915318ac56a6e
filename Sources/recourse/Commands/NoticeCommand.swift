import ArgumentParser
import CollectionsStore
import Coordinator

/// `recourse notice …`: telling debtors which agency will call, before accounts are placed.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice", abstract: "Tell debtors which agency will call.", subcommands: [Send.self, Record.self])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Order what is missing for approved plans: a message, or a letter where there is no number.",
            discussion: """
                A message counts from now, a letter from its posting, which the bank reports. Accounts whose debtor was told (a column of the accounts file, \
                an attestation, an earlier notice) are left out. Again, only what has become necessary is ordered.
                """)
        @Option(name: .customLong("run"), help: "One approved plan.") var number: Int64?
        @Option(help: "Every approved plan of a portfolio.") var portfolio: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let runs: [String]
            let sms: Int
            let letters: Int
            let known: Int
            let unreachable: Int
        }

        func validate() throws {
            guard (number == nil) != (portfolio == nil) else { throw ValidationError("name either --run or --portfolio") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let service = NoticeService(database: database, logger: options.logger)
                let report: NoticeReport
                if let number {
                    report = try await service.send(run: number, by: person)
                } else {
                    report = try await service.send(portfolio: portfolio ?? "", by: person)
                }
                if report.runs.isEmpty { Terminal.say("no approved plan") }
                Terminal.say(
                    "accounts: \(report.sms) by message, \(report.letters) by letter, \(report.known) told already, \(report.unreachable) unreachable"
                )
                if output.json {
                    try Terminal.json(
                        Result(
                            runs: report.runs.map(String.init), sms: report.sms, letters: report.letters, known: report.known,
                            unreachable: report.unreachable))
                }
            }
        }
    }

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in the bank's notices file: who was told of which agency, how and when, or that it failed.",
            discussion:
                "Columns: notice_ref, debtor_ref, agency, channel (sms, letter), sent_at, status (sent, failed). The same file again changes nothing."
        )
        @Argument(help: ArgumentHelp("The notices file.", valueName: "file")) var file: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct RejectLine: Encodable {
            let row: Int
            let field: String
            let reason: String
        }

        private struct Result: Encodable {
            let rows: Int
            let accounts: Int
            let rejected: [RejectLine]
        }

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let report = try await NoticeService(database: database, logger: options.logger).record(file: file, by: person)
                let rejects = report.rejects.map { RejectLine(row: $0.number, field: $0.field, reason: $0.reason) }
                for reject in rejects { Terminal.note("row \(reject.row): \(reject.field): \(reject.reason)") }
                Terminal.say("\(report.rows) rows, \(report.accounts) accounts, \(rejects.count) rows refused")
                if output.json { try Terminal.json(Result(rows: report.rows, accounts: report.accounts, rejected: rejects)) }
                if !rejects.isEmpty { throw ExitStatus.faults }
            }
        }
    }
}
