import CollectionsDomain
import Testing

@Suite("properties of the gate")
struct GatePropertyTests {
    private static let rounds = 1_500

    private func policies() throws -> [ConductPolicy] {
        let east = TestPolicy.rich.setting("time.policy_time_zone", "America/New_York")
        let overlay = TestPolicy.bare.setting("policy_id", "child").setting("extends", "test").setting(
            "time.contact_windows", [TestPolicy.window("09:00", "12:00"), TestPolicy.window("14:00", "20:30", channels: ["phone"])])
        let rich = try TestPolicy.rich.policy()
        return [rich, try east.policy(), try overlay.policy(parent: rich)]
    }

    @Test("the earliest instant is allowed, and no instant between now and it is", arguments: [1, 2, 3] as [UInt64])
    func earliest(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = try policies()
        var found = 0
        for _ in 0..<Self.rounds {
            let scene = random.scene()
            let act = random.act()
            let now = random.now()
            let policy = random.pick(policies)
            let decision = scene.judge(policy, act, at: now)
            guard let earliest = decision.earliest else {
                // Nothing but an event lifts it: no instant of the weeks to come is allowed either.
                let later = (0..<(decision.isAllowed ? 0 : 25)).map { _ in now + .seconds(Int64.random(in: 0..<50 * 86_400, using: &random))
                }
                guard let open = later.first(where: { scene.judge(policy, act, at: $0).isAllowed }) else { continue }
                Issue.record(
                    "seed \(seed): \(act.kind) at \(now): \(open) is allowed, but no earliest instant was found for \(decision.rules)")
                return
            }
            found += 1
            guard earliest > now, scene.judge(policy, act, at: earliest).isAllowed else {
                Issue.record("seed \(seed): \(act.kind) at \(now): earliest \(earliest) is not allowed")
                return
            }
            var between = [earliest - .microseconds(1)]
            for _ in 0..<12 {
                between.append(now + .seconds(Int64.random(in: 0..<max(1, (earliest - now).components.seconds), using: &random)))
            }
            if let early = between.first(where: { scene.judge(policy, act, at: $0).isAllowed }) {
                Issue.record("seed \(seed): \(act.kind) at \(now): \(early) is allowed before \(earliest)")
                return
            }
        }
        #expect(found > Self.rounds / 10)
    }

    @Test("a permission holds until its end", arguments: [4, 5] as [UInt64])
    func until(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = try policies()
        var found = 0
        for _ in 0..<Self.rounds {
            let scene = random.scene(events: 6)
            let act = random.act()
            let now = random.now()
            let policy = random.pick(policies)
            guard let until = scene.judge(policy, act, at: now).until else { continue }
            found += 1
            var between = [until - .microseconds(1)]
            for _ in 0..<8 {
                between.append(now + .seconds(Int64.random(in: 0..<max(1, (until - now).components.seconds), using: &random)))
            }
            if let late = between.first(where: { !scene.judge(policy, act, at: $0).isAllowed }) {
                Issue.record(
                    "seed \(seed): \(act.kind) allowed at \(now) until \(until) is blocked at \(late): \(scene.judge(policy, act, at: late).rules)"
                )
                return
            }
        }
        #expect(found > Self.rounds / 10)
    }

    @Test("a rule more never allows more, and keeps every reason there was", arguments: [6, 7] as [UInt64])
    func monotone(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let base = TestPolicy.rich
        let plain = try base.policy()
        let rules: [(String, PolicyLiteral)] = [
            ("people.workplace_mode", "blocked"), ("opt_outs.cease_notice", ["form": "any"]), ("opt_outs.sms_verify_max_age_days", 60),
            ("content.disclosures", ["every_contact": ["institution"]]), ("recording", ["required_channels": ["phone"]]),
            ("visit.recording", true), ("content.letter_addresses", ["billing_address"]),
        ]
        let stricter = try rules.map { try base.setting($0.0, $0.1).policy() }
        for _ in 0..<Self.rounds {
            let scene = random.scene()
            let act = random.act()
            let now = random.now()
            let before = scene.judge(plain, act, at: now)
            let after = scene.judge(random.pick(stricter), act, at: now)
            let isKept = Set(before.rules).isSubset(of: after.rules) && (before.isAllowed || !after.isAllowed)
            guard isKept else {
                Issue.record("seed \(seed): \(act.kind) at \(now): \(before.rules) became \(after.rules)")
                return
            }
        }
    }

