import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse policy …`: conduct rules and stages.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, compare, publish, list, test, rehearse and explain policies.",
        subcommands: [
            Check.self, PolicyPublishCommand.self, List.self, PolicyDiffCommand.self, PolicyTestCommand.self, PolicyExplainCommand.self,
            PolicyRehearseCommand.self, PolicyLintCommand.self, PolicySchemaCommand.self,
        ])

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

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List published policies, newest first, and those that wait.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Waiting: Encodable {
            let approval: Int64
            let sha256: String
            let maker: Int32
            let askedAt: String

            enum CodingKeys: String, CodingKey {
                case approval, sha256
                case maker = "asked_by"
                case askedAt = "asked_at"
            }
        }

        struct Listing: Encodable {
            let policies: [Line]
            let waiting: [Waiting]
        }

        func run() async throws {
            try await options.withDatabase { database in
                let service = PolicyService(database: database)
                let versions = try await service.list()
                Terminal.table(
                    ["NUMBER", "POLICY", "VERSION", "FROM", "TO"],
                    versions.map {
                        ["\($0.number)", $0.policyId, $0.version, $0.effectiveFrom.description, $0.effectiveTo?.description ?? "-"]
                    })
                let waiting = try await service.waiting().map {
                    Waiting(approval: $0.id, sha256: $0.subject, maker: $0.maker, askedAt: $0.madeAt.description)
                }
                for one in waiting {
                    Terminal.say(
                        "approval \(one.approval) waits for a second operator: file with SHA-256 \(one.sha256), asked for by operator \(one.maker)"
                    )
                }
                if output.json { try Terminal.json(Listing(policies: versions.map(Line.init), waiting: waiting)) }
            }
        }
    }
}
