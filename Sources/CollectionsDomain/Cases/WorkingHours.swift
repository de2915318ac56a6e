/// The daily hours of contact in one zone: where "the n-th following date" begins (DOMAIN section 3, times).
///
/// The gate judges every act by the full policy; these hours only place due times, so that a night costs no write.
package struct WorkingHours: Hashable, Sendable {
    /// First allowed minute.
    package var start: TimeOfDay
    /// First minute that is no longer allowed.
    package var end: TimeOfDay
    /// The zone of dates and times.
    package var zone: Zone
    /// Business days of requests and service levels.
    package var calendar: BusinessCalendar

    /// `start` must be before `end`.
    package init(start: TimeOfDay, end: TimeOfDay, zone: Zone, calendar: BusinessCalendar = BusinessCalendar()) {
        precondition(start < end, "working hours start before they end")
        self.start = start
        self.end = end
        self.zone = zone
        self.calendar = calendar
    }

    /// The local date at `instant`.
    package func day(of instant: Instant) -> Day { zone.day(of: instant) }

    /// When contact opens on `day`.
    package func opening(of day: Day) -> Instant { zone.instant(of: day, at: start) }

    /// "+n d": the window start of the n-th following local date.
    package func opening(daysAfter now: Instant, _ days: Int) -> Instant { opening(of: zone.day(of: now).adding(days: days)) }

    /// Whether contact is open at `instant`.
    package func isOpen(at instant: Instant) -> Bool {
        let time = zone.timeOfDay(of: instant)
        return start <= time && time < end
    }

    /// `instant` itself while contact is open, else the next opening.
    package func nextOpen(from instant: Instant) -> Instant {
        let (day, time) = zone.local(of: instant)
        if time < start { return opening(of: day) }
        return time < end ? instant : opening(of: day.adding(days: 1))
    }

    /// How much of the open hours of business days lies between two instants; zero if `to` is before `from`.
    package func businessTime(from: Instant, to: Instant) -> Duration {
        guard from < to else { return .zero }
        var total: Duration = .zero
        var day = zone.day(of: from)
        let last = zone.day(of: to)
        while day <= last {
            if calendar.isBusinessDay(day) {
                let begin = max(from, opening(of: day))
                let close = min(to, zone.instant(of: day, at: end))
                if begin < close { total += close - begin }
            }
            day = day.adding(days: 1)
        }
        return total
    }

    /// Whether a task due at `instant` waits for a window start.
    package func isOpening(_ instant: Instant) -> Bool { opening(of: zone.day(of: instant)) == instant }
}
