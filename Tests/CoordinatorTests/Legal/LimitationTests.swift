import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@testable import Coordinator

@Suite("Limitation that comes near (E15)", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct LimitationTests {
    @Test("accounts within 90 days of their last day are flagged once, the nearest first; an interruption and the day itself end the flag")
    func flags() async throws {
        let scene = try await LegalScene()
        let reckoned = try await scene.base.db.makePlacedDebtor(agency: scene.base.alpha.agencyId)
        let given = try await scene.base.db.makePlacedDebtor(agency: scene.base.alpha.agencyId)
        let far = try await scene.base.db.makePlacedDebtor(agency: scene.base.alpha.agencyId)
        for (debtor, set) in [
            (reckoned, "default_date = '2024-01-15'"), (given, "limitation_end = '2026-12-24'"), (far, "default_date = '2024-03-01'"),
        ] {
            try await scene.base.db.administrator.query(
                "update account set \(unescaped: set) where part = \(debtor.part) and account_id = \(debtor.accountIds[0])")
        }
        #expect(try await scene.reconcile().breaksOpened == 2)
        let near = try await scene.legal.nearLimitation(limit: 10)
        #expect(near.map(\.accountRef) == [given.accountRefs[0], reckoned.accountRefs[0]])
        #expect(near.map(\.words) == ["last day 2026-12-24", "last day 2027-01-15"] && near[0].agency == "alpha")
        #expect(try await scene.openBreaks("limitation_near") == 2)
        #expect(try await scene.reconcile().breaksOpened == 0, "once")

        var ledger = try await scene.base.ledger(reckoned)
        let accounts = ledger.register(reckoned.accountIds)
        ledger.add(ConductMark(.consentToPerform, at: DispatchHarness.monday, accounts: accounts))
        let bytes = ledger.bytes
        try await scene.base.db.administrator.query(
            "update debtor_conduct set ledger = \(bytes) where part = \(reckoned.part) and debtor_id = \(reckoned.debtorId)")
        #expect(try await scene.reconcile().breaksClosed == 1, "the period began anew")

        try await scene.base.db.setBusinessTime(DispatchHarness.instant("2026-12-25T10:00:00+08:00"))
        _ = try await scene.reconcile()
        #expect(try await scene.legal.nearLimitation(limit: 10).map(\.accountRef) == [far.accountRefs[0]], "one has passed, another comes")
    }
}
