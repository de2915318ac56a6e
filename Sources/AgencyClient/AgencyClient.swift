import AsyncHTTPClient
import Foundation
public import Logging
import NIOCore
import NIOHTTP1
public import WireTypes

/// Calls the coordinator on behalf of an agency.
///
/// Every call may be sent again: leases are keyed by `request_id`, outcomes by their lease, activities by `activity_ref`, permits by an
/// `Idempotency-Key`; the rest is idempotent by nature. So each call is tried, with growing waits, until the coordinator has answered; the same bytes
/// are sent each time. `Retry-After` is honoured. A refused credential ends the tries at once.
public final class AgencyClient: Sendable {
    /// Business time, kept from the replies.
    public let clock = BusinessClock()

    private let configuration: AgencyClientConfiguration
    private let http: HTTPClient
    private let logger: Logger

    /// A client; ``close()`` it when done.
    public init(configuration: AgencyClientConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        var http = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(configuration.connectTimeout.nanoseconds)))
        // The tries are ours: they know what a call may wait for.
        http.connectionPool.retryConnectionEstablishment = false
        http.connectionPool.idleTimeout = .seconds(60)
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connectionsMax
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
    }

    /// Closes the connections.
    public func close() async throws {
        try await http.shutdown()
    }

    /// Asks for work. The same request again gives the same leases.
    public func lease(_ request: LeaseRequest, giveUpAfter: Duration? = nil) async throws -> LeaseReply {
        try await call(
            "/v1/leases", body: request, waits: .seconds(request.waitSeconds ?? 0), giveUpAfter: giveUpAfter,
            time: { ($0.serverTime, $0.clockRate) })
    }

    /// Says that the leases are still worked on.
    public func heartbeat(_ tokens: [String], giveUpAfter: Duration? = nil) async throws -> HeartbeatReply {
        try await call(
            "/v1/leases/heartbeat", body: HeartbeatRequest(leases: tokens), giveUpAfter: giveUpAfter,
            time: { ($0.serverTime, $0.clockRate) })
    }

    /// Gives leases back.
    public func release(_ tokens: [String], reason: ReleaseReason, giveUpAfter: Duration? = nil) async throws -> ReleaseReply {
        try await call(
            "/v1/leases/release", body: ReleaseRequest(leases: tokens, reason: reason.rawValue), giveUpAfter: giveUpAfter,
            time: { ($0.serverTime, $0.clockRate) })
    }

    /// Asks whether one act may begin now.
    public func permit(_ request: PermitRequest, giveUpAfter: Duration? = nil) async throws -> PermitReply {
        try await call(
            "/v1/permits", body: request, key: Self.makeKey(), giveUpAfter: giveUpAfter, time: { ($0.serverTime, $0.clockRate) })
    }

    /// Reports outcomes and does not return before each has its answer.
    public func report(_ outcomes: [OutcomeItem], giveUpAfter: Duration? = nil) async throws -> [OutcomeReply] {
        let reply: OutcomeReportReply = try await call(
            "/v1/outcomes", body: OutcomeReport(outcomes: outcomes), giveUpAfter: giveUpAfter, time: { ($0.serverTime, $0.clockRate) })
        guard reply.outcomes.count == outcomes.count else {
            throw AgencyClientError.notACoordinator("\(reply.outcomes.count) answers to \(outcomes.count) outcomes")
        }
        return reply.outcomes
    }

    /// Reports facts that no lease covers.
    public func activities(_ activities: [ActivityItem], giveUpAfter: Duration? = nil) async throws -> [ActivityReply] {
        let reply: ActivityReportReply = try await call(
            "/v1/activities", body: ActivityReport(activities: activities), giveUpAfter: giveUpAfter,
            time: { ($0.serverTime, $0.clockRate) })
        guard reply.activities.count == activities.count else {
            throw AgencyClientError.notACoordinator("\(reply.activities.count) answers to \(activities.count) activities")
        }
        return reply.activities
    }

    /// What happened after a cursor; waits up to `waitSeconds` for the first notice.
    public func notices(after seq: Int64, waitSeconds: Int = 0, giveUpAfter: Duration? = nil) async throws -> NoticesReply {
        try await call(
            "/v1/notices?after=\(seq)&wait=\(waitSeconds)", body: Nothing?.none, waits: .seconds(waitSeconds), giveUpAfter: giveUpAfter,
            time: { ($0.serverTime, $0.clockRate) })
    }

    /// Confirms notices.
    public func acknowledge(_ notices: [NoticeAck], giveUpAfter: Duration? = nil) async throws -> NoticeAckReply {
        try await call(
            "/v1/notices/ack", body: NoticeAckRequest(notices: notices), giveUpAfter: giveUpAfter, time: { ($0.serverTime, $0.clockRate) })
    }

    /// A key no other call has.
    public static func makeKey() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + "-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    private struct Nothing: Encodable {}

    /// Sends the call until it is answered.
    private func call<Reply: Decodable & Sendable>(
        _ path: String, body: (some Encodable)?, key: String? = nil, waits: Duration = .zero, giveUpAfter: Duration?,
        time: (Reply) -> (WireInstant, Double)
    ) async throws -> Reply {
        let bytes = try body.map { ByteBuffer(bytes: try Self.encoder().encode($0)) }
        let started = ContinuousClock.now
        var attempt = 0
        while true {
            attempt += 1
            let failure: Attempt.Failure
            let sent = ContinuousClock.now
            do {
                let answer = try await send(path, bytes, key, timeout: configuration.requestTimeout + waits)
                switch Attempt.judge(status: answer.status, body: answer.body, retryAfter: answer.retryAfter) {
                case .done:
                    let reply: Reply
                    do {
                        reply = try JSONDecoder().decode(Reply.self, from: answer.body)
                    } catch {
                        throw AgencyClientError.notACoordinator("an unreadable answer to \(path.prefix { $0 != "?" })")
                    }
                    let (serverTime, rate) = time(reply)
                    clock.update(serverTime: serverTime, rate: rate, sent: sent)
                    if attempt > Self.quietAttempts {
                        logger.notice("coordinator answers again", metadata: ["http.attempts": "\(attempt)"])
                    }
                    return reply
                case .refused(let error): throw error
                case .again(let again): failure = again
                }
            } catch let error as AgencyClientError {
                throw error
            } catch {
                try Task.checkCancellation()
                failure = Attempt.Failure(what: Attempt.name(of: error), retryAfter: nil)
            }
            let wait = configuration.backoff.wait(attempt: attempt, retryAfter: failure.retryAfter, spread: .random(in: 0...1))
            if let giveUpAfter, ContinuousClock.now - started + wait > giveUpAfter {
                throw AgencyClientError.unreachable(attempts: attempt, last: failure.what)
            }
            logger.log(
                level: attempt == Self.quietAttempts ? .warning : .debug, "coordinator does not answer, trying again",
                metadata: ["http.attempts": "\(attempt)", "http.failure": "\(failure.what)", "retry.wait": "\(wait)"])
            try await Task.sleep(for: wait)
        }
    }

    private func send(
        _ path: String, _ body: ByteBuffer?, _ key: String?, timeout: Duration
    ) async throws -> (status: Int, body: Data, retryAfter: String?) {
        let base = configuration.url.hasSuffix("/") ? String(configuration.url.dropLast()) : configuration.url
        var request = HTTPClientRequest(url: base + path)
        request.method = body == nil ? .GET : .POST
        request.headers.add(name: "Authorization", value: "Bearer \(configuration.token)")
        request.headers.add(name: "User-Agent", value: configuration.userAgent)
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        let response = try await http.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
        let answer = try await response.body.collect(upTo: Self.answerBytesMax)
        return (Int(response.status.code), Data(answer.readableBytesView), response.headers.first(name: "Retry-After"))
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        // Sorted, so that a call that is built again gives the same bytes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// 500 leases with their cards are about 1 MB.
    private static let answerBytesMax = 32 << 20
    /// Failures up to this one are ordinary; this one is told an operator.
    private static let quietAttempts = 3
}

extension Duration {
    /// Whole nanoseconds, at most about 292 years.
    var nanoseconds: Int64 {
        let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds + components.attoseconds / 1_000_000_000
    }
}
