import Foundation
import WireTypes

/// Leases and outcomes for tests; nobody's data.
enum Sample {
    static func lease(_ number: Int, stage: String = StageName.phone, ttl: Duration = .seconds(600), caseRef: String? = nil) -> Lease {
        let milliseconds = Int64(ttl / .milliseconds(1))
        return Lease(
            taskId: "\(90_071_992_547_409_930 + number)", leaseToken: "v1.1.3.4.\(number).1.mac", epoch: 1,
            actBefore: WireInstant("2026-11-02T14:00:00Z"), reportBy: WireInstant("2026-11-02T14:15:00Z")!, expiresInMs: milliseconds,
            stage: stage, step: "call", goal: "get_date", priority: 50, attempt: 1,
            workCard: WorkCard(
                caseRef: caseRef ?? "C\(number)", placementRefs: ["P\(number)"], stage: stage, step: "call", goal: "get_date",
                permit: CardPermit(contactPointId: "77", channel: "call", value: "+99900000000", partyRole: "debtor", purposes: ["demand"]))
        )
    }

    static func outcome(_ lease: Lease, _ result: String = "no_answer") -> OutcomeItem {
        OutcomeItem(leaseToken: lease.leaseToken, result: result, occurredAt: WireInstant("2026-11-02T02:00:00Z")!, contactPointId: "77")
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
