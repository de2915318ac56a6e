import CollectionsDomain
import Testing

@Suite("leases and permits")
struct DispatchGateTests {
    private let policy: ConductPolicy
    private let mobile = DispatchPoint(id: 11, party: 0, role: .debtor, kind: .mobile)
    private let home = DispatchPoint(id: 12, party: 0, role: .debtor, kind: .homeAddress)

    init() throws {
        policy = try TestPolicy.rich.policy()
    }

    private func judge(
        _ scene: Scene, _ channel: Channel, _ point: DispatchPoint, _ time: String, end: String, moment: DispatchMoment = .lease
    ) -> GateDecision {
        ConductGate.judgeDispatch(
            policy: policy, ledger: scene.ledger, channel: channel, point: point, accounts: [1], purpose: .demandPayment,
            agency: Scene.agency,
            moment: moment, now: Scene.at(time), end: Scene.at(end))
    }

    @Test("a call's lease ends at the window's end or the lease's own, whichever comes first")
    func actBefore() {
        #expect(judge(Scene(), .call, mobile, "2026-12-01 21:50", end: "2026-12-01 22:20").until == Scene.at("2026-12-01 22:00"))
        #expect(judge(Scene(), .call, mobile, "2026-12-01 10:00", end: "2026-12-01 10:30").until == Scene.at("2026-12-01 10:30"))
        #expect(judge(Scene(), .call, mobile, "2026-12-01 23:00", end: "2026-12-02 10:00").rules == ["contact_windows"])
    }

    @Test("a letter's lease has no hours, but counts; it ends before a hold that is to come")
    func letters() {
        var scene = Scene()
        #expect(judge(scene, .letter, home, "2026-12-01 23:00", end: "2026-12-03 23:00").until == Scene.at("2026-12-03 23:00"))
        scene.ledger.hold(.complaint, from: Scene.at("2026-12-02 12:00"))
        #expect(judge(scene, .letter, home, "2026-12-01 23:00", end: "2026-12-03 23:00").until == Scene.at("2026-12-02 12:00"))
        for day in ["01", "20"] { scene.call("2026-11-\(day) 10:00", .sent, channel: .letter) }
        #expect(judge(scene, .letter, home, "2026-11-21 23:00", end: "2026-11-22 23:00").rules == ["frequency_limits.letters_month"])
    }

    @Test("a visit is leased ahead of its count and asks at the door")
    func visits() {
        var scene = Scene()
        scene.call("2026-11-27 15:00", .nobodyHome, channel: .visit)
        #expect(judge(scene, .visit, home, "2026-12-01 23:00", end: "2026-12-08 23:00").until == Scene.at("2026-12-08 23:00"))
        #expect(judge(scene, .visit, home, "2026-12-01 23:00", end: "2026-12-02 23:00").rules == ["frequency_limits.visits_weekly"])
        let door = judge(scene, .visit, home, "2026-12-03 15:00", end: "2026-12-08 23:00", moment: .permit(VisitPlan(collectors: 1)))
        #expect(door.rules == ["frequency_limits.visits_weekly", "visit.min_collectors"])
        #expect(
            judge(scene, .visit, home, "2026-12-04 23:00", end: "2026-12-08 23:00", moment: .permit(VisitPlan())).rules == [
                "contact_windows"
            ])
        #expect(
            judge(scene, .visit, home, "2026-12-04 15:00", end: "2026-12-08 23:00", moment: .permit(VisitPlan())).until
                == Scene.at("2026-12-04 22:00"))
    }

    @Test(
        "a point that is off, invalid or closed to visits blocks whatever the hour",
        arguments: [
            (DispatchPoint.State.off, false, "contact_point.off"), (.invalid, false, "contact_point.invalid"),
            (.valid, true, "contact_point.visits_off"),
        ])
    func points(state: DispatchPoint.State, visitsOff: Bool, rule: String) {
        var point = home
        point.state = state
        point.visitsOff = visitsOff
        let decision = judge(Scene(), .visit, point, "2026-12-01 10:00", end: "2026-12-05 10:00")
        #expect(decision.rules == [rule] && decision.earliest == nil)
        point.state = .unverified
        point.visitsOff = false
        #expect(judge(Scene(), .visit, point, "2026-12-01 10:00", end: "2026-12-05 10:00").isAllowed)
    }

    @Test("accounts with a hold or promise of their own leave the card, holds on the whole debtor stop all")
    func workable() throws {
        var scene = Scene()
        func workable(_ accounts: [Int64]) -> [Int64] {
            ConductGate.workable(
                policy: policy, ledger: scene.ledger, accounts: accounts, channel: .call, purpose: .demandPayment,
                now: Scene.at("2026-12-02 10:00"))
        }
        scene.mark(.disputeReceived, "2026-12-01 10:00", accounts: [1])
        scene.ledger.promise(on: [2], due: try #require(Day(iso: "2026-12-05")), at: Scene.at("2026-12-01 10:00"))
        scene.ledger.hold(.fraudClaim, on: [3], from: Scene.at("2026-12-01 10:00"))
        #expect(workable([1, 2, 3, 4]) == [4])
        scene.ledger.hold(.complaint, from: Scene.at("2026-12-01 10:00"))
        #expect(workable([4]) == [4])
        #expect(scene.judge(policy, Scene.contact(accounts: [4]), "2026-12-02 10:00").rules == ["holds.complaint"])
    }

    @Test("tasks of one batch are judged one after the other on the running ledger, so a limit is never passed")
    func batch() throws {
        let policy = try TestPolicy.bare.setting(
            "counts.frequency_limits",
            [TestPolicy.limit("talks", event: "effective_conversation", channels: ["call"], max: 3, kind: "calendar_day")]
        ).policy()
        var scene = Scene()
        var granted = 0
        for task in 1...10 {
            let decision = ConductGate.judgeDispatch(
                policy: policy, ledger: scene.ledger, channel: .call, point: mobile, accounts: [1], purpose: .demandPayment,
                agency: Scene.agency,
                now: Scene.at("2026-12-01 10:00"), end: Scene.at("2026-12-01 12:00"))
            guard let until = decision.until else { continue }
            granted += 1
            let set = scene.ledger.register([1])
            scene.ledger.reserve(
                Reservation(
                    task: Int64(task), epoch: 1, channel: .call, point: 11, accounts: set, by: Scene.agency,
                    from: Scene.at("2026-12-01 10:00"), actBefore: until))
        }
        #expect(granted == 3)
    }
}
