import ArgumentParser
import CollectionsStore
import Coordinator

/// `recourse notice …`: telling debtors which agency will call, before accounts are placed.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice", abstract: "Tell debtors which agency will call.", subcommands: [Send.self])

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
}
