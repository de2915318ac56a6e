package import CollectionsDomain

/// How a bank's file differs from the standard form: encoding, delimiter, column names, dates, amounts (`--mapping FILE`).
///
/// ```yaml
/// encoding: gb18030            # utf-8, gb18030, latin1
/// delimiter: "|"               # one ASCII character, or tab
/// quote: none                  # one ASCII character, or none
/// header: true
/// columns: {account_ref: 账号, balance: 欠款余额}   # our name: theirs (a position from 1 where there is no header)
/// ignore: [备注]                # their columns nobody needs
/// constants: {currency: CNY, time_zone: Asia/Shanghai}
/// values: {role: {本人: cardholder, 配偶: spouse}}
/// date_format: yyyyMMdd
/// time_format: yyyyMMdd HH:mm:ss
/// time_zone: Asia/Shanghai     # of times without an offset
/// decimal: ","
/// amount_unit: fen             # or yuan (major units, the default)
/// manifest: required           # optional (the default), required or none
/// ok_flag: true                # FILE.ok must stand beside the file before it is read
/// ```
package struct MappingFile: Hashable, Sendable {
    /// Whether a file may, must or must not be compared with a manifest.
    package enum ManifestUse: String, CaseIterable, Sendable {
        case optional, required, none
    }

    /// The file's encoding.
    package var encoding = TextEncoding.utf8
    /// Delimiter and quote.
    package var dialect = RecordParser.Dialect()
    /// Whether the first record names the columns.
    package var hasHeader = true
    /// Our column name to theirs, or to the position (from 1) where there is no header.
    package var columns: [String: String] = [:]
    /// Columns of theirs that are not read.
    package var ignored: Set<String> = []
    /// Values of columns of ours that the file does not have.
    package var constants: [String: String] = [:]
    /// Column of ours: their word to ours.
    package var values: [String: [String: String]] = [:]
    /// How dates are written.
    package var dates = DatePattern.iso
    /// How instants are written; nil: RFC 3339 with an offset.
    package var times: DatePattern?
    /// The zone of dates and times without an offset.
    package var zone: Zone?
    /// The decimal separator.
    package var decimalSeparator: Character = "."
    /// The unit of amounts.
    package var amountUnit = AmountUnit.major
    /// Whether a manifest is used.
    package var manifest = ManifestUse.optional
    /// Whether `FILE.ok` must stand beside the file.
    package var needsOKFlag = false

    /// The standard form: UTF-8, commas, our names, ISO dates, major units.
    package static let standard = MappingFile()

    private init() {}

    /// Reads a mapping file.
    ///
    /// - Throws: ``PolicyError`` with the line of what is wrong.
    package init(yaml: String, file: String) throws(PolicyError) {
        let root = try PolicyFile.node(yaml: yaml, file: file)
        for (key, value) in try root.mappingEntries(at: "") { try read(key, value) }
        if dialect.delimiter == dialect.quote { throw root.fault("delimiter and quote are the same character") }
        if let times, !times.hasTime { throw root.fault("time_format has no hours and minutes") }
        if times != nil, zone == nil { throw root.fault("time_format needs time_zone") }
        if !hasHeader {
            for (name, position) in columns where (Int(position) ?? 0) < 1 {
                throw root.fault("columns.\(name): without a header a column is a position from 1")
            }
        }
    }

    private mutating func read(_ key: String, _ value: PolicyNode) throws(PolicyError) {
        switch key {
        case "encoding":
            let word = try value.text(key)
            guard let known = TextEncoding(word: word) else {
                throw value.fault("expected one of \(TextEncoding.allCases.map(\.rawValue).joined(separator: ", "))", at: key)
            }
            encoding = known
        case "delimiter":
            let word = try value.text(key)
            dialect.delimiter = word == "tab" ? 9 : try value.character(key, of: word)
        case "quote":
            let word = try value.text(key)
            dialect.quote = word == "none" ? nil : try value.character(key, of: word)
        case "header": hasHeader = try value.flag(key)
        case "columns": columns = try value.words(key)
        case "ignore": ignored = Set(try value.list(key))
        case "constants": constants = try value.words(key)
        case "values":
            for (column, words) in try value.mappingEntries(at: key) { values[column] = try words.words("\(key).\(column)") }
        case "date_format": dates = try value.pattern(key)
        case "time_format": times = try value.pattern(key)
        case "time_zone":
            let name = try value.text(key)
            guard let known = Zone(identifier: name) else { throw value.fault("no time zone is named '\(name)'", at: key) }
            zone = known
        case "decimal":
            let word = try value.text(key)
            guard let character = word.first, word.count == 1, character == "." || character == "," else {
                throw value.fault("expected '.' or ','", at: key)
            }
            decimalSeparator = character
        case "amount_unit":
            guard let unit = AmountUnit(rawValue: try value.text(key)) else { throw value.fault("expected yuan, fen or major", at: key) }
            amountUnit = unit
        case "manifest":
            guard let use = ManifestUse(rawValue: try value.text(key)) else {
                throw value.fault("expected optional, required or none", at: key)
            }
            manifest = use
        case "ok_flag": needsOKFlag = try value.flag(key)
        default:
            throw value.fault(
                "unknown key (known here: encoding, delimiter, quote, header, columns, ignore, constants, values, date_format, time_format, "
                    + "time_zone, decimal, amount_unit, manifest, ok_flag)", at: key)
        }
    }
}

// The strict reader of policies gives `value`, `source` and `force` a meaning of their own; here they are column names like any other.
extension PolicyNode {
    fileprivate func fault(_ reason: String, at path: String = "") -> PolicyError {
        PolicyError(file: file, line: line, path: path, reason: reason)
    }

    fileprivate func mappingEntries(at path: String) throws(PolicyError) -> [(String, PolicyNode)] {
        guard case .mapping(let entries) = content else { throw fault("expected a mapping", at: path) }
        return entries.map { ($0.key, $0.value) }
    }

    fileprivate func text(_ path: String) throws(PolicyError) -> String {
        guard case .scalar(let text, _) = content, !text.isEmpty else { throw fault("expected text", at: path) }
        return text
    }

    fileprivate func flag(_ path: String) throws(PolicyError) -> Bool {
        switch try text(path) {
        case "true": return true
        case "false": return false
        default: throw fault("expected true or false", at: path)
        }
    }

    fileprivate func words(_ path: String) throws(PolicyError) -> [String: String] {
        var words: [String: String] = [:]
        for (key, value) in try mappingEntries(at: path) { words[key] = try value.text("\(path).\(key)") }
        return words
    }

    fileprivate func list(_ path: String) throws(PolicyError) -> [String] {
        guard case .sequence(let items) = content else { throw fault("expected a list", at: path) }
        var words: [String] = []
        for item in items { words.append(try item.text(path)) }
        return words
    }

    fileprivate func character(_ path: String, of word: String) throws(PolicyError) -> UInt8 {
        guard word.utf8.count == 1, let byte = word.utf8.first, byte < 0x80, byte != 10, byte != 13, byte != 0 else {
            throw fault("expected one ASCII character", at: path)
        }
        return byte
    }

    fileprivate func pattern(_ path: String) throws(PolicyError) -> DatePattern {
        guard let pattern = DatePattern(try text(path)) else {
            throw fault("expected a pattern of yyyy, MM and dd, for times HH, mm and ss, such as yyyy-MM-dd", at: path)
        }
        return pattern
    }
}
