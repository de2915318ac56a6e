import Foundation
import Subprocess

/// Why pages cannot be made.
package enum LetterRenderError: Error, Hashable, CustomStringConvertible {
    case unavailable(String)
    case failed(String)

    package var description: String {
        switch self {
        case .unavailable(let why):
            "letters cannot be rendered: \(why) (hint: Deploy/setup installs WeasyPrint; --pdf false writes the print file without pages)"
        case .failed(let why): "rendering letters failed: \(why)"
        }
    }
}

/// Makes PDF pages in a process of its own, one per batch.
package struct LetterRenderer: Sendable {
    /// A page to be made.
    package struct Page: Codable, Sendable {
        /// Absolute path of the PDF.
        package var file: String
        package var html: String
    }

    private struct Made: Codable {
        var file: String
        var pages: Int
    }

    /// `Deploy/letters/render.py`.
    private let script: String

    package init(script: String) {
        self.script = script
    }

    /// Makes the pages.
    ///
    /// - Returns: Number of sheets' sides by file.
    /// - Throws: ``LetterRenderError``.
    package func render(_ pages: [Page]) async throws -> [String: Int] {
        let encoder = JSONEncoder()
        var input: [UInt8] = []
        for page in pages { input += Array(try encoder.encode(page)) + [UInt8(ascii: "\n")] }
        let (output, errors, status) = try await execute(input)
        guard status.isSuccess else {
            let words = errors.split(separator: "\n").last.map(String.init) ?? "it was ended"
            if words.hasPrefix("env:") { throw LetterRenderError.unavailable(words) }
            if words.contains("No module named") { throw LetterRenderError.unavailable("WeasyPrint is missing") }
            // A page's text stands in no message: WeasyPrint names the fault, not the letter.
            throw LetterRenderError.failed(words)
        }
        var made: [String: Int] = [:]
        for line in output.split(separator: "\n") {
            let page = try JSONDecoder().decode(Made.self, from: Data(line.utf8))
            made[page.file] = page.pages
        }
        guard made.count == pages.count else { throw LetterRenderError.failed("\(made.count) of \(pages.count) pages were made") }
        return made
    }

    private func execute(_ input: [UInt8]) async throws -> (output: String, errors: String, status: TerminationStatus) {
        do {
            let result = try await Subprocess.run(
                .name("env"), arguments: [script],
                input: .fileDescriptor(try UnnamedFile.holding(input), closeAfterSpawningProcess: true), output: .string(limit: 8 << 20),
                error: .string(limit: 1 << 20))
            return (result.standardOutput, result.standardError, result.terminationStatus)
        } catch let error as SubprocessError {
            throw LetterRenderError.unavailable("\(script) could not be run: \(error)")
        }
    }
}
