/// Why a person's word on a break was refused.
package enum BreakResolutionRefusal: Error, Hashable, CustomStringConvertible {
    case samePerson
    case differs(first: String)

    package var description: String {
        switch self {
        case .samePerson: "the second decision must be another person's"
        case .differs(let first): "the first person's reason is '\(first)': the second may only agree"
        }
    }
}

/// How a break ends by hand: one person proposes with a reason, a second one says the same (DOMAIN section 1, operators).
package enum BreakResolution {
    /// What the word of a person does.
    package enum Step: Hashable, Sendable {
        case propose, confirm
    }

    /// - Parameters:
    ///   - first: Who has proposed and why; `nil`: nobody yet.
    ///   - person: Whose word this is.
    ///   - reason: The same word for word, if it is the second: else two persons would have agreed on nothing.
    package static func step(
        first: (person: Int32, reason: String)?, person: Int32, reason: String
    ) throws(BreakResolutionRefusal) -> Step {
        guard let first else { return .propose }
        if first.person == person { throw .samePerson }
        if first.reason != reason { throw .differs(first: first.reason) }
        return .confirm
    }
}

/// Ageing classes of open breaks; raw values are what reports show.
package enum BreakAgeing: String, CaseIterable, Sendable {
    case upToDay = "0-1 d"
    case upToWeek = "2-7 d"
    case upToMonth = "8-30 d"
    case older = "over 30 d"

    /// The class of a break opened at `opened`, seen at `now`; a day is 24 hours.
    package init(opened: Instant, now: Instant) {
        let days = Self.hours(opened: opened, now: now) / 24
        self =
            switch days {
            case ..<2: .upToDay
            case ..<8: .upToWeek
            case ..<31: .upToMonth
            default: .older
            }
    }

    /// Whole hours a break has been open; never below zero.
    package static func hours(opened: Instant, now: Instant) -> Int64 {
        max(0, (now.microseconds - opened.microseconds) / 3_600_000_000)
    }
}