    @Test("strictest wins in whatever order policies overlay one another", arguments: [12, 13] as [UInt64])
    func overlayOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let parts: [PolicyLiteral] = [
            TestPolicy.rich.setting("policy_id", "one"),
            TestPolicy.bare.setting("policy_id", "two").setting("people.workplace_mode", "blocked").setting(
                "time.contact_windows", [TestPolicy.window("09:00", "12:00"), TestPolicy.window("14:00", "20:30", channels: ["phone"])]),
            TestPolicy.bare.setting("policy_id", "three").setting("time.policy_time_zone", "Asia/Kolkata").setting(
                "counts.frequency_limits",
                [TestPolicy.limit("dials", event: "attempt_any", channels: ["phone"], max: 2, kind: "consecutive_days", length: 3)]
            ).setting("opt_outs.cease_notice", ["form": "any"]),
        ]
        /// The first overlays the second, which overlays the third.
        func chain(_ order: [Int]) throws -> ConductPolicy {
            var policy: ConductPolicy?
            for index in order.reversed() {
                let literal = policy.map { parts[index].setting("extends", .text($0.id)) } ?? parts[index]
                policy = try literal.policy(parent: policy)
            }
            return try #require(policy)
        }
        let orders = try [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(chain)
        let alone = try parts.map { try $0.policy() }
        var allowed = 0
        for _ in 0..<Self.rounds / 3 {
            let scene = random.scene(events: 8)
            let act = random.act()
            let now = random.now()
            let decisions = orders.map { scene.judge($0, act, at: now) }
            let first = decisions[0]
            let isSame = decisions.allSatisfy {
                $0.isAllowed == first.isAllowed && Set($0.rules) == Set(first.rules) && $0.earliest == first.earliest
                    && $0.until == first.until
            }
            // Together they say what each says alone: one block blocks, every reason stands, the shortest permission counts.
            let single = alone.map { scene.judge($0, act, at: now) }
            let isSum =
                first.isAllowed == single.allSatisfy(\.isAllowed) && Set(first.rules) == Set(single.flatMap(\.rules))
                && (!first.isAllowed || first.until == single.compactMap(\.until).min())
            if first.isAllowed { allowed += 1 }
            guard isSame, isSum else {
                Issue.record("seed \(seed): \(act.kind) at \(now): \(decisions.map(\.rules)) \(single.map(\.rules))")
                return
            }
        }
        #expect(allowed > 20)
    }

    @Test("one contact, reservation, statement or hold more never opens a limit", arguments: [8, 9] as [UInt64])
    func moreHistory(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policy = try TestPolicy.rich.policy()
        for _ in 0..<Self.rounds {
            let scene = random.scene()
            let act = random.act()
            let now = random.now()
            let before = scene.judge(policy, act, at: now).rules.filter { $0.hasPrefix("frequency_limits.") || $0.hasPrefix("cooldowns.") }
            var more = scene
            if random.once(in: 2) {
                more.ledger.add(random.entry(&more, days: 8))
            } else {
                more.ledger.reserve(random.reservation(99, &more))
            }
            let after = more.judge(policy, act, at: now).rules
            guard Set(before).isSubset(of: after) else {
                Issue.record("seed \(seed): \(act.kind) at \(now): \(before) became \(after)")
                return
            }
        }
    }

    @Test("a presumed act counts like the open one it was", arguments: [10] as [UInt64])
    func presumed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policy = try TestPolicy.rich.policy()
        for _ in 0..<Self.rounds {
            let scene = random.scene()
            let act = random.act()
            let now = random.now()
            var expired = scene
            for reservation in scene.ledger.reservations {
                expired.ledger.settle(task: reservation.task, epoch: reservation.epoch, as: .presumed)
            }
            guard scene.judge(policy, act, at: now) == expired.judge(policy, act, at: now) else {
                Issue.record("seed \(seed): \(act.kind) at \(now)")
                return
            }
        }
    }

    @Test("reasons come by group, then by name, each once, with a source and a force", arguments: [11] as [UInt64])
    func order(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = try policies()
        for _ in 0..<Self.rounds {
            let scene = random.scene()
            guard case .blocked(let reasons, _) = scene.judge(random.pick(policies), random.act(), at: random.now()) else { continue }
            let sorted = reasons.sorted { ($0.group, $0.rule) < ($1.group, $1.rule) }
            guard sorted == reasons, Set(reasons.map(\.rule)).count == reasons.count, !reasons.isEmpty else {
                Issue.record("seed \(seed): \(reasons.map(\.rule))")
                return
            }
        }
    }
}
