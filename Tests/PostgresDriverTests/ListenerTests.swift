import PostgresDriver
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ListenerTests {
    @Test func hearsNotificationsAndComesBackAfterALoss() async throws {
        let server = try TestServer.shared
        let listener = PostgresListener(
            configuration: server.configuration(), channels: ["work \"a\"", "other"], logger: TestServer.logger)
        try await server.withConnection { connection in
            var events = listener.makeAsyncIterator()
            #expect(await events.next() == .resync)
            try await connection.query("SELECT pg_notify(\("work \"a\""), \("hello"))")
            guard case .notification(let note) = await events.next() else {
                Issue.record("no notification")
                return
            }
            #expect(note.channel == "work \"a\"" && note.payload == "hello" && note.backendPID == connection.backendPID)
            try await connection.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()")
            #expect(await events.next() == .resync)
            try await connection.query("NOTIFY other")
            guard case .notification(let second) = await events.next() else {
                Issue.record("no notification")
                return
            }
            #expect(second.channel == "other" && second.payload.isEmpty)
        }
    }
}
