import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation

/// `recourse letter …`: print files for the lettershop, and what became of letters.
struct LetterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "letter", abstract: "Print letters for the lettershop; see what became of them.",
        subcommands: [Print.self, List.self, Show.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lease the ordered letters that are due, make them, write the print file, report each as issued.",
            discussion: """
                Writes letters.csv, pages/LETTER.pdf, letters.csv.manifest.json and, last, .ok. The gate is asked for every letter. A run that was \
                stopped goes on when it is started again with the same directory: nothing is printed twice, nothing is lost.
                Exits 1 if letters were refused.
                """)
        @Option(help: ArgumentHelp("The directory it writes.", valueName: "dir")) var out: String
        @Flag(name: .customLong("dry-run"), help: "Say how many letters are due, print none.") var isDryRun = false
        @Option(help: "The most letters.") var limit = 1_000
        @Option(help: ArgumentHelp("Whether pages are made; false: the print file alone.", valueName: "true|false")) var pdf = true
        @Option(help: ArgumentHelp("The lettershop, if there are several.", valueName: "name")) var agency: String?
        @Option(help: ArgumentHelp("Texts and the bank's own lines; else Deploy/letters.", valueName: "dir")) var templates: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1...100000, got \(limit)") }
        }

        func run() async throws {
            let directory =
                try templates
                ?? URL(fileURLWithPath: PolicyLocation.directory()).deletingLastPathComponent()
                .appendingPathComponent("letters").path
            let files = try LetterFiles(directory: directory)
            var print = PrintService.Options(out: out)
            print.limit = limit
            print.makesPages = pdf
            print.isDryRun = isDryRun
            print.agency = agency
            let report = try await options.withDatabase { database in
                _ = try await identity.authenticate(in: database) { $0.mayChange }
                let service = PrintService(
                    database: database, policies: PolicyService(database: database), files: files,
                    renderer: LetterRenderer(script: URL(fileURLWithPath: directory).path + "/render.py"), logger: options.logger)
                return try await service.run(print)
            }
            if isDryRun {
                Terminal.say("\(report.due) letters are due")
            } else {
                Terminal.say("\(report.printed) letters in \(report.file ?? "no file"), \(report.overtaken) overtaken")
                for (reason, count) in report.refused.sorted(by: { $0.key < $1.key }) { Terminal.note("\(count) not issued: \(reason)") }
            }
            if output.json { try Terminal.json(report) }
            if !report.refused.isEmpty { throw ExitStatus.faults }
        }
    }

    /// A letter as it is told.
    fileprivate struct Line: Encodable {
        let letter: String
        let caseRef: String
        let state: String
        let template: String
        let templateSha256: String?
        let accounts: [String]
        let address: String?
        let mailClass: String
        let sealId: String?
        let mailNo: String?
        let orderedAt: String
        let postedAt: String?
        let endedAt: String?
        let returnReason: String?
        let signedByKind: String?

        init(_ record: LetterRecord) {
            letter = String(record.letterId)
            caseRef = String(record.caseId)
            state = record.state.rawValue
            template = record.template
            templateSha256 = record.templateHash.map(Digest.hex)
            accounts = record.accounts
            address = record.address
            mailClass = record.mailClass
            sealId = record.sealId
            mailNo = record.mailNo
            orderedAt = record.orderedAt.description
            postedAt = record.postedAt?.description
            endedAt = record.closedAt?.description
            returnReason = record.returnReason
            signedByKind = record.signedByKind
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest letters, of one state or of all.")
        @Option(help: "ordered, issued, posted, delivered, returned, no_trace, refused or stopped.") var state: String?
        @Option(help: "The most letters.") var limit = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let state, CaseFacts.Letter.State(rawValue: state) == nil { throw ValidationError("--state: no letter is \(state)") }
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1...10000, got \(limit)") }
        }

        func run() async throws {
            let wanted = state.flatMap { CaseFacts.Letter.State(rawValue: $0) }
            let lines = try await options.withDatabase { try await LetterRegister(database: $0).newest(state: wanted, limit: limit) }.map(
                Line.init)
            if output.json { return try Terminal.json(lines) }
            Terminal.table(
                ["LETTER", "STATE", "CASE", "TEMPLATE", "MAIL NO", "ORDERED", "POSTED"],
                lines.map { [$0.letter, $0.state, $0.caseRef, $0.template, $0.mailNo ?? "", $0.orderedAt, $0.postedAt ?? ""] })
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One letter.")
        @Argument(help: ArgumentHelp("The letter's number.", valueName: "ref")) var ref: String
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let id = Int64(ref) else { throw UsageError("a letter has a number, not '\(ref)'") }
            let found = try await options.withDatabase { try await LetterRegister(database: $0).letter(id) }
            guard let line = found.map(Line.init) else { throw UsageError("there is no letter \(ref)") }
            if output.json { return try Terminal.json(line) }
            Terminal.table(
                ["FIELD", "VALUE"],
                [
                    ["letter", line.letter], ["case", line.caseRef], ["state", line.state], ["template", line.template],
                    ["template hash", line.templateSha256 ?? ""], ["accounts", line.accounts.joined(separator: " ")],
                    ["address", line.address ?? ""], ["mail", "\(line.mailClass) \(line.mailNo ?? "")"], ["seal", line.sealId ?? ""],
                    ["ordered", line.orderedAt], ["posted", line.postedAt ?? ""], ["ended", line.endedAt ?? ""],
                    ["returned because", line.returnReason ?? ""], ["signed by", line.signedByKind ?? ""],
                ])
        }
    }
}
