import AgencyAPI
import AgencyClient
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Logging
import RecourseTesting
import ServiceLifecycle
import WireTypes

/// A coordinator as `recourse serve` runs it, over a test's database: real dispatch, real credentials, real HTTP.
struct Scene: Sendable {
    let db: TestDatabase
    let dispatch: Dispatch
    let alpha: Int32
    let alphaToken: String
    let url: String

    /// 2026-11-02 10:00 in Shanghai, a Monday: inside every contact window.
    static let monday = Instant(seconds: 1_793_584_800)

    static var policyPath: String {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.appendingPathComponent("Deploy/policies/cn-credit-card.yaml").path
    }

    func client(token: String? = nil) -> AgencyClient {
        AgencyClient(
            configuration: AgencyClientConfiguration(
                url: url, token: token ?? alphaToken, backoff: Backoff(initial: .milliseconds(20), max: .milliseconds(500))), logger: quiet)
    }

    /// Serves while `body` runs.
    static func run(_ body: @Sendable (Scene) async throws -> Void) async throws {
        let db = try TestDatabase.current
        try await db.setBusinessTime(monday)
        let policies = PolicyService(database: db.database)
        _ = try await policies.load(yamlPath: policyPath)
        let alpha = try await db.makeAgency(name: "alpha")
        let token = try await db.makeAgencyToken(alpha)
        try await serve(db.database) { dispatch, url in
            try await body(Scene(db: db, dispatch: dispatch, alpha: alpha, alphaToken: token, url: url))
        }
    }

    /// Serves a database while `body` runs.
    static func serve(_ database: Database, _ body: @Sendable (Dispatch, String) async throws -> Void) async throws {
        let dispatch = Dispatch(database: database, policies: PolicyService(database: database), logger: quiet)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = AgencyServer(
            configuration: AgencyServerConfiguration(port: 0), dispatch: CoordinatorDispatch(dispatch),
            authenticator: DatabaseCredentials(database), idempotency: DatabaseIdempotency(database), logger: quiet,
            onListening: { found.yield($0) })
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: DispatchSweeps(dispatch)), .init(service: server)], logger: quiet))
        let running = Task {
            defer { found.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else { return try await running.value }
        do {
            try await body(dispatch, "http://127.0.0.1:\(port)")
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }
}
