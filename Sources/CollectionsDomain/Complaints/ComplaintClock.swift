/// When a complaint has to be answered: calendar days from the day it was received, that day not counted (CN9).
package struct ComplaintClock: Hashable, Sendable {
    /// The most extensions there are: for a complex case, then once more with approval.
    package static let extensionsMax = 2
    /// So many days before the last one a complaint is called.
    package static let warningDays = 3
    /// A complaint of this number by one person with the same content goes to a supervisor instead of a new hold.
    package static let repeatsMax = 4

    private let days: Int
    private let extendedDays: Int
    private let furtherDays: Int

    /// A clock by the policy's `complaint` section, else 15, 30 and 30 days.
    package init(_ rules: ComplaintRules?) {
        days = rules?.days ?? 15
        extendedDays = rules?.extendedDays ?? 30
        furtherDays = rules?.furtherDays ?? 30
    }

    /// The last day on which the answer is in time.
    ///
    /// - Parameters:
    ///   - received: The local day of receipt.
    ///   - extensions: 0, 1 (to `extended_days` from receipt), 2 (`further_days` more).
    package func due(received: Day, extensions: Int) -> Day {
        switch extensions {
        case ...0: received.adding(days: days)
        case 1: received.adding(days: extendedDays)
        default: received.adding(days: extendedDays + furtherDays)
        }
    }

    /// How near the end is.
    package enum Urgency: Hashable, Sendable { case calm, warn, overdue }

    /// How near the end is on a day.
    package static func urgency(due: Day, today: Day) -> Urgency {
        if today > due { return .overdue }
        return today >= due.adding(days: -warningDays) ? .warn : .calm
    }

    /// Whether a complaint is set on hold, or goes to a supervisor because the same was said before.
    ///
    /// - Parameter sameBefore: Complaints of the same person with the same content.
    package static func goesToSupervisor(sameBefore: Int) -> Bool { sameBefore + 1 >= repeatsMax }
}

/// Where a complaint came in; raw values are `complaint.source`.
package enum ComplaintSource: String, CaseIterable, Sendable {
    case hotline
    /// The regulator's line.
    case regulator = "12378"
    case letter, agency

    /// Reads a source as files and agencies write it: the regulator's line by its number or as `regulator`.
    package init?(word: String) {
        if word == "regulator" { self = .regulator } else { self.init(rawValue: word) }
    }
}
