import CollectionsDomain
import Foundation
import Testing

@Suite("time zones")
struct ZoneTests {
    @Test("unknown names, abbreviations and offsets are refused", arguments: ["Mars/Olympus", "", "EST", "GMT+8", "Asia", "asia/shanghai"])
    func unknown(name: String) {
        #expect(Zone(identifier: name) == nil)
    }

    @Test("a name gives one zone, equal to itself and to no other")
    func identity() throws {
        let one = try #require(Zone(identifier: "America/New_York"))
        let two = try #require(Zone(identifier: "America/New_York"))
        #expect(one == two && one != .utc && one.identifier == "America/New_York")
        #expect(Zone(identifier: "UTC") == .utc)
    }

    @Test(
        "local dates and times agree with the system's calendar",
        arguments: [
            "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Melbourne", "Asia/Kolkata", "America/Phoenix",
            "Australia/Lord_Howe",
            "America/Havana", "Asia/Urumqi", "Africa/Casablanca", "Pacific/Apia",
        ])
    func agrees(name: String) throws {
        let zone = try #require(Zone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: name))
        var random = SeededRandom(seed: 11)
        for _ in 0..<10_000 {
            let seconds = Int64.random(in: 0...4_000_000_000, using: &random)
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: Double(seconds)))
            let local = zone.local(of: Instant(seconds: seconds))
            let isSame =
                local.day.year == parts.year && local.day.month == parts.month && local.day.day == parts.day
                && local.time.hour == parts.hour
                && local.time.minute == parts.minute
            guard isSame else {
                Issue.record("\(name) differs at \(seconds)")
                return
            }
        }
    }

    @Test("a time the clocks skip is the instant of the change, one that comes twice the earlier")
    func changes() throws {
        let zone = try #require(Zone(identifier: "America/New_York"))
        let spring = try #require(Day(iso: "2026-03-08"))
        let autumn = try #require(Day(iso: "2026-11-01"))
        #expect(zone.instant(of: spring, at: try #require(TimeOfDay("02:30"))).description == "2026-03-08T07:00:00Z")
        #expect(zone.instant(of: spring, at: try #require(TimeOfDay("08:00"))).description == "2026-03-08T12:00:00Z")
        #expect(zone.instant(of: autumn, at: try #require(TimeOfDay("01:30"))).description == "2026-11-01T05:30:00Z")
        #expect(zone.instant(of: autumn, at: try #require(TimeOfDay("08:00"))).description == "2026-11-01T13:00:00Z")
        #expect(zone.endOfDay(spring) - zone.startOfDay(spring) == .seconds(23 * 3600))
        #expect(zone.endOfDay(autumn) - zone.startOfDay(autumn) == .seconds(25 * 3600))
        #expect(zone.nextChange(after: zone.startOfDay(spring))?.description == "2026-03-08T07:00:00Z")
    }

    @Test("a day begins after a midnight that the clocks skip")
    func skippedMidnight() throws {
        let zone = try #require(Zone(identifier: "America/Havana"))
        let day = try #require(Day(iso: "2026-03-08"))
        let start = zone.startOfDay(day)
        #expect(zone.timeOfDay(of: start) == TimeOfDay("01:00"))
        #expect(zone.day(of: start) == day)
        #expect(zone.day(of: start - .microseconds(1)) == day.adding(days: -1))
    }

    @Test("an instant lies in the day and at the time it was made from, in every zone")
    func inverse() throws {
        var random = SeededRandom(seed: 3)
        for name in ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Melbourne", "Asia/Kolkata"] {
            let zone = try #require(Zone(identifier: name))
            for _ in 0..<500 {
                let day = Day(number: Int32.random(in: 10_000...30_000, using: &random))
                let time = try #require(TimeOfDay(minutes: Int.random(in: 240..<1440, using: &random)))
                let local = zone.local(of: zone.instant(of: day, at: time))
                #expect(local.day == day && local.time == time)
            }
        }
    }
}
