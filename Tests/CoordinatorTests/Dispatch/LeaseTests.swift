import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Leases", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct LeaseTests {
    @Test("A due call is leased once, with its card, its act's end and its reservation")
    func leasesOneCall() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let leases = try await scene.lease(max: 5)
        let lease = try #require(leases.first)
        #expect(leases.count == 1)
        #expect(lease.taskId == String(debtor.taskId) && lease.epoch == 1 && lease.stage == "phone" && lease.step == "call")
        // The act must begin before the window closes at 22:00.
        #expect(lease.actBefore == WireInstant(DispatchHarness.instant("2026-11-02T22:00:00+08:00")))
        #expect(lease.expiresInMs == 30 * 60 * 1_000)
        #expect(lease.workCard.accounts?.map(\.accountRef) == debtor.accountRefs)
        #expect(lease.workCard.accounts?.first?.amountDue == "10000.00")
        #expect(lease.workCard.permit?.contactPointId == String(debtor.contactPointIds[0]))
        #expect(lease.workCard.permit?.value?.hasPrefix("138") == true)
        #expect(lease.workCard.debtor?.name == "Test Person \(debtor.debtorId)" && lease.workCard.debtor?.idNumber == nil)
        let reservation = try #require(try await scene.ledger(debtor).reservation(task: debtor.taskId, epoch: 1))
        #expect(reservation.channel == .call && reservation.point == debtor.contactPointIds[0])
        // Nobody gets it twice.
        #expect(try await scene.lease(max: 5).isEmpty)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.lease.rawValue)") == 1)
    }

    @Test("The same request again gets the same leases; with another body it is refused; a used id never grants again")
    func replaysRequest() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let first = try #require(try await scene.lease(id: "same").first)
        let again = try #require(try await scene.lease(id: "same").first)
        #expect(again.leaseToken == first.leaseToken && again.epoch == first.epoch && again.actBefore == first.actBefore)
        #expect(again.workCard.accounts == first.workCard.accounts && again.workCard.permit == first.workCard.permit)
        await #expect(throws: Problem.self) { try await scene.lease(max: 2, id: "same") }
        _ = try await scene.report([try await scene.outcome(first, "no_answer")])
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        #expect(try await scene.lease(id: "same").isEmpty, "what was reported is left out, and nothing new is granted")
        #expect(debtor.taskId > 0)
    }

    @Test("Twins of one request id at the same moment are one call")
    func twins() async throws {
        let scene = try await DispatchHarness()
        for _ in 0..<6 { _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId) }
        let replies = try await withThrowingTaskGroup(of: [Lease].self) { group in
            for _ in 0..<6 { group.addTask { try await scene.lease(max: 3, id: "twin") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let sets = Set(replies.map { Set($0.map(\.leaseToken)) })
        #expect(sets.count == 1, "every twin gets the same leases")
        #expect(try await scene.count("select count(*) from task where state = 1") == Int64(sets.first?.count ?? 0))
        #expect(try await scene.count("select count(*) from lease_request") == 1)
    }

    @Test("Two leasers never get the same task, in one process or two")
    func neverTwice() async throws {
        let scene = try await DispatchHarness()
        for _ in 0..<40 { _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId) }
        let (second, database) = try await scene.secondProcess()
        let agency = scene.alpha
        let tokens = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<8 {
                let dispatch = worker % 2 == 0 ? scene.dispatch : second
                group.addTask {
                    var mine: [String] = []
                    for round in 0..<30 {
                        let reply = try await dispatch.lease(
                            LeaseRequest(requestId: "w\(worker)-\(round)", stages: ["phone"], max: 2), for: agency)
                        mine += reply.leases.map(\.taskId)
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await database.close()
        #expect(tokens.count == 40)
        #expect(Set(tokens).count == 40)
    }

    @Test("A blocked task is put off to the earliest allowed instant, and the reasons are on record")
    func putsOffBlocked() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var ledger = try await scene.ledger(debtor)
        for minute in [0, 30, 60] {
            ledger.add(
                ContactEntry(
                    at: DispatchHarness.monday - .seconds(Int64(minute) * 60 + 60), channel: .call, outcome: .conversation,
                    point: debtor.contactPointIds[0], by: .bank))
        }
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(ledger.bytes) where part = \(debtor.part) and debtor_id = \(debtor.debtorId)")
        #expect(try await scene.lease().isEmpty, "three talks a day are the law's limit, whoever talked")
        let task = try #require(try await scene.tasks(debtor).first)
        #expect(!task.isLeased && task.epoch == 0)
        #expect(task.dueAt == DispatchHarness.instant("2026-11-03T08:00:00+08:00"))
        let body: String = try await scene.value(
            "select convert_from(body, 'UTF8') from audit_entry where kind = \(AuditKind.lease.rawValue)")
        #expect(body.contains("frequency_limits.talks_daily"))
    }

    @Test("The bank's own pace binds beside the law: after a talk of anyone there is no call for three days")
    func ownPace() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var ledger = try await scene.ledger(debtor)
        ledger.add(
            ContactEntry(
                at: DispatchHarness.monday - .seconds(3_600), channel: .call, outcome: .conversation, point: debtor.contactPointIds[0],
                by: .bank))
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(ledger.bytes) where part = \(debtor.part) and debtor_id = \(debtor.debtorId)")
        #expect(try await scene.lease().isEmpty)
        #expect(try await scene.tasks(debtor).first?.dueAt == DispatchHarness.instant("2026-11-05T08:00:00+08:00"))
        let body: String = try await scene.value(
            "select convert_from(body, 'UTF8') from audit_entry where kind = \(AuditKind.lease.rawValue)")
        #expect(body.contains("stages.phone.call.after_talk_days"))
    }

    @Test("A task without its contact point waits a day and stands on the operators' list")
    func missingFact() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        try await scene.db.administrator.query("update case_file set point_id = null where case_id = \(debtor.caseId)")
        #expect(try await scene.lease().isEmpty)
        #expect(try await scene.tasks(debtor).first?.dueAt == DispatchHarness.monday + .seconds(86_400))
        #expect(try await scene.count("select count(*) from break where kind = 'gate_review' and rule = 'missing_fact.contact_point'") == 1)
    }

    @Test("At night a task is put off to the morning, with one write")
    func night() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T22:00:00+08:00"))
        #expect(try await scene.lease().isEmpty)
        #expect(try await scene.tasks(debtor).first?.dueAt == DispatchHarness.instant("2026-11-03T08:00:00+08:00"))
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-03T08:00:00+08:00"))
        #expect(try await scene.lease().count == 1)
    }

    @Test("A worker may ask for a shorter lease, never for a longer one")
    func shorterTTL() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        #expect(try await scene.lease(ttl: 10).first?.expiresInMs == 10_000)
        #expect(try await scene.lease(ttl: 86_400).first?.expiresInMs == 1_800_000)
    }

    @Test("Another agency sees neither the task nor the token")
    func isolation() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let bravo = AgencyIdentity(agencyId: try await scene.db.makeAgency(name: "bravo"), name: "bravo", kind: .collection)
        #expect(try await scene.lease(as: bravo).isEmpty)
        let lease = try #require(try await scene.lease().first)
        let stolen = try await scene.report([try await scene.outcome(lease, "no_answer")], as: bravo)
        #expect(stolen.first?.problem?.kind == .leaseTokenInvalid)
        #expect(
            try await scene.dispatch.heartbeat(HeartbeatRequest(leases: [lease.leaseToken]), for: bravo).leases.first?.problem?.kind
                == .leaseTokenInvalid)
        #expect(try await scene.count("select count(*) from task where state = 1") == 1)
    }

    @Test("A suspended agency gets no work")
    func suspended() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let suspended = AgencyIdentity(agencyId: scene.alpha.agencyId, name: "alpha", kind: .collection, state: .suspended)
        #expect(try await scene.lease(as: suspended).isEmpty)
    }

    @Test("A waiting call is woken by a commit, not by its polling")
    func longPoll() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(
            agency: scene.alpha.agencyId, dueAt: DispatchHarness.instant("2026-11-02T12:00:00+08:00"))
        let waiting = Task { try await scene.lease(id: "waits", wait: 30) }
        while await scene.dispatch.waitingLeases == 0 { try await Task.sleep(for: .milliseconds(2)) }
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T12:00:00+08:00"))
        let clock = ContinuousClock()
        let start = clock.now
        await scene.dispatch.wake()
        #expect(try await waiting.value.first?.taskId == String(debtor.taskId))
        #expect(clock.now - start < .seconds(2))
    }

    @Test("A waiting call ends empty when its task is cancelled, and at its deadline")
    func longPollEnds() async throws {
        let scene = try await DispatchHarness()
        let waiting = Task { try await scene.lease(wait: 60) }
        while await scene.dispatch.waitingLeases == 0 { try await Task.sleep(for: .milliseconds(2)) }
        waiting.cancel()
        #expect(try await waiting.value.isEmpty)
        #expect(try await scene.lease(wait: 1).isEmpty)
        #expect(await scene.dispatch.waitingLeases == 0)
    }
}
