import Testing

@testable import PostgresDriver

@Suite
struct PoolStateMachineTests {
    typealias Machine = PoolStateMachine
    private static func at(_ milliseconds: Int) -> MonotonicTime { MonotonicTime(nanoseconds: UInt64(milliseconds) * 1_000_000) }

    private func limits(min: Int = 0, max: Int = 2) -> Machine.Limits {
        Machine.Limits(
            min: min, max: max, maxWaiters: 3, waitLimit: .seconds(1), idleLimit: .seconds(4), ageLimit: .seconds(100),
            healthInterval: .seconds(2))
    }

    /// Opens the first connection for a first caller.
    private func opened(_ machine: inout Machine) -> Machine.ConnectionID? {
        guard case .wait(let waiter, let actions) = machine.lease(Self.at(0)), case .open(let id)? = actions.first else { return nil }
        #expect(machine.opened(id, Self.at(1), spread: 0) == [.give(id, to: waiter)])
        return id
    }

    @Test func theFirstCallerOpensAConnectionAndTheNextGetsItBack() throws {
        var machine = Machine(limits: limits())
        let id = try #require(opened(&machine))
        #expect(machine.released(id, Self.at(2)) == [])
        #expect(machine.lease(Self.at(3)) == .take(id))
    }

    @Test func callersAreServedInOrderAndRefusedPastTheLimit() throws {
        var machine = Machine(limits: limits(max: 1))
        let id = try #require(opened(&machine))
        var waiters: [Machine.WaiterID] = []
        for _ in 0..<3 {
            guard case .wait(let waiter, let actions) = machine.lease(Self.at(5)) else {
                Issue.record("should wait")
                return
            }
            #expect(actions.isEmpty)
            waiters.append(waiter)
        }
        #expect(machine.lease(Self.at(5)) == .refuse(.tooMany))
        #expect(machine.withdraw(waiters[0]) == true)
        #expect(machine.withdraw(waiters[0]) == false)
        #expect(machine.released(id, Self.at(6)) == [.give(id, to: waiters[1])])
        #expect(machine.tick(Self.at(1_005)) == [.refuse(waiters[2], .timeout)])
    }

    @Test func aFailedAttemptIsRepeatedLaterEachTime() throws {
        var machine = Machine(limits: limits(max: 1))
        guard case .wait(_, let actions) = machine.lease(Self.at(0)), case .open(let first)? = actions.first else {
            Issue.record("should open")
            return
        }
        #expect(machine.openFailed(first, Self.at(10)) == [])
        #expect(machine.nextWake == Self.at(60))
        #expect(machine.tick(Self.at(59)) == [])
        guard case .open(let second)? = machine.tick(Self.at(60)).first else {
            Issue.record("should open again")
            return
        }
        #expect(machine.openFailed(second, Self.at(60)) == [])
        #expect(machine.nextWake == Self.at(160))
        #expect(machine.isUnreachable)
    }

    @Test func freeConnectionsAreCheckedAndThenLetGo() throws {
        var machine = Machine(limits: limits())
        let id = try #require(opened(&machine))
        _ = machine.released(id, Self.at(10))
        #expect(machine.tick(Self.at(1_000)) == [])
        #expect(machine.tick(Self.at(2_100)) == [.check(id)])
        #expect(machine.freeCount == 0)
        #expect(machine.checked(id, Self.at(2_110)) == [])
        #expect(machine.tick(Self.at(7_000)) == [.close(id)])
        #expect(machine.lost(id, Self.at(7_010)) == [])
        #expect(machine.count == 0)
    }

    @Test func theMinimumIsKept() throws {
        var machine = Machine(limits: limits(min: 2))
        let actions = machine.warm(Self.at(0))
        #expect(actions.count == 2)
        for case .open(let id) in actions { _ = machine.opened(id, Self.at(1), spread: 0) }
        _ = machine.tick(Self.at(1_000))
        #expect(machine.count == 2)
        let lost = machine.lost(.init(number: 1), Self.at(1_001))
        #expect(lost == [.open(.init(number: 3))])
    }

    @Test func theShutdownWaitsForBorrowedConnections() throws {
        var machine = Machine(limits: limits())
        let id = try #require(opened(&machine))
        #expect(machine.shutdown() == [])
        #expect(machine.lease(Self.at(5)) == .refuse(.shutdown))
        #expect(machine.released(id, Self.at(6)) == [.close(id)])
        #expect(machine.lost(id, Self.at(7)) == [.finished])
        #expect(machine.shutdown() == [])
    }

