import NIOCore
import Synchronization

/// Knows the open connections, so that a parked call can end when its caller has gone: leases granted to nobody would be out until they expire.
final class DisconnectWatch: Sendable {
    private struct Connections {
        var onClose: [ObjectIdentifier: [UInt64: @Sendable () -> Void]] = [:]
        var next: UInt64 = 0
    }

    private let connections = Mutex(Connections())

    /// Runs `operation`; cancels it if the caller's connection closes meanwhile.
    func cancelWhenGone<Value: Sendable>(
        _ channel: any Channel, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let id = ObjectIdentifier(channel)
        let work = Task { try await operation() }
        let gone = GoneFlag()
        let number: UInt64? = connections.withLock { connections in
            guard connections.onClose[id] != nil else { return nil }
            connections.next += 1
            connections.onClose[id]?[connections.next] = {
                gone.raise()
                work.cancel()
            }
            return connections.next
        }
        // No entry: not a socket of this server (a test's own channel), or closed just now.
        if number == nil, !channel.isActive {
            gone.raise()
            work.cancel()
        }
        defer {
            if let number { connections.withLock { _ = $0.onClose[id]?.removeValue(forKey: number) } }
        }
        return try await withTaskCancellationHandler {
            do {
                return try await work.value
            } catch is CancellationError {
                if gone.isRaised { throw CallerGone() }
                throw CancellationError()
            }
        } onCancel: {
            work.cancel()
        }
    }

    /// Whether the caller, and not the server's stop, ended a wait.
    private final class GoneFlag: Sendable {
        private let raised = Mutex(false)
        var isRaised: Bool { raised.withLock { $0 } }
        func raise() { raised.withLock { $0 = true } }
    }

    /// The handler to add to each connection.
    func makeHandler() -> any RemovableChannelHandler { DisconnectHandler(watch: self) }

    fileprivate func opened(_ channel: any Channel) {
        connections.withLock { $0.onClose[ObjectIdentifier(channel)] = [:] }
    }

    fileprivate func closed(_ channel: any Channel) {
        let actions = connections.withLock { $0.onClose.removeValue(forKey: ObjectIdentifier(channel)) }
        actions?.values.forEach { $0() }
    }
}

/// The caller left while its call was parked.
struct CallerGone: Error {}

/// Tells ``DisconnectWatch`` when its connection closes, and takes the end of the caller's sending as the end of the connection, as reverse
/// proxies do: half-closed connections are otherwise indistinguishable from waiting ones. Also keeps the connection out of child processes.
private final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let watch: DisconnectWatch

    init(watch: DisconnectWatch) {
        self.watch = watch
    }

    func handlerAdded(context: ChannelHandlerContext) {
        CloseOnExec.mark(context.channel)
        watch.opened(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch.closed(context.channel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch.closed(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { watch.closed(context.channel) }
        context.fireUserInboundEventTriggered(event)
    }
}
