import CollectionsDomain
import Testing

@Suite("hours of contact")
struct GateWindowTests {
    private let policy: ConductPolicy

    init() throws {
        policy = try TestPolicy.bare.setting("time.contact_windows", [TestPolicy.window("08:00", "22:00")])
            .setting("time.window_consent", ["allowed": true, "needs_record": true, "narrows_only": false]).policy()
    }

    @Test(
        "windows are half-open: the start is allowed, the end is blocked",
        arguments: [
            ("2026-12-01 07:59", false), ("2026-12-01 08:00", true), ("2026-12-01 21:59", true), ("2026-12-01 22:00", false),
        ])
    func halfOpen(time: String, allowed: Bool) {
        let decision = Scene().judge(policy, time)
        #expect(decision.isAllowed == allowed)
        if allowed {
            #expect(decision.until == Scene.at("2026-12-01 22:00"))
        } else {
            #expect(decision.rules == ["contact_windows"])
            #expect(decision.earliest == Scene.at(time < "2026-12-01 12:00" ? "2026-12-01 08:00" : "2026-12-02 08:00"))
        }
    }

    @Test("the last microsecond before the end is allowed, the one before the start is not")
    func microseconds() {
        let scene = Scene()
        #expect(scene.judge(policy, at: Scene.at("2026-12-01 22:00") - .microseconds(1)).isAllowed)
        #expect(!scene.judge(policy, at: Scene.at("2026-12-01 08:00") - .microseconds(1)).isAllowed)
    }

    @Test("a channel in no row is free of hours; one with rows is closed on weekdays no row names")
    func rows() throws {
        let policy = try TestPolicy.bare.setting(
            "time.contact_windows",
            [TestPolicy.window("09:00", "17:00", channels: ["phone"], weekdays: ["mon", "tue", "wed", "thu", "fri"])]
        ).policy()
        let scene = Scene()
        // Free of hours, but counts are by local date: no permission reaches into the next one.
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-06 03:00").until == Scene.at("2026-12-07 00:00"))
        let sunday = scene.judge(policy, Scene.contact(.noticeCall), "2026-12-06 12:00")
        #expect(sunday.rules == ["contact_windows"] && sunday.earliest == Scene.at("2026-12-07 09:00"))
    }