    @Test("any order of events keeps the invariants", arguments: 0..<300)
    func fuzz(seed: Int) {
        var random = Seeded(UInt64(seed))
        let max = Int.random(in: 1...5, using: &random)
        let bounds = Machine.Limits(
            min: Int.random(in: 0...max, using: &random), max: max, maxWaiters: 8, waitLimit: .milliseconds(300),
            idleLimit: .milliseconds(500),
            ageLimit: .milliseconds(2_000), healthInterval: .milliseconds(200))
        var machine = Machine(limits: bounds)
        var now = 0
        enum Kind { case opening, standing, leased, checking, closing }
        var connections: [Machine.ConnectionID: Kind] = [:]
        var waiting: Set<Machine.WaiterID> = []
        var finished = 0
        var isShutDown = false

        func pick(_ kind: Kind) -> Machine.ConnectionID? {
            connections.filter { $0.value == kind }.keys.sorted { $0.number < $1.number }.randomElement(using: &random)
        }
        func apply(_ actions: [Machine.Action]) {
            for action in actions {
                switch action {
                case .give(let id, let waiter):
                    #expect(waiting.remove(waiter) != nil, "seed \(seed): a caller is answered once")
                    #expect(
                        connections[id] == .standing || connections[id] == .leased || connections[id] == .opening
                            || connections[id] == .checking)
                    connections[id] = .leased
                case .refuse(let waiter, _): #expect(waiting.remove(waiter) != nil, "seed \(seed): a caller is answered once")
                case .open(let id):
                    #expect(connections[id] == nil && !isShutDown)
                    connections[id] = .opening
                case .close(let id):
                    #expect(connections[id] != nil && connections[id] != .closing, "seed \(seed): closed once")
                    connections[id] = .closing
                case .check(let id):
                    #expect(connections[id] == .standing)
                    connections[id] = .checking
                case .finished:
                    finished += 1
                    #expect(isShutDown && connections.isEmpty, "seed \(seed): finished when all is closed")
                }
            }
        }
        func step(_ weight: Int) {
            let time = Self.at(now)
            switch weight {
            case 0..<30:
                switch machine.lease(time) {
                case .take(let id):
                    #expect(connections[id] == .standing, "seed \(seed): only a free connection is lent")
                    connections[id] = .leased
                case .wait(let id, let actions):
                    waiting.insert(id)
                    apply(actions)
                case .refuse(let why): #expect(why != .timeout)
                }
            case 30..<50:
                guard let id = pick(.leased) else { return }
                connections[id] = .standing
                apply(machine.released(id, time))
            case 50..<62:
                guard let id = pick(.opening) else { return }
                connections[id] = .standing
                apply(machine.opened(id, time, spread: 0.5))
            case 62..<67:
                guard let id = pick(.opening) else { return }
                connections[id] = nil
                apply(machine.openFailed(id, time))
            case 67..<72:
                guard let id = pick(.checking) else { return }
                connections[id] = .standing
                apply(machine.checked(id, time))
            case 72..<77:
                guard
                    let id = connections.filter({ $0.value != .opening }).keys.sorted(by: { $0.number < $1.number }).randomElement(
                        using: &random)
                else { return }
                connections[id] = nil
                apply(machine.lost(id, time))
            case 77..<82:
                guard let id = waiting.sorted(by: { $0.number < $1.number }).randomElement(using: &random) else { return }
                #expect(machine.withdraw(id) == true)
                waiting.remove(id)
            default:
                now += Int.random(in: 1...150, using: &random)
                apply(machine.tick(Self.at(now)))
            }
        }
        func check() {
            #expect(machine.count == connections.count, "seed \(seed)")
            #expect(machine.count <= max, "seed \(seed): never more than max")
            #expect(machine.waitingCount == waiting.count, "seed \(seed)")
            #expect(machine.freeCount == 0 || waiting.isEmpty, "seed \(seed): nobody waits while a connection is free")
            #expect(machine.freeCount == connections.values.count { $0 == .standing }, "seed \(seed)")
        }
        for _ in 0..<500 {
            step(Int.random(in: 0..<100, using: &random))
            check()
        }
        isShutDown = true
        apply(machine.shutdown())
        #expect(waiting.isEmpty, "seed \(seed): the shutdown answers everybody")
        if Bool.random(using: &random) { apply(machine.force()) }
        var rounds = 0
        while finished == 0, rounds < 1_000 {
            rounds += 1
            if let id = pick(.closing) {
                connections[id] = nil
                apply(machine.lost(id, Self.at(now)))
            } else {
                step([35, 55, 69][rounds % 3])
            }
            check()
        }
        #expect(finished == 1, "seed \(seed): finished exactly once")
    }
}
