import Testing

@testable import CollectionsDomain

@Suite("The last day of limitation")
struct LimitationEndTests {
    private func end(
        _ scene: Scene, given: Day? = nil, defaulted: String = "2024-01-15", at time: String = "2026-12-01 10:00"
    ) throws -> Day? {
        let policy = try TestPolicy.bare.setting(
            "legal.limitation", ["months": 36, "interrupted_by": ["consent_to_perform"], "expired_blocks": ["suit"]]
        ).policy()
        return ConductGate.limitationEnd(
            policy: policy, ledger: scene.ledger, account: 1, given: given, defaultDate: try #require(Day(iso: defaulted)),
            now: Scene.at(time), zone: Scene.shanghai)
    }

    @Test("the bank's word goes first, else the policy's period from the default on, begun anew by what interrupts it while it runs")
    func reckoning() throws {
        var scene = Scene()
        _ = scene.ledger.register([1])
        #expect(try end(scene) == Day(iso: "2027-01-15"))
        #expect(try end(scene, given: Day(iso: "2026-12-24")) == Day(iso: "2026-12-24"))
        #expect(try end(scene, defaulted: "2025-10-01") == Day(iso: "2028-10-01"), "not near: no ledger is asked")
        #expect(try end(scene, defaulted: "2020-10-01") == Day(iso: "2023-10-01"), "passed")
        scene.mark(.consentToPerform, "2026-11-01 09:00")
        #expect(try end(scene) == Day(iso: "2029-11-01"))
        #expect(try end(scene, defaulted: "2020-10-01") == Day(iso: "2023-10-01"), "after the end it interrupts nothing")
        #expect(ConductGate.shortestLimitation(try TestPolicy.bare.policy()) == nil)
    }

    @Test("near is from ninety days before the last day through that day")
    func near() throws {
        let last = try #require(Day(iso: "2027-01-15"))
        #expect(!ConductGate.isLimitationNear(last, on: last.adding(days: -91)))
        #expect(ConductGate.isLimitationNear(last, on: last.adding(days: -90)) && ConductGate.isLimitationNear(last, on: last))
        #expect(!ConductGate.isLimitationNear(last, on: last.adding(days: 1)))
    }
}
