import CollectionsDomain
import Foundation
import Testing

@Suite("Lives of cases: random results and events on the pure core")
struct CaseLifeTests {
    /// How many lives are lived: 4,000, or what `RECOURSE_CASE_LIVES` says. 100,000 take some five minutes on two cores.
    private static let count = ProcessInfo.processInfo.environment["RECOURSE_CASE_LIVES"].flatMap { Int($0) } ?? 4_000

    /// What some lives came to.
    private struct Sum: Sendable {
        var codes: [CloseCode: Int] = [:]
        var rules: Set<String> = []
        var steps: [Step: Int] = [:]
    }

    @Test("Seeded lives: no dead end, no illegal transition, every case ends; all stages and steps are visited")
    func lives() async throws {
        let count = Self.count
        let parts = ProcessInfo.processInfo.activeProcessorCount
        let sum = try await withThrowingTaskGroup(of: Sum.self) { group in
            for part in 0..<parts {
                group.addTask {
                    var sum = Sum()
                    for seed in stride(from: 1 + part, through: count, by: parts) {
                        var life = CaseLife(seed: UInt64(seed))
                        sum.codes[try life.live(), default: 0] += 1
                        sum.rules.formUnion(life.rules)
                        sum.steps.merge(life.steps, uniquingKeysWith: +)
                    }
                    return sum
                }
            }
            return try await group.reduce(into: Sum()) { whole, part in
                whole.codes.merge(part.codes, uniquingKeysWith: +)
                whole.rules.formUnion(part.rules)
                whole.steps.merge(part.steps, uniquingKeysWith: +)
            }
        }
        let (codes, rules, steps) = (sum.codes, sum.rules, sum.steps)
        #expect(codes.values.reduce(0, +) == count)
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
