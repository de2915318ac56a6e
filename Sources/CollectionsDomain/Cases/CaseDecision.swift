/// Where a task stands among those that become due at the same window start.
package enum WorkPriority: String, CaseIterable, Sendable {
    case callbackDue = "callback_due"
    case promiseBroken = "promise_broken"
    case reminderDue = "reminder_due"
    case firstContact = "first_contact"
    case expiring7Days = "expiring_7_days"
    case highAmount = "high_amount"
    case normal, light

    /// The policy's number: higher goes first.
    package func value(in policy: StagePolicy) -> Int {
        switch self {
        case .callbackDue: policy.priorities.callbackDue
        case .promiseBroken: policy.priorities.promiseBroken
        case .reminderDue: policy.priorities.reminderDue
        case .firstContact: policy.priorities.firstContact
        case .expiring7Days: policy.priorities.expiring7Days
        case .highAmount: policy.priorities.highAmount
        case .normal: policy.priorities.normal
        case .light: policy.priorities.light
        }
    }
}

/// Part of the day, so that a second visit comes at another one.
package enum Daypart: String, CaseIterable, Sendable {
    case morning, afternoon
}

/// A task to be made.
package struct NextTask: Hashable, Sendable {
    /// What it asks for; its stage is ``Step/stage``, whatever stage the case is in.
    package var step: Step
    /// What the contact is for.
    package var goal: WorkGoal
    /// Not before this instant; the gate may move it later.
    package var notBefore: Instant
    /// The executor.
    package var agency: Int32
    /// The one contact point it is for; `nil` where the step names none.
    package var point: Int64?
    /// The accounts on its card.
    package var accounts: [Int64]
    /// Rank among tasks due at the same window start.
    package var priority: WorkPriority
    /// The number of the attempt in this stage, from 1.
    package var attempt: Int
    /// For a visit that should come at another part of the day.
    package var daypart: Daypart?

    package init(
        step: Step, goal: WorkGoal, notBefore: Instant, agency: Int32, point: Int64? = nil, accounts: [Int64], priority: WorkPriority,
        attempt: Int, daypart: Daypart? = nil
    ) {
        self.step = step
        self.goal = goal
        self.notBefore = notBefore
        self.agency = agency
        self.point = point
        self.accounts = accounts
        self.priority = priority
        self.attempt = attempt
        self.daypart = daypart
    }

    /// The stage of the task.
    package var stage: Stage { step.stage }

    /// `task.due_at`: a task that waits for a window start gets its priority in milliseconds before it (PROTOCOL section 2), never before `now`.
    package func dueAt(hours: WorkingHours, policy: StagePolicy, now: Instant) -> Instant {
        guard notBefore > now, hours.isOpening(notBefore) else { return max(notBefore, now) }
        return max(now, notBefore - .milliseconds(priority.value(in: policy)))
    }
}

/// Why a live task ends without its own outcome; raw values are those of `task_end.reason`.
package enum TaskEndReason: String, CaseIterable, Sendable {
    case recall, hold, closed, payment, replaced, quarantine, suspended, expired, released
}

/// What becomes of one of the two live tasks a case may have.
package enum TaskChange: Hashable, Sendable {
    /// Nothing: the live task, if any, stays as it is.
    case keep
    /// This task takes the place of what is there.
    case put(NextTask)
    /// The same task row becomes due at the instant (expiry, permit refused at the door).
    case delay(until: Instant)
    /// The live task, if any, ends for the reason.
    case end(TaskEndReason)
}

/// A promise to be stored for one account.
package struct PromiseOrder: Hashable, Sendable {
    /// The account.
    package var account: Int64
    /// Its type.
    package var type: PromiseType
    /// What is promised.
    package var amount: Money
    /// Last day on which it may be paid.
    package var due: Day
    /// End of due date and grace: judged once the watermark has passed it.
    package var judgeAfter: Instant

    package init(account: Int64, type: PromiseType, amount: Money, due: Day, judgeAfter: Instant) {
        self.account = account
        self.type = type
        self.amount = amount
        self.due = due
        self.judgeAfter = judgeAfter
    }
}

