import ArgumentParser
import CollectionsDomain
import Coordinator
import Foundation

/// `recourse policy diff OLD NEW`: what a change of policy means, parameter by parameter.
struct PolicyDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say parameter by parameter what differs between two policies, and whether it is stricter or looser.",
        discussion: """
            OLD and NEW are files, or numbers of published policies (recourse policy list); a number needs the database. What a file extends is \
            compared by its name: an overlay can never loosen its parent. Exits 0 whatever the difference is.
            """)
    @Argument(help: ArgumentHelp("A file, or the number of a published policy.", valueName: "old")) var old: String
    @Argument(help: ArgumentHelp("A file, or the number of a published policy.", valueName: "new")) var new: String
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Change: Encodable {
        let parameter: String
        let direction: String
        let old: String?
        let new: String?
        let oldSources: [String]
        let newSources: [String]

        enum CodingKeys: String, CodingKey {
            case parameter, direction, old, new
            case oldSources = "old_sources"
            case newSources = "new_sources"
        }

        init(_ change: PolicyChange) {
            parameter = change.parameter
            direction = change.direction.rawValue
            old = change.old
            new = change.new
            oldSources = change.oldSources
            newSources = change.newSources
        }
    }

    struct Report: Encodable {
        let old: PolicyCommand.Line
        let new: PolicyCommand.Line
        let stricter: Int
        let looser: Int
        let different: Int
        let changes: [Change]

        init(_ old: PolicyBundle, _ new: PolicyBundle, changes all: [PolicyChange]) {
            self.old = PolicyCommand.Line(old)
            self.new = PolicyCommand.Line(new)
            stricter = all.count { $0.direction == .stricter }
            looser = all.count { $0.direction == .looser }
            different = all.count { $0.direction == .different }
            changes = all.map(Change.init)
        }
    }

    func run() async throws {
        if let one = Int32(old) ?? Int32(new), one > 0 {
            try await options.withDatabase { database in
                let service = PolicyService(database: database)
                try report(try await bundle(old, service), try await bundle(new, service))
            }
        } else {
            try report(try Self.read(old), try Self.read(new))
        }
    }

    private func bundle(_ name: String, _ service: PolicyService) async throws -> PolicyBundle {
        guard let number = Int32(name) else { return try Self.read(name) }
        return try await service.bundle(version: number)
    }

    /// A policy file, which may be missing.
    static func read(_ path: String) throws -> PolicyBundle {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw UsageError("\(path): there is no such file, or it cannot be read")
        }
        return try PolicyBundle(path: path)
    }

    private func report(_ old: PolicyBundle, _ new: PolicyBundle) throws {
        let changes = try new.changes(since: old)
        Self.say(changes)
        if output.json { try Terminal.json(Report(old, new, changes: changes)) }
    }

    /// The changes for people.
    static func say(_ changes: [PolicyChange]) {
        if changes.isEmpty { return Terminal.say("no parameter differs") }
        for change in changes {
            let basis = Set(change.oldSources + change.newSources).sorted().joined(separator: ", ")
            Terminal.say("\(change.direction.rawValue.padded(to: 9))  \(change.parameter)\(basis.isEmpty ? "" : "  (\(basis))")")
            Terminal.say("             was  \(change.old ?? "no such rule")")
            Terminal.say("             is   \(change.new ?? "no such rule")")
        }
        let counts = PolicyChange.Direction.allCases.map { direction in
            "\(changes.count { $0.direction == direction }) \(direction.rawValue)"
        }
        Terminal.say(counts.joined(separator: ", "))
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
