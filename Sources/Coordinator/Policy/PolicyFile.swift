package import CollectionsDomain
import Yams

/// Turns YAML text into the domain's neutral tree, keeping the line of every key and value.
///
/// Text stays as written: no number, date or truth value is guessed here, so `"08:00"` and `08:00` can be told apart by the strict reader.
package enum PolicyFile {
    /// The largest file that is read, in bytes. The largest real policy has some 20 kB; YAML aliases can blow up, so the tree is bounded too.
    package static let maximumBytes = 4 << 20

    /// The most nodes a file may unfold to.
    package static let maximumNodes = 200_000

    /// The deepest nesting a file may have.
    package static let maximumDepth = 64

    /// Reads one YAML document.
    ///
    /// - Parameters:
    ///   - yaml: The file's bytes as UTF-8 text.
    ///   - file: Its name for messages.
    /// - Throws: ``PolicyError`` with the line of what is no YAML, has duplicate keys, or is too large.
    package static func node(yaml: String, file: String) throws(PolicyError) -> PolicyNode {
        guard yaml.utf8.count <= maximumBytes else {
            throw PolicyError(file: file, line: 1, path: "", reason: "file is larger than \(maximumBytes) bytes")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw fault(error, file: file)
        } catch {
            throw PolicyError(file: file, line: 1, path: "", reason: "cannot read YAML")
        }
        guard let root else { throw PolicyError(file: file, line: 1, path: "", reason: "file is empty") }
        var count = 0
        return try convert(root, file: file, line: 1, path: "", depth: 0, count: &count)
    }

    private static func convert(
        _ node: Node, file: String, line parentLine: Int, path: String, depth: Int, count: inout Int
    ) throws(PolicyError) -> PolicyNode {
        let line = node.mark?.line ?? parentLine
        count += 1
        guard depth <= maximumDepth, count <= maximumNodes else {
            throw PolicyError(file: file, line: line, path: path, reason: "nested too deep or too large")
        }
        switch node {
        case .scalar(let scalar):
            let quoted =
                switch scalar.style {
                case .singleQuoted, .doubleQuoted: true
                case .any, .plain, .literal, .folded: false
                }
            if !quoted, ["", "null", "~", "Null", "NULL"].contains(scalar.string) {
                return PolicyNode(.null, file: file, line: line)
            }
            return PolicyNode(.scalar(scalar.string, quoted: quoted), file: file, line: line)
        case .sequence(let sequence):
            var items: [PolicyNode] = []
            for (index, item) in sequence.enumerated() {
                items.append(
                    try convert(item, file: file, line: line, path: "\(path)[\(index)]", depth: depth + 1, count: &count))
            }
            return PolicyNode(.sequence(items), file: file, line: line)
        case .mapping(let mapping):
            var entries: [PolicyNode.Entry] = []
            var seen: Set<String> = []
            for (key, value) in mapping {
                let keyLine = key.mark?.line ?? line
                guard case .scalar(let scalar) = key else {
                    throw PolicyError(file: file, line: keyLine, path: path, reason: "a key must be text")
                }
                let keyPath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
                guard seen.insert(scalar.string).inserted else {
                    throw PolicyError(file: file, line: keyLine, path: keyPath, reason: "key stands twice")
                }
                let child = try convert(value, file: file, line: keyLine, path: keyPath, depth: depth + 1, count: &count)
                entries.append(PolicyNode.Entry(key: scalar.string, line: keyLine, value: child))
            }
            return PolicyNode(.mapping(entries), file: file, line: line)
        case .alias:
            throw PolicyError(file: file, line: line, path: path, reason: "an alias names no anchor")
        }
    }

    /// The line of Yams' fault, and its words without the excerpt of the file that Yams appends.
    private static func fault(_ error: YamlError, file: String) -> PolicyError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            PolicyError(file: file, line: mark.line, path: "", reason: "cannot read YAML: \(problem)")
        case .reader(let problem, _, _, _):
            PolicyError(file: file, line: 1, path: "", reason: "cannot read YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            PolicyError(
                file: file, line: context.mark.line, path: "", reason: "key stands twice: \(duplicates.joined(separator: ", "))")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            PolicyError(file: file, line: 1, path: "", reason: "cannot read YAML")
        }
    }
}
