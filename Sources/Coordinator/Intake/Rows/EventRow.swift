package import CollectionsDomain

/// The columns of an events file.
package enum EventColumn: String, ImportColumn {
    case eventRef = "event_ref"
    case debtorRef = "debtor_ref"
    case accountRef = "account_ref"
    case contactRef = "contact_ref"
    case channel, direction, result
    case occurredAt = "occurred_at"
    case durationSeconds = "duration_seconds"
    case actor

    package var isRequired: Bool {
        switch self {
        case .eventRef, .debtorRef, .channel, .direction, .result, .occurredAt: true
        case .accountRef, .contactRef, .durationSeconds, .actor: false
        }
    }
}

/// One contact of the bank's own with a debtor or somebody of the debtor's file.
package struct EventRow: Hashable, Sendable {
    package var eventRef: String
    package var debtorRef: String
    /// The account it was about; nil: all.
    package var accountRef: String?
    /// The contact point used; nil: the debtor, by a way nobody noted.
    package var contactRef: String?
    package var channel: ContactFact.Channel
    package var direction: ContactFact.Direction
    package var result: ContactFact.Outcome
    package var occurredAt: Instant
    package var durationSeconds: Int32?
    /// Who of the bank acted: a staff number, no name.
    package var actor: String?

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<EventColumn>) {
        guard reader.isWhole else { return nil }
        let eventRef = reader.reference(.eventRef)
        let debtorRef = reader.reference(.debtorRef)
        accountRef = reader.text(.accountRef, longest: 100)
        contactRef = reader.text(.contactRef, longest: 100)
        let channel = reader.requiredWord(.channel, ContactFact.Channel.self)
        let direction = reader.requiredWord(.direction, ContactFact.Direction.self)
        let result = reader.requiredWord(.result, ContactFact.Outcome.self)
        if let channel, let result, !channel.endings.contains(result) {
            reader.refuse(
                .result, "cannot come of \(channel.rawValue): expected one of \(channel.endings.map(\.rawValue).joined(separator: ", "))")
        }
        let occurredAt = reader.requiredInstant(.occurredAt)
        durationSeconds = reader.integer(.durationSeconds, 0...86_400)
        actor = reader.text(.actor, longest: 100)
        guard reader.faults.isEmpty, let eventRef, let debtorRef, let channel, let direction, let result, let occurredAt else { return nil }
        self.eventRef = eventRef
        self.debtorRef = debtorRef
        self.channel = channel
        self.direction = direction
        self.result = result
        self.occurredAt = occurredAt
    }
}

extension ContactFact.Channel {
    /// What can come of an act by this channel.
    var endings: [ContactFact.Outcome] {
        switch self {
        case .call: [.conversation, .connected, .voicemail, .noAnswer, .busy, .notInService]
        case .sms, .email: [.sent, .delivered, .failed, .message]
        case .letter: [.sent, .delivered, .receiptSigned, .failed, .returned, .message]
        case .visit: [.met, .nobodyHome]
        }
    }
}
