import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import WireTypes

extension AgencyResponder {
    /// `GET` calls of an agency.
    func read(_ call: AgencyCall, _ request: Request) async throws -> Response {
        let query = Dictionary(request.uri.queryParameters.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        let (after, wait) = try RequestValidation.noticesQuery(query)
        let first = try await admitted(call) { try await dispatch.notices(after: after, waitSeconds: 0, for: call.caller) }
        guard first.notices.isEmpty, wait > 0 else { return .json(try RequestDecoding.encode(first)) }
        return .json(
            try RequestDecoding.encode(
                try await parked(call) { try await dispatch.notices(after: after, waitSeconds: wait, for: call.caller) }))
    }

    /// `POST` calls of an agency.
    func write(_ call: AgencyCall, _ request: Request, _ body: ByteBuffer) async throws -> Response {
        guard call.route.takesIdempotencyKey, let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] else {
            return .json(try await reply(call, body))
        }
        guard RequestValidation.isKey(key) else {
            throw Problem(.validation, pointers: [.init(pointer: "Idempotency-Key", reason: "not_1_to_100_printable_characters")])
        }
        var hash = SHA256()
        hash.update(data: Array(call.route.path.utf8))
        hash.update(data: [0])
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        let bodyHash = Array(hash.finalize())
        if let kept = try await idempotency.reply(agency: call.caller.id, key: key) { return try Self.replay(kept, bodyHash) }
        let made = try await reply(call, body)
        let kept = try await idempotency.keep(
            StoredReply(bodyHash: bodyHash, status: 200, body: Array(made.readableBytesView)), agency: call.caller.id, key: key)
        return try Self.replay(kept, bodyHash)
    }

    private static func replay(_ kept: StoredReply, _ bodyHash: [UInt8]) throws -> Response {
        guard kept.bodyHash == bodyHash else { throw Problem(.idempotencyKeyConflict) }
        return .json(ByteBuffer(bytes: kept.body), status: .init(code: kept.status))
    }

    private func reply(_ call: AgencyCall, _ body: ByteBuffer) async throws -> ByteBuffer {
        switch call.route {
        case .lease: return try await lease(call, body)
        case .heartbeat:
            let request = try RequestDecoding.decode(HeartbeatRequest.self, from: body)
            try RequestValidation.checkCount(request.leases.count, at: "/leases")
            return try await admitted(call) { try RequestDecoding.encode(try await dispatch.heartbeat(request, for: call.caller)) }
        case .release:
            let request = try RequestDecoding.decode(ReleaseRequest.self, from: body)
            try RequestValidation.check(request)
            return try await admitted(call) { try RequestDecoding.encode(try await dispatch.release(request, for: call.caller)) }
        case .permit:
            let request = try RequestDecoding.decode(PermitRequest.self, from: body)
            try RequestValidation.check(request)
            return try await admitted(call) { try RequestDecoding.encode(try await dispatch.permit(request, for: call.caller)) }
        case .outcomes: return try await outcomes(call, body)
        case .activities: return try await activities(call, body)
        case .acknowledge:
            let request = try RequestDecoding.decode(NoticeAckRequest.self, from: body)
            try RequestValidation.checkCount(request.notices.count, at: "/notices")
            return try await admitted(call) { try RequestDecoding.encode(try await dispatch.acknowledge(request, for: call.caller)) }
        case .notices, .health, .readiness, .openAPI: throw Problem(.notFound)
        }
    }

    /// Asks once without waiting, in the agency's turn; then parks, where waiting costs no place.
    private func lease(_ call: AgencyCall, _ body: ByteBuffer) async throws -> ByteBuffer {
        let request = try RequestValidation.checked(RequestDecoding.decode(hot: LeaseRequest.self, from: body))
        var atOnce = request
        atOnce.waitSeconds = nil
        var reply = try await admitted(call) { [atOnce] in try await dispatch.lease(atOnce, for: call.caller) }
        if reply.leases.isEmpty, let wait = request.waitSeconds, wait > 0 {
            reply = try await parked(call) { try await dispatch.lease(request, for: call.caller) }
        }
        metrics.leased(reply.leases.count)
        return RequestDecoding.encode(hot: reply, capacity: 256 + reply.leases.count * 2_048)
    }

    private func outcomes(_ call: AgencyCall, _ body: ByteBuffer) async throws -> ByteBuffer {
        let read = try RequestDecoding.outcomes(from: body)
        try RequestValidation.checkCount(read.count, at: "/outcomes")
        let report = OutcomeReport(outcomes: read.compactMap(\.item))
        var reply = try await admitted(call) { try await dispatch.report(report, for: call.caller) }
        reply.outcomes = try Self.merged(read, with: reply.outcomes) { fault in
            // Without a token there is no lease to speak of.
            let problem =
                fault.pointer.pointer == "/lease_token"
                ? Problem(.leaseTokenInvalid) : Problem(.outcomeInvalid, pointers: [fault.pointer])
            return OutcomeReply(status: .rejected, problem: problem)
        }
        metrics.reported(reply.outcomes)
        return RequestDecoding.encode(hot: reply, capacity: 256 + reply.outcomes.count * 192)
    }

    private func activities(_ call: AgencyCall, _ body: ByteBuffer) async throws -> ByteBuffer {
        let read = try RequestDecoding.decode(LenientActivityReport.self, from: body).activities
        try RequestValidation.checkCount(read.count, at: "/activities")
        let report = ActivityReport(activities: read.compactMap(\.item))
        var reply = try await admitted(call) { try await dispatch.activities(report, for: call.caller) }
        reply.activities = try Self.merged(read, with: reply.activities) { fault in
            ActivityReply(status: .rejected, problem: Problem(.activityInvalid, pointers: [fault.pointer]))
        }
        return try RequestDecoding.encode(reply)
    }

    /// Dispatch's answers for the items it saw and a refusal for each it did not, in the order of the request.
    private static func merged<Item, Reply>(
        _ read: [LenientItem<Item>], with answered: [Reply], refusal: (DecodingFault) -> Reply
    ) throws -> [Reply] {
        var answers = answered.makeIterator()
        let replies = try read.map { item in
            switch item.result {
            case .failure(let fault): return refusal(fault)
            case .success:
                guard let answer = answers.next() else { throw ReplyMismatch() }
                return answer
            }
        }
        if answers.next() != nil { throw ReplyMismatch() }
        return replies
    }

    private func admitted<Value>(_ call: AgencyCall, _ work: () async throws -> Value) async throws -> Value {
        defer {
            let load = admission.load
            metrics.load(inFlight: load.inFlight, queued: load.queued, parked: admission.parked)
        }
        return try await admission.admit(call.caller, work)
    }

    /// Waits until there is something, the caller goes, or the server stops.
    private func parked<Value: Sendable>(
        _ call: AgencyCall, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await admission.park(call.caller) {
            try await cancelWhenGracefulShutdown { try await watch.cancelWhenGone(call.channel, work) }
        }
    }
}

/// Dispatch answered another number of items than it was asked about.
struct ReplyMismatch: Error {}
