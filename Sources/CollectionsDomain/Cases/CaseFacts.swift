/// Status of a placed account; raw values are those of `account.status`.
package enum AccountStatus: String, CaseIterable, Sendable {
    case open
    /// Nothing is due although a balance is left; demands rest until the bank's next update.
    case curePending = "cure_pending"
    case cured, paid, settled, sold, closed
    case chargedOff = "charged_off"

    /// Whether the account is still collected.
    package var isCollected: Bool {
        switch self {
        case .open, .curePending, .chargedOff: true
        case .cured, .paid, .settled, .sold, .closed: false
        }
    }
}

/// Everything a decision about a case needs, read under the debtor's lock.
///
/// Lists hold what is open or recent; what the caller leaves out is taken as not there.
package struct CaseFacts: Hashable, Sendable {
    /// One placed account of the case.
    package struct Account: Hashable, Sendable {
        /// The row's id.
        package var id: Int64
        /// Its status.
        package var status: AccountStatus
        /// What is owed.
        package var balance: Money
        /// What is due now; below zero after an overpayment of it.
        package var amountDue: Money
        /// Smallest full promise.
        package var minPayment: Money
        /// Today's days past due.
        package var daysPastDue: Int
        /// Principal in the account's currency, for the legal tests.
        package var principal: Money
        /// End of the placement's term, extensions included.
        package var termEnd: Instant
        /// Whether the term was already extended for a promise or a request.
        package var extended: Bool
        /// Last day on which a suit is possible; `nil`: unknown.
        package var limitationEnd: Day?
        /// Collections of this account whose receipt is confirmable; `nil`: as ``CaseCounters/effectiveCollections``.
        package var effectiveCollections: Int?

        package init(
            id: Int64, status: AccountStatus = .open, balance: Money, amountDue: Money, minPayment: Money? = nil, daysPastDue: Int,
            principal: Money? = nil, termEnd: Instant, extended: Bool = false, limitationEnd: Day? = nil, effectiveCollections: Int? = nil
        ) {
            self.id = id
            self.status = status
            self.balance = balance
            self.amountDue = amountDue
            self.minPayment = minPayment ?? .zero(balance.currency)
            self.daysPastDue = daysPastDue
            self.principal = principal ?? balance
            self.termEnd = termEnd
            self.extended = extended
            self.limitationEnd = limitationEnd
            self.effectiveCollections = effectiveCollections
        }
    }

    /// One open hold.
    package struct Hold: Hashable, Sendable {
        /// Its type.
        package var type: HoldType
        /// `nil`: the whole debtor.
        package var account: Int64?
        /// `nil`: until an event or a person releases it.
        package var until: Instant?

        package init(_ type: HoldType, account: Int64? = nil, until: Instant? = nil) {
            self.type = type
            self.account = account
            self.until = until
        }
    }

    /// One open bank request.
    package struct Request: Hashable, Sendable {
        /// Its type.
        package var type: RequestType
        /// By when the bank must have answered.
        package var slaDue: Instant

        package init(_ type: RequestType, slaDue: Instant) {
            self.type = type
            self.slaDue = slaDue
        }
    }

    /// One promise not yet judged.
    package struct OpenPromise: Hashable, Sendable {
        /// The row's id.
        package var id: Int64
        /// The account it is for.
        package var account: Int64
        /// Its type.
        package var type: PromiseType
        /// What was promised.
        package var amount: Money
        /// Last day on which it may be paid.
        package var due: Day
        /// When it was taken.
        package var takenAt: Instant
        /// End of due date and grace.
        package var judgeAfter: Instant

        package init(
            id: Int64, account: Int64, type: PromiseType = .payment, amount: Money, due: Day, takenAt: Instant, judgeAfter: Instant
        ) {
            self.id = id
            self.account = account
            self.type = type
            self.amount = amount
            self.due = due
            self.takenAt = takenAt
            self.judgeAfter = judgeAfter
        }
    }

    /// One letter of the debtor (this case's, and those of earlier holders that count for its accounts).
    package struct Letter: Hashable, Sendable {
        /// Raw values are those of `letter.state`.
        package enum State: String, CaseIterable, Sendable {
            case ordered, issued, posted, delivered, returned
            case noTrace = "no_trace"
            case refused, stopped

            /// Whether it left the house, so that it counts as sent.
            package var isSent: Bool {
                switch self {
                case .posted, .delivered, .returned, .noTrace, .refused: true
                case .ordered, .issued, .stopped: false
                }
            }

            /// Whether a fact of the lettershop or the post tells something new of a letter in this state: the same word by two ways counts once.
            package func takes(_ result: ResultCode) -> Bool {
                switch result {
                case .letterIssued: self == .ordered
                case .letterRejected: self == .ordered || self == .issued
                // A letter that was to be stopped and left all the same counts as sent.
                case .letterPosted: !isSent
                case .letterNoTrace: !isSent || self == .posted
                case .letterDelivered: !isSent || self == .posted || self == .noTrace
                case .letterReturned, .letterRefusedDelivery: self != .returned && self != .refused
                default: true
                }
            }
        }
        /// The row's id.
        package var id: Int64
        /// Its state.
        package var state: State
        /// The accounts it is about.
        package var accounts: [Int64]
        /// Where it goes.
        package var point: Int64?
        /// When it was posted.
        package var postedAt: Instant?
        /// When it was delivered, refused or came back.
        package var endedAt: Instant?
        /// Whether the debtor answered it.
        package var answered: Bool

        package init(
            id: Int64, state: State, accounts: [Int64], point: Int64? = nil, postedAt: Instant? = nil, endedAt: Instant? = nil,
            answered: Bool = false
        ) {
            self.id = id
            self.state = state
            self.accounts = accounts
            self.point = point
            self.postedAt = postedAt
            self.endedAt = endedAt
            self.answered = answered
        }
    }

    /// One visit of this case.
    package struct Visit: Hashable, Sendable {
        /// The start of the act.
        package var occurredAt: Instant
        /// What came of it.
        package var result: ResultCode
        /// Where it goes.
        package var point: Int64?

        package init(occurredAt: Instant, result: ResultCode, point: Int64? = nil) {
            self.occurredAt = occurredAt
            self.result = result
            self.point = point
        }
    }

    /// Who can execute a stage for this case's product and region.
    package struct Executors: Hashable, Sendable {
        /// Who makes visits.
        package enum Field: Hashable, Sendable {
            /// The holder, or the agency its route names; the value is the executor's id.
            case available(Int32)
            /// Nobody by route, but another holder could take the accounts over.
            case handover
            /// Nobody at all.
            case none
        }
        /// The lettershop of the route; `nil`: none, so no letter can be sent.
        package var letter: Int32?
        /// Who makes visits.
        package var field: Field
        /// Who proposes legal steps: the holder, or an in-house team if the holder lacks the stage.
        package var legal: Int32?

        package init(letter: Int32? = nil, field: Field = .none, legal: Int32? = nil) {
            self.letter = letter
            self.field = field
            self.legal = legal
        }
    }

    /// What the conduct policy says where the case depends on it.
    package struct ConductTerms: Hashable, Sendable {
        /// `arrangements.promise_to_pay.max_days`.
        package var promiseMaxDays: Int
        /// `arrangements.promise_to_pay.grace_days`.
        package var promiseGraceDays: Int
        /// Whether one reminder on the due day is allowed.
        package var reminderOnDueDay: Bool
        /// `opt_outs.channel_opt_out.honoured`.
        package var optOutHonoured: Bool
        /// `people.representative.until.silent_days`.
        package var representativeSilentDays: Int?
        /// `content.letter_addresses`, in order; empty: any address.
        package var letterAddresses: [ContactPoint.Channel]
        /// `visit.min_collectors`.
        package var visitMinCollectors: Int

        package init(
            promiseMaxDays: Int = 7, promiseGraceDays: Int = 1, reminderOnDueDay: Bool = true, optOutHonoured: Bool = true,
            representativeSilentDays: Int? = nil, letterAddresses: [ContactPoint.Channel] = [.billingAddress, .homeAddress],
            visitMinCollectors: Int = 2
        ) {
            self.promiseMaxDays = promiseMaxDays
            self.promiseGraceDays = promiseGraceDays
            self.reminderOnDueDay = reminderOnDueDay
            self.optOutHonoured = optOutHonoured
            self.representativeSilentDays = representativeSilentDays
            self.letterAddresses = letterAddresses
            self.visitMinCollectors = visitMinCollectors
        }
    }

    /// A live task row beside the one whose outcome is being decided.
    package struct LiveTask: Hashable, Sendable {
        /// The row's id.
        package var id: Int64
        /// Its step.
        package var step: Step
        /// What it is for.
        package var goal: WorkGoal
        /// When it is due.
        package var dueAt: Instant
        /// Whether a worker holds it.
        package var leased: Bool
        /// Where it goes.
        package var point: Int64?

        package init(id: Int64, step: Step, goal: WorkGoal = .none, dueAt: Instant, leased: Bool = false, point: Int64? = nil) {
            self.id = id
            self.step = step
            self.goal = goal
            self.dueAt = dueAt
            self.leased = leased
            self.point = point
        }
    }

    /// The case.
    package var caseId: Int64
    /// The debtor.
    package var debtorId: Int64
    /// The holder.
    package var holder: Int32
    /// A law firm's case follows the rows of DOMAIN section 3 *law_firm*.
    package var holderIsLawFirm: Bool
    /// Its state.
    package var state: CaseState
    /// The stage the case is in, whatever stage its tasks have.
    package var stage: Stage
    /// When it entered that stage.
    package var stageEnteredAt: Instant
    /// Whether light cadence goes on to the term's end.
    package var lightCadence: Bool
    /// What the case counts.
    package var counters: CaseCounters
    /// When somebody last worked on it.
    package var lastWorkedAt: Instant?
    /// The accounts it is about.
    package var accounts: [Account]
    /// All contact points of the debtor and of others.
    package var points: [ContactPoint]
    /// Channels the debtor does not want any more.
    package var optedOut: Set<ContactFact.Channel>
    /// A representative speaks for the debtor and direct contact is closed: only the representative may be called.
    package var represented: Bool
    /// Recent acts with anybody of the debtor, oldest first.
    package var history: [ContactFact]
    /// Open holds.
    package var holds: [Hold]
    /// Open bank requests.
    package var requests: [Request]
    /// Promises not yet judged.
    package var promises: [OpenPromise]
    /// All letters of the debtor, also of earlier holders.
    package var letters: [Letter]
    /// Visits of this case, oldest first.
    package var visits: [Visit]
    /// Who can execute its stages.
    package var executors: Executors
    /// What the conduct policy says where the case depends on it.
    package var terms: ConductTerms
    /// The bank's exchange rates of the day.
    package var rates: ExchangeRates
    /// Whether the bank's segment of the debtor is the low-risk one.
    package var lowRisk: Bool
    /// Whether counsel has looked at the limitation.
    package var legalReviewDone: Bool
    /// Whether the bank was asked to block the cards.
    package var cardBlocked: Bool
    /// Accounts with a legal referral that is not at an end.
    package var referred: Set<Int64> = []
    /// Live contact task other than the reported one.
    package var contactTask: LiveTask?
    /// Live document task other than the reported one.
    package var documentTask: LiveTask?
    /// Up to when the bank's payments are known.
    package var watermark: Instant?

    package init(
        caseId: Int64, debtorId: Int64, holder: Int32, holderIsLawFirm: Bool = false, state: CaseState = .ready, stage: Stage,
        stageEnteredAt: Instant, lightCadence: Bool = false, counters: CaseCounters = CaseCounters(),
        lastWorkedAt: Instant? = nil, accounts: [Account], points: [ContactPoint], optedOut: Set<ContactFact.Channel> = [],
        represented: Bool = false,
        history: [ContactFact] = [], holds: [Hold] = [],
        requests: [Request] = [], promises: [OpenPromise] = [], letters: [Letter] = [], visits: [Visit] = [],
        executors: Executors = Executors(), terms: ConductTerms = ConductTerms(), rates: ExchangeRates = ExchangeRates(),
        lowRisk: Bool = false,
        legalReviewDone: Bool = false, cardBlocked: Bool = false, contactTask: LiveTask? = nil, documentTask: LiveTask? = nil,
        watermark: Instant? = nil
    ) {
        self.caseId = caseId
        self.debtorId = debtorId
        self.holder = holder
        self.holderIsLawFirm = holderIsLawFirm
        self.state = state
        self.stage = stage
        self.stageEnteredAt = stageEnteredAt
        self.lightCadence = lightCadence
        self.counters = counters
        self.lastWorkedAt = lastWorkedAt
        self.accounts = accounts
        self.points = points
        self.optedOut = optedOut
        self.represented = represented
        self.history = history
        self.holds = holds
        self.requests = requests
        self.promises = promises
        self.letters = letters
        self.visits = visits
        self.executors = executors
        self.terms = terms
        self.rates = rates
        self.lowRisk = lowRisk
        self.legalReviewDone = legalReviewDone
        self.cardBlocked = cardBlocked
        self.contactTask = contactTask
        self.documentTask = documentTask
        self.watermark = watermark
    }
}

/// What a promise is; raw values are those of `promise.type`.
package enum PromiseType: String, CaseIterable, Sendable {
    case payment
    case `extension`
    case settlement
    /// The one further promise for the rest of a partially kept one.
    case rest
}

/// State of a promise; raw values are those of `promise.state`.
package enum PromiseState: String, CaseIterable, Sendable {
    case open
    /// Its days have passed, the bank's ledger has not reached them.
    case awaitingLedger = "awaiting_ledger"
    case kept
    case partiallyKept = "partially_kept"
    case broken
    /// Reported late: an operator decides whether it counts.
    case claimed
    case cancelled

    /// Whether it still stops demands.
    package var isOpen: Bool {
        switch self {
        case .open, .awaitingLedger: true
        case .kept, .partiallyKept, .broken, .claimed, .cancelled: false
        }
    }
}
