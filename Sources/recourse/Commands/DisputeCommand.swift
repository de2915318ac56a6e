import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse dispute …`: claims the debtor says are wrong.
struct DisputeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispute", abstract: "List disputes; say what the bank found.", subcommands: [List.self, Resolve.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open disputes, the oldest first.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            let debtorRef: String
            let accountRef: String?
            let since: String
            let setBy: String
        }

        func run() async throws {
            let lines = try await options.withDatabase { try await DisputeService.standing(on: $0).open() }
                .map { Line(debtorRef: $0.debtorRef, accountRef: $0.accountRef, since: $0.since.description, setBy: $0.setBy) }
            if output.json { return try Terminal.json(["disputes": lines]) }
            if lines.isEmpty { return Terminal.say("nothing is in dispute") }
            Terminal.table(
                ["DEBTOR", "ACCOUNT", "SINCE", "BY"], lines.map { [$0.debtorRef, $0.accountRef ?? "all", $0.since, $0.setBy] })
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the bank found: the account rejoins the work, or closes if nothing is owed.",
            discussion: """
                FINDING is upheld (the debtor is right: load what was corrected by import adjustments first) or unfounded (the claim stands). \
                Work on the account resumes no sooner than the next day's window. A debtor's reference resolves all disputes of the debtor.
                """)
        @Argument(help: ArgumentHelp("The account's or the debtor's reference.", valueName: "ref")) var ref: String
        @Argument(help: "upheld or unfounded.") var finding: DisputeFinding
        @Option(help: "Why, for the record; no personal data.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let on: String
            let finding: String
            let resolved: Int
        }

        func run() async throws {
            let resolved = try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let target = try await HoldService.standing(on: database).target(ref)
                return try await DisputeService.standing(on: database).resolve(target, finding, reason: reason, by: person)
            }
            Terminal.say("\(resolved) of \(ref) \(finding.rawValue)")
            if output.json { try Terminal.json(Result(on: ref, finding: finding.rawValue, resolved: resolved)) }
        }
    }
}

extension DisputeFinding: ExpressibleByArgument {}

extension DisputeService {
    /// The service for one command.
    static func standing(on database: Database) -> DisputeService {
        DisputeService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
