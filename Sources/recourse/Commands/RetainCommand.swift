import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse retain …`: more time for what is under way (留案).
struct RetainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain", abstract: "Ask for, decide and list extensions of a placement's term.",
        discussion: """
            Asked by the holder (POST /v1/activities, type retain_request) or by an operator for it, at least \(Retain.noticeDays) days before the term \
            ends, for a promise, plan or visit of the case, once. Granted by the bank, the term ends \(Retain.days) days later.
            """, subcommands: [Ask.self, Decide.self, List.self])

    private static let purposes = RetainPurpose.allCases.map(\.rawValue).joined(separator: ", ")

    struct Ask: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask for the holder of an account, or of all accounts of a debtor.")
        @Argument(help: "The account's or the debtor's reference.") var reference: String
        @Option(name: .customLong("for"), help: "What is waited for: promise, plan or visit.") var purpose: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let account: String
            let retain: Int64
            let newEnd: String
        }

        private func wanted() throws -> RetainPurpose {
            guard let purpose = RetainPurpose(rawValue: purpose) else {
                throw ValidationError("--for must be one of \(RetainCommand.purposes), got \(purpose)")
            }
            return purpose
        }

        func validate() throws { _ = try wanted() }

        func run() async throws {
            let purpose = try wanted()
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let target = try await HoldService.standing(on: database).target(reference)
                let rows = try await RetainService.standing(on: database).ask(target, for: purpose, by: person).map {
                    Row(account: $0.account, retain: $0.retain, newEnd: $0.newEnd.description)
                }
                for row in rows {
                    Terminal.say("account \(row.account): asked as \(row.retain); granted, the term ends \(row.newEnd)")
                }
                if output.json { try Terminal.json(["retains": rows]) }
            }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Grant or refuse a retain; another person than the one who asked.")
        @Argument(help: "The retain's number.") var id: Int64
        @Argument(help: "grant or refuse.") var decision: String
        @Option(help: "Why, for the record; no personal data.") var reason: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let retain: Int64
            let state: String
            let termEnd: String
        }

        func validate() throws {
            guard decision == "grant" || decision == "refuse" else {
                throw ValidationError("DECISION must be grant or refuse, got \(decision)")
            }
        }

        func run() async throws {
            let granted = decision == "grant"
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let record = try await RetainService.standing(on: database).decide(id, granted: granted, reason: reason, by: person)
                let end = (granted ? record.row.newEnd : record.row.oldEnd).description
                Terminal.say("account \(record.accountRef): \(granted ? "granted" : "refused"), the term ends \(end)")
                if output.json { try Terminal.json(Result(retain: id, state: granted ? "granted" : "refused", termEnd: end)) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List retains to be decided, the term that ends first first.")
        @Flag(help: "Those decided as well.") var all = false
        @Option(help: "At most so many.") var limit: Int32 = 200
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let retain: Int64
            let account: String
            let agency: String
            let purpose: String
            let state: String
            let asked: String
            let askedBy: String
            let termEnd: String
            let newEnd: String
            let decided: String?
            let decidedBy: String?
            let reason: String?
        }

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1...10000, got \(limit)") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let rows = try await RetainService.standing(on: database).list(all: all, limit: limit).map {
                    Row(
                        retain: $0.row.retainId, account: $0.accountRef, agency: $0.agency, purpose: $0.row.purpose.rawValue,
                        state: $0.state,
                        asked: $0.askedAt.description, askedBy: $0.row.askedBy, termEnd: $0.row.oldEnd.description,
                        newEnd: $0.row.newEnd.description, decided: $0.decidedAt?.description, decidedBy: $0.decidedBy, reason: $0.reason)
                }
                Terminal.table(
                    ["RETAIN", "ACCOUNT", "AGENCY", "FOR", "STATE", "ASKED", "TERM ENDS", "NEW END"],
                    rows.map { ["\($0.retain)", $0.account, $0.agency, $0.purpose, $0.state, $0.asked, $0.termEnd, $0.newEnd] })
                if output.json { try Terminal.json(["retains": rows]) }
            }
        }
    }
}

extension RetainService {
    /// The service for one command.
    static func standing(on database: Database) -> RetainService {
        RetainService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
