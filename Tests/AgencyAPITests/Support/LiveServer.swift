import AgencyAPI
import AgencyClient
import Foundation
import Logging
import ServiceLifecycle

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A real server on a free port of the loopback, over a fake dispatch.
struct LiveServer: Sendable {
    let dispatch: FakeDispatch
    let port: Int
    let group: ServiceGroup

    var url: String { "http://127.0.0.1:\(port)" }

    func client(token: String = FakeAuthenticator.token, initial: Duration = .milliseconds(10), connections: Int = 64) -> AgencyClient {
        AgencyClient(
            configuration: AgencyClientConfiguration(
                url: url, token: token, backoff: Backoff(initial: initial, max: .milliseconds(200)), connectionsMax: connections),
            logger: quiet)
    }

    /// Runs `body` against a server, which is stopped afterwards.
    static func run<Value: Sendable>(
        dispatch: FakeDispatch = FakeDispatch(), port: Int = 0, admission: AdmissionLimits = AdmissionLimits(),
        _ body: @Sendable (LiveServer) async throws -> Value
    ) async throws -> Value {
        let (group, running, port) = try await start(dispatch: dispatch, port: port, admission: admission)
        do {
            let value = try await body(LiveServer(dispatch: dispatch, port: port, group: group))
            await group.triggerGracefulShutdown()
            try await running.value
            return value
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }

    /// Starts a server. A port that was just left may be held a moment longer, by a process another test is starting right then (between fork and
    /// exec it has copies of all sockets); so a named port is tried for again.
    private static func start(
        dispatch: FakeDispatch, port: Int, admission: AdmissionLimits
    ) async throws -> (group: ServiceGroup, running: Task<Void, any Error>, port: Int) {
        var tries = 0
        while true {
            let (ports, found) = AsyncStream.makeStream(of: Int.self)
            let server = AgencyServer(
                configuration: AgencyServerConfiguration(port: port, admission: admission), dispatch: dispatch,
                authenticator: FakeAuthenticator(), idempotency: MemoryIdempotency(), logger: quiet, onListening: { found.yield($0) })
            let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: quiet))
            let running = Task {
                defer { found.finish() }
                try await group.run()
            }
            if let taken = await ports.first(where: { _ in true }) { return (group, running, taken) }
            tries += 1
            do {
                try await running.value
                throw ServerDidNotStart()
            } catch {
                guard port != 0, tries < 100 else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// A port to listen on more than once: below the range from which outgoing connections take theirs meanwhile.
    static func lastingPort() -> Int { Int.random(in: 20_000..<32_000) }

    struct ServerDidNotStart: Error {}
}

/// Runs `body` with a client and closes it.
@discardableResult func with<Value>(_ client: AgencyClient, _ body: (AgencyClient) async throws -> Value) async throws -> Value {
    do {
        let value = try await body(client)
        try await client.close()
        return value
    } catch {
        try await client.close()
        throw error
    }
}
