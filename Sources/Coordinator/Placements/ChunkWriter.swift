import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// What a chunk did, in accounts.
struct ChunkResult: Sendable {
    /// Placed, among them those that joined a case.
    var placed = 0
    var joined = 0
    /// Passed over, by reason code.
    var passedOver: [String: Int] = [:]
    /// Still waiting for the debtor's notice.
    var waiting = 0
    /// When the first of them may be placed; `nil`: nobody was told yet.
    var waitingUntil: Day?
    /// What became due at once: whom to wake.
    var hints: [WorkHint] = []

    mutating func add(_ other: ChunkResult) {
        placed += other.placed
        joined += other.joined
        passedOver.merge(other.passedOver, uniquingKeysWith: +)
        waiting += other.waiting
        waitingUntil = [waitingUntil, other.waitingUntil].compactMap(\.self).min()
        hints += other.hints
    }

    /// Accounts that are done.
    var done: Int { placed + passedOver.values.reduce(0, +) }
}

/// What placements are made for.
struct PlacementTarget: Sendable {
    /// The plan, or the run of follow-on placements.
    let runId: Int64
    let portfolio: PortfolioRecord
    let termDays: Int
}

/// Writes the placements of some debtors of one lane: one transaction, or nothing.
///
/// The debtors are locked first (lock order 1), everything is judged again under that lock, and items already done are no longer there, so
/// two processes on one plan, or one started again after a crash, place nothing twice.
struct ChunkWriter: Sendable {
    let database: Database
    let target: PlacementTarget
    let policies: PolicyService
    let environments: CaseEnvironmentSource

