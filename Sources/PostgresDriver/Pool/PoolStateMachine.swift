import DequeModule

/// Which connections a pool has, who has them, and who waits.
///
/// A value without I/O or clock: events and the time go in, actions come out. Invariants, which a fuzz test holds: never more than `max` connections; a
/// connection has at most one user; every caller is answered exactly once; nobody waits while a connection is free; after the shutdown everything is
/// closed and `finished` is said exactly once.
struct PoolStateMachine {
    /// The bounds of a pool.
    struct Limits: Sendable, Hashable {
        /// Connections kept open once the pool was used.
        var min = 0
        /// Most connections.
        var max = 8
        /// Most callers that wait at once; more are refused at once.
        var maxWaiters = 10_000
        /// How long a caller waits.
        var waitLimit = Duration.seconds(10)
        /// How long a free connection above `min` is kept.
        var idleLimit = Duration.seconds(60)
        /// How old a connection may become; then it is replaced when it is free. Each gets up to a tenth less, so that they do not go together.
        var ageLimit = Duration.seconds(3_600)
        /// How long a connection may be free before it is asked whether it still lives.
        var healthInterval = Duration.seconds(30)
        /// Connections being opened at once.
        var maxOpening = 4
    }

    struct ConnectionID: Hashable, Sendable { let number: Int }
    struct WaiterID: Hashable, Sendable { let number: Int }

    private enum Status: Equatable {
        /// Being connected. Leads to `free`, `leased`, or away when it fails.
        case opening
        /// Nobody has it, since then.
        case free(since: MonotonicTime)
        /// A caller has it.
        case leased
        /// Being asked whether it lives. Leads to `free`, `leased` or `closing`.
        case checking
        /// Told to close; counts until it is.
        case closing
    }
    private struct Entry {
        var status: Status
        var expires: MonotonicTime
        var checkedAt: MonotonicTime
    }
    private struct Waiter { let id: WaiterID, deadline: MonotonicTime }

    enum Refusal: Equatable, Sendable { case timeout, tooMany, shutdown }
    enum Action: Equatable {
        case give(ConnectionID, to: WaiterID)
        case refuse(WaiterID, Refusal)
        case open(ConnectionID)
        case close(ConnectionID)
        case check(ConnectionID)
        /// The shutdown is complete.
        case finished
    }
    enum LeaseAction: Equatable {
        case take(ConnectionID)
        case wait(WaiterID, [Action])
        case refuse(Refusal)
    }

    let limits: Limits
    private var entries: [ConnectionID: Entry] = [:]
    /// Free connections; the one used last is used next, so that the others can be let go.
    private var free: [ConnectionID] = []
    private var waiters: Deque<Waiter> = []
    private var opening = 0
    private var lastConnection = 0
    private var lastWaiter = 0
    private var failures = 0
    private var retryAt: MonotonicTime?
    private var nextTick: MonotonicTime?
    private var isStarted = false
    private var isShuttingDown = false
    private var hasFinished = false

    init(limits: Limits) {
        var limits = limits
        limits.max = Swift.max(1, limits.max)
        limits.min = Swift.min(Swift.max(0, limits.min), limits.max)
        limits.maxOpening = Swift.max(1, limits.maxOpening)
        self.limits = limits
    }

    /// Connections of any kind.
    var count: Int { entries.count }
    /// Free connections.
    var freeCount: Int { free.count }
    /// Waiting callers.
    var waitingCount: Int { waiters.count }
    /// Connections that callers have.
    var leasedCount: Int { entries.values.count { $0.status == .leased } }
    /// Whether no connection stands and the last attempt to make one failed.
    var isUnreachable: Bool { failures > 0 && entries.values.allSatisfy { $0.status == .opening || $0.status == .closing } }

    /// When ``tick(_:)`` must be called next.
    var nextWake: MonotonicTime? {
        var next = nextTick
        for time in [waiters.first?.deadline, retryAt] { if let time, next.map({ time < $0 }) ?? true { next = time } }
        return next
    }

    // MARK: Events

    /// A caller wants a connection.
    mutating func lease(_ now: MonotonicTime) -> LeaseAction {
        if isShuttingDown { return .refuse(.shutdown) }
        start(now)
        if waiters.isEmpty, let id = free.popLast() {
            entries[id]?.status = .leased
            return .take(id)
        }
        if waiters.count >= limits.maxWaiters { return .refuse(.tooMany) }
        lastWaiter += 1
        let waiter = Waiter(id: WaiterID(number: lastWaiter), deadline: now + limits.waitLimit)
        waiters.append(waiter)
        return .wait(waiter.id, openMore(now))
    }

