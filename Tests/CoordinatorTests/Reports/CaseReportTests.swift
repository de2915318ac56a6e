import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("The record of a case", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct CaseReportTests {
    private func reporter(_ scene: DispatchHarness) -> CaseReporter {
        CaseReporter(database: scene.db.database, policies: scene.policies)
    }

    @Test("what happened stands in order with actor and rules, and what may come next with reasons")
    func record() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        #expect(try await scene.report([try await scene.outcome(lease, "refused")]).first?.status == .accepted)
        #expect(try await scene.lease().isEmpty, "three days after a talk")
        let (operatorId, _) = try await scene.db.makeOperator(role: .supervisor, name: "anna")
        let anna = Operator(id: operatorId, name: "anna", role: .supervisor, active: true, createdAt: DispatchHarness.monday)
        let environments = CaseEnvironmentSource(database: scene.db.database, policies: scene.policies)
        let holds = HoldService(database: scene.db.database, environments: environments)
        try await holds.set(.cease, on: try await holds.target(debtor.debtorRef), until: nil, reason: "asked by branch", by: anna)

        let alpha = scene.alpha.agencyId
        _ = try await scene.db.database.core.withTransaction { try await OutboxQueries.publish(agency: alpha, limit: 100, in: $0) }

        for reference in [debtor.debtorRef, debtor.accountRefs[0], "C-\(debtor.caseId)", "\(debtor.caseId)"] {
            #expect(try await reporter(scene).find(reference).caseId == debtor.caseId)
        }
        let report = try await reporter(scene).report(debtor.accountRefs[0])
        let kinds = report.timeline.map(\.fact.kind)
        let expected = ["case_opened", "placed", "lease_granted", "outcome", "hold_set"]
        #expect(kinds.filter(expected.contains) == expected, "\(kinds)")
        #expect(report.timeline.contains { $0.fact == .noticed(kind: "hold", confirmed: false) && $0.caseId == debtor.caseId })
        let call = try #require(report.nextActs.first { $0.channel == "call" && $0.contactPoint == "\(debtor.contactPointIds[0])" })
        #expect(!call.allowed && call.rules.contains("holds.cease") && call.earliest == nil)
        #expect(!kinds.contains("contact"), "the call is told by its outcome")
        let outcome = try #require(report.timeline.first { $0.fact.kind == "outcome" })
        #expect(outcome.actor == .agency(scene.alpha.agencyId) && outcome.rules.first == "phone.refused")
        #expect(report.timeline.allSatisfy { $0.at >= DispatchHarness.monday - .seconds(1) && $0.at <= report.at }, "business time")
        let english = report.text(PlainWords(.english)).joined(separator: "\n")
        #expect(english.contains("alpha: call: the debtor refuses to pay (call to the debtor: a talk)  [phone.refused"))
        #expect(english.contains("operator anna: work is stopped: the bank has stopped collection"))
        #expect(english.contains("State: stopped") && english.contains("Not allowed: call to the debtor"))
        #expect(english.contains("Legal steps may not be proposed for account \(debtor.accountRefs[0])"))
        #expect(!english.contains("Test Person") && !english.contains("1 Test Road") && !english.contains("138"), "nothing personal")
        let chinese = report.text(PlainWords(.chinese)).joined(separator: "\n")
        #expect(chinese.contains("操作员anna") && chinese.contains("拒绝还款"))
    }

    @Test("a lease that was withheld is told with its rules, one that ran out with what is presumed, a late report with its reason")
    func withheld() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        // The ledger knows a stop that the case does not know yet: the task is due and is not handed out.
        let free = try await scene.ledger(debtor)
        var stopped = free
        stopped.hold(.cease, on: nil, from: DispatchHarness.monday, until: DispatchHarness.monday + .seconds(7_200))
        let (part, id) = (debtor.part, debtor.debtorId)
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(stopped.bytes) where part = \(part) and debtor_id = \(id)")
        #expect(try await scene.lease().isEmpty)
        try await scene.db.administrator.query(
            "update debtor_conduct set ledger = \(free.bytes) where part = \(part) and debtor_id = \(id)")
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-03T10:00:00+08:00"))
        let lease = try #require(try await scene.lease().first)
        _ = try await scene.dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: "handler_failed"), for: scene.alpha)
        #expect(try await scene.report([try await scene.outcome(lease, "refused")]).first?.status == .late)
        let report = try await reporter(scene).report(debtor.debtorRef)
        let kinds = report.timeline.map(\.fact.kind)
        #expect(kinds.contains("lease_granted") && kinds.contains("lease_handler_failed") && kinds.contains("late_outcome"), "\(kinds)")
        let withheld = report.timeline.filter { $0.fact.kind == "lease_withheld" }
        #expect(withheld.map(\.rules) == [["holds.cease"]] && withheld.first?.at == DispatchHarness.monday)
        #expect(withheld.first?.fact == .withheld(until: DispatchHarness.monday + .seconds(7_200)))
    }

    @Test("who was never with an agency has no case, and an unknown reference is said to be one")
    func unknown() async throws {
        let scene = try await DispatchHarness()
        await #expect(throws: CaseReportError.unknown("nobody")) { try await reporter(scene).find("nobody") }
        await #expect(throws: CaseReportError.unknown("C-77")) { try await reporter(scene).find("C-77") }
    }

    @Test("the list keeps to stage, state and holder, the newest first")
    func list() async throws {
        let scene = try await DispatchHarness()
        let beta = try await scene.db.makeAgency(name: "beta")
        let first = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let second = try await scene.db.makePlacedDebtor(stage: .fieldVisit, agency: beta)
        let third = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        try await scene.db.administrator.query(
            "update case_file set state = 'closed', closed_at = now(), close_code = 'cured', reason = 'cured' where case_id = \(third.caseId)"
        )
        let reporter = reporter(scene)
        #expect(try await reporter.list().lines.map(\.caseId) == [second.caseId, first.caseId])
        #expect(try await reporter.list(stage: .fieldVisit).lines.map(\.caseId) == [second.caseId])
        #expect(try await reporter.list(state: .closed).lines.map(\.caseId) == [third.caseId])
        #expect(try await reporter.list(agency: "alpha").lines.map(\.caseId) == [first.caseId])
        #expect(try await reporter.list(limit: 1).lines.count == 1)
        await #expect(throws: CaseReportError.unknown("gamma")) { try await reporter.list(agency: "gamma") }
    }
}
