import ArgumentParser
import CollectionsStore
import Coordinator

/// `recourse operator …`: the persons of the bank who act through this system.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Add, list or disable operators.", subcommands: [Add.self, List.self, Disable.self])

    struct Line: Encodable {
        let name: String
        let role: String
        let active: Bool
        let token: String?

        init(_ found: Operator, token: String? = nil) {
            name = found.name
            role = found.role.rawValue
            active = found.active
            self.token = token
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an operator and print the token, once.",
            discussion: "The first operator of a database is an admin and needs nobody's token; later ones are added by an admin.")
        @Argument(help: "A unique name.") var name: String
        @Option(help: "viewer, operator, supervisor, compliance or admin.") var role: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100).contains(name.count) else { throw ValidationError("NAME must have 1 to 100 characters") }
            if let role, OperatorRole(rawValue: role) == nil {
                let known = OperatorRole.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--role must be one of \(known), got \(role)")
            }
        }

        func run() async throws {
            let identity = identity
            try await options.withDatabase { database in
                let (added, token) = try await OperatorService(database: database).add(
                    name: name, role: role.flatMap(OperatorRole.init), authenticate: { try await identity.authenticate(in: database) })
                Terminal.say("\(added.name) is \(added.role.rawValue); the token, shown only now:")
                Terminal.say(token.text)
                if output.json { try Terminal.json(Line(added, token: token.text)) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the operators.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let all = try await OperatorService(database: database).list()
                Terminal.table(
                    ["NAME", "ROLE", "STATE"], all.map { [$0.name, $0.role.rawValue, $0.active ? "active" : "disabled"] })
                if output.json { try Terminal.json(["operators": all.map { Line($0) }]) }
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Disable an operator; the token stops working at once.")
        @Argument(help: "The operator's name.") var name: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let admin = try await identity.authenticate(in: database)
                let disabled = try await OperatorService(database: database).disable(name: name, by: admin)
                Terminal.say("\(disabled.name) is disabled")
                if output.json { try Terminal.json(Line(disabled)) }
            }
        }
    }
}
