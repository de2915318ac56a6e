import CLibPQ
import Logging
import Synchronization

/// One session with the server.
///
/// An actor whose executor is its event loop: everything about the connection happens there, and a caller that runs on the loop too
/// (``eventLoop``) reaches it without a change of threads. Statements of several tasks are served one after the other; whoever needs several statements
/// together uses ``pipeline(_:)`` or ``withTransaction(isolation:readOnly:_:)``.
public actor PostgresConnection {
    /// How long a statement that cannot be cancelled may take when nothing else limits it: a ROLLBACK.
    static let shieldedLimit = Duration.seconds(10)

    nonisolated let loop: any EventLoop
    private nonisolated let executor: UnownedSerialExecutor
    nonisolated let flags = ConnectionFlags()
    /// The server's process of this session.
    public nonisolated let backendPID: Int32
    /// The server's version as a number: 150018 is 15.18.
    public nonisolated let serverVersion: Int
    /// Tells this connection from every other one of the process.
    public nonisolated let id: UInt64
    /// The host that was connected to.
    public nonisolated let host: PostgresConfiguration.Host
    nonisolated let logger: Logger
    /// Whether the session is the server's own: not behind a pooler.
    nonisolated let isDirect: Bool

    private static let lastID = Atomic<UInt64>(0)

    let wire: Wire
    private let statementTimeout: Duration?
    private let cancelGrace: Duration
    private let commitGrace: Duration
    private var machine = ConnectionStateMachine()
    private var current: Exchange?
    private var queued: [ConnectionStateMachine.ID: Exchange] = [:]
    private var interest: Readiness = []
    private var watched: Int32 = -1
    private var socket: ConnectionSocket?
    private var deadline: MonotonicTime?
    private var timerAt: MonotonicTime?
    private var stopReason: PostgresError.Code?
    /// The running exchange has been asked to stop: its deadline is no longer put off by answers.
    private var isStopping = false
    private var closing: PostgresError?
    private var onClose: (@Sendable () -> Void)?
    var onNotification: (@Sendable (PostgresNotification) -> Void)?
    /// Exchanges whose consumer takes what comes piece by piece; kept until it has taken all, also past their end.
    var streams: [ConnectionStateMachine.ID: Exchange] = [:]

    /// The connection's event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor }

    /// The connection's event loop, for tasks of the hot path: `Task(executorPreference: connection.eventLoop) { … }`.
    public nonisolated var eventLoop: any TaskExecutor { loop }

    /// Whether the connection has ended.
    public nonisolated var isClosed: Bool { flags.isClosed }

    /// Takes over a connected `PGconn`, on its loop.
    init(
        adopting box: Connector.Connected, configuration: PostgresConfiguration, on loop: any EventLoop, logger: Logger,
        onClose: (@Sendable () -> Void)?
    ) {
        self.loop = loop
        executor = loop.serial.asUnownedSerialExecutor()
        wire = Wire(adopting: box.raw, configuration: configuration, flags: flags)
        host = box.host
        backendPID = PQbackendPID(box.raw)
        serverVersion = Int(PQserverVersion(box.raw))
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        isDirect = configuration.namedStatements
        statementTimeout = configuration.statementTimeout
        cancelGrace = configuration.cancelGrace
        commitGrace = configuration.commitGrace
        self.logger = logger
        self.onClose = onClose
    }

    /// Watches the socket; once, before anything else.
    func activate() {
        socket = ConnectionSocket(self)
        updateInterest()
    }

    isolated deinit {
        if watched >= 0 { loop.unwatch(watched) }
        wire.close()
    }

    // MARK: Exchanges

    /// Runs a whole exchange and returns when it has ended; what came of it stands in the exchange.
    ///
    /// - Parameters:
    ///   - exchange: What to run.
    ///   - isShielded: Whether it runs although the task is cancelled: a ROLLBACK, or a COMMIT, which a cancellation only gives a time limit.
    nonisolated(nonsending) func perform(_ exchange: Exchange, isShielded: Bool = false) async {
        let id = flags.makeID()
        if isShielded, !exchange.traits.endsTransaction {
            exchange.limit = Self.shieldedLimit
            await withUnsafeContinuation { continuation in
                exchange.wait(continuation)
                hand(over: exchange, id)
            }
            return
        }
        guard isShielded || !Task.isCancelled else {
            exchange.refuse(PostgresError(.cancelled, "the task was cancelled before the statement was sent"))
            return
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                exchange.wait(continuation)
                hand(over: exchange, id)
                // A cancellation may have reached the loop before the exchange did, and found nothing.
                if Task.isCancelled { requestCancel(id) }
            }
        } onCancel: { [self] in
            requestCancel(id)
        }
    }

    /// Gives an exchange to the loop: at once when the caller runs there, which the callers that matter do.
    private nonisolated func hand(over exchange: Exchange, _ id: ConnectionStateMachine.ID) {
        if loop.isCurrent {
            assumeIsolated { $0.submit(id, exchange) }
        } else {
            loop.execute { self.assumeIsolated { $0.submit(id, exchange) } }
        }
    }

    /// Starts an exchange that is driven from outside and returns its name.
    func open(_ exchange: Exchange) -> ConnectionStateMachine.ID {
        let id = flags.makeID()
        submit(id, exchange)
        return id
    }

    /// The exchange of this name, as long as it runs.
    func openExchange(_ id: ConnectionStateMachine.ID) -> Exchange? { machine.running == id ? current : nil }

    /// What a caller is told after the end.
    var closedError: PostgresError {
        guard let closing else { return PostgresError(.connectionClosed, "the connection is closed") }
        return PostgresError(.connectionClosed, closing.message, sqlState: closing.sqlState)
    }

    private func submit(_ id: ConnectionStateMachine.ID, _ exchange: Exchange) {
        switch machine.submit(id, exchange.traits) {
        case .start: begin(exchange)
        case .wait: queued[id] = exchange
        case .refuse:
            exchange.refuse(closedError)
            exchange.finish()
        }
    }

    private func begin(_ exchange: Exchange) {
        current = exchange
        stopReason = nil
        isStopping = false
        flags.setBusy()
        armDeadline()
        handle(exchange.start(wire))
    }

    /// Goes on after answers were taken or messages queued.
    private func handle(_ step: Exchange.Step) {
        switch step {
        case .more: flushAndWatch()
        case .done: complete()
        case .broken(let error): lose(error)
        }
    }

    private func flushAndWatch() {
        switch wire.flush() {
        case .done:
            current?.flushed()
            updateInterest()
        case .pending: updateInterest(writing: true)
        case .broken:
            // The server may have said why before it went: read that first.
            _ = wire.consume()
            if let current, case .done = current.proceed(wire) { complete() }
            lose(wire.failure(.connectionClosed))
        }
    }

    private func complete() {
        guard let exchange = current, let id = machine.running else { return }
        current = nil
        deadline = nil
        if let reason = stopReason, exchange.failure?.sqlState == "57014" { exchange.failure = exchange.failure?.with(code: reason) }
        let next = machine.ended(id)
        if exchange.failure?.code == .commitUnknown, let failure = exchange.failure {
            exchange.finish()
            lose(failure)
            return
        }
        if exchange.failure?.isConnectionLoss == true || wire.isBroken {
            let error = exchange.failure ?? wire.failure(.connectionClosed)
            exchange.finish()
            lose(error)
            return
        }
        tellIdle()
        if machine.isSettling { setDeadline(.now + cancelGrace) }
        exchange.finish()
        updateInterest()
        if let next { beginQueued(next) }
    }

    private func beginQueued(_ id: ConnectionStateMachine.ID) {
        guard let exchange = queued.removeValue(forKey: id) else { preconditionFailure("a queued exchange is kept until it starts") }
        begin(exchange)
    }

    /// The socket is ready.
    func socketReady(_ readiness: Readiness) {
        guard !machine.isClosed else { return }
        var hasEnded = false
        if readiness.contains(.readable) {
            hasEnded = !wire.consume()
            takeNotifications()
            if current != nil { armDeadline() }
        }
        if let current {
            let step = current.proceed(wire)
            if hasEnded, case .more = step {
                lose(wire.failure(.connectionClosed))
                return
            }
            handle(step)
        } else if !hasEnded {
            // Between statements: only notices, settings and the server's farewell come now.
            if wire.isBroken { hasEnded = true }
        }
        if hasEnded, !machine.isClosed { lose(wire.failure(.connectionClosed)) }
    }

    private func updateInterest(writing: Bool = false) {
        guard !machine.isClosed else { return }
        guard wire.socket >= 0 else {  // libpq has closed it
            lose(wire.failure(.connectionClosed))
            return
        }
        var wanted: Readiness = []
        if current?.wantsInput ?? true { wanted.insert(.readable) }
        if writing { wanted.insert(.writable) }
        guard wanted != interest || watched != wire.socket else { return }
        interest = wanted
        // A socket nobody wants to hear of is taken out: its end would be reported again and again.
        if wanted.isEmpty {
            if watched >= 0 { loop.unwatch(watched) }
            watched = -1
        } else if let socket {
            watched = wire.socket
            loop.watch(watched, for: wanted, socket)
        }
    }

    /// Looks again at what the running exchange wants, after its caller took or gave something.
    func resume(_ exchange: Exchange) {
        guard current === exchange else { return }
        armDeadline()
        handle(exchange.proceed(wire))
    }

    private func takeNotifications() {
        while let raw = PQnotifies(wire.raw) {
            defer { PQfreemem(raw) }
            let note = raw.pointee
            onNotification?(
                PostgresNotification(
                    channel: String(cString: note.relname), payload: String(cString: note.extra), backendPID: note.be_pid))
        }
    }

    // MARK: The end

    /// The socket is gone, or must go: everybody who waits is told.
    private func lose(_ error: PostgresError) {
        guard !machine.isClosed else { return }
        closing = closing ?? error
        let gone = machine.lost()
        if watched >= 0 { loop.unwatch(watched) }
        watched = -1
        interest = []
        socket = nil
        deadline = nil
        flags.setClosed()
        let running = current
        current = nil
        if gone.running != nil { running?.lost(error) }
        wire.close()
        running?.finish()
        for id in gone.waiting {
            guard let exchange = queued.removeValue(forKey: id) else { continue }
            exchange.refuse(PostgresError(.connectionClosed, error.message, sqlState: error.sqlState))
            exchange.finish()
        }
        logger.debug("connection closed", metadata: ["postgres.connection": "\(id)", "postgres.code": "\(error.code)"])
        let told = onClose
        onClose = nil
        onNotification = nil
        told?()
    }

    /// Ends the session. Statements still under way fail.
    public func close() { lose(PostgresError(.connectionClosed, "the connection is closed")) }

    /// Has `body` called once the connection has ended, at once when it has already.
    func notifyWhenClosed(_ body: @escaping @Sendable () -> Void) {
        if machine.isClosed { body() } else { onClose = body }
    }

    /// A setting the server reports by itself, such as `server_version`, `TimeZone`, `in_hot_standby`.
    public func parameterStatus(_ name: String) -> String? { PQparameterStatus(wire.raw, name).map { String(cString: $0) } }

    /// How many statements are kept prepared.
    package var preparedStatementCount: Int { wire.cache.count }

    // MARK: Stopping

    /// The task of an exchange was cancelled; from any thread.
    nonisolated func requestCancel(_ id: ConnectionStateMachine.ID) {
        loop.execute { [weak self] in self?.assumeIsolated { $0.cancel(id, because: .cancelled) } }
    }

    /// The consumer of an open exchange has gone; from any thread.
    nonisolated func abandon(_ id: ConnectionStateMachine.ID) {
        loop.execute { [weak self] in
            self?.assumeIsolated { connection in
                connection.streams.removeValue(forKey: id)?.abandon()
                connection.cancel(id, because: .cancelled)
                if connection.machine.running == id, let current = connection.current { connection.resume(current) }
            }
        }
    }

    private func cancel(_ id: ConnectionStateMachine.ID, because reason: PostgresError.Code) {
        switch machine.cancel(id) {
        case .nothing: break
        case .withdraw:
            guard let exchange = queued.removeValue(forKey: id) else { return }
            exchange.refuse(PostgresError(.cancelled, "the task was cancelled before the statement was sent"))
            exchange.finish()
        case .sendCancel: sendCancel(reason)
        case .awaitCommit:
            isStopping = true
            setDeadline(.now + commitGrace)
        }
    }

    private func sendCancel(_ reason: PostgresError.Code) {
        stopReason = reason
        isStopping = true
        setDeadline(.now + cancelGrace)
        guard let raw = PQgetCancel(wire.raw) else {
            lose(wire.failure(.connectionClosed))
            return
        }
        // libpq connects again to send it, and blocks: on a thread of its own.
        let cancel = UInt(bitPattern: raw)
        PostgresEventLoop.cancellers.submit { [loop, weak self] in
            let handle = OpaquePointer(bitPattern: cancel)
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                _ = PQcancel(handle, buffer.baseAddress, 256)  // when it fails the second deadline closes the socket
            }
            PQfreeCancel(handle)
            loop.execute { self?.assumeIsolated { $0.cancelReturned() } }
        }
    }

    private func cancelReturned() {
        if let next = machine.cancelReturned() {
            deadline = nil
            beginQueued(next)
        } else if current == nil, !machine.isClosed {
            deadline = nil
            tellIdle()
        }
    }

    private func tellIdle() {
        let status = wire.transactionStatus
        flags.setIdle(status, isClean: machine.isIdle && status == .idle)
    }

    // MARK: Deadlines

    private func armDeadline() {
        guard !isStopping, let current, current.awaitsServer, let limit = current.limit ?? statementTimeout else { return }
        // The server's own limit comes first; ours is for a server that does not answer.
        setDeadline(.now + limit + .milliseconds(500))
    }

    private func setDeadline(_ time: MonotonicTime) {
        deadline = time
        if let timerAt, timerAt <= time { return }  // it will look again by then
        timerAt = time
        loop.schedule(at: time) { [weak self] in self?.assumeIsolated { $0.timerFired() } }
    }

    private func timerFired() {
        timerAt = nil
        guard let deadline else { return }
        guard deadline <= .now else {
            setDeadline(deadline)
            return
        }
        self.deadline = nil
        guard isStopping || machine.isSettling || current?.awaitsServer == true else { return }
        switch machine.deadlinePassed() {
        case .nothing: break
        case .sendCancel: sendCancel(.timeout)
        case .closeSocket:
            lose(
                PostgresError(
                    stopReason == .cancelled ? .cancelled : .timeout, "the server did not answer in time; the connection was closed"))
        }
    }
}

/// What the event loop tells a connection through; does not keep it alive.
private final class ConnectionSocket: SocketHandler {
    weak let connection: PostgresConnection?
    init(_ connection: PostgresConnection) { self.connection = connection }
    func socketReady(_ readiness: Readiness) {
        guard let connection else { return }
        connection.assumeIsolated { $0.socketReady(readiness) }
    }
}
