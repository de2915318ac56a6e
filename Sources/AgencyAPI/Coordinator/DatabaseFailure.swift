import PostgresDriver
import WireTypes

/// Says what a failure of the database means to a caller.
enum DatabaseFailure {
    /// Runs `work`; failures of the database are thrown as a ``Problem``, everything else as it is.
    ///
    /// - Parameter unknown: What a lost connection means where something may have been stored. Every call may be repeated, so only for outcomes, where
    ///   an agency waits for its receipt, does it matter to say so.
    static func translating<Value>(unknown: ProblemType = .databaseUnavailable, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            throw meaning(of: error, unknown: unknown)
        }
    }

    /// The problem an error stands for, or the error itself.
    static func meaning(of error: any Error, unknown: ProblemType) -> any Error {
        guard let error = error as? PostgresError else { return error }
        if error.outcomeUnknown { return Problem(unknown, retryAfterMs: retryAfterMs) }
        if error.code == .cancelled { return CancellationError() }
        if error.code == .poolShutdown { return Problem(.shuttingDown, retryAfterMs: retryAfterMs) }
        if error.code == .poolTimeout || error.code == .timeout || error.isRetryable || isOverload(error.sqlState) {
            return Problem(.overloaded, retryAfterMs: retryAfterMs)
        }
        if error.isConnectionLoss { return Problem(.databaseUnavailable, retryAfterMs: retryAfterMs) }
        return error
    }

    /// Out of resources (class 53), lock and statement timeouts.
    private static func isOverload(_ state: String?) -> Bool {
        guard let state else { return false }
        return state.hasPrefix("53") || state == "55P03" || state == "57014"
    }

    private static let retryAfterMs: Int64 = 1000
}
