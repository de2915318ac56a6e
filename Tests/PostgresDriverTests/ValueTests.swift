import PostgresDriver
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ValueTests {
    /// Sends values, has the server compare them with its own reading of `sql`, and reads them back.
    private func roundTrip<T: PostgresCodable & Equatable>(_ connection: PostgresConnection, _ value: T, _ sql: String) async throws {
        let type = T.postgresType.description
        let query: PostgresQuery =
            "SELECT \(value)::\(unescaped: type) IS NOT DISTINCT FROM (\(unescaped: sql))::\(unescaped: type), \(value)::\(unescaped: type)"
        let (same, back) = try await connection.query(query)[0].decode((Bool, T).self)
        #expect(same, "the server reads \(sql) otherwise")
        #expect(back == value)
    }

    @Test func scalarsSurviveTheRoundTrip() async throws {
        try await TestServer.shared.withConnection { connection in
            try await roundTrip(connection, true, "'t'")
            try await roundTrip(connection, false, "'f'")
            for x in [Int16.min, -1, 0, .max] { try await roundTrip(connection, x, "'\(x)'") }
            for x in [Int32.min, -1, 0, .max] { try await roundTrip(connection, x, "'\(x)'") }
            for x in [Int64.min, -1, 0, .max] { try await roundTrip(connection, x, "'\(x)'") }
            for x in [Int.min, -1, 0, .max] { try await roundTrip(connection, x, "'\(x)'") }
            for x in [0.0, -1.5, 1e300, .infinity, -.infinity, .leastNonzeroMagnitude] { try await roundTrip(connection, x, "'\(x)'") }
            for x in [Float(0), -1.5, .infinity] { try await roundTrip(connection, x, "'\(x)'") }
            try await roundTrip(connection, "", "''")
            try await roundTrip(connection, "日本 O'Brien \\ 🏦", "'日本 O''Brien \\ 🏦'")
            try await roundTrip(connection, [] as [UInt8], "''")
            try await roundTrip(connection, [0, 255, 92, 39] as [UInt8], "'\\x00ff5c27'")
            let uuid = try #require(PostgresUUID("A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11"))
            try await roundTrip(connection, uuid, "'a0eebc999c0b4ef8bb6d6bb9bd380a11'")
            #expect(uuid.description == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
            let nan = try await connection.query("SELECT \(Double.nan), 'NaN'::float8").decode((Double, Double).self)[0]
            #expect(nan.0.isNaN && nan.1.isNaN)
        }
    }

    @Test func cellsAreReadFromLeftToRight() async throws {
        try await TestServer.shared.withConnection { connection in
            let row = try await connection.query("SELECT 7::int8, NULL::text, 'b', ARRAY[1, 2], true, now()")[0]
            var cells = try row.cells(6)
            let (id, note) = (try cells.next(Int64.self), try cells.next(String?.self))
            let word: String = try cells.next()
            #expect(id == 7 && note == nil && word == "b")
            cells.skip(1)
            #expect(try cells.next(Bool.self))
            // What does not fit says which column it was, and the row goes on to be read.
            let wrong = #expect(throws: PostgresError.self) { try cells.next(Int32.self) }
            #expect(wrong?.code == .decode && wrong?.message.contains("column 5") == true)
            let none = #expect(throws: PostgresError.self) { try cells.next(Int32.self) }
            #expect(none?.code == .decode)
            var again = try row.cells(6)
            again.skip(1)
            let null = #expect(throws: PostgresError.self) { try again.next(String.self) }
            #expect(null?.message.contains("value is NULL") == true)
            for count in [0, 5, 7] {
                let error = #expect(throws: PostgresError.self) { _ = try row.cells(count) }
                #expect(error?.message == "cannot decode a row of 6 columns as \(count)")
            }
        }
    }

    @Test func timesSurviveTheRoundTrip() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.query("SET TimeZone = 'Asia/Shanghai'")
            try await roundTrip(connection, PostgresTimestamp(microseconds: 0), "'1970-01-01 00:00Z'")
            try await roundTrip(connection, PostgresTimestamp(microseconds: 1_735_689_600_123_456), "'2025-01-01 00:00:00.123456Z'")
            try await roundTrip(connection, PostgresTimestamp(microseconds: -62_135_596_800_000_000), "'0001-01-01 00:00Z'")
            try await roundTrip(connection, PostgresTimestamp.infinity, "'infinity'")
            try await roundTrip(connection, PostgresTimestamp.negativeInfinity, "'-infinity'")
            try await roundTrip(connection, PostgresDate(days: 0), "'1970-01-01'")
            try await roundTrip(connection, PostgresDate(days: -719_162), "'0001-01-01'")
            try await roundTrip(connection, PostgresDate(days: 20_089), "'2025-01-01'")
            try await roundTrip(connection, PostgresDate.infinity, "'infinity'")
            try await roundTrip(connection, PostgresDate.negativeInfinity, "'-infinity'")
            try await roundTrip(connection, PostgresInterval(months: 14, days: -3, microseconds: 1), "'1 year 2 months -3 days 0.000001 s'")
            try await roundTrip(connection, PostgresInterval(.milliseconds(1_500)), "'1.5 s'")
            let plain = try await connection.query("SELECT '2025-01-01 00:00'::timestamp").value(as: PostgresTimestamp.self)
            #expect(plain.microseconds == 1_735_689_600_000_000)
            let late = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT '294276-12-31'::timestamptz").value(as: PostgresTimestamp.self)
            }
            #expect(late?.code == .decode)
            let outside = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT \(PostgresTimestamp(microseconds: .min + 1))")
            }
            #expect(outside?.sqlState == "22008")
        }
    }

    @Test func numericAndJSONSurviveTheRoundTrip() async throws {
        try await TestServer.shared.withConnection { connection in
            for text in [
                "0", "0.00", "1", "-1", "12.50", "10000", "9999", "0.0001", "0.00000001", "-123456789012345678901234567890.123456789",
                "1000000000000",
                "100000000.00000001", "NaN", "Infinity", "-Infinity", "0.1000",
            ] {
                let value = try #require(PostgresNumeric(text))
                try await roundTrip(connection, value, "'\(text)'")
                let (shown, back) = try await connection.query("SELECT \(value)::text, \(unescaped: "'\(text)'::numeric")").decode(
                    (String, PostgresNumeric).self)[0]
                #expect(shown == text && back.description == text)
            }
            #expect(PostgresNumeric("007.10")?.description == "7.10")
            #expect(PostgresNumeric("-0")?.description == "0")
            for wrong in ["", ".", "-", "1e5", "1.2.3", "ten", "1,5"] { #expect(PostgresNumeric(wrong) == nil) }
            #expect(PostgresNumeric("12.00")?.integer == 12 && PostgresNumeric("12.50")?.integer == nil)
            var random = Seeded(7)
            for _ in 0..<200 {
                let whole = (0..<Int.random(in: 1...20, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
                let fraction = (0..<Int.random(in: 0...20, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }
                    .joined()
                let value = try #require(
                    PostgresNumeric((Bool.random(using: &random) ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)))
                let (text, back) = try await connection.query("SELECT \(value)::text, \(value)").decode((String, PostgresNumeric).self)[0]
                #expect(text == value.description && back == value)
            }
            let json = PostgresJSON(#"{"a": [1, 2]}"#)
            try await roundTrip(connection, json, #"'{"a": [1, 2]}'"#)
            #expect(try await connection.query(#"SELECT '{"a":  1}'::json"#).value(as: PostgresJSON.self).text == #"{"a":  1}"#)
        }
    }

    @Test func arraysSurviveTheRoundTripWithNullsAndEmpty() async throws {
        try await TestServer.shared.withConnection { connection in
            try await roundTrip(connection, [1, -2, .max] as [Int16], "'{1,-2,32767}'")
            try await roundTrip(connection, [1, -2] as [Int32], "'{1,-2}'")
            try await roundTrip(connection, [1, -2] as [Int64], "'{1,-2}'")
            try await roundTrip(connection, [1, -2] as [Int], "'{1,-2}'")
            try await roundTrip(connection, [] as [Int], "'{}'")
            try await roundTrip(connection, [1, nil, 3] as [Int?], "'{1,NULL,3}'")
            try await roundTrip(connection, [nil, nil] as [String?], "'{NULL,NULL}'")
            try await roundTrip(connection, ["a", "", "b,\"c"], #"'{a,"","b,\"c"}'"#)
            try await roundTrip(connection, [true, false], "'{t,f}'")
            try await roundTrip(connection, [1.5, -.infinity], "'{1.5,-Infinity}'")
            try await roundTrip(connection, [[1, 2], []] as [[UInt8]], #"'{"\\x0102","\\x"}'"#)
            try await roundTrip(connection, [PostgresTimestamp(microseconds: 5), .infinity], "'{1970-01-01 00:00:00.000005Z,infinity}'")
            try await roundTrip(connection, [PostgresDate(days: 1), nil], "'{1970-01-02,NULL}'")
            try await roundTrip(connection, [PostgresInterval(days: 1)], "'{1 day}'")
            try await roundTrip(connection, [try #require(PostgresNumeric("1.10"))], "'{1.10}'")
            try await roundTrip(connection, [PostgresJSON("[1]")], "'{[1]}'")
            try await roundTrip(connection, [PostgresUUID(high: 1, low: 2)], "'{00000000-0000-0001-0000-000000000002}'")
            try await roundTrip(connection, nil as [Int]?, "NULL")
            let varchar = try await connection.query("SELECT '{x,y}'::varchar[], '{x}'::name[]").decode(([String], [String]).self)[0]
            #expect(varchar == (["x", "y"], ["x"]))
            let deep = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT '{{1},{2}}'::int[]").value(as: [Int32].self)
            }
            #expect(deep?.code == .decode)
        }
    }

    enum Colour: Int16, PostgresCodable { case red = 1, green = 2 }
    enum Word: String, PostgresCodable { case yes, no }

    @Test func ownTypesConformByForwardingOrByRawValue() async throws {
        try await TestServer.shared.withConnection { connection in
            let row = try await connection.query("SELECT \(Colour.green), \([Colour.red, nil]), \(Word.no), \(nil as Word?)")[0]
            let (colour, list, word, none) = try row.decode((Colour, [Colour?], Word, Word?).self)
            #expect(colour == .green && list == [.red, nil] && word == .no && none == nil)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT 9::smallint AS c").value(as: Colour.self)
            }
            #expect(error?.code == .decode && error?.column == "c")
        }
    }

    @Test func aDecodingErrorNamesColumnAndTypesAndNoValue() async throws {
        try await TestServer.shared.withConnection { connection in
            let result = try await connection.query("SELECT 'secret'::text AS name, NULL::int AS n, 1::int8 AS big")
            let row = result[0]
            let wrong = #expect(throws: PostgresError.self) { try row.get("name", as: Int.self) }
            #expect(wrong?.description == "decode: cannot decode column 0 (name) of type text as Int: types do not match column name")
            let null = #expect(throws: PostgresError.self) { try row.get(1, as: Int32.self) }
            #expect(null?.message.contains("NULL") == true)
            #expect(throws: PostgresError.self) { try row.get(2, as: Int32.self) }
            #expect(throws: PostgresError.self) { try row.get(3, as: Int32.self) }
            #expect(throws: PostgresError.self) { try row.get("none", as: Int32.self) }
            #expect(throws: PostgresError.self) { try row.decode((String, Int?).self) }
            #expect(try row.get("n", as: Int?.self) == nil)
            #expect(result.columns.map(\.name) == ["name", "n", "big"])
            #expect(result.columns[2].type == .int8)
        }
    }
}
