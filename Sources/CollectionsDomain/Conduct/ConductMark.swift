/// What was said, agreed or served, apart from the contacts themselves; the words are those of decision cases.
package enum MarkKind: UInt8, NamedCode {
    /// A person does not want a channel any more; detail: channel bits.
    case optOut = 0
    /// The debtor forbids further contact; detail: form.
    case ceaseNotice = 1
    /// Detail: form.
    case disputeReceived = 2
    case disputeVerified = 3
    case verificationSent = 4
    case outcomeSent = 5
    case validationSent = 6
    /// Detail: form.
    case planSigned = 7
    case instalmentMissed = 8
    /// Detail: the due day's number.
    case promiseTaken = 9
    /// The promise was kept, broken, replaced or withdrawn by the bank's judgment.
    case promiseEnded = 10
    case payment = 11
    case acknowledgment = 12
    case settled = 13
    case moratoriumEntered = 14
    case crisisTreatmentStarted = 15
    case crisisTreatmentEnded = 16
    case adviserNotice = 17
    case adviserProgress = 18
    case ombudsmanComplaint = 19
    case ombudsmanClosed = 20
    /// Detail: the representative's role.
    case representativeKnown = 21
    case representativeReply = 22
    case representativeConsents = 23
    case thirdPartyRefused = 24
    case thirdPartyOfferedToPay = 25
    case thirdPartyAskedBack = 26
    case thirdPartyAnswerDoubted = 27
    case defaultNoticeSent = 28
    case letterOfClaimSent = 29
    case setOff = 30
    case consentToPerform = 31
    case suitFiled = 32
    case policeReport = 33

    package static let names = [
        "opt_out", "cease_notice", "dispute_received", "dispute_verified", "verification_sent", "outcome_sent", "validation_sent",
        "plan_signed", "instalment_missed", "promise_taken", "promise_ended", "payment", "acknowledgment", "settled", "moratorium_entered",
        "crisis_treatment_started", "crisis_treatment_ended", "adviser_notice", "adviser_progress", "ombudsman_complaint",
        "ombudsman_closed", "representative_known", "representative_reply", "representative_consents", "third_party_refused",
        "third_party_offered_to_pay", "third_party_asked_back", "third_party_answer_doubted", "default_notice_sent",
        "letter_of_claim_sent", "set_off", "consent_to_perform", "suit_filed", "police_report",
    ]

    /// Whether the mark is itself contact from the debtor, so that a run of failed dials before it no longer means the debtor is lost.
    var isContactFromDebtor: Bool {
        switch self {
        case .optOut, .ceaseNotice, .disputeReceived, .planSigned, .promiseTaken, .acknowledgment, .consentToPerform: true
        case .disputeVerified, .verificationSent, .outcomeSent, .validationSent, .instalmentMissed, .promiseEnded, .payment, .settled,
            .moratoriumEntered, .crisisTreatmentStarted, .crisisTreatmentEnded, .adviserNotice, .adviserProgress, .ombudsmanComplaint,
            .ombudsmanClosed, .representativeKnown, .representativeReply, .representativeConsents, .thirdPartyRefused,
            .thirdPartyOfferedToPay, .thirdPartyAskedBack, .thirdPartyAnswerDoubted, .defaultNoticeSent, .letterOfClaimSent, .setOff,
            .suitFiled, .policeReport:
            false
        }
    }
}

/// In which form something was said or signed.
package enum StatementForm: UInt8, NamedCode {
    case oral = 0
    case written = 1

    package static let names = ["oral", "written"]
}

/// One ``MarkKind`` with its time, person and accounts.
package struct ConductMark: Hashable, Sendable {
    package var kind: MarkKind
    package var at: Instant
    /// Who said it, or whom it concerns; 0 is the debtor.
    package var party: PartyKey
    /// The accounts it is about, as bits of the ledger's table.
    package var accounts: AccountSet
    /// What ``MarkKind`` says it is, else 0.
    package var detail: Int32

    package init(_ kind: MarkKind, at: Instant, party: PartyKey = 0, accounts: AccountSet = .all, detail: Int32 = 0) {
        self.kind = kind
        self.at = at
        self.party = party
        self.accounts = accounts
        self.detail = detail
    }

    /// The form, of marks that have one.
    var isWritten: Bool { detail == Int32(StatementForm.written.rawValue) }
    /// The due day of a promise.
    var due: Day { Day(number: detail) }
    /// The channels of an opt-out.
    var channels: ChannelSet { ChannelSet(bits: UInt64(UInt32(bitPattern: detail))) }
}

/// A hold that somebody set on record, as table `hold` keeps it.
package struct LedgerHold: Hashable, Sendable {
    package var type: HoldType
    /// The accounts on hold, as bits of the ledger's table; ``AccountSet/all`` for the whole debtor.
    package var accounts: AccountSet
    package var from: Instant
    /// When it ends by itself; nil: when it is released, or when the policy's `max_days` are over.
    package var until: Instant?

    package init(type: HoldType, accounts: AccountSet = .all, from: Instant, until: Instant? = nil) {
        self.type = type
        self.accounts = accounts
        self.from = from
        self.until = until
    }
}

/// What a person agreed to or wished.
package struct LedgerConsent: Hashable, Sendable {
    /// The kinds of consent.
    package enum Kind: UInt8, NamedCode {
        /// May be contacted in these hours too.
        case widenWindow = 0
        /// Wants contact only inside these hours.
        case narrowWindow = 1
        /// Asked for a call.
        case callConsent = 2
        /// The debtor agreed separately, in writing, that people of a role are told.
        case thirdPartyContact = 3

        package static let names = ["widen_window", "narrow_window", "call_consent", "third_party_contact"]
    }

    package var kind: Kind
    /// Whose it is; 0 is the debtor.
    package var party: PartyKey
    package var channels: ChannelSet
    /// Half-open hours; a start after the end runs over midnight.
    package var start: TimeOfDay
    package var end: TimeOfDay
    /// Whether there is a record of it.
    package var isRecorded: Bool
    package var givenOn: Day
    /// The last day, included; nil: until withdrawn.
    package var validUntil: Day?
    /// For ``Kind/thirdPartyContact``.
    package var role: PartyRole

    package init(
        kind: Kind, party: PartyKey = 0, channels: ChannelSet = .all, start: TimeOfDay = .midnight, end: TimeOfDay = .endOfDay,
        isRecorded: Bool = true, givenOn: Day, validUntil: Day? = nil, role: PartyRole = .debtor
    ) {
        self.kind = kind
        self.party = party
        self.channels = channels
        self.start = start
        self.end = end
        self.isRecorded = isRecorded
        self.givenOn = givenOn
        self.validUntil = validUntil
        self.role = role
    }

    /// Whether it is in force on `day`.
    func isValid(on day: Day) -> Bool {
        givenOn <= day && (validUntil.map { day <= $0 } ?? true)
    }

    /// Whether `minute` of the day lies in its hours.
    func contains(minute: Int16) -> Bool {
        start < end
            ? start.minutes <= minute && minute < end.minutes
            : minute >= start.minutes || minute < end.minutes
    }
}
