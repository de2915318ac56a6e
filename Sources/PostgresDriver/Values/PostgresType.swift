/// A PostgreSQL type: its object identifier and that of its array type.
public struct PostgresType: Hashable, Sendable, CustomStringConvertible {
    /// The type's OID (`pg_type.oid`).
    public let oid: UInt32
    /// The OID of the array of this type (`pg_type.typarray`); 0 when there is none or it is not known.
    public let arrayOID: UInt32

    /// A type by its OIDs.
    public init(oid: UInt32, arrayOID: UInt32 = 0) {
        self.oid = oid
        self.arrayOID = arrayOID
    }

    /// The array of this type.
    public var array: PostgresType { PostgresType(oid: arrayOID) }

    /// Types are the same when their OIDs are.
    public static func == (a: PostgresType, b: PostgresType) -> Bool { a.oid == b.oid }
    /// Hashes the OID.
    public func hash(into hasher: inout Hasher) { hasher.combine(oid) }

    /// `boolean`
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    /// `bytea`
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    /// `"char"`, one byte
    public static let char = PostgresType(oid: 18, arrayOID: 1002)
    /// `name`
    public static let name = PostgresType(oid: 19, arrayOID: 1003)
    /// `bigint`
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    /// `smallint`
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
    /// `integer`
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    /// `text`
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    /// `oid`
    public static let oid = PostgresType(oid: 26, arrayOID: 1028)
    /// `json`
    public static let json = PostgresType(oid: 114, arrayOID: 199)
    /// `real`
    public static let float4 = PostgresType(oid: 700, arrayOID: 1021)
    /// `double precision`
    public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
    /// The type of an untyped literal
    public static let unknown = PostgresType(oid: 705)
    /// `character(n)`
    public static let bpchar = PostgresType(oid: 1042, arrayOID: 1014)
    /// `character varying`
    public static let varchar = PostgresType(oid: 1043, arrayOID: 1015)
    /// `date`
    public static let date = PostgresType(oid: 1082, arrayOID: 1182)
    /// `timestamp without time zone`
    public static let timestamp = PostgresType(oid: 1114, arrayOID: 1115)
    /// `timestamp with time zone`
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    /// `interval`
    public static let interval = PostgresType(oid: 1186, arrayOID: 1187)
    /// `numeric`
    public static let numeric = PostgresType(oid: 1700, arrayOID: 1231)
    /// `void`, what a function without a result returns
    public static let void = PostgresType(oid: 2278)
    /// `uuid`
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
    /// `jsonb`
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)

    private static let names: [UInt32: String] = [
        16: "boolean", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 26: "oid",
        114: "json",
        700: "real", 701: "double precision", 705: "unknown", 1042: "character", 1043: "character varying", 1082: "date", 1114: "timestamp",
        1184: "timestamptz", 1186: "interval", 1700: "numeric", 2278: "void", 2950: "uuid", 3802: "jsonb", 1000: "boolean[]",
        1001: "bytea[]",
        1002: "\"char\"[]", 1003: "name[]", 1016: "bigint[]", 1005: "smallint[]", 1007: "integer[]", 1009: "text[]", 1028: "oid[]",
        199: "json[]",
        1021: "real[]", 1022: "double precision[]", 1014: "character[]", 1015: "character varying[]", 1182: "date[]", 1115: "timestamp[]",
        1185: "timestamptz[]", 1187: "interval[]", 1231: "numeric[]", 2951: "uuid[]", 3807: "jsonb[]",
    ]

    /// The SQL name of a built-in type, else `type 12345`.
    public var description: String { Self.names[oid] ?? "type \(oid)" }
}
