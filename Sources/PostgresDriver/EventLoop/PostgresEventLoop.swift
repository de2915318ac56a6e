import Synchronization

/// The event loops of the process.
///
/// Callers on the hot path run their own task on the loop of their connection, which saves two changes of threads per query:
/// `Task(executorPreference: PostgresEventLoop.shared) { … }`. Such a task must not block and must not compute for long: every connection of the loop waits.
public enum PostgresEventLoop {
    /// One loop serves thousands of connections; a second one pays only where there are cores to spare.
    private static let loops: [any EventLoop] = (0..<2).map { make("postgres-loop-\($0)") }
    private static let next = Atomic<UInt>(0)

    /// Connecting (SCRAM, TLS) costs milliseconds of CPU, which must not delay queries: it has a loop of its own.
    static let connector: any EventLoop = make("postgres-connect")
    /// Blocking name resolution.
    static let resolvers = BlockingThreads(name: "postgres-dns", limit: 4)
    /// Blocking cancel requests.
    static let cancellers = BlockingThreads(name: "postgres-cancel", limit: 8)

    /// The loop that connections use unless they are given another.
    public static var shared: any TaskExecutor & SerialExecutor { loops[0] }

    /// The loop that connections use unless they are given another, for this package.
    package static var main: any EventLoop { loops[0] }

    private static func make(_ name: String) -> any EventLoop {
        #if os(Linux)
            EpollLoop(name: name)
        #else
            DispatchLoop(name: name)
        #endif
    }
}
