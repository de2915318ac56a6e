import CollectionsDomain
import Testing

@Suite("holds, promises and limitation")
struct GateHoldTests {
    private func policy(_ holds: PolicyLiteral) throws -> ConductPolicy {
        try TestPolicy.bare.setting("holds", holds).policy()
    }

    @Test("a dispute holds its account until it is verified, and lets the reply through")
    func dispute() throws {
        let policy = try policy([TestPolicy.hold("dispute", permits: ["dispute_reply"], release: "dispute_verified")])
        var scene = Scene()
        scene.mark(.disputeReceived, "2026-12-01 09:00")
        let decision = scene.judge(policy, "2026-12-02 10:00")
        #expect(decision.rules == ["holds.dispute"] && decision.earliest == nil)
        #expect(scene.judge(policy, Scene.contact(.letter, purpose: .disputeReply), "2026-12-02 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-02 10:00").isAllowed)
        #expect(scene.judge(policy, Act(by: .bank, accounts: [1], kind: .referCivil), "2026-12-02 10:00").rules == ["holds.dispute"])
        scene.mark(.disputeVerified, "2026-12-03 09:00")
        #expect(scene.judge(policy, "2026-12-03 10:00").isAllowed)
        scene.mark(.disputeReceived, "2026-12-04 09:00")
        #expect(!scene.judge(policy, "2026-12-04 10:00").isAllowed)
    }

    @Test("a hold of n days ends with the n-th local day", arguments: [("same_day", "2026-12-10"), ("day_after", "2026-12-11")])
    func length(start: String, last: String) throws {
        let policy = try policy([TestPolicy.hold("moratorium", start: start, maxDays: 10, blocks: ["contact"], scope: ["party"])])
        var scene = Scene()
        scene.mark(.moratoriumEntered, "2026-12-01 15:00")
        #expect(scene.judge(policy, "2026-12-01 16:00").isAllowed == (start == "day_after"))
        if start == "day_after" { #expect(scene.judge(policy, "2026-12-01 16:00").until == Scene.at("2026-12-02 00:00")) }
        let decision = scene.judge(policy, Scene.contact(accounts: [2]), "\(last) 23:59")
        #expect(decision.rules == ["holds.moratorium"])
        #expect(decision.earliest == Scene.at("\(last) 00:00") + .seconds(86_400))
        #expect(scene.judge(policy, at: Scene.at("\(last) 00:00") + .seconds(86_400)).isAllowed)
    }

    @Test("evidence of progress extends an adviser's time once")
    func progress() throws {
        let policy = try policy([
            TestPolicy.hold("adviser_plan", start: "day_after", maxDays: 30, extendDays: 30, blocks: ["contact"], scope: ["party"])
        ])
        var scene = Scene()
        scene.mark(.adviserNotice, "2026-12-01 10:00")
        #expect(scene.judge(policy, "2026-12-31 23:00").earliest == Scene.at("2027-01-01 00:00"))
        scene.mark(.adviserProgress, "2026-12-20 10:00")
        scene.mark(.adviserProgress, "2026-12-28 10:00")
        #expect(scene.judge(policy, "2026-12-31 23:00").earliest == Scene.at("2027-01-31 00:00"))
    }

    @Test("a crisis holds from its start until days after its end, however long it lasts")
    func crisis() throws {
        let policy = try policy([
            TestPolicy.hold(
                "crisis_moratorium", start: "release_plus", maxDays: 30, blocks: ["contact", "enforcement"], scope: ["party"],
                release: "crisis_treatment_ended")
        ])
        var scene = Scene()
        scene.mark(.crisisTreatmentStarted, "2026-06-01 10:00")
        #expect(scene.judge(policy, "2026-12-01 10:00").earliest == nil && !scene.judge(policy, "2026-12-01 10:00").isAllowed)
        scene.mark(.crisisTreatmentEnded, "2026-12-01 11:00")
        #expect(scene.judge(policy, "2026-12-02 10:00").earliest == Scene.at("2027-01-01 00:00"))
        #expect(
            scene.judge(policy, Act(by: .bank, accounts: [1], kind: .referCriminal), "2026-12-31 10:00").rules == [
                "holds.crisis_moratorium"
            ])
        #expect(scene.judge(policy, Act(by: .bank, accounts: [1], kind: .placeAccount), "2026-12-31 10:00").isAllowed)
    }

