import ArgumentParser
import Foundation

/// Where policies are on disk.
enum PolicyLocation {
    /// The policy that demonstrations and rehearsals use.
    static let standardName = "cn-credit-card.yaml"

    /// The directory of the shipped policies: below the working directory, or beside the program (an installed tree), or in the source
    /// tree the program was built in.
    static func directory() throws -> String {
        let executable = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        let program = executable.resolvingSymlinksInPath().deletingLastPathComponent()
        var candidates = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        // …/.build/x86_64-unknown-linux-gnu/release/recourse lies four levels below the tree's root.
        var parent = program
        for _ in 0..<5 {
            candidates.append(parent)
            parent = parent.deletingLastPathComponent()
        }
        for candidate in candidates {
            let directory = candidate.appendingPathComponent("Deploy/policies").path
            if FileManager.default.fileExists(atPath: directory + "/" + standardName) { return directory }
        }
        throw UsageError(
            "--policy is missing, and Deploy/policies/\(standardName) is neither in the working directory nor beside the program")
    }
}

/// Which policy file a command loads.
struct PolicyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The policy file; else Deploy/policies/cn-credit-card.yaml.", valueName: "file")) var policy: String?

    /// The file's path.
    func path() throws -> String {
        if let policy { return policy }
        return try PolicyLocation.directory() + "/" + PolicyLocation.standardName
    }
}
