import Testing
import WireTypes

@Suite("Evidence read back from receipts")
struct CanonicalEvidenceTests {
    private let proofs = [
        Evidence(kind: "photo", ref: "p/1", sha256: "ab", bytes: 1_234), Evidence(kind: "form", ref: "表/2"),
    ]

    @Test("an outcome's recording and evidence come back as they were sent, whatever stands around them")
    func outcome() throws {
        let at = WireInstant(microseconds: 1_700_000_000_000_000)
        let item = OutcomeItem(
            leaseToken: "t", result: "met_refused", occurredAt: at, endedAt: at, collectorId: "c", collectorIds: ["c", "d"],
            visitCollectors: 2, contactPointId: "7", permitId: "8", recordingRef: "r/1", recordingSha256: "cd", evidence: proofs,
            accountRefs: ["A"], newContactPoints: [NewContactPoint(role: "debtor", channel: "mobile", value: "138", provenance: "debtor")])
        let found = try #require(CanonicalEvidence(outcome: item.canonicalBytes))
        #expect(found.recordingRef == "r/1" && found.recordingSha256 == "cd" && found.evidence == proofs)
        let bare = try #require(
            CanonicalEvidence(outcome: OutcomeItem(leaseToken: "t", result: "no_answer", occurredAt: at).canonicalBytes))
        #expect(bare.recordingRef == nil && bare.evidence.isEmpty)
    }

    @Test("an activity's too")
    func activity() throws {
        let at = WireInstant(microseconds: 1_700_000_000_000_000)
        let item = ActivityItem(
            activityRef: "x", caseRef: "1", type: "inbound", occurredAt: at, result: "promise", refersTo: "9", recordingRef: "r/2",
            evidence: proofs)
        let found = try #require(CanonicalEvidence(activity: item.canonicalBytes))
        #expect(found.recordingRef == "r/2" && found.evidence == proofs)
    }

    @Test("every cut of the bytes is refused or gives less, and never crashes")
    func cut() {
        let item = OutcomeItem(
            leaseToken: "t", result: "met_refused", occurredAt: WireInstant(microseconds: 5), recordingRef: "r", evidence: proofs)
        let bytes = item.canonicalBytes
        for length in 0..<bytes.count {
            let found = CanonicalEvidence(outcome: Array(bytes.prefix(length)))
            #expect(found == nil || found?.evidence.isEmpty == true, "\(length)")
        }
    }
}