    @Test("a hold on record blocks from its start until its end or release; one without a row blocks everything it could mean")
    func onRecord() throws {
        let policy = try policy([
            TestPolicy.hold(
                "complaint", blocks: ["contact"], permits: ["complaint_reply"], scope: ["party"], release: "operator",
                condition: ["on_record"])
        ])
        var scene = Scene()
        scene.ledger.hold(.complaint, from: Scene.at("2026-12-01 09:00"))
        #expect(scene.judge(policy, "2026-12-02 09:00").rules == ["holds.complaint"])
        #expect(scene.judge(policy, Scene.contact(purpose: .complaintReply, by: .bank), "2026-12-02 09:00").isAllowed)
        scene.ledger.release(.complaint)
        #expect(scene.judge(policy, "2026-12-02 09:00").isAllowed)
        scene.ledger.hold(.hardship, on: [1], from: Scene.at("2026-12-03 09:00"), until: Scene.at("2026-12-05 09:00"))
        #expect(scene.judge(policy, "2026-12-03 08:00").until == Scene.at("2026-12-03 09:00"))
        #expect(scene.judge(policy, "2026-12-03 10:00").earliest == Scene.at("2026-12-05 09:00"))
        #expect(scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-03 10:00").isAllowed)
        scene.ledger.hold(.vulnerableVisit, from: Scene.at("2026-12-06 09:00"))
        #expect(scene.judge(policy, "2026-12-07 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(.visit), "2026-12-07 10:00").rules == ["holds.vulnerable_visit"])
        let isReleased = scene.ledger.release(.cease)
        #expect(!isReleased)
    }

