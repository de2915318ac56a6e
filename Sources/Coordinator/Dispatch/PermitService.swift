import CollectionsDomain
package import CollectionsStore
import PostgresDriver
package import WireTypes

/// Judges one act now: `POST /v1/permits`, asked at the door.
///
/// A visit reserves here and not at its lease: the lease lets routes be planned for days, the permit is the right to knock now. A call's or a
/// message's lease is its permit already; asking for it answers what the lease said.
package struct PermitService: Sendable {
    let shared: DispatchShared

    init(shared: DispatchShared) {
        self.shared = shared
    }

    /// Allows the act until an instant, with its count reserved, or says which rules block it and until when.
    ///
    /// - Throws: ``Problem`` `lease-token-invalid`, `lease-ended`, `validation`.
    package func permit(_ request: PermitRequest, for agency: AgencyIdentity) async throws -> (reply: PermitReply, now: Now) {
        guard let token = try await shared.keys.verify(request.leaseToken, agency: agency.agencyId) else {
            throw Problem(.leaseTokenInvalid)
        }
        guard let point = Int64(request.contactPointId) else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/contact_point_id", reason: "unknown")])
        }
        guard let channel = Channel(name: request.act) else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/act", reason: "unknown")])
        }
        let estimate = try await shared.presentHint()
        let environment = try await shared.environments.current(at: estimate)
        return try await retryingDeadlocks {
            try await HotTransaction.run(shared.database, on: shared.database.api) { db in
                try await judge(
                    request, token: token, point: point, channel: channel, agency: agency.agencyId, environment: environment, in: db)
            }
        }
    }

    private func judge(
        _ request: PermitRequest, token: LeaseToken, point: Int64, channel: Channel, agency: Int32, environment: CaseEnvironment,
        in db: PostgresConnection
    ) async throws -> (reply: PermitReply, now: Now) {
        let part = token.part
        let answers = try await db.pipeline([
            Isolation.statement(agencies: [agency]), ClockQueries.readStatement, ConductQueries.lock(part: part, debtors: [token.debtorId]),
            TaskQueries.lock(part: part, tasks: [(token.taskId, agency)]), PermitQueries.ofTasks(part: part, tasks: [token.taskId]),
            PermitQueries.point(part: part, task: token.taskId, point: point, agency: agency),
        ])
        let now = try ClockQueries.decode(answers[1])
        shared.clock.note(now)
        let rows = Dictionary(try TaskQueries.rows(answers[3]).map { ($0.taskId, $0) }, uniquingKeysWith: { first, _ in first })
        guard let task = rows[token.taskId], task.isLeased, task.epoch == token.epoch,
            let stored = try ConductQueries.rows(answers[2]).first
        else {
            let reasons = try await TokenBatch.endReasons([token], rows: rows, part: part, in: db)
            throw Problem(.leaseEnded, reasons: [(reasons[token.key] ?? .expired).rawValue])
        }
        guard let found = try PermitQueries.point(answers[5]) else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/contact_point_id", reason: "unknown")])
        }
        guard task.step.channel == channel else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/act", reason: "not_of_this_task")])
        }
        var ledger = try ConductLedger(bytes: stored.ledger)
        if task.step != .visit { return try leased(task, point: point, ledger: ledger, now: now) }
        // The same permit again while it lasts: asking twice reserves once.
        if let known = try PermitQueries.rows(answers[4]).last(where: {
            $0.key == token.key && $0.contactPointId == point && $0.allowedUntil > now.business
        }) {
            return (
                PermitReply(
                    permitId: String(known.permitId), allowedUntil: WireInstant(known.allowedUntil), conditions: [],
                    serverTime: WireInstant(now.business),
                    clockRate: now.rate), now
            )
        }
        let accounts = ConductGate.workable(
            policy: environment.policy.conduct, ledger: ledger, accounts: found.accounts, channel: .visit, purpose: .demandPayment,
            now: now.business)
        let decision = ConductGate.judgeDispatch(
            policy: environment.policy.conduct, ledger: ledger, channel: .visit, point: found.row.dispatchPoint, accounts: accounts,
            purpose: .demandPayment, agency: Actor(agency: agency), moment: .permit(VisitPlan(collectors: request.collectors ?? 0)),
            now: now.business,
            end: now.business + shared.limits.longestAct)
        switch decision {
        case .blocked(let reasons, let earliest):
            let names = reasons.map(\.rule)
            let entries = try await shared.database.audit.entries(
                part: part, connection: db,
                drafts: [
                    AuditDraft(
                        kind: .permit, subject: token.taskId,
                        body: [
                            "epoch": .number(token.epoch), "agency": .number(agency), "allowed": false, "rules": .strings(names),
                            "at": .string(now.business.description),
                        ])
                ])
            _ = try await db.commit(after: [entries])
            return (
                PermitReply(
                    blocked: PermitBlock(reasons: names, earliest: earliest.map(WireInstant.init)), serverTime: WireInstant(now.business),
                    clockRate: now.rate), now
            )
        case .allowed(let until, let conditions):
            let id = try await shared.database.ids.next(.permit)
            let set = ledger.register(accounts)
            ledger.reserve(
                Reservation(
                    task: task.taskId, epoch: task.epoch, channel: .visit, purpose: .demandPayment,
                    party: found.row.role.party(rank: found.row.rank), role: found.row.role.ledgerRole, point: point, accounts: set,
                    by: Actor(agency: agency), from: now.business, actBefore: until))
            var writes = CaseWrites()
            writes.ledgers[task.debtorId] = ledger.bytes
            writes.visits.append(
                CaseWrites.VisitResult(
                    visitId: id, caseId: task.caseId, debtorId: task.debtorId, agencyId: agency, key: token.key, pointId: point,
                    collectors: Int16(clamping: request.collectors ?? 0), permittedAt: now.business, allowedUntil: until, occurredAt: nil,
                    result: nil))
            var statements = writes.statements(part: part, now: now)
            statements.append(
                PermitQueries.insert(
                    part: part,
                    PermitRow(
                        permitId: id, key: token.key, agencyId: agency, contactPointId: point, grantedAt: now.business, allowedUntil: until)
                ))
            statements.append(
                try await shared.database.audit.entries(
                    part: part, connection: db,
                    drafts: [
                        AuditDraft(
                            kind: .permit, subject: token.taskId,
                            body: [
                                "epoch": .number(token.epoch), "agency": .number(agency), "allowed": true, "permit": .int(id),
                                "until": .string(until.description), "policy": .number(environment.policy.version),
                            ])
                    ]))
            _ = try await db.commit(after: statements)
            return (
                PermitReply(
                    permitId: String(id), allowedUntil: WireInstant(until), conditions: Self.conditions(conditions),
                    serverTime: WireInstant(now.business), clockRate: now.rate), now
            )
        }
    }

    /// What the lease of a call or message said: it is the permit of its one act.
    private func leased(_ task: TaskRow, point: Int64, ledger: ConductLedger, now: Now) throws -> (reply: PermitReply, now: Now) {
        let reservation = ledger.reservation(task: task.taskId, epoch: task.epoch)
        guard let reservation, reservation.point == point else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/contact_point_id", reason: "not_of_this_task")])
        }
        if reservation.actBefore <= now.business {
            return (
                PermitReply(blocked: PermitBlock(reasons: ["act_before"]), serverTime: WireInstant(now.business), clockRate: now.rate), now
            )
        }
        return (
            PermitReply(
                allowedUntil: WireInstant(reservation.actBefore), conditions: [], serverTime: WireInstant(now.business), clockRate: now.rate
            ), now
        )
    }

    private static func conditions(_ conditions: GateConditions) -> [String] {
        var list =
            conditions.disclosures.names.map { "disclosures.\($0)" } + conditions.forbiddenFields.names.map { "forbidden_fields.\($0)" }
        if conditions.recorder { list.append("recording.required") }
        if conditions.collectors > 0 { list.append("visit.min_collectors") }
        return list
    }
}