/// A hold to be set or released.
package struct HoldOrder: Hashable, Sendable {
    /// Its type.
    package var type: HoldType
    /// `nil`: the whole debtor.
    package var account: Int64?
    /// `nil`: until an event or a person releases it.
    package var until: Instant?
    /// The rule that sets it.
    package var reason: String

    package init(type: HoldType, account: Int64? = nil, until: Instant? = nil, reason: String) {
        self.type = type
        self.account = account
        self.until = until
        self.reason = reason
    }
}

/// A question to the bank.
package struct RequestOrder: Hashable, Sendable {
    /// Its type.
    package var type: RequestType
    /// By when the bank must have answered.
    package var slaDue: Instant
    /// Accounts concerned; empty: the whole debtor.
    package var accounts: [Int64]
    /// Persons who must decide.
    package var approvals: Int
    /// What is asked, in codes ("promise_date", "mandate", a hold type to be verified).
    package var subject: String
    /// The amount, if one was named.
    package var amount: Money?
    /// The date, if one was named.
    package var date: Day?

    package init(
        type: RequestType, slaDue: Instant, accounts: [Int64], approvals: Int, subject: String, amount: Money? = nil, date: Day? = nil
    ) {
        self.type = type
        self.slaDue = slaDue
        self.accounts = accounts
        self.approvals = approvals
        self.subject = subject
        self.amount = amount
        self.date = date
    }
}

/// How far a contact point is switched off.
package enum PointChange: String, Hashable, Sendable, CaseIterable {
    /// It does not reach the person: `invalid`.
    case invalid
    /// It reaches somebody else: off for the bank and every agency.
    case wrongPerson = "wrong_person"
    /// The person asked for it: `off`.
    case optedOut = "opted_out"
    /// A third party refused: off for ever.
    case refused
    /// Two messages failed.
    case messagesFail = "messages_fail"
    /// A letter came back, or the visitor found nothing.
    case addressWrong = "address_wrong"
    /// No visits until an operator lifts it.
    case visitsOff = "visits_off"

    /// The state the point gets; `nil`: only its visits are off.
    package var state: ContactPoint.State? {
        switch self {
        case .invalid, .addressWrong: .invalid
        case .wrongPerson, .optedOut, .refused, .messagesFail: .off
        case .visitsOff: nil
        }
    }
}

/// What a letter row becomes.
package enum LetterOrder: Hashable, Sendable {
    /// A letter to this address for these accounts is ordered; it belongs to the document task put by the same decision.
    case order(point: Int64, accounts: [Int64])
    /// The running letter's row takes the state; ended letters keep the instant.
    case mark(id: Int64?, CaseFacts.Letter.State)
    /// The debtor answered.
    case answered(id: Int64?)
    /// Letters not yet posted are stopped.
    case stopUnposted
}

/// What a legal referral row becomes.
package enum LegalOrder: Hashable, Sendable {
    /// Proposed for the accounts whose guard holds, with the facts that made it so.
    case propose(accounts: [Int64], guards: [CivilGuard])
    /// Not proposed: the guard fails for every account.
    case refuse(guards: [CivilGuard])
    case approved(StagePolicy.LegalReferral.Route)
    case rejected
    case withdrawn
    /// The account was paid while others of the case go on.
    case withdrawnAccount(Int64)
    /// An event at the law firm, with the costs it reported.
    case event(ResultCode, costs: Money?)
}

/// Who answers for a break, and how soon.
package enum Severity: String, CaseIterable, Sendable {
    case info, warning, high, critical
}

