import Testing

@testable import CollectionsDomain

@Suite("Breaks: two persons, and age")
struct BreakResolutionTests {
    @Test("the first word proposes, the same of another person confirms; the same person and another reason are refused")
    func steps() throws {
        #expect(try BreakResolution.step(first: nil, person: 1, reason: "rounding") == .propose)
        #expect(try BreakResolution.step(first: (1, "rounding"), person: 2, reason: "rounding") == .confirm)
        #expect(throws: BreakResolutionRefusal.samePerson) {
            try BreakResolution.step(first: (1, "rounding"), person: 1, reason: "rounding")
        }
        #expect(throws: BreakResolutionRefusal.differs(first: "rounding")) {
            try BreakResolution.step(first: (1, "rounding"), person: 2, reason: "paid twice")
        }
    }

    private static let ages: [(hours: Int64, ageing: BreakAgeing)] = [
        (0, .upToDay), (47, .upToDay), (48, .upToWeek), (191, .upToWeek), (192, .upToMonth), (743, .upToMonth), (744, .older),
    ]

    @Test("the ageing class follows whole days", arguments: ages)
    func ageing(hours: Int64, expected: BreakAgeing) {
        let opened = Instant(seconds: 1_000_000)
        let later = opened + .seconds(hours * 3_600)
        #expect(BreakAgeing(opened: opened, now: later) == expected)
        #expect(BreakAgeing.hours(opened: opened, now: later) == hours)
        #expect(BreakAgeing.hours(opened: later, now: opened) == 0)
    }
}
