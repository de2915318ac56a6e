import Synchronization

/// A flag one task sleeps on and others raise. Raised while nobody sleeps it stays raised, so no wake-up is lost.
final class Wake: Sendable {
    private enum State {
        case idle
        case raised
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    /// Wakes the sleeper, or the next one.
    func raise() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch state {
            case .idle, .raised:
                state = .raised
                return nil
            case .waiting(let continuation):
                state = .idle
                return continuation
            }
        }
        waiting?.resume()
    }

    /// Sleeps until raised or cancelled. One task at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    switch state {
                    case .raised:
                        state = .idle
                        return true
                    case .idle:
                        if Task.isCancelled { return true }
                        state = .waiting(continuation)
                        return false
                    case .waiting: preconditionFailure("two tasks wait on one wake")
                    }
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }

    /// Sleeps until raised, cancelled, or `duration` has passed.
    func wait(atMost duration: Duration) async {
        let alarm = Task { [weak self] in
            try await Task.sleep(for: duration)
            self?.raise()
        }
        await wait()
        alarm.cancel()
    }
}
