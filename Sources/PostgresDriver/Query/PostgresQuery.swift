/// One SQL statement with its bound values.
///
/// Interpolation binds: `"SELECT name FROM agency WHERE agency_id = \(id)"` sends `$1`, never the value's text. Identifiers, which cannot be bound, go in
/// with `\(unescaped:)` and must not come from outside.
///
/// ```swift
/// let due: PostgresQuery = "SELECT task_id FROM task WHERE part = \(part) AND due_at <= \(now) LIMIT \(limit)"
/// ```
public struct PostgresQuery: Sendable, ExpressibleByStringInterpolation {
    /// The text, with `$1`, `$2`, … where values are bound.
    public let sql: String
    var binds: PostgresBinds
    /// Whether the statement may be kept prepared on the connection. Turn it off for text that will not come again.
    public var isCached = true

    /// A statement with placeholders and the values for them, in order.
    ///
    /// - Parameters:
    ///   - sql: The text with `$1`, `$2`, …
    ///   - values: The values; at most 65,535.
    public init(_ sql: String, _ values: [any PostgresEncodable] = []) {
        self.sql = sql
        var binds = PostgresBinds()
        for value in values { binds.append(value) }
        self.binds = binds
    }

    /// A statement without values.
    public init(stringLiteral sql: String) {
        self.sql = sql
        binds = PostgresBinds()
    }

    /// A statement whose interpolated values are bound.
    public init(stringInterpolation: StringInterpolation) {
        sql = stringInterpolation.sql
        binds = stringInterpolation.binds
    }

    /// How many values are bound.
    public var bindCount: Int { binds.count }

    /// The same text with other values: cheaper than interpolating again in a loop.
    public func bound(to values: [any PostgresEncodable]) -> PostgresQuery { PostgresQuery(sql, values) }

    /// Collects text and values of an interpolated statement.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        @usableFromInline var sql: String
        @usableFromInline var binds: PostgresBinds

        /// Makes room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = ""
            sql.reserveCapacity(literalCapacity + interpolationCount * 3)
            binds = PostgresBinds()
            binds.reserve(interpolationCount)
        }

        /// SQL text.
        @inlinable public mutating func appendLiteral(_ literal: String) { sql.append(literal) }

        /// Binds a value and writes its placeholder.
        @inlinable public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
            binds.append(value)
            appendPlaceholder(binds.count)
        }

        /// Binds a value or NULL. (An overload of its own: the compiler warns about optionals in other interpolations.)
        @inlinable public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
            binds.append(value)
            appendPlaceholder(binds.count)
        }

        /// SQL text as it is: identifiers, fragments. Never anything that comes from outside.
        public mutating func appendInterpolation(unescaped text: String) { sql.append(text) }

        @usableFromInline mutating func appendPlaceholder(_ number: Int) {
            sql.append("$")
            sql.append(number < 10 ? String(UnicodeScalar(UInt8(48 + number))) : String(number))
        }
    }
}

/// The values of one statement in one piece of memory: binary forms one after the other.
@usableFromInline struct PostgresBinds: Sendable {
    @usableFromInline var buffer = PostgresBuffer()
    /// Where each value ends in the buffer; as its complement (negative) for NULL.
    @usableFromInline var ends: [Int32] = []
    @usableFromInline var types: [UInt32] = []

    @inlinable init() {}

    @inlinable var count: Int { ends.count }

    @usableFromInline mutating func reserve(_ count: Int) {
        ends.reserveCapacity(count)
        types.reserveCapacity(count)
        buffer.bytes.reserveCapacity(count * 8)
    }

    @inlinable mutating func append<T: PostgresEncodable>(_ value: T) {
        value.encode(into: &buffer)
        let end = Int32(buffer.bytes.count)
        ends.append(buffer.sawNull ? ~end : end)
        buffer.sawNull = false
        types.append(T.postgresType.oid)
    }

    /// The arrays libpq wants, for the time of `body`.
    func withParameters<R>(
        _ body: (
            _ count: Int32, _ types: UnsafePointer<UInt32>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        let count = ends.count
        if count == 0 { return body(0, nil, nil, nil, nil) }
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 2) { numbers in
                buffer.bytes.withUnsafeBufferPointer { raw in
                    // A value of no bytes still needs an address: NULL means SQL NULL to libpq.
                    let base = raw.baseAddress.map { UnsafeRawPointer($0) } ?? Self.nothing
                    var start = 0
                    for i in 0..<count {
                        let end = ends[i] < 0 ? Int(~ends[i]) : Int(ends[i])
                        values.initializeElement(at: i, to: ends[i] < 0 ? nil : (base + start).assumingMemoryBound(to: CChar.self))
                        numbers.initializeElement(at: i, to: Int32(end - start))
                        numbers.initializeElement(at: count + i, to: 1)
                        start = end
                    }
                    return types.withUnsafeBufferPointer {
                        body(Int32(count), $0.baseAddress, values.baseAddress, numbers.baseAddress, numbers.baseAddress.map { $0 + count })
                    }
                }
            }
        }
    }

    /// An address for values of no bytes; never freed, never written.
    nonisolated(unsafe) private static let nothing = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
}
