import Logging
import Synchronization

/// Says once in a while that the database is away, and once that it is back; a line for each refused call would bury everything else.
final class OutageLog: Sendable {
    private struct Outage {
        let since: ContinuousClock.Instant
        var said: ContinuousClock.Instant
        var calls: Int
    }

    private let outage = Mutex<Outage?>(nil)
    private let logger: Logger

    /// Time between two lines about one outage.
    private static let interval = Duration.seconds(10)

    init(logger: Logger) {
        self.logger = logger
    }

    /// A call was refused because the database could not be reached.
    func refused(at now: ContinuousClock.Instant = .now) {
        let calls = outage.withLock { outage -> Int? in
            guard var known = outage else {
                outage = Outage(since: now, said: now, calls: 1)
                return 1
            }
            known.calls += 1
            defer { outage = known }
            guard now - known.said >= Self.interval else { return nil }
            known.said = now
            return known.calls
        }
        if let calls {
            logger.error("the database cannot be reached, calls are answered 503 until it is back", metadata: ["calls.refused": "\(calls)"])
        }
    }

    /// A call was answered.
    func answered(at now: ContinuousClock.Instant = .now) {
        let ended = outage.withLock { outage -> Outage? in
            defer { outage = nil }
            return outage
        }
        if let ended {
            logger.notice(
                "the database answers again", metadata: ["calls.refused": "\(ended.calls)", "outage.duration": "\(now - ended.since)"])
        }
    }
}
