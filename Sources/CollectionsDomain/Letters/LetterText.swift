/// The text of a letter with blanks, read strictly.
///
/// `{{name}}` is replaced by a value, escaped for HTML; `{{#name}}…{{/name}}` is shown once if the value is there, or once per item of a list.
/// A name outside the vocabulary is a fault when the text is read: a blank that nobody fills would leave a letter without its amount.
package struct LetterText: Hashable, Sendable {
    /// What a name stands for.
    package enum Value: Hashable, Sendable {
        case text(String)
        /// Items of a list, each with names of its own beside those around it.
        case list([[String: String]])
    }

    /// Why a text cannot be read.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownName(String, line: Int)
        /// A tag that is not closed, or a section that ends another one.
        case unbalanced(String, line: Int)

        package var description: String {
            switch self {
            case .unknownName(let name, let line): "line \(line): no letter has a field '\(name)'"
            case .unbalanced(let name, let line): "line \(line): '\(name)' is not closed, or closes nothing"
            }
        }
    }

    fileprivate enum Node: Hashable, Sendable {
        case plain(String)
        case value(String)
        case section(String, [Node])
    }

    private let nodes: [Node]

    /// Reads a text whose names are of the vocabulary.
    package init(_ source: String, vocabulary: Set<String>) throws(Fault) {
        var open: [(name: String, line: Int, nodes: [Node])] = [("", 1, [])]
        var rest = source[...]
        var line = 1
        while let tag = rest.firstRange(of: "{{") {
            let before = String(rest[..<tag.lowerBound])
            line += before.count(where: \.isNewline)
            open[open.count - 1].nodes.append(.plain(before))
            rest = rest[tag.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { throw .unbalanced("{{", line: line) }
            let word = rest[..<end.lowerBound]
            rest = rest[end.upperBound...]
            let mark = word.first.flatMap { $0 == "#" || $0 == "/" ? $0 : nil }
            let name = String(mark == nil ? word : word.dropFirst())
            guard vocabulary.contains(name) else { throw .unknownName(name, line: line) }
            switch mark {
            case "#": open.append((name, line, []))
            case "/":
                guard open.count > 1, let section = open.popLast(), section.name == name else { throw .unbalanced(name, line: line) }
                open[open.count - 1].nodes.append(.section(name, section.nodes))
            default: open[open.count - 1].nodes.append(.value(name))
            }
        }
        guard open.count == 1 else { throw .unbalanced(open[open.count - 1].name, line: open[open.count - 1].line) }
        nodes = open[0].nodes + [.plain(String(rest))]
    }

    private init(nodes: [Node]) {
        self.nodes = nodes
    }

    // MARK: Filling it in

    /// The text with its blanks filled in. A value that is not given, is empty or has no items leaves its section out.
    package func filled(_ values: [String: Value]) -> String {
        var text = ""
        Self.append(nodes, values, to: &text)
        return text
    }

    private static func append(_ nodes: [Node], _ values: [String: Value], to text: inout String) {
        for node in nodes {
            switch node {
            case .plain(let plain): text += plain
            case .value(let name): if case .text(let value)? = values[name] { text += escaped(value) }
            case .section(let name, let inner):
                switch values[name] {
                case .text(let value): if !value.isEmpty { append(inner, values, to: &text) }
                case .list(let items):
                    for item in items { append(inner, values.merging(item.mapValues { .text($0) }) { _, own in own }, to: &text) }
                case nil: break
                }
            }
        }
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.append(character)
            }
        }
        return text
    }

    // MARK: Looking at it

    /// Names of all sections and values, wherever they stand.
    package var names: Set<String> { Self.names(nodes) }

    private static func names(_ nodes: [Node]) -> Set<String> {
        nodes.reduce(into: []) { names, node in
            switch node {
            case .plain: break
            case .value(let name): names.insert(name)
            case .section(let name, let inner): names.formUnion(Self.names(inner).union([name]))
            }
        }
    }

    /// The first section of a name, as a text of its own.
    package func section(_ name: String) -> LetterText? {
        Self.find(name, in: nodes).map { LetterText(nodes: $0) }
    }

    private static func find(_ name: String, in nodes: [Node]) -> [Node]? {
        for case .section(let own, let inner) in nodes {
            if own == name { return inner }
            if let found = find(name, in: inner) { return found }
        }
        return nil
    }

    /// The words alone: without tags, style sheets and blanks that are not filled in.
    package var words: String { Self.words(filled([:], showingAll: true)) }

    private func filled(_ values: [String: Value], showingAll: Bool) -> String {
        func plain(_ nodes: [Node]) -> String {
            nodes.reduce(into: "") { text, node in
                switch node {
                case .plain(let own): text += own
                case .value: text += " "
                case .section(_, let inner): text += plain(inner)
                }
            }
        }
        return plain(nodes)
    }

    /// What a reader of some HTML reads: one line, without tags and style sheets.
    package static func words(_ html: String) -> String {
        var text = ""
        var rest = html[...]
        while let tag = rest.firstIndex(of: "<") {
            text += rest[..<tag]
            rest = rest[tag...]
            let isStyle = rest.hasPrefix("<style")
            guard let end = isStyle ? rest.firstRange(of: "</style>")?.upperBound : rest.firstIndex(of: ">").map({ rest.index(after: $0) })
            else {
                rest = ""
                break
            }
            text += " "
            rest = rest[end...]
        }
        text += rest
        for (entity, own) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")] {
            text.replace(entity, with: own)
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
