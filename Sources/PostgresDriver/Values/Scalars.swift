// Bool, integers, floating point, text and bytes.

extension Bool: PostgresCodable {
    /// `boolean`
    @inlinable public static var postgresType: PostgresType { .bool }
    /// One byte.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(UInt8(self ? 1 : 0)) }
    /// One byte.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer(UInt8.self) != 0 }
}

extension Int16: PostgresCodable {
    /// `smallint`
    @inlinable public static var postgresType: PostgresType { .int2 }
    /// Two bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Int16], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list, element: .int2)
    }
    /// Two bytes.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer(Int16.self) }
}

extension Int32: PostgresCodable {
    /// `integer`
    @inlinable public static var postgresType: PostgresType { .int4 }
    /// Four bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Int32], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list, element: .int4)
    }
    /// `integer` and narrower.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        type.oid == PostgresType.int4.oid || type.oid == PostgresType.int2.oid
    }
    /// `integer` and narrower.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        self = cell.type.oid == PostgresType.int2.oid ? Int32(try cell.integer(Int16.self)) : try cell.integer(Int32.self)
    }
}

extension Int64: PostgresCodable {
    /// `bigint`
    @inlinable public static var postgresType: PostgresType { .int8 }
    /// Eight bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Int64], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list, element: .int8)
    }
    /// `bigint` and narrower.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        type.oid == PostgresType.int8.oid || type.oid == PostgresType.int4.oid || type.oid == PostgresType.int2.oid
            || type.oid == PostgresType.oid.oid
    }
    /// `bigint` and narrower.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        switch cell.type.oid {
        case PostgresType.int8.oid: self = try cell.integer(Int64.self)
        case PostgresType.int2.oid: self = Int64(try cell.integer(Int16.self))
        case PostgresType.oid.oid: self = Int64(try cell.integer(UInt32.self))
        default: self = Int64(try cell.integer(Int32.self))
        }
    }
}

extension Int: PostgresCodable {
    /// `bigint`
    @inlinable public static var postgresType: PostgresType { .int8 }
    /// Eight bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(Int64(self)) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Int], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list, element: .int8)
    }
    /// `bigint` and narrower.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool { Int64.accepts(type) }
    /// `bigint` and narrower.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = Int(try Int64(from: cell)) }
}

extension Double: PostgresCodable {
    /// `double precision`
    @inlinable public static var postgresType: PostgresType { .float8 }
    /// Eight bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(bitPattern) }
    /// `double precision` and `real`.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        type.oid == PostgresType.float8.oid || type.oid == PostgresType.float4.oid
    }
    /// `double precision` and `real`.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        self =
            cell.type.oid == PostgresType.float4.oid
            ? Double(Float(bitPattern: try cell.integer(UInt32.self))) : Double(bitPattern: try cell.integer(UInt64.self))
    }
}

extension Float: PostgresCodable {
    /// `real`
    @inlinable public static var postgresType: PostgresType { .float4 }
    /// Four bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(bitPattern) }
    /// Four bytes.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = Float(bitPattern: try cell.integer(UInt32.self)) }
}

extension String: PostgresCodable {
    /// `text`
    @inlinable public static var postgresType: PostgresType { .text }
    /// UTF-8. The server refuses a text that contains U+0000 (22021).
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }
    /// The text types, `name`, `"char"`, `json`, and untyped literals.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        switch type.oid {
        case PostgresType.text.oid, PostgresType.varchar.oid, PostgresType.bpchar.oid, PostgresType.name.oid, PostgresType.char.oid,
            PostgresType.json.oid, PostgresType.unknown.oid:
            true
        default: false
        }
    }
    /// UTF-8, checked.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let raw = try cell.require(String.self)
        guard let text = String(checking: raw) else { throw cell.failure(String.self, "bytes are not UTF-8") }
        self = text
    }

    /// The text of UTF-8 bytes; nil if they are none.
    ///
    /// Made with repair and compared, because `String(validating:as:)` walks bytes one generic call at a time (79 ns for a time zone, this 18; 79 and 57 for forty characters).
    @usableFromInline init?(checking bytes: UnsafeRawBufferPointer) {
        self.init(decoding: bytes, as: UTF8.self)
        let isSame = withUTF8 { own in
            own.count == bytes.count && zip(own, bytes).allSatisfy { $0 == $1 }
        }
        if !isSame { return nil }
    }
}

/// A byte is `"char"`; its point is that `[UInt8]` is `bytea`.
extension UInt8: PostgresCodable {
    /// `"char"`
    @inlinable public static var postgresType: PostgresType { .char }
    /// `bytea`
    @inlinable public static var postgresListType: PostgresType { .bytea }
    /// One byte.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(self) }
    /// The bytes themselves.
    @inlinable public static func encodeList(_ list: [UInt8], into buffer: inout PostgresBuffer) { buffer.write(bytes: list) }
    /// `bytea` only.
    @inlinable public static func acceptsList(_ type: PostgresType) -> Bool { type.oid == PostgresType.bytea.oid }
    /// One byte.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = try cell.integer(UInt8.self) }
    /// The bytes themselves.
    @inlinable public static func decodeList(from cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        [UInt8](try cell.require([UInt8].self))
    }
}
