package import CollectionsDomain

/// The columns of a file of exchange rates.
package enum RateColumn: String, ImportColumn {
    case date, from, to, rate

    package var isRequired: Bool { true }
}

/// One rate of the bank.
package struct RateRow: Hashable, Sendable {
    package var on: Day
    package var rate: ExchangeRate

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<RateColumn>) {
        guard reader.isWhole else { return nil }
        let on = reader.requiredDay(.date)
        let from = reader.currency(.from)
        let to = reader.currency(.to)
        let text = reader.required(.rate)
        if let from, let to, from == to { reader.refuse(.to, "the same currency") }
        guard reader.faults.isEmpty, let on, let from, let to, let text else { return nil }
        do {
            rate = try ExchangeRate(
                from: from, to: to, text: reader.layout.mapping.decimalSeparator == "," ? text.replacing(",", with: ".") : text)
        } catch {
            reader.refuse(.rate, error == .negative ? "not above zero" : "not a plain decimal number")
            return nil
        }
        self.on = on
    }
}
