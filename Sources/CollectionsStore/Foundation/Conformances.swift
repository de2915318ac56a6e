package import CollectionsDomain
package import PostgresDriver

// The domain's values as the database's. The domain knows no database, so the conformances stand here.

extension Instant: PostgresCodable {
    /// `timestamptz`
    package static var postgresType: PostgresType { .timestamptz }

    /// `timestamptz`, and `timestamp` taken as UTC.
    package static func accepts(_ type: PostgresType) -> Bool { PostgresTimestamp.accepts(type) }

    /// Microseconds; ``distantFuture`` and ``distantPast`` are ordinary values, not infinity.
    package func encode(into buffer: inout PostgresBuffer) {
        PostgresTimestamp(microseconds: microseconds).encode(into: &buffer)
    }

    package static func encodeList(_ list: [Instant], into buffer: inout PostgresBuffer) {
        PostgresTimestamp.encodeList(list.map { PostgresTimestamp(microseconds: $0.microseconds) }, into: &buffer)
    }

    /// `infinity` reads as ``distantFuture``, `-infinity` as ``distantPast``: arithmetic on them stays in range.
    package init(from cell: PostgresCell) throws(PostgresError) {
        let stamp = try PostgresTimestamp(from: cell)
        if stamp == .infinity {
            self = .distantFuture
        } else if stamp == .negativeInfinity {
            self = .distantPast
        } else {
            self.init(microseconds: stamp.microseconds)
        }
    }
}

extension Day: PostgresCodable {
    /// `date`
    package static var postgresType: PostgresType { .date }

    package func encode(into buffer: inout PostgresBuffer) {
        PostgresDate(days: number).encode(into: &buffer)
    }

    package static func encodeList(_ list: [Day], into buffer: inout PostgresBuffer) {
        PostgresDate.encodeList(list.map { PostgresDate(days: $0.number) }, into: &buffer)
    }

    package init(from cell: PostgresCell) throws(PostgresError) {
        self.init(number: try PostgresDate(from: cell).days)
    }
}

extension CanonicalJSON {
    /// The value for a `jsonb` parameter.
    package var postgres: PostgresJSON { PostgresJSON(text) }
}
