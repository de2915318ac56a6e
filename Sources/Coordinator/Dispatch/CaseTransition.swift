package import CollectionsDomain
package import CollectionsStore
package import PostgresDriver

/// Applies decisions of the case machine to the tables: one value per transaction and lane.
///
/// It decides nothing. Each decision is folded into ``writes`` and into the context it was made on, so that the next event of the same
/// transaction sees it; the statements go out together at the end. After every transaction an active case has a live task, or a reason that
/// says until when or who decides (I5), because that is what the decisions say.
///
/// ```swift
/// var contexts = try await CaseContext.load(part: part, debtors: [debtor], environment: environment, now: now, in: tx.connection)
/// var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
/// try await transition.take(.holdSet(.cease, account: nil), on: &contexts[debtor]!, cause: TransitionCause(by: "operator:anna"))
/// tx.audit(try await transition.write(in: tx.connection))
/// ```
package struct CaseTransition: Sendable {
    /// Lane.
    package let part: Int32
    /// What the decisions are made by.
    package let environment: CaseEnvironment
    /// Both presents of the transaction.
    package let now: Now
    let database: Database
    /// What will be written.
    package var writes = CaseWrites()
    /// Law-firm cases to be opened behind the writes.
    var openings: [(opening: CaseOpening, placements: [NewPlacement])] = []

    /// A transition of one lane.
    package init(part: Int32, environment: CaseEnvironment, now: Now, database: Database) {
        self.part = part
        self.environment = environment
        self.now = now
        self.database = database
    }

    /// Decides what follows from an event and applies it.
    ///
    /// - Returns: The decision; money effects (`clawback`, `feeTypeChanged`, `rotate`, `handover`) are its caller's to act on beyond the rows
    ///   of case and placement.
    /// - Throws: ``MoneyError``; the database's errors of taking ids.
    @discardableResult
    package mutating func take(_ event: CaseEvent, on context: inout CaseContext, cause: TransitionCause) async throws -> CaseDecision {
        let decision = try CaseMachine.decide(
            event, facts: context.facts, policy: environment.policy.stages, now: now.business, hours: context.hours)
        try await apply(decision, to: &context, cause: cause)
        return decision
    }

    /// Folds a decision into the writes and the context.
    package mutating func apply(_ decision: CaseDecision, to context: inout CaseContext, cause: TransitionCause) async throws {
        let before = context.facts.state
        let documentId: Int64? = if case .put = decision.documentTask { try await database.ids.next(.task) } else { nil }
        let isSettled = try await applyEffects(decision, to: &context, cause: cause, documentTask: documentId)
        if let grant = cause.grant, !isSettled {
            // Nobody was contacted after all: what was reserved for the act is free again.
            context.ledger.settle(task: grant.taskId, epoch: grant.epoch, as: .removed)
        }
        try await applyTasks(decision, to: &context, cause: cause, documentTask: documentId)
        applyState(decision, before: before, to: &context, cause: cause)
        if context.isLedgerChanged {
            context.ledger = environment.policy.conduct.pruned(context.ledger, at: now.business)
            writes.ledgers[context.facts.debtorId] = context.ledger.bytes
        }
    }

    // MARK: State

    private mutating func applyState(_ decision: CaseDecision, before: CaseState, to context: inout CaseContext, cause: TransitionCause) {
        context.facts.state = decision.state
        context.facts.stage = decision.stage
        context.facts.stageEnteredAt = decision.stageEnteredAt
        context.facts.lightCadence = decision.lightCadence
        context.facts.counters = decision.counters
        if cause.task != nil, cause.report != nil { context.facts.lastWorkedAt = now.business }
        let open = context.rows.accounts.filter { $0.placementState != "closed" }
        if decision.state == .recalling, before != .recalling { writes.recallingPlacements += open.map(\.placementId) }
        if before == .recalling, decision.state != .recalling, !decision.state.isClosed {
            writes.resumedPlacements += open.map(\.placementId)
        }
        let file = context.rows.file
        writes.cases[file.caseId] = CaseWrites.CaseChange(
            caseId: file.caseId, state: decision.state, stage: decision.stage, stageEnteredAt: decision.stageEnteredAt, step: file.step,
            goal: file.goal,
            pointId: file.pointId, counters: decision.counters, lightCadence: decision.lightCadence,
            lastWorkedAt: context.facts.lastWorkedAt, rule: decision.rule, policyVersion: environment.policy.version)
        if decision.state.isClosed, !before.isClosed {
            writes.audit.append(
                AuditDraft(
                    kind: .caseChange, subject: file.caseId,
                    body: [
                        "state": "closed", "code": .optional(decision.state.reason), "rules": .strings(decision.rules),
                        "by": .string(cause.by),
                    ]))
        }
    }

    // MARK: Tasks

    private mutating func applyTasks(_ decision: CaseDecision, to context: inout CaseContext, cause: TransitionCause, documentTask: Int64?)
        async throws
    {
        if let task = cause.task {
            writes.deletedTasks.insert(task.taskId)
            context.rows.tasks.removeAll { $0.taskId == task.taskId }
            if let reason = cause.taskEnd { end(task, reason, isReported: true, in: &context) }
        }
        let own = context.facts.caseId
        let contact = context.rows.tasks.first { $0.caseId == own && !$0.step.isDocument }
        let document = context.rows.tasks.first { $0.caseId == own && $0.step.isDocument }
        if let put = try await change(decision.contactTask, live: contact, newId: nil, in: &context, cause: cause) {
            context.rows.file.step = put.step
            context.rows.file.goal = put.goal
            context.rows.file.pointId = put.point
            context.facts.contactTask = put.live
        } else if decision.contactTask != .keep {
            context.facts.contactTask =
                context.rows.tasks.contains { $0.caseId == own && !$0.step.isDocument } ? context.facts.contactTask : nil
        }
        if let put = try await change(decision.documentTask, live: document, newId: documentTask, in: &context, cause: cause) {
            context.facts.documentTask = put.live
            if put.step == .registeredLetter { follow(letterTask: put.live.id, in: &context) }
        } else if decision.documentTask != .keep {
            context.facts.documentTask =
                context.rows.tasks.contains { $0.caseId == own && $0.step.isDocument } ? context.facts.documentTask : nil
        }
    }

    private struct Put {
        var step: Step
        var goal: WorkGoal
        var point: Int64?
        var live: CaseFacts.LiveTask
    }

    private mutating func change(
        _ change: TaskChange, live: TaskRow?, newId: Int64?, in context: inout CaseContext, cause: TransitionCause
    ) async throws -> Put? {
        switch change {
        case .keep:
            return nil
        case .end(let reason):
            if let live { end(live, reason, isReported: false, in: &context) }
            return nil
        case .delay(let until):
            if let live {
                // A leased task keeps its worker; a ready one waits.
                if !live.isLeased { writes.postponed[live.taskId] = max(until, now.business) }
            } else if let task = cause.task, cause.taskEnd == nil {
                // An accepted outcome ends its task: the same step again is a new one, so that a task is never accepted twice.
                let row = NewTaskRow(
                    taskId: try await database.ids.next(.task), agencyId: task.agencyId, step: task.step, dueAt: max(until, now.business),
                    debtorId: task.debtorId, caseId: task.caseId, attempt: task.attempt)
                insert(row, in: &context)
            }
            return nil
        case .put(let next):
            if let live { end(live, .replaced, isReported: false, in: &context) }
            let id: Int64
            if let newId { id = newId } else { id = try await database.ids.next(.task) }
            let dueAt = next.dueAt(hours: context.hours, policy: environment.policy.stages, now: now.business)
            insert(
                NewTaskRow(
                    taskId: id, agencyId: next.agency, step: next.step, dueAt: dueAt, debtorId: context.facts.debtorId,
                    caseId: context.facts.caseId,
                    attempt: Int16(clamping: next.attempt)), in: &context)
            return Put(
                step: next.step, goal: next.goal, point: next.point,
                live: CaseFacts.LiveTask(id: id, step: next.step, goal: next.goal, dueAt: dueAt, leased: false, point: next.point))
        }
    }

    private mutating func insert(_ row: NewTaskRow, in context: inout CaseContext) {
        writes.newTasks.append(row)
        context.rows.tasks.append(
            TaskRow(
                taskId: row.taskId, agencyId: row.agencyId, step: row.step, isLeased: false, dueAt: row.dueAt, epoch: 0, leasedUntil: nil,
                leaseSeconds: 0,
                debtorId: row.debtorId, caseId: row.caseId, attempt: row.attempt, expiries: 0))
    }

    /// Ends a live task without an outcome; a worker who holds it loses the lease, and what the lease reserved is presumed to have been done.
    private mutating func end(_ task: TaskRow, _ reason: TaskEndReason, isReported: Bool, in context: inout CaseContext) {
        context.rows.tasks.removeAll { $0.taskId == task.taskId }
        if writes.newTasks.contains(where: { $0.taskId == task.taskId }) {
            // Made by an earlier event of this transaction: it never was.
            writes.newTasks.removeAll { $0.taskId == task.taskId }
            return
        }
        writes.deletedTasks.insert(task.taskId)
        writes.postponed[task.taskId] = nil
        writes.taskEnds.append(
            TaskEndRow(taskId: task.taskId, epoch: task.epoch, agencyId: task.agencyId, debtorId: task.debtorId, reason: reason))
        guard task.isLeased, !isReported else { return }
        context.ledger.settle(task: task.taskId, epoch: task.epoch, as: .presumed)
        pendingNotices.append((task, reason))
    }

    /// Leases that were taken away: told to whoever holds them.
    var pendingNotices: [(task: TaskRow, reason: TaskEndReason)] = []

    /// The letter under way belongs to the task that now works on it.
    private mutating func follow(letterTask: Int64, in context: inout CaseContext) {
        guard !writes.newLetters.contains(where: { $0.taskId == letterTask }),
            let index = context.rows.letters.lastIndex(where: { $0.state == .ordered || $0.state == .issued })
        else { return }
        context.rows.letters[index].taskId = letterTask
        let id = context.rows.letters[index].id
        if let made = writes.newLetters.firstIndex(where: { $0.letterId == id }) {
            writes.newLetters[made].taskId = letterTask
            return
        }
        editLetter(id) { $0.taskId = letterTask }
    }

    /// Changes the one row a letter has among the writes.
    mutating func editLetter(_ id: Int64, _ edit: (inout CaseWrites.LetterChange) -> Void) {
        let index = writes.letterChanges.firstIndex { $0.letterId == id } ?? writes.letterChanges.endIndex
        if index == writes.letterChanges.endIndex { writes.letterChanges.append(CaseWrites.LetterChange(letterId: id)) }
        edit(&writes.letterChanges[index])
    }

    // MARK: Writing

    /// The statements of everything taken so far, notices of revoked leases included; for a caller who sends them with its own COMMIT. Cases to
    /// be opened are not among them: a caller that may approve legal steps uses ``write(in:)``.
    package mutating func statements() async throws -> [PostgresQuery] {
        try await settleNotices()
        return writes.statements(part: part, now: now)
    }

    /// Turns the leases that were taken away into messages to whoever holds them.
    mutating func settleNotices() async throws {
        for (task, reason) in pendingNotices {
            writes.outbox.append(
                OutboxRow(
                    outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: task.agencyId,
                    kind: Self.noticeKind(of: reason),
                    caseId: task.caseId, taskId: task.taskId, body: ["reason": .string(reason.rawValue)]))
        }
        pendingNotices = []
    }

    /// Writes everything taken so far, and opens the cases that follow from it.
    ///
    /// - Returns: The audit entries the caller adds to its transaction.
    package mutating func write(in db: PostgresConnection) async throws -> [AuditDraft] {
        _ = try await db.pipeline(try await statements())
        var drafts = writes.audit
        for (opening, placements) in openings {
            try await db.query(PlacementQueries.insert(part: part, placements))
            drafts += try await CaseOpener.open([opening], part: part, environment: environment, now: now, database: database, in: db)
        }
        openings = []
        writes = CaseWrites()
        return drafts
    }

    private static func noticeKind(of reason: TaskEndReason) -> String {
        switch reason {
        case .recall, .suspended: "recall"
        case .payment: "payment"
        case .closed: "closed"
        case .hold, .replaced, .quarantine, .expired, .released: "hold"
        }
    }

    /// The tasks this transition made or moved that are due now: whom to wake after the commit.
    package var dueNow: [WorkHint] {
        writes.newTasks.filter { $0.dueAt <= now.business }.map { WorkHint(part: part, agency: $0.agencyId, stage: $0.step.stage) }
    }
}

/// News that a key has a task that is due: sent after a commit, never relied upon.
package struct WorkHint: Hashable, Sendable {
    /// Lane.
    package var part: Int32
    /// The executor.
    package var agency: Int32
    /// The task's stage.
    package var stage: Stage

    /// News about a key.
    package init(part: Int32, agency: Int32, stage: Stage) {
        self.part = part
        self.agency = agency
        self.stage = stage
    }
}
