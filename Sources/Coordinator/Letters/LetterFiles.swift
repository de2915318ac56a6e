package import CollectionsDomain
import CollectionsStore
import Foundation

/// The letters' texts on disk: `*.html` with a YAML head, `letter.css`, `issuer.yaml`.
package struct LetterFiles: Sendable {
    package let templates: LetterTemplates
    /// The bank by language.
    package let issuers: [String: LetterIssuer]
    /// The language of people whose own has no text.
    package let fallback: String

    /// Reads a directory such as `Deploy/letters`.
    ///
    /// - Throws: ``PolicyError`` with file and line of the first fault; `CocoaError` when a file cannot be read.
    package init(directory: String) throws {
        let style = try String(contentsOfFile: directory + "/letter.css", encoding: .utf8)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".html") }.sorted()
        templates = LetterTemplates(
            try names.map { name in
                try Self.template(try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8), file: name, style: style)
            })
        (issuers, fallback) = try Self.issuers(try String(contentsOfFile: directory + "/issuer.yaml", encoding: .utf8), file: "issuer.yaml")
    }

    /// Reads one text.
    ///
    /// - Throws: ``PolicyError``.
    package static func template(_ file: String, file name: String, style: String) throws -> LetterTemplate {
        let parts = file.split(separator: "---\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else {
            throw PolicyError(file: name, line: 1, path: "", reason: "it does not begin with a head between two lines of ---")
        }
        let source = String(parts[2]).replacing("{{style}}", with: style)
        let hash = Digest.sha256(Array((file + style).utf8))
        let reader = try PolicyReader(try PolicyFile.node(yaml: String(parts[1]), file: name))
        return try reader.mapping { keys in
            let id = try keys.required("id").string()
            let version = try keys.required("version").int(1...9_999)
            let language = try keys.required("language").string()
            let buckets = try keys.required("buckets").list { try $0.string() }
            let seal = try keys.optional("seal_id")?.string()
            do {
                return try LetterTemplate(
                    id: id, version: version, language: language, buckets: buckets, sealId: seal, source: source, hash: hash)
            } catch let fault as LetterText.Fault {
                throw PolicyError(file: name, line: 1, path: "", reason: fault.description)
            }
        }
    }

    private static func issuers(_ yaml: String, file: String) throws -> ([String: LetterIssuer], String) {
        let root = try PolicyReader(try PolicyFile.node(yaml: yaml, file: file))
        return try root.mapping { keys in
            let fallback = try keys.required("fallback").string()
            let languages = try keys.required("languages")
            var issuers: [String: LetterIssuer] = [:]
            try languages.mapping { keys in
                for language in ["zh", "en"] {
                    guard let reader = try keys.optional(language) else { continue }
                    issuers[language] = try issuer(reader)
                }
            }
            guard issuers[fallback] != nil else { throw languages.fault("the fallback language \(fallback) has no entry") }
            return (issuers, fallback)
        }
    }

    private static func issuer(_ reader: PolicyReader) throws -> LetterIssuer {
        try reader.mapping { keys in
            LetterIssuer(
                name: try keys.required("name").string(), address: try keys.required("address").string(),
                phone: try keys.required("phone").string(), hours: try keys.optional("hours")?.string() ?? "",
                complaintLine: try keys.required("complaint_line").string(),
                regulatorLine: try keys.optional("regulator_line")?.string() ?? "", queryWay: try keys.required("query_way").string(),
                objectWay: try keys.required("object_way").string(), evidenceWay: try keys.required("evidence_way").string(),
                repayWays: try keys.required("repay_ways").list { try $0.string() },
                repayAccount: try keys.optional("repay_account")?.string() ?? "")
        }
    }
}
