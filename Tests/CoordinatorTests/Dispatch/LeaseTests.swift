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
    }
}
