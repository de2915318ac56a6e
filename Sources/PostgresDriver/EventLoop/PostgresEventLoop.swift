/// The event loop of the process.
///
/// Callers on the hot path run their own task on the loop of their connection, which saves two changes of threads per query:
/// `Task(executorPreference: PostgresEventLoop.shared) { … }`. Such a task must not block and must not compute for long: every connection of the loop waits.
///
/// One loop serves all connections. It spends some eight microseconds on a query, of which the kernel takes most; a second one pays only on a machine with
/// cores to spare, and would take from callers the certainty that they share a thread with their connection.
public enum PostgresEventLoop {
    /// The loop that connections use.
    public static var shared: any TaskExecutor { main }

    /// The loop that connections use, for this package.
    package static let main: any EventLoop = make("postgres-loop")
    /// Connecting (SCRAM, TLS) costs milliseconds of CPU, which must not delay queries: it has a loop of its own.
    static let connector: any EventLoop = make("postgres-connect")
    /// Blocking name resolution.
    static let resolvers = BlockingThreads(name: "postgres-dns", limit: 4)
    /// Blocking cancel requests.
    static let cancellers = BlockingThreads(name: "postgres-cancel", limit: 8)

    private static func make(_ name: String) -> any EventLoop {
        #if os(Linux)
            EpollLoop(name: name)
        #else
            DispatchLoop(name: name)
        #endif
    }
}
