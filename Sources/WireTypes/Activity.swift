/// A fact that no lease covers: an inbound call, tracking of a letter, a complaint, new contact data, a court event.
///
/// Keyed by (agency, `activity_ref`); never refused because it should not have happened.
public struct ActivityItem: Codable, Hashable, Sendable {
    /// The agency's own reference, unique per agency; at most 100 characters.
    public var activityRef: String
    /// The placement it is about.
    public var placementRef: String?
    /// The case it is about, where no placement is named.
    public var caseRef: String?
    /// `inbound_call`, `inbound_message`, `outbound_call`, `outbound_message`, `letter_status`, `message_status`, `visit`, `complaint`,
    /// `dispute`, `new_contact_data`, `payment_proof`, `not_attempted`, `court_event` or `retain_request` (`result` names what for: `promise`,
    /// `plan` or `visit`).
    public var type: String
    /// Business time of the fact.
    public var occurredAt: WireInstant
    /// Business time at which it ended.
    public var endedAt: WireInstant?
    /// Who acted.
    public var collectorId: String?
    /// The contact point, if known.
    public var contactPointId: String?
    /// `call`, `sms`, `email`, `letter`, `visit` or `notice_call`.
    public var channel: String?
    /// `inbound` or `outbound`.
    public var direction: String?
    /// A result code, as in an outcome.
    public var result: String?
    /// The task, letter or complaint it belongs to.
    public var refersTo: String?
    /// Where the agency keeps the recording.
    public var recordingRef: String?
    /// References to what proves the fact.
    public var evidence: [Evidence]?
    /// The accounts concerned; none means all of the case.
    public var accountRefs: [String]?
    /// The amount named, decimal in major units.
    public var amount: String?
    /// ISO 4217 of `amount`.
    public var currency: String?
    /// A promise made by the person who called.
    public var promise: PromiseItem?
    /// The day on which the person says to have paid.
    public var paidOn: WireDate?
    /// What the person no longer wants.
    public var optOut: OptOut?
    /// Whom the contact reached instead of the debtor.
    public var thirdPartyKind: String?
    /// Who speaks for the debtor now.
    public var representative: Representative?
    /// Contact data learned.
    public var newContactPoints: [NewContactPoint]?
    /// The complaint, for type `complaint`.
    public var complaint: ComplaintItem?
    /// What became of a letter, for type `letter_status`.
    public var letter: LetterStatus?
    /// The event, for type `court_event`.
    public var legal: LegalStatus?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        activityRef: String, placementRef: String? = nil, caseRef: String? = nil, type: String, occurredAt: WireInstant,
        endedAt: WireInstant? = nil, collectorId: String? = nil, contactPointId: String? = nil, channel: String? = nil,
        direction: String? = nil, result: String? = nil, refersTo: String? = nil, recordingRef: String? = nil,
        evidence: [Evidence]? = nil, accountRefs: [String]? = nil, amount: String? = nil, currency: String? = nil,
        promise: PromiseItem? = nil, paidOn: WireDate? = nil, optOut: OptOut? = nil, thirdPartyKind: String? = nil,
        representative: Representative? = nil, newContactPoints: [NewContactPoint]? = nil, complaint: ComplaintItem? = nil,
        letter: LetterStatus? = nil, legal: LegalStatus? = nil
    ) {
        self.activityRef = activityRef
        self.placementRef = placementRef
        self.caseRef = caseRef
        self.type = type
        self.occurredAt = occurredAt
        self.endedAt = endedAt
        self.collectorId = collectorId
        self.contactPointId = contactPointId
        self.channel = channel
        self.direction = direction
        self.result = result
        self.refersTo = refersTo
        self.recordingRef = recordingRef
        self.evidence = evidence
        self.accountRefs = accountRefs
        self.amount = amount
        self.currency = currency
        self.promise = promise
        self.paidOn = paidOn
        self.optOut = optOut
        self.thirdPartyKind = thirdPartyKind
        self.representative = representative
        self.newContactPoints = newContactPoints
        self.complaint = complaint
        self.letter = letter
        self.legal = legal
    }

    private enum CodingKeys: String, CodingKey {
        case activityRef = "activity_ref"
        case placementRef = "placement_ref"
        case caseRef = "case_ref"
        case type
        case occurredAt = "occurred_at"
        case endedAt = "ended_at"
        case collectorId = "collector_id"
        case contactPointId = "contact_point_id"
        case channel
        case direction
        case result
        case refersTo = "refers_to"
        case recordingRef = "recording_ref"
        case evidence
        case accountRefs = "account_refs"
        case amount
        case currency
        case promise
        case paidOn = "paid_on"
        case optOut = "opt_out"
        case thirdPartyKind = "third_party_kind"
        case representative
        case newContactPoints = "new_contact_points"
        case complaint
        case letter
        case legal
    }
}

/// A complaint received by the agency.
public struct ComplaintItem: Codable, Hashable, Sendable {
    /// The bank's own code of what it is about.
    public var code: String
    /// The number a regulator's line gave it.
    public var externalNo: String?
    /// `hotline`, `12378` (the regulator's line), `letter` or `agency`.
    public var source: String?
    /// SHA-256 of its text, hexadecimal; the text goes by file.
    public var textSha256: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        code: String, externalNo: String? = nil, source: String? = nil, textSha256: String? = nil
    ) {
        self.code = code
        self.externalNo = externalNo
        self.source = source
        self.textSha256 = textSha256
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case externalNo = "external_no"
        case source
        case textSha256 = "text_sha256"
    }
}

/// `POST /v1/activities`: facts that no lease covers, at most 500.
public struct ActivityReport: Codable, Hashable, Sendable {
    /// Taken one by one.
    public var activities: [ActivityItem]

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        activities: [ActivityItem]
    ) {
        self.activities = activities
    }

    private enum CodingKeys: String, CodingKey {
        case activities
    }
}

/// How an activity was taken.
public enum ActivityStatus: String, Codable, CaseIterable, Sendable {
    /// Stored, and what follows from it has been done.
    case accepted
    /// The same activity was stored before; same receipt.
    case duplicate
    /// Not taken; `problem` says why.
    case rejected
}

/// What became of one ``ActivityItem``.
public struct ActivityReply: Codable, Hashable, Sendable {
    /// The receipt; present unless rejected.
    public var receiptId: String?
    /// How it was taken.
    public var status: ActivityStatus
    /// Why it was rejected.
    public var problem: Problem?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        receiptId: String? = nil, status: ActivityStatus, problem: Problem? = nil
    ) {
        self.receiptId = receiptId
        self.status = status
        self.problem = problem
    }

    private enum CodingKeys: String, CodingKey {
        case receiptId = "receipt_id"
        case status
        case problem
    }
}

/// The answer to ``ActivityReport``.
public struct ActivityReportReply: Codable, Hashable, Sendable {
    /// One per item, in order.
    public var activities: [ActivityReply]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        activities: [ActivityReply], serverTime: WireInstant, clockRate: Double
    ) {
        self.activities = activities
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case activities
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}
