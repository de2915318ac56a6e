import Foundation

/// Limits of one coordinator process on requests that work at the same time.
package struct AdmissionLimits: Sendable {
    /// Requests that may work at once. Above the pool's connections, since part of each request is decoding and waiting for a lane, and low enough
    /// that the pool's queue stays short.
    package var inFlightMax = 64
    /// Of these, how many one agency may have: another one always finds a place soon.
    package var inFlightPerAgencyMax = 48
    /// Places the agencies share by weight while more than one is active: one per core of the database, so that requests queue here, where turns are fair,
    /// and not behind each other on its processors. By default it is thought to be on this machine.
    ///
    /// Two cores, an agency with 256 workers beside another at a steady pace: with 16 places (8 each) the other's p99 rose from 10 to 40 and 176 ms and
    /// 334 tasks/s were done in all, with 2 (one each) from 10 to 12 and 16 ms, 240 tasks/s. Beside nine others, each with one place: 2.1 and 2.8 times,
    /// with two places each 5 and 8 times.
    package var sharedPlaces = ProcessInfo.processInfo.activeProcessorCount
    /// Places of the agency with the smallest weight, at least; one with a larger weight has as many more as its weight says, up to
    /// ``placesByWeightMax``.
    package var placesMin = 1
    /// The most places that weight alone gives. A single agency must not fill the machine, whatever is agreed with it.
    package var placesByWeightMax = 8
    /// How long an agency counts as active after a request.
    package var activeFor = Duration.seconds(2)
    /// Requests of one agency that may wait for their turn; beyond it 429. An agency of some hundred single-task workers has them all here at times.
    package var queuedPerAgencyMax = 512
    /// Requests of all agencies that may wait; beyond it 503.
    package var queuedMax = 4096
    /// How long a request may wait for its turn before it is answered 503.
    package var queueWaitMax = Duration.seconds(5)
    /// Long-polls that may be parked for one agency; beyond it 429.
    package var parkedPerAgencyMax = 2500
    /// Long-polls that may be parked in all; beyond it 503.
    package var parkedMax = 10_000

    /// The default limits.
    package init() {}
}

