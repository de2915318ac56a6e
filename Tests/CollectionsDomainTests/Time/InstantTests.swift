import CollectionsDomain
import Testing

@Suite("instants")
struct InstantTests {
    @Test(
        "RFC 3339 text names one instant, whatever its offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-12-01T21:59:30+08:00", 1_796_133_570_000_000),
            ("2026-12-01T13:59:30Z", 1_796_133_570_000_000),
            ("2026-12-01T13:59:30.25z", 1_796_133_570_250_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("2027-01-04T10:00:00-05:00", 1_799_074_800_000_000),
            ("2026-01-01t00:00:00.1234567Z", 1_767_225_600_123_456),
        ] as [(String, Int64)])
    func parses(text: String, microseconds: Int64) throws {
        #expect(try #require(Instant(iso8601: text)).microseconds == microseconds)
    }

    @Test(
        "text without a zone, with an impossible date or with a rest is refused",
        arguments: [
            "2026-12-01T21:59:30", "2026-12-01 21:59:30Z", "2026-02-30T00:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T21:59:60Z",
            "2026-12-01T21:59:30+0800", "2026-12-01T21:59:30+08:00 ", "2026-12-01", "", "2026-12-01T21:59:30.Z", "２026-12-01T21:59:30Z",
        ])
    func refuses(text: String) {
        #expect(Instant(iso8601: text) == nil)
    }

    @Test("text comes back as the same instant, in UTC and in a zone")
    func roundTrip() throws {
        let shanghai = try #require(Zone(identifier: "Asia/Shanghai"))
        let kolkata = try #require(Zone(identifier: "Asia/Kolkata"))
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let instant = Instant(microseconds: Int64.random(in: -2_000_000_000_000_000...4_000_000_000_000_000, using: &random))
            for zone in [Zone.utc, shanghai, kolkata] {
                // Before 1901 local time has offsets of odd seconds, which RFC 3339 cannot write; tables begin in 1970.
                #expect(Instant(iso8601: instant.iso8601(in: zone)) == instant)
            }
        }
        #expect(Instant(seconds: 1_796_133_570).iso8601(in: shanghai) == "2026-12-01T21:59:30+08:00")
        #expect(Instant(microseconds: 1_500_000).description == "1970-01-01T00:00:01.5Z")
    }

    @Test("durations are added and measured in microseconds")
    func durations() {
        let start = Instant(seconds: 100)
        #expect(start + .milliseconds(1_500) == Instant(microseconds: 101_500_000))
        #expect(start - .seconds(101) == Instant(seconds: -1))
        #expect(Instant(seconds: 160) - start == .seconds(60))
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant.distantPast < start && start < .distantFuture)
        #expect(Instant.distantFuture.description == "9999-12-31T23:59:59.999999Z")
        #expect(Instant.distantPast.description == "0001-01-01T00:00:00Z")
    }
}
