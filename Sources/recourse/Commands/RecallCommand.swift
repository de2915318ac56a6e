import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse recall`: the bank takes a debtor's accounts back.
struct RecallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Take a debtor's accounts back from their agency.",
        discussion: """
            Leases are revoked at once and the agency has to confirm that work has stopped. Categories compliance, deceased and legal take effect at
            once; bank leaves the agency five days to object.
            """)
    @Argument(help: "The debtor's or an account's reference.") var reference: String
    @Option(help: "bank, compliance, deceased or legal.") var category = "bank"
    @Option(help: "Why, for the record; no personal data.") var reason: String
    @OptionGroup var identity: OperatorOptions
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let placements: Int
        let executeAt: String

        enum CodingKeys: String, CodingKey {
            case placements
            case executeAt = "execute_at"
        }
    }

    func validate() throws {
        guard RecallCategory(rawValue: category.uppercased()) != nil else {
            throw ValidationError("--category must be bank, compliance, deceased or legal, got \(category)")
        }
    }

    func run() async throws {
        guard let category = RecallCategory(rawValue: category.uppercased()) else { throw UsageError("--category cannot be read") }
        try await options.withDatabase { database in
            let person = try await identity.authenticate(in: database)
            let environments = CaseEnvironmentSource(database: database, policies: PolicyService(database: database))
            let target = try await HoldService(database: database, environments: environments).target(reference)
            let done = try await RecallService(database: database, environments: environments).recall(
                target, category: category, reason: reason, by: person)
            Terminal.say("\(done.placements) placements recalled; in effect at \(done.executeAt)")
            if output.json { try Terminal.json(Result(placements: done.placements, executeAt: done.executeAt.description)) }
        }
    }
}
