/// One act of contact as the limits and the case count it.
///
/// The words are those of the conduct policy's decision cases (`outcome`); the conduct ledger keeps the same acts in its own compact form.
package struct ContactFact: Hashable, Sendable {
    /// How the person was reached.
    package enum Channel: String, CaseIterable, Sendable {
        case call, sms, email, letter, visit
    }

    /// Who began it.
    package enum Direction: String, CaseIterable, Sendable {
        case outbound, inbound
    }

    /// What came of it.
    package enum Outcome: String, CaseIterable, Sendable {
        case conversation
        /// Answered, but no talk.
        case connected
        case voicemail
        case noAnswer = "no_answer"
        case busy
        case notInService = "not_in_service"
        case sent
        case delivered
        case receiptSigned = "receipt_signed"
        case failed
        case returned
        case met
        case nobodyHome = "nobody_home"
        /// An inbound message.
        case message
    }

    /// How.
    package var channel: Channel
    /// Who began it.
    package var direction: Direction
    /// What came of it.
    package var outcome: Outcome
    /// The person reached or tried.
    package var role: ContactPoint.Role
    /// The contact point used; `nil` when nobody named one.
    package var point: Int64?
    /// The start of the act.
    package var occurredAt: Instant

    package init(
        channel: Channel, direction: Direction = .outbound, outcome: Outcome, role: ContactPoint.Role = .debtor, point: Int64? = nil,
        occurredAt: Instant
    ) {
        self.channel = channel
        self.direction = direction
        self.outcome = outcome
        self.role = role
        self.point = point
        self.occurredAt = occurredAt
    }

    /// An outbound dial nobody answered (conduct policy, semantics 8).
    package var isFailedDial: Bool {
        guard channel == .call, direction == .outbound else { return false }
        switch outcome {
        case .voicemail, .noAnswer, .busy, .notInService: return true
        case .conversation, .connected, .sent, .delivered, .receiptSigned, .failed, .returned, .met, .nobodyHome, .message: return false
        }
    }

    /// A two-way talk: what frequency limits and the promise window count.
    package var isConversation: Bool { outcome == .conversation || outcome == .met }

    /// A collection whose receipt by the debtor is confirmable: what the legal guard counts.
    package var isEffectiveCollection: Bool {
        direction == .outbound && role == .debtor && (isConversation || outcome == .receiptSigned)
    }
}

/// One way to reach a person.
package struct ContactPoint: Hashable, Sendable {
    /// Whom it reaches; raw values are those of `contact_point.role`.
    package enum Role: String, CaseIterable, Sendable {
        case debtor, guarantor, spouse, family
        case emergencyContact = "emergency_contact"
        case employer, colleague, attorney
        case debtAdviser = "debt_adviser"

        /// Whether the person may be asked to pay; everybody else is a third party or a representative.
        package var isLiable: Bool { self == .debtor || self == .guarantor }

        /// Whether nobody may ask the person for money, nor tell him of the debt.
        package var isThirdParty: Bool { !isLiable && !isRepresentative }

        /// Whether the person speaks for the debtor.
        package var isRepresentative: Bool { self == .attorney || self == .debtAdviser }
    }

    /// Raw values are those of `contact_point.channel`.
    package enum Channel: String, CaseIterable, Sendable {
        case mobile
        case homePhone = "home_phone"
        case workPhone = "work_phone"
        case otherPhone = "other_phone"
        case email
        case billingAddress = "billing_address"
        case homeAddress = "home_address"
        case workAddress = "work_address"
        case otherAddress = "other_address"

        /// Whether it can be dialled.
        package var isPhone: Bool {
            switch self {
            case .mobile, .homePhone, .workPhone, .otherPhone: true
            case .email, .billingAddress, .homeAddress, .workAddress, .otherAddress: false
            }
        }

        /// Whether a letter or a visitor can go there.
        package var isAddress: Bool {
            switch self {
            case .billingAddress, .homeAddress, .workAddress, .otherAddress: true
            case .mobile, .homePhone, .workPhone, .otherPhone, .email: false
            }
        }

        /// Work numbers and addresses stay blocked whatever happens (DOMAIN section 2, roles and points).
        package var isWorkplace: Bool { self == .workPhone || self == .workAddress }
    }

    /// Raw values are those of `contact_point.state`.
    package enum State: String, CaseIterable, Sendable {
        case valid, unverified, invalid, off
    }

    /// The row's id.
    package var id: Int64
    /// Whom it reaches.
    package var role: Role
    /// Whether that person is of the immediate family: they come before references in the order.
    package var immediateFamily: Bool
    /// What it is.
    package var channel: Channel
    /// The bank's order within a role, lowest first.
    package var rank: Int
    /// Whether it may be used.
    package var state: State
    /// No visits at this address until an operator lifts it.
    package var visitsOff: Bool
    /// Points with the same key reach the same person: a refusal turns all of them off.
    package var person: String

    package init(
        id: Int64, role: Role = .debtor, immediateFamily: Bool = false, channel: Channel, rank: Int = 1, state: State = .valid,
        visitsOff: Bool = false, person: String? = nil
    ) {
        self.id = id
        self.role = role
        self.immediateFamily = immediateFamily
        self.channel = channel
        self.rank = rank
        self.state = state
        self.visitsOff = visitsOff
        self.person = person ?? "\(role.rawValue)#\(rank)"
    }

    /// Whether it may be used at all; workplaces never.
    package var isUsable: Bool { (state == .valid || state == .unverified) && !channel.isWorkplace }
}
