import CollectionsDomain
package import CollectionsStore
package import Foundation

/// What became of a file; also the content of its acknowledgement, `FILE.ack.json`.
package struct ImportReport: Encodable, Sendable {
    /// What became of the file as a whole.
    package enum State: String, Encodable, Sendable {
        /// Its good rows stand in the tables.
        case loaded
        /// The very same file was loaded before; nothing was changed.
        case alreadyLoaded = "already_loaded"
        /// Nothing of it was loaded.
        case refused
        /// A dry run: it would be loaded.
        case checked
    }

    /// Its name, without directories.
    package var file: String
    package var kind: String
    package var state: State
    package var portfolio: String?
    /// Data rows read.
    package var rows: Int64 = 0
    /// New rows loaded.
    package var loaded: Int64 = 0
    /// Rows known before, unchanged.
    package var known: Int64 = 0
    /// Rows refused.
    package var rejected: Int64 = 0
    /// Decimal sums of all rows as the file has them, by currency.
    package var amountRead: [String: String] = [:]
    /// Decimal sums of the accepted rows (loaded and known), by currency.
    package var amountTotal: [String: String] = [:]
    package var sha256: String = ""
    /// ISO 8601.
    package var asOf: String?
    /// RFC 3339; the source's watermark after a payments file.
    package var ledgerThrough: String?
    /// Why the file was refused.
    package var reasons: [String] = []
    /// The first rejected rows, so that nobody has to open the reject file for one typing error.
    package var firstRejects: [Reject] = []
    /// Where all rejected rows stand.
    package var rejectFile: String?
    /// Where this report stands as the acknowledgement.
    package var acknowledgement: String?
    package var importFileId: Int64?
    package var seconds: Double = 0

    /// One fault of one row.
    package struct Reject: Encodable, Hashable, Sendable {
        package let rowNumber: Int64
        package let field: String
        package let reason: String

        private enum CodingKeys: String, CodingKey {
            case field, reason
            case rowNumber = "row_number"
        }

        package init(_ fault: RowFault) {
            rowNumber = Int64(fault.row)
            field = fault.field
            reason = fault.reason
        }
    }

    /// At most this many rejects stand in the report.
    package static let shownRejects = 20

    private enum CodingKeys: String, CodingKey {
        case file, kind, state, portfolio, rows, loaded, known, rejected, sha256, reasons, acknowledgement, seconds
        case amountRead = "amount_read"
        case amountTotal = "amount_total"
        case asOf = "as_of"
        case ledgerThrough = "ledger_through"
        case firstRejects = "first_rejects"
        case rejectFile = "reject_file"
        case importFileId = "import_file_id"
    }

    package init(file: String, kind: ImportKind, state: State) {
        self.file = file
        self.kind = kind.rawValue
        self.state = state
    }

    /// Rows a second over the whole import.
    package var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }

    /// The report as JSON, keys sorted.
    package var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    /// Decimal texts of sums in minor units.
    static func decimals(_ totals: [Currency: Int128]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: totals.map { ($0.key.code, Money.decimalText($0.value, digits: $0.key.minorDigits)) })
    }
}

/// What `import_file.detail` keeps, so that the same file can be acknowledged again.
struct ImportDetail: Codable {
    var amountRead: [String: String]
    var amountTotal: [String: String]
    var asOf: String?
    var ledgerThrough: String?
    var source: String?

    init(_ report: ImportReport, source: String?) {
        amountRead = report.amountRead
        amountTotal = report.amountTotal
        asOf = report.asOf
        ledgerThrough = report.ledgerThrough
        self.source = source
    }

    var json: CanonicalJSON {
        [
            "amountRead": .object(of: amountRead.mapValues { .string($0) }),
            "amountTotal": .object(of: amountTotal.mapValues { .string($0) }),
            "asOf": .optional(asOf), "ledgerThrough": .optional(ledgerThrough), "source": .optional(source),
        ]
    }
}
