import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// The scheduled run that holds cases against the bank's ledger and the calendar.
///
/// Judges promises the watermark has passed, ends waits and holds whose time has come, closes terms, looks at stages once a day, opens and closes
/// breaks. Each step asks which debtors are due and decides under their locks, a chunk per transaction: killed anywhere and run again, it goes on
/// where it stopped, and a second run over the same ledger moves nothing. Only one runs at a time (a lease on its run row).
package struct ReconciliationService: Sendable {
    /// Debtors decided in one transaction: short enough that dispatch hardly waits for their locks.
    static let chunk: Int32 = 100

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Runs once over everything that is due now.
    ///
    /// - Parameters:
    ///   - holder: A name for this process, unique among those alive.
    ///   - progress: Called with the step's name and the lanes done.
    /// - Throws: ``RunError/running(kind:by:)`` while another run is alive.
    package func run(holder: String, progress: @Sendable (String, Int) -> Void = { _, _ in }) async throws -> ReconciliationReport {
        let id = try await database.ids.next(.run)
        let (run, now) = try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            let (run, _) = try await RunQueries.start(id: id, kind: "reconcile", holder: holder, now: now, in: db)
            return (run, now)
        }
        do {
            let report = try await reconcile(run: run.id, holder: holder, now: now, progress: progress)
            try await database.withAuditedTransaction(database.core) { tx in
                let end = try await ClockQueries.read(in: tx.connection)
                tx.audit(
                    .reconciliation, subject: run.id,
                    ["moved": .number(report.moved), "breaks_open": .int(report.breaksOpen), "watermark": .optional(report.watermark)])
                try await RunQueries.finish(id: run.id, holder: holder, state: .done, now: end, in: tx.connection)
                try await WorkNewsQueries.announceEverything(in: tx.connection)
            }
            return report
        } catch {
            // The run row must not stay open for its lease's length when we know that it failed; the first error is the one that matters.
            do {
                try await database.core.withTransaction { db in
                    try await RunQueries.finish(
                        id: run.id, holder: holder, state: .failed, now: try await ClockQueries.read(in: db), in: db)
                }
            } catch {}
            throw error
        }
    }

    private func reconcile(
        run: Int64, holder: String, now: Now, progress: @Sendable (String, Int) -> Void
    ) async throws -> ReconciliationReport {
        let environment = try await environments.current(at: now)
        let watermark = try await database.core.withConnection { try await LedgerQueries.watermark(in: $0) }
        var report = ReconciliationReport(run: run, at: now.business.iso8601(), watermark: watermark.map { $0.iso8601() })
        let work = CaseWork(database: database, environment: environment)
        let stages = environment.policy.stages
        for part in database.lanes.all {
            progress("lanes", Int(part))
            try await database.core.withTransaction { db in
                try await RunQueries.progress(
                    id: run, holder: holder, done: Int64(part), total: Int64(database.lanes.count),
                    now: try await ClockQueries.read(in: db), in: db)
            }
            if let watermark { try await judgePromises(part: part, watermark: watermark, work: work, into: &report) }
            if let watermark { report.plansJudged += try await judgePlans(part: part, watermark: watermark, work: work) }
            report.promisesAwaitingLedger += try await database.core.withTransaction { db in
                try await DueWorkQueries.awaitLedger(part: part, now: now.business, in: db)
            }
            report.holdsEnded += try await work.each(part: part) { after, db in
                try await DueWorkQueries.holdsEnded(part: part, after: after, now: now.business, limit: Self.chunk, in: db)
            } events: { context, now in
                context.facts.holds.filter { ($0.until.map { $0 <= now.business }) ?? false }.map {
                    .holdReleased($0.type, account: $0.account)
                }
            }
            report.waitsEnded += try await work.each(part: part) { after, db in
                try await DueWorkQueries.waitsEnded(part: part, after: after, now: now.business, limit: Self.chunk, in: db)
            } events: { context, now in
                guard let until = context.facts.state.until, until <= now.business, context.facts.state.code == .waiting else { return [] }
                return [.waitEnded]
            }
            report.waitsEnded += try await work.each(part: part) { after, db in
                try await DueWorkQueries.paymentsClaimed(part: part, after: after, limit: Self.chunk, in: db)
            } events: { context, _ in
                // Until the ledger has passed the day they named, the wait ends by its date only.
                let claimed = Day(number: Int32(clamping: context.facts.counters.claimedDay))
                guard context.facts.counters.claimedDay > 0,
                    PromiseJudgement.hasPassed(environment.zone.endOfDay(claimed), watermark: watermark)
                else { return [] }
                return [.ledgerAdvanced]
            }
            report.requestsOverdue += try await work.each(part: part) { after, db in
                try await DueWorkQueries.requestsOverdue(part: part, after: after, now: now.business, limit: Self.chunk, in: db)
            } events: { context, now in
                context.facts.requests.filter { $0.slaDue <= now.business }.map { .requestOverdue($0.type) }
            }
            report.termsEnded += try await work.each(part: part) { after, db in
                try await DueWorkQueries.termsEnded(part: part, after: after, now: now.business, limit: Self.chunk, in: db)
            } events: { _, _ in
                [.termEnd]
            }
            report.recallsExecuted += try await executeRecalls(part: part, now: now, environment: environment)
            report.curesResumed += try await resumeCures(part: part, now: now, work: work, environment: environment)
            report.stagesLookedAt += try await work.each(part: part) { after, db in
                try await DueWorkQueries.stagesToLookAt(
                    part: part, after: after,
                    enteredBefore: now.business - .seconds(Int64(Stage.allCases.compactMap(stages.maxDays).min() ?? 1) * 86_400),
                    idleSince: now.business - .seconds(Int64(stages.phone.maxIdleDays) * 86_400), limit: Self.chunk, in: db)
            } events: { _, _ in
                [.stageDay]
            }
            try await BreakSweep(database: database).run(part: part, now: now, into: &report)
            try await CardOrderSweep(database: database).run(part: part, now: now, into: &report)
            try await ComplaintSweep(database: database, environment: environment).run(part: part, now: now, into: &report)
            try await EvidenceSweep(database: database, environment: environment).run(part: part, now: now, into: &report)
            try await LimitationSweep(database: database, environment: environment).run(part: part, now: now, into: &report)
        }
        try await AgencySweep(database: database, environment: environment).run(into: &report)
        report.breaksOpen = try await database.core.withConnection { try await BreakQueries.openCounts(in: $0).reduce(0) { $0 + $1.count } }
        return report
    }

    /// E3: promises whose grace the ledger has passed, all of a debtor at once.
    private func judgePromises(part: Int32, watermark: Instant, work: CaseWork, into report: inout ReconciliationReport) async throws {
        let counts = VerdictTally()
        _ = try await work.each(part: part) { after, db in
            try await DueWorkQueries.judgeable(
                part: part, after: after, watermark: watermark + PromiseJudgement.lastSecond, limit: Self.chunk, in: db)
        } prepare: { contexts, db in
            let since = contexts.values.flatMap(\.facts.promises).map(\.takenAt).min() ?? watermark
            return try await LedgerQueries.payments(part: part, debtors: Array(contexts.keys), since: since, in: db)
        } events: { context, now, payments in
            var verdicts: [PromiseVerdict] = []
            for promise in context.facts.promises {
                let paid = (payments[promise.account] ?? []).map {
                    PromiseJudgement.Paid(paidAt: $0.paidAt, amount: Money(minorUnits: $0.minorUnits, currency: promise.amount.currency))
                }
                if let verdict = try PromiseJudgement.verdict(
                    promise, payments: paid, watermark: watermark, now: now.business, policy: work.environment.policy.stages.promise)
                {
                    verdicts.append(verdict)
                    counts.add(verdict.state)
                }
            }
            return verdicts.isEmpty ? [] : [.promisesJudged(verdicts)]
        }
        report.promisesKept += counts[.kept]
        report.promisesPartlyKept += counts[.partiallyKept]
        report.promisesBroken += counts[.broken]
    }

    /// E5: instalments whose day and grace the ledger has passed. A plan is the debtor's: it is over when one account's share was missed, or when
    /// every share was paid.
    private func judgePlans(part: Int32, watermark: Instant, work: CaseWork) async throws -> Int {
        let zone = work.environment.zone
        let grace = work.environment.terms.promiseGraceDays
        let through = zone.day(of: watermark + PromiseJudgement.lastSecond)
        return try await work.each(part: part) { after, db in
            try await PlanQueries.due(part: part, after: after, through: through, limit: Self.chunk, in: db)
        } prepare: { contexts, db -> [Int64: CaseEvent] in
            let plans = try await PlanQueries.running(part: part, debtors: contexts.keys.sorted(), in: db)
            let since = plans.map(\.signedAt).min() ?? watermark
            let payments = try await LedgerQueries.payments(part: part, debtors: contexts.keys.sorted(), since: since, in: db)
            var events: [Int64: CaseEvent] = [:]
            var open: Set<Int64> = []
            var advanced: [(id: Int64, next: Day?)] = []
            for plan in plans {
                let paid = (payments[plan.account] ?? []).map {
                    PromiseJudgement.Paid(
                        paidAt: $0.paidAt,
                        amount: Money(minorUnits: $0.minorUnits, currency: plan.instalments[0].amount.currency))
                }
                switch try InstalmentPlan.judge(
                    plan.instalments, signedAt: plan.signedAt, payments: paid, watermark: watermark, graceDays: grace, zone: zone)
                {
                case .missed: events[plan.debtor] = .instalmentMissed(account: plan.account)
                case .running(let next):
                    open.insert(plan.debtor)
                    advanced.append((plan.id, next))
                case .fulfilled: advanced.append((plan.id, nil))
                }
            }
            for plan in plans where events[plan.debtor] == nil && !open.contains(plan.debtor) { events[plan.debtor] = .planFulfilled }
            if !advanced.isEmpty { try await db.query(PlanQueries.advance(part: part, advanced)) }
            return events
        } events: { context, _, events in
            events[context.facts.debtorId].map { [$0] } ?? []
        }
    }

    /// E7: recalls whose objection window has passed take effect.
    private func executeRecalls(part: Int32, now: Now, environment: CaseEnvironment) async throws -> Int {
        var after: Int64 = 0
        var executed = 0
        while true {
            let position = after
            let debtors = try await database.core.withConnection {
                try await RecallQueries.due(part: part, after: position, now: now.business, limit: Self.chunk, in: $0)
            }
            guard let last = debtors.last else { return executed }
            executed += try await database.withAuditedTransaction(database.core, part: part) { tx in
                let db = tx.connection
                let now = try await ClockQueries.read(in: db)
                let contexts = try await CaseContext.load(part: part, debtors: debtors, environment: environment, now: now, in: db)
                var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
                var ended: [Int64] = []
                for debtor in debtors {
                    guard var context = contexts[debtor], context.facts.state.code == .recalling else { continue }
                    let placements = context.rows.accounts.filter { $0.placementState == "recalling" }.map(\.placementId)
                    let stored = try await RecallQueries.categories(part: part, placements: placements, in: db).values.first
                    try await transition.take(
                        .recallExecuted(stored.flatMap(RecallCategory.init) ?? .bank), on: &context, cause: TransitionCause(by: "reconcile")
                    )
                    ended += placements
                }
                tx.audit(try await transition.write(in: db))
                try await db.query(RecallQueries.executed(part: part, placements: ended, at: now.business))
                for placement in ended { tx.audit(.recall, subject: placement, ["what": "executed"]) }
                for (placement, agency) in try await RecallQueries.confirmAcknowledged(
                    part: part, placements: ended, at: now.business, in: db)
                {
                    tx.audit(.recall, subject: placement, ["action": "confirmed", "by": .string("agency:\(agency)")])
                }
                return ended.count
            }
            after = last
        }
    }

    /// The bank said nothing of a cure for as long as the policy waits: work resumes.
    private func resumeCures(part: Int32, now: Now, work: CaseWork, environment: CaseEnvironment) async throws -> Int {
        let zone = environment.zone
        // The latest day whose waiting time has passed by today.
        let today = zone.day(of: now.business)
        var day = today
        while environment.calendar.adding(businessDays: environment.policy.stages.ledger.paidClaimedBusinessDays, to: day) > today {
            day = day.adding(days: -1)
        }
        let since = zone.startOfDay(day)
        return try await work.each(part: part) { after, db in
            try await DueWorkQueries.curesUnconfirmed(part: part, after: after, since: since, limit: Self.chunk, in: db)
        } events: { context, _ in
            context.facts.accounts.filter { $0.status == .curePending }.map { .accountUpdate(account: $0.id, .overdue) }
        }
    }
}
