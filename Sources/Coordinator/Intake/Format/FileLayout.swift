/// The columns of one kind of file; raw values are our names.
package protocol ImportColumn: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// Whether a file without the column is refused.
    var isRequired: Bool { get }
    /// Whether its values are personal data, which no message may show.
    var isPersonal: Bool { get }
}

extension ImportColumn {
    /// Only a few columns are.
    package var isPersonal: Bool { false }
}

/// Where each column of a file stands.
package struct FileLayout<Column: ImportColumn>: Sendable {
    /// The position of each column the file has.
    package let positions: [Column: Int]
    /// Columns with the same value in every row, from the mapping.
    package let constants: [Column: String]
    /// How many fields a row must have.
    package let width: Int
    /// The file's form.
    package let mapping: MappingFile

    /// Whether the column has values, from the file or from the mapping.
    package func has(_ column: Column) -> Bool { positions[column] != nil || constants[column] != nil }

    /// Matches a header with the columns of a kind.
    ///
    /// - Parameter header: The names in the first row, as they stand there.
    /// - Throws: ``IntakeError/refused(file:reasons:)`` naming every missing, unknown and repeated column.
    package init(header: [String], mapping: MappingFile, file: String) throws(IntakeError) {
        var faults = Self.faults(of: mapping)
        // Their name to ours: renamed columns by the mapping, all others by our own name.
        var ours: [String: Column] = [:]
        for column in Column.allCases { ours[mapping.columns[column.rawValue] ?? column.rawValue] = column }
        var positions: [Column: Int] = [:]
        for (index, name) in header.map({ $0.trimmed }).enumerated() {
            if mapping.ignored.contains(name) { continue }
            guard let column = ours[name] else {
                // Headers are the bank's column names, not data; a row taken for a header could hold anything, so only plain names are shown.
                faults.append(Self.isPlainName(name) ? "unknown column '\(name)'" : "unknown column at position \(index + 1)")
                continue
            }
            if positions.updateValue(index, forKey: column) != nil { faults.append("column '\(column.rawValue)' stands twice") }
        }
        for (name, wanted) in mapping.columns where !header.contains(where: { $0.trimmed == wanted }) {
            faults.append("missing column '\(wanted)' (mapped to \(name))")
        }
        let constants = Self.constants(of: mapping)
        faults += Self.missing(positions, constants, mapping)
        if !faults.isEmpty { throw .refused(file: file, reasons: faults.sorted()) }
        self.positions = positions
        self.constants = constants
        self.width = header.count
        self.mapping = mapping
    }

    /// The columns of a file without a header: those of the mapping by position, or all of ours in their order.
    ///
    /// - Parameter width: How many fields the first row has.
    /// - Throws: ``IntakeError/refused(file:reasons:)``.
    package init(width: Int, mapping: MappingFile, file: String) throws(IntakeError) {
        var faults = Self.faults(of: mapping)
        var positions: [Column: Int] = [:]
        if mapping.columns.isEmpty {
            for (index, column) in Column.allCases.enumerated() where index < width { positions[column] = index }
        } else {
            for (name, position) in mapping.columns {
                guard let column = Column(rawValue: name), let number = Int(position) else { continue }
                if number > width { faults.append("column '\(name)' at position \(number): rows have \(width) fields") }
                positions[column] = number - 1
            }
        }
        let constants = Self.constants(of: mapping)
        faults += Self.missing(positions, constants, mapping)
        if !faults.isEmpty { throw .refused(file: file, reasons: faults.sorted()) }
        self.positions = positions
        self.constants = constants
        self.width = width
        self.mapping = mapping
    }

    private static func faults(of mapping: MappingFile) -> [String] {
        let names = Array(mapping.columns.keys) + Array(mapping.constants.keys) + Array(mapping.values.keys)
        return Set(names).filter { Column(rawValue: $0) == nil }.map {
            "mapping names column '\($0)', which this kind of file does not have"
        }
    }

    private static func constants(of mapping: MappingFile) -> [Column: String] {
        var constants: [Column: String] = [:]
        for (name, value) in mapping.constants {
            if let column = Column(rawValue: name) { constants[column] = value }
        }
        return constants
    }

    private static func missing(_ positions: [Column: Int], _ constants: [Column: String], _ mapping: MappingFile) -> [String] {
        Column.allCases.filter {
            $0.isRequired && positions[$0] == nil && constants[$0] == nil && mapping.columns[$0.rawValue] == nil
        }.map { "missing column '\($0.rawValue)'" }
    }

    private static func isPlainName(_ name: String) -> Bool {
        (1...40).contains(name.count) && name.allSatisfy { $0.isLetter || $0 == "_" || $0 == " " || $0 == "-" }
    }
}

extension String {
    /// Without blanks and tabs at both ends; inner ones stay.
    var trimmed: String {
        guard let first = utf8.first, let last = utf8.last, Self.isBlank(first) || Self.isBlank(last) else { return self }
        var rest = utf8[...]
        while let byte = rest.first, Self.isBlank(byte) { rest.removeFirst() }
        while let byte = rest.last, Self.isBlank(byte) { rest.removeLast() }
        return String(rest) ?? self
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