    /// A waiting caller was cancelled. Whether it still waited: then it is the caller's to answer it.
    mutating func withdraw(_ id: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// A connection stands. `spread`, 0 to 1, makes ages differ.
    mutating func opened(_ id: ConnectionID, _ now: MonotonicTime, spread: Double) -> [Action] {
        guard entries[id]?.status == .opening else { return [] }
        opening -= 1
        failures = 0
        retryAt = nil
        entries[id]?.expires = now + limits.ageLimit * (1 - 0.1 * Swift.min(1, Swift.max(0, spread)))
        entries[id]?.checkedAt = now
        return becameFree(id, now) + openMore(now)
    }

    /// A connection could not be made. The next attempt waits longer each time.
    mutating func openFailed(_ id: ConnectionID, _ now: MonotonicTime) -> [Action] {
        guard entries[id]?.status == .opening else { return [] }
        opening -= 1
        entries[id] = nil
        failures += 1
        retryAt = now + Swift.min(.milliseconds(50) * (1 << Swift.min(failures - 1, 10)), .seconds(2))
        return finishIfDone()
    }

    /// A caller gave its connection back, as good as new.
    mutating func released(_ id: ConnectionID, _ now: MonotonicTime) -> [Action] {
        guard entries[id]?.status == .leased else { return [] }
        return becameFree(id, now)
    }

    /// A connection has answered.
    mutating func checked(_ id: ConnectionID, _ now: MonotonicTime) -> [Action] {
        guard entries[id]?.status == .checking else { return [] }
        entries[id]?.checkedAt = now
        return becameFree(id, now)
    }

    /// A connection has ended, whatever it was doing.
    mutating func lost(_ id: ConnectionID, _ now: MonotonicTime) -> [Action] {
        guard let entry = entries.removeValue(forKey: id) else { return [] }
        if entry.status == .opening { opening -= 1 }
        if case .free = entry.status { free.removeAll { $0 == id } }
        return openMore(now) + finishIfDone()
    }

    /// Time has passed.
    mutating func tick(_ now: MonotonicTime) -> [Action] {
        var actions: [Action] = []
        while let first = waiters.first, first.deadline <= now {
            waiters.removeFirst()
            actions.append(.refuse(first.id, .timeout))
        }
        if let at = retryAt, at <= now { retryAt = nil }
        if let at = nextTick, at <= now {
            nextTick = now + tickInterval
            // The longest free first: they are at the bottom.
            for id in free {
                guard let entry = entries[id], case .free(let since) = entry.status else { continue }
                let isOld = entry.expires <= now
                let isSpare = now.since(since) >= limits.idleLimit && standing > limits.min
                if isOld || isSpare {
                    close(id)
                    actions.append(.close(id))
                } else if now.since(max(since, entry.checkedAt)) >= limits.healthInterval {
                    free.removeAll { $0 == id }
                    entries[id]?.status = .checking
                    actions.append(.check(id))
                }
            }
        }
        return actions + openMore(now)
    }

    /// No more leases; free connections close, leased ones when they come back.
    mutating func shutdown() -> [Action] {
        guard !isShuttingDown else { return [] }
        isShuttingDown = true
        retryAt = nil
        nextTick = nil
        var actions = waiters.map { Action.refuse($0.id, .shutdown) }
        waiters.removeAll()
        for id in free {
            entries[id]?.status = .closing
            actions.append(.close(id))
        }
        free.removeAll()
        return actions + finishIfDone()
    }

    /// The shutdown took too long: close what callers still have.
    mutating func force() -> [Action] {
        guard isShuttingDown else { return [] }
        let ids = entries.filter { $0.value.status == .leased || $0.value.status == .checking }.keys.sorted { $0.number < $1.number }
        for id in ids { entries[id]?.status = .closing }
        return ids.map { .close($0) }
    }

    /// The pool is wanted: keep `min` connections from now on.
    mutating func warm(_ now: MonotonicTime) -> [Action] {
        if isShuttingDown { return [] }
        start(now)
        return openMore(now)
    }

    // MARK: Parts

    private var tickInterval: Duration {
        Swift.max(.milliseconds(10), Swift.min(limits.idleLimit, limits.ageLimit, limits.healthInterval, .seconds(20)) / 4)
    }

    private mutating func start(_ now: MonotonicTime) {
        guard !isStarted else { return }
        isStarted = true
        nextTick = now + tickInterval
    }

    /// Connections that serve or will.
    private var standing: Int { entries.values.count { $0.status != .closing } }

    private mutating func close(_ id: ConnectionID) {
        free.removeAll { $0 == id }
        entries[id]?.status = .closing
    }

    private mutating func becameFree(_ id: ConnectionID, _ now: MonotonicTime) -> [Action] {
        guard let entry = entries[id] else { return [] }
        if isShuttingDown || entry.expires <= now && waiters.isEmpty {
            entries[id]?.status = .closing
            return [.close(id)]
        }
        guard let waiter = waiters.popFirst() else {
            entries[id]?.status = .free(since: now)
            free.append(id)
            return []
        }
        entries[id]?.status = .leased
        return [.give(id, to: waiter.id)]
    }

    private mutating func openMore(_ now: MonotonicTime) -> [Action] {
        guard !isShuttingDown, isStarted, retryAt == nil else { return [] }
        var actions: [Action] = []
        // After a failure one attempt at a time finds out whether the server is back.
        let limit = failures > 0 ? 1 : limits.maxOpening
        while opening < limit, entries.count < limits.max, opening < waiters.count || standing < limits.min {
            lastConnection += 1
            let id = ConnectionID(number: lastConnection)
            entries[id] = Entry(status: .opening, expires: now, checkedAt: now)
            opening += 1
            actions.append(.open(id))
        }
        return actions
    }

    private mutating func finishIfDone() -> [Action] {
        guard isShuttingDown, entries.isEmpty, !hasFinished else { return [] }
        hasFinished = true
        return [.finished]
    }
}
