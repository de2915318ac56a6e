/// How one contact act ended, as limits count it.
package enum ContactOutcome: UInt8, NamedCode {
    /// A talk.
    case conversation = 0
    /// Answered without a talk (a hang-up), or a notice that was played.
    case connected = 1
    case voicemail = 2
    case noAnswer = 3
    case busy = 4
    case notInService = 5
    case sent = 6
    case delivered = 7
    case receiptSigned = 8
    case failed = 9
    case returned = 10
    /// A visit that met the person.
    case met = 11
    case nobodyHome = 12
    /// A message that came in.
    case received = 13

    package static let names = [
        "conversation", "connected", "voicemail", "no_answer", "busy", "not_in_service", "sent", "delivered", "receipt_signed", "failed",
        "returned", "met", "nobody_home", "received",
    ]

    /// Whether a dial with this outcome was answered by nobody.
    package var isUnanswered: Bool {
        switch self {
        case .voicemail, .noAnswer, .busy, .notInService: true
        case .conversation, .connected, .sent, .delivered, .receiptSigned, .failed, .returned, .met, .nobodyHome, .received: false
        }
    }

    /// Whether the dialled number was not reached at all (exclusion `not_connected`).
    package var isNotConnected: Bool { self == .busy || self == .notInService }

    /// Whether the addressee's receipt can be confirmed (effective collection).
    package var isConfirmable: Bool { self == .conversation || self == .met || self == .receiptSigned }

    /// Whether the person addressed was reached.
    package var reachedPerson: Bool {
        switch self {
        case .conversation, .met, .receiptSigned, .delivered: true
        case .connected, .voicemail, .noAnswer, .busy, .notInService, .sent, .failed, .returned, .nobodyHome, .received: false
        }
    }
}

/// What a frequency limit counts and what starts a cooldown.
package enum ContactEvent: UInt8, NamedCode {
    /// Every dial.
    case attemptAny = 0
    /// A dial nobody answered.
    case attemptUnanswered = 1
    /// A dial somebody answered.
    case connected = 2
    /// A talk, or a visit that met the person.
    case effectiveConversation = 3
    /// A talk, a message or letter that was not failed or returned, a visit that met the person.
    case contactMade = 4
    case message = 5
    case letter = 6
    case visit = 7

    package static let names = [
        "attempt_any", "attempt_unanswered", "connected", "effective_conversation", "contact_made", "message", "letter", "visit",
    ]

    /// Whether an act of `channel` that ended with `outcome` was this event.
    package func matches(_ channel: Channel, _ outcome: ContactOutcome) -> Bool {
        switch self {
        case .attemptAny: channel.isPhone
        case .attemptUnanswered: channel.isPhone && outcome.isUnanswered
        case .connected: channel.isPhone && (outcome == .conversation || outcome == .connected)
        case .effectiveConversation: channel.isPhone && outcome == .conversation || channel == .visit && outcome == .met
        case .contactMade:
            switch channel {
            case .call, .noticeCall: outcome == .conversation
            case .sms, .email, .letter: outcome != .failed && outcome != .returned
            case .visit: outcome == .met
            }
        case .message: channel == .sms || channel == .email
        case .letter: channel == .letter
        case .visit: channel == .visit
        }
    }

    /// Whether an act of `channel` whose outcome is not known yet could become this event. A notice call is one-way: it cannot become a talk.
    package func isPossible(on channel: Channel) -> Bool {
        switch self {
        case .attemptAny, .attemptUnanswered, .connected: channel.isPhone
        case .effectiveConversation: channel == .call || channel == .visit
        case .contactMade: channel != .noticeCall
        case .message: channel == .sms || channel == .email
        case .letter: channel == .letter
        case .visit: channel == .visit
        }
    }
}
