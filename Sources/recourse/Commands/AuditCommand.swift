import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver

/// `recourse audit …`: the record.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify or export the audit record.", subcommands: [Verify.self, Export.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute every hash of the record anew.",
            discussion: """
                Checks numbers without gaps, hashes, checkpoints and, with --anchors, that the checkpoints are those kept outside the database.
                A tail cut off within the last minute, before a checkpoint held it, shows only by the missing entry of an outcome.
                Exits 1 when anything does not fit.
                """)
        @Option(help: ArgumentHelp("Checkpoints kept outside: lines of NUMBER HASH.", valueName: "file")) var anchors: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Summary: Encodable {
            let entries: Int64
            let streams: Int
            let checkpoints: Int
            let faults: [String]
        }

        func run() async throws {
            let known = try anchors.map(Self.read) ?? [:]
            try await options.withDatabase { database in
                let report = try await AuditVerifier(database: database).verify(anchors: known) { Terminal.progress("\($0) entries") }
                for fault in report.faults { Terminal.say("fault: \(fault)") }
                Terminal.say(
                    "\(report.entries) entries in \(report.streams) streams, \(report.checkpoints) checkpoints, \(report.faults.count) faults"
                )
                if output.json {
                    try Terminal.json(
                        Summary(entries: report.entries, streams: report.streams, checkpoints: report.checkpoints, faults: report.faults))
                }
                guard report.faults.isEmpty else { throw ExitStatus.faults }
            }
        }

        /// Reads an anchors file: a number and a hash in hexadecimal on each line.
        private static func read(_ path: String) throws -> [Int64: [UInt8]] {
            var anchors: [Int64: [UInt8]] = [:]
            for (index, line) in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").enumerated() {
                let fields = line.split(separator: " ")
                guard fields.count == 2, let seq = Int64(fields[0]), let hash = Reading.hexadecimal(fields[1]), hash.count == 32 else {
                    throw UsageError("--anchors \(path): line \(index + 1) is not NUMBER HASH")
                }
                anchors[seq] = hash
            }
            return anchors
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write every entry as a JSON line.", discussion: "The body is in base64, byte for byte as it was hashed.")
        @OptionGroup var options: DatabaseOptions

        struct Line: Encodable {
            let part: Int32
            let writer: Int64
            let seq: Int64
            let at: String
            let kind: Int16
            let subject: Int64
            let body: Data
            let hash: Data
        }

        func run() async throws {
            try await options.withDatabase { database in
                var key: (part: Int32, writer: Int64, seq: Int64) = (-1, 0, 0)
                while true {
                    let position = key
                    let page = try await database.core.withConnection {
                        try await AuditQueries.entries(after: position, limit: 2_000, in: $0)
                    }
                    guard let last = page.last else { return }
                    for entry in page {
                        try Terminal.json(
                            Line(
                                part: entry.part, writer: entry.writer, seq: entry.seq, at: entry.at.iso8601(), kind: entry.kind,
                                subject: entry.subject,
                                body: Data(entry.body), hash: Data(entry.hash)))
                    }
                    key = (last.part, last.writer, last.seq)
                }
            }
        }
    }
}
