import CollectionsDomain
import Testing

@Suite("conduct policies")
struct ConductPolicyTests {
    private func fault(_ literal: PolicyLiteral) -> PolicyError? {
        do {
            _ = try literal.policy()
            return nil
        } catch {
            return error as? PolicyError
        }
    }

    @Test("the least policy is who is judged and whose time counts")
    func bare() throws {
        let policy = try TestPolicy.bare.policy()
        #expect(policy.id == "test" && policy.time.zone?.identifier == "Asia/Shanghai")
        #expect(policy.limits.isEmpty && policy.holds.isEmpty && policy.promise == nil)
        #expect(policy.isInForce(on: policy.effectiveFrom) && !policy.isInForce(on: policy.effectiveFrom.adding(days: -1)))
    }

    @Test("keys that have to be there are missed", arguments: ["policy_id", "version", "jurisdiction", "effective_from", "scope", "time"])
    func missing(key: String) {
        #expect(fault(TestPolicy.bare.removing(key))?.reason.contains(key) == true)
    }

    @Test(
        "what contradicts itself or the schema is a fault at its path",
        arguments: [
            ("jurisdiction", "China", "jurisdiction"), ("effective_to", "2019-12-31", ""), ("colour", "red", "colour"),
            ("scope.applies_to_actors", ["court"], "scope.applies_to_actors[0]"),
            ("scope.applies_to_actors", [], "scope.applies_to_actors"),
            ("scope.on_exceed", "warn", "scope.on_exceed"), ("time.time_zone_mode", "local", "time.time_zone_mode"),
            ("time.policy_time_zone", "Asia/Nowhere", "time.policy_time_zone"), ("time.policy_time_zone", nil, "time"),
            ("time.contact_windows", [TestPolicy.window("22:00", "08:00")], "time.contact_windows[0]"),
            ("time.contact_windows", [TestPolicy.window("8:00", "22:00")], "time.contact_windows[0].start"),
            ("time.contact_windows", [TestPolicy.window("08:00", "22:00", channels: ["telegram"])], "time.contact_windows[0].channels[0]"),
            (
                "time.contact_windows", [TestPolicy.window("08:00", "22:00", weekdays: ["mon", "mon"])],
                "time.contact_windows[0].weekdays[1]"
            ),
            (
                "counts.frequency_limits",
                [TestPolicy.limit("x", event: "talk", channels: ["call"], max: 1, kind: "calendar_day")], "counts.frequency_limits[0].event"
            ),
            (
                "counts.frequency_limits",
                [TestPolicy.limit("x", event: "connected", channels: ["call"], max: -1, kind: "calendar_day")],
                "counts.frequency_limits[0].max"
            ),
            (
                "counts.frequency_limits",
                [TestPolicy.limit("x", event: "connected", channels: ["call"], max: 1, kind: "calendar_day", length: 2)],
                "counts.frequency_limits[0].window_len"
            ),
            (
                "counts.frequency_limits",
                [
                    TestPolicy.limit("x", event: "connected", channels: ["call"], max: 1, kind: "calendar_day"),
                    TestPolicy.limit("x", event: "connected", channels: ["call"], max: 1, kind: "week"),
                ], "counts"
            ),
            ("people.third_party.preconditions", ["any_of": [["next_day": true]]], "people.third_party.preconditions.any_of[0]"),
            ("people.third_party.preconditions", ["any_of": [["deceased": false]]], "people.third_party.preconditions.any_of[0].deceased"),
            ("people.representative", ["types": ["neighbour"], "block_party": true], "people.representative.types"),
            ("people.workplace_mode", "open", "people.workplace_mode"),
            ("content.letter_addresses", ["mobile"], "content.letter_addresses"),
            ("holds", [TestPolicy.hold("anger")], "holds[0].type"),
            ("holds", [TestPolicy.hold("dispute", release: "sunrise")], "holds[0].release"),
            ("holds", [TestPolicy.hold("crisis_moratorium", start: "release_plus", maxDays: 5)], "holds[0]"),
            ("holds", [TestPolicy.hold("dispute", scope: ["contact_point"])], "holds[0].scope"),
            ("holds", [TestPolicy.hold("dispute"), TestPolicy.hold("dispute")], ""),
            ("legal.criminal_referral", ["min_principal": "50000.00"], "legal.criminal_referral"),
            ("legal.criminal_referral", ["min_principal": 50000, "currency": "CNY"], "legal.criminal_referral.min_principal"),
            ("legal.limitation", ["sub_areas": ["cornwall": ["months": 60]]], "legal.limitation.sub_areas.cornwall"),
            ("legal.limitation", ["block_all_if": "full_moon"], "legal.limitation.block_all_if"),
            ("arrangements.promise_to_pay", ["max_days": "7"], "arrangements.promise_to_pay"),
            ("arrangements.promise_to_pay", ["max_days": "7", "contact_in_window": "none"], "arrangements.promise_to_pay.max_days"),
            ("visit", ["min_collectors": 0], "visit.min_collectors"), ("extends", "nobody", "extends"),
        ] as [(String, PolicyLiteral, String)])
    func faults(path: String, value: PolicyLiteral, where expected: String) throws {
        let error = try #require(fault(TestPolicy.bare.setting(path, value)))
        #expect(error.path == expected, "\(error)")
        #expect(error.file == "test.yaml" && error.line > 0)
    }

