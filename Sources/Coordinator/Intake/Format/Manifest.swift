package import CollectionsDomain
package import Foundation

/// The control totals that prove a file whole: `FILE.manifest.json` beside it, or `--manifest`.
///
/// Amounts are decimal text in major units. Every field but the counts may be missing; what is there must agree with the file, or the file
/// is refused whole.
package struct Manifest: Codable, Hashable, Sendable {
    /// The file's name, without directories.
    package var file: String?
    /// Data rows, the header not counted.
    package var rows: Int64?
    /// The sum of the amount column as written, of all rows.
    package var amountTotal: String?
    /// The currency of ``amountTotal``.
    package var currency: String?
    /// The sums by currency, for files of several.
    package var amountTotals: [String: String]?
    /// The day the figures are of, ISO 8601.
    package var asOf: String?
    /// SHA-256 of the file's bytes, hexadecimal.
    package var sha256: String?
    /// Payments: up to when the file is complete, RFC 3339.
    package var ledgerThrough: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case file, rows, currency, sha256
        case amountTotal = "amount_total"
        case amountTotals = "amount_totals"
        case asOf = "as_of"
        case ledgerThrough = "ledger_through"
    }

    /// A manifest by its parts.
    package init(
        file: String? = nil, rows: Int64? = nil, amountTotal: String? = nil, currency: String? = nil, amountTotals: [String: String]? = nil,
        asOf: String? = nil, sha256: String? = nil, ledgerThrough: String? = nil
    ) {
        self.file = file
        self.rows = rows
        self.amountTotal = amountTotal
        self.currency = currency
        self.amountTotals = amountTotals
        self.asOf = asOf
        self.sha256 = sha256
        self.ledgerThrough = ledgerThrough
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        file = try container.decodeIfPresent(String.self, forKey: .file)
        rows = try container.decodeIfPresent(Int64.self, forKey: .rows)
        amountTotal = try Self.amount(in: container, .amountTotal)
        currency = try container.decodeIfPresent(String.self, forKey: .currency)
        amountTotals = try container.decodeIfPresent([String: String].self, forKey: .amountTotals)
        asOf = try container.decodeIfPresent(String.self, forKey: .asOf)
        sha256 = try container.decodeIfPresent(String.self, forKey: .sha256)
        ledgerThrough = try container.decodeIfPresent(String.self, forKey: .ledgerThrough)
    }

    /// An amount as text, or as a number some banks write; decimal either way, never a binary fraction.
    private static func amount(in container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys) throws -> String? {
        guard container.contains(key), try !container.decodeNil(forKey: key) else { return nil }
        if let text = try? container.decode(String.self, forKey: key) { return text }
        return try container.decode(Decimal.self, forKey: key).description
    }

    /// Reads a manifest's JSON.
    ///
    /// - Throws: ``IntakeError/usage(_:)`` that names the manifest.
    package init(json: Data, name: String) throws(IntakeError) {
        do {
            self = try JSONDecoder().decode(Manifest.self, from: json)
        } catch {
            throw .usage("cannot read manifest \(name): it is no JSON object of the known form")
        }
    }

    /// The manifest as JSON, keys sorted.
    package var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    /// What was counted in a file, to be held against its manifest.
    package struct Counted: Sendable {
        package var file: String
        package var rows: Int64
        /// Minor units by currency, of every row whose amount can be read.
        package var totals: [Currency: Int128]
        package var sha256: String
        package var asOf: Day?

        package init(file: String, rows: Int64, totals: [Currency: Int128], sha256: String, asOf: Day?) {
            self.file = file
            self.rows = rows
            self.totals = totals
            self.sha256 = sha256
            self.asOf = asOf
        }
    }

    /// Where the file and its manifest disagree, in words; empty if they agree.
    package func disagreements(with counted: Counted) -> [String] {
        var faults: [String] = []
        if let file, file != counted.file { faults.append("manifest is of file \(file)") }
        if let sha256, sha256.lowercased() != counted.sha256 { faults.append("manifest disagrees: sha256 of the file is another") }
        if let rows, rows != counted.rows { faults.append("manifest disagrees: rows \(rows), file has \(counted.rows)") }
        if let asOf {
            if let day = Day(iso: asOf) {
                if let own = counted.asOf, own != day { faults.append("manifest disagrees: as_of \(day), rows say \(own)") }
            } else {
                faults.append("manifest as_of is no date")
            }
        }
        if let ledgerThrough, Instant(iso8601: ledgerThrough) == nil {
            faults.append("manifest ledger_through is no instant with an offset")
        }
        var expected = amountTotals ?? [:]
        if let amountTotal {
            if let currency {
                expected[currency] = amountTotal
            } else if let only = counted.totals.keys.first, counted.totals.count == 1 {
                expected[only.code] = amountTotal
            } else if let zero = try? DecimalNumber(parsing: amountTotal), zero.units == 0, counted.totals.isEmpty {
                // A file without rows has no currency and no amount.
            } else {
                faults.append("manifest has an amount_total without its currency")
            }
        }
        for (code, text) in expected.sorted(by: { $0.key < $1.key }) {
            guard let currency = Currency(code), let wanted = Self.minorUnits(text, currency) else {
                faults.append("manifest amount_total of \(code) is no amount")
                continue
            }
            let found = counted.totals[currency] ?? 0
            if wanted != found {
                faults.append(
                    "manifest disagrees: amount_total \(text) \(code), rows sum to \(Money.decimalText(found, digits: currency.minorDigits))"
                )
            }
        }
        if !expected.isEmpty {
            for currency in counted.totals.keys.sorted(by: { $0.code < $1.code }) where expected[currency.code] == nil {
                faults.append("manifest disagrees: it has no amount_total in \(currency.code)")
            }
        }
        return faults
    }

    /// Totals pass 64 bits in no real bank, but a number that long must not stop the comparison.
    private static func minorUnits(_ text: String, _ currency: Currency) -> Int128? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, let major = Int128(whole), !whole.hasPrefix("+") else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        let significant = decimals.utf8.count > currency.minorDigits ? decimals.prefix(currency.minorDigits) : decimals
        guard decimals.utf8.allSatisfy({ (48...57).contains($0) }), decimals.dropFirst(significant.count).allSatisfy({ $0 == "0" }),
            whole.utf8.count <= 30
        else { return nil }
        var minor: Int128 = 0
        for byte in significant.utf8 { minor = minor * 10 + Int128(byte - 48) }
        for _ in significant.utf8.count..<currency.minorDigits { minor *= 10 }
        let scaled = major * Int128(currency.minorPerMajor)
        return whole.hasPrefix("-") ? scaled - minor : scaled + minor
    }
}
