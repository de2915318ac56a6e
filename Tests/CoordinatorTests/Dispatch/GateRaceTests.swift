import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Limits under concurrency", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct GateRaceTests {
    @Test("64 workers race for debtors one act short of the limit: no grant exceeds it (I7)")
    func race() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        // Each debtor has two talks today, of three allowed, and, against the rule of one live contact task, four call tasks that are due.
        var debtors: [PlacedDebtor] = []
        for _ in 0..<16 {
            let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
            var ledger = try await scene.ledger(debtor)
            for minute in [10, 40] {
                ledger.add(
                    ContactEntry(
                        at: DispatchHarness.monday - .seconds(Int64(minute) * 60), channel: .call, outcome: .conversation,
                        point: debtor.contactPointIds[0], by: Actor(agency: scene.alpha.agencyId)))
            }
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
            debtors.append(debtor)
        }
        let (second, database) = try await scene.secondProcess()
        let agency = scene.alpha
        let granted = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<64 {
                let dispatch = worker % 2 == 0 ? scene.dispatch : second
                group.addTask {
                    try await dispatch.lease(LeaseRequest(requestId: "race-\(worker)", stages: ["phone"], max: 3), for: agency).leases.count
                }
            }
            return try await group.reduce(0, +)
        }
        await database.close()
        #expect(granted == 16, "one more talk each")
        for debtor in debtors {
            let ledger = try await scene.ledger(debtor)
            #expect(ledger.entries.count + ledger.reservations.count == 3)
        }
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
