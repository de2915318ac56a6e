/// A point in time: whole microseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Microseconds are what PostgreSQL's `timestamptz` keeps, so a stored instant comes back unchanged. The domain never asks for the
/// present: callers read business time once per transaction and pass it in.
package struct Instant: Hashable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    package var microseconds: Int64

    /// The instant that many microseconds after (or, negative, before) 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The instant that many whole seconds after 1970-01-01T00:00:00Z.
    package init(seconds: Int64) {
        microseconds = seconds * Self.perSecond
    }

    /// 0001-01-01T00:00:00Z: before anything the system records, and still a date PostgreSQL and RFC 3339 can write.
    package static let distantPast = Instant(seconds: -62_135_596_800)

    /// 9999-12-31T23:59:59.999999Z: after anything the system records.
    package static let distantFuture = Instant(microseconds: 253_402_300_799_999_999)

    /// Microseconds in a second.
    static let perSecond: Int64 = 1_000_000

    /// Whole seconds since 1970, rounded towards the past.
    package var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: Self.perSecond)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Instant: Comparable {
    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Instant {
    /// The instant `duration` later; what lies below a microsecond is dropped.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds + duration.wholeMicroseconds)
    }

    /// The instant `duration` earlier; what lies below a microsecond is dropped.
    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds - duration.wholeMicroseconds)
    }

    /// The time from the right instant to the left one; negative if the left is earlier.
    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    /// Moves the instant by `duration`.
    package static func += (instant: inout Instant, duration: Duration) {
        instant = instant + duration
    }
}

extension Duration {
    /// The duration in microseconds, rounded towards zero.
    package var wholeMicroseconds: Int64 {
        components.seconds * Instant.perSecond + components.attoseconds / 1_000_000_000_000
    }
}

extension Instant {
    /// Reads RFC 3339 text with a zone, such as `2026-12-01T21:59:30+08:00` or `2026-12-01T13:59:30.5Z`.
    ///
    /// Digits after the sixth decimal are dropped. Text without a zone is refused: it would name a different instant in each place.
    package init?(iso8601 text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let day = scanner.day(), scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(digits: 2), minute < 60, scanner.skip(":"),
            let second = scanner.number(digits: 2), second < 60
        else { return nil }
        var micros: Int64 = 0
        if scanner.skip(".") {
            guard let fraction = scanner.fraction() else { return nil }
            micros = fraction
        }
        var offset: Int64 = 0
        if !(scanner.skip("Z") || scanner.skip("z")) {
            let sign: Int64
            if scanner.skip("+") { sign = 1 } else if scanner.skip("-") { sign = -1 } else { return nil }
            guard let hours = scanner.number(digits: 2), hours < 24, scanner.skip(":"),
                let minutes = scanner.number(digits: 2), minutes < 60
            else { return nil }
            offset = sign * Int64(hours * 3600 + minutes * 60)
        }
        guard scanner.isAtEnd else { return nil }
        let seconds = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - offset
        self.init(microseconds: seconds * Self.perSecond + micros)
    }

    /// RFC 3339 text in `zone`, with `Z` for UTC and the offset otherwise; decimals only if there are any.
    package func iso8601(in zone: Zone = .utc) -> String {
        let offset = zone.offset(at: self)
        let local = seconds + Int64(offset)
        let day = Day(number: Int32(local.flooredQuotient(by: 86_400)))
        let second = Int(local - Int64(day.number) * 86_400)
        var text = day.description
        text += "T" + twoDigits(second / 3600) + ":" + twoDigits(second / 60 % 60) + ":" + twoDigits(second % 60)
        let micros = microseconds - seconds * Self.perSecond
        if micros != 0 {
            var digits = String(micros)
            digits = String(repeating: "0", count: 6 - digits.count) + digits
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        if zone == .utc { return text + "Z" }
        let minutes = abs(Int(offset)) / 60
        return text + (offset < 0 ? "-" : "+") + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60)
    }
}

extension Instant: CustomStringConvertible {
    package var description: String { iso8601() }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(iso8601: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected RFC 3339 text with a zone")
        }
        self = instant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(iso8601())
    }
}
