import CollectionsDomain
package import CollectionsStore
import Logging
import PostgresDriver
package import WireTypes

/// Grants leases: `POST /v1/leases`.
///
/// One call is one transaction of two pipelined round trips. The first picks due tasks in the home lane and locks their debtors; the gate judges
/// them here, one after the other; the second writes grants, reservations, what was put off, the record of the call and its audit entry, reads
/// the cards, and commits. Only when the home lane has too little are other lanes looked at, three at most.
///
/// - SeeAlso: Source: dispatch protocol, sections 2, 5, 14.
package struct LeaseService: Sendable {
    let shared: DispatchShared

    init(shared: DispatchShared) {
        self.shared = shared
    }

    // MARK: The call

    /// Grants up to `max` leases, or waits for work if the caller asked to wait.
    ///
    /// - Throws: ``Problem`` `validation` or `request-conflict`; the driver's errors when the database is away.
    package func lease(_ request: LeaseRequest, for agency: AgencyIdentity) async throws -> LeaseReply {
        try await lease(request, scope: .all, for: agency)
    }

    /// Which of an agency's tasks a call is about.
    enum Scope: Hashable {
        case all
        /// Letters that have not been printed: a print run does not take what waits for the post.
        case unprintedLetters
    }

    /// As ``lease(_:for:)``, of some of the agency's tasks.
    func lease(_ request: LeaseRequest, scope: Scope, for agency: AgencyIdentity) async throws -> LeaseReply {
        let stages = try stages(of: request)
        let line = LeaseWaiters.Line(agency: agency.agencyId, stages: Set(stages))
        let deadline = ContinuousClock.now + .seconds(min(max(request.waitSeconds ?? 0, 0), WireLimit.waitSecondsMax))
        var rounds = 0
        while true {
            let attempt = try await attempt(request, scope: scope, stages: stages, agency: agency)
            switch attempt {
            case .reply(let reply):
                return reply
            case .onlyBlocked where rounds < 1:
                // Everything picked was put off; there may be more behind it. At most twice the wanted number is judged per call.
                rounds += 1
                continue
            case .onlyBlocked(let now), .nothing(let now):
                guard ContinuousClock.now < deadline, !Task.isCancelled, agency.state == .active else {
                    return empty(agency, stages, now: now)
                }
                // News may have come between the look and the wait.
                let mayHaveWork = shared.database.lanes.all.contains { part in
                    stages.contains {
                        shared.floors.outlook(of: LaneKey(part: part, agency: agency.agencyId, stage: $0), now: now.business) == .unknown
                    }
                }
                if mayHaveWork, rounds < 3,
                    closed(stages, environment: try await shared.environments.current(at: now), now: now.business) == nil
                {
                    rounds += 1
                    continue
                }
                _ = await shared.waiters.wait(in: line, until: deadline)
                if ContinuousClock.now >= deadline || Task.isCancelled { return empty(agency, stages, now: shared.clock.estimate ?? now) }
                rounds = 0
            }
        }
    }

    private func stages(of request: LeaseRequest) throws -> [Stage] {
        var pointers: [ProblemPointer] = []
        let stages = request.stages.enumerated().compactMap { index, name -> Stage? in
            let stage = StageName.named(name).flatMap(Stage.init(name:))
            if stage == nil { pointers.append(ProblemPointer(pointer: "/stages/\(index)", reason: "unknown")) }
            return stage
        }
        if request.stages.isEmpty { pointers.append(ProblemPointer(pointer: "/stages", reason: "missing")) }
        if !(1...WireLimit.itemsMax).contains(request.max) { pointers.append(ProblemPointer(pointer: "/max", reason: "out_of_range")) }
        if request.requestId.isEmpty || request.requestId.utf8.count > WireLimit.keyLengthMax * 4 || request.requestId.utf8.contains(0) {
            pointers.append(ProblemPointer(pointer: "/request_id", reason: "out_of_range"))
        }
        if let seconds = request.ttlSeconds, seconds < 1 {
            pointers.append(ProblemPointer(pointer: "/ttl_seconds", reason: "out_of_range"))
        }
        guard pointers.isEmpty else { throw Problem(.validation, pointers: pointers) }
        return stages.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func empty(_ agency: AgencyIdentity, _ stages: [Stage], now: Now) -> LeaseReply {
        LeaseReply(
            leases: [], serverTime: WireInstant(now.business), clockRate: now.rate,
            nextPollAfterMs: nextPoll(agency.agencyId, stages, now: now).wholeMicroseconds / 1_000)
    }

    /// How long until asking again is useful, in lease time.
    private func nextPoll(_ agency: Int32, _ stages: [Stage], now: Now) -> Duration {
        var next: Instant?
        for part in shared.database.lanes.all {
            for stage in stages {
                guard
                    case .later(let due?) = shared.floors.outlook(of: LaneKey(part: part, agency: agency, stage: stage), now: now.business)
                else { continue }
                next = min(next ?? due, due)
            }
        }
        guard let next else { return .seconds(5) }
        return min(max(shared.leaseTime(until: next, now: now), .milliseconds(50)), .seconds(5))
    }

    private func closed(_ stages: [Stage], environment: CaseEnvironment, now: Instant) -> Instant?? {
        var reopening: Instant?
        for stage in stages {
            guard let closed = environment.closed(stage, at: now) else { return nil }
            if let until = closed.until { reopening = min(reopening ?? until, until) }
        }
        return .some(reopening)
    }

    // MARK: One attempt

    private enum Attempt {
        case reply(LeaseReply)
        /// Tasks were due, and each was put off.
        case onlyBlocked(Now)
        case nothing(Now)
    }

    private func attempt(
        _ request: LeaseRequest, scope: Scope, stages: [Stage], agency: AgencyIdentity
    ) async throws -> Attempt {
        var tries = 0
        while true {
            do {
                return try await transaction(request, scope: scope, stages: stages, agency: agency)
            } catch let error as PostgresError {
                tries += 1
                shared.floors.failed(
                    shared.database.lanes.all.flatMap { part in
                        stages.map { LaneKey(part: part, agency: agency.agencyId, stage: $0) }
                    })
                // A twin of this call was faster (23505), a deadlock, or nobody knows whether it committed: the record tells.
                guard error.sqlState == "23505" || error.isRetryable || error.outcomeUnknown || error.isStaleStatement, tries < 5 else {
                    throw error
                }
            } catch is ClockMoved {
                tries += 1
                // What was known of the lanes' next due times was known at another time.
                shared.floors.hintAll()
                guard tries < 5 else { return .nothing(try await shared.presentHint()) }
            }
        }
    }

    /// Business time was set on since it was last read here: what was asked for by the estimate is asked again.
    private struct ClockMoved: Error {}

    /// The lane that keeps the record of a call: it is looked at first, which spreads load by itself.
    static func homeLane(agency: Int32, requestId: String, lanes: Lanes) -> Int32 {
        var hash = FNV1a64()
        withUnsafeBytes(of: agency.bigEndian) { hash.combine($0) }
        hash.combine(requestId.utf8)
        return Int32(truncatingIfNeeded: (hash.value ^ hash.value >> 32) & UInt64(lanes.count - 1))
    }

    private func transaction(
        _ request: LeaseRequest, scope: Scope, stages wanted: [Stage], agency: AgencyIdentity
    ) async throws -> Attempt {
        let bodyHash = Digest.sha256(request.canonicalBytes)
        let lanes = shared.database.lanes
        let home = Self.homeLane(agency: agency.agencyId, requestId: request.requestId, lanes: lanes)
        let estimate = try await shared.presentHint()
        let environment = try await shared.environments.current(at: estimate)
        let stages = agency.state == .active ? wanted.filter { environment.closed($0, at: estimate.business) == nil } : []
        // One of eight calls begins with the lane whose task waits longest.
        let first =
            Int.random(in: 0..<8) == 0 ? shared.floors.oldestDue(agency: agency.agencyId, stages: stages, lanes: lanes.all) ?? home : home
        let signing = try await shared.keys.signing()

        return try await HotTransaction.run(shared.database, on: shared.database.api) { db in
            let head: [PostgresQuery] = [
                Isolation.statement(agencies: [agency.agencyId]),
                LeaseRequestQueries.queue(agency: agency.agencyId, requestId: request.requestId),
                ClockQueries.readStatement, LeaseRequestQueries.find(part: home, agency: agency.agencyId, requestId: request.requestId),
            ]
            let ordinary = scope == .all ? stages : []
            let answers = try await db.pipeline(
                head + ordinary.map { pick(part: first, agency: agency.agencyId, stage: $0, until: estimate.business, limit: request.max) })
            let now = try ClockQueries.decode(answers[2])
            shared.clock.note(now)
            if let record = try LeaseRequestQueries.record(answers[3]) {
                return .reply(try await replay(record, bodyHash: bodyHash, agency: agency, environment: environment, now: now, in: db))
            }
            let drift = now.business - estimate.business
            let tolerance = Duration.seconds(1) * max(now.rate, 1)
            if drift > tolerance || drift < .zero - tolerance { throw ClockMoved() }
            guard !stages.isEmpty else { return .nothing(now) }
            var picked: [PickedTask]
            if scope == .unprintedLetters {
                picked = try await pickUnprinted(limit: request.max, agency: agency.agencyId, now: now, in: db)
            } else {
                picked = try take(answers[4...], part: first, agency: agency.agencyId, stages: stages, limit: request.max, now: now)
            }
            if scope == .all, picked.count < request.max {
                picked += try await pickElsewhere(
                    than: first, wanted: request.max - picked.count, agency: agency.agencyId, stages: stages, now: now, in: db)
            }
            guard !picked.isEmpty else { return .nothing(now) }
            var plan = LeasePlan(
                environment: environment, agency: agency.agencyId, now: now, ttlSeconds: request.ttlSeconds, limits: shared.limits)
            for (index, task) in picked.enumerated() where plan.grants.count < request.max {
                try plan.consider(task)
                // Long batches let others run: about 100 judgements are 200 us.
                if index % 100 == 99 { await Task.yield() }
            }
            let reply = try await write(
                plan, request: request, bodyHash: bodyHash, home: home, agency: agency, environment: environment, signing: signing,
                now: now, in: db)
            return reply.leases.isEmpty ? .onlyBlocked(now) : .reply(reply)
        }
    }

    private func pick(part: Int32, agency: Int32, stage: Stage, until: Instant, limit: Int) -> PostgresQuery {
        let floor = shared.floors.start(of: LaneKey(part: part, agency: agency, stage: stage))
        return TaskQueries.pick(part: part, agency: agency, stage: stage, from: floor, until: until, limit: limit)
    }

    /// Letters to print, from every lane: a run by night, not a worker's call, so neither floors nor hints have a part in it.
    private func pickUnprinted(limit: Int, agency: Int32, now: Now, in db: PostgresConnection) async throws -> [PickedTask] {
        var tasks: [PickedTask] = []
        for part in shared.database.lanes.all where tasks.count < limit {
            let answer = try await db.query(
                TaskQueries.pickUnprinted(part: part, agency: agency, until: now.business, limit: limit - tasks.count))
            tasks += try TaskQueries.picked(answer, part: part)
        }
        return tasks
    }

    private func take(
        _ answers: ArraySlice<PostgresResult>, part: Int32, agency: Int32, stages: [Stage], limit: Int, now: Now
    ) throws -> [PickedTask] {
        var tasks: [PickedTask] = []
        for (stage, answer) in zip(stages, answers) {
            let picked = try TaskQueries.picked(answer, part: part)
            shared.floors.picked(
                LaneKey(part: part, agency: agency, stage: stage), oldest: picked.first?.dueAt, isExhausted: answer.count < limit)
            tasks += picked.filter { $0.dueAt <= now.business }
        }
        return tasks.sorted { ($0.dueAt, $0.taskId) < ($1.dueAt, $1.taskId) }
    }

    /// Picks from other lanes that have work: those known to, and, where nothing is known, those a probe finds.
    private func pickElsewhere(
        than first: Int32, wanted: Int, agency: Int32, stages: [Stage], now: Now, in db: PostgresConnection
    ) async throws -> [PickedTask] {
        var due: [Int32: Instant] = [:]
        var unknown: [LaneKey] = []
        for part in shared.database.lanes.all {
            for stage in stages {
                let key = LaneKey(part: part, agency: agency, stage: stage)
                switch shared.floors.outlook(of: key, now: now.business) {
                case .due(let instant) where part != first: due[part] = min(due[part] ?? instant, instant)
                case .unknown: unknown.append(key)
                case .due, .later: break
                }
            }
        }
        let exhausted = stages.map { LaneKey(part: first, agency: agency, stage: $0) }
        let probed = unknown.filter { $0.part != first } + exhausted
        if !unknown.allSatisfy({ $0.part == first }) || due.isEmpty {
            for (key, next) in try await shared.probe(agency: agency, keys: probed, in: db) {
                shared.floors.probed(key, nextDue: next)
                if let next, next <= now.business, key.part != first { due[key.part] = min(due[key.part] ?? next, next) }
            }
        }
        var tasks: [PickedTask] = []
        for (part, _) in due.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }).prefix(shared.limits.lanesPerLease - 1)
        where tasks.count < wanted {
            let limit = wanted - tasks.count
            let answers = try await db.pipeline(
                stages.map { pick(part: part, agency: agency, stage: $0, until: now.business, limit: limit) })
            tasks += try take(answers[...], part: part, agency: agency, stages: stages, limit: limit, now: now)
        }
        return tasks
    }

    // MARK: Writing the plan

    private func write(
        _ plan: LeasePlan, request: LeaseRequest, bodyHash: [UInt8], home: Int32, agency: AgencyIdentity, environment: CaseEnvironment,
        signing: TokenKeys.Signing, now: Now, in db: PostgresConnection
    ) async throws -> LeaseReply {
        var statements: [PostgresQuery] = []
        let seen = cardAgencies(plan.grants.map { ($0.task.holder, $0.task.step) }, agency: agency.agencyId, environment: environment)
        if seen.count > 1 { statements.append(Isolation.statement(agencies: Array(seen))) }
        for part in plan.lanes {
            let grants = plan.grants.filter { $0.task.part == part }
            for (seconds, group) in Dictionary(grouping: grants, by: \.ttlSeconds).sorted(by: { $0.key < $1.key }) {
                statements += TaskQueries.grant(
                    part: part, tasks: group.map(\.task.taskId), until: now.real + .seconds(Int64(seconds)), seconds: seconds)
            }
            let ledgers = plan.ledgers(of: part)
            if !ledgers.isEmpty { statements.append(ConductQueries.write(part: part, ledgers)) }
            for (until, tasks) in plan.postponements(of: part) {
                statements += TaskQueries.postpone(part: part, tasks: tasks, until: until)
            }
            statements += try await reviewStatements(plan, part: part, agency: agency.agencyId, now: now)
        }
        if !plan.grants.isEmpty {
            let longest = plan.grants.map(\.ttlSeconds).max() ?? 0
            statements.append(
                LeaseRequestQueries.insert(
                    part: home, agency: agency.agencyId, requestId: request.requestId,
                    LeaseRecord(
                        bodyHash: bodyHash, parts: plan.grants.map(\.task.part), tasks: plan.grants.map(\.task.taskId),
                        epochs: plan.grants.map(\.epoch)),
                    expiresAt: now.real + .seconds(Int64(longest)) + shared.limits.leaseRecordGrace))
        }
        statements.append(
            try await shared.database.audit.entries(
                part: home, connection: db,
                drafts: [auditDraft(plan, agency: agency.agencyId, policy: environment.policy, at: now.business)]))
        let cardsFrom = statements.count
        let cardLanes = Set(plan.grants.map(\.task.part)).sorted()
        for part in cardLanes {
            let grants = plan.grants.filter { $0.task.part == part }
            statements += CardQueries.statements(
                part: part, agency: agency.agencyId, tasks: grants.map(\.task.taskId), steps: Set(grants.map(\.task.step)))
        }
        let answers = try await db.commit(after: statements)

        var rows = CardQueries.Rows()
        for index in cardLanes.indices {
            let from = cardsFrom + index * CardQueries.statementCount
            rows.merge(try CardQueries.decode(answers[from..<(from + CardQueries.statementCount)]))
        }
        let builder = CardBuilder(policy: environment.policy, cipher: shared.database.cipher, watermark: environment.ledger.watermark)
        let heads = Dictionary(rows.heads.map { ($0.taskId, $0) }, uniquingKeysWith: { first, _ in first })
        let leases = try plan.grants.compactMap { grant -> Lease? in
            guard let head = heads[grant.task.taskId] else { return nil }
            let reportBy = now.real + .seconds(Int64(grant.ttlSeconds))
            let facts = CardBuilder.LeaseFacts(
                actBefore: grant.actBefore, reportBy: reportBy, purpose: grant.purpose, conditions: grant.conditions,
                lastContacts: grant.lastContacts, accounts: grant.accounts)
            return try lease(
                head, rows: rows, part: grant.task.part, epoch: grant.epoch, facts: facts, agency: agency.agencyId,
                environment: environment,
                builder: builder, signing: signing, now: now)
        }
        return LeaseReply(leases: leases, serverTime: WireInstant(now.business), clockRate: now.rate, nextPollAfterMs: 0)
    }

    /// Whose rows the cards are made of: a card shows the holder's placements also to a lettershop or law firm that executes for it, and a card of a
    /// document, a visit or a suit the letters the lettershop has sent.
    private func cardAgencies(_ tasks: [(holder: Int32, step: Step)], agency: Int32, environment: CaseEnvironment) -> Set<Int32> {
        var agencies = Set(tasks.map(\.holder)).union([agency])
        if tasks.contains(where: { !$0.step.leaseIsPermit && $0.step != .gather }) { agencies.formUnion(environment.routing.executors) }
        return agencies
    }

    /// What only a person can free is put on the operators' list: one open break per case.
    private func reviewStatements(_ plan: LeasePlan, part: Int32, agency: Int32, now: Now) async throws -> [PostgresQuery] {
        let stuck = plan.blocked.filter { $0.task.part == part && $0.needsPerson }
        guard !stuck.isEmpty else { return [] }
        let ids = try await shared.database.ids.next(.breakRecord, count: stuck.count)
        var writes = CaseWrites()
        var seen: Set<Int64> = []
        for (id, blocked) in zip(ids, stuck) where seen.insert(blocked.task.caseId).inserted {
            writes.breaks.append(
                CaseWrites.NewBreak(
                    breakId: id, kind: "gate_review", subjectKind: "case", subjectId: blocked.task.caseId, debtorId: blocked.task.debtorId,
                    agencyId: agency,
                    severity: .warning, rule: blocked.reasons.first ?? "unknown"))
        }
        return writes.statements(part: part, now: now)
    }

    private func auditDraft(_ plan: LeasePlan, agency: Int32, policy: ActivePolicy, at: Instant) -> AuditDraft {
        AuditDraft(
            kind: .lease, subject: Int64(agency),
            body: [
                "tasks": .numbers(plan.grants.map(\.task.taskId)), "epochs": .numbers(plan.grants.map(\.epoch)),
                "policy": .number(policy.version), "at": .string(at.description),
                "blocked": .array(
                    plan.blocked.map {
                        ["task": .int($0.task.taskId), "until": .string($0.until.description), "rules": .strings($0.reasons)]
                    }),
            ])
    }

    // MARK: One lease on the wire

    private func lease(
        _ head: CardQueries.Head, rows: CardQueries.Rows, part: Int32, epoch: Int32, facts: CardBuilder.LeaseFacts, agency: Int32,
        environment: CaseEnvironment, builder: CardBuilder, signing: TokenKeys.Signing, now: Now
    ) throws -> Lease {
        let hours = environment.hours(timeZone: head.timeZone)
        let card = try builder.card(head, rows: rows, lease: facts, hours: hours, now: now.business)
        let token = LeaseToken(kid: signing.kid, part: part, debtorId: head.debtorId, taskId: head.taskId, epoch: epoch)
        return Lease(
            taskId: String(head.taskId), leaseToken: token.text(agency: agency, key: signing.key), epoch: Int(epoch),
            actBefore: facts.actBefore.map(WireInstant.init), reportBy: WireInstant(facts.reportBy),
            expiresInMs: (facts.reportBy - now.real).wholeMicroseconds / 1_000, stage: head.stage.name, step: head.step.name,
            goal: card.goal,
            priority: priority(head, hours: hours, policy: environment.policy.stages), attempt: Int(head.attempt),
            workCard: card)
    }

    /// The priority a due time before a window's start tells (the number of milliseconds before it), else that of ordinary work.
    private func priority(_ head: CardQueries.Head, hours: WorkingHours, policy: StagePolicy) -> Int {
        let opening = hours.nextOpen(from: head.dueAt)
        let milliseconds = (opening - head.dueAt).wholeMicroseconds / 1_000
        return (1...999).contains(milliseconds) ? Int(milliseconds) : policy.priorities.normal
    }

    // MARK: Replay

    /// The answer to a call that granted before: what is still held, with today's cards and deadlines. Nothing is granted again.
    private func replay(
        _ record: LeaseRecord, bodyHash: [UInt8], agency: AgencyIdentity, environment: CaseEnvironment, now: Now, in db: PostgresConnection
    ) async throws -> LeaseReply {
        guard record.bodyHash == bodyHash else { throw Problem(.requestConflict) }
        let signing = try await shared.keys.signing()
        var leases: [Lease] = []
        let byPart = Dictionary(grouping: record.grants, by: \.part).sorted { $0.key < $1.key }
        for (part, grants) in byPart {
            let tasks = grants.map(\.key.taskId)
            let found = try TaskQueries.rows(try await db.query(TaskQueries.find(part: part, tasks: tasks, agency: agency.agencyId)))
            let held = found.filter { row in row.isLeased && grants.contains { $0.key == GrantKey(taskId: row.taskId, epoch: row.epoch) } }
            guard !held.isEmpty else { continue }
            let holders = Dictionary(
                try CaseQueries.files(
                    try await db.query(CaseQueries.files(part: part, debtors: Set(held.map(\.debtorId)).sorted()))
                ).map { ($0.debtorId, $0.agencyId) }, uniquingKeysWith: { first, _ in first })
            let seen = cardAgencies(
                held.map { (holders[$0.debtorId] ?? agency.agencyId, $0.step) }, agency: agency.agencyId, environment: environment)
            let answers = try await db.pipeline(
                [
                    Isolation.statement(agencies: Array(seen)),
                    ConductQueries.find(part: part, debtors: Set(held.map(\.debtorId)).sorted()),
                ] + CardQueries.statements(part: part, agency: agency.agencyId, tasks: held.map(\.taskId), steps: Set(held.map(\.step))))
            let ledgers = Dictionary(
                try ConductQueries.rows(answers[1]).map { ($0.debtorId, $0.ledger) }, uniquingKeysWith: { first, _ in first })
            let rows = try CardQueries.decode(answers[2...])
            let builder = CardBuilder(policy: environment.policy, cipher: shared.database.cipher, watermark: environment.ledger.watermark)
            for head in rows.heads.sorted(by: { $0.taskId < $1.taskId }) {
                guard let until = head.leasedUntil else { continue }
                let ledger = try ledgers[head.debtorId].map { try ConductLedger(bytes: $0) } ?? ConductLedger()
                let reservation = ledger.reservation(task: head.taskId, epoch: head.epoch)
                let facts = CardBuilder.LeaseFacts(
                    actBefore: reservation.flatMap { $0.channel == .letter ? nil : $0.actBefore }, reportBy: until,
                    purpose: reservation?.purpose,
                    conditions: GateConditions(), lastContacts: Array(ledger.entries.suffix(5).reversed()), accounts: nil)
                leases.append(
                    try lease(
                        head, rows: rows, part: part, epoch: head.epoch, facts: facts, agency: agency.agencyId, environment: environment,
                        builder: builder, signing: signing, now: now))
            }
        }
        return LeaseReply(leases: leases, serverTime: WireInstant(now.business), clockRate: now.rate, nextPollAfterMs: 0)
    }
}
