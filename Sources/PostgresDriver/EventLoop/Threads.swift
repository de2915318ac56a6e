import DequeModule
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Threads of our own.
enum Threads {
    /// Runs `body` on a new detached thread.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let name: String, body: @Sendable () -> Void
            init(_ name: String, _ body: @escaping @Sendable () -> Void) {
                self.name = name
                self.body = body
            }
        }
        #if canImport(Darwin)
            var id: pthread_t?
        #else
            var id = pthread_t()
        #endif
        let box = Unmanaged.passRetained(Box(name, body))
        let failed = pthread_create(
            &id, nil,
            { argument in
                #if canImport(Darwin)
                    let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                    pthread_setname_np(box.name)
                #else
                    // The C signature takes an optional argument; it is never nil here.
                    guard let argument else { return nil }
                    let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                    // `pthread_setname_np` is a GNU extension that the C library's module does not show.
                    let comm = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
                    if comm >= 0 {
                        _ = box.name.withCString { write(comm, $0, strlen($0)) }  // a name is a convenience of profilers
                        close(comm)
                    }
                #endif
                box.body()
                return nil
            }, box.toOpaque())
        precondition(failed == 0, "could not start a thread")
        #if canImport(Darwin)
            if let id { pthread_detach(id) }
        #else
            pthread_detach(id)
        #endif
    }
}

/// A few threads for calls that block (name resolution, `PQcancel`): started when there is work, gone when there is none.
final class BlockingThreads: Sendable {
    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        var running = 0
    }
    private let state = Mutex(State())
    private let name: String
    private let limit: Int

    /// - Parameters:
    ///   - name: Shown for the threads.
    ///   - limit: Most threads at once; further work waits its turn.
    init(name: String, limit: Int) {
        self.name = name
        self.limit = limit
    }

    /// Runs `body` on one of the threads, in order of submission.
    func submit(_ body: @escaping @Sendable () -> Void) {
        let start = state.withLock { state in
            state.waiting.append(body)
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
        if start { Threads.start(name: name) { self.drain() } }
    }

    private func drain() {
        while true {
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                guard let next = state.waiting.popFirst() else {
                    state.running -= 1
                    return nil
                }
                return next
            }
            guard let next else { return }
            next()
        }
    }
}
