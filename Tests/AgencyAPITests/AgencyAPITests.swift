import AgencyAPI
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing
import WireTypes

/// One request that must be refused, and how.
struct Refusal: Sendable, CustomTestStringConvertible {
    var name: String
    var method: HTTPRequest.Method = .post
    var path = "/v1/leases"
    var body = #"{"request_id":"r1","stages":["phone"]}"#
    var token: String? = FakeAuthenticator.token
    var headers: HTTPFields = [:]
    /// What dispatch throws.
    var thrown: (any Error)?
    var kind: ProblemType
    var pointer: String?
    var testDescription: String { name }
}

@Suite("HTTP for agencies", .timeLimit(.minutes(1)))
struct AgencyAPITests {
    static func app(_ dispatch: FakeDispatch = FakeDispatch(), admission: AdmissionLimits = AdmissionLimits()) -> Application<
        AgencyResponder
    > {
        AgencyServer(
            configuration: AgencyServerConfiguration(port: 0, admission: admission), dispatch: dispatch, authenticator: FakeAuthenticator(),
            idempotency: MemoryIdempotency(), logger: quiet
        ).testable
    }

    static func send(
        _ client: any TestClientProtocol, _ method: HTTPRequest.Method = .post, _ path: String, _ body: String?,
        token: String? = FakeAuthenticator.token, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        var fields = headers
        if let token { fields[.authorization] = "Bearer \(token)" }
        if body != nil, fields[.contentType] == nil { fields[.contentType] = "application/json" }
        return try await client.executeRequest(uri: path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
    }

    static func decode<Value: Decodable>(_ type: Value.Type = Value.self, _ response: TestResponse) throws -> Value {
        try JSONDecoder().decode(type, from: Data(response.body.readableBytesView))
    }

    struct Unforeseen: Error {
        var secret = "Zhang San owes 8000.00"
    }

    static let big = String(repeating: "x", count: 70_000)

    static let refusals: [Refusal] =
        [
            Refusal(name: "no credential", token: nil, kind: .unauthorized),
            Refusal(name: "unknown credential", token: "someone-else", kind: .unauthorized),
            Refusal(name: "empty credential", token: "", kind: .unauthorized),
            Refusal(name: "endless credential", token: String(repeating: "a", count: 5000), kind: .unauthorized),
            Refusal(name: "other scheme", token: nil, headers: [.authorization: "Basic c2VjcmV0"], kind: .unauthorized),
            Refusal(name: "unknown path", path: "/v1/tasks", kind: .notFound),
            Refusal(name: "trailing slash", path: "/v1/leases/", kind: .notFound),
            Refusal(name: "wrong method", method: .get, kind: .methodNotAllowed),
            Refusal(name: "wrong method on a get", method: .delete, path: "/v1/notices", kind: .methodNotAllowed),
            Refusal(name: "no JSON", body: "{", kind: .malformedJSON),
            Refusal(name: "empty body", body: "", kind: .malformedJSON),
            Refusal(name: "bytes that are no text", body: "\u{0}\u{1}", kind: .malformedJSON),
            Refusal(name: "too deep", body: String(repeating: "[", count: 2000), kind: .malformedJSON),
            Refusal(name: "not an object", body: "[1,2]", kind: .validation, pointer: ""),
            Refusal(
                name: "form instead of JSON", headers: [.contentType: "application/x-www-form-urlencoded"], kind: .unsupportedMediaType),
            Refusal(name: "compressed", headers: [.contentEncoding: "gzip"], kind: .unsupportedMediaType),
            Refusal(name: "oversized", body: big, kind: .bodyTooLarge),
            Refusal(name: "missing member", body: #"{"stages":["phone"]}"#, kind: .validation, pointer: "/request_id"),
            Refusal(name: "wrong type", body: #"{"request_id":"r","stages":["phone",7]}"#, kind: .validation, pointer: "/stages/1"),
            Refusal(name: "null", body: #"{"request_id":null,"stages":["phone"]}"#, kind: .validation, pointer: "/request_id"),
            Refusal(
                name: "number beyond range", body: #"{"request_id":"r","stages":["phone"],"max":1e30}"#, kind: .validation, pointer: ""),
            Refusal(name: "empty request id", body: #"{"request_id":"","stages":["phone"]}"#, kind: .validation, pointer: "/request_id"),
            Refusal(
                name: "NUL in request id", body: #"{"request_id":"a\u0000b","stages":["phone"]}"#, kind: .validation, pointer: "/request_id"
            ),
            Refusal(name: "no stage", body: #"{"request_id":"r","stages":[]}"#, kind: .validation, pointer: "/stages"),
            Refusal(name: "unknown stage", body: #"{"request_id":"r","stages":["phone","sea"]}"#, kind: .validation, pointer: "/stages/1"),
            Refusal(name: "max 0", body: #"{"request_id":"r","stages":["phone"],"max":0}"#, kind: .validation, pointer: "/max"),
            Refusal(name: "max 501", body: #"{"request_id":"r","stages":["phone"],"max":501}"#, kind: .validation, pointer: "/max"),
            Refusal(
                name: "ttl 0", body: #"{"request_id":"r","stages":["phone"],"ttl_seconds":0}"#, kind: .validation, pointer: "/ttl_seconds"),
            Refusal(
                name: "wait 61", body: #"{"request_id":"r","stages":["phone"],"wait_seconds":61}"#, kind: .validation,
                pointer: "/wait_seconds"),
            Refusal(
                name: "501 tokens", path: "/v1/leases/heartbeat",
                body: #"{"leases":[\#(Array(repeating: "\"t\"", count: 501).joined(separator: ","))]}"#,
                kind: .validation, pointer: "/leases"),
            Refusal(
                name: "unknown reason", path: "/v1/leases/release", body: #"{"leases":[],"reason":"tired"}"#, kind: .validation,
                pointer: "/reason"),
            Refusal(
                name: "unknown act", path: "/v1/permits", body: #"{"lease_token":"t","contact_point_id":"1","act":"sing"}"#,
                kind: .validation,
                pointer: "/act"),
            Refusal(
                name: "no contact point", path: "/v1/permits", body: #"{"lease_token":"t","contact_point_id":"home","act":"visit"}"#,
                kind: .validation,
                pointer: "/contact_point_id"),
            Refusal(name: "outcomes no list", path: "/v1/outcomes", body: #"{"outcomes":{}}"#, kind: .validation, pointer: "/outcomes"),
            Refusal(
                name: "501 outcomes", path: "/v1/outcomes",
                body: #"{"outcomes":[\#(Array(repeating: "{}", count: 501).joined(separator: ","))]}"#,
                kind: .validation, pointer: "/outcomes"),
            Refusal(name: "bad cursor", method: .get, path: "/v1/notices?after=x", body: "", kind: .validation, pointer: "?after"),
            Refusal(name: "negative cursor", method: .get, path: "/v1/notices?after=-1", body: "", kind: .validation, pointer: "?after"),
            Refusal(name: "bad wait", method: .get, path: "/v1/notices?wait=61", body: "", kind: .validation, pointer: "?wait"),
            Refusal(name: "cancelled inside", thrown: CancellationError(), kind: .shuttingDown),
            Refusal(name: "unforeseen error", thrown: Unforeseen(), kind: .internalError),
        ]
        + [
            // What dispatch itself refuses goes out as it is.
            ProblemType.forbidden, .requestConflict, .leaseTokenInvalid, .leaseEnded, .databaseUnavailable, .outcomeUnknown, .rateLimited,
            .overloaded,
        ].map { Refusal(name: "dispatch: \($0.rawValue)", thrown: Problem($0, reasons: ["r"]), kind: $0) }

    @Test("refuses with problem+json, never with a 500 for bad input", arguments: refusals)
    func refuses(refusal: Refusal) async throws {
        let dispatch = FakeDispatch()
        if let thrown = refusal.thrown { dispatch.script.withLock { $0.failures = [thrown] } }
        try await Self.app(dispatch).test(.router) { client in
            let response = try await Self.send(
                client, refusal.method, refusal.path, refusal.method == .get ? nil : refusal.body, token: refusal.token,
                headers: refusal.headers)
            let problem = try Self.decode(Problem.self, response)
            #expect(problem.kind == refusal.kind)
            #expect(response.status.code == refusal.kind.status && problem.status == refusal.kind.status)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(problem.requestId == response.headers[HTTPField.Name("X-Request-Id")!])
            if let pointer = refusal.pointer { #expect(problem.pointers?.map(\.pointer) == [pointer]) }
            switch response.status.code {
            case 401: #expect(response.headers[.wwwAuthenticate] == "Bearer")
            case 405: #expect(response.headers[.allow] == (refusal.path.hasPrefix("/v1/notices") ? "GET" : "POST"))
            case 429, 503: #expect(Int(response.headers[.retryAfter] ?? "") ?? 0 >= 1)
            default: break
            }
            // Whatever went wrong inside, its text stays inside.
            #expect(!String(buffer: response.body).contains("8000.00"))
        }
    }

    @Test("takes full and short stage names, and asks dispatch without waiting first")
    func lease() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = [Sample.lease(1, stage: StageName.fieldVisit)] }
        try await Self.app(dispatch).test(.router) { client in
            let response = try await Self.send(
                client, .post, "/v1/leases", #"{"request_id":"r1","stages":["phone","field"],"max":5,"wait_seconds":3}"#)
            #expect(response.status == .ok && response.headers[.contentType] == "application/json")
            let reply = try Self.decode(LeaseReply.self, response)
            #expect(reply.leases == [Sample.lease(1, stage: StageName.fieldVisit)])
            let asked = dispatch.script.withLock { $0.leaseRequests }
            #expect(asked == [LeaseRequest(requestId: "r1", stages: ["phone", "field_visit"], max: 5)])
        }
    }

    @Test("judges outcomes one by one: unreadable ones spoil nobody else's")
    func outcomes() async throws {
        let dispatch = FakeDispatch()
        let good = try Sample.json(Sample.outcome(Sample.lease(1)))
        let body = """
            {"outcomes":[{"lease_token":"a","occurred_at":"2026-11-02T02:00:00Z"},\(good),{"result":"busy"},
              {"lease_token":"b","result":"busy","occurred_at":"yesterday"},7,
              {"lease_token":"c","result":"promise","occurred_at":"2026-11-02T02:00:00Z","promise":{"amount":"1","date":"2026-02-30"}},\(good)]}
            """
        try await Self.app(dispatch).test(.router) { client in
            let response = try await Self.send(client, .post, "/v1/outcomes", body)
            #expect(response.status == .ok)
            let replies = try Self.decode(OutcomeReportReply.self, response).outcomes
            #expect(replies.map(\.status) == [.rejected, .accepted, .rejected, .rejected, .rejected, .rejected, .duplicate])
            #expect(replies[1].receiptId == replies[6].receiptId)
            #expect(
                replies.map { $0.problem?.kind } == [
                    .outcomeInvalid, nil, .leaseTokenInvalid, .outcomeInvalid, .outcomeInvalid, .outcomeInvalid, nil,
                ])
            #expect(
                replies.map { $0.problem?.pointers?.first?.pointer } == ["/result", nil, nil, "/occurred_at", "", "/promise/date", nil])
            #expect(dispatch.script.withLock { $0.reported.count } == 2)
        }
    }

    @Test("answers with the clock where a batch is empty or nothing in it is readable")
    func nothingReadable() async throws {
        try await Self.app().test(.router) { client in
            for body in [#"{"outcomes":[]}"#, #"{"outcomes":[{}]}"#] {
                let response = try await Self.send(client, .post, "/v1/outcomes", body)
                #expect(response.status == .ok)
                #expect(try Self.decode(OutcomeReportReply.self, response).serverTime == WireInstant("2026-11-02T02:00:00Z"))
            }
        }
    }

    @Test("a permit asked for twice under one Idempotency-Key is given once; another body under it is refused")
    func idempotency() async throws {
        let dispatch = FakeDispatch()
        try await Self.app(dispatch).test(.router) { client in
            let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "k1"]
            let body = #"{"lease_token":"t","contact_point_id":"1","act":"visit","collectors":2}"#
            let first = try await Self.send(client, .post, "/v1/permits", body, headers: key)
            let again = try await Self.send(client, .post, "/v1/permits", body, headers: key)
            #expect(first.status == .ok && first.body == again.body)
            #expect(dispatch.script.withLock { $0.permits.count } == 1)
            let other = try await Self.send(
                client, .post, "/v1/permits", body.replacing("2}", with: "3}"), headers: key)
            #expect(try Self.decode(Problem.self, other).kind == .idempotencyKeyConflict)
            let elsewhere = try await Self.send(client, .post, "/v1/activities", #"{"activities":[]}"#, headers: key)
            #expect(try Self.decode(Problem.self, elsewhere).kind == .idempotencyKeyConflict)
            let bad: HTTPFields = [HTTPField.Name("Idempotency-Key")!: String(repeating: "k", count: 101)]
            #expect(
                try Self.decode(Problem.self, try await Self.send(client, .post, "/v1/permits", body, headers: bad)).kind == .validation)
            _ = try await Self.send(client, .post, "/v1/permits", body)
            #expect(dispatch.script.withLock { $0.permits.count } == 2)
        }
    }

    @Test("takes activities one by one, notices by cursor, and their confirmations")
    func factsAndNotices() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock {
            $0.notices = (1...3).map { Notice(seq: $0, kind: NoticeKind.recall, at: WireInstant(microseconds: 0), needsAck: true) }
        }
        try await Self.app(dispatch).test(.router) { client in
            let activities = try await Self.send(
                client, .post, "/v1/activities",
                #"{"activities":[{"activity_ref":"x","type":"inbound_call","occurred_at":"2026-11-02T02:00:00Z"},{"type":"inbound_call"}]}"#
            )
            let replies = try Self.decode(ActivityReportReply.self, activities).activities
            #expect(replies.map(\.status) == [.accepted, .rejected])
            #expect(replies[1].problem?.kind == .activityInvalid && replies[1].problem?.pointers?.first?.pointer == "/activity_ref")
            let notices = try Self.decode(NoticesReply.self, try await Self.send(client, .get, "/v1/notices?after=1", nil))
            #expect(notices.notices.map(\.seq) == [2, 3] && notices.next == 3)
            let ack = try await Self.send(client, .post, "/v1/notices/ack", #"{"notices":[{"seq":2}]}"#)
            #expect(try Self.decode(NoticeAckReply.self, ack).notices == [NoticeAckItem(seq: 2, acknowledged: true)])
        }
    }

    @Test("heartbeats and releases answer per token")
    func heartbeatAndRelease() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.cancelled["b"] = "hold" }
        try await Self.app(dispatch).test(.router) { client in
            let beats = try await Self.send(client, .post, "/v1/leases/heartbeat", #"{"leases":["a","b"]}"#)
            let items = try Self.decode(HeartbeatReply.self, beats).leases
            #expect(items.map(\.cancelled) == [nil, "hold"] && items[0].expiresInMs == 600)
            let released = try await Self.send(client, .post, "/v1/leases/release", #"{"leases":["a"],"reason":"shutdown"}"#)
            #expect(try Self.decode(ReleaseReply.self, released).leases == [ReleaseItem(released: true)])
        }
    }

    @Test("health is open, readiness follows the database, and request ids are kept if harmless")
    func open() async throws {
        let dispatch = FakeDispatch()
        try await Self.app(dispatch).test(.router) { client in
            #expect(try await Self.send(client, .get, "/healthz", nil, token: nil).status == .ok)
            #expect(try await Self.send(client, .get, "/readyz", nil, token: nil).status == .ok)
            dispatch.script.withLock { $0.ready200 = false }
            #expect(try await Self.send(client, .get, "/readyz", nil, token: nil).status == .serviceUnavailable)
            let name = HTTPField.Name("X-Request-Id")!
            #expect(try await Self.send(client, .get, "/healthz", nil, headers: [name: "abc-1"]).headers[name] == "abc-1")
            let made = try await Self.send(client, .get, "/healthz", nil, headers: [name: "a b<script>"]).headers[name]
            #expect(made != nil && made != "a b<script>")
        }
    }

    @Test("a credential is looked up once in a while, also an unknown one")
    func cachedCredential() async throws {
        let base = FakeAuthenticator()
        let cached = CachedAuthenticator(base, entriesMax: 10)
        for _ in 0..<5 {
            #expect(try await cached.caller(tokenHash: Hash.sha256(FakeAuthenticator.token))?.id == 7)
            #expect(try await cached.caller(tokenHash: Hash.sha256("other")) == nil)
        }
        #expect(base.calls.value == 2)
        for number in 0..<100 { _ = try await cached.caller(tokenHash: Hash.sha256("\(number)")) }
        #expect(try await cached.caller(tokenHash: Hash.sha256(FakeAuthenticator.token))?.id == 7)
    }

    @Test("one agency's flood is answered 429 beyond its queue, and does not keep another one out")
    func flood() async throws {
        var limits = AdmissionLimits()
        limits.inFlightMax = 2
        limits.inFlightPerAgencyMax = 1
        limits.queuedPerAgencyMax = 2
        let dispatch = FakeDispatch()
        dispatch.gate.close()
        try await Self.app(dispatch, admission: limits).test(.router) { client in
            let calls = (1...4).map { number in
                Task { try await Self.send(client, .post, "/v1/leases", #"{"request_id":"r\#(number)","stages":["phone"]}"#).status.code }
            }
            // One is at work, two wait, the fourth was refused; who came fourth does not matter.
            await dispatch.until { $0.leaseRequests.count == 1 }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for call in calls { group.addTask { try await call.value } }
                let first = try await group.next()
                dispatch.gate.open()
                return try await group.reduce(into: [first ?? 0]) { $0.append($1) }
            }
            #expect(statuses == [429, 200, 200, 200])
        }
    }

    @Test("every problem type is either made here, thrown by dispatch or carried by an item")
    func everyTypeCovered() {
        let perItem: Set<ProblemType> = [.outcomeInvalid, .outcomeConflict, .outcomeLate, .activityInvalid, .activityConflict]
        let elsewhere: Set<ProblemType> = [.idempotencyKeyConflict]
        #expect(Set(Self.refusals.map(\.kind)).union(perItem).union(elsewhere) == Set(ProblemType.allCases))
    }
}
