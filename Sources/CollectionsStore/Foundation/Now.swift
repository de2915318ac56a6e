package import CollectionsDomain

/// The two presents of a transaction, read together once and passed on.
package struct Now: Hashable, Sendable {
    /// Lease time: the database's `now()`. Leases, TTLs, partitions, rate limits and client retries go by it.
    package let real: Instant
    /// Business time: everything a date rule speaks of.
    package let business: Instant
    /// Business seconds per real second: 1 in production, 0 while a rehearsal's clock stands.
    package let rate: Double

    /// Both presents, known from elsewhere (tests, replays).
    package init(real: Instant, business: Instant, rate: Double = 1) {
        self.real = real
        self.business = business
        self.rate = rate
    }
}

/// The row business time is reckoned from: `anchorBusiness + rate × (min(now, runUntil) − anchorReal)`.
package struct ClockAnchor: Hashable, Sendable {
    /// Lease time of the anchor.
    package var anchorReal: Instant
    /// Business time of the anchor.
    package var anchorBusiness: Instant
    /// Business seconds per real second; `>= 0`.
    package var rate: Double
    /// Lease time after which business time stands; ``Instant/distantFuture`` for never.
    package var runUntil: Instant

    /// An anchor by its parts.
    package init(anchorReal: Instant, anchorBusiness: Instant, rate: Double, runUntil: Instant) {
        self.anchorReal = anchorReal
        self.anchorBusiness = anchorBusiness
        self.rate = rate
        self.runUntil = runUntil
    }

    /// Business time at a lease time.
    ///
    /// Never before the anchor: a transaction that began before the anchor was moved, and reads it afterwards, must not see time go back.
    package func business(at real: Instant) -> Instant {
        let elapsed = max(0, min(real, runUntil).microseconds - anchorReal.microseconds)
        if rate == 1 { return Instant(microseconds: anchorBusiness.microseconds + elapsed) }
        let moved = (Double(elapsed) * rate).rounded(.towardZero)
        let limit = Instant.distantFuture.microseconds - anchorBusiness.microseconds
        return Instant(microseconds: anchorBusiness.microseconds + (moved < Double(limit) ? Int64(moved) : limit))
    }

    /// Both presents at a lease time.
    package func now(at real: Instant) -> Now {
        Now(real: real, business: business(at: real), rate: rate)
    }

    /// The anchor moved to `real` without a step in business time; `business` steps forward where given, and never back.
    package func moved(to real: Instant, business wanted: Instant? = nil, rate: Double, runUntil: Instant) -> ClockAnchor {
        let present = business(at: real)
        return ClockAnchor(
            anchorReal: max(real, anchorReal), anchorBusiness: max(present, wanted ?? present), rate: rate, runUntil: max(runUntil, real))
    }
}
