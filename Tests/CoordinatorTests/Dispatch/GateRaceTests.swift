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

    /// Puts copies of a debtor's task beside it, against the rule of one live task: of the acts they lead to the limit allows one.
    private func copies(of task: Int64, count: Int, _ scene: DispatchHarness) async throws -> [Int64] {
        let ids = try await scene.db.database.ids.next(.task, count: count)
        for id in ids {
            try await scene.db.administrator.query(
                """
                insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
                select part, \(id), agency_id, stage, step, 0, due_at, debtor_id, case_id, attempt from task where task_id = \(task)
                """)
        }
        return ids
    }

    @Test("three collectors of each debtor ask at the door at once, by two processes: one visit a week is allowed, whoever asks (I7)")
    func visits() async throws {
        let scene = try await DispatchHarness()
        let (second, database) = try await scene.secondProcess()
        let agency = scene.alpha
        var doors: [Int64: PlacedDebtor] = [:]
        for _ in 0..<16 {
            let debtor = try await scene.db.makePlacedDebtor(accounts: [6_500_000], stage: .fieldVisit, agency: agency.agencyId)
            try await scene.db.administrator.query(
                "update case_file set point_id = \(debtor.contactPointIds[1]) where case_id = \(debtor.caseId)")
            for task in [debtor.taskId] + (try await copies(of: debtor.taskId, count: 2, scene)) { doors[task] = debtor }
        }
        var leases: [Lease] = []
        while true {
            let more = try await scene.lease(["field"], max: 48)
            if more.isEmpty { break }
            leases += more
        }
        #expect(leases.count == 48)
        let replies = try await withThrowingTaskGroup(of: (Int64, PermitReply).self) { group in
            for (index, lease) in leases.shuffled().enumerated() {
                let dispatch = index.isMultiple(of: 2) ? scene.dispatch : second
                let debtor = try #require(Int64(lease.taskId).flatMap { doors[$0] })
                group.addTask {
                    (
                        debtor.debtorId,
                        try await dispatch.permit(
                            PermitRequest(
                                leaseToken: lease.leaseToken, contactPointId: String(debtor.contactPointIds[1]), act: "visit", collectors: 2
                            ),
                            for: agency)
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        await database.close()
        for debtor in Set(doors.values.map(\.debtorId)) {
            let own = replies.filter { $0.0 == debtor }.map(\.1)
            #expect(own.count { $0.permitId != nil } == 1, "one is allowed, none is starved")
            #expect(own.compactMap(\.blocked).allSatisfy { $0.reasons.contains("frequency_limits.visits_weekly") })
        }
        #expect(try await scene.count("select count(*) from permit") == 16)
    }

    @Test("four letters to each debtor are asked for at once by 32 lettershop workers of two processes: one goes out (I7)")
    func letters() async throws {
        let scene = try await DispatchHarness()
        let (second, database) = try await scene.secondProcess()
        let shop = scene.lettershop
        for _ in 0..<12 {
            let debtor = try await scene.db.makePlacedDebtor(stage: .informationGathering, agency: scene.alpha.agencyId)
            try await scene.db.administrator.query(
                "update contact_point set state = 'invalid' where debtor_id = \(debtor.debtorId) and channel <> 'home_address'")
            let lease = try #require(try await scene.lease(["info"]).first)
            _ = try await scene.report([try await scene.outcome(lease, "no_contact_found")])
            let task = try await scene.value("select task_id from letter where debtor_id = \(debtor.debtorId)", as: Int64.self)
            for copy in try await copies(of: task, count: 3, scene) {
                let letter = try await scene.db.database.ids.next(.letter)
                try await scene.db.administrator.query(
                    """
                    insert into letter select (jsonb_populate_record(l, jsonb_build_object('letter_id', \(letter), 'task_id', \(copy)))).*
                    from letter l where l.task_id = \(task)
                    """)
            }
        }
        await scene.dispatch.wake()
        await second.wake()
        let granted = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<32 {
                let dispatch = worker.isMultiple(of: 2) ? scene.dispatch : second
                group.addTask {
                    try await dispatch.lease(LeaseRequest(requestId: "letter-\(worker)", stages: ["letter"], max: 3), for: shop)
                        .leases.map(\.workCard.caseRef)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await database.close()
        #expect(granted.count == 12 && Set(granted).count == 12)
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
