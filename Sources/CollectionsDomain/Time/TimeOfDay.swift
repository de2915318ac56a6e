/// A wall-clock time of a day in whole minutes, 00:00 to 24:00; 24:00 ends a window at the day's end.
package struct TimeOfDay: Hashable, Sendable {
    /// Minutes since midnight, 0...1440.
    package let minutes: Int16

    /// The time that many minutes after midnight; nil outside 0...1440.
    package init?(minutes: Int) {
        guard (0...1440).contains(minutes) else { return nil }
        self.minutes = Int16(minutes)
    }

    /// Reads `08:00`; nil for any other form. `24:00` is accepted.
    package init?(_ text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let hour = scanner.number(digits: 2), scanner.skip(":"), let minute = scanner.number(digits: 2), scanner.isAtEnd, minute < 60
        else { return nil }
        self.init(minutes: hour * 60 + minute)
    }

    init(unchecked minutes: Int) {
        self.minutes = Int16(minutes)
    }

    /// 00:00.
    package static let midnight = TimeOfDay(unchecked: 0)
    /// 24:00.
    package static let endOfDay = TimeOfDay(unchecked: 1440)

    /// The hour, 0...24.
    package var hour: Int { Int(minutes) / 60 }
    /// The minute of the hour.
    package var minute: Int { Int(minutes) % 60 }
}

extension TimeOfDay: Comparable {
    package static func < (left: TimeOfDay, right: TimeOfDay) -> Bool {
        left.minutes < right.minutes
    }
}

extension TimeOfDay: CustomStringConvertible {
    package var description: String { twoDigits(hour) + ":" + twoDigits(minute) }
}

extension TimeOfDay: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = TimeOfDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a time as HH:MM")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
