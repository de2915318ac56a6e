import ArgumentParser
import CollectionsDomain
import Coordinator
import Foundation

/// `recourse policy test`: judges decision cases; needs no database.
struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Judge files of decision cases and say which are decided otherwise than expected.",
        discussion: "Reads every policy of a directory. Exits 1 if a case fails.")
    @Argument(help: ArgumentHelp("The files of cases.", valueName: "cases")) var files: [String]
    @Option(help: ArgumentHelp("The directory of policies; else Deploy/policies.", valueName: "path")) var policies: String?
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        struct Failed: Encodable {
            let id: String
            let policy: String
            let title: String
            let expected: [String]?
            let actual: [String]?
            let fault: String?
        }

        var passed = 0
        var failed = 0
        var failures: [Failed] = []
    }

    func run() throws {
        let set = try readPolicies()
        var report = Report()
        for file in files {
            let text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
            for result in try DecisionCases.run(
                PolicyFile.node(yaml: text, file: URL(fileURLWithPath: file).lastPathComponent), policies: set)
            {
                if result.passed {
                    report.passed += 1
                    continue
                }
                report.failed += 1
                let failure = Report.Failed(
                    id: result.id, policy: result.policy, title: result.title, expected: result.expected.map(Self.words),
                    actual: result.actual.map(Self.words), fault: result.fault.map { String(describing: $0) })
                report.failures.append(failure)
                Terminal.say("\(result.id) \(result.policy): \(result.title)")
                if let fault = failure.fault { Terminal.say("  fault     \(fault)") }
                Terminal.say("  expected  \(failure.expected?.joined(separator: ", ") ?? "-")")
                Terminal.say("  decided   \(failure.actual?.joined(separator: ", ") ?? "-")")
            }
        }
        Terminal.say("\(report.passed) cases passed, \(report.failed) failed")
        if output.json { try Terminal.json(report) }
        if report.failed > 0 { throw ExitStatus.faults }
    }

    private static func words(_ answer: DecisionCase.Answer) -> [String] {
        [answer.isAllowed ? "allow" : "block"] + answer.rules
    }

    private func readPolicies() throws -> PolicySet {
        let directory = try policies ?? PolicyLocation.directory()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .sorted()
        guard !names.isEmpty else { throw UsageError("--policies: \(directory) holds no policy files") }
        return try PolicySet(
            reading: names.map { name in
                try PolicyFile.node(yaml: String(contentsOf: URL(fileURLWithPath: directory + "/" + name), encoding: .utf8), file: name)
            })
    }
}
