/// The one act of contact a lease permits, its count reserved.
public struct CardPermit: Codable, Hashable, Sendable {
    /// The one contact point that may be used; once.
    public var contactPointId: String
    /// `call`, `sms` or `email`.
    public var channel: String
    /// What the dialler exchanges for the number, where the bank runs one.
    public var dialToken: String?
    /// The number or address, where no dial token stands for it.
    public var value: String?
    /// The masked form for the screen.
    public var masked: String?
    /// Whose it is: `debtor`, `guarantor`, `spouse`, `family`, `emergency_contact`, …
    public var partyRole: String
    /// What may be spoken about.
    public var purposes: [String]

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        contactPointId: String, channel: String, dialToken: String? = nil, value: String? = nil, masked: String? = nil,
        partyRole: String, purposes: [String]
    ) {
        self.contactPointId = contactPointId
        self.channel = channel
        self.dialToken = dialToken
        self.value = value
        self.masked = masked
        self.partyRole = partyRole
        self.purposes = purposes
    }

    private enum CodingKeys: String, CodingKey {
        case contactPointId = "contact_point_id"
        case channel
        case dialToken = "dial_token"
        case value
        case masked
        case partyRole = "party_role"
        case purposes
    }
}

/// The debtor, as far as the step needs.
public struct CardDebtor: Codable, Hashable, Sendable {
    /// Name.
    public var name: String?
    /// BCP 47 tag.
    public var language: String?
    /// IANA name.
    public var timeZone: String?
    /// Identity number: legal stage only.
    public var idNumber: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        name: String? = nil, language: String? = nil, timeZone: String? = nil, idNumber: String? = nil
    ) {
        self.name = name
        self.language = language
        self.timeZone = timeZone
        self.idNumber = idNumber
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case language
        case timeZone = "time_zone"
        case idNumber = "id_number"
    }
}

/// One placed account. Amounts are decimals in major units as text.
public struct CardAccount: Codable, Hashable, Sendable {
    /// The bank's reference.
    public var accountRef: String
    /// The placement it is worked under.
    public var placementRef: String?
    /// Product.
    public var product: String
    /// ISO 4217.
    public var currency: String
    /// What is owed now: what the talk and a promise are about.
    public var amountDue: String
    /// The whole debt.
    public var balance: String
    /// The smallest payment that counts as one.
    public var minPayment: String?
    /// Days past due today.
    public var daysPastDue: Int
    /// The bank's class, such as `M2`.
    public var bucket: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        accountRef: String, placementRef: String? = nil, product: String, currency: String, amountDue: String, balance: String,
        minPayment: String? = nil, daysPastDue: Int, bucket: String? = nil
    ) {
        self.accountRef = accountRef
        self.placementRef = placementRef
        self.product = product
        self.currency = currency
        self.amountDue = amountDue
        self.balance = balance
        self.minPayment = minPayment
        self.daysPastDue = daysPastDue
        self.bucket = bucket
    }

    private enum CodingKeys: String, CodingKey {
        case accountRef = "account_ref"
        case placementRef = "placement_ref"
        case product
        case currency
        case amountDue = "amount_due"
        case balance
        case minPayment = "min_payment"
        case daysPastDue = "days_past_due"
        case bucket
    }
}

/// One earlier contact, by anyone on the bank's side.
public struct CardContact: Codable, Hashable, Sendable {
    /// Business time.
    public var occurredAt: WireInstant
    /// Channel.
    public var channel: String
    /// `inbound` or `outbound`.
    public var direction: String
    /// What came of it.
    public var outcome: String
    /// With whom.
    public var partyRole: String

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        occurredAt: WireInstant, channel: String, direction: String, outcome: String, partyRole: String
    ) {
        self.occurredAt = occurredAt
        self.channel = channel
        self.direction = direction
        self.outcome = outcome
        self.partyRole = partyRole
    }

    private enum CodingKeys: String, CodingKey {
        case occurredAt = "occurred_at"
        case channel
        case direction
        case outcome
        case partyRole = "party_role"
    }
}

/// A running promise.
public struct CardPromise: Codable, Hashable, Sendable {
    /// Decimal in major units.
    public var amount: String
    /// ISO 4217.
    public var currency: String
    /// Due day.
    public var dueOn: WireDate
    /// `open` or `awaiting_ledger`.
    public var state: String

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        amount: String, currency: String, dueOn: WireDate, state: String
    ) {
        self.amount = amount
        self.currency = currency
        self.dueOn = dueOn
        self.state = state
    }

    private enum CodingKeys: String, CodingKey {
        case amount
        case currency
        case dueOn = "due_on"
        case state
    }
}

/// A request the bank is deciding.
public struct CardRequest: Codable, Hashable, Sendable {
    /// Type, such as `hardship`.
    public var type: String
    /// Business time by which the bank answers.
    public var dueAt: WireInstant

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        type: String, dueAt: WireInstant
    ) {
        self.type = type
        self.dueAt = dueAt
    }

    private enum CodingKeys: String, CodingKey {
        case type
        case dueAt = "due_at"
    }
}

