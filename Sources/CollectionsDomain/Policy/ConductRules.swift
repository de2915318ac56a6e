/// What happens when a fact is missing or a count is exceeded.
package enum Escalation: String, CaseIterable, Sendable {
    case block
    /// Blocked until a named person clears it.
    case review
}

/// Whose acts a policy judges, and how it treats doubt.
package struct PolicyScope: Sendable {
    package var appliesToBank: Bool
    package var appliesToAgencies: Bool
    package var onMissingFact: Escalation
    package var onExceed: Escalation

    /// Whether acts by `actor` are judged.
    package func applies(to actor: Actor) -> Bool {
        actor.isBank ? appliesToBank : appliesToAgencies
    }
}

/// A source listed in a policy.
package struct PolicySource: Sendable {
    /// How well the value is supported.
    package enum Confidence: String, CaseIterable, Sendable {
        /// The article text or an official page was found.
        case text = "T"
        /// Only a report, paraphrase or translation.
        case report = "R"
        /// Own knowledge, not found.
        case own = "O"
    }

    package let id: String
    package let instrument: String
    package let article: String?
    package let force: Force
    package let confidence: Confidence
    package let url: String?
}

// MARK: Time

/// Whose local time counts.
package enum TimeZoneMode: String, CaseIterable, Sendable {
    case fixed
    case partyLocal = "party_local"
    case allPlausible = "all_plausible"
}

/// What a public holiday does to contact windows.
package enum HolidayMode: String, CaseIterable, Sendable {
    case normal, blocked
    case asSunday = "as_sunday"
}

/// One row of contact windows; half-open.
package struct ContactWindow: Sendable {
    /// Where it applies.
    package enum Place: String, CaseIterable, Sendable {
        case any, workplace
    }

    package let channels: ChannelSet
    package let place: Place
    /// Bit n stands for the weekday of index n.
    package let weekdays: UInt8
    package let start: TimeOfDay
    package let end: TimeOfDay
    package let basis: RuleBasis
}

/// What consents and wishes do to contact windows.
package struct WindowConsentRule: Sendable {
    /// Whether a consent may widen the windows at all.
    package let allowed: Bool
    package let needsRecord: Bool
    package let narrowsOnly: Bool
    package let basis: RuleBasis
}

/// Section `time`.
package struct TimeRules: Sendable {
    package var mode: TimeZoneMode
    /// The zone of ``TimeZoneMode/fixed``.
    package var zone: Zone?
    package var windows: [ContactWindow]
    package var holidayMode: HolidayMode
    /// The name of the list of public holidays.
    package var holidayCalendar: String?
    package var consent: WindowConsentRule?
}

// MARK: Counts

/// The period a limit counts over.
package enum WindowKind: String, CaseIterable, Sendable {
    case calendarDay = "calendar_day"
    /// The act's date and the n - 1 dates before it.
    case consecutiveDays = "consecutive_days"
    /// Monday to Sunday.
    case week
    case month
    case rollingHours = "rolling_hours"
}

/// On what events must agree to be counted together.
package enum CountScope: UInt8, NamedCode {
    /// The person addressed.
    case party = 0
    case account = 1
    case contactPoint = 2

    package static let names = ["party", "account", "contact_point"]
}

/// Whose events are added up.
package enum Aggregation: String, CaseIterable, Sendable {
    case bankAndAllAgencies = "bank_and_all_agencies"
    /// The actor's own events.
    case agency
}

/// What is not counted, or excuses.
package enum CountExclusion: UInt8, NamedCode {
    /// `busy`, `not_in_service`.
    case notConnected = 0
    /// Inside a consent to be called: its date and the six days after.
    case priorConsent7d = 1
    case toAttorneyOrCreditor = 2

    package static let names = ["not_connected", "prior_consent_7d", "to_attorney_or_creditor"]
}

/// At most `max` events in a period.
package struct FrequencyLimit: Sendable {
    package let id: String
    package let event: ContactEvent
    package let channels: ChannelSet
    package let max: Int
    package let windowKind: WindowKind
    /// Days or hours for ``WindowKind/consecutiveDays`` and ``WindowKind/rollingHours``, else 1.
    package let windowLength: Int
    package let scope: CodeSet<CountScope>
    package let aggregation: Aggregation
    package let exclusions: CodeSet<CountExclusion>
    package let basis: RuleBasis
    /// `frequency_limits.<id>`.
    let rule: String
}

