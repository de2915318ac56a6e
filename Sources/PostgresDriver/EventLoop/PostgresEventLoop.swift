/// The event loop of the process.
///
/// Callers on the hot path run their own task on the loop of their connection, which saves two changes of threads per query:
/// `Task(executorPreference: PostgresEventLoop.shared) { … }`. Such a task must not block and must not compute for long: every connection of the loop waits.
///
/// One loop serves all connections. It spends some eight microseconds on a query, of which the kernel takes most; a second one pays only on a machine with
/// cores to spare, and would take from callers the certainty that they share a thread with their connection.
///
/// Dispatch does not run its transactions on the loop. Tried, as shares of the hand-written limit in leases and reports of 100 on two cores: on this
/// loop 0.54 to 0.61 with two clients, on two such loops 0.51 to 0.52, on the threads of the process 0.55 to 0.60; with four clients 0.59 to 0.64, 0.66 to 0.68
/// and 0.58 to 0.68. It saves 7 % of the program's CPU, and batches then wait for each other's decisions.
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
