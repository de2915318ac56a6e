/// One node of a policy or cases file, free of any YAML library: text as written, in order, each node with its place in the file.
///
/// The coordinator turns YAML into this tree (`PolicyFile`); the domain reads it strictly with ``PolicyReader``.
package struct PolicyNode: Sendable {
    /// What the node is.
    package indirect enum Content: Sendable {
        /// An explicit null (`null`, `~`) or an empty value.
        case null
        /// Text as written; `quoted` tells whether quotes stood around it.
        case scalar(String, quoted: Bool)
        /// A list.
        case sequence([PolicyNode])
        /// A mapping in file order; keys are unique.
        case mapping([Entry])
    }

    /// One key and its value.
    package struct Entry: Sendable {
        /// The key as written.
        package let key: String
        /// The line of the key, from 1.
        package let line: Int
        /// The value.
        package let value: PolicyNode

        package init(key: String, line: Int, value: PolicyNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    /// What the node is.
    package let content: Content
    /// The file's name, as it should be shown to its author.
    package let file: String
    /// The line on which the node begins, from 1.
    package let line: Int

    package init(_ content: Content, file: String, line: Int) {
        self.content = content
        self.file = file
        self.line = line
    }

    /// The value of `key` if the node is a mapping that has it.
    package subscript(key: String) -> PolicyNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Whether the node is null.
    package var isNull: Bool {
        if case .null = content { true } else { false }
    }
}

/// A fault in a policy or cases file, with the place where its author finds it.
package struct PolicyError: Error, Hashable, CustomStringConvertible {
    /// The file's name.
    package let file: String
    /// The line, from 1.
    package let line: Int
    /// The keys that lead to the fault, such as `counts.frequency_limits[1].max`; empty for the whole file.
    package let path: String
    /// What is wrong, lower case and factual.
    package let reason: String

    package init(file: String, line: Int, path: String, reason: String) {
        self.file = file
        self.line = line
        self.path = path
        self.reason = reason
    }

    /// `file:line: path: reason`, the form editors jump to.
    package var description: String {
        path.isEmpty ? "\(file):\(line): \(reason)" : "\(file):\(line): \(path): \(reason)"
    }
}
