import CollectionsDomain
package import CollectionsStore
import Logging
import PostgresDriver
package import WireTypes

/// Takes facts that no lease covers: `POST /v1/activities`.
///
/// Keyed by (agency, `activity_ref`), each in one transaction: receipt, contact, what the case machine makes of it. An outbound contact reported here
/// is stored, counted in every limit, and raised as a violation; it is never refused.
package struct ActivityService: Sendable {
    let shared: DispatchShared
    let publisher: OutboxPublisher

    init(shared: DispatchShared, publisher: OutboxPublisher) {
        self.shared = shared
        self.publisher = publisher
    }

    /// Answers for each activity, in order.
    package func take(_ items: [ActivityItem], for agency: AgencyIdentity) async throws -> (replies: [ActivityReply], now: Now) {
        guard items.count <= shared.limits.itemsPerCall else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/activities", reason: "too_many")])
        }
        var replies: [ActivityReply] = []
        for item in items { replies.append(try await take(item, agency: agency.agencyId)) }
        return (replies, try await shared.presentHint())
    }

    private func take(_ item: ActivityItem, agency: Int32) async throws -> ActivityReply {
        guard !item.activityRef.isEmpty, item.activityRef.utf8.count <= WireLimit.keyLengthMax * 4, !item.activityRef.utf8.contains(0)
        else {
            return invalid([ProblemPointer(pointer: "/activity_ref", reason: "out_of_range")])
        }
        // As for outcomes: hashed whole, stored without contact data.
        let body = item.storedBytes
        let hash = Digest.sha256(item.canonicalBytes)
        var tries = 0
        while true {
            do {
                let (receipt, subject) = try await lookUp(item, agency: agency)
                if let receipt {
                    return receipt.bodyHash == hash
                        ? ActivityReply(receiptId: String(receipt.activityId), status: .duplicate)
                        : ActivityReply(status: .rejected, problem: Problem(.activityConflict))
                }
                guard let subject else { return invalid([ProblemPointer(pointer: "/placement_ref", reason: "unknown")]) }
                return try await store(item, body: body, hash: hash, subject: subject, agency: agency)
            } catch let error as PostgresError {
                tries += 1
                // A twin was faster (23505), a deadlock, a commit nobody knows of: the receipt tells.
                guard tries < 5, error.sqlState == "23505" || error.isRetryable || error.outcomeUnknown || error.isStaleStatement else {
                    throw error
                }
            }
        }
    }

    private func invalid(_ pointers: [ProblemPointer]) -> ActivityReply {
        ActivityReply(status: .rejected, problem: Problem(.activityInvalid, pointers: pointers))
    }

    // MARK: Whose it is

    private func lookUp(
        _ item: ActivityItem, agency: Int32
    ) async throws -> (receipt: (activityId: Int64, bodyHash: [UInt8])?, subject: ActivityQueries.Subject?) {
        let parts = Array(shared.database.lanes.all)
        return try await shared.database.api.withTransaction { db in
            var queries: [PostgresQuery] = [
                Isolation.statement(agencies: [agency]), ActivityQueries.receipt(parts: parts, agency: agency, ref: item.activityRef),
            ]
            if let id = item.placementRef.flatMap({ Int64($0) }) {
                queries.append(ActivityQueries.placements(parts: parts, ids: [id], agency: agency))
            }
            if let id = item.caseRef.flatMap({ Int64($0) }) {
                queries.append(ActivityQueries.cases(parts: parts, ids: [id], agency: agency))
                queries.append(ActivityQueries.executed(parts: parts, ids: [id], agency: agency))
            }
            if let id = (item.letter?.letterId ?? item.refersTo).flatMap({ Int64($0) }) {
                queries.append(ActivityQueries.letters(parts: parts, ids: [id], agency: agency))
                queries.append(ActivityQueries.tasks(parts: parts, ids: [id], agency: agency))
            }
            let answers = try await db.pipeline(queries)
            let receipt = try ActivityQueries.receipts(answers[1])[item.activityRef]
            for answer in answers[2...] { if let subject = try ActivityQueries.subjects(answer).values.first { return (receipt, subject) } }
            return (receipt, nil)
        }
    }

    // MARK: Storing it

    private func store(
        _ item: ActivityItem, body: [UInt8], hash: [UInt8], subject: ActivityQueries.Subject, agency: Int32
    ) async throws -> ActivityReply {
        let part = subject.part
        let estimate = try await shared.presentHint()
        let environment = try await shared.environments.current(at: estimate)
        let activityId = try await shared.database.ids.next(.activity)
        let (reply, hints, hasMessages) = try await HotTransaction.run(shared.database, on: shared.database.api) { db in
            let head = try await db.pipeline([
                Isolation.statement(agencies: [agency] + environment.routing.executors), ClockQueries.readStatement,
                CaseQueries.files(part: part, debtors: [subject.debtorId]),
            ])
            let now = try ClockQueries.decode(head[1])
            shared.clock.note(now)
            let holders = try CaseQueries.files(head[2]).flatMap(\.holders)
            try await db.query(Isolation.statement(agencies: [agency] + environment.routing.executors + holders))
            var contexts = try await CaseContext.load(part: part, debtors: [subject.debtorId], environment: environment, now: now, in: db)
            guard var context = contexts.removeValue(forKey: subject.debtorId) else {
                return (invalid([ProblemPointer(pointer: "/case_ref", reason: "unknown")]), [WorkHint](), false)
            }
            var transition = CaseTransition(part: part, environment: environment, now: now, database: shared.database)
            var cause = TransitionCause(agency: agency)
            cause.activityId = activityId
            var rules: [String] = []
            var retains: [RetainRow] = []
            switch Self.meaning(of: item) {
            case .unknown(let pointer):
                return (invalid([pointer]), [WorkHint](), false)
            case .notAttempted:
                rules = Self.settleNotAttempted(item, agency: agency, in: &context)
                if context.isLedgerChanged { transition.writes.ledgers[subject.debtorId] = context.ledger.bytes }
            case .retain(let purpose):
                switch try await retain(item, for: purpose, agency: agency, context: context, now: now, in: db) {
                case .success(let rows): retains = rows
                case .failure(let refusal):
                    return (invalid([ProblemPointer(pointer: "/result", reason: refusal.rawValue)]), [WorkHint](), false)
                }
                rules = ["retain.asked"]
            case .report(let result, let step):
                let task = ReportedTask(id: 0, step: step)
                let reading = OutcomeReader(rows: context.rows, task: task).read(item, result: result)
                let faults =
                    reading.faults.isEmpty
                    ? CaseMachine.validate(
                        reading.report, task: task, facts: context.facts, now: now.business, hours: context.hours, clockRate: now.rate)
                    : reading.faults
                if !faults.isEmpty {
                    return (invalid(faults.map { ProblemPointer(pointer: $0.pointer, reason: $0.reason) }), [WorkHint](), false)
                }
                cause.report = reading.report
                cause.learned = reading.learned
                cause.caseNo = reading.caseNo
                let letter = result.family == .letter ? (item.letter?.letterId ?? item.refersTo).flatMap { Int64($0) } : nil
                rules = try await transition.take(.activity(reading.report, letter: letter), on: &context, cause: cause).rules
                if result == .complaint { try await complain(item, agency: agency, context: context, now: now, transition: &transition) }
            }
            let hints = transition.dueNow
            var statements = try await transition.statements()
            statements += retains.map { RetainQueries.insert(part: part, $0, at: now.business) }
            statements += ActivityQueries.insert(
                part: part,
                ActivityRow(
                    activityId: activityId, agencyId: agency, activityRef: item.activityRef, debtorId: subject.debtorId,
                    caseId: context.facts.caseId,
                    type: item.type, occurredAt: Instant(item.occurredAt), bodyHash: hash, body: body), now: now)
            let entry = AuditDraft(
                kind: .activity, subject: activityId,
                body: [
                    "agency": .number(agency), "case": .int(context.facts.caseId), "type": .string(item.type), "rules": .strings(rules),
                    "hash": .string(Digest.hex(hash)),
                ])
            statements.append(
                try await shared.database.audit.entries(
                    part: part, connection: db, drafts: [entry] + retains.map(RetainService.asked) + transition.writes.audit))
            _ = try await db.commit(after: statements)
            return (ActivityReply(receiptId: String(activityId), status: .accepted), hints, !transition.writes.outbox.isEmpty)
        }
        if hasMessages { publisher.signal() }
        await shared.hint(hints)
        return reply
    }

    // MARK: What it means

    private enum Meaning {
        case report(ResultCode, Step)
        case notAttempted
        case retain(RetainPurpose)
        case unknown(ProblemPointer)
    }

    /// The result an activity stands for, by its type and the result it names.
    private static func meaning(of item: ActivityItem) -> Meaning {
        func named(_ family: ResultCode.Family, _ step: Step, otherwise: ResultCode?) -> Meaning {
            guard let name = item.result else {
                return otherwise.map { .report($0, step) } ?? .unknown(ProblemPointer(pointer: "/result", reason: "missing"))
            }
            return ResultCode(name: name, family: family).map { .report($0, step) }
                ?? .unknown(ProblemPointer(pointer: "/result", reason: "unknown"))
        }
        switch item.type {
        case "inbound_call": return named(.call, .call, otherwise: .rpcNoCommitment)
        case "outbound_call": return named(.call, .call, otherwise: nil)
        case "inbound_message": return named(.message, .smsReminder, otherwise: .messageReplied)
        case "outbound_message", "message_status":
            return named(.message, item.channel == "email" ? .emailReminder : .smsReminder, otherwise: nil)
        case "letter_status": return named(.letter, .registeredLetter, otherwise: nil)
        case "visit": return named(.visit, .visit, otherwise: nil)
        case "court_event": return named(.firm, .lawFirm, otherwise: nil)
        case "complaint": return .report(.complaint, .gather)
        case "dispute": return .report(.dispute, .gather)
        case "new_contact_data": return .report(.newContactData, .gather)
        case "payment_proof": return .report(.paidClaimed, .gather)
        case "not_attempted": return .notAttempted
        case "retain_request":
            return item.result.flatMap(RetainPurpose.init(rawValue:)).map { .retain($0) }
                ?? .unknown(ProblemPointer(pointer: "/result", reason: item.result == nil ? "missing" : "unknown"))
        default: return .unknown(ProblemPointer(pointer: "/type", reason: "unknown"))
        }
    }

    /// The agency states that a presumed act never happened: the presumption of its own grant is removed.
    private static func settleNotAttempted(_ item: ActivityItem, agency: Int32, in context: inout CaseContext) -> [String] {
        guard let task = item.refersTo.flatMap({ Int64($0) }) else { return ["activity.not_attempted.unnamed"] }
        let presumed = context.ledger.reservations.filter { $0.task == task && $0.by == Actor(agency: agency) && $0.isPresumed }
        for reservation in presumed { context.ledger.settle(task: task, epoch: reservation.epoch, as: .removed) }
        return [presumed.isEmpty ? "activity.not_attempted.unknown" : "activity.not_attempted"]
    }

    // MARK: Retains

    /// What is asked for: the placement that is named, or all of the case. All or none.
    private func retain(
        _ item: ActivityItem, for purpose: RetainPurpose, agency: Int32, context: CaseContext, now: Now, in db: PostgresConnection
    ) async throws -> Result<[RetainRow], RetainRefusal> {
        let named = item.placementRef.flatMap { Int64($0) }
        let wanted = context.rows.accounts.filter { named == nil || $0.placementId == named }
        guard !wanted.isEmpty else { return .failure(.notActive) }
        let known = try await RetainQueries.known(part: context.part, placements: wanted.map(\.placementId), in: db)
        var rows: [RetainRow] = []
        for account in wanted {
            do {
                rows.append(
                    try RetainService.row(
                        account, for: purpose, asker: agency, by: "agency:\(agency)", known: known, context: context, now: now.business,
                        id: try await shared.database.ids.next(.retain)))
            } catch let refusal as RetainRefusal {
                return .failure(refusal)
            }
        }
        return .success(rows)
    }

    // MARK: Complaints

    /// The complaint's own row, with its clock, and the bank's message of it.
    private func complain(
        _ item: ActivityItem, agency: Int32, context: CaseContext, now: Now, transition: inout CaseTransition
    ) async throws {
        let received = Instant(item.occurredAt)
        let source = item.complaint?.source.flatMap(ComplaintSource.init(word:)) ?? .agency
        transition.writes.newComplaints.append(
            NewComplaint(
                id: try await shared.database.ids.next(.complaint), reference: "agency-\(agency)-\(item.activityRef)",
                debtorId: context.facts.debtorId, agencyId: agency, source: source.rawValue,
                externalNo: item.complaint?.externalNo, code: item.complaint?.code, collector: item.collectorId,
                textHash: item.complaint?.textSha256.flatMap { Digest.bytes(hex: $0) }, receivedAt: received,
                dueOn: transition.environment.complaintDue(received: received),
                holdId: context.rows.holds.first { $0.type == .complaint && $0.accountId == nil }?.id))
        transition.writes.outbox.append(
            OutboxRow(
                outboxId: try await shared.database.ids.next(.outbox), target: .notice, agencyId: agency, kind: "complaint",
                caseId: context.facts.caseId, body: ["source": .string(source.rawValue)]))
    }
}
