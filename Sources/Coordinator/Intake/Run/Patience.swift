import PostgresDriver

/// Trying again while the database is away or another import was faster.
enum Patience {
    /// Runs `body` until it ends; body must be safe to repeat, also when a try has had its effect.
    ///
    /// - Parameters:
    ///   - limit: How long a database that is away is waited for.
    ///   - body: Gets whether this is the first try.
    static func repeating<Value>(limit: Duration, _ body: (_ isFirst: Bool) async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        var pause = Duration.milliseconds(100)
        var twins = 0
        var isFirst = true
        while true {
            do {
                return try await body(isFirst)
            } catch let error as PostgresError {
                isFirst = false
                if error.sqlState == "23505", twins < 5 {
                    // The same row, written by another import a moment ago: the next look finds it.
                    twins += 1
                    continue
                }
                guard error.isConnectionLoss || error.outcomeUnknown || error.code == .poolTimeout, ContinuousClock.now < deadline else {
                    throw error
                }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(3))
            }
        }
    }
}
