import Synchronization
public import WireTypes

/// Business time at the coordinator, kept from its replies: server time of the latest call plus rate times what has passed since its reply came.
///
/// A worker's own clock decides nothing. The estimate is late by at most the way of one reply, never early.
public final class BusinessClock: Sendable {
    private struct Anchor {
        var serverTime: WireInstant
        var rate: Double
        var sent: ContinuousClock.Instant
        var received: ContinuousClock.Instant
    }

    private let anchor = Mutex<Anchor?>(nil)

    /// A clock that knows nothing yet.
    public init() {}

    /// Business time now; nil before the first reply.
    public func now() -> WireInstant? {
        anchor.withLock { anchor in
            anchor.map { Self.project($0, to: .now) }
        }
    }

    /// Seconds of business time per second; 1 before the first reply.
    public var rate: Double { anchor.withLock { $0?.rate ?? 1 } }

    /// Takes over what a reply says. Of replies that overtake each other, the one to the latest call counts.
    public func update(serverTime: WireInstant, rate: Double, sent: ContinuousClock.Instant, received: ContinuousClock.Instant = .now) {
        anchor.withLock { anchor in
            // A reply to an earlier call is older news, unless it says a later time: a parked call is answered long after it was sent, and
            // business time never goes back.
            if let known = anchor, known.sent > sent, Self.project(known, to: received) >= serverTime { return }
            anchor = Anchor(serverTime: serverTime, rate: rate, sent: sent, received: received)
        }
    }

    private static func project(_ anchor: Anchor, to instant: ContinuousClock.Instant) -> WireInstant {
        let passed = instant - anchor.received
        let microseconds = Double(passed.components.seconds) * 1e6 + Double(passed.components.attoseconds) / 1e12
        return WireInstant(microseconds: anchor.serverTime.microseconds + Int64(max(0, microseconds) * anchor.rate))
    }
}
