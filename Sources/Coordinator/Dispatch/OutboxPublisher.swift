import CollectionsStore
import Logging
import PostgresDriver
import Synchronization

/// Moves committed messages for agencies into their feeds. Any node publishes; for one agency one at a time, by its feed's row lock, so that the
/// order of numbers is the order of commits.
package final class OutboxPublisher: Sendable {
    private let database: Database
    private let limits: DispatchLimits
    private let logger: Logger
    private let onNews: @Sendable ([Int32]) async -> Void
    private let state = Mutex<(hasNews: Bool, sleeper: CheckedContinuation<Void, Never>?)>((true, nil))

    /// - Parameter onNews: Told which agencies have new notices.
    init(database: Database, limits: DispatchLimits, logger: Logger, onNews: @escaping @Sendable ([Int32]) async -> Void) {
        self.database = database
        self.limits = limits
        self.logger = logger
        self.onNews = onNews
    }

    /// Says that a commit has left messages.
    package func signal() {
        let sleeper = state.withLock { state in
            defer {
                state.hasNews = true
                state.sleeper = nil
            }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// Publishes until cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                let agencies = try await publishAll()
                if !agencies.isEmpty { await onNews(agencies) }
            } catch {
                logger.debug("could not publish notices", metadata: ["error": "\(LoggableError(error))"])
            }
            await sleep()
        }
    }

    /// Moves everything that waits. Returns the agencies that got something.
    package func publishAll() async throws -> [Int32] {
        var published: [Int32] = []
        let waiting = try await database.core.withConnection { try await OutboxQueries.agenciesWaiting(in: $0) }
        for agency in waiting {
            while true {
                let limit = limits.noticesPerPublish
                let moved = try await database.core.withTransaction {
                    try await OutboxQueries.publish(agency: agency, limit: limit, in: $0)
                }
                if moved > 0, published.last != agency { published.append(agency) }
                if moved < limit { break }
            }
        }
        return published
    }

    /// Pauses until news, at least 100 ms (at most ten transactions a second) and at most the polling interval.
    private func sleep() async {
        do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
        let wakeUp = Task {
            do { try await Task.sleep(for: limits.publishEvery) } catch { return }
            signal()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustSleep = state.withLock { state in
                    if state.hasNews || Task.isCancelled { return false }
                    state.sleeper = continuation
                    return true
                }
                if !mustSleep { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
        wakeUp.cancel()
        state.withLock { $0.hasNews = false }
    }
}
