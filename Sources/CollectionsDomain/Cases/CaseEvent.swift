/// A promise as a worker reports it.
package struct PromiseClaim: Hashable, Sendable {
    /// What was promised.
    package var amount: Money
    /// Last day on which it will be paid.
    package var due: Day
    /// The account it is for; `nil`: it is allocated over the case.
    package var account: Int64?

    package init(amount: Money, due: Day, account: Int64? = nil) {
        self.amount = amount
        self.due = due
        self.account = account
    }
}

/// What a worker reported, decoded; times are business time.
package struct ReportedOutcome: Hashable, Sendable {
    /// What the debtor does not want any more.
    package enum OptOut: Hashable, Sendable {
        case channel(ContactFact.Channel)
        case point(Int64)
    }

    /// New contact data: the pure core needs only what it is and where it came from.
    package struct NewPoint: Hashable, Sendable {
        /// What it is.
        package var channel: ContactPoint.Channel
        /// Whom it reaches.
        package var role: ContactPoint.Role
        /// Where it came from (``LawfulProvenance``).
        package var provenance: String

        package init(channel: ContactPoint.Channel, role: ContactPoint.Role, provenance: String) {
            self.channel = channel
            self.role = role
            self.provenance = provenance
        }
    }

    /// What happened.
    package var result: ResultCode
    /// The start of the act.
    package var occurredAt: Instant
    /// The end of the act.
    package var endedAt: Instant?
    /// Who acted, at the agency.
    package var collector: String?
    /// The contact point used.
    package var point: Int64?
    /// Who was reached, where it is not the person of the point.
    package var reached: ContactPoint.Role?
    /// Where the recording is kept.
    package var recording: String?
    /// The promise, for results that make one.
    package var promise: PromiseClaim?
    /// When the debtor asked to be called.
    package var callbackAt: Instant?
    /// The date on which somebody says he paid.
    package var claimedOn: Day?
    /// Whether a proof came with it.
    package var proof: Bool
    /// Accounts named; empty: none named.
    package var accounts: [Int64]
    /// What the debtor does not want any more; `nil`: the point used.
    package var optOut: OptOut?
    /// Contact data that were learned.
    package var newPoint: NewPoint?
    /// What the next contact should be for.
    package var nextGoal: WorkGoal?
    /// The postal number of a letter.
    package var mailNumber: String?
    /// Who signed for a letter; `nil`: nobody.
    package var signedBy: String?
    /// moved, unknown, insufficient.
    package var returnReason: String?
    /// What a reply to a letter said, by the rows of phone.
    package var reply: ResultCode?
    /// How many visited.
    package var collectors: Int?
    /// Debt data were told to a third party.
    package var debtTold: Bool
    /// Whether the dossier is whole.
    package var dossierComplete: Bool
    /// The instalments of a mediation; empty: it is paid at once.
    package var instalments: [PlanInstalment]
    /// Costs of a legal event.
    package var costs: Money?
    /// When a permit refused at the door becomes possible.
    package var permitEarliest: Instant?
    /// The debtor rang or wrote himself: no dial is counted.
    package var inbound: Bool

    package init(
        result: ResultCode, occurredAt: Instant, endedAt: Instant? = nil, collector: String? = nil, point: Int64? = nil,
        reached: ContactPoint.Role? = nil, recording: String? = nil, promise: PromiseClaim? = nil, callbackAt: Instant? = nil,
        claimedOn: Day? = nil, proof: Bool = false, accounts: [Int64] = [], optOut: OptOut? = nil, newPoint: NewPoint? = nil,
        nextGoal: WorkGoal? = nil, mailNumber: String? = nil, signedBy: String? = nil, returnReason: String? = nil,
        reply: ResultCode? = nil,
        collectors: Int? = nil, debtTold: Bool = false, dossierComplete: Bool = true, instalments: [PlanInstalment] = [],
        costs: Money? = nil,
        permitEarliest: Instant? = nil, inbound: Bool = false
    ) {
        self.result = result
        self.occurredAt = occurredAt
        self.endedAt = endedAt
        self.collector = collector
        self.point = point
        self.reached = reached
        self.recording = recording
        self.promise = promise
        self.callbackAt = callbackAt
        self.claimedOn = claimedOn
        self.proof = proof
        self.accounts = accounts
        self.optOut = optOut
        self.newPoint = newPoint
        self.nextGoal = nextGoal
        self.mailNumber = mailNumber
        self.signedBy = signedBy
        self.returnReason = returnReason
        self.reply = reply
        self.collectors = collectors
        self.debtTold = debtTold
        self.dossierComplete = dossierComplete
        self.instalments = instalments
        self.costs = costs
        self.permitEarliest = permitEarliest
        self.inbound = inbound
    }
}

