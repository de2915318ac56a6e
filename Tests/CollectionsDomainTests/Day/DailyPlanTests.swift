import Testing

@testable import CollectionsDomain

@Suite("The bank's day")
struct DailyPlanTests {
    private let plan = DailyPlan.standard
    private let now = Instant(seconds: 1_800_000_000)

    private func state(_ name: String, at hour: Int, _ minute: Int = 0, done: [String] = [], expected: Set<String> = []) -> DailyPlan.State?
    {
        let done = Dictionary(uniqueKeysWithValues: done.map { ($0, now) })
        return plan.states(at: hour * 60 + minute, done: done, expected: expected).first { $0.step.name == name }?.state
    }

    @Test("names are unique, times go on, and what a step needs stands before it")
    func isWellMade() {
        #expect(Set(plan.steps.map(\.name)).count == plan.steps.count)
        #expect(zip(plan.steps, plan.steps.dropFirst()).allSatisfy { $0.at <= $1.at })
        for (index, step) in plan.steps.enumerated() {
            for need in step.needs { #expect(plan.steps[..<index].contains { $0.name == need }) }
        }
    }

    @Test("a file that has a habit is late when it does not come; one without is not missed")
    func lateness() {
        #expect(state("payments", at: 5, 59, expected: ["payments"]) == .later)
        #expect(state("payments", at: 6, expected: ["payments"]) == .due(minutes: 0))
        #expect(state("payments", at: 6, 20, expected: ["payments"]) == .late(minutes: 20))
        #expect(state("payments", at: 6, 20, done: ["payments"], expected: ["payments"]) == .done(now))
        #expect(state("payments", at: 6, 20) == .notExpected)
        #expect(DailyPlan.expected(days: ["payments": 2, "events": 1]) == ["payments"])
    }

    @Test("reconciliation waits for the files that are expected, and for no others, until its latest time")
    func waits() {
        let expected: Set<String> = ["payments", "events"]
        #expect(state("reconcile", at: 6, 29, expected: expected) == .later)
        #expect(state("reconcile", at: 6, 30, expected: expected) == .waiting(["payments", "events"]))
        #expect(state("reconcile", at: 6, 30, done: ["payments"], expected: expected) == .waiting(["events"]))
        #expect(state("reconcile", at: 6, 30, done: ["payments", "events"], expected: expected) == .due(minutes: 0))
        #expect(state("reconcile", at: 7, 44, expected: expected) == .waiting(["payments", "events"]))
        #expect(state("reconcile", at: 7, 45, expected: expected) == .due(minutes: 75))
        #expect(state("reconcile", at: 7, 45, done: ["reconcile"], expected: expected) == .done(now))
    }

    @Test("whatever file is late, only steps that need it change")
    func isolation() {
        let files = plan.steps.filter { if case .file = $0.work { true } else { false } }.map(\.name)
        for late in files {
            for minute in stride(from: 0, through: 1_439, by: 15) {
                let all = Dictionary(uniqueKeysWithValues: files.map { ($0, now) })
                let missing = all.filter { $0.key != late }
                let whole = plan.states(at: minute, done: all, expected: Set(files))
                let part = plan.states(at: minute, done: missing, expected: Set(files))
                for (a, b) in zip(whole, part) where a.state != b.state {
                    #expect(a.step.name == late || a.step.needs.contains(late), "\(late) at \(minute) changed \(a.step.name)")
                }
            }
        }
    }

    @Test("the month's end is remembered on three days")
    func reminders() throws {
        let days = try (1...31).map { try #require(Day(year: 2026, month: 12, day: $0)) }
        #expect(days.filter { DailyPlan.reminder(on: $0) != nil }.map(\.day) == [1, 5, 10])
    }
}
