/// Who acts: the bank or an agency.
package struct Actor: Hashable, Sendable {
    /// 0 for the bank, else the agency's id.
    package let id: Int32

    package init(agency id: Int32) {
        self.id = id
    }

    /// The bank itself.
    package static let bank = Actor(agency: 0)

    package var isBank: Bool { id == 0 }
}

/// A contact point as the gate needs it.
package struct ContactPointRef: Hashable, Sendable {
    /// The point's id; 0 if none is named.
    package var id: Int64
    /// What it is.
    package var kind: PointKind
    /// Whether the debtor left it with the bank (reserved number or address).
    package var isReserved: Bool

    package init(id: Int64, kind: PointKind, isReserved: Bool = true) {
        self.id = id
        self.kind = kind
        self.isReserved = isReserved
    }
}

/// How somebody enters a home.
package enum HomeEntry: UInt8, NamedCode {
    case none = 0
    case withConsent = 1
    case withoutConsent = 2

    package static let names = ["none", "with_consent", "without_consent"]
}

/// When a visit was announced.
package enum VisitNotice: Hashable, Sendable {
    /// As long before as the policy asks.
    case inTime
    case never
    case on(Day)
}

/// What is special to a visit.
package struct VisitPlan: Hashable, Sendable {
    /// Collectors who come.
    package var collectors: Int
    /// Whether they show their staff cards.
    package var idShown: Bool
    /// Whether and how they enter.
    package var entry: HomeEntry
    /// Whether a notice is put up where others see it.
    package var postedNotice: Bool
    /// When it was announced.
    package var notice: VisitNotice

    package init(
        collectors: Int = 2, idShown: Bool = true, entry: HomeEntry = .none, postedNotice: Bool = false, notice: VisitNotice = .inTime
    ) {
        self.collectors = collectors
        self.idShown = idShown
        self.entry = entry
        self.postedNotice = postedNotice
        self.notice = notice
    }
}

/// A contact that is about to be made.
package struct ContactAct: Hashable, Sendable {
    package var channel: Channel
    /// The person addressed; 0 is the debtor.
    package var party: PartyKey
    package var role: PartyRole
    package var point: ContactPointRef
    package var purpose: ActPurpose
    package var content: ActContent
    /// Whether a recorder runs.
    package var recorder: Bool
    /// For visits.
    package var visit: VisitPlan

    package init(
        channel: Channel, party: PartyKey = 0, role: PartyRole = .debtor, point: ContactPointRef, purpose: ActPurpose = .demandPayment,
        content: ActContent = .clean, recorder: Bool = true, visit: VisitPlan = VisitPlan()
    ) {
        self.channel = channel
        self.party = party
        self.role = role
        self.point = point
        self.purpose = purpose
        self.content = content
        self.recorder = recorder
        self.visit = visit
    }
}

/// The kinds of record whose destruction is judged.
package enum RecordKind: UInt8, NamedCode {
    case callRecording = 0
    case visitRecording = 1
    case planRecording = 2
    case accountRecord = 3

    package static let names = ["call_recording", "visit_recording", "plan_recording", "account_record"]
}

/// Anything the conduct policy decides about.
package struct Act: Hashable, Sendable {
    /// What is done.
    package enum Kind: Hashable, Sendable {
        case contact(ContactAct)
        /// The account is placed with the agency of ``GateFacts/agency``.
        case placeAccount
        /// Bringing suit, or proposing it.
        case referCivil
        case referCriminal
        /// Somebody at the acting agency opens the account's file.
        case openFile
        case proposePlan(termMonths: Int, content: ActContent)
        case takePromise(due: Day)
        case purgeRecord(RecordKind, madeOn: Day)
    }

    /// Who acts.
    package var by: Actor
    /// The accounts it is about.
    package var accounts: [Int64]
    /// What is done.
    package var kind: Kind

    package init(by: Actor, accounts: [Int64], kind: Kind) {
        self.by = by
        self.accounts = accounts
        self.kind = kind
    }
}
