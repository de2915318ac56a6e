package import PostgresDriver

/// A validated row on its way from a file to its lane.
package struct StagedRow: Hashable, Sendable {
    /// The owner's lane.
    package var lane: Int32
    /// Order within the lane: 0 before 1.
    package var phase: Int16
    /// The row's number in the file.
    package var number: Int64
    /// The row's business key, unique in its file.
    package var ref: String
    /// The row, personal values sealed.
    package var body: [UInt8]

    package init(lane: Int32, phase: Int16 = 0, number: Int64, ref: String, body: [UInt8]) {
        self.lane = lane
        self.phase = phase
        self.number = number
        self.ref = ref
        self.body = body
    }
}

/// The staging table of imports: not a lane table, unlogged, emptied after each file.
package enum ImportRowQueries {
    /// Where a page of a lane ended.
    package struct Position: Hashable, Sendable {
        package let phase: Int16
        package let number: Int64

        /// Before the first row.
        package static let start = Position(phase: -1, number: 0)

        package init(phase: Int16, number: Int64) {
            self.phase = phase
            self.number = number
        }
    }

    /// Copies rows in, all or none.
    package static func copy(file: Int64, _ rows: [StagedRow], in db: PostgresConnection) async throws {
        try await db.withCopyIn("copy import_row (import_file_id, lane, phase, row_number, ref, body) from stdin (format binary)") {
            writer in
            var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
            for row in rows {
                append(Int16(6), to: &bytes)
                append(Int32(8), to: &bytes)
                append(file, to: &bytes)
                append(Int32(4), to: &bytes)
                append(row.lane, to: &bytes)
                append(Int32(2), to: &bytes)
                append(row.phase, to: &bytes)
                append(Int32(8), to: &bytes)
                append(row.number, to: &bytes)
                append(Int32(row.ref.utf8.count), to: &bytes)
                bytes.append(contentsOf: row.ref.utf8)
                append(Int32(row.body.count), to: &bytes)
                bytes.append(contentsOf: row.body)
                if bytes.count >= 256 << 10 {
                    try await writer.write(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            append(Int16(-1), to: &bytes)
            try await writer.write(bytes)
        }
    }

    /// Takes rows out again: before a copy whose outcome is unknown is repeated, and duplicates.
    package static func delete(file: Int64, numbers: [Int64], in db: PostgresConnection) async throws {
        try await db.query("delete from import_row where import_file_id = \(file) and row_number = any(\(numbers))")
    }

    /// Rows whose key stands in an earlier row of the same lane, with that row's number.
    package static func duplicates(
        file: Int64, lane: Int32, limit: Int64, in db: PostgresConnection
    ) async throws -> [(number: Int64, first: Int64)] {
        try await db.query(
            """
            select row_number, first from (
                select row_number, min(row_number) over (partition by ref) as first from import_row
                where import_file_id = \(file) and lane = \(lane)) numbered
            where row_number > first order by row_number limit \(limit)
            """
        ).map { try $0.decode((Int64, Int64).self) }
    }

    /// The next rows of a lane.
    package static func page(
        file: Int64, lane: Int32, after position: Position, limit: Int64, in db: PostgresConnection
    ) async throws -> [StagedRow] {
        try await db.query(
            """
            select phase, row_number, ref, body from import_row
            where import_file_id = \(file) and lane = \(lane) and (phase, row_number) > (\(position.phase), \(position.number))
            order by phase, row_number limit \(limit)
            """
        ).map { row in
            let (phase, number, ref, body) = try row.decode((Int16, Int64, String, [UInt8]).self)
            return StagedRow(lane: lane, phase: phase, number: number, ref: ref, body: body)
        }
    }

    /// The lanes that have rows, with how many.
    package static func lanes(file: Int64, in db: PostgresConnection) async throws -> [(lane: Int32, rows: Int64)] {
        try await db.query("select lane, count(*) from import_row where import_file_id = \(file) group by lane order by lane").map {
            try $0.decode((Int32, Int64).self)
        }
    }

    /// Empties the staging of a file.
    package static func clear(file: Int64, in db: PostgresConnection) async throws {
        try await db.query("delete from import_row where import_file_id = \(file)")
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
