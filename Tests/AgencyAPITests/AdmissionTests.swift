import AgencyAPI
import Synchronization
import Testing
import WireTypes

@Suite("Admission", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private static func limits(
        inFlight: Int = 4, perAgency: Int = 3, queuedPerAgency: Int = 3, queued: Int = 4
    ) -> AdmissionLimits {
        var limits = AdmissionLimits()
        limits.inFlightMax = inFlight
        limits.inFlightPerAgencyMax = perAgency
        limits.queuedPerAgencyMax = queuedPerAgency
        limits.queuedMax = queued
        limits.sharedPlaces = 16
        return limits
    }

    @Test("one agency never takes every place, waits beyond its share, and is refused beyond its queue")
    func bounds() {
        let state = Machine<Int>(Self.limits())
        for _ in 0..<3 { #expect(state.enter(agency: 1, weight: 1)) }
        #expect(!state.enter(agency: 1, weight: 1))
        for number in 1...3 { #expect(state.arrive(agency: 1, weight: 1, waiter: number) == .queued(UInt64(number))) }
        #expect(state.arrive(agency: 1, weight: 1, waiter: 9) == .refusedAgency)
        #expect(state.enter(agency: 2, weight: 1))
        #expect(state.arrive(agency: 2, weight: 1, waiter: 4) == .queued(4))
        #expect(state.arrive(agency: 3, weight: 1, waiter: 9) == .refusedProcess)
        #expect(state.inFlight == 4 && state.queued == 4)
    }

    @Test("a free place goes to the agency with the fewest at work per weight, then in turn, then to its oldest")
    func fair() {
        let state = Machine<String>(Self.limits(inFlight: 6, perAgency: 6, queuedPerAgency: 50, queued: 100))
        for _ in 0..<6 { #expect(state.enter(agency: 1, weight: 1)) }
        for number in 0..<10 { _ = state.arrive(agency: 1, weight: 1, waiter: "a\(number)") }
        for number in 0..<10 { _ = state.arrive(agency: 2, weight: 2, waiter: "b\(number)") }
        // Agency 2 has twice the weight: it gets 4 of 6 places while both have work.
        var next: [String?] = []
        for _ in 0..<6 { next.append(state.leave(agency: 1)) }
        #expect(next == ["b0", "b1", "b2", "b3", "a0", "a1"])
        #expect(state.inFlight == 6)
        // Steady state: whoever leaves is replaced by one of its own.
        #expect(state.leave(agency: 2) == "b4")
        #expect(state.leave(agency: 1) == "a2")
    }

    @Test("while others are active an agency works on no more than its share, and on nearly everything again when they have left")
    func shares() {
        var limits = Self.limits(inFlight: 40, perAgency: 30, queuedPerAgency: 100, queued: 200)
        limits.sharedPlaces = 16
        limits.placesMin = 2
        let state = Machine<Int>(limits)
        #expect(state.enter(agency: 2, weight: 1))
        #expect(state.leaveAll(agency: 2).isEmpty)
        for _ in 0..<12 { #expect(state.enter(agency: 1, weight: 3)) }
        // 3 of 4 parts of 16 places.
        #expect(!state.enter(agency: 1, weight: 3))
        for number in 0..<50 { _ = state.arrive(agency: 1, weight: 3, waiter: number) }
        // The other one has its own 4 at once, however many wait.
        for _ in 0..<4 { #expect(state.enter(agency: 2, weight: 1)) }
        #expect(!state.enter(agency: 2, weight: 1))
        for _ in 0..<4 { #expect(state.leaveAll(agency: 2).isEmpty) }
        // Its last request is long ago: the next one of agency 1 finds it gone, and one end lets in all there is room for.
        state.now += limits.activeFor + .milliseconds(1)
        #expect(state.arrive(agency: 1, weight: 3, waiter: 50) == .queued(51))
        #expect(state.leaveAll(agency: 1) == Array(0..<19))
        #expect(state.inFlight == 30 && state.queued == 32)
    }

    @Test("of many active agencies each has the least number of places")
    func least() {
        var limits = Self.limits(inFlight: 100, perAgency: 50, queuedPerAgency: 100, queued: 200)
        limits.placesMin = 3
        let state = Machine<Int>(limits)
        for agency in Int32(1)...20 { #expect(state.enter(agency: agency, weight: 1)) }
        for _ in 0..<2 { #expect(state.enter(agency: 1, weight: 1)) }
        #expect(!state.enter(agency: 1, weight: 1))
    }

    @Test("where places are few, weights still count, up to a bound")
    func weightsOfFew() {
        var limits = Self.limits(inFlight: 100, perAgency: 50, queuedPerAgency: 100, queued: 200)
        limits.sharedPlaces = 2
        limits.placesByWeightMax = 5
        let state = Machine<Int>(limits)
        // Weights of 10, 30 and 10,000: one place, three, and no more than the bound.
        let agencies: [(id: Int32, weight: Int, places: Int)] = [(1, 10, 1), (2, 30, 3), (3, 10_000, 5)]
        for agency in agencies { #expect(state.enter(agency: agency.id, weight: agency.weight)) }
        for agency in agencies {
            for _ in 1..<agency.places { #expect(state.enter(agency: agency.id, weight: agency.weight)) }
            #expect(!state.enter(agency: agency.id, weight: agency.weight))
        }
    }

    @Test("a turn given up leaves the queue, and no later")
    func abandon() {
        let state = Machine<String>(Self.limits(inFlight: 1, perAgency: 1))
        #expect(state.enter(agency: 1, weight: 1))
        guard case .queued(let first) = state.arrive(agency: 1, weight: 1, waiter: "a"),
            case .queued(let second) = state.arrive(agency: 1, weight: 1, waiter: "b")
        else { return #expect(Bool(false), "both should wait") }
        #expect(state.abandon(first, agency: 1) == "a")
        #expect(state.abandon(first, agency: 1) == nil)
        #expect(state.leave(agency: 1) == "b")
        #expect(state.abandon(second, agency: 1) == nil)
        #expect(state.leave(agency: 1) == nil)
        #expect(state.inFlight == 0 && state.queued == 0)
    }

    @Test("random arrivals, ends and withdrawals never break a bound and lose nobody", arguments: 1...20)
    func random(seed: UInt64) {
        var generator = SplitMix(state: seed)
        let limits = Self.limits(inFlight: 5, perAgency: 3, queuedPerAgency: 4, queued: 8)
        let state = Machine<Int>(limits)
        var working: [Int32: Int] = [:]
        var waiting: [Int: (ticket: UInt64, agency: Int32)] = [:]
        for step in 0..<3000 {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                let agency = Int32.random(in: 1...4, using: &generator)
                switch state.arrive(agency: agency, weight: Int(agency), waiter: step) {
                case .admitted: working[agency, default: 0] += 1
                case .queued(let ticket): waiting[step] = (ticket, agency)
                case .refusedAgency: #expect(waiting.values.count { $0.agency == agency } == 4)
                case .refusedProcess: #expect(waiting.count == 8)
                }
            case 1:
                guard let agency = working.filter({ $0.value > 0 }).keys.sorted().randomElement(using: &generator) else { continue }
                working[agency, default: 0] -= 1
                if let next = state.leave(agency: agency) {
                    guard let turn = waiting.removeValue(forKey: next) else { return #expect(Bool(false), "a stranger was let in") }
                    working[turn.agency, default: 0] += 1
                }
            default:
                guard let (waiter, turn) = waiting.sorted(by: { $0.key < $1.key }).randomElement(using: &generator) else { continue }
                #expect(state.abandon(turn.ticket, agency: turn.agency) == waiter)
                waiting[waiter] = nil
            }
            #expect(state.inFlight == working.values.reduce(0, +) && state.inFlight <= 5)
            #expect(state.queued == waiting.count && state.queued <= 8)
            #expect(working.values.allSatisfy { $0 <= 3 })
        }
    }

    @Test("requests wait for their turn, and are told when it takes too long or they are cancelled")
    func shell() async throws {
        var limits = Self.limits(inFlight: 1, perAgency: 1)
        limits.queueWaitMax = .milliseconds(50)
        let admission = Admission(limits: limits)
        let alpha = AgencyCaller(id: 1, name: "alpha", kind: "collection")
        let gate = Gate()
        gate.close()
        let first = Task { try await admission.admit(alpha) { await gate.pass() } }
        await gate.held.until { $0 >= 1 }
        let tooLong = await #expect(throws: Problem.self) { try await admission.admit(alpha) {} }
        #expect(tooLong?.kind == .overloaded && tooLong?.retryAfterMs != nil)
        let second = Task { try await admission.admit(alpha) { 2 } }
        while admission.load.queued == 0 { await Task.yield() }
        second.cancel()
        await #expect(throws: Problem.self) { try await second.value }
        let third = Task { try await admission.admit(alpha) { 3 } }
        while admission.load.queued == 0 { await Task.yield() }
        gate.open()
        try await first.value
        #expect(try await third.value == 3)
        #expect(admission.load == (0, 0))
    }

    @Test("parked calls are bounded per agency and in all, and their places come back")
    func parking() async throws {
        var limits = AdmissionLimits()
        limits.parkedPerAgencyMax = 2
        limits.parkedMax = 3
        let admission = Admission(limits: limits)
        let gate = Gate()
        gate.close()
        let callers = (1...3).map { AgencyCaller(id: $0, name: "a\($0)", kind: "collection") }
        let parked = [0, 0, 1].map { index in Task { try await admission.park(callers[index]) { await gate.pass() } } }
        await gate.held.until { $0 >= 3 }
        #expect(await #expect(throws: Problem.self) { try await admission.park(callers[0]) {} }?.kind == .rateLimited)
        #expect(await #expect(throws: Problem.self) { try await admission.park(callers[2]) {} }?.kind == .overloaded)
        gate.open()
        for task in parked { try await task.value }
        #expect(admission.parked == 0)
        try await admission.park(callers[2]) {}
    }
}

/// The machine in a box, so that an expectation may change it.
private final class Machine<Waiter> {
    private var state: AdmissionState<Waiter>

    init(_ limits: AdmissionLimits) { state = AdmissionState(limits: limits) }

    var inFlight: Int { state.inFlight }
    var queued: Int { state.queued }
    /// What the clock says.
    var now = ContinuousClock.now

    func enter(agency: Int32, weight: Int) -> Bool { state.enter(agency: agency, weight: weight, now: now) }
    func arrive(agency: Int32, weight: Int, waiter: Waiter) -> AdmissionState<Waiter>.Arrival {
        state.arrive(agency: agency, weight: weight, now: now, waiter: waiter)
    }
    /// Who comes in; where shares stand still, one at most.
    func leave(agency: Int32) -> Waiter? { state.leave(agency: agency).first }
    func leaveAll(agency: Int32) -> [Waiter] { state.leave(agency: agency) }
    func abandon(_ ticket: UInt64, agency: Int32) -> Waiter? { state.abandon(ticket, agency: agency) }
}

/// A small generator, so that a failing order of events can be run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
