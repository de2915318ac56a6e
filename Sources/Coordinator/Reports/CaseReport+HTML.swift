package import CollectionsDomain
import CollectionsStore

extension CaseReport {
    /// The report as one HTML page without scripts, images or anything loaded from elsewhere.
    package func html(_ words: PlainWords, language: PlainLanguage) -> String {
        let title = words.text("Record of case \(Self.reference(head.caseId))", "案件\(Self.reference(head.caseId))记录")
        var page = """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
            <style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3em .5em;text-align:left;\
            vertical-align:top}code{font-size:12px}</style></head><body>
            <h1>\(Self.escaped(title))</h1>

            """
        page += headLines(words).map { "<p>\(Self.escaped($0))</p>\n" }.joined()
        let columns = [
            words.text("Time (\(zone))", "时间（\(zone)）"), words.text("Who", "主体"), words.text("What", "经过"), words.text("Rules", "规则"),
            words.text("Case", "案件"),
        ]
        page += "<table>\n<tr>" + columns.map { "<th>\(Self.escaped($0))</th>" }.joined() + "</tr>\n"
        for line in lines(words) {
            let rules = line.rules.map { "<code>\(Self.escaped($0))</code>" }.joined(separator: " ")
            page += "<tr><td>\(Self.escaped(line.local))</td><td>\(Self.escaped(line.actor))</td><td>\(Self.escaped(line.text))</td>"
            page += "<td>\(rules)</td><td>\(Self.escaped(line.case ?? ""))</td></tr>\n"
        }
        page += "</table>\n</body></html>\n"
        return page
    }

    /// Text as HTML takes it.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
