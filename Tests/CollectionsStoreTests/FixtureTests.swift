import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Fixtures and isolation", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct FixtureTests {
    @Test("the API role sees no row without naming an agency, and only that agency's rows with one")
    func isolation() async throws {
        let db = try TestDatabase.current
        let mine = try await db.makeAgency(name: "Mine")
        let other = try await db.makeAgency(name: "Other")
        let ours = try await db.makePlacedDebtor(accounts: [100_000, 50_000], agency: mine)
        _ = try await db.makePlacedDebtor(agency: other)

        let without = try await db.database.api.withTransaction { try await Self.visible(in: $0) }
        #expect(without == [0, 0])
        let named = try await db.database.api.withTransaction { connection in
            try await connection.query(Isolation.statement(agencies: [mine]))
            return try await Self.visible(in: connection)
        }
        #expect(named == [1, 2])
        let both = try await db.database.api.withTransaction { connection in
            try await connection.query(Isolation.statement(agencies: [other, mine]))
            return try await Self.visible(in: connection)
        }
        #expect(both == [2, 3])
        // The setting ends with its transaction: the same connection sees nothing again.
        #expect(try await db.database.api.withTransaction { try await Self.visible(in: $0) } == [0, 0])

        let changed = try await db.database.api.withTransaction { connection in
            try await connection.query(Isolation.statement(agencies: [other]))
            return try await connection.query("delete from task where part = \(ours.part) and task_id = \(ours.taskId) returning task_id")
                .count
        }
        #expect(changed == 0)
        #expect(try await db.database.core.withTransaction { try await Self.visible(in: $0) } == [2, 3])
    }

    private static func visible(in db: PostgresConnection) async throws -> [Int64] {
        let tasks: Int64 = try await db.query("select count(*) from task").value()
        let placements: Int64 = try await db.query("select count(*) from placement").value()
        return [tasks, placements]
    }

    @Test(
        "the API role cannot read operators or change what was said",
        arguments: [
            "select count(*) from operator", "update setting set value = '1'", "update outcome set result = 1", "delete from contact_event",
            "insert into policy_version (policy_id, version, sha256, yaml, effective_from, loaded_at) values ('x', 'x', '', '', now(), now())",
            "create table mine (x int)", "update audit_entry set body = ''", "select count(*) from payment",
        ])
    func apiRights(sql: String) async throws {
        let db = try TestDatabase.current
        let error = await #expect(throws: PostgresError.self) { try await db.database.api.query(PostgresQuery(sql)) }
        #expect(error?.sqlState == "42501")
    }

    @Test("the pools log in as the roles the tables are granted to, neither superuser nor owner")
    func roles() async throws {
        let db = try TestDatabase.current
        for (pool, role) in [(db.database.core, RoleQueries.core), (db.database.api, RoleQueries.api)] {
            let result = try await pool.query(
                "select session_user::text, current_user::text, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            let (session, current, strong) = try #require(result.first).decode((String, String, Bool).self)
            #expect(session == role && current == role && !strong)
        }
    }
}
