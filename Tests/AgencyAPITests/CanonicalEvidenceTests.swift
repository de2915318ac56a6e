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

    @Test("what a receipt keeps holds no contact value, and everything else")
    func stored() {
        let at = WireInstant(microseconds: 5)
        let point = NewContactPoint(role: "debtor", channel: "mobile", value: "+8613999990000", provenance: "debtor")
        let lawyer = Representative(kind: "attorney", mandateRef: "m/1", contact: point)
        let outcome = OutcomeItem(
            leaseToken: "t", result: "new_contact_data", occurredAt: at, evidence: proofs, representative: lawyer, newContactPoints: [point]
        )
        let activity = ActivityItem(
            activityRef: "x", type: "new_contact_data", occurredAt: at, evidence: proofs, representative: lawyer, newContactPoints: [point])
        for bytes in [outcome.storedBytes, activity.storedBytes] {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("13999990000") && text.contains("mobile") && text.contains("m/1") && text.contains("p/1"))
        }
        #expect(outcome.storedBytes != outcome.canonicalBytes && activity.storedBytes != activity.canonicalBytes)
        let plain = OutcomeItem(leaseToken: "t", result: "no_answer", occurredAt: at)
        #expect(plain.storedBytes == plain.canonicalBytes)
    }
}