/// After a trigger, no act of some channels for some days.
package struct Cooldown: Sendable {
    /// Whose triggers count.
    package enum Initiator: String, CaseIterable, Sendable {
        case any, collector
    }

    package let id: String
    package let trigger: ContactEvent
    package let initiatedBy: Initiator
    package let blocks: ChannelSet
    package let days: Int
    package let triggerDayIsDayOne: Bool
    package let scope: CodeSet<CountScope>
    package let aggregation: Aggregation
    package let excusedBy: CodeSet<CountExclusion>
    package let basis: RuleBasis
    /// `cooldowns.<id>`.
    let rule: String
}

// MARK: People

/// One way in which a third party opens; all of its conditions must hold.
package struct Precondition: Sendable {
    package var numberInvalid = false
    package var failedDials: Int?
    package var nextDay = false
    package var unreachableDays: Int?
    package var deceased = false
    package var incapacity = false
}

/// Why a third party may be contacted more often than allowed.
package enum RepeatException: UInt8, NamedCode {
    case askedBack = 0
    case answerDoubted = 1

    package static let names = ["asked_back", "answer_doubted"]
}

/// Who is neither asked to pay nor acts for somebody.
package struct ThirdPartyRules: Sendable {
    package var purposes: Sourced<PurposeSet>?
    package var preconditions: Sourced<[Precondition]>?
    package var maxContacts: Sourced<Int>?
    package var repeatExceptions: CodeSet<RepeatException>
    package var forbiddenFields: Sourced<FieldSet>?
    package var refusalIsFinal: Sourced<Bool>?
    package var writtenConsentRoles: Sourced<RoleSet>?
    package var repaymentInfoIfOffers: Bool
}

/// Whether a workplace point may be used.
package enum WorkplaceMode: String, CaseIterable, Sendable {
    case blocked
    case ifNotProhibited = "if_not_prohibited"
    case hoursOnly = "hours_only"
}

/// When somebody acts for the debtor.
package struct RepresentativeRule: Sendable {
    /// ``PartyRole/attorney`` and ``PartyRole/debtAdviser``, as far as they count.
    package let types: RoleSet
    package let blocksParty: Bool
    /// Days of silence after which direct contact is open again.
    package let silentDays: Int?
    /// Whether the representative's agreement opens it.
    package let consents: Bool
    package let basis: RuleBasis
}

/// Section `people`.
package struct PeopleRules: Sendable {
    package var collectable: Sourced<RoleSet>?
    package var equivalents: RoleSet
    package var thirdParty: ThirdPartyRules?
    package var workplace: Sourced<WorkplaceMode>?
    package var representative: RepresentativeRule?
}

// MARK: Opt-outs

/// A channel the person does not want.
package struct ChannelOptOutRule: Sendable {
    package let honoured: Bool
    package let confirmationsAllowed: Int
    package let repliesAllowed: Int
    /// Channels whose every message must say how to opt out.
    package let instructionRequired: ChannelSet
    package let basis: RuleBasis
}

/// A notice to stop all contact.
package struct CeaseNoticeRule: Sendable {
    /// Whether only a written notice counts.
    package let writtenOnly: Bool
    package let permittedAfter: PurposeSet
    package let basis: RuleBasis
}

/// Section `opt_outs`.
package struct OptOutRules: Sendable {
    package var channel: ChannelOptOutRule?
    package var smsVerifyMaxAgeDays: Sourced<Int>?
    package var cease: CeaseNoticeRule?
}

// MARK: Content

/// When a validation notice is due and how long a dispute may follow.
package struct ValidationRule: Sendable {
    package let required: Bool
    package let dueDays: Int
    package let disputeDays: Int
    package let assumedReceiptBusinessDays: Int
    package let basis: RuleBasis
}

/// Section `content`.
package struct ContentRules: Sendable {
    package var firstContact: ElementSet
    package var everyContact: ElementSet
    package var disclosureBasis: RuleBasis
    package var letterRequired: Sourced<ElementSet>?
    /// A lint warning, no block.
    package var letterRecommended: [String]
    package var letterForbidden: Sourced<MarkSet>?
    /// Empty: any.
    package var letterAddresses: Sourced<CodeSet<PointKind>>?
    package var validation: ValidationRule?
}

// MARK: Holds

