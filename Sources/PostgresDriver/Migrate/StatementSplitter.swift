/// Splits a file of SQL into its statements.
enum StatementSplitter {
    /// The statements of `sql`, in order, without their semicolons; pieces that hold only white space and comments are left out.
    ///
    /// Semicolons inside quotes (`'…'`, `E'…'`, `"…"`), dollar quotes (`$tag$…$tag$`), comments (`--`, nested `/* */`), parentheses and the bodies of
    /// `BEGIN ATOMIC … END` do not split.
    static func split(_ sql: String) -> [Substring] {
        var statements: [Substring] = []
        let text = sql.utf8
        var start = text.startIndex
        var at = start
        var hasContent = false
        var depth = 0
        var atomicDepth = 0
        var lastWord = ""

        func peek(_ offset: Int) -> UInt8? {
            text.index(at, offsetBy: offset, limitedBy: text.endIndex).flatMap { $0 < text.endIndex ? text[$0] : nil }
        }
        func advance(_ count: Int = 1) { at = text.index(at, offsetBy: count, limitedBy: text.endIndex) ?? text.endIndex }
        func skip(to quote: UInt8, escapes: Bool) {
            advance()
            while at < text.endIndex {
                let byte = text[at]
                if escapes, byte == UInt8(ascii: "\\") {
                    advance(2)
                } else if byte == quote {
                    if peek(1) == quote { advance(2) } else { break }
                } else {
                    advance()
                }
            }
            advance()
        }

        while at < text.endIndex {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: ";") where depth == 0 && atomicDepth == 0:
                if hasContent { statements.append(sql[start..<at]) }
                advance()
                start = at
                hasContent = false
                lastWord = ""
            case UInt8(ascii: "'"):
                hasContent = true
                skip(to: byte, escapes: lastWord == "e")
                lastWord = ""
            case UInt8(ascii: "\""):
                hasContent = true
                skip(to: byte, escapes: false)
                lastWord = ""
            case UInt8(ascii: "-") where peek(1) == byte:
                while at < text.endIndex, text[at] != 10 { advance() }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                var nesting = 0
                repeat {
                    if text[at] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                        nesting += 1
                        advance(2)
                    } else if text[at] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                        nesting -= 1
                        advance(2)
                    } else {
                        advance()
                    }
                } while nesting > 0 && at < text.endIndex
            case UInt8(ascii: "$"):
                hasContent = true
                if let tagEnd = dollarTag(text, at) {
                    let tag = text[at..<tagEnd]
                    at = tagEnd
                    while at < text.endIndex, !text[at...].starts(with: tag) { advance() }
                    advance(tag.count)
                } else {
                    advance()
                }
                lastWord = ""
            case UInt8(ascii: "("):
                hasContent = true
                depth += 1
                advance()
                lastWord = ""
            case UInt8(ascii: ")"):
                depth = max(0, depth - 1)
                advance()
                lastWord = ""
            case let letter where isWord(letter):
                hasContent = true
                let wordStart = at
                while at < text.endIndex, isWord(text[at]) || text[at] == UInt8(ascii: "$") { advance() }
                let word = String(Substring(text[wordStart..<at])).lowercased()
                if word == "atomic", lastWord == "begin" {
                    atomicDepth = 1
                } else if atomicDepth > 0, word == "case" {
                    atomicDepth += 1
                } else if atomicDepth > 0, word == "end" {
                    atomicDepth -= 1
                }
                lastWord = word
            default:
                if byte != UInt8(ascii: " "), !(9...13).contains(byte) {
                    hasContent = true
                    lastWord = ""
                } else if lastWord == "e" {
                    lastWord = ""  // `e 'x'` is not an escape string
                }
                advance()
            }
        }
        if hasContent { statements.append(sql[start..<text.endIndex]) }
        return statements
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// The end of `$tag$` that begins at `at`; `nil` when it is a parameter or a lone dollar.
    private static func dollarTag(_ text: String.UTF8View, _ at: String.Index) -> String.Index? {
        var end = text.index(after: at)
        if end < text.endIndex, (48...57).contains(text[end]) { return nil }
        while end < text.endIndex, isWord(text[end]) { text.formIndex(after: &end) }
        guard end < text.endIndex, text[end] == UInt8(ascii: "$") else { return nil }
        return text.index(after: end)
    }
}
