package import HTTPTypes

/// The calls an agency can make, and the few that need no credential.
package enum Route: String, CaseIterable, Sendable {
    case lease
    case heartbeat
    case release
    case permit
    case outcomes
    case activities
    case notices
    case acknowledge
    case health
    case readiness
    case openAPI = "openapi"

    /// The path, without a query.
    package var path: String {
        switch self {
        case .lease: "/v1/leases"
        case .heartbeat: "/v1/leases/heartbeat"
        case .release: "/v1/leases/release"
        case .permit: "/v1/permits"
        case .outcomes: "/v1/outcomes"
        case .activities: "/v1/activities"
        case .notices: "/v1/notices"
        case .acknowledge: "/v1/notices/ack"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .openAPI: "/openapi.yaml"
        }
    }

    /// The one method it has.
    package var method: HTTPRequest.Method {
        switch self {
        case .lease, .heartbeat, .release, .permit, .outcomes, .activities, .acknowledge: .post
        case .notices, .health, .readiness, .openAPI: .get
        }
    }

    /// Whether it needs an agency's credential.
    package var needsCredential: Bool {
        switch self {
        case .lease, .heartbeat, .release, .permit, .outcomes, .activities, .notices, .acknowledge: true
        case .health, .readiness, .openAPI: false
        }
    }

    /// Whether an `Idempotency-Key` is heeded: calls that create something and have no key of their own in the body.
    package var takesIdempotencyKey: Bool {
        switch self {
        case .permit, .activities: true
        case .lease, .heartbeat, .release, .outcomes, .notices, .acknowledge, .health, .readiness, .openAPI: false
        }
    }

    /// Largest body read, in bytes. Batches of 500 items with their evidence need about 0.5 MB; 500 tokens about 60 kB.
    package var bodyBytesMax: Int {
        switch self {
        case .outcomes, .activities: 2 << 20
        case .heartbeat, .release, .acknowledge: 256 << 10
        case .lease, .permit: 64 << 10
        case .notices, .health, .readiness, .openAPI: 0
        }
    }

    /// What a method and path lead to.
    package enum Match: Equatable {
        case found(Route)
        /// The path is known, with this method.
        case methodNotAllowed(HTTPRequest.Method)
        case notFound
    }

    /// Finds the route of a request.
    package static func match(_ method: HTTPRequest.Method, _ path: some StringProtocol) -> Match {
        guard let route = byPath[String(path)] else { return .notFound }
        return route.method == method ? .found(route) : .methodNotAllowed(route.method)
    }

    private static let byPath = Dictionary(uniqueKeysWithValues: allCases.map { ($0.path, $0) })
}
