import Crypto
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import WireTypes

/// What a request brings beside itself: its connection.
package struct AgencyRequestContext: InitializableFromSource, Sendable {
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// Answers every request: finds the route, the agency and its turn, reads the body, asks dispatch, and puts refusals into problem+json.
///
/// A table of exact paths instead of a router: there are no parameters in paths, and a wrong method has to be answered 405.
package struct AgencyResponder: HTTPResponder {
    package typealias Context = AgencyRequestContext

    let dispatch: any DispatchPort
    let authenticator: any AgencyAuthenticator
    let idempotency: any IdempotencyStore
    let admission: Admission
    let watch = DisconnectWatch()
    let metrics = APIMetrics()
    let outages: OutageLog
    let logger: Logger

    /// The answerer of one server.
    package init(
        dispatch: any DispatchPort, authenticator: any AgencyAuthenticator, idempotency: any IdempotencyStore,
        admission: Admission = Admission(), logger: Logger
    ) {
        self.dispatch = dispatch
        self.authenticator = authenticator
        self.idempotency = idempotency
        self.admission = admission
        self.logger = logger
        outages = OutageLog(logger: logger)
    }

    package func respond(to request: Request, context: Context) async throws -> Response {
        let started = ContinuousClock.now
        let requestId = RequestName.of(request)
        var trace = RequestTrace()
        var response: Response
        do {
            response = try await answer(request, context, &trace)
            if trace.caller != nil { outages.answered() }
        } catch let failure as BodyUnreadable {
            // The connection is broken or the bytes are no HTTP: the server underneath answers or closes.
            throw failure.underlying
        } catch is CallerGone {
            // Nobody reads this; it only ends the exchange.
            response = Response(status: .init(code: Self.callerGone))
        } catch {
            let problem = problem(for: error, requestId: requestId, trace: trace)
            if problem.kind == .databaseUnavailable { outages.refused() }
            if problem.status == 429 || problem.status == 503, let kind = problem.kind { metrics.refused(kind) }
            response = ProblemResponse.make(problem, requestId: requestId, allow: trace.allowed)
        }
        response.headers[RequestName.header] = requestId
        let duration = ContinuousClock.now - started
        let route = trace.route?.rawValue ?? "none"
        metrics.answered(route: route, status: response.status.code, duration: duration)
        logger.log(
            // Refusals under load and outages are counted and summed up; a line each would make them worse.
            level: response.status.code == 500 ? .warning : .debug, "request",
            metadata: [
                "http.method": "\(request.method.rawValue)", "http.route": "\(route)", "http.status": "\(response.status.code)",
                "request.id": "\(requestId)", "request.duration": "\(duration)", "agency.id": "\(trace.caller.map { "\($0.id)" } ?? "-")",
            ])
        return response
    }

    private func answer(_ request: Request, _ context: Context, _ trace: inout RequestTrace) async throws -> Response {
        switch Route.match(request.method, request.uri.path) {
        case .notFound: throw Problem(.notFound)
        case .methodNotAllowed(let method):
            trace.allowed = method
            throw Problem(.methodNotAllowed, detail: "use \(method.rawValue)")
        case .found(let route):
            trace.route = route
            if !route.needsCredential { return await open(route) }
            let caller = try await caller(of: request)
            trace.caller = caller
            let call = AgencyCall(route: route, caller: caller, channel: context.channel)
            guard route.method == .post else { return try await read(call, request) }
            let body = try await body(of: request, route)
            return try await write(call, request, body)
        }
    }

    /// The calls without a credential.
    private func open(_ route: Route) async -> Response {
        switch route {
        case .readiness:
            if await dispatch.isReady() { return .text("ready\n", type: "text/plain; charset=utf-8") }
            return .text("the database cannot be reached\n", type: "text/plain; charset=utf-8", status: .serviceUnavailable)
        case .openAPI: return .text(OpenAPIDocument.text, type: "application/yaml")
        case .health, .lease, .heartbeat, .release, .permit, .outcomes, .activities, .notices, .acknowledge:
            return .text("ok\n", type: "text/plain; charset=utf-8")
        }
    }

    private func caller(of request: Request) async throws -> AgencyCaller {
        guard let header = request.headers[.authorization] else { throw Problem(.unauthorized, detail: "send Authorization: Bearer TOKEN") }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer", (1...Self.tokenLengthMax).contains(parts[1].utf8.count) else {
            throw Problem(.unauthorized, detail: "send Authorization: Bearer TOKEN")
        }
        let hash = Array(SHA256.hash(data: Array(parts[1].utf8)))
        guard let caller = try await authenticator.caller(tokenHash: hash) else { throw Problem(.unauthorized) }
        return caller
    }

    private func body(of request: Request, _ route: Route) async throws -> ByteBuffer {
        if let type = request.headers[.contentType] {
            let essence = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
            guard essence == "application/json" else { throw Problem(.unsupportedMediaType) }
        }
        if let encoding = request.headers[.contentEncoding], encoding != "identity" {
            throw Problem(.unsupportedMediaType, detail: "send the body without a content encoding")
        }
        let tooLarge = Problem(.bodyTooLarge, detail: "at most \(route.bodyBytesMax) bytes")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > route.bodyBytesMax { throw tooLarge }
        do {
            return try await request.body.collect(upTo: route.bodyBytesMax)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw BodyUnreadable(underlying: error)
        }
    }

    /// What a thrown error is answered with.
    private func problem(for error: any Error, requestId: String, trace: RequestTrace) -> Problem {
        if let problem = error as? Problem { return problem }
        if error is CancellationError { return Problem(.shuttingDown, retryAfterMs: 1000) }
        // Only the type: a description may hold what a person said or owes.
        logger.error(
            "request failed",
            metadata: [
                "error.type": "\(type(of: error))", "request.id": "\(requestId)", "http.route": "\(trace.route?.rawValue ?? "none")",
            ])
        return Problem(.internalError, detail: "the coordinator's log has this request_id", retryAfterMs: 1000)
    }

    /// What proxies write into their logs for a caller that left; sent to nobody.
    private static let callerGone = 499

    /// Longer than any token that is issued.
    private static let tokenLengthMax = 512
}

/// What is known of a request when its answer is logged.
struct RequestTrace {
    var route: Route?
    var caller: AgencyCaller?
    var allowed: HTTPRequest.Method?
}

/// A request with its route and agency.
struct AgencyCall: Sendable {
    let route: Route
    let caller: AgencyCaller
    let channel: any Channel
}

/// The body did not come in; nothing can be said about the request.
struct BodyUnreadable: Error {
    let underlying: any Error
}

extension Response {
    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
    }
}
