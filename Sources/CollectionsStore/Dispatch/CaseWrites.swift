package import CollectionsDomain
import PostgresDriver

/// Everything a transaction is going to write about cases of one lane, collected row by row and sent as a few statements.
///
/// Decisions are folded in memory first, so that no row stands twice in a statement. Statements come in lock order: conduct, tasks, placements,
/// then accounts and promises, then what is only inserted.
package struct CaseWrites: Sendable {
    /// A new state of a case.
    package struct CaseChange: Sendable {
        package var caseId: Int64
        package var state: CaseState
        package var stage: Stage
        package var stageEnteredAt: Instant
        package var step: Step
        package var goal: WorkGoal
        package var pointId: Int64?
        package var counters: CaseCounters
        package var lightCadence: Bool
        package var lastWorkedAt: Instant?
        package var rule: String
        package var policyVersion: Int32

        package init(
            caseId: Int64, state: CaseState, stage: Stage, stageEnteredAt: Instant, step: Step, goal: WorkGoal, pointId: Int64?,
            counters: CaseCounters, lightCadence: Bool, lastWorkedAt: Instant?, rule: String, policyVersion: Int32
        ) {
            self.caseId = caseId
            self.state = state
            self.stage = stage
            self.stageEnteredAt = stageEnteredAt
            self.step = step
            self.goal = goal
            self.pointId = pointId
            self.counters = counters
            self.lightCadence = lightCadence
            self.lastWorkedAt = lastWorkedAt
            self.rule = rule
            self.policyVersion = policyVersion
        }
    }

    /// A case that begins.
    package struct NewCase: Sendable {
        package var change: CaseChange
        package var debtorId: Int64
        package var agencyId: Int32

        package init(change: CaseChange, debtorId: Int64, agencyId: Int32) {
            self.change = change
            self.debtorId = debtorId
            self.agencyId = agencyId
        }
    }

    /// A hold that is set.
    package struct NewHold: Sendable {
        package var holdId: Int64
        package var debtorId: Int64
        package var accountId: Int64?
        package var caseId: Int64?
        package var type: HoldType
        package var until: Instant?
        package var setBy: String
        package var reason: String

        package init(
            holdId: Int64, debtorId: Int64, accountId: Int64?, caseId: Int64?, type: HoldType, until: Instant?, setBy: String,
            reason: String
        ) {
            self.holdId = holdId
            self.debtorId = debtorId
            self.accountId = accountId
            self.caseId = caseId
            self.type = type
            self.until = until
            self.setBy = setBy
            self.reason = reason
        }
    }

    /// A question to the bank.
    package struct NewRequest: Sendable {
        package var requestId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        package var accountId: Int64?
        package var agencyId: Int32
        package var type: RequestType
        package var detail: CanonicalJSON
        package var slaDue: Instant
        package var approvals: Int16

        package init(
            requestId: Int64, caseId: Int64, debtorId: Int64, accountId: Int64?, agencyId: Int32, type: RequestType, detail: CanonicalJSON,
            slaDue: Instant, approvals: Int16
        ) {
            self.requestId = requestId
            self.caseId = caseId
            self.debtorId = debtorId
            self.accountId = accountId
            self.agencyId = agencyId
            self.type = type
            self.detail = detail
            self.slaDue = slaDue
            self.approvals = approvals
        }
    }

    /// A promise that was made.
    package struct NewPlan: Sendable {
        package var planId: Int64
        package var debtorId: Int64
        package var accountId: Int64
        package var instalments: [PlanInstalment]

        package init(planId: Int64, debtorId: Int64, accountId: Int64, instalments: [PlanInstalment]) {
            self.planId = planId
            self.debtorId = debtorId
            self.accountId = accountId
            self.instalments = instalments
        }
    }

    package struct NewPromise: Sendable {
        package var promiseId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        package var accountId: Int64
        package var agencyId: Int32
        package var grant: GrantKey?
        package var type: PromiseType
        package var state: PromiseState
        package var amount: Money
        package var dueOn: Day
        package var judgeAfter: Instant

        package init(
            promiseId: Int64, caseId: Int64, debtorId: Int64, accountId: Int64, agencyId: Int32, grant: GrantKey?, type: PromiseType,
            state: PromiseState, amount: Money, dueOn: Day, judgeAfter: Instant
        ) {
            self.promiseId = promiseId
            self.caseId = caseId
            self.debtorId = debtorId
            self.accountId = accountId
            self.agencyId = agencyId
            self.grant = grant
            self.type = type
            self.state = state
            self.amount = amount
            self.dueOn = dueOn
            self.judgeAfter = judgeAfter
        }
    }

    /// A promise the ledger has judged, or that was cancelled.
    package struct JudgedPromise: Sendable {
        package var promiseId: Int64
        package var state: PromiseState
        /// Minor units.
        package var paid: Int64?

        package init(promiseId: Int64, state: PromiseState, paid: Int64?) {
            self.promiseId = promiseId
            self.state = state
            self.paid = paid
        }
    }

    /// A contact point's new state.
    package struct PointUpdate: Sendable {
        package var pointId: Int64
        /// nil: only ``visitsOff``.
        package var state: ContactPoint.State?
        package var reason: String
        package var visitsOff: Bool

        package init(pointId: Int64, state: ContactPoint.State?, reason: String, visitsOff: Bool) {
            self.pointId = pointId
            self.state = state
            self.reason = reason
            self.visitsOff = visitsOff
        }
    }

    /// A contact point that was learned; the value is sealed.
    package struct NewPoint: Sendable {
        package var pointId: Int64
        package var debtorId: Int64
        package var reference: String
        package var role: ContactPoint.Role
        package var channel: ContactPoint.Channel
        package var sealedValue: [UInt8]
        package var blindIndex: [UInt8]
        package var rank: Int16
        package var provenance: String

        package init(
            pointId: Int64, debtorId: Int64, reference: String, role: ContactPoint.Role, channel: ContactPoint.Channel,
            sealedValue: [UInt8],
            blindIndex: [UInt8], rank: Int16, provenance: String
        ) {
            self.pointId = pointId
            self.debtorId = debtorId
            self.reference = reference
            self.role = role
            self.channel = channel
            self.sealedValue = sealedValue
            self.blindIndex = blindIndex
            self.rank = rank
            self.provenance = provenance
        }
    }

    /// A letter that is ordered.
    package struct NewLetter: Sendable {
        package var letterId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        /// The lettershop.
        package var agencyId: Int32
        package var taskId: Int64?
        package var pointId: Int64
        package var template: String
        package var accounts: [Int64]

        package init(
            letterId: Int64, caseId: Int64, debtorId: Int64, agencyId: Int32, taskId: Int64?, pointId: Int64, template: String,
            accounts: [Int64]
        ) {
            self.letterId = letterId
            self.caseId = caseId
            self.debtorId = debtorId
            self.agencyId = agencyId
            self.taskId = taskId
            self.pointId = pointId
            self.template = template
            self.accounts = accounts
        }
    }

    /// What became of a letter.
    package struct LetterChange: Sendable {
        package var letterId: Int64
        package var state: CaseFacts.Letter.State?
        package var taskId: Int64?
        package var mailNo: String?
        package var postedAt: Instant?
        package var closedAt: Instant?
        package var returnReason: String?
        package var signedBy: String?
        package var answeredAt: Instant?

        package init(letterId: Int64) {
            self.letterId = letterId
        }
    }

    /// A visit that took place.
    package struct VisitResult: Sendable {
        package var visitId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        package var agencyId: Int32
        package var key: GrantKey
        package var pointId: Int64
        package var collectors: Int16
        package var permittedAt: Instant
        package var allowedUntil: Instant
        package var occurredAt: Instant?
        package var result: ResultCode?

        package init(
            visitId: Int64, caseId: Int64, debtorId: Int64, agencyId: Int32, key: GrantKey, pointId: Int64, collectors: Int16,
            permittedAt: Instant,
            allowedUntil: Instant, occurredAt: Instant?, result: ResultCode?
        ) {
            self.visitId = visitId
            self.caseId = caseId
            self.debtorId = debtorId
            self.agencyId = agencyId
            self.key = key
            self.pointId = pointId
            self.collectors = collectors
            self.permittedAt = permittedAt
            self.allowedUntil = allowedUntil
            self.occurredAt = occurredAt
            self.result = result
        }
    }

    /// A proposal of legal steps.
    package struct NewReferral: Sendable {
        package var referralId: Int64
        package var caseId: Int64
        package var debtorId: Int64
        package var accountId: Int64
        package var agencyId: Int32
        package var taskId: Int64?
        package var amount: Int64?
        package var guardFacts: CanonicalJSON
        package var cardBlockDue: Instant?

        package init(
            referralId: Int64, caseId: Int64, debtorId: Int64, accountId: Int64, agencyId: Int32, taskId: Int64?, amount: Int64?,
            guardFacts: CanonicalJSON, cardBlockDue: Instant?
        ) {
            self.referralId = referralId
            self.caseId = caseId
            self.debtorId = debtorId
            self.accountId = accountId
            self.agencyId = agencyId
            self.taskId = taskId
            self.amount = amount
            self.guardFacts = guardFacts
            self.cardBlockDue = cardBlockDue
        }
    }

    /// What became of a legal referral.
    package struct ReferralChange: Sendable {
        package var referralId: Int64
        package var state: String
        package var route: String?
        package var caseNo: String?
        /// Added to the costs so far, minor units.
        package var costs: Int64
        package var isDecision: Bool
        /// The law firm that takes the referral over: from then on its rows are the firm's to read.
        package var firm: Int32?

        package init(
            referralId: Int64, state: String, route: String? = nil, caseNo: String? = nil, costs: Int64 = 0, isDecision: Bool = false
        ) {
            self.referralId = referralId
            self.state = state
            self.route = route
            self.caseNo = caseNo
            self.costs = costs
            self.isDecision = isDecision
        }
    }

    /// An end of a placement.
    package struct PlacementEnd: Sendable {
        package var placementId: Int64
        package var code: CloseCode

        package init(placementId: Int64, code: CloseCode) {
            self.placementId = placementId
            self.code = code
        }
    }

    /// An act of contact that happened.
    package struct ContactEvent: Sendable {
        package var eventId: Int64
        package var debtorId: Int64
        package var pointId: Int64?
        /// nil: the bank itself.
        package var agencyId: Int32?
        package var entry: ContactEntry
        package var grant: GrantKey?
        package var activityId: Int64?
        package var endedAt: Instant?
        package var collector: String?
        package var recording: String?
        package var isLate: Bool

        package init(
            eventId: Int64, debtorId: Int64, pointId: Int64?, agencyId: Int32?, entry: ContactEntry, grant: GrantKey?, activityId: Int64?,
            endedAt: Instant?, collector: String?, recording: String?, isLate: Bool
        ) {
            self.eventId = eventId
            self.debtorId = debtorId
            self.pointId = pointId
            self.agencyId = agencyId
            self.entry = entry
            self.grant = grant
            self.activityId = activityId
            self.endedAt = endedAt
            self.collector = collector
            self.recording = recording
            self.isLate = isLate
        }
    }

    /// A breach of conduct.
    package struct Violation: Sendable {
        package var violationId: Int64
        package var breakId: Int64
        package var debtorId: Int64
        package var agencyId: Int32
        package var grant: GrantKey?
        package var activityId: Int64?
        package var rule: String
        package var occurredAt: Instant
        package var policyVersion: Int32

        package init(
            violationId: Int64, breakId: Int64, debtorId: Int64, agencyId: Int32, grant: GrantKey?, activityId: Int64?, rule: String,
            occurredAt: Instant, policyVersion: Int32
        ) {
            self.violationId = violationId
            self.breakId = breakId
            self.debtorId = debtorId
            self.agencyId = agencyId
            self.grant = grant
            self.activityId = activityId
            self.rule = rule
            self.occurredAt = occurredAt
            self.policyVersion = policyVersion
        }
    }

    /// A difference somebody has to settle.
    package struct NewBreak: Sendable {
        package var breakId: Int64
        package var kind: String
        package var subjectKind: String
        package var subjectId: Int64
        package var debtorId: Int64
        package var agencyId: Int32?
        package var severity: Severity
        package var rule: String

        package init(
            breakId: Int64, kind: String, subjectKind: String, subjectId: Int64, debtorId: Int64, agencyId: Int32?, severity: Severity,
            rule: String
        ) {
            self.breakId = breakId
            self.kind = kind
            self.subjectKind = subjectKind
            self.subjectId = subjectId
            self.debtorId = debtorId
            self.agencyId = agencyId
            self.severity = severity
            self.rule = rule
        }
    }

    package var ledgers: [Int64: [UInt8]] = [:]
    package var deletedTasks: Set<Int64> = []
    package var taskEnds: [TaskEndRow] = []
    package var newTasks: [NewTaskRow] = []
    /// Live tasks that become due at another instant.
    package var postponed: [Int64: Instant] = [:]
    package var cases: [Int64: CaseChange] = [:]
    package var newCases: [NewCase] = []
    package var placementEnds: [PlacementEnd] = []
    /// Placements of a paid case that lives again.
    package var reopenedPlacements: [Int64] = []
    /// Placements that are being recalled.
    package var recallingPlacements: [Int64] = []
    /// Placements whose recall was withdrawn.
    package var resumedPlacements: [Int64] = []
    package var termExtensions: [Int64: Instant] = [:]
    package var accountStates: [Int64: AccountStatus] = [:]
    package var newPromises: [NewPromise] = []
    package var newPlans: [NewPlan] = []
    package var endedPlans: [(debtor: Int64, fulfilled: Bool)] = []
    package var judgedPromises: [JudgedPromise] = []
    package var newHolds: [NewHold] = []
    package var releasedHolds: [(holdId: Int64, by: String)] = []
    package var newComplaints: [NewComplaint] = []
    package var newRequests: [NewRequest] = []
    package var endedRequests: [Int64] = []
    package var pointUpdates: [PointUpdate] = []
    package var newPoints: [NewPoint] = []
    package var newLetters: [NewLetter] = []
    package var letterChanges: [LetterChange] = []
    package var visits: [VisitResult] = []
    package var newReferrals: [NewReferral] = []
    package var referralChanges: [ReferralChange] = []
    package var cardOrders: [NewCardOrder] = []
    package var contactEvents: [ContactEvent] = []
    package var violations: [Violation] = []
    package var breaks: [NewBreak] = []
    package var quarantine: [QuarantineRow] = []
    package var outbox: [OutboxRow] = []
    package var audit: [AuditDraft] = []

    package init() {}

    /// Whether nothing was collected.
    package var isEmpty: Bool { statements(part: 0, now: Now(real: .distantPast, business: .distantPast)).isEmpty && audit.isEmpty }
}
