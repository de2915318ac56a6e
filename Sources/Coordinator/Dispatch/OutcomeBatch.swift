import CollectionsDomain
import CollectionsStore
import PostgresDriver
import WireTypes

/// One transaction that takes the outcomes of a lane, one per debtor: each goes through the decision table, the accepted ones through the case
/// machine, and all is written by a few statements with the COMMIT behind them.
///
/// Debtors are locked first, then tasks; receipts are read after the locks, so that whatever was waited for is seen.
/// - SeeAlso: Source: dispatch protocol, sections 4, 6, 7, 14.
struct OutcomeBatch {
    let shared: DispatchShared
    let part: Int32
    let items: [PendingOutcome]

    /// What the transaction has done, told only after its COMMIT.
    struct Result {
        /// One per item, in order.
        var replies: [OutcomeReply]
        var hints: [WorkHint]
        /// Agencies with notices in the outbox.
        var hasMessages: Bool
        var counts: [OutcomeCount: Int]
    }

    /// What is counted.
    enum OutcomeCount: String, CaseIterable {
        case accepted, duplicate, late, conflict, invalid
    }

    // MARK: The transaction

    func run() async throws -> Result {
        let estimate = try await shared.presentHint()
        let environment = try await shared.environments.current(at: estimate)
        return try await HotTransaction.run(shared.database, on: shared.database.api) { db in
            var found = try await read(environment: environment, in: db)
            var result = Result(replies: [], hints: [], hasMessages: false, counts: [:])
            var writes = Writes(
                transition: CaseTransition(part: part, environment: environment, now: found.now, database: shared.database))
            for (index, pending) in items.enumerated() {
                let answer = try await decide(pending, found: &found, environment: environment, writes: &writes)
                result.replies.append(answer.reply)
                result.counts[answer.count, default: 0] += 1
                if index % 50 == 49 { await Task.yield() }
            }
            if !writes.isEmpty { try await commit(&writes, now: found.now, environment: environment, in: db) }
            result.hints = writes.transition.dueNow
            result.hasMessages = !writes.transition.writes.outbox.isEmpty
            return result
        }
    }

    // MARK: Reading

    private struct Found {
        var now: Now
        var watermark: Instant?
        var tasks: [Int64: TaskRow]
        var receipts: [GrantKey: OutcomeReceipt]
        var late: [GrantKey: (bodyHash: [UInt8], reason: String)] = [:]
        var ends: [Int64: TaskEndReason] = [:]
        var permits: [GrantKey: PermitRow] = [:]
        var ledgers: [Int64: ConductRow]
        var cases: [Int64: CaseRows]
    }

    private func read(environment: CaseEnvironment, in db: PostgresConnection) async throws -> Found {
        let debtors = items.map(\.token.debtorId).sorted()
        let tasks = items.map(\.token.taskId)
        // Whoever reports, and whoever executes for others: a decision is about the whole case.
        let agencies = Set(items.map(\.agency)).union(environment.routing.executors)
        let head: [PostgresQuery] = [
            Isolation.statement(agencies: Array(agencies)), ClockQueries.readStatement, RateQueries.watermark,
            ConductQueries.lock(part: part, debtors: debtors),
            TaskQueries.lock(part: part, tasks: items.map { ($0.token.taskId, $0.agency) }),
            OutcomeQueries.receipts(part: part, tasks: tasks), CaseQueries.files(part: part, debtors: debtors),
        ]
        let answers = try await db.pipeline(head + CaseQueries.statements(part: part, debtors: debtors))
        let now = try ClockQueries.decode(answers[1])
        shared.clock.note(now)
        let files = try CaseQueries.files(answers[6])
        var found = Found(
            now: now, watermark: try answers[2].first?.get(0, as: Instant?.self) ?? nil,
            tasks: Dictionary(try TaskQueries.rows(answers[4]).map { ($0.taskId, $0) }, uniquingKeysWith: { first, _ in first }),
            receipts: try OutcomeQueries.receipts(answers[5]),
            ledgers: Dictionary(try ConductQueries.rows(answers[3]).map { ($0.debtorId, $0) }, uniquingKeysWith: { first, _ in first }),
            cases: [:])

        // What most batches do not need comes in a second round trip: holders who do not report, late outcomes, permits.
        let holders = Set(files.flatMap(\.holders))
        let mustWiden = !holders.isSubset(of: agencies)
        let lateTasks = items.filter { !isInForce($0, found) && found.receipts[$0.key] == nil }.map(\.token.taskId)
        let visits = items.filter { found.tasks[$0.token.taskId]?.step == .visit || lateTasks.contains($0.token.taskId) }.map(
            \.token.taskId)
        var more: [PostgresQuery] = []
        if mustWiden {
            more.append(Isolation.statement(agencies: Array(agencies.union(holders))))
            more += CaseQueries.statements(part: part, debtors: debtors)
        }
        if !lateTasks.isEmpty {
            more += [LateOutcomeQueries.receipts(part: part, tasks: lateTasks), TaskQueries.ends(part: part, tasks: lateTasks)]
        }
        if !visits.isEmpty { more.append(PermitQueries.ofTasks(part: part, tasks: visits)) }
        let rest = try await db.pipeline(more)
        var next = 0
        if mustWiden {
            found.cases = try CaseQueries.decode(rest[1...CaseQueries.statementCount], files: files)
            next = 1 + CaseQueries.statementCount
        } else {
            found.cases = try CaseQueries.decode(answers[7...], files: files)
        }
        if !lateTasks.isEmpty {
            found.late = try LateOutcomeQueries.receipts(rest[next])
            found.ends = try TaskQueries.ends(rest[next + 1])
            next += 2
        }
        if !visits.isEmpty { for permit in try PermitQueries.rows(rest[next]) { found.permits[permit.key] = permit } }
        return found
    }

