import CLibPQ
import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes connections: walks the hosts, one address at a time, each within the connect timeout.
///
/// libpq's own walk is not used: without blocking it ignores `connect_timeout`, and it resolves names blocking.
enum Connector {
    /// A connected `PGconn` on its way to the connection that will own it. Unsafe to share and never shared: the attempt that made it has let go of it,
    /// and the connection takes it before anybody else can.
    struct Connected: Sendable {
        nonisolated(unsafe) let raw: OpaquePointer
        let host: PostgresConfiguration.Host
    }

    /// Connects to the first host that will do.
    ///
    /// - Throws: `.connectionFailed` with what the last host said, `.cancelled`, or `.configuration`.
    @concurrent
    static func connect(_ configuration: PostgresConfiguration, logger: Logger) async throws(PostgresError) -> Connected {
        guard !configuration.hosts.isEmpty else { throw PostgresError(.configuration, "cannot connect: no host is given") }
        var last: PostgresError?
        for host in configuration.hosts {
            let addresses: [String?]
            do throws(PostgresError) {
                addresses = try await resolve(host, within: configuration.connectTimeout)
            } catch {
                last = error
                continue
            }
            for address in addresses {
                if Task.isCancelled { throw PostgresError(.cancelled, "the task was cancelled while connecting") }
                let attempt = ConnectAttempt(configuration, host, address)
                do throws(PostgresError) {
                    return try await attempt.run()
                } catch {
                    if error.code == .cancelled { throw error }
                    logger.debug(
                        "connection attempt failed",
                        metadata: ["postgres.host": "\(host)", "postgres.code": "\(error.code)", "postgres.reason": "\(error.message)"])
                    last = error
                }
            }
        }
        let tried = configuration.hosts.map(\.description).joined(separator: ", ")
        throw PostgresError(.connectionFailed, "could not connect to \(tried): \(last?.message ?? "no address")", sqlState: last?.sqlState)
    }

    /// The addresses of a host; `[nil]` for a Unix socket.
    private static func resolve(_ host: PostgresConfiguration.Host, within limit: Duration) async throws(PostgresError) -> [String?] {
        if host.isLocal { return [nil] }
        if isNumeric(host.name) { return [host.name] }
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<[String]?, Never>) in
            // The resolver cannot be stopped: whoever of the two comes first answers.
            let once = Once(continuation)
            PostgresEventLoop.resolvers.submit { once.resume(lookUp(host.name)) }
            PostgresEventLoop.connector.schedule(at: .now + limit) { once.resume(nil) }
        }
        guard let answer, !answer.isEmpty else { throw PostgresError(.connectionFailed, "could not resolve host name \(host.name)") }
        return answer
    }

    private final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<[String]?, Never>?>
        init(_ continuation: CheckedContinuation<[String]?, Never>) { self.continuation = Mutex(continuation) }
        func resume(_ value: [String]?) {
            let waiting = continuation.withLock { $0.take() }
            waiting?.resume(returning: value)
        }
    }

    private static func isNumeric(_ name: String) -> Bool {
        var space = in6_addr()
        return inet_pton(AF_INET, name, &space) == 1 || inet_pton(AF_INET6, name, &space) == 1
    }

    /// Blocking: the numeric addresses of a name, each once, in the order of the system.
    private static func lookUp(_ name: String) -> [String] {
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
                if !address.isEmpty, !found.contains(address) { found.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
