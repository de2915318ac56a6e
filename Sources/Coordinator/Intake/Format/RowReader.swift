package import CollectionsDomain

/// Why a row is refused: which field, and what is wrong with it. Never the value.
package struct RowFault: Hashable, Sendable {
    /// The row's number in the file (``Record/number``).
    package let row: Int
    /// Our name of the column; empty for the row as a whole.
    package let field: String
    /// Lower case, factual, without data.
    package let reason: String

    /// A fault by its parts.
    package init(row: Int, field: String, reason: String) {
        self.row = row
        self.field = field
        self.reason = reason
    }
}

/// Reads the fields of one row as values, collecting everything that is wrong with it.
///
/// Blanks around a value are dropped; an empty value is an absent one. After the first fault the row is lost, but the other fields are read
/// all the same, so that the reject file names every one of them at once.
package struct RowReader<Column: ImportColumn> {
    /// Where the columns stand.
    package let layout: FileLayout<Column>
    /// The row.
    package let record: Record
    /// What is wrong with it.
    package private(set) var faults: [RowFault] = []

    /// A reader of a row.
    package init(_ record: Record, layout: FileLayout<Column>) {
        self.record = record
        self.layout = layout
        if record.count != layout.width {
            faults.append(RowFault(row: record.number, field: "", reason: "has \(record.count) fields, expected \(layout.width)"))
        }
    }

    /// Whether the row has as many fields as the header. If not, nothing else is worth reading.
    package var isWhole: Bool { record.count == layout.width }

    /// Adds a fault.
    package mutating func refuse(_ column: Column, _ reason: String) {
        faults.append(RowFault(row: record.number, field: column.rawValue, reason: reason))
    }

    // MARK: Text

    /// The value of a column, or nil if it is absent. Text with a NUL or bytes of another encoding is a fault.
    package mutating func optional(_ column: Column) -> String? {
        guard let position = layout.positions[column] else { return layout.constants[column] }
        guard position < record.count else { return nil }
        let bytes = record[position]
        if bytes.isEmpty { return layout.constants[column] }
        guard let text = record.text(position) else {
            refuse(column, "bytes are not valid in the file's encoding")
            return nil
        }
        if bytes.contains(0) {
            refuse(column, "contains a NUL byte")
            return nil
        }
        let value = text.trimmed
        if value.isEmpty { return layout.constants[column] }
        if let words = layout.mapping.values[column.rawValue], let word = words[value] { return word }
        return value
    }

    /// The value of a column that must have one.
    package mutating func required(_ column: Column) -> String? {
        let before = faults.count
        if let value = optional(column) { return value }
        if faults.count == before { refuse(column, "missing") }
        return nil
    }

    /// Text of at most `longest` characters, without control characters.
    package mutating func text(_ column: Column, longest: Int) -> String? {
        guard let value = optional(column) else { return nil }
        return checked(value, column, longest: longest)
    }

    /// Text that must be there.
    package mutating func requiredText(_ column: Column, longest: Int) -> String? {
        guard let value = required(column) else { return nil }
        return checked(value, column, longest: longest)
    }

    /// A business key: 1 to 100 characters, no control characters.
    package mutating func reference(_ column: Column) -> String? { requiredText(column, longest: 100) }

    private mutating func checked(_ value: String, _ column: Column, longest: Int) -> String? {
        if value.count > longest {
            refuse(column, "longer than \(longest) characters")
            return nil
        }
        if value.unicodeScalars.contains(where: { $0.value < 32 || (0x7F...0x9F).contains($0.value) }) {
            refuse(column, "contains control characters")
            return nil
        }
        return value
    }

    /// One of a set of words; nil if absent.
    package mutating func word<Value: RawRepresentable<String> & CaseIterable>(_ column: Column, _ type: Value.Type = Value.self) -> Value?
    {
        guard let text = optional(column) else { return nil }
        guard let value = Value(rawValue: text) else {
            refuse(column, "expected one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return value
    }

    /// One of a set of words that must be there.
    package mutating func requiredWord<Value: RawRepresentable<String> & CaseIterable>(
        _ column: Column, _ type: Value.Type = Value.self
    ) -> Value? {
        let before = faults.count
        let value = word(column, type)
        if value == nil, faults.count == before { refuse(column, "missing") }
        return value
    }

    /// True or false; nil if absent.
    package mutating func flag(_ column: Column) -> Bool? {
        guard let text = optional(column) else { return nil }
        switch text.lowercased() {
        case "true", "1", "yes", "y": return true
        case "false", "0", "no", "n": return false
        default:
            refuse(column, "expected true or false")
            return nil
        }
    }

    // MARK: Numbers and money

    /// A whole number in a range; nil if absent.
    package mutating func integer<Number: FixedWidthInteger>(_ column: Column, _ range: ClosedRange<Number>) -> Number? {
        guard let text = optional(column) else { return nil }
        guard let value = Int64(text), text.utf8.first != UInt8(ascii: "+") else {
            refuse(column, "not a whole number")
            return nil
        }
        guard let number = Number(exactly: value), range.contains(number) else {
            refuse(column, "not between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return number
    }

    /// A whole number that must be there.
    package mutating func requiredInteger<Number: FixedWidthInteger>(_ column: Column, _ range: ClosedRange<Number>) -> Number? {
        let before = faults.count
        let value = integer(column, range)
        if value == nil, faults.count == before { refuse(column, "missing") }
        return value
    }

    /// The row's currency, which must be there.
    package mutating func currency(_ column: Column) -> Currency? {
        guard let code = required(column) else { return nil }
        guard let currency = Currency(code) else {
            refuse(column, "not an ISO 4217 currency in force")
            return nil
        }
        return currency
    }

    /// Which amounts a column may hold.
    package enum Sign: Sendable {
        case any, notNegative, positive
    }

    /// An amount in minor units; nil if absent, or if the row has no currency.
    package mutating func amount(_ column: Column, _ currency: Currency?, _ sign: Sign = .notNegative) -> Int64? {
        guard let text = optional(column), let currency else { return nil }
        do {
            let units = try Self.minorUnits(text, currency, layout.mapping)
            switch sign {
            case .any: break
            case .notNegative where units < 0:
                refuse(column, "negative amount")
                return nil
            case .positive where units <= 0:
                refuse(column, units < 0 ? "negative amount" : "amount is zero")
                return nil
            case .notNegative, .positive: break
            }
            return units
        } catch {
            refuse(column, Self.reason(error))
            return nil
        }
    }

    /// An amount that must be there.
    package mutating func requiredAmount(_ column: Column, _ currency: Currency?, _ sign: Sign = .notNegative) -> Int64? {
        let before = faults.count
        let value = amount(column, currency, sign)
        if value == nil, faults.count == before, optional(column) == nil { refuse(column, "missing") }
        return value
    }

    /// The control amount of a row: what the amount column says, whether or not the row is good otherwise.
    package func controlAmount(_ column: Column, currency: Column) -> (Currency, Int64)? {
        // A row whose amount cannot be read is refused where it is read; here it only adds nothing.
        var silent = self
        guard isWhole, let code = silent.optional(currency), let money = Currency(code), let text = silent.optional(column),
            let units = try? Self.minorUnits(text, money, layout.mapping)
        else { return nil }
        return (money, units)
    }

    private static func minorUnits(_ text: String, _ currency: Currency, _ mapping: MappingFile) throws(MoneyError) -> Int64 {
        if mapping.decimalSeparator == "," {
            guard !text.contains(".") else { throw .malformed }
            return try Money(parsing: text.replacing(",", with: "."), currency: currency, unit: mapping.amountUnit).minorUnits
        }
        return try Money(parsing: text, currency: currency, unit: mapping.amountUnit).minorUnits
    }

    private static func reason(_ error: MoneyError) -> String {
        switch error {
        case .overflow: "amount is too large"
        case .tooManyDecimals: "more decimals than the currency has"
        case .malformed: "not a plain decimal amount"
        case .negative: "negative amount"
        case .currencyMismatch: "amount of another currency"
        }
    }

    // MARK: Time

    /// A date of 1900 to 2200; nil if absent.
    package mutating func day(_ column: Column) -> Day? {
        guard let text = optional(column) else { return nil }
        guard let day = layout.mapping.dates.day(text) else {
            refuse(column, "not a date of the file's form")
            return nil
        }
        guard (1900...2200).contains(day.year) else {
            refuse(column, "date out of range")
            return nil
        }
        return day
    }

    /// A date that must be there.
    package mutating func requiredDay(_ column: Column) -> Day? {
        let before = faults.count
        let value = day(column)
        if value == nil, faults.count == before { refuse(column, "missing") }
        return value
    }

    /// An instant: RFC 3339 with an offset, or the mapping's form in its zone; nil if absent.
    ///
    /// - Parameters:
    ///   - bareDays: The zone in which a date without a time is taken as its first instant; nil refuses one.
    ///   - local: The zone in which a time without an offset is taken; nil refuses one.
    package mutating func instant(_ column: Column, bareDays: Zone? = nil, local: Zone? = nil) -> Instant? {
        guard let text = optional(column) else { return nil }
        let mapping = layout.mapping
        var value = Instant(iso8601: text)
        if value == nil, let times = mapping.times, let zone = mapping.zone { value = times.instant(text, in: zone) }
        if value == nil, let local { value = local.instant(local: text) }
        if value == nil, let zone = bareDays ?? mapping.zone, let day = mapping.dates.day(text) { value = zone.startOfDay(day) }
        guard let value else {
            refuse(column, mapping.dates.day(text) == nil ? "not an instant with an offset" : "a date without time and offset")
            return nil
        }
        guard (1900...2200).contains(Zone.utc.day(of: value).year) else {
            refuse(column, "date out of range")
            return nil
        }
        return value
    }

    /// An instant that must be there.
    package mutating func requiredInstant(_ column: Column, bareDays: Zone? = nil, local: Zone? = nil) -> Instant? {
        let before = faults.count
        let value = instant(column, bareDays: bareDays, local: local)
        if value == nil, faults.count == before { refuse(column, "missing") }
        return value
    }
}
