package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Reads how the day stands from what has come and what has run; nothing of a day is stored beside that.
package struct DayService: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource
    private let plan: DailyPlan

    package init(database: Database, environments: CaseEnvironmentSource, plan: DailyPlan = .standard) {
        self.database = database
        self.environments = environments
        self.plan = plan
    }

    /// How the day stands now.
    package func board() async throws -> DayBoard {
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: now)
        let zone = environment.zone
        let (day, time) = zone.local(of: now.business)
        let first = zone.startOfDay(day.adding(days: -7))
        let today = zone.startOfDay(day)
        let (files, runs, handovers, ledger) = try await database.core.withConnection { db in
            (
                try await DayQueries.files(since: first, in: db), try await DayQueries.runs("reconcile", since: today, in: db),
                try await DayQueries.runs(HandoverService.runKind, since: today, in: db), try await RateQueries.ledger(in: db)
            )
        }
        var (done, expected) = progress(files: files, runs: runs, day: day, zone: zone, hasDailyFeed: ledger.hasDailyFeed)
        for step in plan.steps where step.work == .handover { done[step.name] = handovers.last }
        let (breaks, suspended, cases) = try await database.core.withConnection { db in
            (
                try await BreakQueries.openCounts(in: db), try await DayQueries.suspended(in: db), try await SummaryQueries.cases(in: db)
            )
        }
        let requests = try await RequestService(database: database, environments: environments).open()
        let complaints = try await ComplaintService(database: database, environments: environments).list(all: false, limit: 10_000)
            .complaints
            .filter { $0.state == .open }
        let byType = Dictionary(grouping: requests, by: \.type.rawValue)
        return DayBoard(
            day: day, time: time, zone: zone, steps: plan.states(at: Int(time.minutes), done: done, expected: expected),
            reminder: DailyPlan.reminder(on: day), watermark: ledger.watermark,
            ledgerHours: ledger.watermark.map { Int((now.business - $0).components.seconds / 3_600) },
            ledgerIsStale: environment.closed(.phone, at: now.business)?.rule == "ledger_stale", breaks: breaks,
            requests: byType.map { ($0.key, $0.value.count, $0.value.count { $0.slaDue <= now.business }) }.sorted { $0.0 < $1.0 },
            complaints: (complaints.count, complaints.count { $0.dueOn < day }), suspended: suspended, cases: cases)
    }

    /// Which steps were done today, and which files have to come: by habit, and payments where a source promises them daily.
    private func progress(
        files: [(kind: String, at: Instant)], runs: [Instant], day: Day, zone: Zone, hasDailyFeed: Bool
    ) -> (done: [String: Instant], expected: Set<String>) {
        var done: [String: Instant] = [:]
        var days: [String: Set<Day>] = [:]
        for step in plan.steps {
            switch step.work {
            case .file(let kind):
                for file in files where file.kind == kind {
                    let (on, time) = zone.local(of: file.at)
                    guard step.window.contains(time) else { continue }
                    if on == day { done[step.name] = done[step.name] ?? file.at } else { days[step.name, default: []].insert(on) }
                }
            case .reconcile:
                // By hand or by the scheduler: a run is a run. One that began before a needed file was in did not have it.
                let ran = runs.last { step.window.contains(zone.timeOfDay(of: $0)) }
                let came = step.needs.compactMap { done[$0] }.max()
                if let ran, came.map({ $0 <= ran }) ?? true { done[step.name] = ran }
            case .moment, .handover: break
            }
        }
        var expected = DailyPlan.expected(days: days.mapValues(\.count))
        if hasDailyFeed { expected.insert("payments") }
        return (done, expected)
    }
}
