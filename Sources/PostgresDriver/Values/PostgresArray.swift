// PostgreSQL's binary array: dimensions, has-nulls flag, element OID, then per dimension (length, lower bound), then per element (length or -1, bytes).
// One dimension is supported; an array of arrays is a programmer's error that the server refuses.

/// Most elements an array may have; protects against a length that is not one.
@usableFromInline let arrayElementsMax = 100_000_000

extension Array: PostgresTyped where Element: PostgresTyped {
    /// The element's list type: its array, or `bytea` for bytes.
    @inlinable public static var postgresType: PostgresType {
        let list = Element.postgresListType
        return list.oid == PostgresType.bytea.oid ? .bytea : list
    }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    /// A one-dimensional array, or `bytea` for bytes.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { Element.encodeList(self, into: &buffer) }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Arrays of what the element accepts.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool { Element.acceptsList(type) }
    /// Reads a one-dimensional array, or `bytea` for bytes.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) { self = try Element.decodeList(from: cell) }
}

extension PostgresEncodable {
    /// A one-dimensional PostgreSQL array.
    @inlinable public static func encodeList(_ list: [Self], into buffer: inout PostgresBuffer) {
        let flagAt = buffer.writeArrayHeader(count: list.count, element: postgresType)
        for element in list {
            let at = buffer.bytes.count
            buffer.write(Int32(0))
            element.encode(into: &buffer)
            if buffer.sawNull { buffer.bytes[flagAt + 3] = 1 }
            buffer.patchLength(at: at)
        }
    }
}

extension PostgresDecodable {
    /// When it is the known array of an accepted type.
    @inlinable public static func acceptsList(_ type: PostgresType) -> Bool {
        guard let element = PostgresType.element(of: type) else { return type.oid == postgresListType.oid }
        return accepts(element)
    }

    /// Reads a one-dimensional PostgreSQL array.
    @inlinable public static func decodeList(from cell: PostgresCell) throws(PostgresError) -> [Self] {
        let raw = try cell.require([Self].self)
        let header = try ArrayHeader(raw, in: cell, as: [Self].self)
        var list: [Self] = []
        list.reserveCapacity(header.count)
        var at = header.start
        for _ in 0..<header.count {
            guard at + 4 <= raw.count else { throw cell.failure([Self].self, "array is cut short") }
            let length = Int(Int32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: Int32.self)))
            at += 4
            guard length >= 0 else {
                list.append(try Self(from: PostgresCell(bytes: nil, type: header.element, column: cell.column, result: cell.result)))
                continue
            }
            guard length <= raw.count - at else { throw cell.failure([Self].self, "array is cut short") }
            let slice = UnsafeRawBufferPointer(rebasing: raw[at..<at + length])
            list.append(try Self(from: PostgresCell(bytes: slice, type: header.element, column: cell.column, result: cell.result)))
            at += length
        }
        return list
    }
}

extension PostgresBuffer {
    /// Writes a header and returns where its has-nulls flag stands.
    @inlinable mutating func writeArrayHeader(count: Int, element: PostgresType) -> Int {
        write(Int32(count == 0 ? 0 : 1))
        let flagAt = bytes.count
        write(Int32(0))
        write(element.oid)
        if count > 0 {
            write(Int32(count))
            write(Int32(1))
        }
        return flagAt
    }

    /// Writes an array of integers without a call per element.
    @inlinable mutating func writeIntegers<I: FixedWidthInteger>(_ list: [I], element: PostgresType) {
        _ = writeArrayHeader(count: list.count, element: element)
        let size = MemoryLayout<I>.size
        let start = bytes.count
        bytes.reserveCapacity(start + list.count * (size + 4))
        bytes.append(contentsOf: repeatElement(0, count: list.count * (size + 4)))
        bytes.withUnsafeMutableBytes { raw in
            var at = start
            let length = Int32(size).bigEndian
            for value in list {
                raw.storeBytes(of: length, toByteOffset: at, as: Int32.self)
                raw.storeBytes(of: value.bigEndian, toByteOffset: at + 4, as: I.self)
                at += size + 4
            }
        }
    }
}

/// The checked head of a binary array.
@usableFromInline struct ArrayHeader {
    @usableFromInline let count: Int, element: PostgresType, start: Int

    @usableFromInline init<T>(_ raw: UnsafeRawBufferPointer, in cell: PostgresCell, as wanted: T.Type) throws(PostgresError) {
        func int(_ at: Int) -> Int { Int(Int32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: Int32.self))) }
        guard raw.count >= 12 else { throw cell.failure(T.self, "array is cut short") }
        element = PostgresType(oid: UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        switch int(0) {
        case 0:
            count = 0
            start = 12
        case 1:
            guard raw.count >= 20, int(12) >= 0, int(12) <= arrayElementsMax, int(12) * 4 <= raw.count - 20 else {
                throw cell.failure(T.self, "array is cut short")
            }
            count = int(12)
            start = 20
        default: throw cell.failure(T.self, "array has \(int(0)) dimensions")
        }
    }
}

extension PostgresType {
    private static let elements: [UInt32: PostgresType] = {
        let all: [PostgresType] = [
            .bool, .bytea, .char, .name, .int8, .int2, .int4, .text, .oid, .json, .float4, .float8, .bpchar, .varchar, .date, .timestamp,
            .timestamptz,
            .interval, .numeric, .uuid, .jsonb,
        ]
        return Dictionary(uniqueKeysWithValues: all.map { ($0.arrayOID, $0) })
    }()

    /// The element type of a built-in array type.
    @usableFromInline static func element(of type: PostgresType) -> PostgresType? { elements[type.oid] }
}