/// Who may work now, who waits and who is refused: a value without I/O.
///
/// When a place becomes free it goes to the waiting agency with the fewest requests in flight per unit of weight; within an agency the oldest goes
/// first. With requests of about equal cost each agency then gets its weighted share, however many requests another one throws at the door.
package struct AdmissionState<Waiter> {
    package typealias Ticket = UInt64

    package enum Arrival: Equatable {
        /// Go on.
        case admitted
        /// Wait under this ticket.
        case queued(Ticket)
        /// This agency has too many waiting: 429.
        case refusedAgency
        /// Too many are waiting: 503.
        case refusedProcess
    }

    private struct Queue {
        var inFlight = 0
        var weight = 1
        var waiting: [(ticket: Ticket, waiter: Waiter)] = []
        /// When the agency was last given a place, to break ties in turn.
        var served: UInt64 = 0
        /// When its newest request came.
        var seen: ContinuousClock.Instant
    }

    private let limits: AdmissionLimits
    private var agencies: [Int32: Queue] = [:]
    private var nextTicket: Ticket = 1
    private var turns: UInt64 = 0
    /// Weights of the agencies that count as active, in all, and the smallest of them; found anew from time to time.
    private var activeWeight = 0
    private var lightest = 1
    private var activeFound: ContinuousClock.Instant?
    package private(set) var inFlight = 0
    package private(set) var queued = 0

    package init(limits: AdmissionLimits) {
        self.limits = limits
    }

    /// A request of `agency` arrives; true if it may work at once. What may not asks again with ``arrive(agency:weight:now:waiter:)``.
    package mutating func enter(agency: Int32, weight: Int, now: ContinuousClock.Instant) -> Bool {
        var queue = noted(agency, weight: weight, now: now)
        defer { agencies[agency] = queue }
        guard inFlight < limits.inFlightMax, queue.inFlight < places(of: queue), queue.waiting.isEmpty else { return false }
        admit(&queue)
        return true
    }

    /// A request of `agency` arrives that can wait. `waiter` is kept only if the answer is `.queued`.
    package mutating func arrive(agency: Int32, weight: Int, now: ContinuousClock.Instant, waiter: Waiter) -> Arrival {
        if enter(agency: agency, weight: weight, now: now) { return .admitted }
        var queue = noted(agency, weight: weight, now: now)
        if queue.waiting.count >= limits.queuedPerAgencyMax { return .refusedAgency }
        if queued >= limits.queuedMax { return .refusedProcess }
        let ticket = nextTicket
        nextTicket += 1
        queue.waiting.append((ticket, waiter))
        queued += 1
        agencies[agency] = queue
        return .queued(ticket)
    }

    /// A request of `agency` is done. Returns the waiters whose turn it is, now in flight: one, or more where a share has grown meanwhile.
    package mutating func leave(agency: Int32) -> [Waiter] {
        guard var queue = agencies[agency], queue.inFlight > 0 else {
            preconditionFailure("a request left that was never admitted")
        }
        queue.inFlight -= 1
        inFlight -= 1
        agencies[agency] = queue
        var admitted: [Waiter] = []
        while let next = admitNext() { admitted.append(next) }
        return admitted
    }

    // MARK: Shares

    /// The agency's queue with the news of a request; who has not asked for long and has nothing here is forgotten.
    private mutating func noted(_ agency: Int32, weight: Int, now: ContinuousClock.Instant) -> Queue {
        var queue = agencies[agency] ?? Queue(seen: now)
        let isNew = agencies[agency] == nil || queue.weight != max(1, weight)
        queue.weight = max(1, weight)
        queue.seen = now
        if isNew || activeFound.map({ now - $0 > limits.activeFor }) ?? true {
            agencies[agency] = queue
            agencies = agencies.filter { $0.value.inFlight > 0 || !$0.value.waiting.isEmpty || now - $0.value.seen <= limits.activeFor }
            activeWeight = agencies.values.reduce(0) { $0 + $1.weight }
            lightest = agencies.values.map(\.weight).min() ?? 1
            activeFound = now
        }
        return queue
    }

    /// How many requests of an agency may work now: nearly all places while it is alone, its weighted share of fewer while it is not.
    private func places(of queue: Queue) -> Int {
        guard activeWeight > queue.weight else { return limits.inFlightPerAgencyMax }
        let share = limits.sharedPlaces * queue.weight / activeWeight
        let byWeight = min(limits.placesMin * queue.weight / lightest, max(limits.placesMin, limits.placesByWeightMax))
        return min(limits.inFlightPerAgencyMax, max(byWeight, share))
    }

    /// The request with this ticket no longer wants to wait. Returns its waiter if it was still waiting.
    package mutating func abandon(_ ticket: Ticket, agency: Int32) -> Waiter? {
        guard var queue = agencies[agency], let index = queue.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        let waiter = queue.waiting.remove(at: index).waiter
        queued -= 1
        agencies[agency] = queue
        return waiter
    }

    private mutating func admitNext() -> Waiter? {
        guard queued > 0, inFlight < limits.inFlightMax else { return nil }
        var best: (id: Int32, queue: Queue)?
        for (id, queue) in agencies where !queue.waiting.isEmpty && queue.inFlight < places(of: queue) {
            guard let current = best?.queue else {
                best = (id, queue)
                continue
            }
            // inFlight / weight compared without division.
            let left = queue.inFlight * current.weight
            let right = current.inFlight * queue.weight
            if left < right || (left == right && queue.served < current.served) { best = (id, queue) }
        }
        guard let id = best?.id, var queue = best?.queue else { return nil }
        let waiter = queue.waiting.removeFirst().waiter
        queued -= 1
        admit(&queue)
        agencies[id] = queue
        return waiter
    }

    private mutating func admit(_ queue: inout Queue) {
        turns += 1
        queue.served = turns
        queue.inFlight += 1
        inFlight += 1
    }
}
