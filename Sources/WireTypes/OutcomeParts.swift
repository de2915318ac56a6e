/// A promise to pay.
public struct PromiseItem: Codable, Hashable, Sendable {
    /// Decimal in major units, more than 0.
    public var amount: String
    /// ISO 4217; needed where the card lists several currencies.
    public var currency: String?
    /// The day by which the person will have paid.
    public var date: WireDate
    /// The account it is for; absent: the coordinator allocates it over the case.
    public var accountRef: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        amount: String, currency: String? = nil, date: WireDate, accountRef: String? = nil
    ) {
        self.amount = amount
        self.currency = currency
        self.date = date
        self.accountRef = accountRef
    }

    private enum CodingKeys: String, CodingKey {
        case amount
        case currency
        case date
        case accountRef = "account_ref"
    }
}

/// One instalment of a plan.
public struct Instalment: Codable, Hashable, Sendable {
    /// Decimal in major units.
    public var amount: String
    /// The day it is due.
    public var date: WireDate

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        amount: String, date: WireDate
    ) {
        self.amount = amount
        self.date = date
    }

    private enum CodingKeys: String, CodingKey {
        case amount
        case date
    }
}

/// What a person no longer wants.
public struct OptOut: Codable, Hashable, Sendable {
    /// `point` (this number or address only) or `channel`.
    public var scope: String
    /// The channel, where `scope` is `channel`: `call`, `sms`, `email`, `letter`, `visit`.
    public var channel: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        scope: String, channel: String? = nil
    ) {
        self.scope = scope
        self.channel = channel
    }

    private enum CodingKeys: String, CodingKey {
        case scope
        case channel
    }
}

/// A reference to a record; recordings and documents themselves go by file.
public struct Evidence: Codable, Hashable, Sendable {
    /// `recording`, `photo`, `form`, `receipt`, `document`, `print_file` or `report`.
    public var kind: String
    /// Where the agency keeps it.
    public var ref: String
    /// SHA-256 of its bytes, hexadecimal.
    public var sha256: String?
    /// Its length.
    public var bytes: Int64?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        kind: String, ref: String, sha256: String? = nil, bytes: Int64? = nil
    ) {
        self.kind = kind
        self.ref = ref
        self.sha256 = sha256
        self.bytes = bytes
    }

    private enum CodingKeys: String, CodingKey {
        case kind
        case ref
        case sha256
        case bytes
    }
}

/// A lawyer or adviser whom the debtor has named.
public struct Representative: Codable, Hashable, Sendable {
    /// `attorney` or `debt_adviser`.
    public var kind: String
    /// Where the mandate is kept; absent: to be checked by the bank.
    public var mandateRef: String?
    /// How to reach them.
    public var contact: NewContactPoint?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        kind: String, mandateRef: String? = nil, contact: NewContactPoint? = nil
    ) {
        self.kind = kind
        self.mandateRef = mandateRef
        self.contact = contact
    }

    private enum CodingKeys: String, CodingKey {
        case kind
        case mandateRef = "mandate_ref"
        case contact
    }
}

/// Contact data learned by an agency; stored encrypted and unverified.
public struct NewContactPoint: Codable, Hashable, Sendable {
    /// Whose: `debtor`, `guarantor`, `spouse`, `family`, `emergency_contact`, `attorney` or `debt_adviser`.
    public var role: String
    /// `mobile`, `home_phone`, `other_phone`, `email`, `home_address` or `other_address`.
    public var channel: String
    /// The number or address.
    public var value: String
    /// Where it is from: `debtor`, `third_party`, `inbound_call`, `public_register` or `document`.
    public var provenance: String

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        role: String, channel: String, value: String, provenance: String
    ) {
        self.role = role
        self.channel = channel
        self.value = value
        self.provenance = provenance
    }

    private enum CodingKeys: String, CodingKey {
        case role
        case channel
        case value
        case provenance
    }
}

/// What an answer to a letter or message says: a result of the phone stage, with its facts in the outcome's own fields.
public struct ReplyItem: Codable, Hashable, Sendable {
    /// A result code of the phone stage, such as `promise` or `dispute`.
    public var result: String
    /// Business time at which it was received.
    public var receivedAt: WireInstant?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        result: String, receivedAt: WireInstant? = nil
    ) {
        self.result = result
        self.receivedAt = receivedAt
    }

    private enum CodingKeys: String, CodingKey {
        case result
        case receivedAt = "received_at"
    }
}

/// What became of a letter.
public struct LetterStatus: Codable, Hashable, Sendable {
    /// The letter, from the work card.
    public var letterId: String?
    /// The post's number of a registered letter.
    public var mailNo: String?
    /// The print file it was in.
    public var printRef: String?
    /// Business time of posting.
    public var postedAt: WireInstant?
    /// Business time of delivery.
    public var deliveredAt: WireInstant?
    /// Who signed: `debtor`, `household`, `mailroom`, `other`.
    public var signedByKind: String?
    /// `moved`, `unknown` or `insufficient`.
    public var returnReason: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        letterId: String? = nil, mailNo: String? = nil, printRef: String? = nil, postedAt: WireInstant? = nil,
        deliveredAt: WireInstant? = nil, signedByKind: String? = nil, returnReason: String? = nil
    ) {
        self.letterId = letterId
        self.mailNo = mailNo
        self.printRef = printRef
        self.postedAt = postedAt
        self.deliveredAt = deliveredAt
        self.signedByKind = signedByKind
        self.returnReason = returnReason
    }

    private enum CodingKeys: String, CodingKey {
        case letterId = "letter_id"
        case mailNo = "mail_no"
        case printRef = "print_ref"
        case postedAt = "posted_at"
        case deliveredAt = "delivered_at"
        case signedByKind = "signed_by_kind"
        case returnReason = "return_reason"
    }
}

/// A legal proposal, or an event of a law firm's case.
public struct LegalStatus: Codable, Hashable, Sendable {
    /// The route proposed: `civil`, `lawyer_letter`, `mediation` or `payment_order`.
    public var route: String?
    /// The court's number.
    public var caseNo: String?
    /// The court.
    public var court: String?
    /// The day of the event.
    public var eventOn: WireDate?
    /// Costs that arose, decimal in major units.
    public var costs: String?
    /// ISO 4217 of `costs`.
    public var costsCurrency: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        route: String? = nil, caseNo: String? = nil, court: String? = nil, eventOn: WireDate? = nil, costs: String? = nil,
        costsCurrency: String? = nil
    ) {
        self.route = route
        self.caseNo = caseNo
        self.court = court
        self.eventOn = eventOn
        self.costs = costs
        self.costsCurrency = costsCurrency
    }

    private enum CodingKeys: String, CodingKey {
        case route
        case caseNo = "case_no"
        case court
        case eventOn = "event_on"
        case costs
        case costsCurrency = "costs_currency"
    }
}
