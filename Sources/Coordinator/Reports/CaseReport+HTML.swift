package import CollectionsDomain
import CollectionsStore

extension CaseReport {
    /// The report as one HTML page without scripts, images or anything loaded from elsewhere.
    package func html(_ words: PlainWords, language: PlainLanguage) -> String {
        let title = words.text("Record of case \(Self.reference(head.caseId))", "案件\(Self.reference(head.caseId))记录")
        var page = """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
            <style>@page{size:A4 landscape;margin:12mm}body{font:13px sans-serif;margin:2em}table{border-collapse:collapse;width:100%}\
            td,th{border:1px solid #999;padding:.25em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}tr{break-inside:avoid}\
            td.time{white-space:nowrap}td.what{min-width:18em}code{font-size:11px}@media print{body{margin:0}}</style></head><body>
            <h1>\(Self.escaped(title))</h1>

            """
        page += headLines(words).map { "<p>\(Self.escaped($0))</p>\n" }.joined()
        let lines = lines(words)
        // A debtor may have had several cases: only then each line says which.
        let hasCases = Set(lines.compactMap(\.case)).count > 1
        var columns = [
            words.text("Time (\(zone))", "时间（\(zone)）"), words.text("Who", "主体"), words.text("What", "经过"), words.text("Rules", "规则"),
        ]
        if hasCases { columns.append(words.text("Case", "案件")) }
        page += "<table>\n<thead><tr>" + columns.map { "<th>\(Self.escaped($0))</th>" }.joined() + "</tr></thead>\n<tbody>\n"
        for line in lines {
            let rules = line.rules.map { "<code>\(Self.escaped($0))</code>" }.joined(separator: " ")
            page += "<tr><td class=\"time\">\(Self.escaped(line.local))</td><td>\(Self.escaped(line.actor))</td>"
            page += "<td class=\"what\">\(Self.escaped(line.text))</td><td>\(rules)</td>"
            page += (hasCases ? "<td>\(Self.escaped(line.case ?? ""))</td>" : "") + "</tr>\n"
        }
        page += "</tbody></table>\n</body></html>\n"
        return page
    }

    /// Text as HTML takes it.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
