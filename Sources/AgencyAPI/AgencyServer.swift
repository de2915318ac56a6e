package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Where the server listens and what it allows.
package struct AgencyServerConfiguration: Sendable {
    /// Host name or address to listen on.
    package var host: String
    /// Port; 0 takes a free one.
    package var port: Int
    /// Limits on requests at work.
    package var admission: AdmissionLimits
    /// Open connections; beyond it new ones wait in the kernel's queue. Each costs a file descriptor and some kB.
    package var connectionsMax: Int
    /// A connection without a request for so long is closed. Longer than the longest wait of a call, so that a parked one is never cut off.
    package var idleTimeout: Duration

    /// Listens on the loopback unless told otherwise. There is no TLS here: a reverse proxy ends it.
    package init(
        host: String = "127.0.0.1", port: Int = 8080, admission: AdmissionLimits = AdmissionLimits(), connectionsMax: Int = 12_000,
        idleTimeout: Duration = .seconds(180)
    ) {
        self.host = host
        self.port = port
        self.admission = admission
        self.connectionsMax = connectionsMax
        self.idleTimeout = idleTimeout
    }
}

/// The HTTP server agencies talk to. On graceful shutdown it takes no new connections, answers what is under way, and ends parked calls.
package struct AgencyServer: Service {
    private let application: Application<AgencyResponder>

    /// A server over `dispatch`.
    ///
    /// - Parameters:
    ///   - configuration: Address and limits.
    ///   - dispatch: What answers the calls.
    ///   - authenticator: What knows the credentials; put ``CachedAuthenticator`` before a database.
    ///   - idempotency: Where answers to calls with an `Idempotency-Key` are kept.
    ///   - logger: Access log at `debug`, failures at `warning` and above.
    ///   - onListening: Called with the port once connections are taken.
    package init(
        configuration: AgencyServerConfiguration, dispatch: any DispatchPort, authenticator: any AgencyAuthenticator,
        idempotency: any IdempotencyStore, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let responder = AgencyResponder(
            dispatch: dispatch, authenticator: authenticator, idempotency: idempotency,
            admission: Admission(limits: configuration.admission), logger: logger)
        let watch = responder.watch
        // The server underneath logs its own start at info and every broken connection at debug.
        var serverLogger = logger
        serverLogger.logLevel = max(logger.logLevel, .notice)
        application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [watch.makeHandler()],
                    idleTimeout: .nanoseconds(configuration.idleTimeout.components.seconds * 1_000_000_000),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.headerBytesMax, maxHeaderListSize: Self.headerBytesMax,
                        maxHeaderFieldCount: Self.headersMax))),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), backlog: Self.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connectionsMax, logger: serverLogger)),
            onServerRunning: { channel in
                channel.eventLoop.execute { CloseOnExec.mark(channel) }
                await onListening(channel.localAddress?.port ?? configuration.port)
            },
            logger: serverLogger)
    }

    package func run() async throws {
        try await application.run()
    }

    /// The application, for tests that need no socket.
    package var testable: Application<AgencyResponder> { application }

    /// A request line, a token and a handful of headers.
    private static let headerBytesMax = 16 << 10
    private static let headersMax = 64
    /// Connections the kernel may hold until they are taken: a fleet that reconnects after a restart.
    private static let backlog = 1024
}
