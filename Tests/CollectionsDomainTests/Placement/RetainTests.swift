import CollectionsDomain
import Testing

@Suite("Retain: 30 more days, asked in time, once, for what is under way")
struct RetainTests {
    private static let end = CaseSample.at("2026-11-08T00:00:00+08:00")

    private func ask(
        _ purpose: RetainPurpose = .promise, asker: Int32 = CaseSample.holder, isActive: Bool = true, end: Instant = Self.end,
        isKnown: Bool = false, change: (inout CaseFacts) -> Void = { _ in }
    ) throws(RetainRefusal) -> Instant {
        let facts = CaseSample.facts { facts in
            facts.promises = [
                CaseFacts.OpenPromise(
                    id: 1, account: 100, amount: CaseSample.cny("100.00"), due: CaseSample.day("2026-11-06"), takenAt: CaseSample.now,
                    judgeAfter: CaseSample.at("2026-11-07T00:00:00+08:00"))
            ]
            change(&facts)
        }
        return try Retain.newEnd(
            for: purpose, asker: asker, isActive: isActive, termEnd: end, isKnown: isKnown, facts: facts, now: CaseSample.now,
            zone: CaseSample.zone)
    }

    @Test("five days before the last day it may be asked, four days before not; the new term ends 30 days later")
    func time() throws {
        #expect(try ask() == CaseSample.at("2026-12-08T00:00:00+08:00"))
        #expect(throws: RetainRefusal.tooLate) { try ask(end: CaseSample.at("2026-11-07T00:00:00+08:00")) }
    }

    @Test("only the holder of an active placement asks, once")
    func who() {
        #expect(throws: RetainRefusal.notHolder) { try ask(asker: 99) }
        #expect(throws: RetainRefusal.askedBefore) { try ask(isKnown: true) }
        #expect(throws: RetainRefusal.notActive) { try ask(isActive: false) }
        #expect(throws: RetainRefusal.notActive) { try ask { $0.state = .recalling } }
        #expect(throws: RetainRefusal.notActive) { try ask { $0.state = .closed(.expired) } }
    }

    @Test("what it is asked for must be under way")
    func purpose() throws {
        #expect(throws: RetainRefusal.nothingToWaitFor) { try ask { $0.promises = [] } }
        #expect(throws: RetainRefusal.nothingToWaitFor) { try ask(.plan) }
        #expect(throws: RetainRefusal.nothingToWaitFor) { try ask(.visit) }
        #expect(throws: Never.self) { try ask(.plan) { $0.state = .planned } }
        #expect(throws: Never.self) { try ask(.visit) { $0.stage = .fieldVisit } }
    }
}
