import DequeModule

/// Which exchange of one connection runs, which wait, and what a cancellation, a deadline or a lost socket means for them.
///
/// A value without I/O: events go in, what to do comes out. Invariants, which a fuzz test holds: at most one exchange runs; every submitted exchange is
/// started, withdrawn, refused or failed, and ends exactly once; nothing starts while a cancel request is under way, because it could hit the wrong
/// statement; a COMMIT is never cancelled; nothing starts after the end.
struct ConnectionStateMachine {
    /// Names one exchange of a connection.
    struct ID: Hashable, Comparable, Sendable {
        let number: UInt64
        static func < (a: ID, b: ID) -> Bool { a.number < b.number }
    }

    /// What matters here about an exchange.
    struct Traits: Hashable, Sendable {
        /// It contains a COMMIT: a cancel request could "succeed" although the commit stands, so it is waited for or the socket is closed.
        var endsTransaction = false
    }

    /// Where the cancel request of the running exchange is.
    private enum Cancel { case none, underWay, returned }

    private enum State {
        /// Nothing runs.
        case idle
        /// One exchange runs.
        case running(ID, Traits, Cancel)
        /// The exchange has ended but its cancel request has not returned: a new statement could be hit by it.
        case settling
        /// The socket is closed.
        case closed
    }

    private var state = State.idle
    private var waiting: Deque<(id: ID, traits: Traits)> = []

    /// The running exchange.
    var running: ID? {
        if case .running(let id, _, _) = state { id } else { nil }
    }
    /// Whether a cancel request must return before anything can start.
    var isSettling: Bool {
        if case .settling = state { true } else { false }
    }
    /// Whether nothing runs, waits or settles.
    var isIdle: Bool {
        if case .idle = state { waiting.isEmpty } else { false }
    }
    /// Whether the socket is closed.
    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    enum SubmitAction: Equatable { case start, wait, refuse }

    /// An exchange is wanted.
    mutating func submit(_ id: ID, _ traits: Traits) -> SubmitAction {
        switch state {
        case .idle:
            state = .running(id, traits, .none)
            return .start
        case .running, .settling:
            waiting.append((id, traits))
            return .wait
        case .closed: return .refuse
        }
    }

    /// The running exchange has had its last answer. Returns the one to start now.
    mutating func ended(_ id: ID) -> ID? {
        switch state {
        case .running(id, _, .none), .running(id, _, .returned): return startNext()
        case .running(id, _, .underWay):
            state = .settling
            return nil
        case .idle, .running, .settling, .closed: return nil
        }
    }

    enum CancelAction: Equatable {
        /// Too late, or already done.
        case nothing
        /// It has not started: take it out and fail it.
        case withdraw
        /// Send a cancel request.
        case sendCancel
        /// A COMMIT is under way: wait for its answer, but not for long.
        case awaitCommit
    }

    /// The caller no longer wants the exchange.
    mutating func cancel(_ id: ID) -> CancelAction {
        switch state {
        case .running(id, let traits, .none):
            if traits.endsTransaction { return .awaitCommit }
            state = .running(id, traits, .underWay)
            return .sendCancel
        case .idle, .running, .settling, .closed:
            guard let index = waiting.firstIndex(where: { $0.id == id }) else { return .nothing }
            waiting.remove(at: index)
            return .withdraw
        }
    }

    /// The blocking cancel call has returned. Returns the exchange to start now.
    mutating func cancelReturned() -> ID? {
        switch state {
        case .running(let id, let traits, .underWay):
            state = .running(id, traits, .returned)
            return nil
        case .settling: return startNext()
        case .idle, .running, .closed: return nil
        }
    }

    enum DeadlineAction: Equatable {
        /// Nothing runs any more.
        case nothing
        /// Ask the server to stop; set another deadline.
        case sendCancel
        /// The server does not answer, or a COMMIT must not be cancelled: close the socket.
        case closeSocket
    }

    /// What runs has had no answer for too long, or a cancel request has not returned.
    mutating func deadlinePassed() -> DeadlineAction {
        switch state {
        case .running(let id, let traits, .none):
            if traits.endsTransaction { return .closeSocket }
            state = .running(id, traits, .underWay)
            return .sendCancel
        case .running(_, _, .underWay), .running(_, _, .returned), .settling: return .closeSocket
        case .idle, .closed: return .nothing
        }
    }

    /// The socket is gone. Returns the exchanges to fail: the running one first, then those that never started.
    mutating func lost() -> (running: ID?, waiting: [ID]) {
        let result = (running, waiting.map(\.id))
        waiting.removeAll()
        state = .closed
        return result
    }

    private mutating func startNext() -> ID? {
        guard let next = waiting.popFirst() else {
            state = .idle
            return nil
        }
        state = .running(next.id, next.traits, .none)
        return next.id
    }
}
