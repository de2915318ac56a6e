import ArgumentParser
import CollectionsDomain
import Foundation

/// `recourse policy lint-template`: says what a text for debtors must not say.
struct PolicyLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint-template",
        abstract: "Check texts for debtors: no call frequency, employer, blacklist, criminal law, late fee, or voice of a state organ.",
        discussion: "Letters, messages and scripts, in Chinese and English, as UTF-8. Needs no database. Exits 1 if something is found.")
    @Argument(help: ArgumentHelp("The texts.", valueName: "file")) var files: [String]
    @OptionGroup var output: OutputOptions

    struct Finding: Encodable {
        let file: String
        let line: Int
        let rule: String
        let quote: String
        let reason: String
        let sources: [String]
    }

    func validate() throws {
        if files.isEmpty { throw ValidationError("name at least one file") }
    }

    func run() throws {
        var all: [Finding] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else { throw UsageError("\(file): there is no such file") }
            guard let text = String(validating: data, as: UTF8.self) else { throw UsageError("\(file): it is not UTF-8") }
            for found in TemplateLint.findings(in: text) {
                all.append(
                    Finding(
                        file: file, line: found.line, rule: found.rule.rawValue, quote: found.quote, reason: found.rule.reason,
                        sources: found.rule.sources))
            }
        }
        for found in all {
            let sources = found.sources.joined(separator: ", ")
            Terminal.say("\(found.file):\(found.line): \(found.rule): '\(found.quote)': \(found.reason) (\(sources))")
        }
        if all.isEmpty { Terminal.say("\(files.count) text\(files.count == 1 ? "" : "s"): nothing found") }
        if output.json { try Terminal.json(["findings": all]) }
        if !all.isEmpty { throw ExitStatus.faults }
    }
}