/// Everything a decision asks the shell to do besides the tasks, as values.
package enum CaseEffect: Hashable, Sendable {
    case contact(ContactFact)
    case setHold(HoldOrder)
    /// Released for the account, or for the whole debtor (`nil`).
    case releaseHold(HoldType, account: Int64?)
    case request(RequestOrder)
    /// An open request of the type is withdrawn or answered.
    case endRequest(RequestType)
    case point(id: Int64, PointChange)
    /// Every usable point of a channel is switched off at the debtor's wish.
    case channelOff(ContactFact.Channel)
    /// The reported new point is stored as `unverified`.
    case addPoint
    case promise(PromiseOrder)
    /// A promise reported late: stored as claimed, for an operator.
    case claimedPromise(PromiseOrder)
    case judged(promise: Int64, PromiseState, paid: Money)
    case cancelPromises
    /// A plan for one account begins, by due day.
    case plan(account: Int64, [PlanInstalment])
    /// The debtor's running plan ends: fulfilled, or broken.
    case planEnded(fulfilled: Bool)
    /// The debtor has a representative: contact only there.
    case represented
    case letter(LetterOrder)
    case visit(CaseFacts.Visit, collectors: Int?)
    /// The debtor is told of the visit by SMS.
    case announceVisit(Day)
    case legal(LegalOrder)
    /// The bank's card system is asked to block or unblock the cards; confirmation is due by the instant.
    case cardBlock(confirmBy: Instant)
    case cardUnblock
    case cardUnblockAccount(Int64)
    /// An account leaves the case.
    case closeAccount(id: Int64, CloseCode)
    case accountStatus(id: Int64, AccountStatus)
    /// The whole placement ends with this code.
    case close(CloseCode)
    /// The accounts go to the handover pool and start at this stage; the tier is kept.
    case handover(start: Stage)
    /// The accounts go back to the pool of another holder (rotation).
    case rotate
    /// A law-firm case starts with these accounts.
    case openLawFirmCase(accounts: [Int64], StagePolicy.LegalReferral.Route)
    /// A paid account is collected again; with it, if it was closed, its case in its stage.
    case reopen(account: Int64)
    case extendTerm(account: Int64, until: Instant)
    /// The debtor is told what the bank decided.
    case tellDebtor(String)
    /// The rule that was broken, stable and free of personal data.
    case violation(String)
    case raiseBreak(String, Severity)
    /// A service level was missed.
    case serviceLevel(String)
    /// An operator has to look at the task.
    case quarantine
    /// The bank is called at once, by the instant.
    case alarm(String, by: Instant)
    /// The agency is told (a notice).
    case notice(String)
    /// The fee type changes (charged off).
    case feeTypeChanged(account: Int64)
    /// A commission line of the account is taken back.
    case clawback(account: Int64)
    /// The exchange rate a threshold used, for the record.
    case rateUsed(ExchangeRate)
    /// A row that a later version brings; today none.
    case notYet(String)
}

/// What the reply to an outcome says about the future.
package struct NextDemand: Hashable, Sendable {
    /// Stage of the next demand.
    package var stage: Stage
    /// Next demand not before.
    package var notBefore: Instant?

    package init(stage: Stage, notBefore: Instant? = nil) {
        self.stage = stage
        self.notBefore = notBefore
    }
}

/// What follows from one result or event, as values: the shell writes them and decides nothing.
package struct CaseDecision: Hashable, Sendable {
    /// State after.
    package var state: CaseState
    /// Stage after.
    package var stage: Stage
    /// When that stage began.
    package var stageEnteredAt: Instant
    /// Whether light cadence goes on to the term's end.
    package var lightCadence: Bool
    /// Counters after.
    package var counters: CaseCounters
    /// Step and goal of the live contact task (`case_file.step`, `.goal`, `.point_id`), or of the last one.
    package var contactTask: TaskChange
    /// What becomes of the live document task.
    package var documentTask: TaskChange
    /// In the order they came up.
    package var effects: [CaseEffect]
    /// Stable ids of the rows that decided, first the row of the result or event ("phone.refused", "adv.letter").
    package var rules: [String]
    /// What a worker is told.
    package var next: NextDemand?

    /// The row of the result or event.
    package var rule: String { rules.first ?? "none" }
}
