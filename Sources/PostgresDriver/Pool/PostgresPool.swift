public import Logging
import Synchronization

/// A bounded set of connections that callers borrow.
///
/// Starts by itself with the first caller. Waiting callers are served in order; a connection that comes back in the middle of a transaction is rolled back
/// first; one that is lost is replaced. Session state (`SET`, temporary tables, `LISTEN`) is not reset: do not leave any behind.
public final class PostgresPool: Sendable {
    /// The bounds of a pool.
    public struct Limits: Sendable, Hashable {
        /// Connections kept open once the pool was used.
        public var min: Int
        /// Most connections.
        public var max: Int
        /// How long a caller waits for a connection.
        public var waitLimit: Duration
        /// Most callers that wait at once; more are refused at once.
        public var maxWaiters: Int
        /// How long a free connection above `min` is kept.
        public var idleLimit: Duration
        /// How old a connection may become.
        public var ageLimit: Duration
        /// How long a connection may be free before it is asked whether it still lives.
        public var healthInterval: Duration

        /// Bounds that suit a server of a few cores.
        public init(
            min: Int = 0, max: Int = 8, waitLimit: Duration = .seconds(10), maxWaiters: Int = 10_000, idleLimit: Duration = .seconds(60),
            ageLimit: Duration = .seconds(3_600), healthInterval: Duration = .seconds(30)
        ) {
            self.min = min
            self.max = max
            self.waitLimit = waitLimit
            self.maxWaiters = maxWaiters
            self.idleLimit = idleLimit
            self.ageLimit = ageLimit
            self.healthInterval = healthInterval
        }
    }

    /// What a pool is doing, at one moment.
    public struct Usage: Sendable, Hashable {
        /// Connections, also those being made or closed.
        public let connections: Int
        /// Connections nobody has.
        public let free: Int
        /// Callers that wait.
        public let waiting: Int
    }

    private typealias ConnectionID = PoolStateMachine.ConnectionID
    private typealias WaiterID = PoolStateMachine.WaiterID
    private struct Lease: Sendable { let id: ConnectionID, connection: PostgresConnection }

    private struct State {
        var machine: PoolStateMachine
        var connections: [ConnectionID: PostgresConnection] = [:]
        var waiters: [WaiterID: CheckedContinuation<Result<Lease, PostgresError>, Never>] = [:]
        var timerAt: MonotonicTime?
        var shutdownWaiters: [CheckedContinuation<Void, Never>] = []
        var isFinished = false
        var lastFailure: PostgresError?

        /// The lease of a connection the machine has just given.
        func lease(_ id: ConnectionID) -> Lease {
            guard let connection = connections[id] else { preconditionFailure("the machine gives only connections that are there") }
            return Lease(id: id, connection: connection)
        }

        mutating func effect(of action: PoolStateMachine.Action) -> Effect? {
            switch action {
            case .give(let id, let waiter): return waiters.removeValue(forKey: waiter).map { .answer($0, .success(lease(id))) }
            case .refuse(let waiter, let refusal):
                return waiters.removeValue(forKey: waiter).map { .answer($0, .failure(error(for: refusal))) }
            case .open(let id): return .open(id)
            case .close(let id): return connections[id].map { .close($0) }
            case .check(let id): return connections[id].map { .check(id, $0) }
            case .finished:
                isFinished = true
                defer { shutdownWaiters.removeAll() }
                return .finish(shutdownWaiters)
            }
        }

        func error(for refusal: PoolStateMachine.Refusal) -> PostgresError {
            switch refusal {
            case .timeout:
                (machine.isUnreachable ? lastFailure : nil) ?? PostgresError(.poolTimeout, "no connection became free in time")
            case .tooMany: PostgresError(.poolTimeout, "too many callers wait for a connection")
            case .shutdown: PostgresError(.poolShutdown, "the pool is shut down")
            }
        }
    }

    private let state: Mutex<State>
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let loop: any EventLoop
    private let onConnect: (@Sendable (PostgresConnection) async throws -> Void)?
    private let metrics: PoolMetrics?

    /// A pool; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: Where and how to connect.
    ///   - limits: The bounds.
    ///   - name: Tells the pool's metrics (`postgres.pool.*`) apart; `nil` reports none.
    ///   - logger: For what happens without a caller.
    ///   - onConnect: Called with every new connection before it is used; when it throws, the connection is closed and another attempt made.
    public convenience init(
        configuration: PostgresConfiguration, limits: Limits = Limits(), name: String? = nil, logger: Logger,
        onConnect: (@Sendable (PostgresConnection) async throws -> Void)? = nil
    ) {
        self.init(
            configuration: configuration, limits: limits, name: name, logger: logger, loop: PostgresEventLoop.main, onConnect: onConnect)
    }