/// The task an outcome belongs to, as its lease was given.
package struct ReportedTask: Hashable, Sendable {
    /// The row's id.
    package var id: Int64
    /// Its step.
    package var step: Step
    /// What it was for.
    package var goal: WorkGoal
    /// The contact point the lease names.
    package var point: Int64?
    /// Whether the debtor was lost when the lease was given: third parties were unlocked.
    package var lostAtGrant: Bool
    /// The act must have started before; `nil`: no window.
    package var actBefore: Instant?
    /// When the lease was given, business time.
    package var grantedAt: Instant?

    package init(
        id: Int64, step: Step, goal: WorkGoal = .none, point: Int64? = nil, lostAtGrant: Bool = false, actBefore: Instant? = nil,
        grantedAt: Instant? = nil
    ) {
        self.id = id
        self.step = step
        self.goal = goal
        self.point = point
        self.lostAtGrant = lostAtGrant
        self.actBefore = actBefore
        self.grantedAt = grantedAt
    }
}

/// What the bank decided on a request.
package enum RequestDecision: Hashable, Sendable {
    /// Granted; `until` ends a hardship relief, `date` and `amount` are the new promise of an extension or a settlement offer, `instalments` a
    /// plan's.
    case granted(until: Instant?, date: Day?, amount: Money?, instalments: [PlanInstalment] = [])
    case refused
    /// A legal proposal was approved for this route.
    case approved(StagePolicy.LegalReferral.Route)
    /// A reported fact (death, incapacity, minor, custody, risk, identity theft) was verified or was false.
    case verified(HoldType)
    case unfounded(HoldType)
    /// A search or a correction brought something new, or nothing.
    case answered(found: Bool)
}

/// Why the bank takes accounts back.
package enum RecallCategory: String, CaseIterable, Sendable {
    case bank = "BANK"
    case compliance = "COMPLIANCE"
    case deceased = "DECEASED"
    case legal = "LEGAL"

    /// Whether the holder may object before it takes effect.
    package var hasObjectionWindow: Bool { self == .bank }

    /// The code with which the placement closes.
    package var closeCode: CloseCode {
        switch self {
        case .bank: .recalled
        case .compliance: .compliance
        case .deceased: .deceased
        case .legal: .legal
        }
    }
}

/// What the bank's own account update says.
package enum AccountUpdate: Hashable, Sendable {
    /// No longer overdue.
    case cured
    /// Still overdue: pending cures end and work resumes.
    case overdue
    case chargedOff
    case sold
    case closed
}

/// Anything that may move a case. Money events come after the ledger was applied: ``CaseFacts`` hold the new amounts.
package enum CaseEvent: Hashable, Sendable {
    /// The case was opened, or reopened by a new holder, to start at its stage.
    case opened
    /// An accepted outcome.
    case outcome(ReportedTask, ReportedOutcome)
    /// An outcome that came too late: only its safety facts count.
    case lateOutcome(ReportedTask, ReportedOutcome)
    /// A fact no lease covers: tracking of a letter, a ring-back, a court event.
    case activity(ReportedOutcome, letter: Int64?)
    /// E1, E2: money was posted on the account; `fulfilledOffer`: it met a settlement offer in time.
    case payment(account: Int64, fulfilledOffer: Bool)
    /// E3: promises whose grace the watermark has passed, judged.
    case promisesJudged([PromiseVerdict])
    /// E4: a payment was reversed.
    case reversal(account: Int64)
    /// E5
    case instalmentMissed(account: Int64)
    /// The last instalment was paid.
    case planFulfilled
    /// E6
    case holdSet(HoldType, account: Int64?)
    case holdReleased(HoldType, account: Int64?)
    /// The bank decided a request, or missed its time.
    case requestDecided(RequestType, RequestDecision)
    case requestOverdue(RequestType)
    /// E7: notice, effect, or the holder's objection upheld.
    case recallRequested(RecallCategory)
    case recallExecuted(RecallCategory)
    case recallWithdrawn
    /// E8
    case termEnd
    /// E9: the `expiries`-th expiry or failure of this task.
    case leaseExpired(ReportedTask, expiries: Int)
    /// A worker gave the lease back unworked.
    case leaseReleased(ReportedTask)
    /// E10
    case holderSuspended
    /// E11, and the confirmation of a cure.
    case accountUpdate(account: Int64, AccountUpdate)
    /// E12
    case accountJoined(account: Int64)
    /// E13: `true`: the dispute was right.
    case disputeResolved(account: Int64, upheld: Bool)
    /// E14
    case policyChanged
    /// E15
    case limitationNear(account: Int64)
    /// The instant of a waiting state has passed.
    case waitEnded
    /// The bank's payments are known further than before: somebody may have claimed to have paid.
    case ledgerAdvanced
    /// The daily look at stage days and idle days.
    case stageDay
    /// A contact by the bank itself: it counts, and moves nothing.
    case bankContact(ContactFact)
}
