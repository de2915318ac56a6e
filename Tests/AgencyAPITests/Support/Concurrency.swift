import Crypto
import Synchronization

/// Wakes everybody who waits for the next change.
final class Signal: Sendable {
    private struct State {
        var generation = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func raise() {
        let waiting = state.withLock { state in
            state.generation += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    /// The next change; at the latest after a moment, so that a change between a look and this call is not missed.
    func next() async {
        let alarm = Task {
            try await Task.sleep(for: .milliseconds(20))
            raise()
        }
        await withCheckedContinuation { continuation in state.withLock { $0.waiting.append(continuation) } }
        alarm.cancel()
    }
}

/// Holds back who passes while it is closed.
final class Gate: Sendable {
    private let state = Mutex<(closed: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    var waiting: Int { state.withLock { $0.waiting.count } }

    func close() { state.withLock { $0.closed = true } }

    func open() {
        let waiting = state.withLock { state in
            state.closed = false
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let free = state.withLock { state in
                if state.closed { state.waiting.append(continuation) }
                return !state.closed
            }
            if free { continuation.resume() }
        }
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    @discardableResult func add() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    var value: Int { count.withLock { $0 } }
}

enum Hash {
    static func sha256(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}