    package init(
        configuration: PostgresConfiguration, limits: Limits, name: String? = nil, logger: Logger, loop: any EventLoop,
        onConnect: (@Sendable (PostgresConnection) async throws -> Void)? = nil
    ) {
        self.configuration = configuration
        self.logger = logger
        self.loop = loop
        self.onConnect = onConnect
        metrics = name.map { PoolMetrics(name: $0) }
        state = Mutex(
            State(
                machine: PoolStateMachine(
                    limits: .init(
                        min: limits.min, max: limits.max, maxWaiters: limits.maxWaiters, waitLimit: limits.waitLimit,
                        idleLimit: limits.idleLimit,
                        ageLimit: limits.ageLimit, healthInterval: limits.healthInterval))))
    }

    // MARK: Borrowing

    /// Lends a connection to `body`, which runs where the caller runs.
    ///
    /// - Throws: What `body` throws; `.poolTimeout`, `.poolShutdown`, `.cancelled`; `.connectionFailed` when the wait ended because no server answers.
    @discardableResult
    public nonisolated(nonsending) func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        let lease = try await lease()
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// Runs `body` in a transaction, again when the server asks for it.
    ///
    /// A serialization failure (40001), a deadlock (40P01) or a stale prepared statement undoes everything and runs `body` again after a short random
    /// wait: it must be harmless to run several times. A COMMIT of unknown outcome is not retried; it is thrown as `.commitUnknown`.
    ///
    /// - Parameters:
    ///   - retries: How many more times after the first.
    ///   - isolation: The isolation level; `nil` is the server's default.
    ///   - readOnly: Whether writes are refused.
    ///   - body: What to do.
    @discardableResult
    public nonisolated(nonsending) func withTransaction<R>(
        retries: Int = 5, isolation: PostgresIsolation? = nil, readOnly: Bool = false, _ body: (PostgresConnection) async throws -> R
    ) async throws -> R {
        var attempt = 0
        while true {
            do {
                return try await withConnection { try await $0.withTransaction(isolation: isolation, readOnly: readOnly, body) }
            } catch let error as PostgresError where attempt < retries && (error.isRetryable || error.isStaleStatement) {
                attempt += 1
                metrics?.retried()
                logger.debug(
                    "transaction is run again",
                    metadata: ["postgres.sqlstate": "\(error.sqlState ?? "-")", "postgres.attempt": "\(attempt)"])
                // Random, so that two that met do not meet again.
                let ceiling = 5_000 << min(attempt, 8)
                try await Task.sleep(for: .microseconds(Int.random(in: 500...ceiling)))
            }
        }
    }

    /// Runs one statement on a borrowed connection.
    @discardableResult
    public nonisolated(nonsending) func query(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult {
        let lease = try await lease()
        defer { release(lease) }
        return try await lease.connection.query(query)
    }

    /// Runs a batch on a borrowed connection; see ``PostgresConnection/pipeline(_:)``.
    public nonisolated(nonsending) func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        if queries.isEmpty { return [] }
        let lease = try await lease()
        defer { release(lease) }
        return try await lease.connection.pipeline(queries)
    }

    /// Connects `min` connections ahead of the first caller and keeps the pool until the task is cancelled; then shuts it down. For a service group.
    public func run() async {
        act { ($0.machine.warm(.now), []) }
        await withTaskCancellationHandler {
            await whenFinished()
        } onCancel: {
            beginShutdown()
        }
    }

    /// Refuses new callers, waits for borrowed connections to come back, closes all.
    ///
    /// - Parameter grace: How long to wait; after it borrowed connections are closed under their users.
    public func shutdown(grace: Duration = .seconds(10)) async {
        beginShutdown()
        loop.schedule(at: .now + grace) { [weak self] in
            self?.act { ($0.machine.force(), []) }
        }
        await whenFinished()
    }

    /// How many connections there are and who waits.
    public var usage: Usage {
        state.withLock { Usage(connections: $0.machine.count, free: $0.machine.freeCount, waiting: $0.machine.waitingCount) }
    }

    // MARK: Leases

    private nonisolated(nonsending) func lease() async throws(PostgresError) -> Lease {
        while true {
            let lease: Lease
            if let ready = leaseNow() { lease = ready } else { lease = try await leaseLater() }
            // It may have ended while it was free, and the news is still on its way.
            if !lease.connection.isClosed { return lease }
            lost(lease.id)
        }
    }

    /// A connection that is free now: no suspension, no allocation.
    private func leaseNow() -> Lease? {
        state.withLock { state in
            guard state.machine.freeCount > 0, state.machine.waitingCount == 0, case .take(let id) = state.machine.lease(.now) else {
                return nil
            }
            return state.lease(id)
        }
    }

