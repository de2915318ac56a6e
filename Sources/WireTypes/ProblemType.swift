/// What went wrong, by a stable name. The `type` of a ``Problem`` is `urn:recourse:problem:` and this name.
public enum ProblemType: String, CaseIterable, Sendable {
    // The call as such.
    case unauthorized
    case forbidden
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case bodyTooLarge = "body-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case malformedJSON = "malformed-json"
    case validation
    case rateLimited = "rate-limited"
    case overloaded
    case databaseUnavailable = "database-unavailable"
    case shuttingDown = "shutting-down"
    case internalError = "internal-error"
    // Keys that were used before.
    case requestConflict = "request-conflict"
    case idempotencyKeyConflict = "idempotency-key-conflict"
    case activityConflict = "activity-conflict"
    case outcomeConflict = "outcome-conflict"
    // Leases and what is said under them.
    case leaseTokenInvalid = "lease-token-invalid"
    case leaseEnded = "lease-ended"
    case outcomeInvalid = "outcome-invalid"
    case outcomeLate = "outcome-late"
    case outcomeUnknown = "outcome-unknown"
    case activityInvalid = "activity-invalid"

    /// The URI in the `type` member.
    public var uri: String { Self.uriPrefix + rawValue }

    /// What every `type` begins with.
    public static let uriPrefix = "urn:recourse:problem:"

    /// The type a URI names, if it is one of these.
    public init?(uri: String) {
        guard uri.hasPrefix(Self.uriPrefix) else { return nil }
        self.init(rawValue: String(uri.dropFirst(Self.uriPrefix.count)))
    }

    /// The HTTP status of an answer of this type; within a batch, the status the item would have had alone.
    public var status: Int {
        switch self {
        case .malformedJSON: 400
        case .unauthorized: 401
        case .forbidden, .leaseTokenInvalid: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .activityConflict, .outcomeConflict, .leaseEnded, .outcomeLate: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .validation, .requestConflict, .idempotencyKeyConflict, .outcomeInvalid, .activityInvalid: 422
        case .rateLimited: 429
        case .internalError: 500
        case .overloaded, .databaseUnavailable, .shuttingDown, .outcomeUnknown: 503
        }
    }

    /// One line for a person; the same for every occurrence.
    public var title: String {
        switch self {
        case .unauthorized: "no valid credential"
        case .forbidden: "the credential does not allow this"
        case .notFound: "no such resource"
        case .methodNotAllowed: "the resource has no such method"
        case .bodyTooLarge: "the request body is too large"
        case .unsupportedMediaType: "the request body is not application/json"
        case .malformedJSON: "the request body is not valid JSON"
        case .validation: "the request is not valid"
        case .rateLimited: "too many requests of this agency at once"
        case .overloaded: "too many requests at once"
        case .databaseUnavailable: "the database cannot be reached"
        case .shuttingDown: "this coordinator is stopping"
        case .internalError: "the coordinator failed"
        case .requestConflict: "the request_id was used with another body"
        case .idempotencyKeyConflict: "the idempotency key was used with another body"
        case .activityConflict: "the activity_ref was used with another body"
        case .outcomeConflict: "another outcome was reported for this lease"
        case .leaseTokenInvalid: "the lease token is not valid"
        case .leaseEnded: "the lease is over"
        case .outcomeInvalid: "the outcome is not valid"
        case .outcomeLate: "the outcome came after its lease had ended"
        case .outcomeUnknown: "it is not known yet whether the outcome was stored"
        case .activityInvalid: "the activity is not valid"
        }
    }

    /// Whether the same call can succeed later without a change.
    public var isTemporary: Bool {
        switch self {
        case .rateLimited, .overloaded, .databaseUnavailable, .shuttingDown, .internalError, .outcomeUnknown: true
        case .unauthorized, .forbidden, .notFound, .methodNotAllowed: false
        case .bodyTooLarge, .unsupportedMediaType, .malformedJSON, .validation: false
        case .requestConflict, .idempotencyKeyConflict, .activityConflict, .outcomeConflict: false
        case .leaseTokenInvalid, .leaseEnded, .outcomeInvalid, .outcomeLate, .activityInvalid: false
        }
    }
}
