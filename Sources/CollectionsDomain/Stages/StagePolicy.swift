/// The `stages:` section of a policy (DOMAIN section 4): which stages a case goes through, at what pace, and where each one ends.
///
/// ``bankDefault`` holds the documented numbers; a file is read strictly by ``init(reading:)`` (`StagePolicy+Reading.swift`).
@dynamicMemberLookup
package struct StagePolicy: Hashable, Sendable {
    /// What a policy says, section by section: `policy.phone` is that of ``Sections``.
    ///
    /// It is a kilobyte with forty references and goes by value through every decision; so it is kept once, and copies share it (2 % of the program's
    /// work in dispatch before).
    package struct Sections: Hashable, Sendable {
        /// Thresholds are in this currency.
        package var amountCurrency = Currency.cny
        /// What happens to a threshold whose amount has no exchange rate.
        package var onMissingRate = MissingRate.review
        /// When an account may be placed.
        package var intake = Intake()
        /// How old the bank's payments may be.
        package var ledger = Ledger()
        /// What counts as a collection.
        package var counting = Counting()
        /// Business days within which the bank answers a request.
        package var requestDays: [RequestType: Int] = [
            .hardship: 5, .plan: 5, .extension: 5, .settlement: 5, .skipTrace: 10, .legal: 10, .dataCorrection: 3, .deceasedCheck: 5,
            .legalReview: 10,
        ]
        /// How promises are taken and judged.
        package var promise = Promise()
        /// The order in which points are tried.
        package var contactOrder: [ContactKind] = [.mobile, .homePhone, .immediateFamily, .reference]
        /// Kinds that stay locked until the debtor is lost.
        package var lockedUntilLost: Set<ContactKind> = [.immediateFamily, .reference]
        /// What the low-risk segment gets first, and its call limits.
        package var lowRisk = LowRiskSegment()
        /// Stage 1.
        package var gathering = InformationGathering()
        /// Stage 2.
        package var phone = Phone()
        /// Stage 3.
        package var letter = Letter()
        /// Stage 4.
        package var field = FieldVisit()
        /// Stage 5.
        package var legal = LegalReferral()
        /// What goes on after the last stage.
        package var light = LightCadence()
        /// Order among tasks due at the same window start.
        package var priorities = Priorities()
        /// What becomes of a lease that ran out.
        package var retry = Retry()
    }

    @usableFromInline final class Storage: Sendable {
        @usableFromInline let sections: Sections
        @usableFromInline init(_ sections: Sections) { self.sections = sections }
    }

    @usableFromInline var storage: Storage

    private static let standard = Storage(Sections())

    package init() { storage = Self.standard }

    /// A section, or a field of none. (Inside this type, where a bare name is no member, it is `self.phone`.)
    @inlinable package subscript<Section>(dynamicMember path: WritableKeyPath<Sections, Section>) -> Section {
        get { storage.sections[keyPath: path] }
        set {
            var sections = storage.sections
            sections[keyPath: path] = newValue
            storage = Storage(sections)
        }
    }

    package static func == (a: StagePolicy, b: StagePolicy) -> Bool { a.storage === b.storage || a.storage.sections == b.storage.sections }

    package func hash(into hasher: inout Hasher) { hasher.combine(storage.sections) }

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
        /// Fewest days past due.
        package var minDpd = 31
        /// The bank must have collected itself before.
        package var internalCollectionDone = true
        /// Days from the debtor's notice to the placement.
        package var debtorNoticeDays = 3
        /// Days of a placement's term.
        package var termDays = 180
    }

    /// How old the bank's payments may be.
    package struct Ledger: Hashable, Sendable {
        /// Hours after which the watermark is too old for a lease.
        package var maxAgeHours = 36
        /// The rule binds only where the bank declares a daily feed.
        package var onlyIfDailyFeed = true
        /// Stages whose leases it stops.
        package var blocks: Set<Stage> = [.phone, .letter, .fieldVisit]
        /// Business days a claimed payment, or a pending cure, may stop demands.
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
        /// What counts for the promise window.
        package var collections = Collections.effectiveConversation
        /// From when it counts.
        package var since = Since.delinquentSince
        /// What counts for the legal guard.
        package var legalCollections = LegalCollections.effectiveCollection
    }

    /// How promises to pay are taken.
    package struct Promise: Hashable, Sendable {
        /// From this number of collections on, a promise may be this many days ahead.
        package struct Window: Hashable, Sendable {
            /// Effective conversations from which on the row holds.
            package var collectionsFrom: Int
            /// Days ahead a promise may fall due.
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
        /// What is asked for first; it never hides that a plan may be requested.
        package var firstOffer = FirstOffer.fullAmountDue
        /// From this share of the promised amount on, a promise counts as partially kept.
        package var partialFromPercent = 50
        /// Broken promises that end stage phone.
        package var maxBroken = 2
        /// Whether the due day gets one reminder.
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
        /// Longest lease, in minutes of lease time.
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
        /// Who executes the stage.
        package var executor = Executor.holder
        /// How long its tasks may be held.
        package var lease = Lease(ttlMinutes: 1_440, heartbeatMinutes: 240)
        /// Days after which the stage ends whatever came of it.
        package var maxDays = 2
        /// Rounds of gathering before the stage goes on with what there is.
        package var maxRounds = 2
        /// Where a whole dossier leads.
        package var done = Exit.phone
        /// Where a debtor without a number goes.
        package var noPhone = Exit.letter
        /// What becomes of a debtor without number and address.
        package var nothing = Exit.closeUntraceable
    }

    /// Stage 2.
    package struct Phone: Hashable, Sendable {
        /// A reminder by SMS.
        package struct Reminder: Hashable, Sendable {
            /// Up to so many days past due, reminders take the place of calls.
            package var dpdMax = 30
            /// After so many failed dials in a row a reminder may be sent.
            package var failedCalls = 3
            /// The low-risk segment gets reminders first.
            package var lowRiskSegment = true
            /// Most messages a day.
            package var maxPerDay = 1
            /// Most in any seven days.
            package var maxPer7Days = 2
            /// Fewest days between two.
            package var spacingDays = 3
        }
        /// A dial.
        package struct Call: Hashable, Sendable {
            /// Fewest days past due for a call.
            package var dpdMin = 31
            /// Most dials to one point a day.
            package var maxPerPointDay = 3
            /// Most dials to the debtor a day.
            package var maxPerPartyDay = 4
            /// Minutes between two dials.
            package var spacingMinutes = 120
            /// Days after a talk of anyone before the next call.
            package var afterTalkDays = 3
            /// Dials that end the stage, once its minimum days are over.
            package var maxAttempts = 24
            /// Talks that end the stage.
            package var maxTalks = 4
        }
        /// Who executes the stage.
        package var executor = Executor.holder
        /// How long its tasks may be held.
        package var lease = Lease(ttlMinutes: 30, heartbeatMinutes: 5)
        /// The stage that must come before when the exit leads here.
        package var previous = Stage.informationGathering
        /// The step of messages.
        package var reminder = Reminder()
        /// The step of calls; lighter in later stages.
        package var call = Call()
        /// The attempts end the stage only after so many days.
        package var minDays = 7
        /// Days after which the stage ends whatever came of it.
        package var maxDays = 30
        /// Days without work that miss the service level.
        package var maxIdleDays = 5
        /// Where the stage leads when it found nothing.
        package var unsuccessful: [Exit] = [.letter]
    }

    /// The lighter call step of a later stage.
    package struct LightCall: Hashable, Sendable {
        /// Most in any seven days.
        package var maxPer7Days = 2
        /// What the call is for.
        package var goal: WorkGoal

        /// Days between two such calls, so that the weekly number is never passed.
        package var spacingDays: Int { StagePolicy.spacing(perSevenDays: maxPer7Days) }
    }

    /// Stage 3.
    package struct Letter: Hashable, Sendable {
        /// Who executes the stage.
        package var executor = Executor.bankLettershop
        /// How long its tasks may be held.
        package var lease = Lease(ttlMinutes: 2_880, heartbeatMinutes: nil)
        /// The stage that must have failed when the exit leads here.
        package var previousUnsuccessful = Stage.phone
        /// An address must be valid.
        package var validAddress = true
        /// Class of mail.
        package var mail = "registered"
        /// The address it goes to first.
        package var address = ContactPoint.Channel.billingAddress
        /// Most letters in a calendar month.
        package var perCalendarMonth = 1
        /// Fewest days between two.
        package var spacingDays = 30
        /// Letters of a case, counted over all holders.
        package var maxLetters = 2
        /// Days after posting within which an answer is awaited.
        package var answerDays = 20
        /// Days after delivery within which an answer is awaited.
        package var deliveredAnswerDays = 10
        /// Days after posting from which the post may say it lost trace.
        package var noTraceDays = 30
        /// The step of calls; lighter in later stages.
        package var call = LightCall(goal: .letterReceived)
        /// Days after which the stage ends whatever came of it.
        package var maxDays = 65
        /// Where the stage leads, in order.
        package var unanswered: [Exit] = [.fieldVisit, .handover, .legalReferral, .lightCadence]
    }

    /// Stage 4.
    package struct FieldVisit: Hashable, Sendable {
        /// Who executes the stage.
        package var executor = Executor.routeOrHandover
        /// How long its tasks may be held.
        package var lease = Lease(ttlMinutes: 10_080, heartbeatMinutes: 1_440, permitAtAct: true)
        /// In ``StagePolicy/amountCurrency``; compared with the larger of amount due and balance.
        package var minAmount = Money(minorUnits: 2_000_000, currency: .cny)
        /// Letters of the account that must have stayed unanswered.
        package var lettersUnanswered = 2
        /// Holds that forbid the stage.
        package var notHolds: Set<HoldType> = [.vulnerableVisit]
        /// Visits of a case.
        package var maxVisits = 2
        /// Fewest days between two.
        package var spacingDays = 15
        /// Days after a visit at a closed door.
        package var absentSpacingDays = 7
        /// Days a visit is announced ahead.
        package var noticeDays = 1
        /// What the visitors carry.
        package var kit = ["staff_id", "authorisation", "letter", "commitment_form", "sealed_card", "recorder"]
        /// Fewest visitors.
        package var collectors = 2
        /// The step of calls; lighter in later stages.
        package var call = LightCall(goal: .arrangeVisit)
        /// Days ahead a promise at the door may fall due.
        package var promiseMaxDays = 3
        /// Days after which the stage ends whatever came of it.
        package var maxDays = 30
        /// Where the stage leads when it found nothing.
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
        /// Who executes the stage.
        package var executor = Executor.holderProposesLawFirmActs
        /// How long its tasks may be held.
        package var lease = Lease(ttlMinutes: 43_200, heartbeatMinutes: 10_080)
        /// Fewest, in the policy's currency; compared with the larger of amount due and balance.
        package var minAmount = Money(minorUnits: 1_000_000, currency: .cny)
        /// Fewest confirmable collections.
        package var minCollections = 2
        /// Months unpaid are DPD / 30, whole.
        package var minMonthsUnpaid = 6
        /// Fewest letters posted for the account.
        package var minLettersPosted = 1
        /// Holds that forbid the stage.
        package var notHolds: Set<HoldType> = [.dispute, .complaint, .bankRequest]
        /// Persons who decide.
        package var approvals = 2
        /// Business days for the decision.
        package var decisionBusinessDays = 10
        /// What may be decided, besides a report to the police.
        package var routes: [Route] = [.lawyerLetter, .mediation, .paymentOrder, .civil]
        /// Hours within which the card system confirms a block.
        package var cardBlockConfirmHours = 24
        /// What an approval does to the holder's placement.
        package var approved = Exit.closeLegal
        /// Where a rejection leads.
        package var rejected = Exit.lightCadence
        /// What the agency's advice against it does.
        package var notRecommended = Exit.closeExhausted
    }

    /// What goes on after the last stage.
    package struct LightCadence: Hashable, Sendable {
        /// Most calls in seven days.
        package var callsPer7Days = 1
        /// Letters a month; 0: none.
        package var lettersPerMonth = 1

        /// Days between two calls.
        package var callSpacingDays: Int { StagePolicy.spacing(perSevenDays: callsPer7Days) }
    }

    /// Higher first among tasks that become due at the same window start; `0...999` milliseconds.
    package struct Priorities: Hashable, Sendable {
        /// The debtor asked for this call.
        package var callbackDue = 100
        /// A promise was broken.
        package var promiseBroken = 90
        /// A promise falls due today.
        package var reminderDue = 85
        /// The first contact of a case.
        package var firstContact = 80
        /// The term ends within seven days.
        package var expiring7Days = 70
        /// Large enough for a visit.
        package var highAmount = 60
        /// Everything else.
        package var normal = 50
        /// The light cadence.
        package var light = 10
    }

    /// What happens to a lease that ran out.
    package struct Retry: Hashable, Sendable {
        /// Minutes of business time before the next try, by number of expiries.
        package var expiredMinutes = [5, 15, 60]
        /// Expiries, or unattempted tasks in a row, after which an operator looks.
        package var quarantineAfter = 4
    }

    /// The smallest whole number of days between acts that keeps every seven days within `count`.
    static func spacing(perSevenDays count: Int) -> Int { (7 + count - 1) / max(count, 1) }

    /// The lease of a stage's tasks.
    package func lease(of stage: Stage) -> Lease {
        switch stage {
        case .informationGathering: self.gathering.lease
        case .phone: self.phone.lease
        case .letter: self.letter.lease
        case .fieldVisit: self.field.lease
        case .legalReferral: self.legal.lease
        }
    }

    /// Days after which a stage ends whatever came of it; `nil`: no such rule.
    package func maxDays(of stage: Stage) -> Int? {
        switch stage {
        case .informationGathering: self.gathering.maxDays
        case .phone: self.phone.maxDays
        case .letter: self.letter.maxDays
        case .fieldVisit: self.field.maxDays
        case .legalReferral: nil
        }
    }

    /// The instant by which the bank must have answered a request asked at `now`: the end of the n-th business day after.
    package func requestDue(_ type: RequestType, asked now: Instant, zone: Zone, calendar: BusinessCalendar) -> Instant {
        let days = self.requestDays[type] ?? 5
        return zone.endOfDay(calendar.adding(businessDays: days, to: zone.day(of: now)))
    }

    /// Call limits of one debtor: halved for the low-risk segment.
    package func callLimits(lowRisk isLowRisk: Bool) -> Phone.Call {
        guard isLowRisk else { return self.phone.call }
        var call = self.phone.call
        call.maxPerPointDay = self.lowRisk.limited(call.maxPerPointDay)
        call.maxPerPartyDay = self.lowRisk.limited(call.maxPerPartyDay)
        call.maxAttempts = self.lowRisk.limited(call.maxAttempts)
        call.maxTalks = self.lowRisk.limited(call.maxTalks)
        return call
    }
}