    @Test("a recorded consent widens through its last day, an unrecorded one does not")
    func widening() throws {
        var scene = Scene()
        let consent = LedgerConsent(
            kind: .widenWindow, channels: [.call], start: try #require(TimeOfDay("22:00")), end: try #require(TimeOfDay("23:00")),
            givenOn: try #require(Day(iso: "2026-12-01")), validUntil: Day(iso: "2026-12-31"))
        scene.ledger.add(consent)
        #expect(scene.judge(policy, "2026-12-31 22:30").until == Scene.at("2026-12-31 23:00"))
        #expect(!scene.judge(policy, "2026-12-31 23:00").isAllowed)
        #expect(!scene.judge(policy, "2027-01-01 22:30").isAllowed)
        #expect(!scene.judge(policy, Scene.contact(.sms), "2026-12-10 22:30").isAllowed)
        var unrecorded = consent
        unrecorded.isRecorded = false
        scene.ledger.replaceConsents([unrecorded])
        #expect(!scene.judge(policy, "2026-12-31 22:30").isAllowed)
    }

    @Test("a consent over midnight widens on both sides of it")
    func overMidnight() throws {
        var scene = Scene()
        scene.ledger.add(
            LedgerConsent(
                kind: .widenWindow, start: try #require(TimeOfDay("23:00")), end: try #require(TimeOfDay("01:00")),
                givenOn: try #require(Day(iso: "2026-12-01"))))
        #expect(scene.judge(policy, "2026-12-05 00:30").until == Scene.at("2026-12-05 01:00"))
        #expect(scene.judge(policy, "2026-12-05 23:30").until == Scene.at("2026-12-06 00:00"))
        #expect(scene.judge(policy, "2026-12-05 22:30").earliest == Scene.at("2026-12-05 23:00"))
    }

    @Test("a wish narrows: outside its hours the act is blocked, also inside the window")
    func narrowing() throws {
        var scene = Scene()
        scene.ledger.add(
            LedgerConsent(
                kind: .narrowWindow, channels: .phone, start: try #require(TimeOfDay("14:00")), end: try #require(TimeOfDay("16:00")),
                givenOn: try #require(Day(iso: "2026-12-01"))))
        let early = scene.judge(policy, "2026-12-02 10:00")
        #expect(early.rules == ["window_consent"] && early.earliest == Scene.at("2026-12-02 14:00"))
        #expect(scene.judge(policy, "2026-12-02 15:00").until == Scene.at("2026-12-02 16:00"))
        #expect(scene.judge(policy, "2026-12-02 23:00").rules == ["contact_windows", "window_consent"])
        #expect(scene.judge(policy, Scene.contact(.email), "2026-12-02 10:00").isAllowed)
    }

    @Test(
        "on holidays the window is as usual, as on Sunday, or closed",
        arguments: [("normal", true), ("as_sunday", false), ("blocked", false)])
    func holidays(mode: String, allowed: Bool) throws {
        let policy = try TestPolicy.bare.setting("time.holiday_mode", .word(mode)).setting(
            "time.contact_windows", [TestPolicy.window("08:00", "22:00", weekdays: ["mon", "tue", "wed", "thu", "fri", "sat"])]
        ).policy()
        var scene = Scene()
        scene.facts.calendar = .known(BusinessCalendar(holidays: [try #require(Day(iso: "2026-12-01"))]))
        let decision = scene.judge(policy, "2026-12-01 10:00")
        #expect(decision.isAllowed == allowed)
        if !allowed { #expect(decision.earliest == Scene.at("2026-12-02 08:00")) }
        scene.facts.calendar = .unknown
        #expect(scene.judge(policy, "2026-12-01 10:00").rules == (mode == "normal" ? [] : ["missing_fact.holidays"]))
    }

    @Test("with several plausible zones every one of them must be open, and the earliest instant is when the last opens")
    func plausible() throws {
        let east = try #require(Zone(identifier: "America/New_York"))
        let west = try #require(Zone(identifier: "America/Los_Angeles"))
        let policy = try TestPolicy.bare.setting(
            "time", ["time_zone_mode": "all_plausible", "contact_windows": [TestPolicy.window("08:00", "21:00")]]
        ).policy()
        var scene = Scene()
        scene.ledger.profile.zones = .known([east, west])
        let day = try #require(Day(iso: "2026-12-08"))
        let eight = try #require(TimeOfDay("08:00"))
        let decision = scene.judge(policy, at: east.instant(of: day, at: eight))
        #expect(decision.rules == ["contact_windows"] && decision.earliest == west.instant(of: day, at: eight))
        let open = scene.judge(policy, at: west.instant(of: day, at: eight))
        #expect(open.until == east.instant(of: day, at: try #require(TimeOfDay("21:00"))))
    }

    @Test("unknown zones block every rule that needs a local date, and nothing else is said of them")
    func unknownZones() throws {
        let policy = try TestPolicy.rich.setting("time.time_zone_mode", "party_local").setting("time.policy_time_zone", nil).policy()
        var scene = Scene()
        scene.ledger.profile.zones = .unknown
        scene.mark(.disputeReceived, "2026-12-01 09:00")
        let decision = scene.judge(policy, "2026-12-01 23:00")
        #expect(decision.rules == ["missing_fact.zones", "holds.dispute"])
        #expect(decision.earliest == nil)
        scene.ledger.profile.zones = .known([])
        #expect(scene.judge(policy, "2026-12-01 23:00").rules == ["missing_fact.zones", "holds.dispute"])
    }

    @Test(
        "windows follow the wall clock on the days clocks change",
        arguments: [
            ("2026-03-08T11:59:59Z", false), ("2026-03-08T12:00:00Z", true), ("2026-11-01T12:59:59Z", false),
            ("2026-11-01T13:00:00Z", true),
            ("2026-03-09T00:59:59Z", true), ("2026-03-09T01:00:00Z", false), ("2026-11-02T01:59:59Z", true),
            ("2026-11-02T02:00:00Z", false),
        ])
    func clockChanges(text: String, allowed: Bool) throws {
        let policy = try TestPolicy.bare.setting(
            "time",
            ["time_zone_mode": "fixed", "policy_time_zone": "America/New_York", "contact_windows": [TestPolicy.window("08:00", "21:00")]]
        ).policy()
        #expect(Scene().judge(policy, at: try #require(Instant(iso8601: text))).isAllowed == allowed)
    }

    @Test("workplace rows alone say when a workplace point is open")
    func workplace() throws {
        let policy = try TestPolicy.bare.setting("people.workplace_mode", "hours_only").setting(
            "time.contact_windows",
            [TestPolicy.window("08:00", "22:00"), TestPolicy.window("09:00", "17:00", weekdays: ["mon"]).setting("place", "workplace")]
        ).policy()
        let work = Scene.contact(point: ContactPointRef(id: 12, kind: .workPhone))
        #expect(Scene().judge(policy, work, "2026-12-07 16:59").until == Scene.at("2026-12-07 17:00"))
        #expect(Scene().judge(policy, work, "2026-12-08 10:00").rules == ["contact_windows"])
        #expect(Scene().judge(policy, "2026-12-08 10:00").isAllowed)
    }
}