    /// Carries out the plan for debtors of one lane.
    func write(part: Int32, debtors ids: [Int64]) async throws -> ChunkResult {
        let (policy, environment) = try await current()
        return try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            let locked = try await CandidateQueries.lockDebtors(part: part, ids: ids, in: db)
            let now = try await ClockQueries.read(in: db)
            let items = try await PlanItemQueries.openItems(part: part, runId: target.runId, debtors: locked, in: db)
            if items.isEmpty { return ChunkResult() }
            try await AgencyQueries.share(Set(items.compactMap(\.agencyId)).sorted(), in: db)
            let context = try await PlacementEnvironment.read(policy: policy, now: now, countsInventory: false, in: db)
            let debtors = try await load(part: part, items, context: context, in: db)
            return try await place(part: part, debtors, context: context, environment: environment, transaction)
        }
    }

    func current() async throws -> (ActivePolicy, CaseEnvironment) {
        let now = try await database.core.withConnection { db in try await ClockQueries.read(in: db) }
        return (try await policies.current(at: Zone.utc.day(of: now.business)), try await environments.current(at: now))
    }

    /// The debtors as they stand under their lock.
    func load(
        part: Int32, _ items: [PlanItemRow], context: PlacementEnvironment, in db: PostgresConnection
    ) async throws -> [ChunkDebtor] {
        let byDebtor = Dictionary(grouping: items, by: \.debtorId)
        let accountIds = items.map(\.accountId)
        let reader = PlacementReader(database: database, portfolio: target.portfolio, openRuns: [], at: context.now.business)
        let facts = try await reader.complete(
            part: part, try await CandidateQueries.accounts(part: part, ids: accountIds, in: db), in: db)
        let known = Dictionary(facts.map { ($0.debtorId, $0) }) { first, _ in first }
        let cases = Dictionary(
            try await PlacementQueries.openCases(part: part, debtors: byDebtor.keys.sorted(), in: db).map { ($0.debtorId, $0) }
        ) { first, _ in first }
        let notices = Dictionary(grouping: try await DebtorNoticeQueries.notices(part: part, accounts: accountIds, in: db), by: \.accountId)
        return byDebtor.keys.sorted().map { id in
            let own = byDebtor[id] ?? []
            let debtor = known[id] ?? DebtorFacts(debtorId: id, accounts: [])
            let noticeAt = Dictionary(debtor.accounts.map { ($0.accountId, $0.outsourcingNoticeAt) }) { first, _ in first }
            var told: [Int64: DebtorTold] = [:]
            for item in own {
                told[item.accountId] = DebtorTold(
                    outsourcingNoticeAt: noticeAt[item.accountId] ?? nil, attestedFrom: target.portfolio.debtorNoticeFrom,
                    notices: notices[item.accountId] ?? [], agencyId: item.agencyId ?? 0, zone: context.zone)
            }
            let open = cases[id].flatMap { file in
                Stage(rawValue: file.stage).map {
                    ChunkDebtor.OpenCase(caseId: file.caseId, agencyId: file.agencyId, state: file.state, stage: $0)
                }
            }
            return ChunkDebtor(debtorId: id, items: own, facts: debtor, openCase: open, told: told)
        }
    }

    /// A debtor's accounts that are placed now.
    private struct Placing {
        let debtor: ChunkDebtor
        let caseId: Int64
        let agencyId: Int32
        let stage: Stage
        let items: [PlanItemRow]
    }

    func place(
        part: Int32, _ debtors: [ChunkDebtor], context: PlacementEnvironment, environment: CaseEnvironment,
        _ transaction: AuditedTransaction
    ) async throws -> ChunkResult {
        let holders = Dictionary(context.holders.map { ($0.id, $0) }) { first, _ in first }
        let rules = ChunkRules(
            rules: PlacementRules(
                conduct: context.policy.conduct, stages: context.policy.stages, portfolio: target.portfolio, day: context.day),
            needsNotice: context.needsNotice, now: context.now.business, zone: context.zone, holders: holders)
        // What the plan kept free for these accounts bounds what they may bring: balances may have grown since.
        var room: [Int32: Int64] = [:]
        for item in debtors.flatMap(\.items) {
            if let agency = item.agencyId, context.terms[agency]?.capacityAmount != nil { room[agency, default: 0] += item.balance }
        }
        var result = ChunkResult()
        var passed: [(item: PlanItemRow, why: PlacementExclusion)] = []
        var placing: [Placing] = []
        for debtor in debtors {
            var now: [PlanItemRow] = []
            for (item, step) in rules.steps(debtor, room: &room) {
                switch step {
                case .place: now.append(item)
                case .passOver(let why):
                    passed.append((item, why))
                    result.passedOver[why.code.rawValue, default: 0] += 1
                case .wait(let until):
                    result.waiting += 1
                    result.waitingUntil = [result.waitingUntil, until].compactMap(\.self).min()
                }
            }
            guard let agencyId = now.first?.agencyId else { continue }
            let caseId: Int64
            if let open = debtor.openCase { caseId = open.caseId } else { caseId = try await database.ids.next(.caseFile) }
            placing.append(Placing(debtor: debtor, caseId: caseId, agencyId: agencyId, stage: rules.startStage(debtor), items: now))
        }
        let placements = try await rows(placing, rules: rules.rules, context: context)
        result.placed = placements.count
        result.joined = placing.filter { $0.debtor.openCase != nil }.reduce(0) { $0 + $1.items.count }
        try await store(part: part, placing, placements, passed, context: context, environment: environment, transaction, &result)
        return result
    }

    private func rows(_ placing: [Placing], rules: PlacementRules, context: PlacementEnvironment) async throws -> [NewPlacement] {
        let ids = try await database.ids.next(.placement, count: placing.reduce(0) { $0 + $1.items.count })
        let cards = Dictionary(context.holders.map { ($0.id, $0.feeScheduleId) }) { first, _ in first }
        let termEnd = context.termEnd(days: target.termDays)
        var rows: [NewPlacement] = []
        for placing in placing {
            let accounts = Dictionary(placing.debtor.facts.accounts.map { ($0.accountId, $0) }) { first, _ in first }
            for item in placing.items {
                guard let account = accounts[item.accountId] else { continue }
                rows.append(
                    NewPlacement(
                        placementId: ids[rows.count], accountId: item.accountId, debtorId: item.debtorId, caseId: placing.caseId,
                        agencyId: placing.agencyId, portfolioId: target.portfolio.portfolioId, runId: target.runId,
                        tier: rules.tier(of: account, in: placing.debtor.facts), bucket: account.bucket, currency: account.currency,
                        referBalance: account.balance, amountDue: account.amountDue, feeScheduleId: cards[placing.agencyId] ?? nil,
                        startStage: placing.stage, startsAt: context.now.business, termEnd: termEnd,
                        reason: "\(item.reasonCode): \(item.reason)",
                        policyVersion: context.policy.version))
            }
        }
        return rows
    }

    private func store(
        part: Int32, _ placing: [Placing], _ placements: [NewPlacement], _ passed: [(item: PlanItemRow, why: PlacementExclusion)],
        context: PlacementEnvironment, environment: CaseEnvironment, _ transaction: AuditedTransaction, _ result: inout ChunkResult
    ) async throws {
        let db = transaction.connection
        var statements: [PostgresQuery] = []
        if !placements.isEmpty {
            statements.append(PlacementQueries.insert(part: part, placements))
            statements.append(PlanItemQueries.markPlaced(part: part, runId: target.runId, accounts: placements.map(\.accountId)))
        }
        if !passed.isEmpty {
            statements.append(
                PlanItemQueries.markPassedOver(
                    part: part, runId: target.runId, accounts: passed.map(\.item.accountId), codes: passed.map(\.why.code.rawValue),
                    reasons: passed.map(\.why.reason)))
        }
        if statements.isEmpty { return }
        _ = try await db.pipeline(statements)
        transaction.audit(placements.map { Self.entry($0) })
        if !passed.isEmpty {
            transaction.audit(
                .placementRun, subject: target.runId,
                [
                    "what": "passed_over", "accounts": .numbers(passed.map(\.item.accountId)),
                    "codes": .strings(passed.map(\.why.code.rawValue)),
                ])
        }
        let openings = placing.filter { $0.debtor.openCase == nil }.map {
            CaseOpening(caseId: $0.caseId, debtorId: $0.debtor.debtorId, agencyId: $0.agencyId, stage: $0.stage)
        }
        if !openings.isEmpty {
            transaction.audit(
                try await CaseOpener.open(openings, part: part, environment: environment, now: context.now, database: database, in: db))
            result.hints += Set(openings.map { WorkHint(part: part, agency: $0.agencyId, stage: $0.stage) })
        }
        try await join(part: part, placing.filter { $0.debtor.openCase != nil }, environment: environment, now: context.now, transaction)
    }

    /// E12: further accounts join the case of their debtor; it keeps its stage and its task.
    private func join(
        part: Int32, _ joining: [Placing], environment: CaseEnvironment, now: Now, _ transaction: AuditedTransaction
    ) async throws {
        if joining.isEmpty { return }
        var contexts = try await CaseContext.load(
            part: part, debtors: joining.map(\.debtor.debtorId), environment: environment, now: now, in: transaction.connection)
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        for placing in joining {
            guard var context = contexts[placing.debtor.debtorId] else { continue }
            for item in placing.items {
                try await transition.take(.accountJoined(account: item.accountId), on: &context, cause: TransitionCause(by: "placement"))
            }
            contexts[placing.debtor.debtorId] = context
        }
        transaction.audit(try await transition.write(in: transaction.connection))
    }

    private static func entry(_ row: NewPlacement) -> AuditDraft {
        AuditDraft(
            kind: .placement, subject: row.placementId,
            body: [
                "account": .int(row.accountId), "case": .int(row.caseId), "agency": .number(row.agencyId), "run": .int(row.runId),
                "tier": .number(row.tier), "bucket": .string(row.bucket), "refer_balance": .int(row.referBalance),
                "currency": .string(row.currency),
                "stage": .string(row.startStage.name), "term_end": .string(row.termEnd.description), "reason": .string(row.reason),
                "policy": .number(row.policyVersion),
            ])
    }
}
