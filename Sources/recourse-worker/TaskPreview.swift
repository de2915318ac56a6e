import AgencyClient
import Foundation
import WireTypes

/// Shows what there is to do without doing it: leases one batch, prints it, and gives it back.
struct TaskPreview {
    let client: AgencyClient
    let stages: [String]
    let max: Int
    let ttlSeconds: Int?

    func run() async throws {
        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: stages, max: max, ttlSeconds: ttlSeconds)
        let reply = try await client.lease(request, giveUpAfter: Self.patience)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for lease in reply.leases {
            let line = try encoder.encode(HandlerInput(lease: lease, serverTime: reply.serverTime, clockRate: reply.clockRate))
            FileHandle.standardOutput.write(line + Data("\n".utf8))
        }
        if !reply.leases.isEmpty {
            _ = try await client.release(reply.leases.map(\.leaseToken), reason: .declined, giveUpAfter: Self.patience)
        }
    }

    private static let patience = Duration.seconds(30)
}
