/// The encodings bank files come in; raw values are the words of mapping files.
package enum TextEncoding: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    /// The Chinese national standard; files in GBK and GB 2312 read as this too.
    case gb18030
    /// ISO 8859-1: every byte is a character.
    case latin1

    /// The encoding of a word, upper or lower case, with the names in common use.
    package init?(word: String) {
        switch word.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        case "latin1", "latin-1", "iso-8859-1": self = .latin1
        default: return nil
        }
    }
}
