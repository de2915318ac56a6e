import CollectionsDomain
import Testing

@Suite("limits and cooldowns")
struct GateCountTests {
    private func policy(_ limits: PolicyLiteral) throws -> ConductPolicy {
        try TestPolicy.bare.setting("counts.frequency_limits", limits).policy()
    }

    private let talks = TestPolicy.limit("talks", event: "effective_conversation", channels: ["call"], max: 3, kind: "calendar_day")

    @Test("this act counts once, over the bank and every agency; the next local day is free")
    func calendarDay() throws {
        let policy = try policy([talks])
        var scene = Scene()
        scene.call("2026-12-01 09:00", .conversation, by: .bank)
        scene.call("2026-12-01 11:00", .conversation, by: Scene.other)
        #expect(scene.judge(policy, "2026-12-01 12:00").isAllowed)
        scene.call("2026-12-01 12:00", .conversation)
        let decision = scene.judge(policy, "2026-12-01 18:00")
        #expect(decision.rules == ["frequency_limits.talks"] && decision.earliest == Scene.at("2026-12-02 00:00"))
        guard case .blocked(let reasons, _) = decision else { return }
        #expect(reasons[0].count?.counted == 4 && reasons[0].count?.max == 3 && reasons[0].basis.sources == ["S"])
        #expect(scene.judge(policy, Scene.contact(party: 9, role: .guarantor), "2026-12-01 18:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(.noticeCall), "2026-12-01 18:00").isAllowed)
    }

    @Test("an open or presumed act counts in every limit it could become part of, until it is settled")
    func reservations() throws {
        let policy = try policy([
            talks, TestPolicy.limit("unanswered", event: "attempt_unanswered", channels: ["phone"], max: 1, kind: "calendar_day"),
            TestPolicy.limit("texts", event: "message", channels: ["sms"], max: 1, kind: "calendar_day"),
        ])
        var scene = Scene()
        scene.call("2026-12-01 09:00", .conversation)
        scene.call("2026-12-01 10:00", .conversation)
        #expect(scene.judge(policy, "2026-12-01 11:00").isAllowed)
        scene.reserve("2026-12-01 10:30", "2026-12-01 22:00")
        #expect(scene.judge(policy, "2026-12-01 11:00").rules == ["frequency_limits.talks", "frequency_limits.unanswered"])
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-01 11:00").isAllowed)
        scene.ledger.settle(task: 1, epoch: 1, as: .presumed)
        #expect(scene.judge(policy, "2026-12-01 11:00").rules.count == 2)
        scene.ledger.settle(
            task: 1, epoch: 1,
            as: .fact(ContactEntry(at: Scene.at("2026-12-01 10:40"), channel: .call, outcome: .noAnswer, accounts: .all, by: Scene.agency)))
        #expect(scene.judge(policy, "2026-12-01 11:00").rules == ["frequency_limits.unanswered"])
        #expect(scene.ledger.reservations.isEmpty && scene.ledger.entries.count == 3)
        scene.reserve("2026-12-01 12:00", "2026-12-01 22:00", task: 2, channel: .sms)
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-01 13:00").rules == ["frequency_limits.texts"])
        scene.ledger.settle(task: 2, epoch: 1, as: .removed)
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-01 13:00").isAllowed)
    }

    @Test("a reservation counts in every calendar day its interval touches, and in none it only ends at")
    func spanning() throws {
        let policy = try policy([TestPolicy.limit("calls", event: "attempt_any", channels: ["call"], max: 1, kind: "calendar_day")])
        var scene = Scene()
        scene.reserve("2026-12-01 23:00", "2026-12-03 00:00")
        for (time, allowed) in [
            ("2026-11-30 10:00", true), ("2026-12-01 10:00", false), ("2026-12-02 10:00", false), ("2026-12-03 00:00", true),
        ] {
            #expect(scene.judge(policy, time).isAllowed == allowed, "\(time)")
        }
    }

