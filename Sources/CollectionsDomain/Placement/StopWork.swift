/// What follows from a recall whose stop-work confirmation does not come (DOMAIN section 2, stop-work).
package enum StopWork: String, CaseIterable, Comparable, Sendable {
    /// Confirmed, or still within its day.
    case inTime = "in_time"
    /// The agency gets no new placements until it confirms.
    case noNewPlacements = "no_new_placements"
    /// A break, and the agency is called.
    case call
    /// A supervisor decides whether the agency is suspended.
    case decide

    /// Hours after the recall took effect by which the agency must have confirmed.
    package static let dueHours: Int64 = 24
    /// Hours after which it is called.
    package static let callHours: Int64 = 48
    /// Hours after which a supervisor decides.
    package static let decideHours: Int64 = 72

    package static func < (left: StopWork, right: StopWork) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .inTime: 0
        case .noNewPlacements: 1
        case .call: 2
        case .decide: 3
        }
    }

    /// Where a recall stands that took effect at `executedAt` and is not confirmed at `now`; hours are those of business time.
    package init(unconfirmedSince executedAt: Instant, now: Instant) {
        let hours = (now.microseconds - executedAt.microseconds) / 3_600_000_000
        self =
            switch hours {
            case ..<Self.dueHours: .inTime
            case ..<Self.callHours: .noNewPlacements
            case ..<Self.decideHours: .call
            default: .decide
            }
    }

    /// Whole hours past the day within which it should have been confirmed; 0 while it is in time.
    package static func hoursLate(unconfirmedSince executedAt: Instant, now: Instant) -> Int64 {
        max(0, (now.microseconds - executedAt.microseconds) / 3_600_000_000 - dueHours)
    }
}

/// When an agency that does not fetch its notices is a break (DOMAIN section 2, stop-work).
package enum NoticeSilence {
    /// Business hours a notice may wait to be fetched.
    package static let hours: Int64 = 4

    /// Whether a notice of `oldest`, the oldest that was never fetched, has waited too long.
    package static func isTooLong(since oldest: Instant, now: Instant, hours working: WorkingHours) -> Bool {
        working.businessTime(from: oldest, to: now) >= .seconds(hours * 3_600)
    }
}
