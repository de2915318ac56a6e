import CollectionsDomain
package import CollectionsStore
import Synchronization

/// The last presents read from the database, carried on by this process's own clock: a hint for statements that are sent before their
/// transaction has read the clock. It decides nothing.
package final class ClockHint: Sendable {
    private let last = Mutex<(now: Now, readAt: ContinuousClock.Instant)?>(nil)

    package init() {}

    /// Keeps what a transaction has read.
    package func note(_ now: Now) {
        last.withLock { last in
            if let known = last, known.now.real > now.real { return }
            last = (now, .now)
        }
    }

    /// The present by the last reading; nil before the first.
    package var estimate: Now? {
        last.withLock { last in
            guard let (now, readAt) = last else { return nil }
            let elapsed = ContinuousClock.now - readAt
            let business = now.rate == 1 ? elapsed : .microseconds(Int64(Double(elapsed.wholeMicroseconds) * now.rate))
            return Now(real: now.real + elapsed, business: now.business + business, rate: now.rate)
        }
    }
}
