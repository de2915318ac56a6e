/// A thread of execution that runs Swift jobs one at a time and watches sockets and timers.
///
/// It is a task executor, so a caller that runs on it reaches its connection without a change of threads; and it has a serial executor, that of the
/// connections pinned to it, so everything about a connection happens on it without locks. Work on it must be short and must not block.
///
/// The two are different objects on purpose: the runtime compares the executors a job was started under with those it moves to, and a job of an actor that
/// was started as if its task preferred the loop (or the other way round) is put back in the queue at every call. As one object a query took nine jobs.
package protocol EventLoop: TaskExecutor {
    /// The executor of actors pinned to the loop.
    var serial: LoopSerialExecutor { get }
    /// Runs a job of such an actor.
    func enqueueIsolated(_ job: UnownedJob)
    /// Whether the caller runs on this loop.
    var isCurrent: Bool { get }
    /// Runs `body` on the loop; from any thread.
    func execute(_ body: @escaping @Sendable () -> Void)
    /// Runs `body` on the loop once `deadline` has passed; from any thread. Cannot be taken back: `body` looks whether it still matters.
    func schedule(at deadline: MonotonicTime, _ body: @escaping @Sendable () -> Void)
    /// Tells `handler` whenever `descriptor` is ready for one of `interest`; replaces an earlier interest. On the loop only.
    func watch(_ descriptor: Int32, for interest: Readiness, _ handler: any SocketHandler)
    /// Forgets a descriptor, before it is closed. On the loop only.
    func unwatch(_ descriptor: Int32)
}

/// The serial executor of one event loop.
package final class LoopSerialExecutor: SerialExecutor {
    /// The loop owns this object and whoever runs on it owns the loop.
    private unowned let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) { loop.enqueueIsolated(UnownedJob(job)) }
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    package func checkIsolated() { precondition(loop.isCurrent, "not on the event loop") }
    package func isIsolatingCurrentContext() -> Bool? { loop.isCurrent }
}

/// What a socket is ready for, or should be watched for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Data, the end of the stream, or an error can be read.
    package static let readable = Readiness(rawValue: 1)
    /// Data can be written, or an error is there.
    package static let writable = Readiness(rawValue: 2)
}

/// Who is told about a socket.
package protocol SocketHandler: AnyObject, Sendable {
    /// Called on the loop.
    func socketReady(_ readiness: Readiness)
}

/// A point on the clock that never jumps, in nanoseconds.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package var nanoseconds: UInt64
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Now.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Later by `duration`; never earlier, never past the end of the clock.
    package static func + (time: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return time }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return MonotonicTime(nanoseconds: .max) }
        let (sum, carried) = time.nanoseconds.addingReportingOverflow(whole + UInt64(attoseconds / 1_000_000_000))
        return MonotonicTime(nanoseconds: carried ? .max : sum)
    }

    /// How much later than `earlier`; zero when it is not.
    package func since(_ earlier: MonotonicTime) -> Duration {
        self > earlier ? .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds)) : .zero
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
