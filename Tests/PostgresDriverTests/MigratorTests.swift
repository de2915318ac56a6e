import PostgresDriver
import Testing

@Suite(.timeLimit(.minutes(2)))
struct MigratorTests {
    private static let files = [
        Migrator.Migration(
            number: 1, name: "base",
            sql: """
                -- a comment; with a semicolon
                CREATE TABLE m_base (id int PRIMARY KEY, note text DEFAULT 'a;b');
                CREATE FUNCTION m_f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END $f$;
                """),
        Migrator.Migration(number: 2, name: "index", sql: "CREATE INDEX CONCURRENTLY IF NOT EXISTS m_index ON m_base (note);"),
    ]

    private func freshDatabase(_ name: String) async throws -> PostgresConfiguration {
        let server = try TestServer.shared
        try await server.withConnection { try await $0.simple("CREATE DATABASE \(name)") }
        return server.configuration(database: name)
    }

    private func connect(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        try await PostgresConnection.connect(configuration, logger: TestServer.logger)
    }

    @Test func appliesInOrderOnceAndTellsWhereItStands() async throws {
        let connection = try await connect(freshDatabase("migrate_plain"))
        let migrator = try Migrator(Self.files.reversed(), logger: TestServer.logger)
        #expect(try await migrator.status(connection).map(\.state) == [.pending, .pending])
        #expect(try await migrator.migrate(connection).map(\.number) == [1, 2])
        #expect(try await migrator.migrate(connection).isEmpty)
        #expect(try await connection.query("SELECT m_f()").value(as: Int.self) == 1)
        for status in try await migrator.status(connection) {
            guard case .applied = status.state else {
                Issue.record("\(status) is not applied")
                continue
            }
        }
        await connection.close()
    }

    @Test func twoMigratorsAtOnceApplyEverythingOnce() async throws {
        let configuration = try await freshDatabase("migrate_two")
        let migrator = try Migrator(Self.files, logger: TestServer.logger)
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let connection = try await PostgresConnection.connect(configuration, logger: TestServer.logger)
                    let count = try await migrator.migrate(connection).count
                    await connection.close()
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 2)
    }

    @Test func aFailedFileIsTakenUpBehindItsLastGoodStatement() async throws {
        let connection = try await connect(freshDatabase("migrate_resume"))
        let broken = Migrator.Migration(
            number: 1, name: "a", sql: "CREATE TABLE once (x int); CREATE TABLE wrong (x nonsense); CREATE TABLE last (x int)")
        let error = await #expect(throws: PostgresError.self) {
            try await Migrator([broken], logger: TestServer.logger).migrate(connection)
        }
        #expect(error?.sqlState == "42704")
        #expect(try await Migrator([broken], logger: TestServer.logger).status(connection).map(\.state) == [.partial(done: 1, of: 3)])
        let mended = Migrator.Migration(
            number: 1, name: "a", sql: "CREATE TABLE once (x int); CREATE TABLE wrong (x int); CREATE TABLE last (x int)")
        #expect(try await Migrator([mended], logger: TestServer.logger).migrate(connection).count == 1)
        #expect(
            try await connection.query("SELECT count(*) FROM pg_class WHERE relname IN ('once', 'wrong', 'last')").value(as: Int.self) == 3)
        await connection.close()
    }

    @Test func aChangedOrLateFileIsRefused() async throws {
        let connection = try await connect(freshDatabase("migrate_changed"))
        let one = Migrator.Migration(number: 2, name: "a", sql: "CREATE TABLE a (x int)")
        try await Migrator([one], logger: TestServer.logger).migrate(connection)
        let changed = Migrator.Migration(number: 2, name: "a", sql: "CREATE TABLE a (x bigint)")
        let error = await #expect(throws: PostgresError.self) {
            try await Migrator([changed], logger: TestServer.logger).migrate(connection)
        }
        #expect(error?.code == .migration)
        #expect(try await Migrator([changed], logger: TestServer.logger).status(connection).map(\.state) == [.changed])
        let late = Migrator.Migration(number: 1, name: "late", sql: "CREATE TABLE b (x int)")
        let other = await #expect(throws: PostgresError.self) {
            try await Migrator([late, one], logger: TestServer.logger).migrate(connection)
        }
        #expect(other?.code == .migration)
        let double = #expect(throws: PostgresError.self) { _ = try Migrator([one, changed], logger: TestServer.logger) }
        #expect(double?.code == .migration)
        await connection.close()
    }
}
