import Foundation
public import WireTypes

/// The JSON a command gets and gives.
enum HandlerExchange {
    /// What the command reads: the lease without its token, and business time.
    static func input(for task: LeasedTask, now: WireInstant) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(HandlerInput(lease: task.lease, serverTime: now, clockRate: task.clock.rate))) + [
            UInt8(ascii: "\n")
        ]
    }

    /// What the command wrote, as a result.
    static func result(from output: [UInt8], task: LeasedTask, started: WireInstant) throws(CommandFailure) -> TaskResult {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: Data(output))
        } catch {
            throw .garbage("not JSON")
        }
        guard var members = object as? [String: Any] else { throw .garbage("not a JSON object") }
        if let release = members["release"] {
            guard let text = release as? String, let reason = ReleaseReason(rawValue: text) else { throw .garbage("release") }
            return .release(reason)
        }
        members["lease_token"] = task.lease.leaseToken
        if members["occurred_at"] == nil { members["occurred_at"] = started.text }
        if members["ended_at"] == nil, members["contact_point_id"] != nil { members["ended_at"] = task.now().text }
        do {
            return .outcome(try JSONDecoder().decode(OutcomeItem.self, from: JSONSerialization.data(withJSONObject: members)))
        } catch let error as DecodingError {
            throw .garbage(Self.place(of: error))
        } catch {
            throw .garbage("not an outcome")
        }
    }

    /// Which member is wrong; never its value.
    private static func place(of error: DecodingError) -> String {
        let path: [any CodingKey]
        switch error {
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context): path = context.codingPath
        @unknown default: path = []
        }
        return path.map(\.stringValue).joined(separator: "/")
    }
}

/// What a handler command reads on its standard input.
public struct HandlerInput: Encodable, Sendable {
    private let lease: Lease
    private let serverTime: WireInstant
    private let clockRate: Double

    /// The lease, and business time now.
    public init(lease: Lease, serverTime: WireInstant, clockRate: Double) {
        self.lease = lease
        self.serverTime = serverTime
        self.clockRate = clockRate
    }

    private enum CodingKeys: String, CodingKey {
        case taskId = "task_id"
        case epoch
        case actBefore = "act_before"
        case reportBy = "report_by"
        case expiresInMs = "expires_in_ms"
        case stage
        case step
        case goal
        case priority
        case attempt
        case workCard = "work_card"
        case serverTime = "server_time"
        case clockRate = "clock_rate"
    }

    /// Writes the lease's members, without the token, and the two of the clock.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lease.taskId, forKey: .taskId)
        try container.encode(lease.epoch, forKey: .epoch)
        try container.encodeIfPresent(lease.actBefore, forKey: .actBefore)
        try container.encode(lease.reportBy, forKey: .reportBy)
        try container.encode(lease.expiresInMs, forKey: .expiresInMs)
        try container.encode(lease.stage, forKey: .stage)
        try container.encode(lease.step, forKey: .step)
        try container.encode(lease.goal, forKey: .goal)
        try container.encode(lease.priority, forKey: .priority)
        try container.encode(lease.attempt, forKey: .attempt)
        try container.encode(lease.workCard, forKey: .workCard)
        try container.encode(serverTime, forKey: .serverTime)
        try container.encode(clockRate, forKey: .clockRate)
    }
}
