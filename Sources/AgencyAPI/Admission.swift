import Synchronization
import WireTypes

/// Lets requests in as ``AdmissionState`` decides, and parks long-polls in bounded number.
package final class Admission: Sendable {
    private typealias Waiter = CheckedContinuation<Bool, Never>

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
            if parking.total >= limits.parkedMax { throw Problem(.overloaded, detail: "too many waiting calls", retryAfterMs: Self.retryAfterMs) }
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
        // The continuation is made only for those who may have to wait: most requests are let in at once.
        let first = state.withLock { state in
            // An arrival that would queue is repeated below with its continuation; nothing is kept here.
            state.wouldAdmit(agency: agency.id) ? state.arrive(agency: agency.id, weight: agency.weight, waiter: unreachable()) : nil
        }
        if first == .admitted { return }
        let ticket = Mutex<AdmissionState<Waiter>.Ticket?>(nil)
        let refusal = Mutex<Problem?>(nil)
        let limit = limits.queueWaitMax
        let timer = Task { [state, id = agency.id] in
            try await Task.sleep(for: limit)
            guard let ticket = ticket.withLock({ $0 }) else { return }
            state.withLock { $0.abandon(ticket, agency: id) }?.resume(returning: false)
        }
        defer { timer.cancel() }
        let admitted = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiter) in
                let arrival = state.withLock { state in
                    let arrival = state.arrive(agency: agency.id, weight: agency.weight, waiter: continuation)
                    if case .queued(let number) = arrival { ticket.withLock { $0 = number } }
                    return arrival
                }
                switch arrival {
                case .admitted: continuation.resume(returning: true)
                case .queued: break
                case .refusedAgency:
                    refusal.withLock { $0 = Problem(.rateLimited, retryAfterMs: Self.retryAfterMs) }
                    continuation.resume(returning: false)
                case .refusedProcess:
                    refusal.withLock { $0 = Problem(.overloaded, retryAfterMs: Self.retryAfterMs) }
                    continuation.resume(returning: false)
                }
            }
        } onCancel: {
            guard let ticket = ticket.withLock({ $0 }) else { return }
            state.withLock { $0.abandon(ticket, agency: agency.id) }?.resume(returning: false)
        }
        if !admitted { throw refusal.withLock { $0 } ?? Problem(.overloaded, retryAfterMs: Self.retryAfterMs) }
    }

    private func leave(_ agency: Int32) {
        state.withLock { $0.leave(agency: agency) }?.resume(returning: true)
    }

    private func unreachable() -> Waiter { preconditionFailure("an admitted request has no waiter") }
}
