import CollectionsStore
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Schema
import Testing

@Suite("Migrations", .tags(.database), .timeLimit(.minutes(3)))
struct MigrationTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let key: [UInt8] = Array(repeating: 1, count: 32)

    @Test("numbers run from 1 without gaps")
    func numbers() {
        #expect(Schema.migrations.map(\.number) == Array(1...Schema.migrations.count))
        #expect(Schema.migrations.allSatisfy { !$0.sql.isEmpty })
    }

    @Test("from nothing: applied once, then nothing to do; what the first run fixed stays")
    func fromEmpty() async throws {
        try await TestDatabase.withEmptyDatabase { owner, _ in
            let before = try await MigrateDatabase.status(as: owner, logger: Self.logger)
            #expect(before.count == Schema.migrations.count && before.allSatisfy { !$0.isApplied })
            let first = try await MigrateDatabase.run(.init(lanes: 256, rehearsal: true, dataKey: Self.key), as: owner, logger: Self.logger)
            #expect(first.applied.count == Schema.migrations.count && first.lanes == 256 && first.rehearsal)
            let again = try await MigrateDatabase.run(.init(dataKey: Self.key), as: owner, logger: Self.logger)
            #expect(again.applied.isEmpty && again.lanes == 256 && again.rehearsal)
            #expect(try await MigrateDatabase.status(as: owner, logger: Self.logger).allSatisfy(\.isApplied))

            await #expect(throws: DatabaseError.otherLanes(stored: 256, wanted: 16)) {
                try await MigrateDatabase.run(.init(lanes: 16, dataKey: Self.key), as: owner, logger: Self.logger)
            }
            await #expect(throws: DatabaseError.otherDataKey) {
                try await MigrateDatabase.run(.init(dataKey: Array(repeating: 2, count: 32)), as: owner, logger: Self.logger)
            }
            let connection = try await PostgresConnection.connect(owner, logger: Self.logger)
            let keys = try await SigningKeyQueries.usable(in: connection)
            #expect(keys.count == 1 && keys[0].isActive && keys[0].secret.count == 32)
            let month = try await Partitions.presentMonth(in: connection)
            for table in ["outcome", "late_outcome", "task_end", "contact_event", "activity", "audit_entry"] {
                for wanted in [month, month + 1] {
                    let name = "\(table)_\(wanted)"
                    #expect(try await connection.query("select to_regclass(\(name)) is not null").value(as: Bool.self))
                }
            }
            #expect(try await Partitions.ensure(in: connection) == 0)
            await connection.close()
        }
    }

    @Test("a production database does not become a rehearsal")
    func production() async throws {
        try await TestDatabase.withEmptyDatabase { owner, _ in
            _ = try await MigrateDatabase.run(.init(dataKey: Self.key), as: owner, logger: Self.logger)
            await #expect(throws: DatabaseError.notRehearsal) {
                try await MigrateDatabase.run(.init(rehearsal: true, dataKey: Self.key), as: owner, logger: Self.logger)
            }
        }
    }

    @Test("several first runs at once make one database")
    func concurrent() async throws {
        try await TestDatabase.withEmptyDatabase { owner, _ in
            let reports = try await withThrowingTaskGroup(of: MigrateDatabase.Report.self) { group in
                for _ in 0..<4 { group.addTask { try await MigrateDatabase.run(.init(dataKey: Self.key), as: owner, logger: Self.logger) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.map(\.applied.count).sorted() == [0, 0, 0, Schema.migrations.count])
        }
    }

    @Test("a database without the schema, or of a newer program, is refused with what to do")
    func refused() async throws {
        try await TestDatabase.withEmptyDatabase { owner, _ in
            let configuration = DatabaseConfiguration(core: owner, api: owner, dataKey: Self.key)
            await #expect(throws: DatabaseError.noSchema) { try await Database.open(configuration, logger: Self.logger) }
            _ = try await MigrateDatabase.run(.init(dataKey: Self.key), as: owner, logger: Self.logger)
            try await Database.open(configuration, logger: Self.logger).close()
            var otherKey = configuration
            otherKey.dataKey = Array(repeating: 9, count: 32)
            await #expect(throws: DatabaseError.otherDataKey) { try await Database.open(otherKey, logger: Self.logger) }
            let connection = try await PostgresConnection.connect(owner, logger: Self.logger)
            try await connection.query(
                "insert into schema_migration (number, name, hash, statements, applied_at) values (9999, 'future', '', 1, now())")
            await connection.close()
            await #expect(throws: DatabaseError.otherSchema(applied: 9_999, known: Schema.migrations.last?.number ?? 0)) {
                try await Database.open(configuration, logger: Self.logger)
            }
        }
    }

    @Test("the committed dump is the schema the migrations make")
    func dump() async throws {
        let made = try await TestDatabase.withEmptyDatabase { owner, server in
            _ = try await MigrateDatabase.run(.init(dataKey: Self.key), as: owner, logger: Self.logger)
            return try SchemaDump.normalised(database: owner.database, on: server)
        }
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Schema/schema.dump.sql")
        if ProcessInfo.processInfo.environment["RECOURSE_RENEW_DUMP"] == "1" { try made.write(to: file, atomically: true, encoding: .utf8) }
        let committed = try String(contentsOf: file, encoding: .utf8)
        guard made != committed else { return }
        let madeLines = made.split(separator: "\n"), committedLines = Set(committed.split(separator: "\n"))
        let new = madeLines.filter { !committedLines.contains($0) }
        let gone = committed.split(separator: "\n").filter { !Set(madeLines).contains($0) }
        Issue.record(
            """
            Schema/schema.dump.sql is not what the migrations make; renew it: RECOURSE_RENEW_DUMP=1 swift test --filter MigrationTests.dump
            new: \(new.prefix(10).joined(separator: "\n     "))
            gone: \(gone.prefix(10).joined(separator: "\n      "))
            """)
    }
}
