import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

extension PlaceCommand {
    struct Standing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve handovers in advance: so many accounts a day, until a day.",
            discussion: """
                The scheduler (recourse day run) hands accounts whose holder could not do the next stage to agencies with that stage and region, up \
                to this many a day; more waits for a second person. Needs two persons: the second one runs the same command. The scheduler has \
                to run as somebody else than the second one. --limit 0 ends it. Without --until it shows what holds.
                """)
        @Option(help: "Accounts a day.") var limit = HandoverService.limitDefault
        @Option(help: ArgumentHelp("Its last day.", valueName: "date")) var until: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            /// `none`, `noted`, `approved`.
            let state: String
            let limit: Int?
            let until: String?
        }

        func validate() throws {
            guard (0...1_000_000).contains(limit) else { throw ValidationError("--limit must be 0...1000000, got \(limit)") }
            if let until, Day(iso: until) == nil { throw ValidationError("--until must be like 2026-12-31, got \(until)") }
        }

        func run() async throws {
            let result = try await options.withDatabase { database -> Result in
                let service = HandoverService(
                    database: database,
                    environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)),
                    logger: options.logger)
                guard let until = until.flatMap({ Day(iso: $0) }) else {
                    let today = try await DayService.standing(on: database).board().day
                    let found = try await service.standing(on: today)
                    return Result(state: found == nil ? "none" : "approved", limit: found?.limit, until: found?.until.description)
                }
                let person = try await identity.authenticate(in: database)
                let given = try await service.approve(limit: limit, until: until, by: person)
                return Result(state: given == nil ? "noted" : "approved", limit: limit, until: until.description)
            }
            switch result.state {
            case "noted": Terminal.say("noted; a second person has to run the same command")
            case "approved": Terminal.say("approved in advance: \(result.limit ?? 0) accounts a day until \(result.until ?? "")")
            default: Terminal.say("nothing is approved in advance")
            }
            if output.json { try Terminal.json(result) }
        }
    }
}
