package import CollectionsDomain

/// What the tables say about one debtor's case, as far as a decision asks: read under the debtor's lock, in one pipeline for a whole batch.
package struct CaseRows: Sendable {
    /// The newest case of the debtor and the debtor's own facts.
    package struct CaseFile: Sendable {
        package var caseId: Int64
        package var debtorId: Int64
        /// The holder.
        package var agencyId: Int32
        /// Columns `state`, `reason`, `until`.
        package var state: String
        package var reason: String?
        package var until: Instant?
        package var stage: Stage
        package var stageEnteredAt: Instant
        package var step: Step
        package var goal: WorkGoal
        package var pointId: Int64?
        package var counters: [Int32]
        package var lightCadence: Bool
        package var lastWorkedAt: Instant?
        /// IANA name.
        package var timeZone: String
        /// The bank's region code of the debtor.
        package var region: String
        package var isVerifiedAlive: Bool
        /// Every agency that holds or held a case of the debtor.
        package var holders: [Int32]
    }

    /// A placed account with its placement.
    package struct Account: Sendable {
        package var accountId: Int64
        package var accountRef: String
        package var status: AccountStatus
        package var currency: String
        package var product: String
        package var region: String
        package var balance: Int64
        package var amountDue: Int64
        package var minPayment: Int64
        package var principal: Int64
        /// On ``asOf``; it rolls with business time.
        package var daysPastDue: Int32
        package var asOf: Day
        /// As the bank gave it; nil: reckoned from ``defaultDate``.
        package var limitationEnd: Day?
        package var defaultDate: Day
        package var segment: String?
        package var cardStatus: String
        package var placementId: Int64
        package var placementState: String
        package var termEnd: Instant
        package var extendedUntil: Instant?
        package var tier: Int16
        package var bucket: String
        package var portfolioId: Int32
        package var referBalance: Int64
        package var feeScheduleId: Int32?
        package var runId: Int64
        package var startsAt: Instant

        /// The row by its columns.
        package init(
            accountId: Int64, accountRef: String, status: AccountStatus, currency: String, product: String, region: String,
            balance: Int64, amountDue: Int64, minPayment: Int64, principal: Int64, daysPastDue: Int32, asOf: Day,
            limitationEnd: Day?, defaultDate: Day, segment: String?, cardStatus: String, placementId: Int64, placementState: String,
            termEnd: Instant,
            extendedUntil: Instant?, tier: Int16, bucket: String, portfolioId: Int32, referBalance: Int64, feeScheduleId: Int32?,
            runId: Int64, startsAt: Instant
        ) {
            self.accountId = accountId
            self.accountRef = accountRef
            self.status = status
            self.currency = currency
            self.product = product
            self.region = region
            self.balance = balance
            self.amountDue = amountDue
            self.minPayment = minPayment
            self.principal = principal
            self.daysPastDue = daysPastDue
            self.asOf = asOf
            self.limitationEnd = limitationEnd
            self.defaultDate = defaultDate
            self.segment = segment
            self.cardStatus = cardStatus
            self.placementId = placementId
            self.placementState = placementState
            self.termEnd = termEnd
            self.extendedUntil = extendedUntil
            self.tier = tier
            self.bucket = bucket
            self.portfolioId = portfolioId
            self.referBalance = referBalance
            self.feeScheduleId = feeScheduleId
            self.runId = runId
            self.startsAt = startsAt
        }
    }

    /// A contact point without its value.
    package struct Point: Sendable {
        package var id: Int64
        package var role: ContactPoint.Role
        package var isImmediateFamily: Bool
        package var channel: ContactPoint.Channel
        package var rank: Int16
        package var state: ContactPoint.State
        package var visitsOff: Bool
        package var doNotContact: Bool
        package var provenance: String

        /// The row by its columns.
        package init(
            id: Int64, role: ContactPoint.Role, isImmediateFamily: Bool, channel: ContactPoint.Channel, rank: Int16,
            state: ContactPoint.State, visitsOff: Bool, doNotContact: Bool, provenance: String
        ) {
            self.id = id
            self.role = role
            self.isImmediateFamily = isImmediateFamily
            self.channel = channel
            self.rank = rank
            self.state = state
            self.visitsOff = visitsOff
            self.doNotContact = doNotContact
            self.provenance = provenance
        }
    }

    /// An open hold.
    package struct Hold: Sendable {
        package var id: Int64
        package var type: HoldType
        package var accountId: Int64?
        package var setAt: Instant
        package var until: Instant?

        /// The row by its columns.
        package init(id: Int64, type: HoldType, accountId: Int64?, setAt: Instant, until: Instant?) {
            self.id = id
            self.type = type
            self.accountId = accountId
            self.setAt = setAt
            self.until = until
        }
    }

    /// An open request, or one that was granted.
    package struct Request: Sendable {
        package var id: Int64
        package var type: RequestType
        package var state: String
        package var slaDue: Instant

        /// The row by its columns.
        package init(id: Int64, type: RequestType, state: String, slaDue: Instant) {
            self.id = id
            self.type = type
            self.state = state
            self.slaDue = slaDue
        }
    }

    /// A promise not yet judged.
    package struct Promise: Sendable {
        package var id: Int64
        package var accountId: Int64
        package var type: PromiseType
        package var state: PromiseState
        package var amount: Int64
        package var currency: String
        package var dueOn: Day
        package var takenAt: Instant
        package var judgeAfter: Instant

        /// The row by its columns.
        package init(
            id: Int64, accountId: Int64, type: PromiseType, state: PromiseState, amount: Int64, currency: String, dueOn: Day,
            takenAt: Instant, judgeAfter: Instant
        ) {
            self.id = id
            self.accountId = accountId
            self.type = type
            self.state = state
            self.amount = amount
            self.currency = currency
            self.dueOn = dueOn
            self.takenAt = takenAt
            self.judgeAfter = judgeAfter
        }
    }

    /// A letter of the debtor, of this holder or an earlier one.
    package struct Letter: Sendable {
        package var id: Int64
        package var caseId: Int64
        package var taskId: Int64?
        package var state: CaseFacts.Letter.State
        package var accounts: [Int64]
        package var pointId: Int64?
        package var postedAt: Instant?
        package var closedAt: Instant?
        package var answered: Bool

        /// The row by its columns.
        package init(
            id: Int64, caseId: Int64, taskId: Int64?, state: CaseFacts.Letter.State, accounts: [Int64], pointId: Int64?,
            postedAt: Instant?, closedAt: Instant?, answered: Bool
        ) {
            self.id = id
            self.caseId = caseId
            self.taskId = taskId
            self.state = state
            self.accounts = accounts
            self.pointId = pointId
            self.postedAt = postedAt
            self.closedAt = closedAt
            self.answered = answered
        }
    }

    /// A visit of the case that took place.
    package struct Visit: Sendable {
        package var occurredAt: Instant
        package var result: ResultCode
        package var pointId: Int64

        /// The row by its columns.
        package init(occurredAt: Instant, result: ResultCode, pointId: Int64) {
            self.occurredAt = occurredAt
            self.result = result
            self.pointId = pointId
        }
    }

    /// A legal referral of the case.
    package struct Referral: Sendable {
        package var id: Int64
        package var accountId: Int64
        package var state: String
        package var hasCardBlock: Bool

        /// The row by its columns.
        package init(id: Int64, accountId: Int64, state: String, hasCardBlock: Bool) {
            self.id = id
            self.accountId = accountId
            self.state = state
            self.hasCardBlock = hasCardBlock
        }
    }

    package var file: CaseFile
    package var accounts: [Account] = []
    package var points: [Point] = []
    package var holds: [Hold] = []
    package var requests: [Request] = []
    package var promises: [Promise] = []
    package var letters: [Letter] = []
    package var visits: [Visit] = []
    package var referrals: [Referral] = []
    package var tasks: [TaskRow] = []

    init(file: CaseFile) {
        self.file = file
    }
}