    @Test("a source stands once, with a force and a confidence")
    func sources() {
        let source: PolicyLiteral = ["id": "L", "instrument": "law", "force": "law", "confidence": "T"]
        #expect(fault(TestPolicy.bare.setting("sources", [source, source]))?.reason.contains("twice") == true)
        #expect(fault(TestPolicy.bare.setting("sources", [source.removing("force")]))?.reason.contains("force") == true)
        #expect(fault(TestPolicy.bare.setting("sources", [source.setting("confidence", "X")])) != nil)
        #expect(fault(TestPolicy.bare.setting("sources", [source.setting("page", 3)]))?.path == "sources[0].page")
        #expect(fault(TestPolicy.bare.setting("scope.source", "Z"))?.reason.contains("'Z'") == true)
    }

    @Test("stops_collection is a hold even where holds has no row for it")
    func impliedHold() throws {
        let policy = try TestPolicy.bare.setting("arrangements.instalment_plan", ["stops_collection": true]).policy()
        #expect(policy.holds.map(\.type) == [.instalmentPlan])
    }

    @Test("an overlay keeps its parent, may cite its sources, and takes its zone")
    func overlay() throws {
        let parent = try TestPolicy.bare.policy()
        let overlay = TestPolicy.bare.removing("time").removing("sources").setting("policy_id", "child").setting("extends", "test")
            .setting("people.workplace_mode", ["value": "blocked", "source": "L"])
        let policy = try overlay.policy(parent: parent)
        #expect(policy.chain.map(\.id) == ["child", "test"])
        #expect(policy.time.zone == parent.time.zone)
        #expect(policy.people.workplace?.basis == RuleBasis(sources: ["L"], force: .law))
    }

    @Test("a set resolves extensions in any order and picks the version in force")
    func set() throws {
        let second = TestPolicy.bare.setting("version", "2").setting("effective_from", "2026-01-01")
        let first = TestPolicy.bare.setting("effective_to", "2025-12-31")
        let child = TestPolicy.bare.setting("policy_id", "child").setting("extends", "test").setting("effective_from", "2025-06-01")
        let policies = try PolicySet(reading: [child.node, second.node, first.node])
        #expect(policies.policies.count == 3)
        #expect(policies.latest("child")?.parent?.version == "1")
        #expect(policies.policy("test", on: try #require(Day(iso: "2025-12-31")))?.version == "1")
        #expect(policies.policy("test", on: try #require(Day(iso: "2026-01-01")))?.version == "2")
        #expect(policies.policy("test", on: try #require(Day(iso: "2019-12-31"))) == nil)
    }

    @Test("what contradicts itself is refused, with the reason")
    func contradictions() throws {
        let window = TestPolicy.window("08:00", "20:00")
        let cases: [(PolicyLiteral, String)] = [
            (TestPolicy.bare.setting("legal.civil_referral", ["blocked_by": ["ombudsman"]]), "no row in holds"),
            (
                TestPolicy.bare.setting("people.workplace_mode", "hours_only").setting("time.contact_windows", [window]),
                "no row of contact_windows has place workplace"
            ),
            (
                TestPolicy.bare.setting(
                    "counts.frequency_limits",
                    [TestPolicy.limit("letters", event: "letter", channels: ["phone"], max: 1, kind: "calendar_day")]),
                "can never be the event 'letter'"
            ),
            (TestPolicy.bare.setting("people.third_party", ["repeat_exceptions": ["asked_back"]]), "max_contacts is missing"),
            (TestPolicy.bare.removing("scope"), "missing key 'scope'"),
        ]
        for (literal, reason) in cases { #expect(fault(literal)?.reason.contains(reason) == true, "\(reason)") }
    }

    @Test("an overlay without a scope judges whom its parent judges")
    func overlayScope() throws {
        let parent = try TestPolicy.bare.setting("scope.applies_to_actors", ["agency"]).policy()
        let policy = try TestPolicy.bare.removing("scope").setting("policy_id", "child").setting("extends", "test").policy(parent: parent)
        #expect(policy.scope.appliesToAgencies && !policy.scope.appliesToBank)
    }

    @Test("all points of a guarantor are one person's; relatives are told apart by rank")
    func parties() {
        #expect(PartyRole.debtor.party(rank: 3) == 0)
        #expect(PartyRole.guarantor.party(rank: 1) == PartyRole.guarantor.party(rank: 7))
        #expect(PartyRole.spouse.party(rank: 4) != PartyRole.guarantor.party(rank: 4))
        #expect(PartyRole.family.party(rank: 1) != PartyRole.family.party(rank: 2))
        #expect(Set(PartyRole.allCases.map { $0.party(rank: 1) }).count == PartyRole.allCases.count)
    }

    @Test("policies that extend one another in a circle are refused")
    func circle() {
        let one = TestPolicy.bare.setting("policy_id", "one").setting("extends", "two")
        let two = TestPolicy.bare.setting("policy_id", "two").setting("extends", "one")
        #expect(throws: PolicyError.self) { try PolicySet(reading: [one.node, two.node]) }
    }
}
