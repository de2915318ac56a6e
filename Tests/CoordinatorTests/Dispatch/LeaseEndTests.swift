import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Ends of leases", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct LeaseEndTests {
    /// Lets every lease's deadline pass.
    private func pass(_ scene: DispatchHarness) async throws {
        try await scene.db.administrator.query(
            "update task set leased_until = now() - interval '1 second', expiry_slot = (extract(epoch from now()) / 5)::int - 1 where state = 1"
        )
    }

    @Test("An expired lease comes back after 5, 15 and 60 minutes, its act presumed; the fourth time it is for an operator")
    func expiryAndQuarantine() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var now = DispatchHarness.monday
        for (round, minutes) in [5, 15, 60].enumerated() {
            let lease = try #require(try await scene.lease().first, "round \(round)")
            #expect(lease.epoch == round + 1 && lease.taskId == String(debtor.taskId), "the epoch rises at the grant, the task stays")
            try await pass(scene)
            try await scene.dispatch.sweepOnce()
            let task = try #require(try await scene.tasks(debtor).first)
            now = now + .seconds(Int64(minutes) * 60)
            #expect(!task.isLeased && task.epoch == Int32(round + 1) && task.expiries == Int16(round + 1) && task.dueAt == now)
            // Tomorrow the presumptions of today no longer fill the day's limits.
            now = DispatchHarness.monday + .seconds(Int64(round + 1) * 86_400)
            try await scene.db.setBusinessTime(now)
            try await scene.db.administrator.query("update task set due_at = \(now) where task_id = \(debtor.taskId)")
        }
        _ = try #require(try await scene.lease().first)
        try await pass(scene)
        try await scene.dispatch.sweepOnce()
        #expect(try await scene.tasks(debtor).isEmpty)
        #expect(try await scene.state(debtor) == "held operator")
        #expect(try await scene.count("select count(*) from quarantine where task_id = \(debtor.taskId) and released_at is null") == 1)
        #expect(try await scene.count("select count(*) from task_end where task_id = \(debtor.taskId) and reason = 'quarantine'") == 1)
        let presumed = try await scene.ledger(debtor).reservations
        #expect(presumed.count == 4 && presumed.allSatisfy(\.isPresumed), "a crash does not buy free calls")
    }

    @Test("Presumed acts count like talks: a crashed worker's third lease of the day is the last")
    func presumptionsCount() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        for _ in 0..<3 {
            try #require(try await scene.lease().count == 1)
            try await pass(scene)
            try await scene.dispatch.sweepOnce()
            try await scene.db.administrator.query(
                "update task set due_at = \(DispatchHarness.monday), expiries = 0 where task_id = \(debtor.taskId)")
        }
        #expect(try await scene.lease().isEmpty)
        #expect(try await scene.tasks(debtor).first?.dueAt == DispatchHarness.instant("2026-11-03T08:00:00+08:00"))
    }

    @Test("A row that cannot be taken back blocks no other")
    func badRow() async throws {
        let scene = try await DispatchHarness()
        let bad = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var others: [PlacedDebtor] = []
        while others.count < 3 {
            let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
            if debtor.part == bad.part {
                others.append(debtor)
            } else {
                try await scene.db.administrator.query("delete from task where task_id = \(debtor.taskId)")
            }
        }
        while try await !scene.lease(max: 10).isEmpty {}
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = '\\xff'::bytea where part = \(bad.part) and debtor_id = \(bad.debtorId)")
        try await pass(scene)
        try await scene.dispatch.sweepOnce()
        #expect(try await scene.tasks(bad).first?.isLeased == true)
        for other in others { #expect(try await scene.tasks(other).first?.isLeased == false) }
        // It is tried again, and not lost below the floor.
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(ConductLedger().bytes) where part = \(bad.part) and debtor_id = \(bad.debtorId)")
        let (second, database) = try await scene.secondProcess()
        try await second.sweepOnce()
        await database.close()
        #expect(try await scene.tasks(bad).first?.isLeased == false)
    }

    @Test("A heartbeat writes only when less than half of the time is left, and ends with the window")
    func heartbeats() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease(ttl: 100).first)
        func beat() async throws -> HeartbeatItem {
            try #require(try await scene.dispatch.heartbeat(HeartbeatRequest(leases: [lease.leaseToken]), for: scene.alpha).leases.first)
        }
        let xmin: String = try await scene.value("select xmin::text from task where task_id = \(debtor.taskId)")
        #expect(try await beat().expiresInMs ?? 0 > 90_000)
        #expect(
            try await scene.value("select xmin::text from task where task_id = \(debtor.taskId)", as: String.self) == xmin,
            "nothing was written")
        try await scene.db.administrator.query(
            "update task set leased_until = now() + interval '40 seconds' where task_id = \(debtor.taskId)")
        #expect(try await beat().expiresInMs ?? 0 > 90_000, "moved on by one TTL, the one asked for")
        // At 22:15 the act's window and the time to report it are over.
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T22:15:01+08:00"))
        try await scene.db.administrator.query(
            "update task set leased_until = now() + interval '40 seconds' where task_id = \(debtor.taskId)")
        #expect(try await beat().expiresInMs ?? 0 < 41_000)
    }

    @Test("A heartbeat says why a lease is over")
    func heartbeatCancelled() async throws {
        let scene = try await DispatchHarness()
        func beat(_ lease: Lease) async throws -> String? {
            try await scene.dispatch.heartbeat(HeartbeatRequest(leases: [lease.leaseToken]), for: scene.alpha).leases.first?.cancelled
        }
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let expired = try #require(try await scene.lease().first)
        try await pass(scene)
        try await scene.dispatch.sweepOnce()
        #expect(try await beat(expired) == "expired")
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let reported = try #require(try await scene.lease().first)
        _ = try await scene.report([try await scene.outcome(reported, "no_answer")])
        #expect(try await beat(reported) == "reported")
        let held = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await setHold(.complaint, on: held, scene)
        #expect(try await beat(lease) == "hold")
        #expect(try await scene.state(held) == "held complaint")
    }

    @Test("A lease given back is free at once, without a trace in the limits; given back twice it is still free")
    func release() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        func release(_ reason: String) async throws -> ReleaseItem {
            try #require(
                try await scene.dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: reason), for: scene.alpha).leases.first)
        }
        #expect(try await release("shutdown").released)
        #expect(try await release("shutdown").released)
        #expect(try await scene.ledger(debtor).reservations.isEmpty)
        let task = try #require(try await scene.tasks(debtor).first)
        #expect(!task.isLeased && task.expiries == 0 && task.dueAt == DispatchHarness.monday)
        #expect(try await scene.lease().first?.epoch == 2, "nothing is left of the first lease in any limit")
        #expect(try await release("shutdown").cancelled == "expired", "somebody else holds it now")
        await #expect(throws: Problem.self) { try await release("because") }
    }

    @Test("A handler's failure counts as an expiry: the act is presumed")
    func handlerFailed() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        _ = try await scene.dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: "handler_failed"), for: scene.alpha)
        let task = try #require(try await scene.tasks(debtor).first)
        #expect(task.expiries == 1 && task.dueAt == DispatchHarness.monday + .seconds(300))
        #expect(try await scene.ledger(debtor).reservations.map(\.isPresumed) == [true])
    }

    @Test("A recall while a call runs: the lease is revoked, the agency told, the outcome late and a violation")
    func recallWhileLeased() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let now = try await scene.db.now()
        let environment = try await CaseEnvironmentSource(database: scene.db.database, policies: scene.policies).current(at: now)
        try await scene.db.database.withAuditedTransaction(scene.db.database.core, part: debtor.part) { transaction in
            let contexts = try await CaseContext.load(
                part: debtor.part, debtors: [debtor.debtorId], environment: environment, now: now, in: transaction.connection)
            var context = try #require(contexts[debtor.debtorId])
            var step = CaseTransition(part: debtor.part, environment: environment, now: now, database: scene.db.database)
            try await step.take(.recallRequested(.compliance), on: &context, cause: TransitionCause(by: "operator:test"))
            transaction.audit(try await step.write(in: transaction.connection))
        }
        #expect(try await scene.state(debtor) == "closed compliance")
        #expect(try await scene.value("select state || close_code from placement", as: String.self) == "closedcompliance")
        let beat = try await scene.dispatch.heartbeat(HeartbeatRequest(leases: [lease.leaseToken]), for: scene.alpha)
        #expect(beat.leases.first?.cancelled == "recall" || beat.leases.first?.cancelled == "closed")
        try await scene.dispatch.sweepOnce()
        let notices = try await scene.dispatch.notices(after: 0, waitSeconds: 0, for: scene.alpha).notices
        #expect(notices.contains { $0.kind == NoticeKind.recall && $0.needsAck })
        #expect(notices.contains { $0.taskId == lease.taskId })
        let reply = try #require(try await scene.report([try await scene.outcome(lease, "rpc_no_commitment")]).first)
        #expect(reply.status == .late)
        #expect(try await scene.count("select count(*) from violation where rule = 'contact_after_end'") == 1)
        #expect(try await scene.count("select count(*) from contact_event where late") == 1)
        #expect(try await scene.ledger(debtor).reservations.isEmpty)
    }

    private func setHold(_ type: HoldType, on debtor: PlacedDebtor, _ scene: DispatchHarness) async throws {
        let now = try await scene.db.now()
        let environment = try await CaseEnvironmentSource(database: scene.db.database, policies: scene.policies).current(at: now)
        try await scene.db.database.withAuditedTransaction(scene.db.database.core, part: debtor.part) { transaction in
            let contexts = try await CaseContext.load(
                part: debtor.part, debtors: [debtor.debtorId], environment: environment, now: now, in: transaction.connection)
            var context = try #require(contexts[debtor.debtorId])
            var step = CaseTransition(part: debtor.part, environment: environment, now: now, database: scene.db.database)
            try await step.setHold(
                type, account: nil, until: nil, reason: "test", cause: TransitionCause(by: "operator:test"), on: &context)
            transaction.audit(try await step.write(in: transaction.connection))
        }
    }
}
