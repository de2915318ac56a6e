import CollectionsDomain
import Testing

@Suite("differences of policies")
struct PolicyDiffTests {
    private func changes(_ old: PolicyLiteral, _ new: PolicyLiteral) throws -> [PolicyChange] {
        try PolicyDiff.changes(
            from: PolicyDiff.Side(node: old.node, policy: old.policy()), to: PolicyDiff.Side(node: new.node, policy: new.policy()))
    }

    @Test("the same policy differs in nothing")
    func same() throws {
        #expect(try changes(TestPolicy.rich, TestPolicy.rich).isEmpty)
    }

    @Test(
        "each parameter knows in which direction it is strict",
        arguments: [
            ("visit.min_collectors", 3, .stricter), ("visit.min_collectors", 1, .looser), ("visit.min_gap_days", nil, .looser),
            ("visit.id_required", true, .stricter), ("arrangements.promise_to_pay.max_days", 5, .stricter),
            ("arrangements.promise_to_pay.grace_days", 0, .looser),
            ("arrangements.promise_to_pay.contact_in_window", "none", .stricter),
            ("arrangements.promise_to_pay.contact_in_window", "any", .looser), ("people.collectable_roles", ["debtor"], .stricter),
            ("people.collectable_roles", nil, .looser), ("people.collectable_roles", ["debtor", "spouse"], .different),
            ("people.third_party.purposes", ["relay", "location"], .looser), ("people.third_party.forbidden_fields", [], .looser),
            ("people.third_party.max_contacts", 1, .stricter), ("people.third_party.refusal_is_final", false, .looser),
            ("people.workplace_mode", "blocked", .stricter), ("opt_outs.sms_verify_max_age_days", 60, .stricter),
            ("scope.on_exceed", "review", .looser), ("scope.applies_to_actors", ["agency"], .looser),
            ("people.representative.until.silent_days", 9, .stricter), ("content.letter_addresses", ["billing_address"], .stricter),
            ("recording.required_channels", ["phone"], .stricter),
            ("complaint", ["days": 10, "extended_days": 30, "further_days": 30], .stricter),
            ("version", "2", .different),
        ] as [(String, PolicyLiteral, PolicyChange.Direction)])
    func directions(path: String, value: PolicyLiteral, expected: PolicyChange.Direction) throws {
        let new = TestPolicy.rich.setting(path, value)
        let found = try changes(TestPolicy.rich, new)
        #expect(!found.isEmpty && found.allSatisfy { $0.direction == expected && $0.parameter.hasPrefix(path) }, "\(found)")
        let back = try changes(new, TestPolicy.rich)
        let opposite: PolicyChange.Direction =
            switch expected {
            case .stricter: .looser
            case .looser: .stricter
            case .different: .different
            }
        #expect(!back.isEmpty && back.allSatisfy { $0.direction == opposite }, "\(back)")
    }

    @Test("hours are compared minute by minute, whatever rows they are written in")
    func hours() throws {
        func with(_ windows: PolicyLiteral) -> PolicyLiteral { TestPolicy.bare.setting("time.contact_windows", windows) }
        let day = with([TestPolicy.window("08:00", "22:00")])
        let noon = with([TestPolicy.window("08:00", "12:00"), TestPolicy.window("13:00", "22:00")])
        #expect(try changes(day, noon).map(\.direction) == [.stricter])
        #expect(try changes(noon, day).map(\.direction) == [.looser])
        #expect(try changes(day, with([TestPolicy.window("07:00", "21:00")])).map(\.direction) == [.different])
        #expect(try changes(TestPolicy.bare, day).map(\.direction) == [.stricter])
    }

    @Test("a limit or hold that comes or goes is one change, with its sources")
    func rows() throws {
        let limit = TestPolicy.limit("talks", event: "effective_conversation", channels: ["call"], max: 3, kind: "calendar_day")
        let with = TestPolicy.bare.setting("counts.frequency_limits", [limit])
        let added = try changes(TestPolicy.bare, with)
        #expect(added.map(\.parameter) == ["counts.frequency_limits.talks"] && added.map(\.direction) == [.stricter])
        #expect(added[0].newSources == ["S"] && added[0].old == nil && added[0].new?.contains("max 3") == true)
        let held = try changes(TestPolicy.bare.setting("holds", [TestPolicy.hold("dispute")]), TestPolicy.bare)
        #expect(held.map(\.parameter) == ["holds.dispute"] && held.map(\.direction) == [.looser])
    }

    @Test("a hold that ends by itself is looser than one that stays")
    func openHold() throws {
        func with(_ days: PolicyLiteral) -> PolicyLiteral { TestPolicy.bare.setting("holds", [TestPolicy.hold("dispute", maxDays: days)]) }
        #expect(try changes(with(nil), with(30)).map(\.direction) == [.looser])
        #expect(try changes(with(30), with(60)).map(\.direction) == [.stricter])
    }
}