    @Test("n consecutive days are the act's date and the n - 1 before it")
    func consecutive() throws {
        let policy = try policy([
            TestPolicy.limit("visits", event: "visit", channels: ["visit"], max: 1, kind: "consecutive_days", length: 7, scope: ["account"])
        ])
        var scene = Scene()
        scene.call("2026-12-01 15:00", .nobodyHome, channel: .visit)
        let visit = Scene.contact(.visit, point: ContactPointRef(id: 5, kind: .homeAddress))
        let decision = scene.judge(policy, visit, "2026-12-07 15:00")
        #expect(decision.rules == ["frequency_limits.visits"] && decision.earliest == Scene.at("2026-12-08 00:00"))
        #expect(scene.judge(policy, visit, "2026-12-08 00:00").isAllowed)
        #expect(
            scene.judge(policy, Scene.contact(.visit, point: ContactPointRef(id: 5, kind: .homeAddress), accounts: [2]), "2026-12-02 15:00")
                .isAllowed)
    }

    @Test("weeks run from Monday to Sunday, months by the calendar, rolling hours to the microsecond")
    func periods() throws {
        let sms = Scene.contact(.sms)
        var scene = Scene()
        scene.call("2026-12-06 10:00", .sent, channel: .sms)  // a Sunday
        let week = try policy([TestPolicy.limit("w", event: "message", channels: ["sms"], max: 1, kind: "week")])
        #expect(!scene.judge(week, sms, "2026-12-06 23:59").isAllowed)
        #expect(scene.judge(week, sms, "2026-12-06 23:59").earliest == Scene.at("2026-12-07 00:00"))
        #expect(scene.judge(week, sms, "2026-12-07 00:00").isAllowed)
        let month = try policy([TestPolicy.limit("m", event: "message", channels: ["sms"], max: 1, kind: "month")])
        #expect(scene.judge(month, sms, "2026-12-31 10:00").earliest == Scene.at("2027-01-01 00:00"))
        let rolling = try policy([TestPolicy.limit("r", event: "message", channels: ["sms"], max: 1, kind: "rolling_hours", length: 24)])
        let end = Scene.at("2026-12-07 10:00")
        #expect(scene.judge(rolling, sms, at: end - .microseconds(1)).earliest == end)
        #expect(scene.judge(rolling, sms, at: end).isAllowed)
    }

    @Test("scopes: events count when person, account and point all agree; own events only where the policy says so")
    func scopes() throws {
        let policy = try policy([
            TestPolicy.limit(
                "own", event: "attempt_any", channels: ["phone"], max: 1, kind: "calendar_day",
                scope: ["party", "account", "contact_point"], over: "agency")
        ])
        var scene = Scene()
        scene.call("2026-12-01 09:00", .noAnswer, accounts: [1, 2])
        #expect(!scene.judge(policy, "2026-12-01 10:00").isAllowed)
        #expect(!scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-01 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(accounts: [3]), "2026-12-01 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(point: ContactPointRef(id: 12, kind: .mobile)), "2026-12-01 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(by: Scene.other), "2026-12-01 10:00").isAllowed)
    }

    @Test("busy lines, calls within a consent and calls to an attorney are left out where the limit says so")
    func exclusions() throws {
        let policy = try policy([
            TestPolicy.limit(
                "c", event: "attempt_any", channels: ["phone"], max: 1, kind: "consecutive_days", length: 7, scope: [],
                exclusions: ["not_connected", "prior_consent_7d", "to_attorney_or_creditor"])
        ])
        var scene = Scene()
        scene.call("2026-12-01 09:00", .busy)
        scene.call("2026-12-01 09:05", .notInService)
        scene.call("2026-12-01 09:10", .conversation, party: 77, role: .attorney)
        #expect(scene.judge(policy, "2026-12-01 10:00").isAllowed)
        scene.call("2026-12-01 10:00", .voicemail)
        #expect(!scene.judge(policy, "2026-12-01 11:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(party: 77, role: .attorney), "2026-12-01 11:00").isAllowed)
        scene.ledger.add(LedgerConsent(kind: .callConsent, givenOn: try #require(Day(iso: "2026-12-01"))))
        #expect(scene.judge(policy, "2026-12-07 11:00").isAllowed)
        scene.call("2026-12-07 12:00", .voicemail)
        #expect(!scene.judge(policy, "2026-12-08 11:00").isAllowed)
    }

    @Test(
        "a cooldown blocks the trigger's date and the days after it; inbound talks start it too",
        arguments: [(true, 7, "2026-12-08"), (false, 7, "2026-12-09")])
    func cooldown(dayOne: Bool, days: Int, free: String) throws {
        let policy = try TestPolicy.bare.setting(
            "counts.cooldowns",
            [
                [
                    "id": "talk", "trigger": "effective_conversation", "initiated_by": "any", "blocks": ["phone"],
                    "days": .word(String(days)),
                    "trigger_day_is_day_one": .word(String(dayOne)), "scope": ["party", "account"], "aggregate_over": "agency",
                    "excused_by": ["prior_consent_7d"],
                ]
            ]
        ).policy()
        var scene = Scene()
        scene.call("2026-12-02 09:00", .conversation, accounts: [1, 2], direction: .inbound)
        let decision = scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-03 10:00")
        let first = Scene.at("\(free) 00:00") + .seconds(86_400)
        #expect(decision.rules == ["cooldowns.talk"] && decision.earliest == first)
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-03 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(by: Scene.other), "2026-12-03 10:00").isAllowed)
        scene.ledger.add(LedgerConsent(kind: .callConsent, givenOn: try #require(Day(iso: "2026-12-02"))))
        #expect(scene.judge(policy, "2026-12-03 10:00").isAllowed)
        scene.reserve("2026-12-20 09:00", "2026-12-20 22:00", presumed: true)
        #expect(scene.judge(policy, "2026-12-21 10:00").rules == ["cooldowns.talk"])
    }

    @Test("a limit of zero never opens by waiting")
    func zero() throws {
        let policy = try policy([TestPolicy.limit("never", event: "visit", channels: ["visit"], max: 0, kind: "calendar_day")])
        let decision = Scene().judge(policy, Scene.contact(.visit), "2026-12-01 10:00")
        #expect(decision.rules == ["frequency_limits.never"] && decision.earliest == nil)
    }

    @Test("more contacts than can be judged block for review")
    func full() throws {
        let policy = try policy([talks])
        var scene = Scene()
        for minute in 0...ConductLedger.maximumEntries {
            scene.ledger.add(
                ContactEntry(
                    at: Scene.at("2026-11-01 09:00") + .seconds(60 * minute), channel: .call, outcome: .busy, accounts: .all, by: .bank))
        }
        guard case .blocked(let reasons, _) = scene.judge(policy, "2026-12-01 10:00") else {
            Issue.record("allowed")
            return
        }
        #expect(reasons.map(\.rule) == ["conduct_ledger.full"] && reasons[0].isForReview)
    }

    @Test("where exceeding is for review, the reason says so")
    func review() throws {
        let policy = try TestPolicy.bare.setting("scope.on_exceed", "review").setting("counts.frequency_limits", [talks]).policy()
        var scene = Scene()
        for hour in 10...12 { scene.call("2026-12-01 \(hour):00", .conversation) }
        guard case .blocked(let reasons, _) = scene.judge(policy, "2026-12-01 18:00") else {
            Issue.record("allowed")
            return
        }
        #expect(reasons.filter { !$0.isForReview }.isEmpty)
    }
}