    private func isInForce(_ pending: PendingOutcome, _ found: Found) -> Bool {
        found.tasks[pending.token.taskId].map { $0.isLeased && $0.epoch == pending.token.epoch } ?? false
    }

    // MARK: Deciding

    private struct Writes {
        /// What the case machine decided, for all debtors of the batch: none is there twice.
        var transition: CaseTransition
        var outcomes: [OutcomeRow] = []
        var late: [LateOutcomeRow] = []
        var audit: [AuditDraft] = []

        var isEmpty: Bool { outcomes.isEmpty && late.isEmpty && audit.isEmpty }
    }

    private func decide(
        _ pending: PendingOutcome, found: inout Found, environment: CaseEnvironment, writes: inout Writes
    ) async throws -> (reply: OutcomeReply, count: OutcomeCount) {
        let key = pending.key
        let row = found.tasks[key.taskId]
        var context = try context(of: pending, found: &found, environment: environment)
        let subject = context.map { self.subject(of: pending, row: row, context: $0, found: found) }
        let situation = OutcomeSituation(
            row: row.map { OutcomeSituation.Row(isLeased: $0.isLeased, epoch: $0.epoch) }, receipt: found.receipts[key]?.bodyHash,
            lateReceipt: found.late[key]?.bodyHash, end: found.ends[key.taskId])
        let decision = OutcomeTable.decide(situation, epoch: key.epoch, bodyHash: pending.bodyHash) {
            faults(subject, context: context, found: found)
        }
        let receipt = OutcomeTable.receiptId(part: part, task: key.taskId, epoch: key.epoch)
        switch decision {
        case .tokenInvalid:
            return (OutcomeReply(status: .rejected, problem: Problem(.leaseTokenInvalid)), .invalid)
        case .duplicate:
            let known = found.receipts[key]
            return (
                OutcomeReply(receiptId: receipt, status: .duplicate, next: next(known?.nextStage, known?.nextNotBefore)), .duplicate
            )
        case .conflict:
            writes.audit.append(
                AuditDraft(
                    kind: .outcomeConflict, subject: key.taskId,
                    body: ["epoch": .number(key.epoch), "agency": .number(pending.agency), "hash": .string(Digest.hex(pending.bodyHash))]))
            return (OutcomeReply(status: .rejected, problem: Problem(.outcomeConflict)), .conflict)
        case .invalid(let faults):
            return (rejected(faults), .invalid)
        case .accepted:
            guard let subject, let row, let reading = subject.reading, var own = context.take() else {
                return (rejected([Self.unknownResult]), .invalid)
            }
            return try await accept(
                pending, row: row, subject: subject, reading: reading, environment: environment, context: &own, writes: &writes)
        case .lateDuplicate:
            return (late(receipt, found.late[key]?.reason ?? LateReason.expired.rawValue), .late)
        case .late(let reason):
            guard let subject, let reading = subject.reading, var own = context.take() else {
                return (rejected([Self.unknownResult]), .invalid)
            }
            return try await takeLate(
                pending, reason: reason, subject: subject, reading: reading, environment: environment, context: &own, writes: &writes)
        }
    }

    private static let unknownResult = OutcomeFault(pointer: "/result", reason: "unknown")

    private func rejected(_ faults: [OutcomeFault]) -> OutcomeReply {
        OutcomeReply(
            status: .rejected,
            problem: Problem(.outcomeInvalid, pointers: faults.map { ProblemPointer(pointer: $0.pointer, reason: $0.reason) }))
    }

    private func late(_ receipt: String, _ reason: String) -> OutcomeReply {
        OutcomeReply(receiptId: receipt, status: .late, problem: Problem(.outcomeLate, reasons: [reason]))
    }

    private func next(_ stage: Stage?, _ notBefore: Instant?) -> NextStep {
        NextStep(stage: stage?.name, notBefore: notBefore.map(WireInstant.init))
    }

