import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse policy …`: conduct rules and stages.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, load, list, test and explain policies.",
        subcommands: [Check.self, Load.self, List.self, PolicyTestCommand.self, PolicyExplainCommand.self])

    struct Line: Encodable {
        let policy: String
        let version: String
        let number: Int32?
        let effectiveFrom: String
        let effectiveTo: String?
        let sha256: String

        enum CodingKeys: String, CodingKey {
            case policy, version, number, sha256
            case effectiveFrom = "effective_from"
            case effectiveTo = "effective_to"
        }

        init(_ version: PolicyVersion) {
            policy = version.policyId
            self.version = version.version
            number = version.number
            effectiveFrom = version.effectiveFrom.description
            effectiveTo = version.effectiveTo?.description
            sha256 = Digest.hex(version.sha256)
        }

        init(_ bundle: PolicyBundle) {
            policy = bundle.conduct.id
            version = bundle.conduct.version
            number = nil
            effectiveFrom = bundle.conduct.effectiveFrom.description
            effectiveTo = bundle.conduct.effectiveTo?.description
            sha256 = Digest.hex(bundle.sha256)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read policy files strictly and say what is wrong with them; needs no database.",
            discussion: "What a file extends is looked for beside it. Exits 1 if a file has a fault.")
        @Argument(help: ArgumentHelp("The files.", valueName: "file")) var files: [String]
        @OptionGroup var output: OutputOptions

        struct Result: Encodable {
            let file: String
            let fault: String?
            let policy: Line?
        }

        func run() throws {
            var results: [Result] = []
            for file in files {
                do {
                    let bundle = try PolicyBundle(path: file)
                    Terminal.say(
                        "\(file): good: \(bundle.conduct.id) \(bundle.conduct.version), in force from \(bundle.conduct.effectiveFrom)")
                    results.append(Result(file: file, fault: nil, policy: Line(bundle)))
                } catch let error as PolicyError {
                    Terminal.say(String(describing: error))
                    results.append(Result(file: file, fault: String(describing: error), policy: nil))
                }
            }
            if output.json { try Terminal.json(["files": results]) }
            if results.contains(where: { $0.fault != nil }) { throw ExitStatus.faults }
        }
    }

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish a policy.",
            discussion: """
                The first policy of a database is loaded at once. A later one needs two operators: the first asks, the second publishes the same
                file. It decides from then on, on the days it is in force.
                """)
        @Argument(help: ArgumentHelp("The file.", valueName: "file")) var file: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Waiting: Encodable {
            let approval: Int64
        }

        func run() async throws {
            try await options.withDatabase { database in
                let actor = try await identity.authenticate(in: database)
                switch try await PolicyService(database: database).publish(yamlPath: file, by: actor) {
                case .loaded(let version):
                    Terminal.say(
                        "policy \(version.policyId) \(version.version) is number \(version.number), in force from \(version.effectiveFrom)")
                    if output.json { try Terminal.json(Line(version)) }
                case .waiting(let approval):
                    Terminal.say("approval \(approval) is asked for; a second operator has to load the same file")
                    if output.json { try Terminal.json(Waiting(approval: approval)) }
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List loaded policies, newest first.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let versions = try await PolicyService(database: database).list()
                Terminal.table(
                    ["NUMBER", "POLICY", "VERSION", "FROM", "TO"],
                    versions.map {
                        ["\($0.number)", $0.policyId, $0.version, $0.effectiveFrom.description, $0.effectiveTo?.description ?? "-"]
                    })
                if output.json { try Terminal.json(["policies": versions.map(Line.init)]) }
            }
        }
    }
}
