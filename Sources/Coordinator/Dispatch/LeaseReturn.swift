import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Leases of one lane that end without an outcome: the deadline passed, or the worker gave them back. Runs under the locks of the debtors and tasks.
///
/// - Expired, or failed in its handler: the same task again after the policy's waits, its act presumed to have happened (otherwise a crash would buy
///   a free call); the last time it is put aside for an operator (E9).
/// - Given back unworked: the reservation is removed, the task is due again.
struct LeaseReturn {
    /// How a lease ended.
    enum Ending: Hashable {
        case expired
        /// The worker says its handler failed: counted as an expiry.
        case failed
        /// Given back; due again after the wait.
        case released(after: Duration)

        var counts: Bool {
            switch self {
            case .expired, .failed: true
            case .released: false
            }
        }
    }

    let database: Database
    let environment: CaseEnvironment
    let part: Int32
    let now: Now

    /// What was written, for the caller's COMMIT.
    struct Written {
        var statements: [PostgresQuery] = []
        var audit: [AuditDraft] = []
        var hints: [WorkHint] = []
        var hasMessages = false
    }

    /// Ends leases. `ledgers` are the locked debtors' stored ledgers.
    func end(_ leases: [(task: TaskRow, ending: Ending)], ledgers: [Int64: [UInt8]], by: String, in db: PostgresConnection) async throws
        -> Written
    {
        let retry = environment.policy.stages.retry
        var written = Written()
        let isLast = { (task: TaskRow, ending: Ending) in ending.counts && Int(task.expiries) + 1 >= retry.quarantineAfter }
        let quarantined = Set(leases.filter { isLast($0.task, $0.ending) }.map(\.task.debtorId))
        var contexts: [Int64: CaseContext] = [:]
        if !quarantined.isEmpty {
            contexts = try await CaseContext.load(part: part, debtors: Array(quarantined), environment: environment, now: now, in: db)
        }
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        var running: [Int64: ConductLedger] = [:]
        var back: [Back: [Int64]] = [:]
        for (task, ending) in leases {
            let settlement: ConductLedger.Settlement = ending.counts ? .presumed : .removed
            if var context = contexts[task.debtorId] {
                context.ledger.settle(task: task.taskId, epoch: task.epoch, as: settlement)
                if isLast(task, ending) {
                    context.facts.contactTask = context.facts.contactTask.flatMap { $0.id == task.taskId ? nil : $0 }
                    context.facts.documentTask = context.facts.documentTask.flatMap { $0.id == task.taskId ? nil : $0 }
                    var cause = TransitionCause(by: by)
                    cause.task = task
                    cause.taskEnd = .quarantine
                    let reported = ReportedTask(
                        id: task.taskId, step: task.step, goal: context.rows.file.goal, point: context.rows.file.pointId)
                    try await transition.take(.leaseExpired(reported, expiries: Int(task.expiries) + 1), on: &context, cause: cause)
                    contexts[task.debtorId] = context
                    continue
                }
                contexts[task.debtorId] = context
                transition.writes.ledgers[task.debtorId] = context.ledger.bytes
            } else if let stored = ledgers[task.debtorId] {
                var ledger = try running[task.debtorId] ?? ConductLedger(bytes: stored)
                if ledger.settle(task: task.taskId, epoch: task.epoch, as: settlement) {
                    running[task.debtorId] = ledger
                    transition.writes.ledgers[task.debtorId] = ledger.bytes
                }
            }
            back[Back(dueAt: due(task, ending, retry: retry), counts: ending.counts), default: []].append(task.taskId)
            written.audit.append(audit(task, ending, by: by))
            if case .released(let wait) = ending, wait == .zero {
                written.hints.append(WorkHint(part: part, agency: task.agencyId, stage: task.step.stage))
            }
        }
        written.statements = try await transition.statements()
        written.hasMessages = !transition.writes.outbox.isEmpty
        for (key, tasks) in back.sorted(by: { $0.key.dueAt < $1.key.dueAt }) {
            written.statements += TaskQueries.takeBack(part: part, tasks: tasks, dueAt: key.dueAt, countsExpiry: key.counts)
        }
        written.audit += transition.writes.audit
        written.hints += transition.dueNow
        return written
    }

    private struct Back: Hashable {
        var dueAt: Instant
        var counts: Bool
    }

    private func due(_ task: TaskRow, _ ending: Ending, retry: StagePolicy.Retry) -> Instant {
        switch ending {
        case .expired, .failed:
            let waits = retry.expiredMinutes
            guard !waits.isEmpty else { return now.business }
            return now.business + .seconds(Int64(waits[min(Int(task.expiries), waits.count - 1)]) * 60)
        case .released(let wait): return now.business + wait
        }
    }

    private func audit(_ task: TaskRow, _ ending: Ending, by: String) -> AuditDraft {
        let body: CanonicalJSON = [
            "epoch": .number(task.epoch), "agency": .number(task.agencyId), "expiries": .number(task.expiries), "by": .string(by),
            "at": .string(now.business.description),
        ]
        switch ending {
        case .expired: return AuditDraft(kind: .expiry, subject: task.taskId, body: body.adding(["how": "expired"]))
        case .failed: return AuditDraft(kind: .expiry, subject: task.taskId, body: body.adding(["how": "handler_failed"]))
        case .released: return AuditDraft(kind: .release, subject: task.taskId, body: body)
        }
    }
}
