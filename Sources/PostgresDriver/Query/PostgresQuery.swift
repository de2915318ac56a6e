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
        precondition(!sql.utf8.contains(0), "a statement cannot contain U+0000")
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

    /// A name as a quoted identifier, for SQL text that is put together by hand.
    public static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

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
        public mutating func appendInterpolation(unescaped text: String) {
            precondition(!text.utf8.contains(0), "a statement cannot contain U+0000")
            sql.append(text)
        }

        /// A name of a table, column, role or channel, quoted.
        public mutating func appendInterpolation(identifier name: String) { appendInterpolation(unescaped: PostgresQuery.quoted(name)) }

        @usableFromInline mutating func appendPlaceholder(_ number: Int) {
            sql.append("$")
            sql.append(number < 10 ? String(UnicodeScalar(UInt8(48 + number))) : String(number))
        }
    }
}

/// The values of one statement in one piece of memory: binary forms one after the other.
@usableFromInline struct PostgresBinds: Sendable {
    @usableFromInline var buffer = PostgresBuffer()
    /// Per value its type in the high half; in the low half where it ends in the buffer, or the complement of that for NULL.
    @usableFromInline var slots: [UInt64] = []

    @inlinable init() {}

    @inlinable var count: Int { slots.count }

    /// The types of the values.
    var types: [UInt32] { slots.map { UInt32(truncatingIfNeeded: $0 >> 32) } }

    /// Whether the values have exactly these types.
    func hasTypes(_ types: [UInt32]) -> Bool {
        guard types.count == slots.count else { return false }
        for i in types.indices where UInt32(truncatingIfNeeded: slots[i] >> 32) != types[i] { return false }
        return true
    }

    @usableFromInline mutating func reserve(_ count: Int) {
        slots.reserveCapacity(count)
        buffer.bytes.reserveCapacity(count * 8)
    }

    @inlinable mutating func append<T: PostgresEncodable>(_ value: T) {
        value.encode(into: &buffer)
        let end = Int32(buffer.bytes.count)
        slots.append(UInt64(T.postgresType.oid) << 32 | UInt64(UInt32(bitPattern: buffer.sawNull ? ~end : end)))
        buffer.sawNull = false
    }

    /// The arrays libpq wants, for the time of `body`.
    func withParameters<R>(
        _ body: (
            _ count: Int32, _ types: UnsafePointer<UInt32>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        let count = slots.count
        if count == 0 { return body(0, nil, nil, nil, nil) }
        // One piece of stack: pointers, lengths, formats, types.
        return withUnsafeTemporaryAllocation(byteCount: count * (MemoryLayout<UnsafePointer<CChar>?>.size + 12), alignment: 8) { memory in
            guard let base = memory.baseAddress else { preconditionFailure("memory was asked for") }
            let values = base.bindMemory(to: UnsafePointer<CChar>?.self, capacity: count)
            let lengths = (base + count * MemoryLayout<UnsafePointer<CChar>?>.size).bindMemory(to: Int32.self, capacity: count * 2)
            let formats = lengths + count
            let types = UnsafeMutableRawPointer(formats + count).bindMemory(to: UInt32.self, capacity: count)
            return buffer.bytes.withUnsafeBufferPointer { raw in
                // A value of no bytes still needs an address: NULL means SQL NULL to libpq.
                let data = raw.baseAddress.map { UnsafeRawPointer($0) } ?? Self.nothing
                var start = 0
                for i in 0..<count {
                    let slot = slots[i]
                    let end = Int32(bitPattern: UInt32(truncatingIfNeeded: slot))
                    let realEnd = Int(end < 0 ? ~end : end)
                    values[i] = end < 0 ? nil : (data + start).assumingMemoryBound(to: CChar.self)
                    lengths[i] = Int32(realEnd - start)
                    formats[i] = 1
                    types[i] = UInt32(truncatingIfNeeded: slot >> 32)
                    start = realEnd
                }
                return body(Int32(count), types, values, lengths, formats)
            }
        }
    }

    /// An address for values of no bytes; never freed, never written.
    nonisolated(unsafe) private static let nothing = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
}
