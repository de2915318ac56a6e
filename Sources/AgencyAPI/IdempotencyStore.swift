/// Answers given to calls with an `Idempotency-Key`, so that the same call again gets the same answer.
package protocol IdempotencyStore: Sendable {
    /// The answer kept for the agency's key.
    func reply(agency: Int32, key: String) async throws -> StoredReply?
    /// Keeps an answer, unless one is kept already; returns the one that is kept now.
    func keep(_ reply: StoredReply, agency: Int32, key: String) async throws -> StoredReply
}

/// An answer as it was sent.
package struct StoredReply: Hashable, Sendable {
    /// SHA-256 over route and body of the call.
    package let bodyHash: [UInt8]
    /// HTTP status.
    package let status: Int
    /// The body.
    package let body: [UInt8]

    /// An answer to keep.
    package init(bodyHash: [UInt8], status: Int, body: [UInt8]) {
        self.bodyHash = bodyHash
        self.status = status
        self.body = body
    }
}
