/// Limits of one coordinator process on requests that work at the same time.
package struct AdmissionLimits: Sendable {
    /// Requests that may work at once. Above the pool's connections, since part of each request is decoding and waiting for a lane, and low enough
    /// that the pool's queue stays short.
    package var inFlightMax = 64
    /// Of these, how many one agency may have: another one always finds a place soon.
    package var inFlightPerAgencyMax = 48
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
    }

    private let limits: AdmissionLimits
    private var agencies: [Int32: Queue] = [:]
    private var nextTicket: Ticket = 1
    private var turns: UInt64 = 0
    package private(set) var inFlight = 0
    package private(set) var queued = 0

    package init(limits: AdmissionLimits) {
        self.limits = limits
    }

    /// A request of `agency` arrives; true if it may work at once. What may not asks again with ``arrive(agency:weight:waiter:)``.
    package mutating func enter(agency: Int32, weight: Int) -> Bool {
        var queue = agencies[agency] ?? Queue()
        guard inFlight < limits.inFlightMax, queue.inFlight < limits.inFlightPerAgencyMax, queue.waiting.isEmpty else { return false }
        queue.weight = max(1, weight)
        admit(&queue)
        agencies[agency] = queue
        return true
    }

    /// A request of `agency` arrives that can wait. `waiter` is kept only if the answer is `.queued`.
    package mutating func arrive(agency: Int32, weight: Int, waiter: Waiter) -> Arrival {
        if enter(agency: agency, weight: weight) { return .admitted }
        var queue = agencies[agency] ?? Queue()
        if queue.waiting.count >= limits.queuedPerAgencyMax { return .refusedAgency }
        if queued >= limits.queuedMax { return .refusedProcess }
        queue.weight = max(1, weight)
        let ticket = nextTicket
        nextTicket += 1
        queue.waiting.append((ticket, waiter))
        queued += 1
        agencies[agency] = queue
        return .queued(ticket)
    }

    /// A request of `agency` is done. Returns the waiter whose turn it is, now in flight.
    package mutating func leave(agency: Int32) -> Waiter? {
        guard var queue = agencies[agency], queue.inFlight > 0 else {
            preconditionFailure("a request left that was never admitted")
        }
        queue.inFlight -= 1
        inFlight -= 1
        agencies[agency] = queue.inFlight == 0 && queue.waiting.isEmpty ? nil : queue
        return admitNext()
    }

    /// The request with this ticket no longer wants to wait. Returns its waiter if it was still waiting.
    package mutating func abandon(_ ticket: Ticket, agency: Int32) -> Waiter? {
        guard var queue = agencies[agency], let index = queue.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        let waiter = queue.waiting.remove(at: index).waiter
        queued -= 1
        agencies[agency] = queue.inFlight == 0 && queue.waiting.isEmpty ? nil : queue
        return waiter
    }

    private mutating func admitNext() -> Waiter? {
        guard queued > 0, inFlight < limits.inFlightMax else { return nil }
        var best: (id: Int32, queue: Queue)?
        for (id, queue) in agencies where !queue.waiting.isEmpty && queue.inFlight < limits.inFlightPerAgencyMax {
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
