/// A Swift type that stands for a PostgreSQL type.
public protocol PostgresTyped: Sendable {
    /// The PostgreSQL type a value is sent as.
    static var postgresType: PostgresType { get }
    /// The PostgreSQL type a Swift array of these is sent as. By default the array of ``postgresType``.
    static var postgresListType: PostgresType { get }
}

extension PostgresTyped {
    /// The array of ``postgresType``.
    @inlinable public static var postgresListType: PostgresType { postgresType.array }
}

/// A value that can be bound to a parameter.
///
/// Conform your own types by forwarding to one of the library's:
/// ```swift
/// extension Instant: PostgresCodable {
///     static var postgresType: PostgresType { .timestamptz }
///     func encode(into buffer: inout PostgresBuffer) { PostgresTimestamp(microseconds: microseconds).encode(into: &buffer) }
///     init(from cell: PostgresCell) throws(PostgresError) { self.init(microseconds: try PostgresTimestamp(from: cell).microseconds) }
/// }
/// ```
/// Optionals and arrays (also of optionals) of a conforming type conform by themselves.
public protocol PostgresEncodable: PostgresTyped {
    /// Writes the binary form of the value, or ``PostgresBuffer/writeNull()``.
    func encode(into buffer: inout PostgresBuffer)
    /// Writes the binary form of a whole Swift array. The default writes a one-dimensional PostgreSQL array; types of fixed width override it to avoid a
    /// call per element, and bytes override it to be `bytea`.
    static func encodeList(_ list: [Self], into buffer: inout PostgresBuffer)
}

/// A value that can be read from a row.
public protocol PostgresDecodable: PostgresTyped {
    /// Whether values of this server type can be decoded. By default only ``PostgresTyped/postgresType``.
    static func accepts(_ type: PostgresType) -> Bool
    /// Whether a Swift array of these can be decoded from a server value of `type`. By default: when it is a known array of an accepted type.
    static func acceptsList(_ type: PostgresType) -> Bool
    /// Reads the value.
    ///
    /// - Throws: ``PostgresError/Code/decode``, made with ``PostgresCell/failure(_:_:)``.
    init(from cell: PostgresCell) throws(PostgresError)
    /// Reads a whole Swift array. The default reads a one-dimensional PostgreSQL array.
    static func decodeList(from cell: PostgresCell) throws(PostgresError) -> [Self]
}

/// A value that can be bound and read.
public typealias PostgresCodable = PostgresDecodable & PostgresEncodable

extension PostgresDecodable {
    /// Only the type's own.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool { type.oid == postgresType.oid }
}

// MARK: Optional

extension Optional: PostgresTyped where Wrapped: PostgresTyped {
    /// The wrapped type's.
    @inlinable public static var postgresType: PostgresType { Wrapped.postgresType }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The wrapped value, or NULL.
    @inlinable public func encode(into buffer: inout PostgresBuffer) {
        switch self {
        case .some(let value): value.encode(into: &buffer)
        case .none: buffer.writeNull()
        }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// What the wrapped type accepts.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool { Wrapped.accepts(type) }
    /// `nil` for NULL.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        self = cell.isNull ? .none : .some(try Wrapped(from: cell))
    }
}

// MARK: Values of a closed set

extension RawRepresentable where RawValue: PostgresTyped {
    /// The raw value's type.
    @inlinable public static var postgresType: PostgresType { RawValue.postgresType }
}

extension RawRepresentable where Self: PostgresEncodable, RawValue: PostgresEncodable {
    /// The raw value. An enum with an `Int16` or `String` raw value conforms with `extension State: PostgresCodable {}`.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { rawValue.encode(into: &buffer) }
}

extension RawRepresentable where Self: PostgresDecodable, RawValue: PostgresDecodable {
    /// What the raw value's type accepts.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool { RawValue.accepts(type) }
    /// The case with the raw value read.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let raw = try RawValue(from: cell)
        guard let value = Self(rawValue: raw) else { throw cell.failure(Self.self, "no case has this raw value") }
        self = value
    }
}
