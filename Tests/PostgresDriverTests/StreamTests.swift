import PostgresDriver
import Testing

@Suite(.timeLimit(.minutes(2)))
struct StreamTests {
    @Test func streamsManyRowsInOrder() async throws {
        try await TestServer.shared.withConnection { connection in
            var next = 1
            for try await row in connection.stream("SELECT i, repeat('x', 100) FROM generate_series(1, \(50_000)) i") {
                let (i, text) = try row.decode((Int, String).self)
                #expect(i == next && text.utf8.count == 100)
                next += 1
            }
            #expect(next == 50_001)
            #expect(try await connection.query("SELECT 1").value(as: Int.self) == 1)
        }
    }

    @Test func aStreamLeftEarlyIsCancelledAndTheConnectionGoesOn() async throws {
        try await TestServer.shared.withConnection { connection in
            var taken = 0
            for try await _ in connection.stream("SELECT generate_series(1, 100000000)") {
                taken += 1
                if taken == 10 { break }
            }
            #expect(try await connection.query("SELECT 2").value(as: Int.self) == 2)
        }
    }

    @Test func anErrorInTheMiddleOfAStreamIsThrown() async throws {
        try await TestServer.shared.withConnection { connection in
            var taken = 0
            let error = await #expect(throws: PostgresError.self) {
                for try await _ in connection.stream("SELECT 1 / (5 - i) FROM generate_series(1, 10) i") { taken += 1 }
            }
            #expect(error?.sqlState == "22012")
            #expect(taken == 4)
        }
    }

    @Test func copiesInAndOut() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE c (i int, t text)")
            let count = try await connection.withCopyIn("COPY c FROM STDIN") { writer in
                for i in 0..<200_000 { try await writer.write("\(i)\tsome text that makes the row longer\n") }
            }
            #expect(count == 200_000)
            var bytes = 0, lines = 0
            for try await piece in connection.copyOut("COPY c TO STDOUT") {
                bytes += piece.count
                lines += piece.count { $0 == 10 }
            }
            #expect(lines == 200_000)
            #expect(bytes > 200_000 * 38)
            #expect(try await connection.query("SELECT sum(i) FROM c").value(as: Int.self) == 19_999_900_000)
        }
    }

    @Test func copiesBinaryAndEscapedRows() async throws {
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE \"b \"\"x\" (id bigint, at timestamptz, note text, tags text[], raw bytea)")
            let at = PostgresTimestamp(microseconds: 1_700_000_000_000_000)
            let binary = try await connection.withBinaryCopy(into: "b \"x", columns: ["id", "at", "note", "tags", "raw"]) { writer in
                for i in 0..<10_000 {
                    try await writer.writeRow(Int64(i), at, i % 2 == 0 ? nil : "odd", ["a", nil] as [String?], [1, 2] as [UInt8])
                }
            }
            #expect(binary == 10_000)
            let nasty = "tab\tnew\nline\r\\back \\N 日本"
            let text = try await connection.withCopyIn("COPY \"b \"\"x\" (id, note) FROM STDIN") { writer in
                try await writer.writeRow(["-1", nasty])
                try await writer.writeRow(["-2", nil])
            }
            #expect(text == 2)
            let rows = try await connection.query("SELECT id, at, note, tags, raw FROM \(identifier: "b \"x") WHERE id < 2 ORDER BY id")
                .decode((Int, PostgresTimestamp?, String?, [String?]?, [UInt8]?).self)
            #expect(rows.map(\.0) == [-2, -1, 0, 1])
            #expect(rows[1].2 == nasty && rows[0].2 == nil && rows[2].2 == nil && rows[3].2 == "odd")
            #expect(rows[3].1 == at && rows[3].3 == ["a", nil] && rows[3].4 == [1, 2])
            let short = await #expect(throws: PostgresError.self) {
                try await connection.withBinaryCopy(into: "b \"x", columns: ["id", "note"]) { try await $0.writeRow(Int64(1)) }
            }
            #expect(short?.code == .invalidUse)
        }
    }

    @Test func everythingWorksOverTLS() async throws {
        let connection = try await PostgresConnection.connect(TestServer.shared.tlsConfiguration(), logger: TestServer.logger)
        #expect(try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").value(as: Bool.self))
        // Larger than a TLS record and than what libpq reads at once, in sizes that end anywhere.
        for size in [1, 8_000, 16_383, 16_384, 16_385, 20_000, 40_000, 100_000, 1_000_003] {
            let text = try await connection.query("SELECT repeat('z', \(Int32(size)))").value(as: String.self)
            #expect(text.utf8.count == size)
        }
        let big = String(repeating: "q", count: 300_000)
        let answers = try await connection.pipeline((0..<20).map { _ in "SELECT \(big)" })
        #expect(try answers.allSatisfy { try $0.value(as: String.self) == big })
        var sum = 0
        for try await row in connection.stream("SELECT i, repeat('x', i % 500) FROM generate_series(1, 20000) i") {
            sum += try row.get(0, as: Int.self)
        }
        #expect(sum == 200_010_000)
        try await connection.simple("CREATE TEMP TABLE c (t text)")
        let copied = try await connection.withCopyIn("COPY c FROM STDIN") { writer in
            for _ in 0..<50_000 { try await writer.writeRow([String(repeating: "r", count: 100)]) }
        }
        #expect(copied == 50_000)
        await connection.close()
        var wrong = try TestServer.shared.tlsConfiguration()
        wrong.hosts = [.init("127.0.0.1", port: wrong.hosts[0].port)]
        let unknown = wrong
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(unknown, logger: TestServer.logger) }
        #expect(error?.code == .connectionFailed)
    }

    @Test func aCopyThatThrowsCopiesNothing() async throws {
        struct Stop: Error {}
        try await TestServer.shared.withConnection { connection in
            try await connection.simple("CREATE TEMP TABLE c (i int)")
            await #expect(throws: Stop.self) {
                try await connection.withCopyIn("COPY c FROM STDIN") { writer in
                    try await writer.write("1\n2\n")
                    throw Stop()
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withCopyIn("COPY c FROM STDIN") { try await $0.write("1\nnot a number\n") }
            }
            #expect(error?.sqlState == "22P02")
            #expect(error?.description.contains("not a number") == false)
            #expect(try await connection.query("SELECT count(*) FROM c").value(as: Int.self) == 0)
        }
    }

    @Test func copyOfTheWrongDirectionIsRefused() async throws {
        try await TestServer.shared.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) { try await connection.withCopyIn("SELECT 1") { _ in } }
            #expect(error?.code == .invalidUse)
            let after = try await connection.query("SELECT 1").value(as: Int.self)
            #expect(after == 1)
        }
        try await TestServer.shared.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) { try await connection.query("COPY (SELECT 1) TO STDOUT") }
            #expect(error?.code == .invalidUse)
        }
    }
}
