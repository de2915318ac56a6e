import CLibPQ

/// A column of an answer.
public struct PostgresColumn: Hashable, Sendable {
    /// The column's name as the server sent it.
    public let name: String
    /// The column's type.
    public let type: PostgresType
}

/// The rows of one statement, in the memory libpq received them in; values are decoded in place.
public final class PostgresResult: Sendable, RandomAccessCollection {
    /// Owned by this object alone, freed once in `deinit`. After it is received nothing writes to a `PGresult` and libpq's readers are pure, so any thread may read.
    nonisolated(unsafe) let raw: OpaquePointer
    /// How many rows there are.
    public let count: Int
    /// How many columns each row has.
    public let columnCount: Int
    /// A statement answered in text (the simple protocol) cannot be decoded.
    private let isBinary: Bool

    init(adopting raw: OpaquePointer) {
        self.raw = raw
        count = Int(PQntuples(raw))
        columnCount = Int(PQnfields(raw))
        isBinary = PQbinaryTuples(raw) == 1 || columnCount == 0
    }

    deinit { PQclear(raw) }

    /// 0
    public var startIndex: Int { 0 }
    /// ``count``
    public var endIndex: Int { count }

    /// The row at `index`, which must be in `0..<count`.
    public subscript(index: Int) -> PostgresRow {
        precondition(index >= 0 && index < count, "row index out of range")
        return PostgresRow(result: self, index: index)
    }

    /// The columns, in order.
    public var columns: [PostgresColumn] {
        (0..<columnCount).map { PostgresColumn(name: columnName($0) ?? "", type: columnType($0)) }
    }

    /// How many rows the statement inserted, updated, deleted or returned, from its command tag; 0 for statements that count nothing.
    ///
    /// On a distributed server the tag may count differently: what happened is what RETURNING returns.
    public var affected: Int { PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The command tag, such as `INSERT 0 1`.
    public var commandTag: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

    /// Decodes every row; see ``PostgresRow/decode(_:)``.
    @inlinable public func decode<each T: PostgresDecodable>(_ types: (repeat each T).Type) throws(PostgresError) -> [(repeat each T)] {
        var list: [(repeat each T)] = []
        list.reserveCapacity(count)
        for index in 0..<count { list.append(try self[index].decode(types)) }
        return list
    }

    /// The only value of the only row.
    ///
    /// - Throws: ``PostgresError/Code/decode`` when there is not exactly one row and one column.
    @inlinable public func value<T: PostgresDecodable>(as type: T.Type = T.self) throws(PostgresError) -> T {
        guard count == 1, columnCount == 1 else {
            throw PostgresError(code: .decode, message: "expected one row of one column, got \(count) of \(columnCount)")
        }
        return try self[0].get(0, as: type)
    }

    /// The index of a column by name.
    @usableFromInline func columnIndex(_ name: String) -> Int? {
        // Not PQfnumber: it folds case and unquotes.
        for column in 0..<columnCount where name.withCString({ strcmpEqual($0, PQfname(raw, Int32(column))) }) { return column }
        return nil
    }

    @usableFromInline func columnName(_ column: Int) -> String? { PQfname(raw, Int32(column)).map { String(cString: $0) } }

    func columnType(_ column: Int) -> PostgresType { PostgresType(oid: PQftype(raw, Int32(column))) }

    /// The cell at a row and column, which must be in range.
    @usableFromInline func cell(_ row: Int, _ column: Int) throws(PostgresError) -> PostgresCell {
        guard isBinary else { throw PostgresError(.decode, "cannot decode column \(column): the answer is in text format") }
        let (r, c) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
        let type = PostgresType(oid: PQftype(raw, c))
        guard PQgetisnull(raw, r, c) == 0, let value = PQgetvalue(raw, r, c) else {
            return PostgresCell(bytes: nil, type: type, column: column, result: self)
        }
        return PostgresCell(
            bytes: UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(raw, r, c))), type: type, column: column, result: self)
    }
}

private func strcmpEqual(_ a: UnsafePointer<CChar>, _ b: UnsafePointer<CChar>?) -> Bool {
    guard let b else { return false }
    var i = 0
    while a[i] == b[i] {
        if a[i] == 0 { return true }
        i += 1
    }
    return false
}
