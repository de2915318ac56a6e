import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation

/// `recourse agency …`: who collects, under which contract, with which tokens, and stopping them.
struct AgencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agency", abstract: "Apply, list, suspend or resume agencies; make their tokens.",
        subcommands: [Apply.self, Token.self, List.self, Suspend.self, Resume.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring agencies, contracts, rate cards and routes to what a YAML file says.",
            discussion: """
                The same file again changes nothing. Agencies the file does not name stay as they are; `routes:`, where it stands, replaces all routes.
                A further rate card of an agency takes effect when a second operator applies the same file.
                """)
        @Argument(help: ArgumentHelp("The agencies file.", valueName: "file")) var file: String
        @Flag(help: "Say what would change, and write nothing.") var dryRun = false
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Change: Encodable {
            let agency: String
            let changes: [String]
        }

        private struct Result: Encodable {
            let agencies: Int
            let changed: Int
            let changes: [Change]
            let dryRun: Bool

            enum CodingKeys: String, CodingKey {
                case agencies, changed, changes
                case dryRun = "dry_run"
            }
        }

        func run() async throws {
            let read = try Self.read(file)
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let report = try await AgencyService(database: database, logger: options.logger).apply(read, by: person, dryRun: dryRun)
                for change in report.changes {
                    for line in change.lines { Terminal.say("\(change.agency): \(line)") }
                }
                let verb = dryRun ? "would change" : "changed"
                Terminal.say(
                    report.changes.isEmpty
                        ? "\(report.agencies) agencies, nothing to change" : "\(report.agencies) agencies, \(report.changes.count) \(verb)")
                if output.json {
                    try Terminal.json(
                        Result(
                            agencies: report.agencies, changed: report.changes.count,
                            changes: report.changes.map { Change(agency: $0.agency, changes: $0.lines) }, dryRun: dryRun))
                }
            }
        }

        /// Reads an agencies file; its faults are wrong usage.
        static func read(_ path: String) throws -> AgencyFile {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            guard let yaml = String(data: data, encoding: .utf8) else { throw UsageError("\(path): not UTF-8") }
            do {
                return try AgencyFile(yaml: yaml, file: path)
            } catch let error as PolicyError {
                throw UsageError(error.description)
            }
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token for an agency and print it, once; or end its tokens.",
            discussion: "Only the token's hash is stored. Several tokens may be in force, so that one can be changed without a gap.")
        @Argument(help: "The agency's name.") var name: String
        @Option(help: "What the token is for; --revoke with it ends only such ones.") var label: String?
        @Flag(help: "End the agency's tokens instead.") var revoke = false
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let agency: String
            let token: String?
            let revoked: Int?
        }

        func validate() throws {
            if let label, !(1...100).contains(label.count) { throw ValidationError("--label must have 1 to 100 characters") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let service = AgencyService(database: database, logger: options.logger)
                if revoke {
                    let ended = try await service.revokeTokens(name, label: label, by: person)
                    Terminal.say("\(ended) tokens of \(name) ended")
                    if output.json { try Terminal.json(Result(agency: name, token: nil, revoked: ended)) }
                } else {
                    let token = try await service.token(name, label: label ?? "default", by: person)
                    Terminal.say("the token of \(name), shown only now:")
                    Terminal.say(token.text)
                    if output.json { try Terminal.json(Result(agency: name, token: token.text, revoked: nil)) }
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the agencies with contract and inventory.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            let name: String
            let kind: String
            let state: String
            let stages: [String]
            let contractEnds: String?
            let held: Int
            let capacity: Int?
            let tokens: Int
            let noticesWaitSince: String?

            enum CodingKeys: String, CodingKey {
                case name, kind, state, stages, held, capacity, tokens
                case contractEnds = "contract_ends"
                case noticesWaitSince = "notices_wait_since"
            }

            init(_ listing: AgencyService.Listing) {
                name = listing.agency.name
                kind = listing.agency.kind.rawValue
                state = listing.agency.state.rawValue
                stages = listing.contract?.stages.sorted().map(\.name) ?? []
                contractEnds = listing.contract?.endsOn.description
                held = listing.inventory.accounts
                capacity = listing.contract?.capacityCount
                tokens = listing.tokens
                noticesWaitSince = listing.noticesWaitSince?.description
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let lines = try await AgencyService(database: database, logger: options.logger).list().map(Line.init)
                Terminal.table(
                    ["NAME", "KIND", "STATE", "HELD", "CAPACITY", "TOKENS", "CONTRACT ENDS", "NOTICES WAIT SINCE", "STAGES"],
                    lines.map {
                        [
                            $0.name, $0.kind, $0.state, String($0.held), $0.capacity.map(String.init) ?? "-", String($0.tokens),
                            $0.contractEnds ?? "-", $0.noticesWaitSince ?? "-", $0.stages.joined(separator: ","),
                        ]
                    })
                if output.json { try Terminal.json(["agencies": lines]) }
            }
        }
    }

    private struct StateResult: Encodable {
        let agency: String
        let state: String
        let leasesRevoked: Int
        let casesRecalled: Int

        enum CodingKeys: String, CodingKey {
            case agency, state
            case leasesRevoked = "leases_revoked"
            case casesRecalled = "cases_recalled"
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop an agency at once: its leases are revoked, its cases recalled (COMPLIANCE).",
            discussion: "Safe to repeat: a suspension that was interrupted is completed.")
        @Argument(help: "The agency's name.") var name: String
        @Option(help: "Why; it goes into the record.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let report = try await AgencyService(database: database, logger: options.logger).suspend(name, reason: reason, by: person)
                Terminal.say("\(name) is suspended: \(report.leases) leases revoked, \(report.cases) cases recalled")
                if output.json {
                    try Terminal.json(
                        StateResult(
                            agency: name, state: AgencyState.suspended.rawValue, leasesRevoked: report.leases, casesRecalled: report.cases))
                }
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a suspended agency work again.",
            discussion: "What was recalled stays recalled; new accounts come by the next placement.")
        @Argument(help: "The agency's name.") var name: String
        @Option(help: "Why; it goes into the record.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                try await AgencyService(database: database, logger: options.logger).resume(name, reason: reason, by: person)
                Terminal.say("\(name) may work again")
                if output.json {
                    try Terminal.json(StateResult(agency: name, state: AgencyState.active.rawValue, leasesRevoked: 0, casesRecalled: 0))
                }
            }
        }
    }
}
