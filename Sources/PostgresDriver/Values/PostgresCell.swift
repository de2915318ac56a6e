/// One value of an answer, in place in the memory of its result.
///
/// Valid only while the `init(from:)` it is given to runs: copy what you need, do not keep the cell.
public struct PostgresCell {
    /// The value's bytes in binary format; `nil` for NULL.
    public let bytes: UnsafeRawBufferPointer?
    /// The type the server sent.
    public let type: PostgresType
    /// The column's index in its row.
    public let column: Int
    /// Names the column when an error is made. Not retained: the row that makes the cell holds the result.
    @usableFromInline unowned(unsafe) let result: PostgresResult?

    @inlinable init(bytes: UnsafeRawBufferPointer?, type: PostgresType, column: Int, result: PostgresResult?) {
        self.bytes = bytes
        self.type = type
        self.column = column
        self.result = result
    }

    /// Whether the value is NULL.
    @inlinable public var isNull: Bool { bytes == nil }

    /// The bytes of a value that may not be NULL.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when the value is NULL.
    @inlinable public func require<T>(_ wanted: T.Type) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes else { throw failure(T.self, "value is NULL") }
        return bytes
    }

    /// The value as one big-endian integer that fills the cell exactly.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when the value is NULL or has another length.
    @inlinable public func integer<I: FixedWidthInteger>(_: I.Type = I.self) throws(PostgresError) -> I {
        let raw = try require(I.self)
        guard raw.count == MemoryLayout<I>.size else { throw failure(I.self, "value has \(raw.count) bytes") }
        return I(bigEndian: raw.loadUnaligned(as: I.self))
    }

    /// The error a decoder throws: names the column and both types, never the value.
    ///
    /// - Parameters:
    ///   - wanted: The Swift type that could not be made.
    ///   - reason: Why, without the value.
    public func failure<T>(_ wanted: T.Type, _ reason: String) -> PostgresError {
        let name = result.flatMap { $0.columnName(column) }
        let shown = name.map { "\(column) (\($0))" } ?? "\(column)"
        return PostgresError(.decode, "cannot decode column \(shown) of type \(type) as \(T.self): \(reason)", column: name)
    }
}
