import Crypto
import Synchronization

/// A value under a lock that wakes whoever waits for it to become something.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    /// Reads or changes the value; who waits looks again.
    @discardableResult
    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        defer { wake() }
        return state.withLock { body(&$0.value) }
    }

    /// The first answer `body` gives, asked again after each change; nil when the time is up or the task is cancelled.
    func first<Result: Sendable>(by deadline: ContinuousClock.Instant? = nil, _ body: (inout Value) -> Result?) async -> Result? {
        let alarm = deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline, clock: .continuous)
                wake()
            }
        }
        defer { alarm?.cancel() }
        return await withTaskCancellationHandler {
            while true {
                var answer: Result?
                var isOver = false
                await withCheckedContinuation { continuation in
                    // Asked and put into the line under one lock: no change, alarm or cancellation falls between.
                    let mustWait = state.withLock { state in
                        answer = body(&state.value)
                        isOver = Task.isCancelled || deadline.map { ContinuousClock.now >= $0 } ?? false
                        guard answer == nil, !isOver else { return false }
                        state.waiting.append(continuation)
                        return true
                    }
                    if !mustWait { continuation.resume() }
                }
                if let answer {
                    wake()
                    return answer
                }
                if isOver { return nil }
            }
        } onCancel: {
            wake()
        }
    }

    /// Waits until the value satisfies `condition`. A test whose time is up is cancelled: its expectations then say what did not happen.
    func until(_ condition: (Value) -> Bool) async { _ = await first { condition($0) ? true : nil } }

    private func wake() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }
}

/// Holds back who passes while it is closed.
final class Gate: Sendable {
    private let state = Mutex<(closed: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    /// How many are held back.
    let held = Watched(0)

    func close() { state.withLock { $0.closed = true } }

    func open() {
        let waiting = state.withLock { state in
            state.closed = false
            defer { state.waiting = [] }
            return state.waiting
        }
        held.withLock { $0 = 0 }
        waiting.forEach { $0.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let free = state.withLock { state in
                if state.closed { state.waiting.append(continuation) }
                return !state.closed
            }
            if free { continuation.resume() } else { held.withLock { $0 += 1 } }
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
