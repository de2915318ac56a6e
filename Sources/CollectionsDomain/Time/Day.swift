/// A calendar date of the proleptic Gregorian calendar, without a zone: days since 1970-01-01.
package struct Day: Hashable, Sendable {
    /// Days since 1970-01-01; negative before it.
    package var number: Int32

    /// The date that many days after (or, negative, before) 1970-01-01.
    package init(number: Int32) {
        self.number = number
    }

    /// The date named by its parts, or nil if there is no such date (`year` 1...9999).
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.length(of: month, in: year) else { return nil }
        number = Self.number(year: year, month: month, day: day)
    }

    /// Reads `2026-11-02`; nil for any other form or a date that does not exist.
    package init?(iso text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let day = scanner.day(), scanner.isAtEnd else { return nil }
        self = day
    }
}

extension Day: Comparable {
    package static func < (left: Day, right: Day) -> Bool {
        left.number < right.number
    }
}

extension Day {
    /// Year, month (1...12) and day of the month (1...31), reckoned together.
    package var parts: (year: Int, month: Int, day: Int) {
        // Howard Hinnant's civil_from_days: eras of 400 years that begin on 1 March, so that the leap day comes last.
        let shifted = Int(number) + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The year.
    package var year: Int { parts.year }
    /// The month, 1...12.
    package var month: Int { parts.month }
    /// The day of the month, 1...31.
    package var day: Int { parts.day }

    /// The day of the week.
    package var weekday: Weekday {
        // 1970-01-01 was a Thursday; Monday is 0.
        let index = (Int(number) + 3) % 7
        return Weekday(index: index < 0 ? index + 7 : index)
    }

    /// The Monday of this date's week (Monday to Sunday).
    package var startOfWeek: Day { adding(days: -weekday.index) }

    /// The first of this date's month.
    package var startOfMonth: Day { adding(days: 1 - day) }

    /// The last day of this date's month.
    package var endOfMonth: Day {
        let (year, month, day) = parts
        return adding(days: Self.length(of: month, in: year) - day)
    }

    /// The date `days` later (negative: earlier).
    package func adding(days: Int) -> Day {
        Day(number: number + Int32(days))
    }

    /// The same day number `months` later (negative: earlier), or that month's last day if the number is missing there.
    ///
    /// - SeeAlso: Source: conduct policy, semantics 6.
    package func adding(months: Int) -> Day {
        let (year, month, day) = parts
        let index = year * 12 + month - 1 + months
        let newYear = index.flooredQuotient(by: 12)
        let newMonth = index - newYear * 12 + 1
        return Day(number: Self.number(year: newYear, month: newMonth, day: min(day, Self.length(of: newMonth, in: newYear))))
    }

    /// The number of days from this date to `other`; negative if `other` is earlier.
    package func days(until other: Day) -> Int {
        Int(other.number) - Int(number)
    }

    /// The number of days in a month.
    static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func number(year: Int, month: Int, day: Int) -> Int32 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredQuotient(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }
}

extension Day: Strideable {
    package func distance(to other: Day) -> Int { days(until: other) }
    package func advanced(by days: Int) -> Day { adding(days: days) }
}

extension Day: CustomStringConvertible {
    /// ISO 8601, such as `2026-11-02`.
    package var description: String {
        let (year, month, day) = parts
        let digits = String(year)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-" + twoDigits(month) + "-" + twoDigits(day)
    }
}

extension Day: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = Day(iso: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a date as YYYY-MM-DD")
        }
        self = day
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A day of the week; raw values are the words of policy files.
package enum Weekday: String, CaseIterable, Hashable, Sendable {
    case mon, tue, wed, thu, fri, sat, sun

    /// 0 for Monday to 6 for Sunday.
    package var index: Int {
        switch self {
        case .mon: 0
        case .tue: 1
        case .wed: 2
        case .thu: 3
        case .fri: 4
        case .sat: 5
        case .sun: 6
        }
    }

    /// The weekday of an index 0 (Monday) to 6 (Sunday).
    package init(index: Int) {
        self = Self.allCases[index]
    }
}
