/// One record of a delimited file: its fields as UTF-8, quotes taken off.
package struct Record: Hashable, Sendable {
    /// The number of the record in its file, blank lines counted, the header row being 1 where there is one: what a spreadsheet shows.
    package internal(set) var number = 0
    /// The contents of all fields, one after the other.
    package internal(set) var bytes: [UInt8] = []
    /// Where each field ends in ``bytes``.
    package internal(set) var ends: [Int] = []

    /// How many fields there are.
    package var count: Int { ends.count }

    /// The bytes of a field.
    package subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The text of a field; nil if its bytes are not valid in the file's encoding.
    package func text(_ index: Int) -> String? {
        String(validating: self[index], as: UTF8.self)
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

/// Why a record could not be read at all.
package enum RecordFault: String, CaseIterable, Sendable {
    /// Longer than ``RecordParser/maximumBytes``.
    case tooLong = "line too long"
    /// A quoted field that does not end: a stray quote, or a file cut off.
    case unclosedQuote = "quote not closed"
    /// A quote inside an unquoted field, or text behind a closing quote.
    case misplacedQuote = "misplaced quote"
}
