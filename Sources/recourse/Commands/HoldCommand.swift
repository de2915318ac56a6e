import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse hold …`: whom nobody may contact.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Set or release a hold on a debtor or an account.", subcommands: [Set.self, Release.self])

    static let types = HoldType.allCases.map(\.rawValue).joined(separator: ", ")

    private struct Result: Encodable {
        let type: String
        let on: String
        /// `set`, `released`, or `noted` where a second person has to say the same.
        let state: String
    }

    static func type(_ text: String) throws -> HoldType {
        guard let type = HoldType(rawValue: text) else { throw ValidationError("TYPE must be one of \(types), got \(text)") }
        return type
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a hold: leases are revoked at once, the agency is told.", discussion: "TYPE is one of: \(HoldCommand.types).")
        @Argument(help: "What kind of hold.") var type: String
        @Option(help: "The debtor's or the account's reference.") var on: String
        @Option(help: ArgumentHelp("When it ends by itself, RFC 3339 with a zone or a date.", valueName: "time")) var until: String?
        @Option(help: "Why, for the record; no personal data.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            _ = try HoldCommand.type(type)
            if let until, Reading.instant(until) == nil {
                throw ValidationError("--until must be like 2026-12-01T09:00:00+08:00, got \(until)")
            }
        }

        func run() async throws {
            let type = try HoldCommand.type(type)
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = HoldService.standing(on: database)
                let target = try await service.target(on)
                try await service.set(type, on: target, until: until.flatMap(Reading.instant), reason: reason, by: person)
                Terminal.say("hold \(type.rawValue) on \(on)")
                if output.json { try Terminal.json(Result(type: type.rawValue, on: on, state: "set")) }
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Release a hold.", discussion: "Complaint and deceased holds need two persons: the second one runs the same command.")
        @Argument(help: "What kind of hold.") var type: String
        @Option(help: "The debtor's or the account's reference.") var on: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws { _ = try HoldCommand.type(type) }

        func run() async throws {
            let type = try HoldCommand.type(type)
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = HoldService.standing(on: database)
                let target = try await service.target(on)
                let ruling = try await service.release(type, on: target, by: person)
                switch ruling {
                case .done: Terminal.say("released \(type.rawValue) on \(on); work resumes no sooner than the next day's window")
                case .awaitsSecond: Terminal.say("noted; a second person has to run the same command")
                }
                if output.json {
                    try Terminal.json(Result(type: type.rawValue, on: on, state: ruling == .done ? "released" : "noted"))
                }
            }
        }
    }
}

extension HoldService {
    /// The service for one command.
    static func standing(on database: Database) -> HoldService {
        HoldService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
