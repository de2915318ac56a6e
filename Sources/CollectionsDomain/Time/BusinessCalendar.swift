/// Business days: Monday to Friday without the listed public holidays.
package struct BusinessCalendar: Hashable, Sendable {
    /// Public holidays, ascending and without repetition.
    package let holidays: [Day]

    /// A calendar with these public holidays, in any order.
    package init(holidays: some Sequence<Day> = []) {
        var days = holidays.sorted()
        var kept: [Day] = []
        for day in days where kept.last != day { kept.append(day) }
        days = kept
        self.holidays = days
    }

    /// Whether `day` is a listed public holiday.
    package func isHoliday(_ day: Day) -> Bool {
        var low = 0
        var high = holidays.count
        while low < high {
            let middle = (low + high) / 2
            if holidays[middle] < day { low = middle + 1 } else { high = middle }
        }
        return low < holidays.count && holidays[low] == day
    }

    /// Whether `day` is a business day.
    package func isBusinessDay(_ day: Day) -> Bool {
        day.weekday.index < 5 && !isHoliday(day)
    }

    /// The `businessDays`-th business day after `day`, which itself does not count; `day` for 0.
    package func adding(businessDays: Int, to day: Day) -> Day {
        precondition(businessDays >= 0, "business days are added, not taken away")
        var result = day
        var left = businessDays
        while left > 0 {
            result = result.adding(days: 1)
            if isBusinessDay(result) { left -= 1 }
        }
        return result
    }
}
