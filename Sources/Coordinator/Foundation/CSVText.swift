/// Rows as CSV (RFC 4180).
enum CSVText {
    /// A field, quoted where it must be.
    static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// A field that people open in a spreadsheet: a leading sign that would be run as a formula is told apart by a quote.
    static func safeField(_ text: String) -> String {
        guard let first = text.first,
            "=+@\t".contains(first) || (first == "-" && Int64(text) == nil && !text.dropFirst().allSatisfy { $0.isNumber || $0 == "." })
        else { return field(text) }
        return field("'" + text)
    }

    /// A whole table, in bytes.
    static func table(_ rows: [[String]]) -> [UInt8] {
        Array(rows.map { $0.map(safeField).joined(separator: ",") + "\r\n" }.joined().utf8)
    }
}
