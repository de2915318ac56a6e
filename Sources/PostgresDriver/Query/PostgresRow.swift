/// One row of an answer.
public struct PostgresRow: Sendable {
    @usableFromInline let result: PostgresResult
    @usableFromInline let index: Int

    @usableFromInline init(result: PostgresResult, index: Int) {
        self.result = result
        self.index = index
    }

    /// How many columns the row has.
    public var columnCount: Int { result.columnCount }
    /// The columns, in order.
    public var columns: [PostgresColumn] { result.columns }

    /// All columns, in order: `let (id, name) = try row.decode((Int64, String?).self)`.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when the number of columns, a type, or a NULL does not fit.
    @inlinable public func decode<each T: PostgresDecodable>(_ types: (repeat each T).Type) throws(PostgresError) -> (repeat each T) {
        var wanted = 0
        for _ in repeat (each T).self { wanted += 1 }
        guard wanted == result.columnCount else {
            throw PostgresError(code: .decode, message: "cannot decode a row of \(result.columnCount) columns as \(wanted)")
        }
        var column = 0
        return (repeat try next((each T).self, &column))
    }

    @inlinable func next<T: PostgresDecodable>(_ type: T.Type, _ column: inout Int) throws(PostgresError) -> T {
        defer { column += 1 }
        return try read(column, type)
    }

    @inlinable func read<T: PostgresDecodable>(_ column: Int, _: T.Type) throws(PostgresError) -> T {
        let cell = try result.cell(index, column)
        guard T.accepts(cell.type) else { throw cell.failure(T.self, "types do not match") }
        return try T(from: cell)
    }

    /// The value of one column by its index.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when there is no such column, or type or NULL do not fit.
    @inlinable public func get<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard column >= 0, column < result.columnCount else {
            throw PostgresError(code: .decode, message: "cannot decode column \(column): the row has \(result.columnCount)")
        }
        return try read(column, type)
    }

    /// The value of one column by its exact name. By index is faster.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when there is no such column, or type or NULL do not fit.
    @inlinable public func get<T: PostgresDecodable>(_ name: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let column = result.columnIndex(name) else {
            throw PostgresError(code: .decode, message: "cannot decode column \(name): there is none")
        }
        return try read(column, type)
    }
}
