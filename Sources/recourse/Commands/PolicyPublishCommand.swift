import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver

/// `recourse policy publish`: brings a policy into force, by two persons.
struct PolicyPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a policy, by two persons.",
        discussion: """
            The first operator asks and is told what changes against the policy in force; a second one publishes the same file. It decides from \
            then on, on the days it is in force; work under way follows the version in force at each act. The first policy of a database is \
            loaded at once, because nothing can be decided before.
            """,
        aliases: ["load"])
    @Argument(help: ArgumentHelp("The file.", valueName: "file")) var file: String
    @OptionGroup var identity: OperatorOptions
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        /// `published` or `waiting`.
        let state: String
        let approval: Int64?
        /// The policy, with its number once it is published.
        let policy: String
        let version: String
        let number: Int32?
        let effectiveFrom: String
        let effectiveTo: String?
        let sha256: String
        let replaces: Int32?
        let changes: [PolicyDiffCommand.Change]

        enum CodingKeys: String, CodingKey {
            case state, approval, policy, version, number, sha256, replaces, changes
            case effectiveFrom = "effective_from"
            case effectiveTo = "effective_to"
        }
    }

    func run() async throws {
        let bundle = try PolicyDiffCommand.read(file)
        try await options.withDatabase { database in
            let actor = try await identity.authenticate(in: database)
            let service = PolicyService(database: database)
            let predecessor = try await service.predecessor(of: bundle)
            let changes = try predecessor.map { try bundle.changes(since: $0.bundle) } ?? []
            let line: PolicyCommand.Line
            let approval: Int64?
            switch try await service.publish(yamlPath: file, by: actor) {
            case .loaded(let version):
                (line, approval) = (PolicyCommand.Line(version), nil)
                Terminal.say(
                    "policy \(version.policyId) \(version.version) is number \(version.number), in force from \(version.effectiveFrom)")
            case .waiting(let id):
                (line, approval) = (PolicyCommand.Line(bundle), id)
                if let predecessor { Terminal.say("against number \(predecessor.number):") }
                PolicyDiffCommand.say(changes)
                Terminal.say("approval \(id) is asked for; a second operator has to publish the same file")
            }
            if output.json {
                try Terminal.json(
                    Report(
                        state: approval == nil ? "published" : "waiting", approval: approval, policy: line.policy, version: line.version,
                        number: line.number, effectiveFrom: line.effectiveFrom, effectiveTo: line.effectiveTo, sha256: line.sha256,
                        replaces: predecessor?.number, changes: changes.map(PolicyDiffCommand.Change.init)))
            }
        }
    }
}
