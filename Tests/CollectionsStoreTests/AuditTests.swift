import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Audit streams", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct AuditTests {
    private struct Entry: Sendable {
        let part: Int32, writer: Int64, seq: Int64, kind: Int16, subject: Int64, body: [UInt8], hash: [UInt8]
    }

    private static func entries(_ db: TestDatabase) async throws -> [Entry] {
        try await db.administrator.query(
            "select part, writer, seq, kind, subject, body, hash from audit_entry order by part, writer, seq"
        ).map { row in
            let (part, writer, seq, kind, subject, body, hash) = try row.decode((Int32, Int64, Int64, Int16, Int64, [UInt8], [UInt8]).self)
            return Entry(part: part, writer: writer, seq: seq, kind: kind, subject: subject, body: body, hash: hash)
        }
    }

    /// Computes every stream anew: numbers without gaps from 1, an opening entry first, hashes chained from the genesis.
    private static func verify(_ entries: [Entry], checkpoint: [UInt8] = []) {
        for (_, stream) in Dictionary(grouping: entries, by: { "\($0.part)/\($0.writer)" }) {
            var hash = AuditChain.genesis(part: stream[0].part, writer: stream[0].writer, checkpoint: checkpoint)
            #expect(stream[0].kind == AuditKind.streamOpened.rawValue && stream[0].subject == stream[0].writer)
            for (index, entry) in stream.enumerated() {
                #expect(entry.seq == Int64(index + 1))
                hash = AuditChain.hash(previous: hash, body: entry.body)
                #expect(entry.hash == hash)
            }
        }
    }

    @Test("entries of one transaction and of many stand in one chain per lane and connection")
    func chains() async throws {
        let db = try TestDatabase.current
        let database = db.database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<10 {
                        try await database.withAuditedTransaction(database.core, part: Int32(task % 4)) { transaction in
                            transaction.audit(.hold, subject: Int64(task), ["round": .number(round)])
                            if round % 2 == 0 { transaction.audit(.recall, subject: 1, ["round": .number(round)], part: 15) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let entries = try await Self.entries(db)
        #expect(entries.filter { $0.kind == AuditKind.hold.rawValue }.count == 80)
        #expect(entries.filter { $0.kind == AuditKind.recall.rawValue && $0.part == 15 }.count == 40)
        Self.verify(entries)
    }

    @Test("kind and subject stand in the hashed bytes")
    func body() async throws {
        let db = try TestDatabase.current
        try await db.database.withAuditedTransaction(db.database.core, part: 3) { $0.audit(.hold, subject: 42, ["until": "2027-01-01"]) }
        let entry = try #require(try await Self.entries(db).last)
        #expect(String(decoding: entry.body, as: UTF8.self) == #"{"kind":"hold","subject":42,"until":"2027-01-01"}"#)
    }

    @Test("a rolled-back transaction leaves no gap")
    func rollback() async throws {
        struct Stop: Error {}
        let db = try TestDatabase.current
        let database = db.database
        for round in 0..<6 {
            do {
                try await database.withAuditedTransaction(database.core) { transaction in
                    transaction.audit(.hold, subject: Int64(round), [:])
                    if round % 2 == 1 { throw Stop() }
                }
            } catch is Stop {}
        }
        let entries = try await Self.entries(db)
        #expect(entries.filter { $0.kind == AuditKind.hold.rawValue }.map(\.subject) == [0, 2, 4])
        Self.verify(entries)
    }

    @Test("a serialization failure runs again without the entries of the failed try")
    func retry() async throws {
        let db = try TestDatabase.current
        let database = db.database
        let tries = Counter()
        try await database.withAuditedTransaction(database.core) { transaction in
            let number = await tries.next()
            transaction.audit(.hold, subject: Int64(number), [:])
            if number < 3 { try await transaction.connection.simple("do $$ begin raise exception using errcode = '40001'; end $$") }
        }
        let entries = try await Self.entries(db)
        #expect(entries.filter { $0.kind == AuditKind.hold.rawValue }.map(\.subject) == [3])
        Self.verify(entries)
    }

    private actor Counter {
        private var count = 0
        func next() -> Int {
            count += 1
            return count
        }
    }

    @Test("after a doubtful commit the connection goes on under a new writer, whichever way the commit went", arguments: [true, false])
    func doubt(committed: Bool) async throws {
        let db = try TestDatabase.current
        let database = db.database
        try await database.core.withConnection { connection in
            try await connection.withTransaction {
                _ = try await $0.query(try await database.audit.entries(part: 0, connection: $0, drafts: [Self.draft(1)]))
            }
            database.audit.committed(connection)
            do {
                try await connection.withTransaction {
                    _ = try await $0.query(try await database.audit.entries(part: 0, connection: $0, drafts: [Self.draft(2)]))
                    if !committed { throw CancellationError() }
                }
            } catch is CancellationError {}
            // The process does not know which of the two it was.
            database.audit.doubtful(connection)
            try await connection.withTransaction {
                _ = try await $0.query(try await database.audit.entries(part: 0, connection: $0, drafts: [Self.draft(3)]))
            }
            database.audit.committed(connection)
        }
        let entries = try await Self.entries(db)
        #expect(Set(entries.map(\.writer)).count == 2)
        #expect(entries.filter { $0.kind == AuditKind.hold.rawValue }.map(\.subject) == (committed ? [1, 2, 3] : [1, 3]))
        Self.verify(entries)
    }

    private static func draft(_ subject: Int64) -> AuditDraft { AuditDraft(kind: .hold, subject: subject, body: [:]) }

    @Test("the last checkpoint is part of a new stream's genesis")
    func genesis() async throws {
        let db = try TestDatabase.current
        let hash: [UInt8] = Array(repeating: 5, count: 32)
        try await db.administrator.query(
            "insert into audit_checkpoint (seq, at, prev_hash, heads, root, hash) values (1, now(), \(hash), \(hash), \(hash), \(hash))")
        try await db.database.withAuditedTransaction(db.database.core) { $0.audit(Self.draft(1)) }
        Self.verify(try await Self.entries(db), checkpoint: hash)
    }

    @Test("agencies' transactions write entries too, and nobody can change one")
    func roles() async throws {
        let db = try TestDatabase.current
        try await db.database.withAuditedTransaction(db.database.api, part: 2, agencies: [1]) {
            $0.audit(.lease, subject: 1, ["tasks": .numbers([1, 2])])
        }
        Self.verify(try await Self.entries(db))
        for pool in [db.database.core, db.database.api] {
            for sql in ["update audit_entry set subject = 0", "delete from audit_entry"] as [PostgresQuery] {
                let error = await #expect(throws: PostgresError.self) { try await pool.query(sql) }
                #expect(error?.sqlState == "42501")
            }
        }
    }
}
