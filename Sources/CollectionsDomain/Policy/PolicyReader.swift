/// Reads a ``PolicyNode`` strictly: every key must be known, every value of its type and within its range.
///
/// Any value may be wrapped as `{value: 6, source: CN10, force: standard}`, and any mapping may carry `source` and `force`; both give the
/// ``basis`` of what is read, inherited from the enclosing mapping where a value names none. All faults are ``PolicyError`` with file,
/// line and path.
///
/// ```swift
/// let window = try reader.mapping { keys in
///     PromiseWindow(from: try keys.required("collections_from").int(0...999), days: try keys.required("days").int(1...365))
/// }
/// ```
package struct PolicyReader: Sendable {
    /// The node that is read, its wrapper taken off.
    package let node: PolicyNode
    /// The keys that lead here.
    package let path: String
    /// Where this value comes from.
    package let basis: RuleBasis
    private let sources: [String: Force]?

    /// A reader of a whole file, or of a part that was handed on undecoded.
    ///
    /// - Parameters:
    ///   - node: What to read.
    ///   - path: The keys that lead to it, for messages.
    ///   - basis: What a value without `source` and `force` gets.
    ///   - sources: The policy's source ids and their force; a `source` that is not among them is a fault. `nil`: not checked.
    package init(
        _ node: PolicyNode, path: String = "", basis: RuleBasis = .bank, sources: [String: Force]? = nil
    ) throws(PolicyError) {
        self.path = path
        self.sources = sources
        let own = try Self.basis(of: node, inherited: basis, path: path, sources: sources)
        self.basis = own
        if case .mapping(let entries) = node.content, let value = node["value"] {
            for entry in entries where !["value", "source", "force"].contains(entry.key) {
                throw PolicyError(file: node.file, line: entry.line, path: Self.join(path, entry.key), reason: "unknown key beside value")
            }
            self.node = value
        } else {
            self.node = node
        }
    }

    /// A fault at this place.
    package func fault(_ reason: String) -> PolicyError {
        PolicyError(file: node.file, line: node.line, path: path, reason: reason)
    }

    /// Whether the value is null.
    package var isNull: Bool { node.isNull }

    // MARK: Mappings and lists

    /// Reads a mapping; every key that `body` does not ask for is a fault.
    package func mapping<Value>(_ body: (inout PolicyKeys) throws -> Value) throws -> Value {
        guard case .mapping(let entries) = node.content else { throw fault("expected a mapping, found \(kind)") }
        var keys = PolicyKeys(entries: entries, reader: self)
        let value = try body(&keys)
        try keys.finish()
        return value
    }

    /// Reads a list, item by item.
    package func list<Value>(_ item: (PolicyReader) throws -> Value) throws -> [Value] {
        try items().map(item)
    }

    /// The readers of a list's items.
    package func items() throws(PolicyError) -> [PolicyReader] {
        guard case .sequence(let nodes) = node.content else { throw fault("expected a list, found \(kind)") }
        var readers: [PolicyReader] = []
        for (index, node) in nodes.enumerated() {
            readers.append(try PolicyReader(node, path: "\(path)[\(index)]", basis: basis, sources: sources))
        }
        return readers
    }

    /// The entries of a mapping whose keys are names the author chose.
    package func entries() throws(PolicyError) -> [(key: String, reader: PolicyReader)] {
        guard case .mapping(let entries) = node.content else { throw fault("expected a mapping, found \(kind)") }
        var readers: [(String, PolicyReader)] = []
        for entry in entries where entry.key != "source" && entry.key != "force" {
            readers.append((entry.key, try child(entry)))
        }
        return readers
    }

    // MARK: Scalars

    /// Text, quoted or not, not empty.
    package func string() throws(PolicyError) -> String {
        guard case .scalar(let text, _) = node.content else { throw fault("expected text, found \(kind)") }
        guard !text.isEmpty else { throw fault("expected text, found an empty value") }
        return text
    }

    /// A whole number within `range`, written without quotes and without a unit.
    package func int(_ range: ClosedRange<Int>) throws(PolicyError) -> Int {
        guard case .scalar(let text, let quoted) = node.content else { throw fault("expected a whole number, found \(kind)") }
        guard !quoted, let value = Int(text), !text.hasPrefix("+") else {
            throw fault("expected a whole number without quotes or unit, found '\(text)'")
        }
        guard range.contains(value) else { throw fault("expected \(range.lowerBound)...\(range.upperBound), found \(value)") }
        return value
    }

    /// `true` or `false`, without quotes.
    package func bool() throws(PolicyError) -> Bool {
        guard case .scalar(let text, let quoted) = node.content else { throw fault("expected true or false, found \(kind)") }
        guard !quoted, text == "true" || text == "false" else { throw fault("expected true or false, found '\(text)'") }
        return text == "true"
    }

    /// A quoted date, `"2026-12-01"`.
    package func day() throws(PolicyError) -> Day {
        guard let day = Day(iso: try quoted("date", example: "2026-12-01")) else { throw fault("expected a date such as \"2026-12-01\"") }
        return day
    }

    /// A quoted time, `"08:00"`; `"24:00"` is the end of the day.
    package func time() throws(PolicyError) -> TimeOfDay {
        guard let time = TimeOfDay(try quoted("time", example: "08:00")) else { throw fault("expected a time such as \"08:00\"") }
        return time
    }

    /// A quoted instant with its zone, `"2026-12-01T21:59:30+08:00"`.
    package func instant() throws(PolicyError) -> Instant {
        guard let instant = Instant(iso8601: try quoted("instant", example: "2026-12-01T21:59:30+08:00")) else {
            throw fault("expected an instant with its zone such as \"2026-12-01T21:59:30+08:00\"")
        }
        return instant
    }

    /// A quoted decimal, `"50000.00"`, zero or more, in units of `10^-scale`.
    package func decimal(scale: Int) throws(PolicyError) -> Int64 {
        let text = try quoted("decimal", example: "50000.00")
        do {
            let number = try DecimalNumber(parsing: text)
            guard number.units >= 0 else { throw fault("expected a decimal of zero or more, found '\(text)'") }
            guard number.scale <= scale else { throw fault("expected at most \(scale) decimals, found '\(text)'") }
            return try number.scaled(to: scale)
        } catch let error as PolicyError {
            throw error
        } catch {
            throw fault("expected a decimal such as \"50000.00\", found '\(text)'")
        }
    }

    /// A quoted amount of money in `currency`, `"50000.00"`.
    package func money(_ currency: Currency) throws(PolicyError) -> Money {
        Money(minorUnits: try decimal(scale: currency.minorDigits), currency: currency)
    }

    /// An ISO 4217 code.
    package func currency() throws(PolicyError) -> Currency {
        let text = try string()
        guard let currency = Currency(text) else { throw fault("expected a currency code such as CNY, found '\(text)'") }
        return currency
    }

    /// One of the words of an enumeration.
    package func word<Value>(_ type: Value.Type = Value.self) throws(PolicyError) -> Value
    where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
        let text = try string()
        guard let value = Value(rawValue: text) else {
            throw fault("expected one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")), found '\(text)'")
        }
        return value
    }

    /// A list of words of an enumeration, without repetition.
    package func words<Value>(_ type: Value.Type = Value.self) throws(PolicyError) -> [Value]
    where Value: CaseIterable & RawRepresentable & Hashable, Value.RawValue == String {
        var seen: Set<Value> = []
        var values: [Value] = []
        for item in try items() {
            let value = try item.word(Value.self)
            guard seen.insert(value).inserted else { throw item.fault("'\(value.rawValue)' stands twice") }
            values.append(value)
        }
        return values
    }

    /// What the node is, for messages.
    var kind: String {
        switch node.content {
        case .null: "null"
        case .scalar(let text, _): "'\(text)'"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    // MARK: Parts

    private func quoted(_ what: String, example: String) throws(PolicyError) -> String {
        guard case .scalar(let text, let quoted) = node.content else { throw fault("expected a \(what), found \(kind)") }
        guard quoted else { throw fault("expected a quoted \(what) such as \"\(example)\", found \(text) without quotes") }
        return text
    }

    fileprivate func child(_ entry: PolicyNode.Entry) throws(PolicyError) -> PolicyReader {
        try PolicyReader(entry.value, path: Self.join(path, entry.key), basis: basis, sources: sources)
    }

    fileprivate static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// The basis a mapping names by `source` and `force`, or the inherited one. Without `force`, the strongest of its sources counts.
    private static func basis(
        of node: PolicyNode, inherited: RuleBasis, path: String, sources known: [String: Force]?
    ) throws(PolicyError) -> RuleBasis {
        guard case .mapping = node.content else { return inherited }
        var basis = inherited
        if let source = node["source"] {
            let items: [PolicyNode]
            if case .sequence(let nodes) = source.content { items = nodes } else { items = [source] }
            basis = RuleBasis()
            for item in items {
                guard case .scalar(let id, _) = item.content, !id.isEmpty else {
                    throw PolicyError(
                        file: item.file, line: item.line, path: join(path, "source"), reason: "expected a source id or a list of them")
                }
                if let known {
                    // A document of the bank may be cited with its line, as `S3:20`.
                    guard let force = known[id] ?? known[String(id.prefix { $0 != ":" })] else {
                        throw PolicyError(
                            file: item.file, line: item.line, path: join(path, "source"), reason: "source '\(id)' is not listed in sources")
                    }
                    if force.strength > basis.force.strength { basis.force = force }
                }
                basis.sources.append(id)
            }
        }
        if let force = node["force"] {
            guard case .scalar(let word, _) = force.content, let value = Force(rawValue: word) else {
                throw PolicyError(
                    file: force.file, line: force.line, path: join(path, "force"),
                    reason: "expected one of \(Force.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            basis.force = value
        }
        return basis
    }
}

/// The keys of one mapping; those nobody asked for are faults.
package struct PolicyKeys {
    private let entries: [PolicyNode.Entry]
    private let reader: PolicyReader
    private var asked: Set<String> = ["source", "force"]

    fileprivate init(entries: [PolicyNode.Entry], reader: PolicyReader) {
        self.entries = entries
        self.reader = reader
    }

    /// Where the values of this mapping come from unless they say otherwise.
    package var basis: RuleBasis { reader.basis }

    /// A fault of the mapping as a whole.
    package func fault(_ reason: String) -> PolicyError { reader.fault(reason) }

    /// The value of a key that must be there and not null.
    package mutating func required(_ key: String) throws(PolicyError) -> PolicyReader {
        guard let value = try optional(key) else { throw reader.fault("missing key '\(key)'") }
        return value
    }

    /// The value of a key; nil if it is absent or null ("no such rule").
    package mutating func optional(_ key: String) throws(PolicyError) -> PolicyReader? {
        asked.insert(key)
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        let child = try reader.child(entry)
        return child.isNull ? nil : child
    }

    /// Whether the key stands there, also as null.
    package mutating func has(_ key: String) -> Bool {
        asked.insert(key)
        return entries.contains { $0.key == key }
    }

    /// The undecoded value of a key, for another reader.
    package mutating func node(_ key: String) -> PolicyNode? {
        asked.insert(key)
        return entries.first { $0.key == key }?.value
    }

    fileprivate func finish() throws(PolicyError) {
        for entry in entries where !asked.contains(entry.key) {
            let known = asked.subtracting(["source", "force"]).sorted().joined(separator: ", ")
            throw PolicyError(
                file: entry.value.file, line: entry.line, path: PolicyReader.join(reader.path, entry.key),
                reason: "unknown key (known here: \(known))")
        }
    }
}
