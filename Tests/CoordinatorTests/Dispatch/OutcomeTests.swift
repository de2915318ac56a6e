import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Outcomes", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct OutcomeTests {
    @Test("An accepted outcome is one transaction: receipt, contact, next task, audit")
    func accepts() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let reply = try #require(try await scene.report([try await scene.outcome(lease, "no_answer")]).first)
        #expect(reply.status == .accepted && reply.receiptId != nil)
        #expect(reply.next?.stage == "phone")
        let tasks = try await scene.tasks(debtor)
        #expect(tasks.count == 1 && tasks[0].taskId != debtor.taskId && !tasks[0].isLeased && tasks[0].dueAt > DispatchHarness.monday)
        let ledger = try await scene.ledger(debtor)
        #expect(ledger.reservations.isEmpty && ledger.entries.map(\.outcome) == [.noAnswer])
        #expect(
            try await scene.count("select count(*) from contact_event where debtor_id = \(debtor.debtorId) and outcome = 'no_answer'") == 1)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.outcomeAccepted.rawValue)") == 1)
        #expect(try await scene.count("select count(*) from violation") == 0)
    }

    @Test("Decision table: malformed, foreign and unsigned tokens get one answer")
    func rowOne() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let good = lease.leaseToken
        let fields = good.split(separator: ".").map(String.init)
        var otherEpoch = fields
        otherEpoch[5] = "2"
        let bad = ["", "v1", "v1.1.2.3.4.5.x", String(good.dropLast()), otherEpoch.joined(separator: "."), good + "A"]
        var items: [OutcomeItem] = []
        for token in bad { items.append(try await scene.outcome(lease, "no_answer") { $0.leaseToken = token }) }
        let replies = try await scene.report(items)
        #expect(replies.allSatisfy { $0.status == .rejected && $0.problem?.kind == .leaseTokenInvalid })
        #expect(try await scene.count("select count(*) from outcome") == 0)
    }

    @Test("Decision table: the same outcome again is a duplicate with the same receipt and next; another one a conflict")
    func rowsTwoAndThree() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let item = try await scene.outcome(lease, "no_answer")
        let first = try #require(try await scene.report([item]).first)
        let again = try #require(try await scene.report([item]).first)
        #expect(again.status == .duplicate && again.receiptId == first.receiptId && again.next == first.next)
        let other = try #require(try await scene.report([try await scene.outcome(lease, "busy")]).first)
        #expect(other.status == .rejected && other.problem?.kind == .outcomeConflict)
        // Three in one call: one acceptance was all there ever was.
        let both = try await scene.report([item, item, item])
        #expect(both.allSatisfy { $0.status == .duplicate })
        #expect(try await scene.count("select count(*) from outcome") == 1)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.outcomeConflict.rawValue)") == 1)
    }

    @Test("Decision table: an invalid body is refused with pointers and the lease stays in force")
    func rowFour() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let yesterday = try #require(WireDate("2026-11-01"))
        let tomorrow = try #require(WireDate("2026-11-03"))
        let cases: [(String, String, (inout OutcomeItem) -> Void)] = [
            ("promise", "/promise", { _ in }),
            ("promise", "/promise/date", { $0.promise = PromiseItem(amount: "100.00", date: yesterday) }),
            ("promise", "/promise/amount", { $0.promise = PromiseItem(amount: "10000.01", date: tomorrow) }),
            ("promise", "/promise/amount", { $0.promise = PromiseItem(amount: "1e3", date: tomorrow) }),
            ("promise", "/promise/account_ref", { $0.promise = PromiseItem(amount: "100.00", date: tomorrow, accountRef: "nobody's") }),
            ("no_answer", "/contact_point_id", { $0.contactPointId = "1" }),
            ("no_answer", "/occurred_at", { $0.occurredAt = WireInstant(DispatchHarness.monday + .seconds(3_600)) }),
            ("no_answer", "/ended_at", { $0.endedAt = WireInstant(DispatchHarness.monday - .seconds(60)) }),
            ("delivered", "/result", { _ in }),
            ("no_such_result", "/result", { _ in }),
            ("no_answer", "", { $0.recordingRef = "a\0b" }),
        ]
        for (result, pointer, edit) in cases {
            let reply = try #require(try await scene.report([try await scene.outcome(lease, result, edit: edit)]).first)
            #expect(reply.status == .rejected && reply.problem?.kind == .outcomeInvalid, "\(result) \(pointer)")
            #expect(
                reply.problem?.pointers?.contains { $0.pointer == pointer } == true,
                "\(result) \(pointer): \(String(describing: reply.problem))")
        }
        #expect(try await scene.tasks(debtor).first?.isLeased == true)
        #expect(try await scene.report([try await scene.outcome(lease, "busy")]).first?.status == .accepted)
    }

    @Test("Decision table: past its deadline, but not taken back yet, an outcome is in time")
    func rowFive() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await scene.db.administrator.query("update task set leased_until = now() - interval '1 minute' where state = 1")
        #expect(try await scene.report([try await scene.outcome(lease, "no_answer")]).first?.status == .accepted)
    }

    @Test("Decision table: after the sweep an outcome is late, once; again it is late, another body a conflict")
    func rowsSixAndSeven() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await expire(scene)
        let presumed = try #require(try await scene.ledger(debtor).reservation(task: debtor.taskId, epoch: 1))
        #expect(presumed.isPresumed, "an expired act may have happened")
        let item = try await scene.outcome(lease, "no_answer")
        let late = try #require(try await scene.report([item]).first)
        #expect(late.status == .late && late.problem?.reasons == ["expired"])
        let again = try #require(try await scene.report([item]).first)
        #expect(again.status == .late && again.receiptId == late.receiptId)
        #expect(try await scene.report([try await scene.outcome(lease, "busy")]).first?.problem?.kind == .outcomeConflict)
        let ledger = try await scene.ledger(debtor)
        #expect(ledger.reservations.isEmpty && ledger.entries.count == 1, "the fact takes the presumption's place, once")
        let task = try #require(try await scene.tasks(debtor).first)
        #expect(task.taskId == debtor.taskId && task.expiries == 1, "a late outcome moves nothing")
        #expect(try await scene.count("select count(*) from late_outcome") == 1)
    }

    @Test("Late safety facts take effect once: an opt-out of the number, a death, a refusal of the third party")
    func lateSafetyFacts() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await expire(scene)
        let item = try await scene.outcome(lease, "deceased")
        #expect(try await scene.report([item]).first?.status == .late)
        #expect(try await scene.report([item]).first?.status == .late)
        #expect(try await scene.state(debtor) == "held deceased")
        #expect(try await scene.count("select count(*) from hold where type = 'deceased' and state = 'open'") == 1)
        #expect(try await scene.tasks(debtor).isEmpty, "nobody is called any more")
        #expect(try await scene.count("select count(*) from task_end where reason = 'hold'") == 1)
    }

    @Test("A late promise is a claim for an operator, not a promise")
    func latePromise() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await expire(scene)
        let date = try #require(WireDate("2026-11-05"))
        let item = try await scene.outcome(lease, "promise") { $0.promise = PromiseItem(amount: "1000.00", date: date) }
        #expect(try await scene.report([item]).first?.status == .late)
        #expect(try await scene.value("select state from promise", as: String.self) == "claimed")
        #expect(try await scene.state(debtor) == "ready")
    }

    @Test("A promise stops demands until the ledger speaks")
    func promise() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(accounts: [800_000], agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let date = try #require(WireDate("2026-11-06"))
        let reply = try #require(
            try await scene.report([
                try await scene.outcome(lease, "promise") { $0.promise = PromiseItem(amount: "1200.00", date: date) }
            ]).first)
        #expect(reply.status == .accepted)
        #expect(reply.next?.notBefore == WireInstant(DispatchHarness.instant("2026-11-08T08:00:00+08:00")))
        #expect(try await scene.state(debtor) == "promised")
        #expect(try await scene.value("select amount from promise where state = 'open'", as: Int64.self) == 120_000)
        // Wednesday: nothing. The due day: a reminder may go. After the grace, with an old ledger: nothing.
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-04T10:00:00+08:00"))
        #expect(try await scene.lease(max: 10).isEmpty)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-06T09:00:00+08:00"))
        let reminder = try #require(try await scene.lease(max: 10).first)
        #expect(reminder.step == "sms_reminder" && reminder.goal == "remind" && reminder.workCard.openPromise?.amount == "1200.00")
        #expect(try await scene.report([try await scene.outcome(reminder, "sent")]).first?.status == .accepted)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-08T10:00:00+08:00"))
        #expect(try await scene.lease(max: 10).isEmpty, "the ledger has not spoken")
    }

    @Test("What an act of contact leaves out is accepted and raised as violations with a break each")
    func violations() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let reply = try await scene.report([
            try await scene.outcome(lease, "no_answer") {
                $0.collectorId = nil
                $0.recordingRef = nil
                $0.endedAt = nil
                $0.occurredAt = WireInstant(DispatchHarness.monday - .seconds(120))
            }
        ])
        #expect(reply.first?.status == .accepted)
        let rules: [String] = try await scene.value("select array_agg(rule order by rule) from violation")
        #expect(rules == ["act_outside_lease", "contact_fields.collector_id", "contact_fields.ended_at", "contact_fields.recording_ref"])
        #expect(try await scene.count("select count(*) from break where kind = 'violation'") == 4)
    }

    @Test("An act begun after its window is accepted as a violation")
    func actAfterWindow() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T22:10:00+08:00"))
        let at = DispatchHarness.instant("2026-11-02T22:05:00+08:00")
        #expect(try await scene.report([try await scene.outcome(lease, "no_answer", at: at)]).first?.status == .accepted)
        #expect(try await scene.value("select rule from violation", as: String.self) == "act_after_window")
    }

    @Test("A batch over many lanes and debtors is answered in order")
    func bigBatch() async throws {
        let scene = try await DispatchHarness()
        var debtors: [PlacedDebtor] = []
        for _ in 0..<60 { debtors.append(try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)) }
        var leases: [Lease] = []
        while leases.count < 60 {
            let more = try await scene.lease(max: 50)
            try #require(!more.isEmpty, "\(leases.count) leased")
            leases += more
        }
        var items: [OutcomeItem] = []
        for (index, lease) in leases.enumerated() { items.append(try await scene.outcome(lease, index % 3 == 0 ? "refused" : "no_answer")) }
        let replies = try await scene.report(items)
        #expect(replies.count == 60 && replies.allSatisfy { $0.status == .accepted })
        #expect(try await scene.count("select count(*) from outcome") == 60)
        #expect(try await scene.count("select count(*) from task") == 60)
        let mismatched = try await scene.count(
            """
            select count(*) from unnest(\(leases.map { Int64($0.taskId) ?? 0 }), \(items.map(\.result))) with ordinality u (task, result, n)
            join outcome o on o.task_id = u.task where (o.result = \(ResultCode.refused.rawValue)) <> (u.result = 'refused')
            """)
        #expect(mismatched == 0)
    }

    @Test("The next lease comes with the answer, and the same one with its repetition")
    func nextLease() async throws {
        let scene = try await DispatchHarness()
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let other = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId, dueAt: DispatchHarness.monday)
        let lease = try #require(try await scene.lease().first)
        let item = try await scene.outcome(lease, "no_answer") { $0.requestNextLease = true }
        let reply = try #require(try await scene.report([item]).first)
        let next = try #require(reply.nextLease)
        #expect(next.taskId == String(other.taskId) || lease.taskId == String(other.taskId))
        #expect(try await scene.report([item]).first?.nextLease?.leaseToken == next.leaseToken)
    }

    private func expire(_ scene: DispatchHarness) async throws {
        try await scene.db.administrator.query(
            "update task set leased_until = now() - interval '1 second', expiry_slot = (extract(epoch from now()) / 5)::int - 1 where state = 1"
        )
        try await scene.dispatch.sweepOnce()
    }
}
