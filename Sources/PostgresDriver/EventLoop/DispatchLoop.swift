import Dispatch
import Synchronization

/// The event loop of other platforms: a serial queue and its readiness sources. It also builds on Linux, where the tests hold both to the same behaviour.
///
/// `@unchecked Sendable`: `sources` is touched on the queue alone.
package final class DispatchLoop: EventLoop, @unchecked Sendable {
    private final class Watch {
        var handler: any SocketHandler
        var read: (any DispatchSourceRead)?
        var write: (any DispatchSourceWrite)?
        init(_ handler: any SocketHandler) { self.handler = handler }
    }
    private let queue: DispatchQueue
    private static let key = DispatchSpecificKey<ObjectIdentifier>()
    private var watches: [Int32: Watch] = [:]
    /// Set once, in `init`, before anybody else knows the loop.
    private var ownSerial: LoopSerialExecutor?

    /// A loop on a queue of its own.
    package init(name: String) {
        queue = DispatchQueue(label: name)
        queue.setSpecific(key: Self.key, value: ObjectIdentifier(self))
        ownSerial = LoopSerialExecutor(self)
    }

    package var serial: LoopSerialExecutor {
        guard let ownSerial else { preconditionFailure("set in init") }
        return ownSerial
    }

    package var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.key) == ObjectIdentifier(self) }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    package func enqueueIsolated(_ job: UnownedJob) {
        queue.async { job.runSynchronously(on: self.serial.asUnownedSerialExecutor()) }
    }

    package func execute(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    package func schedule(at deadline: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
        let wait = deadline.since(.now)
        let (seconds, attoseconds) = wait.components
        let nanoseconds = seconds > 100_000_000 ? Int64.max / 2 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds)), execute: body)
    }

    package func watch(_ descriptor: Int32, for interest: Readiness, _ handler: any SocketHandler) {
        dispatchPrecondition(condition: .onQueue(queue))
        let watch = watches[descriptor] ?? Watch(handler)
        watch.handler = handler
        watches[descriptor] = watch
        // A source is made when wanted and cancelled when not: a suspended source may not be released.
        if interest.contains(.readable), watch.read == nil {
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler { @Sendable [weak self] in self?.ready(descriptor, .readable) }
            watch.read = source
            source.resume()
        } else if !interest.contains(.readable) {
            watch.read?.cancel()
            watch.read = nil
        }
        if interest.contains(.writable), watch.write == nil {
            let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler { @Sendable [weak self] in self?.ready(descriptor, .writable) }
            watch.write = source
            source.resume()
        } else if !interest.contains(.writable) {
            watch.write?.cancel()
            watch.write = nil
        }
    }

    package func unwatch(_ descriptor: Int32) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard let watch = watches.removeValue(forKey: descriptor) else { return }
        watch.read?.cancel()
        watch.write?.cancel()
    }

    private func ready(_ descriptor: Int32, _ readiness: Readiness) {
        watches[descriptor]?.handler.socketReady(readiness)
    }
}
