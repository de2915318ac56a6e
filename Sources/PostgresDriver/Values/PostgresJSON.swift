/// The text of a JSON document; sent as `jsonb`, read from `jsonb` and `json`. The server checks it.
public struct PostgresJSON: Hashable, Sendable, PostgresCodable {
    /// The document's text.
    public var text: String

    /// A document by its text.
    @inlinable public init(_ text: String) { self.text = text }

    /// `jsonb`
    @inlinable public static var postgresType: PostgresType { .jsonb }
    /// `jsonb` and `json`.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        type.oid == PostgresType.jsonb.oid || type.oid == PostgresType.json.oid
    }
    /// Version 1, then the text.
    @inlinable public func encode(into buffer: inout PostgresBuffer) {
        buffer.write(UInt8(1))
        buffer.write(text)
    }
    /// The text; of `jsonb` behind its version byte.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        var raw = try cell.require(Self.self)
        if cell.type.oid == PostgresType.jsonb.oid {
            guard raw.first == 1 else { throw cell.failure(Self.self, "unknown jsonb version") }
            raw = UnsafeRawBufferPointer(rebasing: raw.dropFirst())
        }
        guard let text = String(validating: raw, as: UTF8.self) else { throw cell.failure(Self.self, "bytes are not UTF-8") }
        self.text = text
    }
}
