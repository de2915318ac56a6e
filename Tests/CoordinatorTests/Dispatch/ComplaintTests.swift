import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

/// Complaints on a real database: what a worker says of one, and many who tell of the same.
@Suite("Complaints", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct ComplaintTests {
    private struct Asked: Error {}

    private func desk(_ scene: DispatchHarness) async throws -> (service: ComplaintService, anna: Operator, boris: Operator) {
        let operators = OperatorService(database: scene.db.database)
        let anna = try await operators.add(name: "anna", role: nil) { throw Asked() }.operator
        let boris = try await operators.add(name: "boris", role: .supervisor) { anna }.operator
        let environments = CaseEnvironmentSource(database: scene.db.database, policies: scene.policies)
        return (ComplaintService(database: scene.db.database, environments: environments), anna, boris)
    }

    @Test("an outcome that is a complaint has a row with its clock, as one from any other door", arguments: [false, true])
    func outcome(isLate: Bool) async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let item = try await scene.outcome(lease, "complaint")
        if isLate {
            try await scene.db.administrator.query(
                """
                update task set leased_until = now() - interval '1 second', expiry_slot = (extract(epoch from now()) / 5)::int - 1
                where state = 1
                """)
            try await scene.dispatch.sweepOnce()
        }
        let status = try #require(try await scene.report([item]).first?.status)
        #expect(status == (isLate ? .late : .accepted))
        #expect(try await scene.state(debtor) == "held complaint")
        let row = try await scene.value(
            "select source || ' ' || due_on || ' ' || coalesce(collector_id, '-') || ' ' || (hold_id is not null) from complaint",
            as: String.self)
        #expect(row == "agency 2026-11-17 c1 true")
    }

    @Test("32 who tell of the same number at once, while its debtor is leased, make one complaint and one hold; the lease is gone")
    func twins() async throws {
        let scene = try await DispatchHarness()
        let (service, anna, boris) = try await desk(scene)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let target = HoldTarget(part: debtor.part, debtor: debtor.debtorId, account: nil, reference: "D")
        let report = ComplaintReport(source: .regulator, externalNo: "Z1", receivedAt: DispatchHarness.monday)
        _ = try await scene.lease()
        let openings = try await withThrowingTaskGroup(of: ComplaintOpening.self) { group in
            for index in 0..<32 { group.addTask { try await service.open(report, of: target, by: index.isMultiple(of: 2) ? anna : boris) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(openings.count { if case .opened = $0 { true } else { false } } == 1)
        #expect(Set(openings.map(\.record.id)).count == 1)
        #expect(try await scene.count("select count(*) from complaint") == 1)
        #expect(try await scene.count("select count(*) from hold where state = 'open'") == 1)
        #expect(try await scene.count("select count(*) from task where state = 1") == 0)
        // Another debtor cannot have the same number.
        let other = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let elsewhere = HoldTarget(part: other.part, debtor: other.debtorId, account: nil, reference: "E")
        await #expect(throws: ComplaintError.otherDebtor("12378:Z1")) { try await service.open(report, of: elsewhere, by: anna) }
    }

    @Test("both persons answer at the same moment, each as first and as second: it is answered once, never by one alone")
    func answers() async throws {
        let scene = try await DispatchHarness()
        let (service, anna, boris) = try await desk(scene)
        for round in 0..<8 {
            let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
            let target = HoldTarget(part: debtor.part, debtor: debtor.debtorId, account: nil, reference: "D")
            let report = ComplaintReport(source: .hotline, externalNo: "N\(round)", receivedAt: DispatchHarness.monday)
            let reference = try await service.open(report, of: target, by: anna).record.reference
            let steps = await withTaskGroup(of: Result<ComplaintStep, any Error>.self) { group in
                for person in [anna, boris, anna, boris] {
                    group.addTask {
                        do { return .success(try await service.answer(reference, replyHash: nil, by: person)) } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let done = steps.count { if case .success(.done) = $0 { true } else { false } }
            let noted = steps.count { if case .success(.noted) = $0 { true } else { false } }
            #expect(done == 1 && noted == 1, "\(steps)")
            #expect(
                try await scene.count(
                    "select count(*) from approval where kind = 'complaint_answer' and decision = 'approved' and maker <> checker")
                    == Int64(round + 1))
        }
        #expect(try await scene.count("select count(*) from outbox where kind = 'complaint_answer'") == 8)
    }
}
