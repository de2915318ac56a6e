import AgencyAPI
import Synchronization
import WireTypes

/// Dispatch without a database: answers what a test tells it to, and remembers what it was asked.
final class FakeDispatch: DispatchPort {
    struct Script: Sendable {
        /// Leases still to be granted.
        var ready: [Lease] = []
        /// Outcomes accepted, by token.
        var outcomes: [String: OutcomeItem] = [:]
        /// Every outcome that arrived, in order.
        var reported: [OutcomeItem] = []
        var released: [(token: String, reason: String)] = []
        var beats: [String] = []
        /// Leases that are over, with the reason a heartbeat tells.
        var cancelled: [String: String] = [:]
        var notices: [Notice] = []
        var acknowledged: [NoticeAck] = []
        var leaseRequests: [LeaseRequest] = []
        var permits: [PermitRequest] = []
        var activities: [ActivityItem] = []
        var replies: [String: [Lease]] = [:]
        /// Granted with the reply to an outcome that asks for it.
        var next: [Lease] = []
        /// Thrown by the next calls, one each.
        var failures: [any Error] = []
        var ready200 = true
        var time = WireInstant("2026-11-02T02:00:00Z")!
        var parked = 0
        var parkedEnds = 0
    }

    let script = Watched(Script())
    /// Calls wait here while a test holds it closed.
    let gate = Gate()

    private func enter() async throws {
        let failure = script.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        await gate.pass()
    }

    func lease(_ request: LeaseRequest, for agency: AgencyCaller) async throws -> LeaseReply {
        script.withLock { $0.leaseRequests.append(request) }
        try await enter()
        var granted = script.withLock { Self.take(request, from: &$0) }
        if granted.isEmpty, let wait = request.waitSeconds, wait > 0 {
            granted = try await park(.seconds(wait)) { Self.take(request, from: &$0) }
        }
        return LeaseReply(leases: granted, serverTime: time, clockRate: 1, nextPollAfterMs: 20)
    }

    private static func take(_ request: LeaseRequest, from script: inout Script) -> [Lease] {
        if let known = script.replies[request.requestId] { return known }
        let mine = script.ready.filter { request.stages.contains($0.stage) }.prefix(request.max)
        let tokens = Set(mine.map(\.leaseToken))
        script.ready.removeAll { tokens.contains($0.leaseToken) }
        if !mine.isEmpty { script.replies[request.requestId] = Array(mine) }
        return Array(mine)
    }

    /// Waits until `find` has something or the time is up.
    private func park<Value: Sendable>(_ time: Duration, _ find: (inout Script) -> [Value]) async throws -> [Value] {
        script.withLock { $0.parked += 1 }
        defer {
            script.withLock {
                $0.parked -= 1
                $0.parkedEnds += 1
            }
        }
        let found = await script.first(by: .now + time) { script in
            let found = find(&script)
            return found.isEmpty ? nil : found
        }
        if found == nil { try Task.checkCancellation() }
        return found ?? []
    }

    func heartbeat(_ request: HeartbeatRequest, for agency: AgencyCaller) async throws -> HeartbeatReply {
        try await enter()
        let time = time
        let items = script.withLock { script in
            script.beats += request.leases
            return request.leases.map { token in
                if let reason = script.cancelled[token] { return HeartbeatItem(cancelled: reason) }
                return HeartbeatItem(reportBy: time, expiresInMs: 600)
            }
        }
        return HeartbeatReply(leases: items, serverTime: time, clockRate: 1)
    }

    func release(_ request: ReleaseRequest, for agency: AgencyCaller) async throws -> ReleaseReply {
        try await enter()
        script.withLock { script in script.released += request.leases.map { ($0, request.reason) } }
        return ReleaseReply(leases: request.leases.map { _ in ReleaseItem(released: true) }, serverTime: time, clockRate: 1)
    }

    func permit(_ request: PermitRequest, for agency: AgencyCaller) async throws -> PermitReply {
        try await enter()
        let number = script.withLock { script in
            script.permits.append(request)
            return script.permits.count
        }
        return PermitReply(permitId: "\(number)", allowedUntil: time, conditions: [], serverTime: time, clockRate: 1)
    }

    func report(_ report: OutcomeReport, for agency: AgencyCaller) async throws -> OutcomeReportReply {
        try await enter()
        let replies = script.withLock { script in
            report.outcomes.map { item -> OutcomeReply in
                script.reported.append(item)
                if item.result == "nonsense" {
                    return OutcomeReply(
                        status: .rejected,
                        problem: Problem(.outcomeInvalid, pointers: [.init(pointer: "/result", reason: "unknown_result")]))
                }
                if let known = script.outcomes[item.leaseToken] {
                    return known == item
                        ? OutcomeReply(receiptId: "r-" + item.leaseToken, status: .duplicate)
                        : OutcomeReply(status: .rejected, problem: Problem(.outcomeConflict))
                }
                script.outcomes[item.leaseToken] = item
                let next = item.requestNextLease == true && !script.next.isEmpty ? script.next.removeFirst() : nil
                return OutcomeReply(receiptId: "r-" + item.leaseToken, status: .accepted, nextLease: next)
            }
        }
        return OutcomeReportReply(outcomes: replies, serverTime: time, clockRate: 1)
    }

    func activities(_ report: ActivityReport, for agency: AgencyCaller) async throws -> ActivityReportReply {
        try await enter()
        script.withLock { $0.activities += report.activities }
        return ActivityReportReply(
            activities: report.activities.map { ActivityReply(receiptId: "a-" + $0.activityRef, status: .accepted) }, serverTime: time,
            clockRate: 1)
    }

    func notices(after seq: Int64, waitSeconds: Int, for agency: AgencyCaller) async throws -> NoticesReply {
        try await enter()
        let find = { (script: inout Script) in script.notices.filter { $0.seq > seq } }
        var found = script.withLock(find)
        if found.isEmpty, waitSeconds > 0 { found = try await park(.seconds(waitSeconds), find) }
        return NoticesReply(notices: found, next: found.last?.seq ?? seq, serverTime: time, clockRate: 1)
    }

    func acknowledge(_ request: NoticeAckRequest, for agency: AgencyCaller) async throws -> NoticeAckReply {
        try await enter()
        script.withLock { $0.acknowledged += request.notices }
        return NoticeAckReply(
            notices: request.notices.map { NoticeAckItem(seq: $0.seq, acknowledged: true) }, serverTime: time, clockRate: 1)
    }

    func isReady() async -> Bool { script.withLock { $0.ready200 } }

    private var time: WireInstant { script.withLock { $0.time } }

    /// Waits until the script satisfies `condition`.
    func until(_ condition: (Script) -> Bool) async { await script.until(condition) }
}

/// One agency with one credential.
struct FakeAuthenticator: AgencyAuthenticator {
    static let token = "secret-of-alpha"
    let calls = Counter()

    func caller(tokenHash: [UInt8]) async throws -> AgencyCaller? {
        calls.add()
        return tokenHash == Hash.sha256(Self.token) ? AgencyCaller(id: 7, name: "alpha", kind: "collection") : nil
    }
}

/// Keeps answers in memory.
final class MemoryIdempotency: IdempotencyStore {
    private let kept = Mutex<[String: StoredReply]>([:])

    func reply(agency: Int32, key: String) async throws -> StoredReply? { kept.withLock { $0["\(agency)/\(key)"] } }

    func keep(_ reply: StoredReply, agency: Int32, key: String) async throws -> StoredReply {
        kept.withLock { kept in
            if let known = kept["\(agency)/\(key)"] { return known }
            kept["\(agency)/\(key)"] = reply
            return reply
        }
    }
}
