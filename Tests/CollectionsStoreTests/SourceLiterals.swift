import Foundation

/// A string literal of a Swift file, its interpolations as they stand there.
struct SourceLiteral: Sendable {
    let file: String
    let line: Int
    let text: String
}

/// Reads the string literals out of Swift source text: enough of the language's lexis to tell literals from comments and code.
enum SourceLiterals {
    /// The literals of every Swift file below a directory of the repository; file names are relative to it.
    static func all(below directory: URL) throws -> [SourceLiteral] {
        guard let walk = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil) else { return [] }
        var literals: [SourceLiteral] = []
        for case let url as URL in walk where url.pathExtension == "swift" {
            let name = String(url.standardizedFileURL.path.dropFirst(directory.standardizedFileURL.path.count + 1))
            literals += read(try String(contentsOf: url, encoding: .utf8), file: name)
        }
        return literals
    }

    static func read(_ source: String, file: String) -> [SourceLiteral] {
        var scanner = Scanner(bytes: Array(source.utf8), file: file)
        scanner.code(until: nil)
        return scanner.literals
    }

    private struct Scanner {
        let bytes: [UInt8]
        let file: String
        var at = 0
        var line = 1
        var literals: [SourceLiteral] = []

        init(bytes: [UInt8], file: String) {
            self.bytes = bytes
            self.file = file
        }

        private func starts(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard at + count <= bytes.count else { return false }
            return (0..<count).allSatisfy { bytes[at + $0] == text.utf8Start[$0] }
        }

        private mutating func step(_ count: Int = 1) {
            for _ in 0..<count where at < bytes.count {
                if bytes[at] == 10 { line += 1 }
                at += 1
            }
        }

        /// Goes through code up to the parenthesis that closes an interpolation, or to the end.
        mutating func code(until closing: UInt8?) {
            var depth = 0
            while at < bytes.count {
                if starts("//") {
                    while at < bytes.count, bytes[at] != 10 { step() }
                } else if starts("/*") {
                    step(2)
                    while at < bytes.count, !starts("*/") { step() }
                    step(2)
                } else if bytes[at] == UInt8(ascii: "\"") {
                    literal(hashes: 0)
                } else if bytes[at] == UInt8(ascii: "#"), let hashes = rawLiteral() {
                    step(hashes)
                    literal(hashes: hashes)
                } else {
                    if bytes[at] == UInt8(ascii: "(") { depth += 1 }
                    if bytes[at] == closing {
                        if depth == 0 { return }
                        depth -= 1
                    } else if bytes[at] == UInt8(ascii: ")") {
                        depth -= 1
                    }
                    step()
                }
            }
        }

        private func rawLiteral() -> Int? {
            var end = at
            while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
            return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - at : nil
        }

        private func closes(_ quotes: Int, _ hashes: Int) -> Bool {
            guard at + quotes + hashes <= bytes.count else { return false }
            return (0..<quotes).allSatisfy { bytes[at + $0] == UInt8(ascii: "\"") }
                && (0..<hashes).allSatisfy { bytes[at + quotes + $0] == UInt8(ascii: "#") }
        }

        private mutating func literal(hashes: Int) {
            let first = line
            let quotes = starts("\"\"\"") ? 3 : 1
            step(quotes)
            var text: [UInt8] = []
            while at < bytes.count, !closes(quotes, hashes) {
                if bytes[at] == UInt8(ascii: "\\") {
                    let escape = at + 1 + hashes
                    if escape < bytes.count, bytes[escape] == UInt8(ascii: "(") {
                        let start = at
                        step(2 + hashes)
                        code(until: UInt8(ascii: ")"))
                        step()
                        text += bytes[start..<at]
                    } else {
                        text += bytes[at..<min(bytes.count, at + 2)]
                        step(2)
                    }
                } else {
                    text.append(bytes[at])
                    step()
                }
            }
            step(quotes + hashes)
            literals.append(SourceLiteral(file: file, line: first, text: String(decoding: text, as: UTF8.self)))
        }
    }
}
