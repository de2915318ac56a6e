import Testing

@testable import CollectionsDomain

@Suite("Stop-work confirmation and notices that wait")
struct StopWorkTests {
    private static let monday = Instant(iso8601: "2026-11-02T10:00:00+08:00") ?? .distantPast

    private static let steps: [(hours: Int64, step: StopWork, late: Int64)] = [
        (0, .inTime, 0), (23, .inTime, 0), (24, .noNewPlacements, 0), (47, .noNewPlacements, 23), (48, .call, 24), (71, .call, 47),
        (72, .decide, 48), (1_000, .decide, 976),
    ]

    @Test("24 hours: no new placements; 48: called; 72: a supervisor decides", arguments: steps)
    func step(hours: Int64, step: StopWork, late: Int64) {
        let now = Self.monday + .seconds(hours * 3_600)
        #expect(StopWork(unconfirmedSince: Self.monday, now: now) == step)
        #expect(StopWork.hoursLate(unconfirmedSince: Self.monday, now: now) == late)
        #expect(StopWork(unconfirmedSince: now, now: Self.monday) == .inTime, "before it took effect")
    }

    private static func hours(holidays: [Day] = []) throws -> WorkingHours {
        WorkingHours(
            start: try #require(TimeOfDay("08:00")), end: try #require(TimeOfDay("22:00")),
            zone: try #require(Zone(identifier: "Asia/Shanghai")),
            calendar: BusinessCalendar(holidays: holidays))
    }

    @Test("business time counts open hours of business days only")
    func businessTime() throws {
        let hours = try Self.hours()
        func between(_ from: String, _ to: String) throws -> Duration {
            hours.businessTime(
                from: try #require(Instant(iso8601: from + ":00+08:00")), to: try #require(Instant(iso8601: to + ":00+08:00")))
        }
        #expect(try between("2026-11-02T10:00", "2026-11-02T13:30") == .seconds(3 * 3_600 + 1_800))
        #expect(try between("2026-11-02T21:00", "2026-11-03T09:00") == .seconds(2 * 3_600), "over a night")
        #expect(try between("2026-11-06T21:00", "2026-11-09T09:00") == .seconds(2 * 3_600), "over a weekend")
        #expect(try between("2026-11-07T10:00", "2026-11-08T20:00") == .zero)
        #expect(try between("2026-11-03T10:00", "2026-11-02T10:00") == .zero)
        let closed = try Self.hours(holidays: [try #require(Day(iso: "2026-11-02"))])
        #expect(closed.businessTime(from: Self.monday, to: Self.monday + .seconds(7_200)) == .zero)
    }

    @Test("a notice may wait four business hours")
    func silence() throws {
        let hours = try Self.hours()
        #expect(!NoticeSilence.isTooLong(since: Self.monday, now: Self.monday + .seconds(4 * 3_600 - 1), hours: hours))
        #expect(NoticeSilence.isTooLong(since: Self.monday, now: Self.monday + .seconds(4 * 3_600), hours: hours))
    }
}
