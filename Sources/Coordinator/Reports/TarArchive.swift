/// A tape archive (POSIX ustar) in memory: the same entries give the same bytes, whoever writes them and wherever.
///
/// Owner, group and mode are fixed; the time is the caller's. Names are ASCII of at most 100 bytes, as every reader of archives takes them.
package struct TarArchive: Sendable {
    private static let block = 512

    /// The archive so far, without its end.
    private var body: [UInt8] = []
    /// Seconds since 1970 that every entry carries.
    private let time: Int64

    /// An empty archive whose entries carry `time`, in seconds since 1970.
    package init(time: Int64) {
        self.time = max(0, time)
    }

    /// Adds a file.
    package mutating func add(_ name: String, _ bytes: [UInt8]) {
        precondition(name.utf8.count <= 100 && name.allSatisfy(\.isASCII), "a name an archive can hold")
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) { header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8) }
        put(name, at: 0)
        put(Self.octal(0o644, digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(Int64(bytes.count), digits: 11), at: 124)
        put(Self.octal(time, digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        // The sum is that of the header with blanks in the sum's place.
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(Self.octal(sum, digits: 6), at: 148)
        header[154] = 0
        body += header
        body += bytes
        let rest = bytes.count % Self.block
        if rest > 0 { body += repeatElement(0, count: Self.block - rest) }
    }

    /// The whole archive, its end included.
    package var bytes: [UInt8] {
        // Readers expect records of twenty blocks.
        let record = Self.block * 20
        let end = body.count + Self.block * 2
        let padding = (record - end % record) % record
        return body + [UInt8](repeating: 0, count: Self.block * 2 + padding)
    }

    private static func octal(_ value: Int64, digits: Int) -> String {
        let text = String(value, radix: 8)
        precondition(text.utf8.count <= digits, "a number an archive can hold")
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}
