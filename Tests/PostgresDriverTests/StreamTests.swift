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
