import Testing
import WireTypes

@Suite("Instants and days on the wire")
struct WireInstantTests {
    @Test(
        "are RFC 3339 with six decimals, whatever zone they came in",
        arguments: [
            ("2026-11-02T02:00:00Z", "2026-11-02T02:00:00.000000Z"), ("2026-11-02T10:00:00+08:00", "2026-11-02T02:00:00.000000Z"),
            ("2026-11-02T10:00:00.123456789+08:00", "2026-11-02T02:00:00.123456Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
            ("2024-02-29T00:00:00-05:30", "2024-02-29T05:30:00.000000Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ])
    func text(given: String, written: String) throws {
        let instant = try #require(WireInstant(given))
        #expect(instant.text == written)
        #expect(WireInstant(written) == instant)
    }

    @Test(
        "are refused without a zone, with a day that does not exist, or with anything behind",
        arguments: [
            "2026-11-02T02:00:00", "2026-11-02", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-02T24:00:00Z",
            "2026-11-02T02:00:00Zx",
            "2026-11-02T02:00:00.Z", "2026-11-02T02:00:00+8:00", "", "tomorrow", String(repeating: "9", count: 100_000),
        ])
    func refused(text: String) {
        #expect(WireInstant(text) == nil)
    }

    @Test("days count as the calendar does, over 800 years and both ways")
    func days() throws {
        var year = 1600, month = 1, day = 1
        for number in -135_140 ... -135_140 + 292_194 {
            let date = WireDate(daysSince1970: number)
            #expect((date.year, date.month, date.day) == (year, month, day))
            #expect(date.daysSince1970 == number)
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            day += 1
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(WireDate("2026-11-06")?.text == "2026-11-06")
        #expect(WireDate("2026-02-30") == nil)
        #expect(WireDate("2026-2-3") == nil)
    }
}
