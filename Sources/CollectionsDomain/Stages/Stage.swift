/// The five stages of a case, in their order; raw values are those of the `stage` columns.
///
/// At a law-firm holder a case is in ``legalReferral`` throughout (DOMAIN section 3).
package enum Stage: Int16, CaseIterable, Comparable, Sendable {
    case informationGathering = 1
    case phone = 2
    case letter = 3
    case fieldVisit = 4
    case legalReferral = 5

    /// The full name on the wire, in policies and in reports.
    package var name: String {
        switch self {
        case .informationGathering: "information_gathering"
        case .phone: "phone"
        case .letter: "letter"
        case .fieldVisit: "field_visit"
        case .legalReferral: "legal_referral"
        }
    }

    /// The stage with the given full name.
    package init?(name: String) {
        guard let stage = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = stage
    }

    package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}

/// What one task asks for; raw values are those of the `step` columns.
package enum Step: Int16, CaseIterable, Sendable {
    /// Information gathering: complete the dossier.
    case gather = 1
    /// One dial to one contact point.
    case call = 2
    case smsReminder = 3
    case emailReminder = 4
    /// A letter by the executor of the letter stage, under the issuer's seal.
    case registeredLetter = 5
    /// A visit; its permit is asked for at the door.
    case visit = 6
    /// The legal dossier and the agency's proposal.
    case legalDossier = 7
    /// The next event of a law firm's case.
    case lawFirm = 8

    /// The name on the wire and in policies.
    package var name: String {
        switch self {
        case .gather: "gather"
        case .call: "call"
        case .smsReminder: "sms_reminder"
        case .emailReminder: "email_reminder"
        case .registeredLetter: "registered_letter"
        case .visit: "visit"
        case .legalDossier: "legal_dossier"
        case .lawFirm: "law_firm"
        }
    }

    /// The step with the given name.
    package init?(name: String) {
        guard let step = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = step
    }

    /// The stage a *task* of this step belongs to, whatever stage its case is in.
    package var stage: Stage {
        switch self {
        case .gather: .informationGathering
        case .call, .smsReminder, .emailReminder: .phone
        case .registeredLetter: .letter
        case .visit: .fieldVisit
        case .legalDossier, .lawFirm: .legalReferral
        }
    }

    /// Whether the task is a document beside the contact task (a letter or a dossier at the holder), not a contact with a person now.
    package var isDocument: Bool {
        switch self {
        case .registeredLetter, .legalDossier: true
        case .gather, .call, .smsReminder, .emailReminder, .visit, .lawFirm: false
        }
    }

    /// Whether the act reaches a person: a call, a message, a letter or a visit, not work at a desk.
    package var reachesPerson: Bool {
        switch self {
        case .call, .smsReminder, .emailReminder, .registeredLetter, .visit: true
        case .gather, .legalDossier, .lawFirm: false
        }
    }

    /// Whether the lease of this step is the permit of one contact act (DOMAIN section 1, lease and permit).
    package var leaseIsPermit: Bool {
        switch self {
        case .call, .smsReminder, .emailReminder: true
        case .gather, .registeredLetter, .visit, .legalDossier, .lawFirm: false
        }
    }
}

/// What a contact is for; every contact sets the next one's. Raw values are those of the `goal` columns, 0 means none.
package enum WorkGoal: Int16, CaseIterable, Sendable {
    case none = 0
    case getDate = 1
    case getReason = 2
    case verifyPayment = 3
    case reach = 4
    case remind = 5
    /// The call beside a letter: did it arrive?
    case letterReceived = 6
    /// The call beside a visit: when is somebody there?
    case arrangeVisit = 7
    /// Third party: ask for contact data or relay, nothing else.
    case askContact = 8
    case completeDossier = 9
    case sendLetter = 10
    case visit = 11
    case prepareLegal = 12
    case reportCourtEvent = 13
    /// The debtor asked to be called at this time.
    case callBack = 14

    /// The name on the wire.
    package var name: String {
        switch self {
        case .none: "none"
        case .getDate: "get_date"
        case .getReason: "get_reason"
        case .verifyPayment: "verify_payment"
        case .reach: "reach"
        case .remind: "remind"
        case .letterReceived: "letter_received"
        case .arrangeVisit: "arrange_visit"
        case .askContact: "ask_contact"
        case .completeDossier: "complete_dossier"
        case .sendLetter: "send_letter"
        case .visit: "visit"
        case .prepareLegal: "prepare_legal"
        case .reportCourtEvent: "report_court_event"
        case .callBack: "call_back"
        }
    }

    /// The goal with the given name.
    package init?(name: String) {
        guard let goal = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = goal
    }

    /// Goals an outcome may name as `next_goal` (DOMAIN section 2, work card).
    package var mayBeAskedFor: Bool {
        switch self {
        case .getDate, .getReason, .verifyPayment, .reach, .remind: true
        case .none, .letterReceived, .arrangeVisit, .askContact, .completeDossier, .sendLetter, .visit, .prepareLegal, .reportCourtEvent,
            .callBack:
            false
        }
    }
}
