import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Clock arithmetic")
struct ClockAnchorTests {
    private static let start = Instant(seconds: 1_800_000_000)

    private static func anchor(rate: Double, until: Instant = .distantFuture) -> ClockAnchor {
        ClockAnchor(anchorReal: start, anchorBusiness: Instant(seconds: 1_000), rate: rate, runUntil: until)
    }

    @Test(
        "business time is anchor + rate × elapsed, up to run_until",
        arguments: [
            (rate: 1.0, elapsed: Int64(90), limit: Int64?.none, business: Int64(1_090)),
            (rate: 3_600.0, elapsed: 2, limit: nil, business: 8_200),
            (rate: 0.0, elapsed: 500, limit: nil, business: 1_000),
            (rate: 1.0, elapsed: 90, limit: 30, business: 1_030),
            (rate: 0.5, elapsed: 90, limit: 60, business: 1_030),
        ])
    func arithmetic(rate: Double, elapsed: Int64, limit: Int64?, business: Int64) {
        let anchor = Self.anchor(rate: rate, until: limit.map { Self.start + .seconds($0) } ?? .distantFuture)
        #expect(anchor.business(at: Self.start + .seconds(elapsed)) == Instant(seconds: business))
    }

    @Test("a transaction older than the anchor sees the anchor's time, never an earlier one")
    func neverBack() {
        #expect(Self.anchor(rate: 1).business(at: Self.start - .seconds(10)) == Instant(seconds: 1_000))
    }

    @Test("moving the anchor makes no step by itself, and never one back", arguments: [0.0, 1.0, 60.0])
    func moving(rate: Double) {
        let real = Self.start + .seconds(40)
        let anchor = Self.anchor(rate: rate)
        let present = anchor.business(at: real)
        let moved = anchor.moved(to: real, rate: 1, runUntil: .distantFuture)
        #expect(moved.business(at: real) == present)
        #expect(anchor.moved(to: real, business: present - .seconds(5), rate: 1, runUntil: .distantFuture).business(at: real) == present)
        let ahead = present + .seconds(7_200)
        #expect(anchor.moved(to: real, business: ahead, rate: 1, runUntil: .distantFuture).business(at: real) == ahead)
    }

    @Test("a fast clock left alone for a century stays a date")
    func noOverflow() {
        let anchor = Self.anchor(rate: 1_000_000)
        #expect(anchor.business(at: Self.start + .seconds(100 * 365 * 86_400)) <= .distantFuture)
    }
}

@Suite("The clock row", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct ClockTests {
    @Test("set stands at its time; a rate lets it go on; it never goes back")
    func set() async throws {
        let db = try TestDatabase.current
        let core = db.database.core
        let time = try #require(Instant(iso8601: "2037-03-01T09:00:00+08:00"))
        let set = try await core.withTransaction { try await ClockQueries.set(to: time, in: $0) }
        #expect(set.business == time && set.rate == 0)
        #expect(try await db.now().business == time)
        _ = try await db.makePortfolio()
        await #expect(throws: ClockError.backwards(present: time, wanted: time - .seconds(1))) {
            try await core.withTransaction { try await ClockQueries.set(to: time - .seconds(1), in: $0) }
        }
        let advanced = try await core.withTransaction { try await ClockQueries.advance(by: .seconds(3_600), in: $0) }
        #expect(advanced.business == time + .seconds(3_600) && advanced.rate == 0)
        let going = try await core.withTransaction { try await ClockQueries.advance(by: .zero, rate: 1_000, in: $0) }
        #expect(going.business == advanced.business && going.rate == 1_000)
        #expect(try await db.now().business > advanced.business)
    }

    @Test("a rehearsal begins wherever it likes, until the first portfolio is there")
    func beginning() async throws {
        let db = try TestDatabase.current
        let early = try #require(Instant(iso8601: "2020-03-01T00:00:00Z"))
        let begun = try await db.database.core.withTransaction { try await ClockQueries.set(to: early, in: $0) }
        #expect(begun.business == early)
        _ = try await db.makePortfolio()
        await #expect(throws: ClockError.self) {
            try await db.database.core.withTransaction { try await ClockQueries.set(to: early - .seconds(1), in: $0) }
        }
    }

    @Test("lease time does not follow business time")
    func leaseTime() async throws {
        let db = try TestDatabase.current
        let before = try await db.now().real
        try await db.setBusinessTime(try #require(Instant(iso8601: "2037-01-01T00:00:00Z")))
        let after = try await db.now()
        #expect(after.real >= before && after.real < before + .seconds(300))
    }

    @Test("the clock of a production database cannot be set, advanced or paced")
    func production() async throws {
        let db = try TestDatabase.current
        try await db.administrator.query("update setting set value = 'false' where name = 'rehearsal'")
        for step in [
            { try await ClockQueries.set(to: .distantFuture, in: $0) }, { try await ClockQueries.advance(by: .seconds(1), in: $0) },
            { try await ClockQueries.pace(driver: "me", in: $0) },
        ] as [@Sendable (PostgresConnection) async throws -> Now] {
            await #expect(throws: ClockError.notRehearsal) { try await db.database.core.withTransaction { try await step($0) } }
        }
    }

    @Test("one driver paces; another waits for its lease to end; what a dead driver left stands still")
    func pacing() async throws {
        let db = try TestDatabase.current
        let core = db.database.core
        let start = try #require(Instant(iso8601: "2037-05-01T00:00:00Z"))
        let first = try await core.withTransaction {
            try await ClockQueries.pace(driver: "one", to: start, lease: .milliseconds(200), in: $0)
        }
        #expect(first.business == start && first.rate == 1)
        await #expect(throws: ClockError.driven(by: "one")) {
            try await core.withTransaction { try await ClockQueries.pace(driver: "two", in: $0) }
        }
        await #expect(throws: ClockError.driven(by: "one")) {
            try await core.withTransaction { try await ClockQueries.set(to: start + .seconds(9_999), in: $0) }
        }
        // The driver is silent: its lease ends, and business time stands at the lease's end.
        let frozen = start + .milliseconds(200)
        var taken: Now?
        while taken == nil {
            do {
                taken = try await core.withTransaction { try await ClockQueries.pace(driver: "two", lease: .seconds(60), in: $0) }
            } catch ClockError.driven {}
        }
        let second = try #require(taken)
        #expect(second.business == frozen)
        let stride = try await core.withTransaction { try await ClockQueries.pace(driver: "two", to: frozen + .seconds(7_200), in: $0) }
        #expect(stride.business == frozen + .seconds(7_200))
        // A target that has passed moves nothing back.
        let again = try await core.withTransaction { try await ClockQueries.pace(driver: "two", to: start, in: $0) }
        #expect(again.business >= stride.business)
        try await core.withTransaction { try await ClockQueries.stopPacing(driver: "two", in: $0) }
        let standing = try await db.now()
        #expect(standing.rate == 0 && standing.business >= again.business)
        let (_, anchor, driver) = try await core.withConnection { try await ClockQueries.show(in: $0) }
        #expect(driver == nil && anchor.rate == 0)
    }
}
