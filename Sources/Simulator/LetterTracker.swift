package import AgencyClient
package import CollectionsDomain
import WireTypes

/// What a lettershop posted and the post has not yet reported on; tells the coordinator of delivery, return or refusal some days later.
package actor LetterTracker {
    private struct Posted {
        let letterId: String
        let caseRef: String
        let reportAt: Instant
        let result: String
    }

    /// The coordinator did not take what the post said: a fault of this program.
    package struct Refused: Error { package let count: Int }

    private let client: AgencyClient
    private let seed: UInt64
    private var posted: [Posted] = []

    package init(client: AgencyClient, seed: UInt64) {
        self.client = client
        self.seed = seed
    }

    /// Notes a posted letter; what becomes of it follows from the seed and the letter.
    func posted(letterId: String, caseRef: String, at now: Instant) {
        var random = SeededGenerator(seed: seed, key: letterId)
        let debtor = DebtorCharacter(seed: seed, debtor: caseRef)
        let result =
            random.chance(debtor.addressQuality)
            ? random.pick([("delivered", 0.9), ("refused_delivery", 0.05), ("no_trace", 0.05)]) : "returned"
        let days = result == "no_trace" ? 31 : Int.random(in: 2...5, using: &random)
        posted.append(Posted(letterId: letterId, caseRef: caseRef, reportAt: now + .seconds(Int64(days) * 86_400), result: result))
    }

    /// Reports everything whose day has come; what cannot be reported is kept for the next time.
    package func reportDue(at now: Instant) async throws {
        let due = posted.filter { $0.reportAt <= now }
        guard !due.isEmpty else { return }
        var refused = 0
        for start in stride(from: 0, to: due.count, by: 100) {
            let part = due[start..<min(start + 100, due.count)]
            refused += try await client.activities(
                part.map { letter in
                    ActivityItem(
                        activityRef: "track-\(letter.letterId)", caseRef: letter.caseRef, type: "letter_status",
                        occurredAt: letter.reportAt.wire,
                        direction: "outbound", result: letter.result, refersTo: letter.letterId,
                        letter: LetterStatus(
                            letterId: letter.letterId, deliveredAt: letter.result == "delivered" ? letter.reportAt.wire : nil,
                            signedByKind: letter.result == "delivered" ? "debtor" : nil,
                            returnReason: letter.result == "returned" ? "moved" : nil))
                }
            ).count { $0.status == .rejected }
        }
        posted.removeAll { $0.reportAt <= now }
        if refused > 0 { throw Refused(count: refused) }
    }
}