    private func faults(_ subject: Subject?, context: CaseContext?, found: Found) -> [OutcomeFault] {
        guard let subject, let context, let reading = subject.reading else { return [Self.unknownResult] }
        if !reading.faults.isEmpty { return reading.faults }
        return CaseMachine.validate(
            reading.report, task: subject.task, facts: context.facts, now: found.now.business, hours: context.hours,
            clockRate: found.now.rate)
    }

    // MARK: What an outcome is about

    private struct Subject {
        var task: ReportedTask
        var reservation: Reservation?
        var permit: PermitRow?
        /// nil: the result's word is not one of the step's.
        var reading: OutcomeReader.Reading?
    }

    /// The debtor's case, taken out of what was found: nothing else holds its lists, so that a change copies none.
    private func context(of pending: PendingOutcome, found: inout Found, environment: CaseEnvironment) throws -> CaseContext? {
        let isOwn = isInForce(pending, found)
        guard let stored = found.ledgers.removeValue(forKey: pending.token.debtorId),
            let rows = found.cases.removeValue(forKey: pending.token.debtorId)
        else { return nil }
        return try CaseContext(
            part: part, rows: rows, ledger: try ConductLedger(bytes: stored.ledger), environment: environment, watermark: found.watermark,
            now: found.now, reported: isOwn ? pending.token.taskId : nil)
    }

    private func subject(of pending: PendingOutcome, row: TaskRow?, context: CaseContext, found: Found) -> Subject {
        let key = pending.key
        let reservation = context.ledger.reservation(task: key.taskId, epoch: key.epoch)
        let permit = found.permits[key]
        guard let step = row?.step ?? step(of: pending, reservation: reservation) else {
            return Subject(
                task: ReportedTask(id: key.taskId, step: .call), reservation: reservation, permit: permit, reading: nil)
        }
        let point: Int64?
        switch step {
        case .registeredLetter: point = context.rows.letters.last { $0.taskId == key.taskId }?.pointId ?? reservation?.point
        case .visit: point = permit?.contactPointId ?? context.rows.file.pointId
        case .call, .smsReminder, .emailReminder: point = reservation?.point ?? context.rows.file.pointId
        case .gather, .legalDossier, .lawFirm: point = nil
        }
        let isThirdParty = reservation.map { $0.role.factRole.isThirdParty } ?? false
        let task = ReportedTask(
            id: key.taskId, step: step, goal: step == .registeredLetter ? .sendLetter : context.rows.file.goal, point: point,
            lostAtGrant: isThirdParty
                || LostContact.isLost(
                    at: found.now.business, history: context.facts.history, points: context.facts.points, hours: context.hours),
            actBefore: step == .visit ? permit?.allowedUntil : reservation.flatMap { $0.channel == .letter ? nil : $0.actBefore },
            grantedAt: step == .visit ? permit?.grantedAt : reservation?.from)
        let reading = OutcomeReader(rows: context.rows, task: task).read(pending.item)
        return Subject(task: task, reservation: reservation, permit: permit, reading: reading)
    }

    /// The step of a task whose row is gone: what it had reserved tells, else the first step that knows the result's word.
    private func step(of pending: PendingOutcome, reservation: Reservation?) -> Step? {
        if let channel = reservation?.channel {
            switch channel {
            case .call, .noticeCall: return .call
            case .sms: return .smsReminder
            case .email: return .emailReminder
            case .letter: return .registeredLetter
            case .visit: return .visit
            }
        }
        let order: [Step] = [.call, .visit, .registeredLetter, .smsReminder, .gather, .legalDossier, .lawFirm, .emailReminder]
        return order.first { ResultCode(name: pending.item.result, step: $0) != nil }
    }

    // MARK: Rows 5 and 7

    private func accept(
        _ pending: PendingOutcome, row: TaskRow, subject: Subject, reading: OutcomeReader.Reading, environment: CaseEnvironment,
        context: inout CaseContext, writes: inout Writes
    ) async throws -> (reply: OutcomeReply, count: OutcomeCount) {
        var report = reading.report
        if report.result == .permitBlocked {
            report.permitEarliest = visitEarliest(subject, context: context, environment: environment, now: writes.transition.now)
        }
        var cause = cause(pending, subject: subject, reading: reading, report: report)
        cause.task = row
        let decision = try await writes.transition.take(.outcome(subject.task, report), on: &context, cause: cause)
        writes.outcomes.append(
            OutcomeRow(
                key: pending.key, agencyId: pending.agency, caseId: row.caseId, debtorId: row.debtorId, step: row.step,
                result: report.result,
                contactPointId: report.point ?? subject.task.point, occurredAt: report.occurredAt, bodyHash: pending.bodyHash,
                body: pending.body,
                nextStage: decision.next?.stage, nextNotBefore: decision.next?.notBefore, rule: decision.rule,
                policyVersion: environment.policy.version))
        writes.audit.append(
            AuditDraft(
                kind: .outcomeAccepted, subject: row.taskId,
                body: [
                    "epoch": .number(pending.token.epoch), "agency": .number(pending.agency), "case": .int(row.caseId),
                    "result": .string(report.result.name),
                    "rules": .strings(decision.rules), "state": .string(decision.state.code.rawValue),
                    "stage": .string(decision.stage.name),
                    "hash": .string(Digest.hex(pending.bodyHash)), "policy": .number(environment.policy.version),
                ]))
        let receipt = OutcomeTable.receiptId(part: part, task: row.taskId, epoch: pending.token.epoch)
        return (
            OutcomeReply(receiptId: receipt, status: .accepted, next: next(decision.next?.stage, decision.next?.notBefore)), .accepted
        )
    }

