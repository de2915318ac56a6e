import CollectionsDomain
import Testing

@Suite("Lives of cases: random results and events on the pure core")
struct CaseLifeTests {
    @Test("2,000 seeded lives: no dead end, no illegal transition, every case ends; all stages and steps are visited")
    func lives() throws {
        var codes: [CloseCode: Int] = [:]
        var rules: Set<String> = []
        var steps: [Step: Int] = [:]
        for seed in 1...2_000 {
            var life = CaseLife(seed: UInt64(seed))
            codes[try life.live(), default: 0] += 1
            rules.formUnion(life.rules)
            steps.merge(life.steps, uniquingKeysWith: +)
        }
        for step in Step.allCases where step != .lawFirm && step != .emailReminder { #expect(steps[step, default: 0] > 20, "\(step.name)") }
        for code in [
            CloseCode.cured, .paidInFull, .settledInFull, .untraceable, .exhausted, .expired, .legal, .stageNotContracted, .recalled,
            .compliance,
        ] {
            #expect(codes[code, default: 0] > 0, "\(code.rawValue)")
        }
        for rule in [
            "adv.letter", "adv.field_visit", "adv.handover", "adv.legal_referral", "adv.light_cadence", "E3.kept", "E3.partially_kept",
            "E3.broken",
            "E3.broken.second", "E8.expired", "E9.quarantine", "letter.unanswered.again", "phone.budget_spent", "phone.lost.third_party",
            "wait.paid_claimed", "wait.cure_pending", "wait.skip_trace",
        ] { #expect(rules.contains(rule), "\(rule)") }
    }

    @Test("the same seed lives the same life")
    func deterministic() throws {
        for seed in [UInt64(3), 77, 1_024] {
            var first = CaseLife(seed: seed)
            var second = CaseLife(seed: seed)
            _ = try first.live()
            _ = try second.live()
            #expect(first.trace == second.trace)
        }
    }
}