    @Test("facts about the person hold where the policy has the row, and block when they are unknown")
    func facts() throws {
        let policy = try policy([
            TestPolicy.hold("incapacity", blocks: ["contact"], scope: ["party"]),
            TestPolicy.hold("vulnerable_visit", blocks: ["visit"], scope: ["party"]),
        ])
        var scene = Scene()
        #expect(scene.judge(policy, Scene.contact(.visit), "2026-12-01 10:00").isAllowed)
        scene.ledger.profile.vulnerable = .known(true)
        #expect(scene.judge(policy, Scene.contact(.visit), "2026-12-01 10:00").rules == ["holds.vulnerable_visit"])
        #expect(scene.judge(policy, "2026-12-01 10:00").isAllowed)
        scene.ledger.profile.capacityInDoubt = .known(true)
        #expect(scene.judge(policy, "2026-12-01 10:00").rules == ["holds.incapacity"])
        scene.ledger.profile.capacityInDoubt = .unknown
        scene.ledger.profile.vulnerable = .unknown
        #expect(scene.judge(policy, "2026-12-01 10:00").rules == ["missing_fact.capacity_in_doubt"])
        #expect(
            scene.judge(policy, Scene.contact(.visit), "2026-12-01 10:00").rules == [
                "missing_fact.capacity_in_doubt", "missing_fact.vulnerable",
            ])
    }

    @Test("a dispute counts only in writing and within the window after the validation notice")
    func validationWindow() throws {
        let policy = try TestPolicy.bare.setting(
            "content.validation", ["required": true, "due_days": 5, "dispute_days": 30, "assumed_receipt_business_days": 5]
        ).setting("holds", [TestPolicy.hold("dispute", release: "verification_sent", condition: ["written", "in_validation_window"])])
            .policy()
        func decide(_ time: String, form: StatementForm, holidays: [String] = []) -> Bool {
            var scene = Scene()
            scene.facts.calendar = .known(BusinessCalendar(holidays: holidays.compactMap { Day(iso: $0) }))
            scene.mark(.validationSent, "2027-01-04 12:00")
            scene.mark(.disputeReceived, time, detail: Int32(form.rawValue))
            return scene.judge(policy, "2027-03-01 10:00").isAllowed
        }
        #expect(!decide("2027-02-10 11:00", form: .written))
        #expect(decide("2027-02-10 11:00", form: .oral))
        #expect(decide("2027-02-11 11:00", form: .written))
        #expect(!decide("2027-02-11 11:00", form: .written, holidays: ["2027-01-06"]))
    }

    @Test("a promise blocks through its due date and grace, unless paid, and lets one reminder through on the due day")
    func promise() throws {
        let policy = try TestPolicy.bare.setting(
            "arrangements.promise_to_pay", ["max_days": 7, "grace_days": 1, "contact_in_window": "due_day_reminder"]
        ).policy()
        var scene = Scene()
        scene.ledger.promise(on: [1], due: try #require(Day(iso: "2026-12-05")), at: Scene.at("2026-12-01 10:00"))
        let demand = scene.judge(policy, "2026-12-03 10:00")
        #expect(demand.rules == ["promise_to_pay.contact_in_window"] && demand.earliest == Scene.at("2026-12-07 00:00"))
        let reminder = Scene.contact(.sms, purpose: .reminder)
        #expect(scene.judge(policy, reminder, "2026-12-03 10:00").earliest == Scene.at("2026-12-05 00:00"))
        #expect(scene.judge(policy, reminder, "2026-12-05 10:00").conditions?.isDueDayReminder == true)
        #expect(!scene.judge(policy, Scene.contact(.sms), "2026-12-05 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-03 10:00").isAllowed)

        var failed = scene
        failed.call("2026-12-05 09:00", .noAnswer, purpose: .reminder)
        #expect(failed.judge(policy, reminder, "2026-12-05 10:00").isAllowed)
        var sent = scene
        sent.call("2026-12-05 09:00", .sent, channel: .sms, purpose: .reminder)
        #expect(!sent.judge(policy, reminder, "2026-12-05 10:00").isAllowed)
        var reserved = scene
        reserved.reserve("2026-12-05 09:00", "2026-12-05 22:00", channel: .sms, purpose: .reminder)
        #expect(!reserved.judge(policy, reminder, "2026-12-05 10:00").isAllowed)
        var paid = scene
        paid.mark(.payment, "2026-12-03 09:00")
        #expect(paid.judge(policy, "2026-12-03 10:00").isAllowed)
        var ended = scene
        ended.ledger.endPromise(on: [1], at: Scene.at("2026-12-03 09:00"))
        #expect(ended.judge(policy, "2026-12-03 10:00").isAllowed)
        for (due, rules) in [("2026-12-09", ["promise_to_pay.max_days"]), ("2026-12-08", [])] {
            let act = Act(by: Scene.agency, accounts: [1], kind: .takePromise(due: try #require(Day(iso: due))))
            #expect(scene.judge(policy, act, "2026-12-01 10:00").rules == rules)
        }
    }

    @Test("limitation runs through its last day, anew from each event while it runs, and stops suit and threat after it")
    func limitation() throws {
        let policy = try TestPolicy.bare.setting(
            "legal.limitation",
            [
                "months": 36, "interrupted_by": ["payment"], "expired_blocks": ["suit", "threat"],
                "sub_areas": ["scotland": ["months": 12, "expired_blocks": ["all"]]],
            ]
        ).policy()
        let suit = Act(by: .bank, accounts: [1], kind: .referCivil)
        var scene = Scene()
        scene.facts.account.defaultDate = .known(Day(iso: "2023-12-01"))
        #expect(scene.judge(policy, suit, "2026-12-01 23:59").isAllowed)
        #expect(scene.judge(policy, suit, "2026-12-02 00:00").rules == ["limitation.expired_blocks"])
        #expect(scene.judge(policy, "2026-12-02 10:00").isAllowed)
        #expect(
            scene.judge(policy, Scene.contact(.letter, content: ActContent(threats: [.suit])), "2026-12-02 10:00").rules == [
                "limitation.expired_blocks"
            ])
        var late = scene
        late.mark(.payment, "2026-12-02 09:00")
        #expect(!late.judge(policy, suit, "2026-12-03 10:00").isAllowed)
        var interrupted = scene
        interrupted.mark(.payment, "2025-06-15 09:00")
        #expect(interrupted.judge(policy, suit, "2028-06-15 10:00").isAllowed)
        #expect(!interrupted.judge(policy, suit, "2028-06-16 10:00").isAllowed)
        var scottish = scene
        scottish.ledger.profile.subArea = .known(.scotland)
        #expect(scottish.judge(policy, "2024-12-02 10:00").rules == ["limitation.expired_blocks"])
        scottish.ledger.profile.subArea = .unknown
        #expect(scottish.judge(policy, "2024-12-02 10:00").rules == ["missing_fact.sub_area"])
        scene.facts.account.defaultDate = .unknown
        #expect(scene.judge(policy, suit, "2026-12-02 10:00").rules == ["missing_fact.default_date"])
        scene.facts.account.limitationEnd = .known(Day(iso: "2026-06-30"))
        #expect(scene.judge(policy, suit, "2026-07-15 10:00").rules == ["limitation.expired_blocks"])
    }

    @Test("an expired debt that nobody asked for within the period is closed to everything")
    func noContactInPeriod() throws {
        let policy = try TestPolicy.bare.setting(
            "legal.limitation", ["months": 72, "expired_blocks": ["suit", "threat"], "block_all_if": "no_contact_in_period"]
        ).policy()
        var scene = Scene()
        scene.facts.account.defaultDate = .known(Day(iso: "2019-01-10"))
        #expect(scene.judge(policy, "2025-01-10 10:00").isAllowed)
        #expect(scene.judge(policy, "2025-01-11 10:00").rules == ["limitation.block_all_if"])
        scene.call("2022-01-10 10:00", .noAnswer)
        #expect(!scene.judge(policy, "2025-01-11 10:00").isAllowed)
        scene.call("2022-01-11 10:00", .conversation)
        #expect(scene.judge(policy, "2025-01-11 10:00").isAllowed)
    }
}
