/// Something the agency must know: a recall, a hold, a payment, an address change.
public struct Notice: Codable, Hashable, Sendable {
    /// The agency's own numbering; the order of commit. The cursor is the last one seen.
    public var seq: Int64
    /// What it is, see ``NoticeKind``.
    public var kind: String
    /// Business time of the event.
    public var at: WireInstant
    /// The case concerned.
    public var caseRef: String?
    /// The placement concerned.
    public var placementRef: String?
    /// The task whose lease ended by it.
    public var taskId: String?
    /// The account concerned.
    public var accountRef: String?
    /// Reason code, such as the type of a hold or the category of a recall.
    public var reason: String?
    /// Amount of a payment, decimal in major units.
    public var amount: String?
    /// ISO 4217 of `amount`.
    public var currency: String?
    /// Business time from which it binds.
    public var effectiveAt: WireInstant?
    /// The contact point concerned.
    public var contactPointId: String?
    /// Whether a stop-work confirmation is expected.
    public var needsAck: Bool

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        seq: Int64, kind: String, at: WireInstant, caseRef: String? = nil, placementRef: String? = nil, taskId: String? = nil,
        accountRef: String? = nil, reason: String? = nil, amount: String? = nil, currency: String? = nil,
        effectiveAt: WireInstant? = nil, contactPointId: String? = nil, needsAck: Bool = false
    ) {
        self.seq = seq
        self.kind = kind
        self.at = at
        self.caseRef = caseRef
        self.placementRef = placementRef
        self.taskId = taskId
        self.accountRef = accountRef
        self.reason = reason
        self.amount = amount
        self.currency = currency
        self.effectiveAt = effectiveAt
        self.contactPointId = contactPointId
        self.needsAck = needsAck
    }

    private enum CodingKeys: String, CodingKey {
        case seq
        case kind
        case at
        case caseRef = "case_ref"
        case placementRef = "placement_ref"
        case taskId = "task_id"
        case accountRef = "account_ref"
        case reason
        case amount
        case currency
        case effectiveAt = "effective_at"
        case contactPointId = "contact_point_id"
        case needsAck = "needs_ack"
    }
}

/// `GET /v1/notices?after=&wait=`: what happened after a cursor, oldest first.
public struct NoticesReply: Codable, Hashable, Sendable {
    /// At most 500.
    public var notices: [Notice]
    /// The cursor to ask with next.
    public var next: Int64
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        notices: [Notice], next: Int64, serverTime: WireInstant, clockRate: Double
    ) {
        self.notices = notices
        self.next = next
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case notices
        case next
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}

/// Confirmation of one notice; after a recall it is the stop-work confirmation.
public struct NoticeAck: Codable, Hashable, Sendable {
    /// The notice.
    public var seq: Int64
    /// Business time at which work ended.
    public var stoppedAt: WireInstant?
    /// Items still open, such as letters in the post.
    public var openItems: Int?
    /// Records that will be handed over.
    public var evidenceCount: Int?
    /// Where the proof of purge is kept.
    public var purgeProofRef: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        seq: Int64, stoppedAt: WireInstant? = nil, openItems: Int? = nil, evidenceCount: Int? = nil, purgeProofRef: String? = nil
    ) {
        self.seq = seq
        self.stoppedAt = stoppedAt
        self.openItems = openItems
        self.evidenceCount = evidenceCount
        self.purgeProofRef = purgeProofRef
    }

    private enum CodingKeys: String, CodingKey {
        case seq
        case stoppedAt = "stopped_at"
        case openItems = "open_items"
        case evidenceCount = "evidence_count"
        case purgeProofRef = "purge_proof_ref"
    }
}

/// `POST /v1/notices/ack`: confirms notices, at most 500. Idempotent.
public struct NoticeAckRequest: Codable, Hashable, Sendable {
    /// What is confirmed.
    public var notices: [NoticeAck]

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        notices: [NoticeAck]
    ) {
        self.notices = notices
    }

    private enum CodingKeys: String, CodingKey {
        case notices
    }
}

/// What became of one ``NoticeAck``.
public struct NoticeAckItem: Codable, Hashable, Sendable {
    /// The notice.
    public var seq: Int64
    /// Whether it is confirmed, by this call or an earlier one.
    public var acknowledged: Bool
    /// `not-found` if the agency has no such notice.
    public var problem: Problem?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        seq: Int64, acknowledged: Bool, problem: Problem? = nil
    ) {
        self.seq = seq
        self.acknowledged = acknowledged
        self.problem = problem
    }

    private enum CodingKeys: String, CodingKey {
        case seq
        case acknowledged
        case problem
    }
}

/// The answer to ``NoticeAckRequest``.
public struct NoticeAckReply: Codable, Hashable, Sendable {
    /// One per item, in order.
    public var notices: [NoticeAckItem]
    /// Business time when the reply was made.
    public var serverTime: WireInstant
    /// How many seconds of business time pass in one second; 1 in production.
    public var clockRate: Double

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        notices: [NoticeAckItem], serverTime: WireInstant, clockRate: Double
    ) {
        self.notices = notices
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case notices
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }
}
