/// What a placement is kept for beyond its term; raw values are those of `retain.purpose`.
package enum RetainPurpose: String, CaseIterable, Sendable {
    case promise, plan, visit
}

/// Why a retain may not be asked for; raw values are stable codes.
package enum RetainRefusal: String, CaseIterable, Error, Hashable, Sendable, CustomStringConvertible {
    /// The placement is not active: it is being recalled, or has ended.
    case notActive = "retain.not_active"
    case notHolder = "retain.not_holder"
    case tooLate = "retain.too_late"
    case askedBefore = "retain.asked_before"
    case nothingToWaitFor = "retain.nothing_to_wait_for"

    /// What the person who asked reads.
    package var description: String {
        switch self {
        case .notActive: "the placement is not active"
        case .notHolder: "only the holder may ask"
        case .tooLate: "it must be asked at least \(Retain.noticeDays) days before the term ends"
        case .askedBefore: "it was asked for before: a placement is retained once"
        case .nothingToWaitFor: "there is no promise, plan or visit of the case to wait for"
        }
    }
}

/// Retain (留案): a placement's term is extended for what is under way (DOMAIN section 2, terms and cycles).
package enum Retain {
    /// How long before the end it must be asked for.
    package static let noticeDays = 5
    /// How long the term is extended.
    package static let days = 30

    /// Whether a retain may be asked for.
    ///
    /// - Parameters:
    ///   - asker: The agency it is asked for; the holder's own otherwise.
    ///   - termEnd: The end of the last day of the term, extensions included.
    ///   - isKnown: Whether one is open or was granted for the placement.
    ///   - facts: The case: what is under way in it.
    /// - Returns: The end of the longer term.
    package static func newEnd(
        for purpose: RetainPurpose, asker: Int32, isActive: Bool, termEnd: Instant, isKnown: Bool, facts: CaseFacts, now: Instant,
        zone: Zone
    ) throws(RetainRefusal) -> Instant {
        guard isActive, !facts.state.isClosed, facts.state != .recalling else { throw .notActive }
        guard asker == facts.holder else { throw .notHolder }
        guard !isKnown else { throw .askedBefore }
        let last = zone.day(of: termEnd - .microseconds(1))
        guard zone.day(of: now).days(until: last) >= noticeDays else { throw .tooLate }
        guard isUnderWay(purpose, facts) else { throw .nothingToWaitFor }
        return zone.endOfDay(last.adding(days: days))
    }

    private static func isUnderWay(_ purpose: RetainPurpose, _ facts: CaseFacts) -> Bool {
        switch purpose {
        case .promise: !facts.promises.isEmpty
        case .plan: facts.state == .planned || facts.requests.contains { $0.type == .plan }
        case .visit: facts.stage == .fieldVisit
        }
    }
}