/// What an act does, as holds and limitation stop it.
package enum ActClass: UInt8, NamedCode {
    case call = 0
    case noticeCall = 1
    case sms = 2
    case email = 3
    case letter = 4
    case visit = 5
    case placeAccount = 6
    case referCivil = 7
    case referCriminal = 8
    /// Files, plans, promises, records: no hold stops them.
    case other = 9

    package static let names = [
        "call", "notice_call", "sms", "email", "letter", "visit", "place_account", "refer_civil", "refer_criminal", "other",
    ]

    /// The class of a contact act.
    package init(_ channel: Channel) {
        switch channel {
        case .call: self = .call
        case .noticeCall: self = .noticeCall
        case .sms: self = .sms
        case .email: self = .email
        case .letter: self = .letter
        case .visit: self = .visit
        }
    }

    /// The class of an act.
    package init(_ kind: Act.Kind) {
        switch kind {
        case .contact(let contact): self.init(contact.channel)
        case .placeAccount: self = .placeAccount
        case .referCivil: self = .referCivil
        case .referCriminal: self = .referCriminal
        case .openFile, .proposePlan, .takePromise, .purgeRecord: self = .other
        }
    }
}

extension CodeSet<ActClass> {
    /// The six contact acts.
    package static let contact: CodeSet<ActClass> = [.call, .noticeCall, .sms, .email, .letter, .visit]
    /// Contact, placement and both referrals.
    package static let everything: CodeSet<ActClass> = contact.union([.placeAccount, .referCivil, .referCriminal])
}

/// What a hold blocks, by the words of policies.
package enum HoldBlock: String, CaseIterable, Sendable {
    case contact, visit
    case placeAccount = "place_account"
    case referCivil = "refer_civil"
    case referCriminal = "refer_criminal"
    case enforcement
    /// For the ledger; stops no act.
    case interest
    case all

    /// The acts it stops.
    var acts: CodeSet<ActClass> {
        switch self {
        case .contact: .contact
        case .visit: [.visit]
        case .placeAccount: [.placeAccount]
        case .referCivil: [.referCivil]
        case .referCriminal: [.referCriminal]
        case .enforcement: [.referCivil, .referCriminal]
        case .interest: []
        case .all: .everything
        }
    }
}

/// What must be true for an event to start a hold.
package enum HoldCondition: UInt8, NamedCode {
    case written = 0
    case inValidationWindow = 1
    /// Only a hold that somebody set on record; no event and no bare fact starts it.
    case onRecord = 2

    package static let names = ["written", "in_validation_window", "on_record"]
}

/// When a hold begins.
package enum HoldStart: String, CaseIterable, Sendable {
    case sameDay = "same_day"
    case dayAfter = "day_after"
    case releasePlus = "release_plus"
}

/// What ends a hold.
package enum HoldRelease: Hashable, Sendable {
    case event(MarkKind)
    /// A person takes it off the record.
    case `operator`
}

/// One row of `holds`.
package struct HoldRule: Sendable {
    package let type: HoldType
    package let conditions: CodeSet<HoldCondition>
    package let start: HoldStart
    package let maxDays: Int?
    package let extendDays: Int
    package let blocks: CodeSet<ActClass>
    /// Whether interest stops; for the ledger.
    package let stopsInterest: Bool
    package let permits: PurposeSet
    /// Whether it is about single accounts; otherwise it is about the debtor.
    package let perAccount: Bool
    package let releases: [HoldRelease]
    package let basis: RuleBasis
    /// `holds.<type>`.
    let rule: String
}

// MARK: Arrangements

/// A plan of instalments.
package struct InstalmentPlanRule: Sendable {
    package let maxTermMonths: Sourced<Int>?
    package let requiredFields: Sourced<ElementSet>
    package let stopsCollection: Bool
    /// Whether the recording of an oral plan is kept until the account is settled.
    package let recordingUntilSettlement: Bool
    package let basis: RuleBasis
}

/// What is let through while a promise runs.
package enum PromiseContact: String, CaseIterable, Sendable {
    case none
    case dueDayReminder = "due_day_reminder"
    case any
}

/// A promise to pay.
package struct PromiseRule: Sendable {
    package let maxDays: Sourced<Int>?
    package let graceDays: Int
    package let contactInWindow: PromiseContact
    package let basis: RuleBasis
}

// MARK: Visits and recordings

