/// An instant, in microseconds since 1970-01-01 00:00 UTC; `timestamptz` (also read from `timestamp`, taken as UTC).
public struct PostgresTimestamp: Hashable, Comparable, Sendable, PostgresCodable {
    /// Microseconds since 1970-01-01 00:00 UTC; `Int64.max` is infinity, `Int64.min` is -infinity.
    public var microseconds: Int64

    /// An instant by its microseconds since 1970.
    @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Later than every other instant.
    public static let infinity = PostgresTimestamp(microseconds: .max)
    /// Earlier than every other instant.
    public static let negativeInfinity = PostgresTimestamp(microseconds: .min)

    /// Whether this is neither `infinity` nor `-infinity`.
    public var isFinite: Bool { microseconds != .max && microseconds != .min }

    /// Microseconds from 1970 to PostgreSQL's epoch, 2000-01-01.
    @usableFromInline static let epoch: Int64 = 946_684_800_000_000

    /// The earlier first.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
    /// `timestamptz`
    @inlinable public static var postgresType: PostgresType { .timestamptz }
    /// `timestamptz`, and `timestamp` taken as UTC.
    @inlinable public static func accepts(_ type: PostgresType) -> Bool {
        type.oid == PostgresType.timestamptz.oid || type.oid == PostgresType.timestamp.oid
    }

    @inlinable var wire: Int64 {
        if microseconds == .max || microseconds == .min { return microseconds }
        let (value, overflow) = microseconds.subtractingReportingOverflow(Self.epoch)
        return overflow ? .min + 1 : value  // out of the server's range either way: it answers 22008
    }

    /// Microseconds since 2000, the infinities as they are.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(wire) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Self], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list.map(\.wire), element: .timestamptz)
    }
    /// Microseconds since 2000, the infinities as they are.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let value = try cell.integer(Int64.self)
        if value == .max || value == .min {
            microseconds = value
        } else {
            let (since1970, overflow) = value.addingReportingOverflow(Self.epoch)
            if overflow { throw cell.failure(Self.self, "instant is later than the year 294246") }
            microseconds = since1970
        }
    }
}

/// A calendar day, in days since 1970-01-01; `date`.
public struct PostgresDate: Hashable, Comparable, Sendable, PostgresCodable {
    /// Days since 1970-01-01; `Int32.max` is infinity, `Int32.min` is -infinity.
    public var days: Int32

    /// A day by its number since 1970-01-01.
    @inlinable public init(days: Int32) { self.days = days }

    /// Later than every other day.
    public static let infinity = PostgresDate(days: .max)
    /// Earlier than every other day.
    public static let negativeInfinity = PostgresDate(days: .min)

    /// Days from 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
    @usableFromInline static let epoch: Int32 = 10_957

    /// The earlier first.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.days < b.days }
    /// `date`
    @inlinable public static var postgresType: PostgresType { .date }

    @inlinable var wire: Int32 {
        if days == .max || days == .min { return days }
        let (value, overflow) = days.subtractingReportingOverflow(Self.epoch)
        return overflow ? .min + 1 : value  // out of the server's range either way
    }

    /// Days since 2000, the infinities as they are.
    @inlinable public func encode(into buffer: inout PostgresBuffer) { buffer.write(wire) }
    /// An array without a call per element.
    @inlinable public static func encodeList(_ list: [Self], into buffer: inout PostgresBuffer) {
        buffer.writeIntegers(list.map(\.wire), element: .date)
    }
    /// Days since 2000, the infinities as they are.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let value = try cell.integer(Int32.self)
        if value == .max || value == .min {
            days = value
        } else {
            days = value &+ Self.epoch  // the server's last day is year 5874897: far from the end of Int32
        }
    }
}

/// An `interval`: its three parts are kept apart, because a month has no fixed number of days and a day none of hours.
public struct PostgresInterval: Hashable, Sendable, PostgresCodable {
    /// Whole months (years are twelve).
    public var months: Int32
    /// Whole days.
    public var days: Int32
    /// Microseconds.
    public var microseconds: Int64

    /// An interval by its parts.
    @inlinable public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// An interval of exactly `duration`, cut to microseconds.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// `interval`
    @inlinable public static var postgresType: PostgresType { .interval }
    /// Microseconds, days, months.
    @inlinable public func encode(into buffer: inout PostgresBuffer) {
        buffer.write(microseconds)
        buffer.write(days)
        buffer.write(months)
    }
    /// Microseconds, days, months.
    @inlinable public init(from cell: PostgresCell) throws(PostgresError) {
        let raw = try cell.require(Self.self)
        guard raw.count == 16 else { throw cell.failure(Self.self, "value has \(raw.count) bytes") }
        microseconds = Int64(bigEndian: raw.loadUnaligned(as: Int64.self))
        days = Int32(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        months = Int32(bigEndian: raw.loadUnaligned(fromByteOffset: 12, as: Int32.self))
    }
}
