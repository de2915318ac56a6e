package import CollectionsDomain
package import CollectionsStore
import Crypto
import Logging
import PostgresDriver
import Synchronization

/// A plan in figures.
package struct PlacementSummary: Hashable, Sendable {
    /// Accounts and money of one kind.
    package struct Count: Hashable, Sendable {
        package var accounts = 0
        package var debtors = 0
        /// Minor units.
        package var amount: Int64 = 0
        /// Accounts done: placed or passed over.
        package var done = 0

        package init() {}

        static func += (left: inout Count, right: Count) {
            left.accounts += right.accounts
            left.debtors += right.debtors
            left.amount += right.amount
            left.done += right.done
        }
    }

    /// What is counted together.
    package struct Key: Hashable, Comparable, Sendable {
        package let currency: String
        package let bucket: String

        package static func < (left: Key, right: Key) -> Bool { (left.currency, left.bucket) < (right.currency, right.bucket) }
    }

    /// By agency, then currency and bucket.
    package var placed: [Int32: [Key: Count]] = [:]
    /// By reason code, then currency. Debtors are counted once per reason.
    package var excluded: [String: [String: Count]] = [:]
    /// Accounts by reason code of those that are placed.
    package var placedBecause: [String: Int] = [:]

    package init() {}

    /// Accounts with an agency.
    package var accounts: Int { placed.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.accounts } } }
    /// Accounts without one.
    package var excludedAccounts: Int { excluded.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.accounts } } }

    mutating func add(_ items: [PlanItemRow]) {
        var debtors: Set<String> = []
        for item in items {
            var count = Count()
            count.accounts = 1
            count.amount = item.balance
            let group = item.agencyId.map { "\($0)" } ?? item.reasonCode
            if debtors.insert("\(item.debtorId) \(group)").inserted { count.debtors = 1 }
            add(count, agencyId: item.agencyId, code: item.reasonCode, currency: item.currency, bucket: item.bucket)
        }
    }

    mutating func add(_ line: PlanItemQueries.Line) {
        var count = Count()
        count.accounts = Int(line.accounts)
        count.debtors = Int(line.debtors)
        count.amount = line.amount
        count.done = Int(line.done)
        add(count, agencyId: line.agencyId, code: line.reasonCode, currency: line.currency, bucket: line.bucket)
    }

    private mutating func add(_ count: Count, agencyId: Int32?, code: String, currency: String, bucket: String) {
        if let agencyId {
            placed[agencyId, default: [:]][Key(currency: currency, bucket: bucket), default: Count()] += count
            placedBecause[code, default: 0] += count.accounts
        } else {
            excluded[code, default: [:]][currency, default: Count()] += count
        }
    }
}

/// A plan as it was made.
package struct PlacementPlan: Sendable {
    /// `nil`: a dry run, nothing was stored.
    package let runId: Int64?
    package let portfolio: String
    package let strategy: AllocationStrategy
    package let seed: Int64
    package let day: Day
    package let inputHash: [UInt8]
    package let summary: PlacementSummary
    /// Names by agency.
    package let agencies: [Int32: String]
}

extension PlacementService {
    /// Spreads a portfolio's eligible accounts over agencies and stores the plan with a reason for every account.
    ///
    /// Debtors are streamed lane by lane; what is kept in memory does not grow with the portfolio. The same facts, day and seed give the
    /// same plan.
    ///
    /// - Parameters:
    ///   - seed: Who begins, and who wins ties; `nil`: the day's number, so that it changes from day to day.
    ///   - dryRun: Whether nothing is stored.
    ///   - onlyHandover: Whether only debtors are planned whose last holder could not do the next stage.
    ///   - progress: Told how many accounts were looked at.
    package func plan(
        portfolio name: String, strategy: AllocationStrategy, seed: Int64? = nil, dryRun: Bool = false, onlyHandover: Bool = false,
        by person: Operator,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> PlacementPlan {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let (portfolio, openRuns) = try await database.core.withConnection { db in
            guard let found = try await PlacementRunQueries.portfolio(named: name, in: db) else {
                throw PlacementError.unknownPortfolio(name)
            }
            return (found, try await PlacementRunQueries.openRuns(in: db))
        }
        let environment = try await PlacementEnvironment.read(database: database, policies: policies)
        let seed = seed ?? Int64(environment.day.number)
        let draft = PlanDraft(
            portfolio: portfolio, strategy: strategy, seed: seed, environment: environment, openRuns: openRuns,
            at: environment.now.business,
            onlyHandover: onlyHandover)
        guard !dryRun else {
            let made = try await allocate(draft, storingAs: nil, progress: progress)
            return plan(draft, runId: nil, made)
        }
        let started = try await startPlanning(portfolio)
        do {
            if started.takenOver {
                // A planning that did not end left items behind; no plan was stored with them.
                for part in database.lanes.all {
                    try await database.core.withConnection { db in
                        try await PlanItemQueries.discard(part: part, runId: started.run.id, in: db)
                    }
                }
            }
            let made = try await allocate(draft, storingAs: started.run.id, progress: progress)
            try await store(draft, runId: started.run.id, made, by: person)
            return plan(draft, runId: started.run.id, made)
        } catch {
            await abandon(started.run.id)
            throw error
        }
    }

    /// What a plan is made from.
    private struct PlanDraft: Sendable {
        let portfolio: PortfolioRecord
        let strategy: AllocationStrategy
        let seed: Int64
        let environment: PlacementEnvironment
        let openRuns: [Int64]
        /// Holds that end by themselves before it are over.
        let at: Instant
        let onlyHandover: Bool

        var rules: PlacementRules {
            PlacementRules(
                conduct: environment.policy.conduct, stages: environment.policy.stages, portfolio: portfolio, day: environment.day)
        }

        func hash(lanes: [[UInt8]]) -> [UInt8] {
            var hash = SHA256()
            hash.update(data: environment.fingerprint(portfolio: portfolio, strategy: strategy, seed: seed))
            for lane in lanes { hash.update(data: lane) }
            return Array(hash.finalize())
        }
    }

    private typealias Made = (summary: PlacementSummary, hash: [UInt8])

    private func plan(_ draft: PlanDraft, runId: Int64?, _ made: Made) -> PlacementPlan {
        PlacementPlan(
            runId: runId, portfolio: draft.portfolio.name, strategy: draft.strategy, seed: draft.seed, day: draft.environment.day,
            inputHash: made.hash, summary: made.summary,
            agencies: Dictionary(draft.environment.holders.map { ($0.id, $0.offer.name) }) { first, _ in first })
    }

    private func startPlanning(_ portfolio: PortfolioRecord) async throws -> (run: Run, takenOver: Bool) {
        let id = try await database.ids.next(.run)
        return try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            return try await RunQueries.start(id: id, kind: Self.planKind, subject: portfolio.name, holder: holder, now: now, in: db)
        }
    }

