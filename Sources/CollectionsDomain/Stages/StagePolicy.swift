/// The `stages:` section of a policy (DOMAIN section 4): which stages a case goes through, at what pace, and where each one ends.
///
/// ``bankDefault`` holds the documented numbers; a file is read strictly by ``init(reading:)`` (`StagePolicy+Reading.swift`).
package struct StagePolicy: Hashable, Sendable {
    /// Thresholds are in this currency.
    package var amountCurrency = Currency.cny
    /// What happens to a threshold whose amount has no exchange rate.
    package var onMissingRate = MissingRate.review
    package var intake = Intake()
    package var ledger = Ledger()
    package var counting = Counting()
    /// Business days within which the bank answers a request.
    package var requestDays: [RequestType: Int] = [
        .hardship: 5, .plan: 5, .extension: 5, .settlement: 5, .skipTrace: 10, .legal: 10, .dataCorrection: 3, .deceasedCheck: 5, .legalReview: 10,
    ]
    package var promise = Promise()
    /// The order in which points are tried.
    package var contactOrder: [ContactKind] = [.mobile, .homePhone, .immediateFamily, .reference]
    /// Kinds that stay locked until the debtor is lost.
    package var lockedUntilLost: Set<ContactKind> = [.immediateFamily, .reference]
    package var lowRisk = LowRiskSegment()
    package var gathering = InformationGathering()
    package var phone = Phone()
    package var letter = Letter()
    package var field = FieldVisit()
    package var legal = LegalReferral()
    package var light = LightCadence()
    package var priorities = Priorities()
    package var retry = Retry()

    package init() {}

    /// The numbers of DOMAIN section 4.
    package static let bankDefault = StagePolicy()

    /// What a missing exchange rate means for a threshold.
    package enum MissingRate: String, CaseIterable, Sendable {
        /// A named person decides; until then nothing that needs the threshold happens.
        case review
        /// The threshold counts as not reached.
        case block
    }

    /// When an account may be placed.
    package struct Intake: Hashable, Sendable {
        package var minDpd = 31
        package var internalCollectionDone = true
        /// Days from the debtor's notice to the placement.
        package var debtorNoticeDays = 3
        package var termDays = 180
    }

    /// How old the bank's payments may be.
    package struct Ledger: Hashable, Sendable {
        package var maxAgeHours = 36
        package var onlyIfDailyFeed = true
        package var blocks: Set<Stage> = [.phone, .letter, .fieldVisit]
        package var paidClaimedBusinessDays = 3
    }

    /// What counts as a collection.
    package struct Counting: Hashable, Sendable {
        /// For the promise window.
        package enum Collections: String, CaseIterable, Sendable {
            case effectiveConversation = "effective_conversation"
        }
        /// From when.
        package enum Since: String, CaseIterable, Sendable {
            case delinquentSince = "delinquent_since"
        }
        /// For the legal guard.
        package enum LegalCollections: String, CaseIterable, Sendable {
            case effectiveCollection = "effective_collection"
        }
        package var collections = Collections.effectiveConversation
        package var since = Since.delinquentSince
        package var legalCollections = LegalCollections.effectiveCollection
    }

    /// How promises to pay are taken.
    package struct Promise: Hashable, Sendable {
        /// From this number of collections on, a promise may be this many days ahead.
        package struct Window: Hashable, Sendable {
            package var collectionsFrom: Int
            package var days: Int

            package init(collectionsFrom: Int, days: Int) {
                self.collectionsFrom = collectionsFrom
                self.days = days
            }
        }
        /// What is asked for first.
        package enum FirstOffer: String, CaseIterable, Sendable {
            case fullAmountDue = "full_amount_due"
        }
        /// Ascending by ``Window/collectionsFrom``, the first one from 0.
        package var windows = [
            Window(collectionsFrom: 0, days: 7), Window(collectionsFrom: 2, days: 5), Window(collectionsFrom: 4, days: 3),
            Window(collectionsFrom: 6, days: 1),
        ]
        package var firstOffer = FirstOffer.fullAmountDue
        /// From this share of the promised amount on, a promise counts as partially kept.
        package var partialFromPercent = 50
        package var maxBroken = 2
        package var reminderOnDueDay = true
    }

    /// Who executes a stage.
    package enum Executor: String, CaseIterable, Sendable {
        case holder
        /// The routed lettershop: the letter carries the issuer's seal.
        case bankLettershop = "bank_lettershop"
        /// The routed executor, else another holder.
        case routeOrHandover = "route_or_handover"
        case holderProposesLawFirmActs = "holder_proposes_law_firm_acts"
    }

    /// How long a task of a stage may be held.
    package struct Lease: Hashable, Sendable {
        package var ttlMinutes: Int
        /// How often the holder must be heard of; `nil`: never.
        package var heartbeatMinutes: Int?
        /// How long after the contact window a begun act may still be reported.
        package var reportAfterWindowMinutes = 15
        /// The right to act is asked for at the door.
        package var permitAtAct = false
    }

    /// Where a stage leads when it ends.
    package enum Exit: String, CaseIterable, Sendable {
        case phone, letter
        case fieldVisit = "field_visit"
        case handover
        case legalReferral = "legal_referral"
        case lightCadence = "light_cadence"
        case closeUntraceable = "close_untraceable"
        case closeLegal = "close_legal"
        case closeExhausted = "close_exhausted"
    }

    /// Kinds of contact points in their order.
    package enum ContactKind: String, CaseIterable, Sendable {
        case mobile
        case homePhone = "home_phone"
        case immediateFamily = "immediate_family"
        case reference
    }

    /// Debtors for whom messages and letters do best.
    package struct LowRiskSegment: Hashable, Sendable {
        /// The steps they get first.
        package var steps: [Step] = [.smsReminder, .registeredLetter]
        /// Call limits are multiplied by this and rounded up; hundredths.
        package var callFactorHundredths = 50

        /// A call limit of such a debtor.
        package func limited(_ limit: Int) -> Int { (limit * callFactorHundredths + 99) / 100 }
    }

    /// Stage 1.
    package struct InformationGathering: Hashable, Sendable {
        package var executor = Executor.holder
        package var lease = Lease(ttlMinutes: 1_440, heartbeatMinutes: 240)
        package var maxDays = 2
        package var maxRounds = 2
        package var done = Exit.phone
        package var noPhone = Exit.letter
        package var nothing = Exit.closeUntraceable
    }

    /// Stage 2.
    package struct Phone: Hashable, Sendable {
        /// A reminder by SMS.
        package struct Reminder: Hashable, Sendable {
            package var dpdMax = 30
            /// After so many failed dials in a row a reminder may be sent.
            package var failedCalls = 3
            package var lowRiskSegment = true
            package var maxPerDay = 1
            package var maxPer7Days = 2
            package var spacingDays = 3
        }
        /// A dial.
        package struct Call: Hashable, Sendable {
            package var dpdMin = 31
            package var maxPerPointDay = 3
            package var maxPerPartyDay = 4
            package var spacingMinutes = 120
            package var afterTalkDays = 3
            package var maxAttempts = 24
            package var maxTalks = 4
        }
        package var executor = Executor.holder
        package var lease = Lease(ttlMinutes: 30, heartbeatMinutes: 5)
        package var previous = Stage.informationGathering
        package var reminder = Reminder()
        package var call = Call()
        /// The attempts end the stage only after so many days.
        package var minDays = 7
        package var maxDays = 30
        package var maxIdleDays = 5
        package var unsuccessful: [Exit] = [.letter]
    }

    /// The lighter call step of a later stage.
    package struct LightCall: Hashable, Sendable {
        package var maxPer7Days = 2
        package var goal: WorkGoal

        /// Days between two such calls, so that the weekly number is never passed.
        package var spacingDays: Int { StagePolicy.spacing(perSevenDays: maxPer7Days) }
    }

    /// Stage 3.
    package struct Letter: Hashable, Sendable {
        package var executor = Executor.bankLettershop
        package var lease = Lease(ttlMinutes: 2_880, heartbeatMinutes: nil)
        package var previousUnsuccessful = Stage.phone
        package var validAddress = true
        package var mail = "registered"
        package var address = ContactPoint.Channel.billingAddress
        package var perCalendarMonth = 1
        package var spacingDays = 30
        /// Letters of a case, counted over all holders.
        package var maxLetters = 2
        package var answerDays = 20
        package var deliveredAnswerDays = 10
        package var noTraceDays = 30
        package var call = LightCall(goal: .letterReceived)
        package var maxDays = 65
        package var unanswered: [Exit] = [.fieldVisit, .handover, .legalReferral, .lightCadence]
    }

    /// Stage 4.
    package struct FieldVisit: Hashable, Sendable {
        package var executor = Executor.routeOrHandover
        package var lease = Lease(ttlMinutes: 10_080, heartbeatMinutes: 1_440, permitAtAct: true)
        /// In ``StagePolicy/amountCurrency``; compared with the larger of amount due and balance.
        package var minAmount = Money(minorUnits: 2_000_000, currency: .cny)
        package var lettersUnanswered = 2
        package var notHolds: Set<HoldType> = [.vulnerableVisit]
        package var maxVisits = 2
        package var spacingDays = 15
        package var absentSpacingDays = 7
        package var noticeDays = 1
        package var kit = ["staff_id", "authorisation", "letter", "commitment_form", "sealed_card", "recorder"]
        package var collectors = 2
        package var call = LightCall(goal: .arrangeVisit)
        package var promiseMaxDays = 3
        package var maxDays = 30
        package var unsuccessful: [Exit] = [.legalReferral, .lightCadence]
    }

    /// Stage 5.
    package struct LegalReferral: Hashable, Sendable {
        /// What the bank may decide on a proposal, besides rejecting it.
        package enum Route: String, CaseIterable, Sendable {
            case lawyerLetter = "lawyer_letter"
            case mediation
            case paymentOrder = "payment_order"
            case civil
            /// Compliance only; never shown to an agency, never in a script.
            case criminalReport = "criminal_report"
        }
        package var executor = Executor.holderProposesLawFirmActs
        package var lease = Lease(ttlMinutes: 43_200, heartbeatMinutes: 10_080)
        package var minAmount = Money(minorUnits: 1_000_000, currency: .cny)
        package var minCollections = 2
        /// Months unpaid are DPD / 30, whole.
        package var minMonthsUnpaid = 6
        package var minLettersPosted = 1
        package var notHolds: Set<HoldType> = [.dispute, .complaint, .bankRequest]
        package var approvals = 2
        package var decisionBusinessDays = 10
        package var routes: [Route] = [.lawyerLetter, .mediation, .paymentOrder, .civil]
        package var cardBlockConfirmHours = 24
        package var approved = Exit.closeLegal
        package var rejected = Exit.lightCadence
        package var notRecommended = Exit.closeExhausted
    }

    /// What goes on after the last stage.
    package struct LightCadence: Hashable, Sendable {
        package var callsPer7Days = 1
        package var lettersPerMonth = 1

        /// Days between two calls.
        package var callSpacingDays: Int { StagePolicy.spacing(perSevenDays: callsPer7Days) }
    }

    /// Higher first among tasks that become due at the same window start; `0...999` milliseconds.
    package struct Priorities: Hashable, Sendable {
        package var callbackDue = 100
        package var promiseBroken = 90
        package var reminderDue = 85
        package var firstContact = 80
        package var expiring7Days = 70
        package var highAmount = 60
        package var normal = 50
        package var light = 10
    }

    /// What happens to a lease that ran out.
    package struct Retry: Hashable, Sendable {
        package var expiredMinutes = [5, 15, 60]
        package var quarantineAfter = 4
    }

    /// The smallest whole number of days between acts that keeps every seven days within `count`.
    static func spacing(perSevenDays count: Int) -> Int { (7 + count - 1) / max(count, 1) }

    /// The lease of a stage's tasks.
    package func lease(of stage: Stage) -> Lease {
        switch stage {
        case .informationGathering: gathering.lease
        case .phone: phone.lease
        case .letter: letter.lease
        case .fieldVisit: field.lease
        case .legalReferral: legal.lease
        }
    }

    /// Days after which a stage ends whatever came of it; `nil`: no such rule.
    package func maxDays(of stage: Stage) -> Int? {
        switch stage {
        case .informationGathering: gathering.maxDays
        case .phone: phone.maxDays
        case .letter: letter.maxDays
        case .fieldVisit: field.maxDays
        case .legalReferral: nil
        }
    }

    /// The instant by which the bank must have answered a request asked at `now`: the end of the n-th business day after.
    package func requestDue(_ type: RequestType, asked now: Instant, zone: Zone, calendar: BusinessCalendar) -> Instant {
        let days = requestDays[type] ?? 5
        return zone.endOfDay(calendar.adding(businessDays: days, to: zone.day(of: now)))
    }

    /// Call limits of one debtor: halved for the low-risk segment.
    package func callLimits(lowRisk isLowRisk: Bool) -> Phone.Call {
        guard isLowRisk else { return phone.call }
        var call = phone.call
        call.maxPerPointDay = lowRisk.limited(call.maxPerPointDay)
        call.maxPerPartyDay = lowRisk.limited(call.maxPerPartyDay)
        call.maxAttempts = lowRisk.limited(call.maxAttempts)
        call.maxTalks = lowRisk.limited(call.maxTalks)
        return call
    }
}