    private nonisolated(nonsending) func leaseLater() async throws(PostgresError) -> Lease {
        if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled while it waited for a connection") }
        let started = MonotonicTime.now
        let waiter = Mutex<WaiterID?>(nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Lease, PostgresError>, Never>) in
                act { state in
                    switch state.machine.lease(.now) {
                    case .take(let id): return ([], [.answer(continuation, .success(state.lease(id)))])
                    case .refuse(let refusal): return ([], [.answer(continuation, .failure(state.error(for: refusal)))])
                    case .wait(let id, let actions):
                        state.waiters[id] = continuation
                        waiter.withLock { $0 = id }
                        return (actions, [])
                    }
                }
                // The cancellation may have come before the waiter had a name.
                if Task.isCancelled { withdraw(waiter.withLock { $0 }) }
            }
        } onCancel: {
            withdraw(waiter.withLock { $0 })
        }
        metrics?.waited(MonotonicTime.now.since(started))
        return try result.get()
    }

    private func withdraw(_ id: WaiterID?) {
        guard let id else { return }
        let continuation = state.withLock { state in state.machine.withdraw(id) ? state.waiters.removeValue(forKey: id) : nil }
        continuation?.resume(returning: .failure(PostgresError(.cancelled, "the task was cancelled while it waited for a connection")))
    }

    private func release(_ lease: Lease) {
        if lease.connection.flags.isClean {
            act { ($0.machine.released(lease.id, .now), []) }
        } else if lease.connection.isClosed {
            lost(lease.id)
        } else {
            // A statement still runs or a transaction is open: make it clean first. It stays leased meanwhile.
            Task {
                if await lease.connection.restore() {
                    self.act { ($0.machine.released(lease.id, .now), []) }
                } else {
                    await lease.connection.close()
                }
            }
        }
    }

    // MARK: Actions

    /// What is done once the lock is given back. Everything it needs was taken under the lock: meanwhile a connection may be gone.
    private enum Effect {
        case answer(CheckedContinuation<Result<Lease, PostgresError>, Never>, Result<Lease, PostgresError>)
        case open(ConnectionID)
        case close(PostgresConnection)
        case check(ConnectionID, PostgresConnection)
        case finish([CheckedContinuation<Void, Never>])
    }

    /// Tells the machine something and does what it wants done.
    private func act(_ event: (inout State) -> ([PoolStateMachine.Action], [Effect])) {
        let (effects, due) = state.withLock { state -> ([Effect], MonotonicTime?) in
            var (actions, effects) = event(&state)
            for action in actions { if let effect = state.effect(of: action) { effects.append(effect) } }
            // Sees to it that the machine's next wish for a tick is met.
            guard let next = state.machine.nextWake, state.timerAt.map({ $0 > next }) ?? true else { return (effects, nil) }
            state.timerAt = next
            return (effects, next)
        }
        for effect in effects {
            switch effect {
            case .answer(let continuation, let result): continuation.resume(returning: result)
            case .open(let id): open(id)
            case .close(let connection): Task { await connection.close() }
            case .check(let id, let connection): check(id, connection)
            case .finish(let waiters): for waiter in waiters { waiter.resume() }
            }
        }
        if let due { loop.schedule(at: due) { [weak self] in self?.tick() } }
    }

    private func tick() {
        act { state in
            state.timerAt = nil
            return (state.machine.tick(.now), [])
        }
        metrics?.record(usage)
    }

    private func open(_ id: ConnectionID) {
        Task { @concurrent in
            do {
                let connection = try await PostgresConnection.connect(configuration, on: loop, logger: logger)
                if let onConnect {
                    do {
                        try await onConnect(connection)
                    } catch {
                        await connection.close()
                        throw error
                    }
                }
                act { state in
                    state.connections[id] = connection
                    state.lastFailure = nil
                    return (state.machine.opened(id, .now, spread: .random(in: 0...1)), [])
                }
                await connection.notifyWhenClosed { [weak self] in self?.lost(id) }
            } catch {
                let failure = error as? PostgresError
                logger.debug("could not open a connection", metadata: ["postgres.code": "\(failure?.code.description ?? "onConnect")"])
                act { state in
                    state.lastFailure = failure ?? PostgresError(.connectionFailed, "the connection could not be prepared for use")
                    return (state.machine.openFailed(id, .now), [])
                }
            }
        }
    }

    private func check(_ id: ConnectionID, _ connection: PostgresConnection) {
        Task { @concurrent in
            if await connection.isAlive() {
                self.act { ($0.machine.checked(id, .now), []) }
            } else {
                await connection.close()
            }
        }
    }

    private func lost(_ id: ConnectionID) {
        act { state in
            state.connections[id] = nil
            return (state.machine.lost(id, .now), [])
        }
    }

    private func beginShutdown() { act { ($0.machine.shutdown(), []) } }

    private func whenFinished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.shutdownWaiters.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }
}

extension PostgresConnection {
    /// Ends whatever a user left behind. Whether the connection can be used by somebody else.
    nonisolated(nonsending) func restore() async -> Bool {
        flags.scope.withLock { $0 = .none }
        // Behind whatever still runs. Outside a transaction a ROLLBACK is a notice.
        if !flags.isClean {
            do throws(PostgresError) {
                _ = try await run(["ROLLBACK"], isShielded: true)
            } catch {
                return false
            }
        }
        return flags.isClean
    }

    /// Asks the server for a sign of life.
    nonisolated(nonsending) func isAlive() async -> Bool {
        let exchange = BatchExchange([PostgresQuery("SELECT 1")])
        exchange.limit = .seconds(2)
        await perform(exchange)
        return exchange.failure == nil
    }
}
