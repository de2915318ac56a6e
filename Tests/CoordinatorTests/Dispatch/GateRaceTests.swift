import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Limits under concurrency", .tags(.database), .freshDatabase, .timeLimit(.minutes(4)))
struct GateRaceTests {
    /// A limit, and the acts of today that leave one of it.
    private enum Short: CaseIterable {
        case talks, unansweredDials

        func acts(point: Int64, by agency: Int32) -> [ContactEntry] {
            let (count, outcome): (Int, ContactOutcome) =
                switch self {
                case .talks: (2, .conversation)
                case .unansweredDials: (5, .noAnswer)
                }
            return (0..<count).map {
                ContactEntry(
                    at: DispatchHarness.monday - .seconds(Int64($0 + 1) * 15 * 60), channel: .call, outcome: outcome, point: point,
                    by: Actor(agency: agency))
            }
        }
    }

    /// A debtor one act short of a limit who has, against the rule of one live contact task, four call tasks that are due.
    private func debtor(_ scene: DispatchHarness, short: Short) async throws -> PlacedDebtor {
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var ledger = try await scene.ledger(debtor)
        for entry in short.acts(point: debtor.contactPointIds[0], by: scene.alpha.agencyId) { ledger.add(entry) }
        let ids = try await scene.db.database.ids.next(.task, count: 3)
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(ledger.bytes) where part = \(debtor.part) and debtor_id = \(debtor.debtorId)")
        for id in ids {
            try await scene.db.administrator.query(
                """
                insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
                select part, \(id), agency_id, stage, step, 0, due_at, debtor_id, case_id, attempt from task where task_id = \(debtor.taskId)
                """)
        }
        return debtor
    }

    @Test("for a minute 64 workers of two processes race for debtors one act short: each is granted once, none twice, none never (I7)")
    func race() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let (second, database) = try await scene.secondProcess()
        let agency = scene.alpha
        let end = ContinuousClock.now + .seconds(60)
        var waves = 0
        while ContinuousClock.now < end {
            let short = Short.allCases[waves % Short.allCases.count]
            waves += 1
            var debtors: [PlacedDebtor] = []
            for _ in 0..<16 { debtors.append(try await debtor(scene, short: short)) }
            await scene.dispatch.wake()
            await second.wake()
            let wave = waves
            let granted = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<64 {
                    let dispatch = worker % 2 == 0 ? scene.dispatch : second
                    group.addTask {
                        try await dispatch.lease(
                            LeaseRequest(requestId: "race-\(wave)-\(worker)", stages: ["phone"], max: 3), for: agency
                        ).leases.count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(granted == 16, "one more act each: wave \(wave), \(short)")
            for debtor in debtors {
                let ledger = try await scene.ledger(debtor)
                #expect(ledger.reservations.count == 1, "wave \(wave), \(short)")
            }
        }
        await database.close()
        #expect(waves >= 4)
        let limits = try await LimitCheck(database: scene.db.database, policy: scene.policies.current(at: #require(Day(iso: "2026-11-02"))))
            .run()
        #expect(limits.violations == 0)
    }

    @Test("Several tasks of one debtor in one call are judged one after the other")
    func sequence() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        for id in try await scene.db.database.ids.next(.task, count: 5) {
            try await scene.db.administrator.query(
                """
                insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
                select part, \(id), agency_id, stage, step, 0, due_at, debtor_id, case_id, attempt from task where task_id = \(debtor.taskId)
                """)
        }
        #expect(try await scene.lease(max: 10).count == 3, "three talks a day")
        #expect(
            try await scene.tasks(debtor).filter { !$0.isLeased }.allSatisfy {
                $0.dueAt == DispatchHarness.instant("2026-11-03T08:00:00+08:00")
            })
    }

    @Test("Distinct instants of one call are at most eight, others rounded up")
    func capsInstants() async throws {
        let scene = try await DispatchHarness()
        let now = try await scene.db.now()
        let environment = try await CaseEnvironmentSource(database: scene.db.database, policies: scene.policies).current(at: now)
        var plan = LeasePlan(environment: environment, agency: 1, now: now, ttlSeconds: nil)
        for index in 0..<40 {
            var ledger = ConductLedger(profile: DebtorProfile(zones: .known([.utc])))
            // A hold with an end of its own for each.
            ledger.hold(.cease, from: now.business - .seconds(60), until: now.business + .seconds(Int64(index) * 3_600 + 600))
            try plan.consider(
                PickedTask(
                    part: 0, taskId: Int64(index), debtorId: Int64(index), caseId: 1, step: .call, epoch: 0, attempt: 1,
                    dueAt: now.business, holder: 1,
                    caseStage: .phone, goal: .getDate,
                    point: PointRow(
                        id: 1, role: .debtor, channel: .mobile, state: .valid, provenance: "application", rank: 1, visitsOff: false),
                    accounts: [1], isLowRisk: false,
                    conductVersion: 0, ledger: ledger.bytes))
        }
        #expect(plan.grants.isEmpty && plan.blocked.count == 40)
        let postponements = plan.postponements(of: 0)
        #expect(postponements.count <= 8)
        #expect(postponements.flatMap(\.tasks).sorted() == (0..<40).map(Int64.init))
        for (until, tasks) in postponements {
            for task in tasks {
                #expect(plan.blocked.first { $0.task.taskId == task }.map { $0.until <= until } == true, "never sooner than allowed")
            }
        }
    }
}