/// A limit on the act.
public struct CardConstraint: Codable, Hashable, Sendable {
    /// Rule id, such as `contact_windows`.
    public var rule: String
    /// Business time until which it holds, if it ends.
    public var until: WireInstant?
    /// The value that binds, such as `3 of 3`.
    public var value: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        rule: String, until: WireInstant? = nil, value: String? = nil
    ) {
        self.rule = rule
        self.until = until
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case rule
        case until
        case value
    }
}

/// All that a call to a third party may know.
public struct CardThirdParty: Codable, Hashable, Sendable {
    /// Name of the person sought.
    public var personSought: String
    /// `relay` or `ask_contact`.
    public var purpose: String
    /// The neutral script.
    public var scriptId: String

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        personSought: String, purpose: String, scriptId: String
    ) {
        self.personSought = personSought
        self.purpose = purpose
        self.scriptId = scriptId
    }

    private enum CodingKeys: String, CodingKey {
        case personSought = "person_sought"
        case purpose
        case scriptId = "script_id"
    }
}

/// What a visit needs; the permit is asked for at the door.
public struct CardVisit: Codable, Hashable, Sendable {
    /// The address to ask a permit for.
    public var contactPointId: String
    /// The address.
    public var address: String
    /// What to carry.
    public var kit: [String]
    /// The letter that announced it.
    public var letterRef: String?
    /// How many collectors must be present.
    public var collectors: Int
    /// Days of notice the visit needs.
    public var noticeDays: Int?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        contactPointId: String, address: String, kit: [String], letterRef: String? = nil, collectors: Int, noticeDays: Int? = nil
    ) {
        self.contactPointId = contactPointId
        self.address = address
        self.kit = kit
        self.letterRef = letterRef
        self.collectors = collectors
        self.noticeDays = noticeDays
    }

    private enum CodingKeys: String, CodingKey {
        case contactPointId = "contact_point_id"
        case address
        case kit
        case letterRef = "letter_ref"
        case collectors
        case noticeDays = "notice_days"
    }
}

/// What a letter needs.
public struct CardLetter: Codable, Hashable, Sendable {
    /// The letter.
    public var letterId: String
    /// The address used.
    public var contactPointId: String
    /// The address.
    public var address: String
    /// Template.
    public var template: String
    /// SHA-256 of the template, hexadecimal.
    public var templateSha256: String?
    /// Every field of the template by name.
    public var fields: [String: String]
    /// `registered` or `ordinary`.
    public var mailClass: String
    /// The issuer's seal.
    public var sealId: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        letterId: String, contactPointId: String, address: String, template: String, templateSha256: String? = nil,
        fields: [String: String], mailClass: String, sealId: String? = nil
    ) {
        self.letterId = letterId
        self.contactPointId = contactPointId
        self.address = address
        self.template = template
        self.templateSha256 = templateSha256
        self.fields = fields
        self.mailClass = mailClass
        self.sealId = sealId
    }

    private enum CodingKeys: String, CodingKey {
        case letterId = "letter_id"
        case contactPointId = "contact_point_id"
        case address
        case template
        case templateSha256 = "template_sha256"
        case fields
        case mailClass = "mail_class"
        case sealId = "seal_id"
    }
}

/// What a legal step needs.
public struct CardLegal: Codable, Hashable, Sendable {
    /// The evidence list, with hashes.
    public var evidence: [Evidence]
    /// Whole months unpaid.
    public var monthsUnpaid: Int?
    /// Letters posted in this case.
    public var lettersPosted: Int?
    /// Collections that count.
    public var collections: Int?
    /// The route the bank approved; at a law firm.
    public var route: String?
    /// The court's number.
    public var caseNo: String?
    /// The last event reported.
    public var lastEvent: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        evidence: [Evidence], monthsUnpaid: Int? = nil, lettersPosted: Int? = nil, collections: Int? = nil, route: String? = nil,
        caseNo: String? = nil, lastEvent: String? = nil
    ) {
        self.evidence = evidence
        self.monthsUnpaid = monthsUnpaid
        self.lettersPosted = lettersPosted
        self.collections = collections
        self.route = route
        self.caseNo = caseNo
        self.lastEvent = lastEvent
    }

    private enum CodingKeys: String, CodingKey {
        case evidence
        case monthsUnpaid = "months_unpaid"
        case lettersPosted = "letters_posted"
        case collections
        case route
        case caseNo = "case_no"
        case lastEvent = "last_event"
    }
}

/// A lawful contact point on an information-gathering card; masked.
public struct CardContactPoint: Codable, Hashable, Sendable {
    /// The contact point.
    public var contactPointId: String
    /// Channel.
    public var channel: String
    /// Whose.
    public var partyRole: String
    /// `valid` or `unverified`.
    public var state: String
    /// The masked value.
    public var masked: String?

    /// Makes the value from its parts; what is left out is absent on the wire.
    public init(
        contactPointId: String, channel: String, partyRole: String, state: String, masked: String? = nil
    ) {
        self.contactPointId = contactPointId
        self.channel = channel
        self.partyRole = partyRole
        self.state = state
        self.masked = masked
    }

    private enum CodingKeys: String, CodingKey {
        case contactPointId = "contact_point_id"
        case channel
        case partyRole = "party_role"
        case state
        case masked
    }
}
