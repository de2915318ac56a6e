public import Logging
import Synchronization

/// Listens on channels over a connection of its own and comes back after a loss.
///
/// Notifications are hints: those sent while the connection was away are lost. Therefore every (re)connection, and every overflow of the buffer, is told as
/// ``Event/resync``: look at the tables then.
///
/// ```swift
/// for await event in PostgresListener(configuration: configuration, channels: ["work"], logger: logger) {
///     switch event {
///     case .resync: await wakeEveryone()
///     case .notification(let note): await wake(note.payload)
///     }
/// }
/// ```
/// The connection is made when iteration begins and closed when it ends: with the loop left, or its task cancelled.
public final class PostgresListener: Sendable, AsyncSequence {
    /// What a listener hears.
    public enum Event: Sendable, Hashable {
        /// The channels are listened to from now on, or something was missed: look for yourself.
        case resync
        /// A message.
        case notification(PostgresNotification)
    }
    /// What is iterated over.
    public typealias Element = Event
    /// A listener does not fail: it reconnects.
    public typealias Failure = Never

    /// How often the connection is asked whether it lives.
    private static let checkInterval = Duration.seconds(30)

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let bufferMax: Int
    private let logger: Logger

    /// A listener.
    ///
    /// - Parameters:
    ///   - configuration: Where and how to connect; not behind a pooler.
    ///   - channels: What to listen to.
    ///   - bufferMax: Most events kept for a slow consumer; what does not fit becomes one ``Event/resync``.
    ///   - logger: For losses and failed attempts.
    public init(configuration: PostgresConfiguration, channels: [String], bufferMax: Int = 10_000, logger: Logger) {
        self.configuration = configuration
        self.channels = channels
        self.bufferMax = bufferMax
        self.logger = logger
    }

    /// Connects and begins.
    public func makeAsyncIterator() -> AsyncIterator {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(bufferMax))
        let sink = Sink(continuation)
        let task = Task { @concurrent in await self.listen(sink) }
        continuation.onTermination = { _ in task.cancel() }
        return AsyncIterator(sink: sink, inner: stream.makeAsyncIterator())
    }

    /// Takes the events one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let sink: Sink
        fileprivate var inner: AsyncStream<Event>.Iterator

        /// The next event; `nil` when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> Event? {
            if sink.takeMissed() { return .resync }
            return await inner.next(isolation: actor)
        }
    }

    /// Where events go; remembers that one did not fit.
    fileprivate final class Sink: Sendable {
        private let continuation: AsyncStream<Event>.Continuation
        private let missed = Atomic<Bool>(false)
        init(_ continuation: AsyncStream<Event>.Continuation) { self.continuation = continuation }
        func send(_ event: Event) {
            if case .dropped = continuation.yield(event) { missed.store(true, ordering: .releasing) }
        }
        func takeMissed() -> Bool { missed.exchange(false, ordering: .acquiringAndReleasing) }
    }

    private func listen(_ sink: Sink) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(configuration, logger: logger)
                failures = 0
                do {
                    try await serve(connection, sink)
                } catch {
                    await connection.close()
                    throw error
                }
                await connection.close()
            } catch {
                if Task.isCancelled { return }
                let code = (error as? PostgresError)?.code.description ?? "unknown"
                logger.notice("listener lost its connection", metadata: ["postgres.code": "\(code)", "postgres.failures": "\(failures)"])
                let wait = Swift.min(Duration.milliseconds(50) * (1 << Swift.min(failures, 10)), .seconds(5))
                failures += 1
                do {
                    try await Task.sleep(for: wait * Double.random(in: 0.5...1))
                } catch {
                    return
                }
            }
        }
    }

    /// Listens until the connection ends.
    private func serve(_ connection: PostgresConnection, _ sink: Sink) async throws {
        await connection.setNotificationHandler { sink.send(.notification($0)) }
        for channel in channels {
            try await connection.query("LISTEN \(identifier: channel)")
        }
        sink.send(.resync)
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        await connection.notifyWhenClosed { ended.finish() }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in ends {}
                return true
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.checkInterval)
                    guard await connection.isAlive() else { return true }
                }
            }
            _ = try await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
        throw PostgresError(.connectionClosed, "the listening connection was lost")
    }
}

extension PostgresConnection {
    /// Has `body` called on the event loop for every notification.
    func setNotificationHandler(_ body: @escaping @Sendable (PostgresNotification) -> Void) { onNotification = body }
}
