/// A refusal, as RFC 9457 `application/problem+json`: the body of a failed call, or the `problem` of one item of a batch.
///
/// It carries codes and positions, never values of the request: it may be logged by either side.
public struct Problem: Error, Codable, Hashable, Sendable {
    /// URI of the type, see ``ProblemType``.
    public var type: String
    /// One line for a person, the same for every occurrence of the type.
    public var title: String
    /// The HTTP status, or the one the item would have had alone.
    public var status: Int
    /// What is special about this occurrence, for a person.
    public var detail: String?
    /// Reason codes: rule ids, why a lease ended, why a promise is bad.
    public var reasons: [String]?
    /// Which members are at fault, and why.
    public var pointers: [ProblemPointer]?
    /// Milliseconds of lease time after which the same call may be tried again.
    public var retryAfterMs: Int64?
    /// Names this request in the coordinator's log.
    public var requestId: String?

    /// A problem of a known type.
    public init(
        _ kind: ProblemType, detail: String? = nil, reasons: [String]? = nil, pointers: [ProblemPointer]? = nil, retryAfterMs: Int64? = nil
    ) {
        type = kind.uri
        title = kind.title
        status = kind.status
        self.detail = detail
        self.reasons = reasons
        self.pointers = pointers
        self.retryAfterMs = retryAfterMs
    }

    /// The type, if this version knows it.
    public var kind: ProblemType? { ProblemType(uri: type) }

    private enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case detail
        case reasons
        case pointers
        case retryAfterMs = "retry_after_ms"
        case requestId = "request_id"
    }
}

/// Where a member is at fault, and why.
public struct ProblemPointer: Codable, Hashable, Sendable {
    /// JSON pointer (RFC 6901) into the request, or into the item where the problem belongs to one.
    public var pointer: String
    /// Reason code, such as `missing`, `not_a_number`, `bad_promise`.
    public var reason: String

    /// Names a member and what is wrong with it.
    public init(pointer: String, reason: String) {
        self.pointer = pointer
        self.reason = reason
    }
}

extension Problem: CustomStringConvertible {
    /// Type, detail and reasons in one line.
    public var description: String {
        var text = (kind?.rawValue ?? type) + ": " + (detail ?? title)
        if let reasons, !reasons.isEmpty { text += " (" + reasons.joined(separator: ", ") + ")" }
        if let pointers, !pointers.isEmpty {
            text += " (" + pointers.map { $0.pointer + " " + $0.reason }.joined(separator: ", ") + ")"
        }
        return text
    }
}