/// Section `visit`; nil means no such rule.
package struct VisitRules: Sendable {
    package var minCollectors: Sourced<Int>?
    package var idRequired: Sourced<Bool>?
    package var entryConsent: Sourced<Bool>?
    package var recording: Sourced<Bool>?
    package var priorNoticeDays: Sourced<Int>?
    package var minGapDays: Sourced<Int>?
    /// Whether notices may be put up in public.
    package var publicPosting: Sourced<Bool>?
}

/// From when a record's retention runs.
package enum RetentionAnchor: String, CaseIterable, Sendable {
    case event
    case lastActivity = "last_activity"
    case settlement
}

/// How long records are kept.
package struct RetentionRule: Sendable {
    package let records: CodeSet<RecordKind>
    package let months: Int
    package let anchor: RetentionAnchor
    package let basis: RuleBasis
}

/// What happens if no recorder runs.
package enum NoRecorder: String, CaseIterable, Sendable {
    case block, review, allow
}

/// Section `recording`.
package struct RecordingRules: Sendable {
    package var requiredChannels: Sourced<ChannelSet>
    package var noRecorderThen: Sourced<NoRecorder>
    package var retention: [RetentionRule]
}

// MARK: Legal

/// What limitation stops once it has run out.
package enum ExpiredBlock: UInt8, NamedCode {
    case suit = 0
    case threat = 1
    case all = 2

    package static let names = ["suit", "threat", "all"]
}

/// What restarts limitation.
package enum Interruption: UInt8, NamedCode {
    case payment = 0
    case acknowledgment = 1
    case deliveredDemand = 2
    case setOff = 3
    case consentToPerform = 4
    case suitFiled = 5
    case policeReport = 6

    package static let names = [
        "payment", "acknowledgment", "delivered_demand", "set_off", "consent_to_perform", "suit_filed", "police_report",
    ]
}

/// How long a debt can be enforced.
package struct LimitationRule: Sendable {
    /// Values of a part of the country; what is nil is as elsewhere.
    package struct SubAreaValues: Sendable {
        package let months: Int?
        package let expiredBlocks: Sourced<CodeSet<ExpiredBlock>>?
    }

    /// Nil: the account carries its last day.
    package let months: Int?
    package let subAreas: [SubArea: SubAreaValues]
    package let interruptedBy: CodeSet<Interruption>
    package let expiredBlocks: Sourced<CodeSet<ExpiredBlock>>
    /// Whether an expired debt is closed to everything when nobody contacted the debtor within the period.
    package let blockAllIfNoContact: Sourced<Bool>
}

/// What must be true before a suit.
package struct CivilReferralRule: Sendable {
    /// Days that must have passed since a notice.
    package let noticeDays: [Sourced<NoticeDays>]
    package let needsLegalReviewIfExpired: Sourced<Bool>
    package let blockedBy: [Sourced<HoldType>]

    /// One notice and its days.
    package struct NoticeDays: Sendable {
        /// ``MarkKind/defaultNoticeSent`` or ``MarkKind/letterOfClaimSent``.
        package let notice: MarkKind
        package let days: Int
    }
}

/// What must be true before a criminal report.
package struct CriminalReferralRule: Sendable {
    package let minPrincipal: Sourced<Money>?
    package let effectiveCollections: Sourced<Int>?
    package let minGapDays: Sourced<Int>?
    package let moreThanMonthsAfterLast: Sourced<Int>?
}

// MARK: Agencies

/// What an agency must be to receive an account.
package struct AgencyControlRules: Sendable {
    package var publicList: Sourced<Bool>?
    package var debtorNoticeBefore: Sourced<Bool>?
    package var evaluationMonths: Sourced<Int>?
    package var evaluateBeforeExpiry: Sourced<Bool>?
    package var trainingMonths: Sourced<Int>?
    /// Whether it may subcontract.
    package var subcontract: Sourced<Bool>?
    /// Whether it may be paid by commission alone.
    package var commissionOnly: Sourced<Bool>?
    package var maxAgencies: Sourced<Int>?
}

/// What an agency may keep and see.
package struct AgencyDataRules: Sendable {
    package var fields: [String]
    package var purgeDaysAfterEnd: Int?
    /// Whether files stay open after the contract's last day.
    package var accessAfterEnd: Sourced<Bool>?
}

/// Days to answer a complaint; not decided per act.
package struct ComplaintRules: Sendable {
    package let days: Int
    package let extendedDays: Int
    package let furtherDays: Int
    package let basis: RuleBasis
}