    private func allocate(_ draft: PlanDraft, storingAs runId: Int64?, progress: @Sendable (Int) -> Void) async throws -> Made {
        let reader = PlacementReader(database: database, portfolio: draft.portfolio, openRuns: draft.openRuns, at: draft.at)
        let rules = draft.rules
        var allocation = draft.environment.allocation(draft.strategy, seed: draft.seed)
        var summary = PlacementSummary()
        var seen = 0
        var lanes: [[UInt8]] = []
        for part in database.lanes.all {
            let hash = try await reader.read(part: part) { debtors in
                var items: [PlanItemRow] = []
                for debtor in debtors where !draft.onlyHandover || debtor.accounts.contains(where: { rules.isHandover($0, in: debtor) }) {
                    items += Self.items(debtor, rules: rules, allocation: &allocation)
                }
                summary.add(items)
                seen += items.count
                progress(seen)
                guard let runId else { return }
                let rows = items
                let done = Int64(seen)
                try await database.core.withTransaction { db in
                    try await PlanItemQueries.insert(part: part, runId: runId, rows, in: db)
                    try await RunQueries.progress(id: runId, holder: holder, done: done, now: try await ClockQueries.read(in: db), in: db)
                }
            }
            lanes.append(hash)
        }
        return (summary, draft.hash(lanes: lanes))
    }

    /// The plan's word on every account of a debtor.
    private static func items(_ debtor: DebtorFacts, rules: PlacementRules, allocation: inout AllocationPlan) -> [PlanItemRow] {
        let accounts = Dictionary(debtor.accounts.map { ($0.accountId, $0) }) { first, _ in first }
        let (group, excluded) = rules.group(debtor)
        var items = excluded.map { PlanItemRow($0.account, agencyId: nil, code: $0.why.code.rawValue, reason: $0.why.reason) }
        guard let group else { return items }
        let isHandover = group.holder == nil && group.accounts.contains { $0.startStage == .fieldVisit }
        for item in allocation.place(group) {
            guard let account = accounts[item.account] else { continue }
            let code = isHandover && item.agency != nil ? PlanItemRow.handover : item.code
            let reason = isHandover && item.agency != nil ? "visits in the region are contracted; " + item.reason : item.reason
            items.append(PlanItemRow(account, agencyId: item.agency, code: code, reason: reason))
        }
        return items
    }

