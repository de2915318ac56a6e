import CollectionsDomain
import Testing

@Suite("Evidence before purge")
struct EvidenceChainTests {
    private static let executed = CaseSample.now
    private static let calendar = BusinessCalendar()

    private func chain(_ change: (inout EvidenceChain) -> Void = { _ in }) -> EvidenceChain {
        var chain = EvidenceChain(executedAt: Self.executed, confirmedAt: Self.executed, recordedContacts: 3)
        change(&chain)
        return chain
    }

    private func finding(_ chain: EvidenceChain, _ time: String) -> EvidenceChain.Finding? {
        chain.finding(now: CaseSample.at(time), zone: CaseSample.zone, calendar: Self.calendar)
    }

    @Test("each step needs those before it")
    func steps() {
        #expect(EvidenceChain(executedAt: nil, recordedContacts: 0).step == .requested)
        #expect(chain { $0.confirmedAt = nil }.step == .executed)
        #expect(chain().step == .confirmed)
        #expect(chain { $0.evidenceCount = 2 }.step == .evidence)
        #expect(chain { ($0.evidenceCount, $0.openItems) = (3, 1) }.step == .evidence)
        let complete = chain { ($0.evidenceCount, $0.openItems) = (3, 0) }
        #expect(complete.step == .complete && complete.isReadyForPurge)
        var ordered = complete
        ordered.purgeOrderedAt = Self.executed
        #expect(ordered.step == .purgeOrdered && !ordered.isReadyForPurge)
        ordered.purgeProofAt = Self.executed
        #expect(ordered.step == .proof)
        #expect(chain { ($0.evidenceCount, $0.confirmedAt) = (3, nil) }.isReadyForPurge == false, "work must have stopped first")
    }

    @Test("evidence is due at the end of the fifth business day, the proof of the purge as long after its order")
    func due() {
        // The recall took effect on Monday 2026-11-02: the fifth business day after is Monday the 9th.
        #expect(finding(chain(), "2026-11-09T23:59:00+08:00") == nil)
        #expect(finding(chain(), "2026-11-10T00:00:00+08:00") == .noEvidence)
        #expect(finding(chain { $0.evidenceCount = 2 }, "2026-11-10T00:00:00+08:00") == .tooLittle)
        #expect(finding(chain { ($0.evidenceCount, $0.openItems) = (3, 2) }, "2026-11-10T00:00:00+08:00") == .openItems)
        var ordered = chain { ($0.evidenceCount, $0.openItems) = (4, 0) }
        #expect(finding(ordered, "2026-12-01T00:00:00+08:00") == nil, "nothing was ordered yet")
        ordered.purgeOrderedAt = CaseSample.at("2026-11-04T09:00:00+08:00")
        #expect(finding(ordered, "2026-11-11T23:00:00+08:00") == nil)
        #expect(finding(ordered, "2026-11-12T00:00:00+08:00") == .noProof)
        ordered.purgeProofAt = CaseSample.at("2026-11-13T09:00:00+08:00")
        #expect(finding(ordered, "2026-12-01T00:00:00+08:00") == nil)
        #expect(finding(EvidenceChain(executedAt: nil, recordedContacts: 9), "2027-01-01T00:00:00+08:00") == nil)
    }
}
