import Synchronization
import WireTypes

/// Lets requests in as ``AdmissionState`` decides, and parks long-polls in bounded number.
package final class Admission: Sendable {
    private typealias Waiter = CheckedContinuation<Verdict, Never>

    private struct Parking {
        var total = 0
        var perAgency: [Int32: Int] = [:]
    }

    private let limits: AdmissionLimits
    private let state: Mutex<AdmissionState<Waiter>>
    private let parking = Mutex(Parking())

    /// What a refused caller is told to wait.
    private static let retryAfterMs: Int64 = 1000

    package init(limits: AdmissionLimits = AdmissionLimits()) {
        self.limits = limits
        state = Mutex(AdmissionState(limits: limits))
    }

    /// Requests at work and requests waiting for their turn.
    package var load: (inFlight: Int, queued: Int) { state.withLock { ($0.inFlight, $0.queued) } }

    /// Long-polls parked now.
    package var parked: Int { parking.withLock { $0.total } }

    /// Runs `work` when it is the agency's turn. Throws `rate-limited` or `overloaded` instead, if that would take too long.
    package func admit<Value>(_ agency: AgencyCaller, _ work: () async throws -> Value) async throws -> Value {
        try await enter(agency)
        defer { leave(agency.id) }
        return try await work()
    }

    /// Runs `wait`, which costs no place while nothing happens.
    package func park<Value>(_ agency: AgencyCaller, _ wait: () async throws -> Value) async throws -> Value {
        try parking.withLock { parking in
            if parking.perAgency[agency.id, default: 0] >= limits.parkedPerAgencyMax {
                throw Problem(.rateLimited, detail: "too many waiting calls of this agency", retryAfterMs: Self.retryAfterMs)
            }
            if parking.total >= limits.parkedMax {
                throw Problem(.overloaded, detail: "too many waiting calls", retryAfterMs: Self.retryAfterMs)
            }
            parking.total += 1
            parking.perAgency[agency.id, default: 0] += 1
        }
        defer {
            parking.withLock { parking in
                parking.total -= 1
                let left = parking.perAgency[agency.id, default: 1] - 1
                parking.perAgency[agency.id] = left == 0 ? nil : left
            }
        }
        return try await wait()
    }

    private func enter(_ agency: AgencyCaller) async throws {
        if state.withLock({ $0.enter(agency: agency.id, weight: agency.weight, now: .now) }) { return }
        let turn = Turn()
        let timer = Task { [limit = limits.queueWaitMax] in
            try await Task.sleep(for: limit)
            giveUp(turn, agency.id)
        }
        defer { timer.cancel() }
        let verdict = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiter) in
                let arrival = state.withLock { state in
                    let arrival = state.arrive(agency: agency.id, weight: agency.weight, now: .now, waiter: continuation)
                    if case .queued(let ticket) = arrival { turn.ticket.withLock { $0.number = ticket } }
                    return arrival
                }
                switch arrival {
                case .admitted: continuation.resume(returning: .admitted)
                case .queued: if turn.ticket.withLock({ $0.givenUp }) { giveUp(turn, agency.id) }
                case .refusedAgency: continuation.resume(returning: .refused(.rateLimited))
                case .refusedProcess: continuation.resume(returning: .refused(.overloaded))
                }
            }
        } onCancel: {
            giveUp(turn, agency.id)
        }
        switch verdict {
        case .admitted: return
        case .refused(let kind): throw Problem(kind, retryAfterMs: Self.retryAfterMs)
        }
    }

    /// Ends the wait of a turn, if it still waits.
    private func giveUp(_ turn: Turn, _ agency: Int32) {
        let ticket = turn.ticket.withLock { ticket in
            ticket.givenUp = true
            return ticket.number
        }
        guard let ticket else { return }
        state.withLock { $0.abandon(ticket, agency: agency) }?.resume(returning: .refused(.overloaded))
    }

    private func leave(_ agency: Int32) {
        for waiter in state.withLock({ $0.leave(agency: agency) }) { waiter.resume(returning: .admitted) }
    }

    private enum Verdict: Sendable {
        case admitted
        case refused(ProblemType)
    }

    /// One request's place in the queue, shared with what may end its wait.
    private final class Turn: Sendable {
        let ticket = Mutex<(number: AdmissionState<Waiter>.Ticket?, givenUp: Bool)>((nil, false))
    }
}
