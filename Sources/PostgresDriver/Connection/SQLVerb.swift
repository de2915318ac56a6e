/// What a statement does to the transaction or the session, by its first words.
enum SQLVerb: Sendable {
    /// `BEGIN`, `START TRANSACTION`
    case begin
    /// `COMMIT`, `END`, `PREPARE TRANSACTION`: its outcome is that of the whole transaction.
    case commit
    /// `ROLLBACK` (not `TO SAVEPOINT`), `ABORT`
    case rollback
    /// `DISCARD`, `DEALLOCATE`: prepared statements may be gone.
    case discard
    /// Everything else.
    case other

    /// Reads the first words of `sql`, past white space and comments.
    init(_ sql: String) {
        self = sql.utf8.withContiguousStorageIfAvailable { Self.read($0) } ?? Self.read(Array(sql.utf8))
    }

    private static func read(_ text: some RandomAccessCollection<UInt8>) -> SQLVerb {
        var at = text.startIndex
        // Nearly every statement is told apart by its first two letters.
        skipBlank(text, &at)
        guard at < text.endIndex else { return .other }
        let second = text.index(after: at)
        guard second < text.endIndex else { return .other }
        switch (text[at] | 0x20, text[second] | 0x20) {
        case (UInt8(ascii: "b"), UInt8(ascii: "e")), (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "c"), UInt8(ascii: "o")),
            (UInt8(ascii: "e"), UInt8(ascii: "n")), (UInt8(ascii: "p"), UInt8(ascii: "r")), (UInt8(ascii: "a"), UInt8(ascii: "b")),
            (UInt8(ascii: "r"), UInt8(ascii: "o")), (UInt8(ascii: "d"), UInt8(ascii: "i")), (UInt8(ascii: "d"), UInt8(ascii: "e")):
            break
        default: return .other
        }
        let first = word(text, &at)
        switch first {
        case "begin": return .begin
        case "start": return word(text, &at) == "transaction" ? .begin : .other
        case "commit", "end": return .commit
        case "prepare": return word(text, &at) == "transaction" ? .commit : .other
        case "abort": return .rollback
        case "rollback":
            var next = word(text, &at)
            if next == "work" || next == "transaction" { next = word(text, &at) }
            return next == "to" ? .other : .rollback
        case "discard", "deallocate": return .discard
        default: return .other
        }
    }

    /// The next word in lower case, empty when there is none or it is longer than any word looked for.
    private static func word<Text: RandomAccessCollection<UInt8>>(_ text: Text, _ at: inout Text.Index) -> String {
        skipBlank(text, &at)
        var word = ""
        while at < text.endIndex {
            let byte = text[at] | 0x20
            guard byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "z") else { break }
            word.unicodeScalars.append(UnicodeScalar(byte))
            if word.utf8.count > 12 { return "" }
            text.formIndex(after: &at)
        }
        return word
    }

    private static func skipBlank<Text: RandomAccessCollection<UInt8>>(_ text: Text, _ at: inout Text.Index) {
        while at < text.endIndex {
            let byte = text[at]
            let next = text.index(after: at)
            if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
                at = next
            } else if byte == UInt8(ascii: "-"), next < text.endIndex, text[next] == UInt8(ascii: "-") {
                while at < text.endIndex, text[at] != 10 { text.formIndex(after: &at) }
            } else if byte == UInt8(ascii: "/"), next < text.endIndex, text[next] == UInt8(ascii: "*") {
                var depth = 0
                while at < text.endIndex {
                    let after = text.index(after: at)
                    if after < text.endIndex, text[at] == UInt8(ascii: "/"), text[after] == UInt8(ascii: "*") {
                        depth += 1
                        at = text.index(after: after)
                    } else if after < text.endIndex, text[at] == UInt8(ascii: "*"), text[after] == UInt8(ascii: "/") {
                        depth -= 1
                        at = text.index(after: after)
                        if depth == 0 { break }
                    } else {
                        at = after
                    }
                }
            } else {
                return
            }
        }
    }
}
