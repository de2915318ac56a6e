import CLibPQ
public import Logging

/// One attempt at one address, on the connector's loop.
///
/// `@unchecked Sendable`: everything that changes is touched on that loop alone; `run()` only hands the continuation over to it.
final class ConnectAttempt: SocketHandler, @unchecked Sendable {
    private let configuration: PostgresConfiguration
    private let host: PostgresConfiguration.Host
    private let address: String?
    private let loop: any EventLoop = PostgresEventLoop.connector
    private var raw: OpaquePointer?
    private var watched: Int32 = -1
    private var continuation: CheckedContinuation<Result<Connector.Connected, PostgresError>, Never>?
    private var isOver = false

    init(_ configuration: PostgresConfiguration, _ host: PostgresConfiguration.Host, _ address: String?) {
        self.configuration = configuration
        self.host = host
        self.address = address
    }

    /// Connects.
    func run() async throws(PostgresError) -> Connector.Connected {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute { self.start(continuation) }
            }
        } onCancel: {
            loop.execute { self.end(.failure(PostgresError(.cancelled, "the task was cancelled while connecting"))) }
        }
        return try result.get()
    }

    private func start(_ continuation: CheckedContinuation<Result<Connector.Connected, PostgresError>, Never>) {
        self.continuation = continuation
        if isOver {  // cancelled before it began
            end(.failure(PostgresError(.cancelled, "the task was cancelled while connecting")))
            return
        }
        let parameters = Self.parameters(configuration, host, address)
        raw = Self.withCStrings(parameters.map(\.0)) { names in
            Self.withCStrings(parameters.map(\.1)) { values in PQconnectStartParams(names, values, 0) }
        }
        guard raw != nil, PQstatus(raw) != CONNECTION_BAD else {
            end(.failure(failure()))
            return
        }
        loop.schedule(at: .now + configuration.connectTimeout) { [self] in
            end(.failure(PostgresError(.connectionFailed, "no answer from \(host) within \(configuration.connectTimeout)")))
        }
        // Before the first poll libpq wants the socket to become writable.
        watch(.writable)
    }

    func socketReady(_ readiness: Readiness) {
        guard !isOver else { return }
        switch PQconnectPoll(raw) {
        case PGRES_POLLING_READING: watch(.readable)
        case PGRES_POLLING_WRITING: watch(.writable)
        case PGRES_POLLING_OK:
            guard let raw else { return }
            self.raw = nil
            end(.success(Connector.Connected(raw: raw, host: host)))
        default: end(.failure(failure()))
        }
    }

    private func watch(_ interest: Readiness) {
        // libpq may have replaced its socket (TLS refused, then again without).
        let socket = PQsocket(raw)
        guard socket >= 0 else {
            end(.failure(failure()))
            return
        }
        if watched >= 0, watched != socket { loop.unwatch(watched) }
        watched = socket
        loop.watch(socket, for: interest, self)
    }

    private func end(_ result: Result<Connector.Connected, PostgresError>) {
        guard !isOver || continuation != nil else { return }
        isOver = true
        if watched >= 0 { loop.unwatch(watched) }
        watched = -1
        if let raw { PQfinish(raw) }
        raw = nil
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(returning: result)
    }

    private func failure() -> PostgresError {
        let text = raw.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "out of memory"
        let line = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
        return PostgresError(.connectionFailed, line.isEmpty ? "could not connect to \(host)" : line)
    }

    /// libpq's parameters for one address.
    static func parameters(_ configuration: PostgresConfiguration, _ host: PostgresConfiguration.Host, _ address: String?) -> [(
        String, String
    )] {
        var list: [(String, String)] = [
            ("host", host.name), ("port", String(host.port)), ("user", configuration.user), ("dbname", configuration.database),
            ("sslmode", configuration.tls.mode), ("gssencmode", "disable"), ("client_encoding", "UTF8"),
            ("application_name", configuration.applicationName), ("target_session_attrs", configuration.targetSessionAttributes.rawValue),
        ]
        if let address { list.append(("hostaddr", address)) }
        if let password = configuration.password { list.append(("password", password)) }
        if let file = configuration.tls.rootCertificate { list.append(("sslrootcert", file)) }
        if let file = configuration.tls.certificate { list.append(("sslcert", file)) }
        if let file = configuration.tls.key { list.append(("sslkey", file)) }
        if !host.isLocal {
            let keepalive = configuration.keepalive
            list.append(("keepalives", "1"))
            list.append(("keepalives_idle", String(keepalive.idle.components.seconds)))
            list.append(("keepalives_interval", String(keepalive.interval.components.seconds)))
            list.append(("keepalives_count", String(keepalive.count)))
            list.append(("tcp_user_timeout", String(milliseconds(keepalive.userTimeout))))
        }
        var options = configuration.extra["options"].map { [$0] } ?? []
        if let timeout = configuration.statementTimeout { options.append("-c statement_timeout=\(milliseconds(timeout))") }
        for (name, value) in configuration.extra.sorted(by: { $0.key < $1.key }) where name != "options" {
            if known.contains(name) { list.append((name, value)) } else { options.append("-c \(name)=\(escaped(value))") }
        }
        // A pooler in transaction mode knows nothing of start-up options (PooledSession); our own deadline still holds there.
        if configuration.namedStatements, !options.isEmpty { list.append(("options", options.joined(separator: " "))) }
        return list
    }

    /// Parameters libpq itself understands; everything else is a setting of the session.
    static let known: Set<String> = {
        var names: Set<String> = []
        guard let options = PQconndefaults() else { return names }
        defer { PQconninfoFree(options) }
        var next = options
        while let keyword = next.pointee.keyword {
            names.insert(String(cString: keyword))
            next += 1
        }
        return names
    }()

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            if character == "\\" || character == " " { text.append("\\") }
            text.append(character)
        }
        return text
    }

    private static func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
        let bytes = strings.map { ContiguousArray($0.utf8CString) }
        let flat = bytes.flatMap { $0 }
        return flat.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = []
            var at = 0
            for string in bytes {
                pointers.append(buffer.baseAddress.map { $0 + at })
                at += string.count
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { list in
                guard let base = list.baseAddress else { preconditionFailure("a list that ends with nil is not empty") }
                return body(base)
            }
        }
    }
}

extension PostgresConnection {
    /// Connects to the first host of the configuration that will do.
    ///
    /// - Parameters:
    ///   - configuration: Where and how.
    ///   - logger: Failed attempts and the end of the connection are logged at `debug`.
    /// - Throws: `.connectionFailed`, `.cancelled` or `.configuration`.
    public static func connect(_ configuration: PostgresConfiguration, logger: Logger) async throws(PostgresError) -> PostgresConnection {
        try await connect(configuration, on: PostgresEventLoop.main, logger: logger)
    }

    /// Connects and pins the connection to `loop`.
    package static func connect(_ configuration: PostgresConfiguration, on loop: any EventLoop, logger: Logger) async throws(PostgresError)
        -> PostgresConnection
    {
        let settings = try PooledSession.statements(configuration)
        let connected = try await Connector.connect(configuration, logger: logger)
        let connection = PostgresConnection(adopting: connected, configuration: configuration, on: loop, logger: logger, onClose: nil)
        await connection.activate()
        do throws(PostgresError) {
            _ = try await connection.pipeline(settings)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }
}
