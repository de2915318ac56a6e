/// The five stages by their full names.
public enum StageName {
    /// Complete the dossier before anyone is contacted.
    public static let informationGathering = "information_gathering"
    /// Calls, and reminders by message as steps of them.
    public static let phone = "phone"
    /// Letters under the issuer's seal.
    public static let letter = "letter"
    /// Visits.
    public static let fieldVisit = "field_visit"
    /// The legal dossier, the proposal, and a law firm's case.
    public static let legalReferral = "legal_referral"

    /// All five, in their order.
    public static let all = [informationGathering, phone, letter, fieldVisit, legalReferral]

    /// The full name a person may have meant by a short one: `info`, `field`, `visit`, `legal` are understood.
    public static func named(_ text: String) -> String? {
        switch text {
        case "info": informationGathering
        case "field", "visit": fieldVisit
        case "legal": legalReferral
        default: all.first { $0 == text }
        }
    }
}

/// Why a worker gives a lease back.
public enum ReleaseReason: String, Codable, CaseIterable, Sendable {
    /// The worker stops; the task is due again at once.
    case shutdown
    /// The handler failed, timed out or answered with garbage; counts as a failure of the task.
    case handlerFailed = "handler_failed"
    /// The agency does not want to do it now.
    case declined
}

/// Why a lease is over although nothing was reported.
public enum CancelReason: String, Codable, CaseIterable, Sendable {
    /// The deadline passed and the task was taken back.
    case expired
    /// The worker gave it back.
    case released
    /// The account was recalled.
    case recall
    /// A hold was set.
    case hold
    /// The case or the task was closed.
    case closed
    /// A payment made the task void.
    case payment
    /// Another task took its place.
    case replaced
    /// It failed too often and waits for an operator.
    case quarantine
    /// The agency is suspended.
    case suspended
    /// An outcome was accepted for this lease.
    case reported
}

/// Kinds of ``Notice``; others may follow, so a reader skips what it does not know.
public enum NoticeKind {
    /// Accounts were placed: a case begins.
    public static let placed = "placed"
    /// Stop work at once; expects a stop-work confirmation.
    public static let recall = "recall"
    /// Work on the case or account pauses.
    public static let hold = "hold"
    /// A hold ended.
    public static let holdReleased = "hold_released"
    /// A payment was posted.
    public static let payment = "payment"
    /// A payment was reversed.
    public static let reversal = "reversal"
    /// A contact point changed.
    public static let contactPoint = "contact_point"
    /// The case closed.
    public static let closed = "closed"
    /// A promise was judged by the ledger.
    public static let promise = "promise"
    /// The bank answered a request.
    public static let request = "request"
    /// The agency is suspended or active again.
    public static let agency = "agency"
}

/// Limits of the protocol that both sides hold.
public enum WireLimit {
    /// Leases, tokens, outcomes, activities or notices in one call.
    public static let itemsMax = 500
    /// Seconds a lease or notice call may be held open.
    public static let waitSecondsMax = 60
    /// Characters of a `request_id`, an `activity_ref` or an `Idempotency-Key`.
    public static let keyLengthMax = 100
}
