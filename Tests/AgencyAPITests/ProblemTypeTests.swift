import Testing
import WireTypes

@Suite("Problem types")
struct ProblemTypeTests {
    @Test("have a URI that leads back to them, a title and an error status", arguments: ProblemType.allCases)
    func stable(kind: ProblemType) {
        #expect(ProblemType(uri: kind.uri) == kind)
        #expect(!kind.title.isEmpty)
        #expect((400..<600).contains(kind.status))
        #expect(Problem(kind).kind == kind)
        // What may be tried again says so by its status, and nothing else does.
        #expect(kind.isTemporary == [429, 500, 503].contains(kind.status))
    }

    @Test("keep the names other people's programs rely on")
    func names() {
        #expect(
            Set(ProblemType.allCases.map(\.rawValue)) == [
                "unauthorized", "forbidden", "not-found", "method-not-allowed", "body-too-large", "unsupported-media-type",
                "malformed-json",
                "validation", "rate-limited", "overloaded", "database-unavailable", "shutting-down", "internal-error", "request-conflict",
                "idempotency-key-conflict", "activity-conflict", "outcome-conflict", "lease-token-invalid", "lease-ended",
                "outcome-invalid",
                "outcome-late", "outcome-unknown", "activity-invalid",
            ])
    }
}
