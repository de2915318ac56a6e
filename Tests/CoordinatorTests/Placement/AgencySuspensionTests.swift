import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver
import RecourseTesting
import Testing

@Suite("suspending an agency", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct AgencySuspensionTests {
    @Test("every lease is revoked, every case recalled without objection, the agency told; others are left alone (E10)")
    func killSwitch() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        let bravo = try await fixture.agency("bravo")
        var mine: [PlacedDebtor] = []
        for _ in 0..<12 { mine.append(try await fixture.placedDebtor(accounts: [500_000, 100_000], stage: .phone, agency: alpha)) }
        let theirs = try await fixture.placedDebtor(stage: .phone, agency: bravo)
        // Every second task is out on a lease with a reservation, as is one that alpha executes for bravo's case.
        for debtor in mine.enumerated().filter({ $0.offset % 2 == 0 }).map(\.element) {
            try await lease(debtor, task: debtor.taskId, in: fixture)
        }
        try await fixture.db.administrator.query(
            "update task set agency_id = \(alpha), state = 1, epoch = 3, leased_until = now() + interval '1 hour' where task_id = \(theirs.taskId)"
        )

        let report = try await fixture.agencies.suspend("alpha", reason: "regulator's order", by: fixture.checker)
        #expect(report.leases == 7 && report.tasks == 12 && report.cases == 12)

        let counts = try await fixture.db.administrator.query(
            """
            select (select count(*) from task), (select count(*) from task_end where reason = 'suspended'),
                (select count(*) from case_file where state = 'recalling' and agency_id = \(alpha)),
                (select count(*) from placement where state = 'recalling' and agency_id = \(alpha)),
                (select count(*) from recall where category = 'COMPLIANCE' and agency_id = \(alpha) and execute_at <= \(PlacementFixture.start)),
                (select count(*) from outbox where agency_id = \(alpha) and kind = 'agency'),
                (select count(*) from outbox where agency_id = \(alpha) and kind = 'recall' and needs_ack)
            """
        ).first?.decode((Int64, Int64, Int64, Int64, Int64, Int64, Int64).self)
        let (tasks, ends, cases, placements, recalls, told, toConfirm) = try #require(counts)
        #expect(tasks == 1 && ends == 12 && cases == 12 && placements == 24 && recalls == 24 && told == 1 && toConfirm == 12)
        let routed = try await fixture.db.administrator.query("select state, epoch, leased_until is null from task").first?
            .decode((Int16, Int32, Bool).self)
        let (state, epoch, free) = try #require(routed)
        #expect(state == 0 && epoch == 3 && free, "bravo's task waits; the next grant raises the epoch")

        for debtor in mine.enumerated().filter({ $0.offset % 2 == 0 }).map(\.element) {
            let ledger: [UInt8] = try await fixture.db.administrator.query(
                "select ledger from debtor_conduct where part = \(debtor.part) and debtor_id = \(debtor.debtorId)"
            ).value()
            let reservation = try #require(try ConductLedger(bytes: ledger).reservation(task: debtor.taskId, epoch: 1))
            #expect(reservation.isPresumed, "nobody knows whether the call was made: it counts")
        }
        let entries: Int = try await fixture.db.administrator.query("select count(*) from audit_entry where kind = 13 - 2").value()
        #expect(entries == 24)
        let identity = try await fixture.agencies.authenticate(tokenHash: NewToken.hash(of: try await fixture.db.makeAgencyToken(alpha)))
        #expect(identity?.state == .suspended)

        let again = try await fixture.agencies.suspend("alpha", reason: "again", by: fixture.checker)
        #expect(again == SuspensionReport(), "repeating it finds nothing left")
    }

    private func lease(_ debtor: PlacedDebtor, task: Int64, in fixture: PlacementFixture) async throws {
        let row = try await fixture.db.administrator.query(
            "select ledger from debtor_conduct where part = \(debtor.part) and debtor_id = \(debtor.debtorId)")
        var ledger = try ConductLedger(bytes: try row.value(as: [UInt8].self))
        let accounts = ledger.register(debtor.accountIds)
        ledger.reserve(
            Reservation(
                task: task, epoch: 1, channel: .call, point: debtor.contactPointIds[0], accounts: accounts,
                by: Actor(agency: debtor.agencyId), from: PlacementFixture.start, actBefore: PlacementFixture.start + .seconds(3_600)))
        let bytes = ledger.bytes
        _ = try await fixture.db.administrator.withConnection { db in
            try await db.pipeline([
                "update debtor_conduct set ledger = \(bytes) where part = \(debtor.part) and debtor_id = \(debtor.debtorId)",
                "update task set state = 1, epoch = 1, leased_until = now() + interval '1 hour' where part = \(debtor.part) and task_id = \(task)",
            ])
        }
    }

    @Test("only one who decides lets an agency work again; what was recalled stays recalled")
    func resume() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        _ = try await fixture.placedDebtor(stage: .phone, agency: alpha)
        await #expect(throws: AgencyError.notSuspended("alpha")) {
            try await fixture.agencies.resume("alpha", reason: "test", by: fixture.checker)
        }
        await #expect(throws: AgencyError.unknown("nobody")) {
            try await fixture.agencies.suspend("nobody", reason: "test", by: fixture.checker)
        }
        await #expect(throws: AgencyError.reasonMissing) { try await fixture.agencies.suspend("alpha", reason: "", by: fixture.checker) }
        _ = try await fixture.agencies.suspend("alpha", reason: "test", by: fixture.checker)
        let plain = try await PlacementFixture.person(.operator, in: fixture.db)
        await #expect(throws: OperatorError.roleForbids(.operator)) {
            try await fixture.agencies.resume("alpha", reason: "test", by: plain)
        }
        try await fixture.agencies.resume("alpha", reason: "order lifted", by: fixture.checker)
        #expect(try await fixture.agencies.list().map(\.agency.state) == [.active])
        let recalling: Int = try await fixture.db.administrator.query("select count(*) from placement where state = 'recalling'").value()
        #expect(recalling == 1)
    }

    @Test("a lapse of whitelist, licence, evaluation or contract suspends an agency that holds accounts, and no other")
    func lapses() async throws {
        let fixture = try await PlacementFixture.make()
        let holding = try await fixture.agency("alpha")
        try await fixture.agency("bravo")
        let sound = try await fixture.agency("charlie")
        _ = try await fixture.placedDebtor(stage: .phone, agency: holding)
        _ = try await fixture.placedDebtor(stage: .phone, agency: sound)
        #expect(try await fixture.agencies.suspendLapsed(policies: fixture.policies).isEmpty)
        try await fixture.db.administrator.query("update agency set evaluated_on = '2025-08-01' where name in ('alpha', 'bravo')")
        let suspended = try await fixture.agencies.suspendLapsed(policies: fixture.policies)
        #expect(suspended.map(\.name) == ["alpha"] && suspended[0].reason == "evaluation")
        #expect(try await fixture.agencies.suspendLapsed(policies: fixture.policies).isEmpty, "once is enough")
    }
}
