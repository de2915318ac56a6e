import CollectionsDomain
import Testing

@Suite("days and business days")
struct DayTests {
    @Test("every day of four centuries comes back from its parts, in order, with the weekday going round")
    func parts() throws {
        var expected = try #require(Day(year: 1900, month: 1, day: 1)).number
        var weekday = 0
        for year in 1900...2299 {
            for month in 1...12 {
                for dayOfMonth in 1...31 {
                    guard let day = Day(year: year, month: month, day: dayOfMonth) else { continue }
                    guard day.number == expected, day.parts == (year, month, dayOfMonth), day.weekday.index == weekday else {
                        Issue.record("\(day) is wrong")
                        return
                    }
                    expected += 1
                    weekday = (weekday + 1) % 7
                }
            }
        }
        #expect(expected == Day(year: 2300, month: 1, day: 1)?.number)
    }

    @Test(
        "dates that do not exist, and other forms, are refused",
        arguments: ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "20260101", "2026-01-01 ", "0000-01-01"])
    func refuses(text: String) {
        #expect(Day(iso: text) == nil)
    }

    @Test(
        "months later is the same day number, or the month's last day",
        arguments: [
            ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2024-01-05", 36, "2027-01-05"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-11-30", 3, "2027-02-28"), ("2026-12-15", -12, "2025-12-15"), ("2026-01-10", -1, "2025-12-10"),
        ])
    func months(from: String, months: Int, to: String) throws {
        #expect(try #require(Day(iso: from)).adding(months: months).description == to)
    }

    @Test("weeks begin on Monday, months on the first")
    func periods() throws {
        let day = try #require(Day(iso: "2026-11-01"))
        #expect(day.weekday == .sun)
        #expect(day.startOfWeek.description == "2026-10-26")
        #expect(day.startOfMonth == day && day.endOfMonth.description == "2026-11-30")
        #expect(day.days(until: day.adding(days: 40)) == 40)
        #expect(day.advanced(by: 2) == day.adding(days: 2))
    }

    @Test("business days leave out weekends and listed holidays")
    func businessDays() throws {
        let newYear = try #require(Day(iso: "2027-01-01"))
        let calendar = BusinessCalendar(holidays: [newYear, newYear])
        let start = try #require(Day(iso: "2026-12-30"))  // a Wednesday
        #expect(calendar.adding(businessDays: 1, to: start).description == "2026-12-31")
        #expect(calendar.adding(businessDays: 2, to: start).description == "2027-01-04")
        #expect(BusinessCalendar().adding(businessDays: 2, to: start).description == "2027-01-01")
        #expect(calendar.adding(businessDays: 0, to: newYear) == newYear)
        #expect(calendar.holidays.count == 1 && calendar.isHoliday(newYear) && !calendar.isBusinessDay(newYear))
    }

    @Test("times are minutes of a day, 24:00 its end")
    func times() {
        #expect(TimeOfDay("08:05")?.minutes == 485)
        #expect(TimeOfDay("24:00") == .endOfDay)
        for text in ["24:01", "8:00", "08:60", "08:00:00", "", "-1:00"] { #expect(TimeOfDay(text) == nil) }
        #expect(TimeOfDay("23:59")?.description == "23:59")
    }
}
