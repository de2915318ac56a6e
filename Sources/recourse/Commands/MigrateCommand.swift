import ArgumentParser
import CollectionsStore
import Foundation
import PostgresDriver

/// `recourse migrate`: the schema, and what is fixed with it.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database to this program's schema.",
        discussion: """
            The first run fixes the lane count and whether the database is a rehearsal, whose clock can be set. Later runs apply what is new.
            Without RECOURSE_DATA_KEY the key for personal data is made and kept in data.key of the directory: without it nothing opens again.
            """)
    @Option(help: "Lanes of a new database: a power of two, 16 for one node, 256 for a cluster.") var lanes: Int32?
    @Flag(help: "Make a rehearsal: its clock can be set and advanced.") var rehearsal = false
    @Flag(help: "Only say which migrations are applied.") var status = false
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        let applied: [String]
        let lanes: Int32
        let rehearsal: Bool
    }

    struct Line: Encodable {
        let number: Int
        let name: String
        let applied: Bool
    }

    func validate() throws {
        if let lanes, Lanes(count: lanes) == nil {
            throw ValidationError("--lanes must be a power of two from 1 to \(Lanes.allowed.upperBound), got \(lanes)")
        }
    }

    func run() async throws {
        try await options.withAddress { address in
            if status {
                let lines = try await options.whileAway("the database") {
                    try await MigrateDatabase.status(as: address.owner, logger: options.logger)
                }.map { Line(number: $0.number, name: $0.name, applied: $0.isApplied) }
                Terminal.table(["NUMBER", "NAME", "STATE"], lines.map { ["\($0.number)", $0.name, $0.applied ? "applied" : "pending"] })
                if output.json { try Terminal.json(["migrations": lines]) }
                if lines.contains(where: { !$0.applied }) { throw ExitStatus.faults }
                return
            }
            // The key is written before anything is sealed with it, and taken back if the database turns out to have another.
            let key = try address.dataKey ?? DataKeyFile.make(at: address.keyFile)
            let report: MigrateDatabase.Report
            do {
                report = try await options.whileAway("the database") {
                    try await MigrateDatabase.run(
                        MigrateDatabase.Options(lanes: lanes, rehearsal: rehearsal, dataKey: key), as: address.owner, logger: options.logger
                    )
                }
            } catch {
                if address.dataKey == nil, error as? DatabaseError == .otherDataKey {
                    try FileManager.default.removeItem(atPath: address.keyFile)
                }
                throw error
            }
            for name in report.applied { Terminal.say("applied \(name)") }
            Terminal.say(
                "\(report.applied.isEmpty ? "nothing to apply; " : "")\(report.lanes) lanes\(report.rehearsal ? ", rehearsal" : "")")
            if output.json { try Terminal.json(Report(applied: report.applied, lanes: report.lanes, rehearsal: report.rehearsal)) }
        }
    }
}

/// The file a data key is kept in where the environment brings none.
enum DataKeyFile {
    /// Makes a key and writes it, readable by its owner alone.
    static func make(at path: String) throws -> [UInt8] {
        let key = (0..<PersonalCipher.keyBytes).map { _ in UInt8.random(in: .min ... .max) }
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let text = Data(key).base64EncodedString() + "\n"
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
            throw UsageError("\(path): the data key cannot be written (hint: set RECOURSE_DATA_KEY)")
        }
        Terminal.note("recourse: made the data key \(path); keep a copy, without it no personal data opens again")
        return key
    }
}
