/// Splits UTF-8 into records (RFC 4180), in memory that does not grow with the file or its longest line.
///
/// Bytes go in with ``append(_:)`` in pieces of any size; ``next()`` gives the records completed so far, and what it gives does not depend on
/// where the pieces were cut. Lines end with LF, CRLF or CR. Blank lines are skipped. A record that cannot be read costs itself only: after an
/// over-long line or a misplaced quote reading goes on behind the next line end; a quote that is never closed gives back the lines it
/// swallowed.
package struct RecordParser: Sendable {
    /// The characters that give a file its form.
    package struct Dialect: Hashable, Sendable {
        /// Between fields; one ASCII character.
        package var delimiter: UInt8
        /// Around fields; nil if the file quotes nothing.
        package var quote: UInt8?

        /// Comma and double quote unless said otherwise.
        package init(delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\"")) {
            self.delimiter = delimiter
            self.quote = quote
        }
    }

    /// What ``next()`` found.
    package enum Event: Hashable, Sendable {
        case record(Record)
        /// The record of that number could not be read.
        case fault(number: Int, RecordFault)
    }

    /// The longest record, in bytes of UTF-8. No real row comes near; a file without line ends is found out here.
    package static let maximumBytes = 1 << 20

    private enum Mode {
        case fieldStart, unquoted, quoted
        /// Behind a quote inside a quoted field: it was the closing one, or half of a doubled one.
        case afterQuote
        /// In a record already reported: to the next line end.
        case skipping
    }

    private let dialect: Dialect
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the current record begins in `buffer`.
    private var start = 0
    /// The next byte to look at.
    private var cursor = 0
    private var mode = Mode.fieldStart
    /// The last byte was a CR that ended a record: a LF right behind belongs to it.
    private var afterReturn = false
    /// Whether the current record has a quoted field: then an empty one is no blank line.
    private var sawQuote = false
    private var isFinished = false
    private var number = 0
    private var record = Record()

    /// A parser of a dialect.
    ///
    /// - Parameter limit: The longest record, in bytes.
    package init(_ dialect: Dialect = Dialect(), limit: Int = RecordParser.maximumBytes) {
        self.dialect = dialect
        self.limit = limit
    }

    /// Adds the next piece of the file.
    package mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            cursor -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Says that no more will come; ``next()`` then gives what is left.
    package mutating func finish() { isFinished = true }

    /// The next record or fault, or nil if more bytes are needed (after ``finish()``: if there are none left).
    package mutating func next() -> Event? {
        while true {
            if mode == .skipping {
                if !skipLine() { return nil }
                continue
            }
            switch scan() {
            case .ended(let isBlank):
                number += 1
                if isBlank {
                    begin(at: cursor)
                    continue
                }
                record.number = number
                let found = record
                begin(at: cursor)
                return .record(found)
            case .misplacedQuote:
                return fault(.misplacedQuote)
            case .outOfBytes:
                if cursor - start >= limit { return overflow() }
                guard isFinished else { return nil }
                switch mode {
                case .fieldStart where record.ends.isEmpty: return nil
                case .fieldStart, .unquoted, .afterQuote:
                    record.ends.append(record.bytes.count)
                    number += 1
                    record.number = number
                    let found = record
                    begin(at: cursor)
                    return .record(found)
                case .quoted:
                    return unclosed(orElse: .unclosedQuote)
                case .skipping: return nil
                }
            }
        }
    }

    private mutating func begin(at position: Int) {
        start = position
        cursor = position
        mode = .fieldStart
        sawQuote = false
        record.clear()
    }

    /// Reports the current record and goes on behind its line end.
    private mutating func fault(_ fault: RecordFault) -> Event {
        number += 1
        begin(at: cursor)
        mode = .skipping
        return .fault(number: number, fault)
    }

    private mutating func overflow() -> Event {
        mode == .quoted ? unclosed(orElse: .tooLong) : fault(.tooLong)
    }

    /// A quoted field without end: gives back all but the record's first line. With no line end to go back to, `other` is the fault.
    private mutating func unclosed(orElse other: RecordFault) -> Event {
        guard let lineEnd = buffer[start..<cursor].firstIndex(where: Self.isLineEnd) else { return fault(other) }
        number += 1
        afterReturn = buffer[lineEnd] == Self.carriageReturn
        begin(at: lineEnd + 1)
        return .fault(number: number, .unclosedQuote)
    }

    /// Drops bytes up to and with the next line end; false if it has not come yet.
    private mutating func skipLine() -> Bool {
        guard let lineEnd = buffer[cursor...].firstIndex(where: Self.isLineEnd) else {
            cursor = buffer.count
            start = cursor
            return false
        }
        afterReturn = buffer[lineEnd] == Self.carriageReturn
        begin(at: lineEnd + 1)
        return true
    }

    private enum Scan {
        case ended(isBlank: Bool)
        case misplacedQuote, outOfBytes
    }

    /// Reads on in the current record, up to its end, the limit, or the end of what is here.
    private mutating func scan() -> Scan {
        let delimiter = dialect.delimiter
        // Without a quote character no byte is one: 0xFF never stands in valid text, and where it stands the row is refused anyway.
        let quote = dialect.quote ?? Transcoder.invalidByte
        let quotes = dialect.quote != nil
        while true {
            let end = min(buffer.count, start + limit)
            if cursor >= end { return .outOfBytes }
            let byte = buffer[cursor]
            if afterReturn {
                afterReturn = false
                if byte == Self.lineFeed {
                    cursor += 1
                    start = cursor
                    continue
                }
            }
            switch mode {
            case .fieldStart:
                if quotes && byte == quote {
                    sawQuote = true
                    mode = .quoted
                    cursor += 1
                } else {
                    mode = .unquoted
                }
            case .unquoted:
                let from = cursor
                var at = cursor
                var stop: UInt8?
                buffer.withUnsafeBufferPointer { bytes in
                    while at < end {
                        let byte = bytes[at]
                        if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn || (quotes && byte == quote) {
                            stop = byte
                            break
                        }
                        at += 1
                    }
                }
                record.bytes.append(contentsOf: buffer[from..<at])
                cursor = at
                guard let stop else { return .outOfBytes }
                if quotes && stop == quote { return .misplacedQuote }
                cursor += 1
                record.ends.append(record.bytes.count)
                if stop == delimiter {
                    mode = .fieldStart
                } else {
                    return ended(by: stop)
                }
            case .quoted:
                let from = cursor
                var at = cursor
                buffer.withUnsafeBufferPointer { bytes in
                    while at < end, bytes[at] != quote { at += 1 }
                }
                record.bytes.append(contentsOf: buffer[from..<at])
                cursor = at
                if at == end { return .outOfBytes }
                cursor += 1
                mode = .afterQuote
            case .afterQuote:
                if byte == quote {
                    record.bytes.append(quote)
                    mode = .quoted
                    cursor += 1
                } else if byte == delimiter {
                    record.ends.append(record.bytes.count)
                    mode = .fieldStart
                    cursor += 1
                } else if Self.isLineEnd(byte) {
                    record.ends.append(record.bytes.count)
                    cursor += 1
                    return ended(by: byte)
                } else {
                    return .misplacedQuote
                }
            case .skipping:
                return .outOfBytes
            }
        }
    }

    private mutating func ended(by byte: UInt8) -> Scan {
        afterReturn = byte == Self.carriageReturn
        return .ended(isBlank: record.ends.count == 1 && record.bytes.isEmpty && !sawQuote)
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
}
