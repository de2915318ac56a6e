/// Whether a debtor counts as lost, which alone unlocks family and reference numbers (DOMAIN section 2, roles and points; CN11).
///
/// Lost: every known number is invalid (at once), or three failed dials in a row, from the next local date on. Three days without reaching
/// anybody need three dials too, so they never come earlier. A hang-up is no failure: somebody answered.
package enum LostContact {
    /// Failed dials in a row that make a debtor lost.
    package static let failedDials = 3

    /// The instant from which the debtor is lost; `nil`: he is not.
    ///
    /// - Parameters:
    ///   - history: Acts, oldest first.
    ///   - points: All known points; a debtor without any known number is not lost, he was never reachable.
    package static func since(history: [ContactFact], points: [ContactPoint], hours: WorkingHours) -> Instant? {
        let numbers = points.filter { $0.role == .debtor && $0.channel.isPhone && !$0.channel.isWorkplace }
        if !numbers.isEmpty, numbers.allSatisfy({ !$0.isUsable }) { return .distantPast }
        guard let last = lastOfFailedRow(history) else { return nil }
        return hours.zone.endOfDay(hours.day(of: last))
    }

    /// Whether the debtor is lost at `instant`.
    package static func isLost(at instant: Instant, history: [ContactFact], points: [ContactPoint], hours: WorkingHours) -> Bool {
        guard let since = since(history: history, points: points, hours: hours) else { return false }
        return since <= instant
    }

    /// Failed dials to the debtor since the last contact from or with him.
    package static func failedRow(_ history: [ContactFact]) -> Int {
        var row = 0
        for fact in history { row = step(row, fact) }
        return row
    }

    /// The start of the dial that completed the latest unbroken row of three.
    private static func lastOfFailedRow(_ history: [ContactFact]) -> Instant? {
        var row = 0
        var completed: Instant?
        for fact in history {
            row = step(row, fact)
            if row == 0 { completed = nil }
            if row == failedDials, completed == nil { completed = fact.occurredAt }
        }
        return completed
    }

    private static func step(_ row: Int, _ fact: ContactFact) -> Int {
        guard fact.role == .debtor else { return row }
        if fact.isFailedDial { return row + 1 }
        switch fact.channel {
        case .call: return 0
        case .visit: return fact.outcome == .met ? 0 : row
        case .sms, .email, .letter: return fact.direction == .inbound ? 0 : row
        }
    }
}
