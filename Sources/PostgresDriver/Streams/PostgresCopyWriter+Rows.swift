extension PostgresCopyWriter {
    /// Writes one row of the text format: fields separated by tabs, special characters escaped, `nil` as NULL.
    ///
    /// - Throws: As ``write(_:)-swift.method``.
    public func writeRow(_ fields: [String?]) async throws(PostgresError) {
        var line: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { line.append(UInt8(ascii: "\t")) }
            guard let field else {
                line.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
                continue
            }
            for byte in field.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): line.append(contentsOf: [byte, byte])
                case UInt8(ascii: "\t"): line.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
                case UInt8(ascii: "\n"): line.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
                case UInt8(ascii: "\r"): line.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
                default: line.append(byte)
                }
            }
        }
        line.append(UInt8(ascii: "\n"))
        try await write(line)
    }
}

/// Takes the rows of a copy in binary format; see ``PostgresConnection/withBinaryCopy(into:columns:_:)``.
public final class PostgresBinaryCopyWriter {
    private let inner: PostgresCopyWriter
    @usableFromInline let columnCount: Int
    /// Rows that have not been sent: gathered here and not in the writer below, which would copy them once more. With a buffer for each row and a
    /// call of unspecialised code a copy of a million rows reached 0.93 of psql's \\copy.
    @usableFromInline var rows = PostgresBuffer()

    init(_ inner: PostgresCopyWriter, columnCount: Int) {
        self.inner = inner
        self.columnCount = columnCount
    }

    /// Writes one row, its values in the order of the columns.
    ///
    /// - Throws: `.invalidUse` when their number is not that of the columns; else as ``PostgresCopyWriter/write(_:)-swift.method``.
    @inlinable public func writeRow<each T: PostgresEncodable>(_ values: repeat each T) async throws(PostgresError) {
        try append(repeat each values)
        if rows.bytes.count >= Self.pieceBytes { try await send() }
    }

    @usableFromInline static let pieceBytes = PostgresCopyWriter.pieceBytes

    @inlinable func append<each T: PostgresEncodable>(_ values: repeat each T) throws(PostgresError) {
        var count = 0
        for _ in repeat (each T).self { count += 1 }
        guard count == columnCount else { throw Self.mismatch(count, columnCount) }
        rows.write(Int16(columnCount))
        repeat rows.writeElement(each values)
    }

    @usableFromInline static func mismatch(_ count: Int, _ columns: Int) -> PostgresError {
        PostgresError(.invalidUse, "cannot copy a row of \(count) values into \(columns) columns")
    }

    /// Sends what was gathered.
    @usableFromInline func send() async throws(PostgresError) {
        let piece = rows.bytes
        rows = PostgresBuffer(capacity: Self.pieceBytes + 4_096)
        try await inner.write(piece)
    }
}

extension PostgresConnection {
    /// Copies rows into a table in binary format, which neither side has to format or parse.
    ///
    /// The server does not convert: each value's type must be exactly its column's (`Int64` for `bigint`, `Int32` for `integer`, `PostgresJSON` for `jsonb`).
    ///
    /// - Parameters:
    ///   - table: The table's name; quoted here.
    ///   - columns: The columns' names; quoted here.
    ///   - body: Writes all rows. When it throws, nothing is copied.
    /// - Returns: How many rows the server took.
    /// - Throws: What `body` throws, or the server's error.
    @discardableResult
    public nonisolated(nonsending) func withBinaryCopy(
        into table: String, columns: [String], _ body: (PostgresBinaryCopyWriter) async throws -> Void
    ) async throws -> Int {
        let names = columns.map(PostgresQuery.quoted).joined(separator: ", ")
        return try await withCopyIn("COPY \(PostgresQuery.quoted(table)) (\(names)) FROM STDIN (FORMAT binary)") { writer in
            // Signature, flags, no extension; at the end a row of -1 columns.
            try await writer.write(Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            let rows = PostgresBinaryCopyWriter(writer, columnCount: columns.count)
            try await body(rows)
            try await rows.send()
            try await writer.write([0xFF, 0xFF])
        }
    }
}
