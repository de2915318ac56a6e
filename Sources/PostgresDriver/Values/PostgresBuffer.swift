/// Where a value writes its binary form, in network byte order.
public struct PostgresBuffer: Sendable {
    @usableFromInline var bytes: [UInt8] = []
    /// Set by ``writeNull()``; the caller that asked for the value takes it back.
    @usableFromInline var sawNull = false

    @inlinable init() {}

    /// A buffer with room for so many bytes.
    @usableFromInline init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Says that the value is NULL. Nothing else may be written for it.
    @inlinable public mutating func writeNull() { sawNull = true }

    /// Writes an integer big-endian.
    @inlinable public mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes one byte.
    @inlinable public mutating func write(_ value: UInt8) { bytes.append(value) }

    /// Writes raw bytes.
    @inlinable public mutating func write(bytes new: [UInt8]) { bytes.append(contentsOf: new) }

    /// Writes raw bytes.
    @inlinable public mutating func write(bytes new: UnsafeRawBufferPointer) { bytes.append(contentsOf: new) }

    /// Writes a string's UTF-8.
    @inlinable public mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Writes one element of an array or a record: its length, then its bytes; -1 for NULL.
    @inlinable public mutating func writeElement<T: PostgresEncodable>(_ value: T) {
        let at = bytes.count
        write(Int32(0))
        value.encode(into: &self)
        patchLength(at: at)
    }

    @inlinable mutating func patchLength(at: Int) {
        let length = sawNull ? -1 : Int32(bytes.count - at - 4)
        sawNull = false
        withUnsafeBytes(of: length.bigEndian) { raw in
            for i in 0..<4 { bytes[at + i] = raw[i] }
        }
    }
}
