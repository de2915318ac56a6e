/// One conversation with the server, from the first message sent to the last answer.
///
/// `@unchecked Sendable`: its caller makes it and gives it to the connection; from then until ``finish()`` only the connection's event loop touches it; then
/// the caller, who was resumed by that, reads what came of it. (An exchange that is driven from outside piece by piece is only touched on the loop.)
class Exchange: @unchecked Sendable {
    enum Step {
        /// More answers are to come.
        case more
        /// The last answer is here; the connection is free.
        case done
        /// libpq or the server broke the rules: the connection cannot be used any more.
        case broken(PostgresError)
    }

    let traits: ConnectionStateMachine.Traits
    /// How long the server may go without an answer; `nil` is what the configuration says.
    var limit: Duration?
    /// What went wrong, when something did.
    var failure: PostgresError?
    /// Whether the end has been told; after it nothing changes.
    private(set) var isFinished = false
    private var waiter: UnsafeContinuation<Void, Never>?
    /// Something happened while nobody waited: the next wait ends at once, and its caller looks again.
    private var isSignalled = false

    init(endsTransaction: Bool = false) { traits = .init(endsTransaction: endsTransaction) }

    /// Queues the first messages. The connection flushes.
    func start(_ wire: Wire) -> Step { preconditionFailure("an exchange says how it starts") }
    /// Takes the answers that are there.
    func proceed(_ wire: Wire) -> Step { preconditionFailure("an exchange says how it goes on") }
    /// All that was queued has been sent.
    func flushed() {}
    /// Whether answers may be read now; `false` holds the server back.
    var wantsInput: Bool { true }
    /// Whether the server owes us something: only then a deadline runs.
    var awaitsServer: Bool { true }
    /// Whether the work may have been committed although its end was not seen.
    var mayHaveCommitted: Bool { false }
    /// The caller is gone: what comes is thrown away.
    func abandon() {}

    /// The exchange never started.
    final func refuse(_ error: PostgresError) { failure = error }

    /// The connection is gone in the middle.
    func lost(_ error: PostgresError) {
        if let failure, !failure.isConnectionLoss { return }  // the work had failed before, and the rest of it was skipped
        let cause = failure ?? error  // the server's own farewell says more than the end of the stream
        guard mayHaveCommitted else {
            failure = cause
            return
        }
        failure = traits.endsTransaction ? cause.with(code: .commitUnknown, outcomeUnknown: true) : cause.with(outcomeUnknown: true)
    }

    /// The end: wakes whoever waits.
    final func finish() {
        isFinished = true
        wake()
    }

    /// Lets the caller wait for ``wake()``. At most one waits.
    ///
    /// The continuation is unchecked (a checked one is an allocation per query): ``wake()`` takes it out before it resumes it, everything happens on one
    /// loop, and ``finish()``, which every exchange reaches, wakes whoever is left.
    final func wait(_ continuation: UnsafeContinuation<Void, Never>) {
        precondition(waiter == nil, "two tasks wait for one exchange")
        if isSignalled || isFinished {
            isSignalled = false
            continuation.resume()
        } else {
            waiter = continuation
        }
    }

    final func wake() {
        guard let waiter else {
            isSignalled = true
            return
        }
        self.waiter = nil
        waiter.resume()
    }
}
