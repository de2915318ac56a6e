package import CollectionsDomain

/// A task that is due and, locked, waits for the gate's word: its row, its case's word on what it is for, and its debtor's conduct.
package struct PickedTask: Sendable {
    /// Lane.
    package var part: Int32
    /// Key.
    package var taskId: Int64
    /// Whom it is about.
    package var debtorId: Int64
    /// The case it belongs to.
    package var caseId: Int64
    /// What it asks for.
    package var step: Step
    /// The number of the last grant.
    package var epoch: Int32
    /// The number of the attempt in its stage.
    package var attempt: Int16
    /// Business time since when it is due.
    package var dueAt: Instant
    /// The holder of the case.
    package var holder: Int32
    /// The stage the case is in.
    package var caseStage: Stage
    /// What the contact is for.
    package var goal: WorkGoal
    /// The contact point it is for.
    package var point: PointRow?
    /// Accounts on the card: all placed ones of the case that carry no hold of their own.
    package var accounts: [Int64]
    /// Whether the bank counts the debtor to the low-risk segment: call limits are halved.
    package var isLowRisk: Bool
    /// How often the conduct ledger was written.
    package var conductVersion: Int32
    /// The conduct ledger as stored.
    package var ledger: [UInt8]

    /// The row by its columns.
    package init(
        part: Int32, taskId: Int64, debtorId: Int64, caseId: Int64, step: Step, epoch: Int32, attempt: Int16, dueAt: Instant,
        holder: Int32, caseStage: Stage, goal: WorkGoal, point: PointRow?, accounts: [Int64], isLowRisk: Bool,
        conductVersion: Int32, ledger: [UInt8]
    ) {
        self.part = part
        self.taskId = taskId
        self.debtorId = debtorId
        self.caseId = caseId
        self.step = step
        self.epoch = epoch
        self.attempt = attempt
        self.dueAt = dueAt
        self.holder = holder
        self.caseStage = caseStage
        self.goal = goal
        self.point = point
        self.accounts = accounts
        self.isLowRisk = isLowRisk
        self.conductVersion = conductVersion
        self.ledger = ledger
    }
}

/// What the gate and the card need of a contact point; the value itself stays sealed.
package struct PointRow: Hashable, Sendable {
    /// Key.
    package var id: Int64
    /// Whom it reaches.
    package var role: ContactPoint.Role
    /// What it is.
    package var channel: ContactPoint.Channel
    /// Whether it may be used.
    package var state: ContactPoint.State
    /// Where it came from; a point the debtor left with the bank is reserved.
    package var provenance: String
    /// The bank's order within the role: with the role it tells one person from another.
    package var rank: Int16
    /// No visits there until an operator lifts it.
    package var visitsOff: Bool

    /// A point by its columns.
    package init(
        id: Int64, role: ContactPoint.Role, channel: ContactPoint.Channel, state: ContactPoint.State, provenance: String, rank: Int16,
        visitsOff: Bool
    ) {
        self.rank = rank
        self.visitsOff = visitsOff
        self.id = id
        self.role = role
        self.channel = channel
        self.state = state
        self.provenance = provenance
    }
}

/// A live task as it stands in its row.
package struct TaskRow: Hashable, Sendable {
    /// Key.
    package var taskId: Int64
    /// The executor.
    package var agencyId: Int32
    /// What it asks for.
    package var step: Step
    /// Whether a worker holds it.
    package var isLeased: Bool
    /// Business time from which it may be leased.
    package var dueAt: Instant
    /// The number of the last grant; 0: never granted.
    package var epoch: Int32
    /// Lease time until when the result must be in; nil: not leased.
    package var leasedUntil: Instant?
    /// The lease time a grant or heartbeat gives.
    package var leaseSeconds: Int32
    /// Whom it is about.
    package var debtorId: Int64
    /// The case it belongs to.
    package var caseId: Int64
    /// The number of the attempt in its stage.
    package var attempt: Int16
    /// How often its lease ended without word.
    package var expiries: Int16

    /// The row by its columns.
    package init(
        taskId: Int64, agencyId: Int32, step: Step, isLeased: Bool, dueAt: Instant, epoch: Int32, leasedUntil: Instant?,
        leaseSeconds: Int32, debtorId: Int64, caseId: Int64, attempt: Int16, expiries: Int16
    ) {
        self.taskId = taskId
        self.agencyId = agencyId
        self.step = step
        self.isLeased = isLeased
        self.dueAt = dueAt
        self.epoch = epoch
        self.leasedUntil = leasedUntil
        self.leaseSeconds = leaseSeconds
        self.debtorId = debtorId
        self.caseId = caseId
        self.attempt = attempt
        self.expiries = expiries
    }
}

/// A task to be inserted.
package struct NewTaskRow: Hashable, Sendable {
    package var taskId: Int64
    /// The executor.
    package var agencyId: Int32
    package var step: Step
    /// Business time; never before the transaction's own (scan floors rely on it).
    package var dueAt: Instant
    package var debtorId: Int64
    package var caseId: Int64
    package var attempt: Int16

    package init(taskId: Int64, agencyId: Int32, step: Step, dueAt: Instant, debtorId: Int64, caseId: Int64, attempt: Int16) {
        self.taskId = taskId
        self.agencyId = agencyId
        self.step = step
        self.dueAt = dueAt
        self.debtorId = debtorId
        self.caseId = caseId
        self.attempt = attempt
    }
}

/// Why a task is gone although nobody reported it.
package struct TaskEndRow: Hashable, Sendable {
    package var taskId: Int64
    /// The last grant.
    package var epoch: Int32
    package var agencyId: Int32
    package var debtorId: Int64
    package var reason: TaskEndReason

    package init(taskId: Int64, epoch: Int32, agencyId: Int32, debtorId: Int64, reason: TaskEndReason) {
        self.taskId = taskId
        self.epoch = epoch
        self.agencyId = agencyId
        self.debtorId = debtorId
        self.reason = reason
    }
}

/// One grant, named by whoever reports about it.
package struct GrantKey: Hashable, Sendable, Comparable {
    package var taskId: Int64
    package var epoch: Int32

    package init(taskId: Int64, epoch: Int32) {
        self.taskId = taskId
        self.epoch = epoch
    }

    package static func < (left: GrantKey, right: GrantKey) -> Bool { (left.taskId, left.epoch) < (right.taskId, right.epoch) }
}