    private func takeLate(
        _ pending: PendingOutcome, reason: LateReason, subject: Subject, reading: OutcomeReader.Reading, environment: CaseEnvironment,
        context: inout CaseContext, writes: inout Writes
    ) async throws -> (reply: OutcomeReply, count: OutcomeCount) {
        var cause = cause(pending, subject: subject, reading: reading, report: reading.report)
        cause.isLate = true
        // Facts that do not read are evidence all the same; only what reads takes effect.
        var rules = ["late.unreadable"]
        if reading.faults.isEmpty {
            rules = try await writes.transition.take(.lateOutcome(subject.task, reading.report), on: &context, cause: cause).rules
        }
        writes.late.append(
            LateOutcomeRow(
                key: pending.key, agencyId: pending.agency, debtorId: pending.token.debtorId, result: reading.report.result,
                occurredAt: reading.report.occurredAt, bodyHash: pending.bodyHash, body: pending.body, reason: reason.rawValue))
        writes.audit.append(
            AuditDraft(
                kind: .outcomeLate, subject: pending.token.taskId,
                body: [
                    "epoch": .number(pending.token.epoch), "agency": .number(pending.agency), "result": .string(reading.report.result.name),
                    "reason": .string(reason.rawValue), "rules": .strings(rules), "hash": .string(Digest.hex(pending.bodyHash)),
                    "policy": .number(environment.policy.version),
                ]))
        return (late(OutcomeTable.receiptId(part: part, task: pending.token.taskId, epoch: pending.token.epoch), reason.rawValue), .late)
    }

    private func cause(
        _ pending: PendingOutcome, subject: Subject, reading: OutcomeReader.Reading, report: ReportedOutcome
    ) -> TransitionCause {
        var cause = TransitionCause(agency: pending.agency)
        cause.grant = pending.key
        cause.report = report
        cause.reservation = subject.reservation
        cause.permit = subject.permit
        cause.learned = reading.learned
        cause.caseNo = reading.caseNo
        return cause
    }

    /// When the visit that was refused at the door becomes possible.
    private func visitEarliest(_ subject: Subject, context: CaseContext, environment: CaseEnvironment, now: Now) -> Instant? {
        guard let id = subject.task.point, let point = context.rows.points.first(where: { $0.id == id }) else { return nil }
        let decision = ConductGate.judgeDispatch(
            policy: environment.policy.conduct, ledger: context.ledger, channel: .visit, point: point.row.dispatchPoint,
            accounts: context.facts.accounts.map(\.id), purpose: .demandPayment, agency: Actor(agency: context.facts.holder),
            moment: .permit(VisitPlan(collectors: environment.terms.visitMinCollectors)), now: now.business,
            end: now.business + shared.limits.longestAct)
        if case .blocked(_, let earliest) = decision { return earliest }
        return nil
    }

    // MARK: Writing

    private func commit(_ writes: inout Writes, now: Now, environment: CaseEnvironment, in db: PostgresConnection) async throws {
        var statements = try await writes.transition.statements()
        if !writes.outcomes.isEmpty { statements.append(OutcomeQueries.insert(part: part, writes.outcomes, now: now)) }
        if !writes.late.isEmpty { statements.append(LateOutcomeQueries.insert(part: part, writes.late, now: now)) }
        statements.append(
            try await shared.database.audit.entries(part: part, connection: db, drafts: writes.audit + writes.transition.writes.audit))
        _ = try await db.commit(after: statements)
    }
}

extension PendingOutcome {
    /// The grant it answers.
    var key: GrantKey { GrantKey(taskId: token.taskId, epoch: token.epoch) }
}

extension CaseRows.Point {
    /// The point as the gate's inputs name it.
    var row: PointRow {
        PointRow(
            id: id, role: role, channel: channel, state: doNotContact ? .off : state, provenance: provenance, rank: rank,
            visitsOff: visitsOff)
    }
}
