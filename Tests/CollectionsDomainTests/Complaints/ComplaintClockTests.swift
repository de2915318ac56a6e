import Testing

@testable import CollectionsDomain

@Suite("Clock of complaints")
struct ComplaintClockTests {
    private static func day(_ text: String) throws -> Day { try #require(Day(iso: text)) }

    @Test(
        "15 days, 30 when complex, 60 with approval; the day of receipt is not counted (A3)",
        arguments: [(0, "2026-11-18"), (1, "2026-12-03"), (2, "2027-01-02")])
    func due(extensions: Int, expected: String) throws {
        #expect(ComplaintClock(nil).due(received: try Self.day("2026-11-03"), extensions: extensions) == (try Self.day(expected)))
    }

    @Test("called three days before, overdue from the day after")
    func urgency() throws {
        let due = try Self.day("2026-11-18")
        let found = try ["2026-11-14", "2026-11-15", "2026-11-18", "2026-11-19"].map {
            ComplaintClock.urgency(due: due, today: try Self.day($0))
        }
        #expect(found == [.calm, .warn, .warn, .overdue])
    }

    @Test("the fourth with the same content goes to a supervisor")
    func repeats() {
        #expect((0...4).map(ComplaintClock.goesToSupervisor(sameBefore:)) == [false, false, false, true, true])
    }
}
