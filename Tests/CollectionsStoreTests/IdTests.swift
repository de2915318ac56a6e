import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Ids", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct IdTests {
    @Test("two processes of many tasks never make the same id, and all are of this month")
    func unique() async throws {
        let db = try TestDatabase.current
        let other = try await db.openAgain()
        let month = try await db.database.core.withConnection { try await Partitions.presentMonth(in: $0) }
        let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for task in 0..<16 {
                let database = task % 2 == 0 ? db.database : other
                group.addTask {
                    var made: [Int64] = []
                    for round in 0..<40 {
                        if round % 3 == 0 { made.append(try await database.ids.next(.task)) }
                        made += try await database.ids.next(.task, count: 1 + (task * 31 + round * 7) % 97)
                    }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await other.close()
        #expect(ids.count > 25_000)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { IdLayout.month(of: $0) == month })
    }

    @Test("a request larger than a block is ascending and without gaps beyond block ends")
    func large() async throws {
        let db = try TestDatabase.current
        let ids = try await db.database.ids.next(.outbox, count: 5_000)
        #expect(ids.count == 5_000 && ids == ids.sorted())
    }

    @Test("debtors made one after the other fill the lanes evenly")
    func evenLanes() async throws {
        let db = try TestDatabase.current
        let lanes = db.database.lanes
        let count = 32 * Int(lanes.count)
        var perLane: [Int32: Int] = [:]
        for _ in 0..<count { perLane[lanes.part(of: try await db.database.ids.nextDebtor()), default: 0] += 1 }
        #expect(perLane.count == Int(lanes.count))
        #expect(perLane.values.allSatisfy { $0 == 32 })
    }

    @Test("kinds count apart")
    func kinds() async throws {
        let db = try TestDatabase.current
        let hold = try await db.database.ids.next(.hold)
        let visit = try await db.database.ids.next(.visit)
        #expect(hold == visit)
        let blocks: Int64 = try await db.administrator.query("select count(*) from id_block where kind in ('hold', 'visit')").value()
        #expect(blocks == 2)
    }

    @Test("an id can be made while every connection of the pool is in a transaction")
    func noDeadlock() async throws {
        let db = try TestDatabase.current
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for kind in [IdKind.letter, .visit, .referral, .promise, .plan, .recall] {
                group.addTask {
                    try await db.database.core.withTransaction { connection in
                        try await connection.query("select 1")
                        return try await db.database.ids.next(kind)
                    }
                }
            }
            for try await id in group { #expect(id > 0) }
        }
    }
}

@Suite("Lanes")
struct LaneTests {
    @Test(
        "only powers of two are lane counts",
        arguments: [(0, false), (1, true), (3, false), (16, true), (256, true), (1_024, true), (2_048, false), (-16, false)])
    func counts(count: Int32, good: Bool) {
        #expect((Lanes(count: count) != nil) == good)
    }

    @Test("the directory's lane is fnv1a64 of kind and reference: fixed for ever, because rows stand by it")
    func references() throws {
        var hash = FNV1a64()
        hash.combine("foobar".utf8)
        #expect(hash.value == 0x8594_4171_f739_67e8)
        let lanes = try #require(Lanes(count: 256))
        #expect(lanes.refPart(kind: .account, ref: "A-1") == lanes.refPart(kind: .account, ref: "A-1"))
        let spread = Set((0..<2_000).map { lanes.refPart(kind: .payment, ref: "P\($0)") })
        #expect(spread.count > 250 && spread.allSatisfy { lanes.all.contains($0) })
        #expect((0..<100).contains { lanes.refPart(kind: .account, ref: "X\($0)") != lanes.refPart(kind: .debtor, ref: "X\($0)") })
    }
}