    private func store(_ draft: PlanDraft, runId: Int64, _ made: Made, by person: Operator) async throws {
        let environment = draft.environment
        try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            try await PlacementRunQueries.insert(
                PlacementRun(
                    runId: runId, portfolioId: draft.portfolio.portfolioId, strategy: draft.strategy, seed: draft.seed, state: .planned,
                    inputHash: made.hash, plannedAt: draft.at, businessOn: environment.day, maker: person.id, approvedAt: nil, checker: nil,
                    policyVersion: environment.policy.version, termDays: Int32(clamping: environment.policy.stages.intake.termDays)),
                in: db)
            let detail: CanonicalJSON = [
                "accounts": .number(made.summary.accounts), "excluded": .number(made.summary.excludedAccounts),
                "input_sha256": .string(Digest.hex(made.hash)),
            ]
            try await RunQueries.finish(
                id: runId, holder: holder, state: .done, detail: detail, now: try await ClockQueries.read(in: db), in: db)
            transaction.audit(
                .placementRun, subject: runId,
                [
                    "what": "planned", "maker": .number(person.id), "portfolio": .number(draft.portfolio.portfolioId),
                    "strategy": .string(draft.strategy.rawValue), "seed": .int(draft.seed), "day": .string("\(environment.day)"),
                    "policy": .number(environment.policy.version), "result": detail,
                ])
        }
    }

    /// Ends a planning that failed; its items, which no plan names, go with it.
    private func abandon(_ runId: Int64) async {
        do {
            for part in database.lanes.all {
                try await database.core.withConnection { db in try await PlanItemQueries.discard(part: part, runId: runId, in: db) }
            }
            try await database.core.withTransaction { db in
                try await RunQueries.finish(
                    id: runId, holder: holder, state: .failed, now: try await ClockQueries.read(in: db), in: db)
            }
        } catch {
            // The next planning of the portfolio takes the run over when its lease has ended, and clears up.
            logger.warning("could not clear up a planning that failed", metadata: ["run.id": "\(runId)", "error": "\(error)"])
        }
    }

    /// The fingerprint a plan would have if it were made again now, for its own day.
    func inputHash(of run: PlacementRun, portfolio: PortfolioRecord) async throws -> [UInt8] {
        let openRuns = try await database.core.withConnection { db in try await PlacementRunQueries.openRuns(in: db) }
        let environment = try await PlacementEnvironment.read(database: database, policies: policies, day: run.businessOn)
        let draft = PlanDraft(
            portfolio: portfolio, strategy: run.strategy, seed: run.seed, environment: environment, openRuns: openRuns, at: run.plannedAt,
            onlyHandover: false)
        let reader = PlacementReader(database: database, portfolio: portfolio, openRuns: openRuns, at: run.plannedAt)
        var lanes: [[UInt8]] = []
        for part in database.lanes.all { lanes.append(try await reader.read(part: part) { _ in }) }
        return draft.hash(lanes: lanes)
    }

    // MARK: Show

    /// A plan in figures, with a few accounts of each agency and reason.
    package func show(_ runId: Int64, samples each: Int = 3) async throws -> PlacementView {
        try await database.core.withConnection { db in
            let (run, portfolio) = try await self.run(runId, in: db)
            let agencies = Dictionary(try await AgencyQueries.all(in: db).map { ($0.agencyId, $0.name) }) { first, _ in first }
            var summary = PlacementSummary()
            var samples: [PlacementView.Sample] = []
            var taken: [String: Int] = [:]
            for part in database.lanes.all {
                for line in try await PlanItemQueries.summary(part: part, runId: runId, in: db) { summary.add(line) }
                for sample in try await PlanItemQueries.samples(part: part, runId: runId, each: each, in: db) {
                    let group = "\(sample.item.agencyId ?? 0) \(sample.item.reasonCode)"
                    if taken[group, default: 0] < each {
                        taken[group, default: 0] += 1
                        samples.append(
                            PlacementView.Sample(
                                sample.item, accountRef: sample.accountRef, agency: sample.item.agencyId.flatMap { agencies[$0] }))
                    }
                }
            }
            return PlacementView(run: run, portfolio: portfolio.name, summary: summary, samples: samples, agencies: agencies)
        }
    }

    /// What a plan says of the accounts of a reference, one per currency.
    package func show(_ runId: Int64, account reference: String) async throws -> [PlacementView.Sample] {
        try await database.core.withConnection { db in
            _ = try await self.run(runId, in: db)
            let agencies = Dictionary(try await AgencyQueries.all(in: db).map { ($0.agencyId, $0.name) }) { first, _ in first }
            var found: [PlacementView.Sample] = []
            for part in database.lanes.all {
                for sample in try await PlanItemQueries.items(part: part, runId: runId, accountRef: reference, in: db) {
                    found.append(
                        PlacementView.Sample(
                            sample.item, accountRef: sample.accountRef, agency: sample.item.agencyId.flatMap { agencies[$0] }))
                }
            }
            guard !found.isEmpty else { throw PlacementError.unknownAccount(reference) }
            return found
        }
    }
}

/// A plan to be looked at before it is approved.
package struct PlacementView: Sendable {
    /// One account of it.
    package struct Sample: Sendable {
        package let accountRef: String
        /// `nil`: not placed.
        package let agency: String?
        package let code: String
        package let reason: String
        package let done: Bool

        init(_ item: PlanItemRow, accountRef: String, agency: String?) {
            self.accountRef = accountRef
            self.agency = agency
            code = item.reasonCode
            reason = item.reason
            done = item.done
        }
    }

    package let run: PlacementRun
    package let portfolio: String
    package let summary: PlacementSummary
    package let samples: [Sample]
    /// Names by agency.
    package let agencies: [Int32: String]
}

extension PlanItemRow {
    /// Reason code of an account from the handover pool.
    static let handover = "handover"

    init(_ account: CandidateAccount, agencyId: Int32?, code: String, reason: String) {
        self.init(
            accountId: account.accountId, debtorId: account.debtorId, agencyId: agencyId, reasonCode: code, reason: reason,
            balance: account.balance,
            currency: account.currency, bucket: account.bucket)
    }
}
