package import CollectionsDomain
import CollectionsStore
import Foundation

/// A policy with the files it extends: what is stored as one text, and what that text means.
package struct PolicyBundle: Sendable {
    /// The files, outermost parent first, the policy itself last.
    package struct File: Hashable, Sendable {
        /// The file's name without directory.
        package let name: String
        /// Its text.
        package let text: String
    }

    /// The files, parents first.
    package let files: [File]
    /// The conduct rules.
    package let conduct: ConductPolicy
    /// The stages.
    package let stages: StagePolicy

    /// The line that begins each file in the stored text. A comment, so that a single stored file is itself valid YAML.
    private static let mark = "# recourse:file "

    /// The deepest chain of files that extend each other.
    private static let deepest = 8

    /// Reads a policy file; what it extends is looked for beside it, as `<policy_id>.yaml`.
    ///
    /// - Throws: `PolicyError` with file, line and path; a `CocoaError` of a file that cannot be read.
    package init(path: String) throws {
        let url = URL(fileURLWithPath: path)
        let directory = url.deletingLastPathComponent()
        try self.init(main: url.lastPathComponent) { name in
            let file = directory.appendingPathComponent(name)
            guard name == url.lastPathComponent || FileManager.default.fileExists(atPath: file.path) else { return nil }
            return try String(contentsOf: file, encoding: .utf8)
        }
    }

    /// Reads the text that is stored in `policy_version`.
    package init(stored text: String) throws {
        var files: [(name: String, lines: [Substring])] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(Self.mark) {
                files.append((String(line.dropFirst(Self.mark.count)), []))
            } else if files.isEmpty {
                files.append(("policy.yaml", [line]))
            } else {
                files[files.count - 1].lines.append(line)
            }
        }
        let texts = Dictionary(files.map { ($0.name, $0.lines.joined(separator: "\n")) }, uniquingKeysWith: { _, last in last })
        guard let main = files.last?.name else { throw PolicyError(file: "policy", line: 1, path: "", reason: "file is empty") }
        try self.init(main: main) { texts[$0] }
    }

    private init(main: String, text: (String) throws -> String?) throws {
        var files: [File] = []
        var open: [String] = []
        func read(_ name: String) throws -> ConductPolicy? {
            guard let content = try text(name) else { return nil }
            guard !open.contains(name), open.count < Self.deepest else {
                throw PolicyError(
                    file: name, line: 1, path: "extends",
                    reason: "policies extend each other in a circle, or more than \(Self.deepest) deep")
            }
            open.append(name)
            let policy = try ConductPolicy.read(PolicyFile.node(yaml: content, file: name)) { parent in try read(parent + ".yaml") }
            open.removeLast()
            if !files.contains(where: { $0.name == name }) { files.append(File(name: name, text: content)) }
            return policy
        }
        guard let policy = try read(main) else { throw PolicyError(file: main, line: 1, path: "", reason: "file is not there") }
        conduct = policy
        stages = try Self.stages(of: policy)
        self.files = files
    }

    /// The stages of the policy, else of the nearest parent that has them, else the bank's defaults.
    private static func stages(of policy: ConductPolicy) throws -> StagePolicy {
        var next: ConductPolicy? = policy
        while let current = next {
            if let node = current.stages { return try StagePolicy(reading: PolicyReader(node, path: "stages")) }
            next = current.parent
        }
        return .bankDefault
    }

    /// The text to store.
    package var stored: String {
        files.map { Self.mark + $0.name + "\n" + $0.text }.joined(separator: "\n")
    }

    /// What tells this text from every other: SHA-256 of ``stored``.
    package var sha256: [UInt8] { Digest.sha256(stored) }
}
