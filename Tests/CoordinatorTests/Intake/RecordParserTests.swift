import Coordinator
import Testing

/// RFC 4180, and what is read when a file is not.
@Suite("Record parser")
struct RecordParserTests {
    /// A generator with a seed, so that a failure can be repeated.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    enum Found: Hashable {
        case row(Int, [String])
        case fault(Int, RecordFault)
    }

    static func parse(
        _ bytes: [UInt8], _ dialect: RecordParser.Dialect = .init(), pieces: [Int]? = nil, limit: Int = RecordParser.maximumBytes
    ) -> [Found] {
        var parser = RecordParser(dialect, limit: limit)
        var found: [Found] = []
        func drain() {
            while let event = parser.next() {
                switch event {
                case .record(let record):
                    found.append(.row(record.number, (0..<record.count).map { record.text($0) ?? "<bytes>" }))
                case .fault(let number, let fault): found.append(.fault(number, fault))
                }
            }
        }
        var rest = bytes[...]
        for size in pieces ?? [bytes.count] {
            parser.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            drain()
        }
        parser.append(Array(rest))
        parser.finish()
        drain()
        return found
    }

    static func parse(_ text: String, limit: Int = RecordParser.maximumBytes) -> [Found] { parse(Array(text.utf8), limit: limit) }

    @Test("quotes, doubled quotes, line ends inside quotes, every kind of line end, a missing last one")
    func standard() {
        #expect(
            Self.parse("a,b\r\n1,2\n3,4\r5,6") == [.row(1, ["a", "b"]), .row(2, ["1", "2"]), .row(3, ["3", "4"]), .row(4, ["5", "6"])])
        #expect(Self.parse("\"x,\"\"y\"\"\r\nz\",\"\"\n") == [.row(1, ["x,\"y\"\r\nz", ""])])
        #expect(Self.parse("a,\n,b\n,\n") == [.row(1, ["a", ""]), .row(2, ["", "b"]), .row(3, ["", ""])])
        #expect(Self.parse("") == [])
    }

    @Test("blank lines are skipped but counted; a quoted empty field is a row")
    func blankLines() {
        #expect(Self.parse("a\n\n\r\nb\n\"\"\n") == [.row(1, ["a"]), .row(4, ["b"]), .row(5, [""])])
    }

    @Test("a misplaced quote costs its own line only")
    func misplacedQuotes() {
        #expect(Self.parse("a\"b,c\nd,e\n") == [.fault(1, .misplacedQuote), .row(2, ["d", "e"])])
        #expect(Self.parse("\"a\"b,c\nd,e\n") == [.fault(1, .misplacedQuote), .row(2, ["d", "e"])])
    }

    @Test("a quote that is never closed gives back the lines it swallowed, also where the file is cut off")
    func unclosedQuotes() {
        #expect(Self.parse("a,\"b\nc,d\ne,f\n") == [.fault(1, .unclosedQuote), .row(2, ["c", "d"]), .row(3, ["e", "f"])])
        #expect(Self.parse("a,b\nc,\"d") == [.row(1, ["a", "b"]), .fault(2, .unclosedQuote)])
        // Over the limit, with more of the file to come: the lines behind the first are read again.
        let long = "a,\"b\n" + String(repeating: "c,d\n", count: 40)
        let found = Self.parse(long, limit: 64)
        #expect(found.first == .fault(1, .unclosedQuote) && found.count == 41 && found.last == .row(41, ["c", "d"]))
    }

    @Test("a line over the limit is refused and reading goes on behind it, in constant memory")
    func tooLong() {
        let text = "a,b\n" + String(repeating: "x", count: 100) + "\nc,d\n"
        #expect(Self.parse(text, limit: 50) == [.row(1, ["a", "b"]), .fault(2, .tooLong), .row(3, ["c", "d"])])
        #expect(
            Self.parse("\"" + String(repeating: "x", count: 100) + "\"\nc,d\n", limit: 50) == [.fault(1, .tooLong), .row(2, ["c", "d"])])
        var parser = RecordParser(limit: 1_000)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        var faults = 0
        for _ in 0..<2_000 {
            parser.append(piece)
            while let event = parser.next() { if case .fault(_, .tooLong) = event { faults += 1 } }
        }
        #expect(faults == 1)
        parser.append(Array("\nc,d\n".utf8))
        guard case .record(let record)? = parser.next() else {
            Issue.record("no record behind the long line")
            return
        }
        #expect(record.number == 2 && record.text(1) == "d")
    }

    @Test("what is read does not depend on where the pieces were cut: every single byte")
    func everyBoundary() {
        let texts = [
            "h1,h2\r\n\"a\"\"b\",\"c\r\nd\"\r\n\r\nx,\"\"\r\n\"q\"z,1\r\nlast,\"",
            "é,漢字\r\n\"ü,\",ß\ra,b\n",
            "a,\"b\nc,d\ne,\"f\"\n" + String(repeating: "y", count: 70) + "\ng,h",
        ]
        for text in texts {
            let bytes = Array(text.utf8)
            let whole = Self.parse(bytes, limit: 60)
            for cut in 0...bytes.count { #expect(Self.parse(bytes, pieces: [cut], limit: 60) == whole, "cut at \(cut)") }
            #expect(Self.parse(bytes, pieces: [Int](repeating: 1, count: bytes.count), limit: 60) == whole)
        }
    }

    @Test("random fields come back as they were written", arguments: 0..<40)
    func roundTrip(seed: UInt64) {
        var random = Seeded(state: seed)
        let dialect = RecordParser.Dialect(
            delimiter: [UInt8(ascii: ","), UInt8(ascii: "|"), 9].randomElement(using: &random) ?? 9,
            quote: [UInt8(ascii: "\""), UInt8(ascii: "'")].randomElement(using: &random) ?? 34)
        let delimiter = String(UnicodeScalar(dialect.delimiter))
        let quote = String(UnicodeScalar(dialect.quote ?? 34))
        let alphabet = ["a", "7", " ", delimiter, quote, "\r", "\n", "漢", "é", "\u{1F600}"]
        var text = ""
        var expected: [[String]] = []
        for _ in 0..<50 {
            let fields = (0..<Int.random(in: 2...5, using: &random)).map { _ in
                (0..<Int.random(in: 0...6, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "" }.joined()
            }
            expected.append(fields)
            let written = fields.map { field -> String in
                let mustQuote = field.unicodeScalars.contains { $0 == "\r" || $0 == "\n" || String($0) == delimiter || String($0) == quote }
                guard mustQuote || Bool.random(using: &random) else { return field }
                return quote + field.replacing(quote, with: quote + quote) + quote
            }
            text += written.joined(separator: delimiter) + (["\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n")
        }
        let bytes = Array(text.utf8)
        var pieces: [Int] = []
        while pieces.reduce(0, +) < bytes.count { pieces.append(Int.random(in: 1...17, using: &random)) }
        let rows = Self.parse(bytes, dialect, pieces: pieces).map { found -> [String] in
            if case .row(_, let fields) = found { fields } else { ["fault"] }
        }
        // Swift compares text by meaning; the bytes must be the same too.
        #expect(rows.map { $0.map { Array($0.utf8) } } == expected.map { $0.map { Array($0.utf8) } })
    }
}
