import CollectionsDomain
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Simulator
import Testing

@testable import recourse

/// Real processes, killed at any moment: nothing is lost, nothing counts twice (DESIGN section 11).
@Suite("processes that are killed", .tags(.database), .serialized, .timeLimit(.minutes(12)))
struct ChaosTests {
    private static let logger = Logger(label: "recourse.chaos") { _ in SwiftLogNoOpLogHandler() }

    @Test("24 kills of PostgreSQL, the coordinator and workers end in the same money totals and no violation")
    func kills() async throws {
        try await TestDatabase.withRestartableServer { server in
            try await Self.inTown(server, accounts: 120, days: 6, seed: 11) { town, life in
                var random = SeededGenerator(seed: 5)
                for round in 0..<24 {
                    try await life.steps(2)
                    switch round % 4 {
                    case 0:
                        try await server.kill()
                        try await server.start()
                    case 1:
                        await town.kill("coordinator")
                    default:
                        let names = await town.names.filter { $0 != "coordinator" }
                        await town.kill(names[Int(random.next() % UInt64(names.count))])
                    }
                    try await town.start()
                }
            } town: { town, world in
                let port = try FreePort.find()
                await town.addCoordinator("coordinator", port: port)
                for agency in DemoPlan.agencies {
                    try await town.addWorker(agency.name, of: agency.name, token: world.tokens[agency.name] ?? "", port: port, seed: 11)
                }
            }
        }
    }

    @Test("two coordinators and 20 worker processes on one database: no task is accepted twice")
    func crowd() async throws {
        try await TestDatabase.withRestartableServer { server in
            try await Self.inTown(server, accounts: 150, days: 3, seed: 12) { _, _ in
            } town: { town, world in
                let ports = [try FreePort.find(), try FreePort.find()]
                for (index, port) in ports.enumerated() { await town.addCoordinator("coordinator-\(index)", port: port) }
                for index in 0..<20 {
                    let agency = DemoPlan.agencies[index % DemoPlan.agencies.count].name
                    try await town.addWorker(
                        "worker-\(index)", of: agency, token: world.tokens[agency] ?? "", port: ports[index % 2], seed: 12)
                }
            }
        }
    }

    /// Sets a world up, lives through its days with `disturb` in the middle, lets everything come to rest, and holds the totals against the files.
    private static func inTown(
        _ server: RestartableServer, accounts: Int, days: Int, seed: UInt64, disturb: (Town, TownLife) async throws -> Void,
        town build: (Town, DemoRun.World) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("recourse-town-\(UInt64.random(in: .min ... .max))")
            .path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: directory) } catch { Issue.record("\(directory) is left") }
        }
        let written = try TownFiles(accounts: accounts, days: days - 1, directory: directory, seed: seed)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let plan = DemoPlan(
            accounts: accounts, days: days, seed: seed, stride: .seconds(7_200), files: written.files, directory: directory,
            policy: root.appendingPathComponent("Deploy/policies/cn-credit-card.yaml").path,
            agencies: root.appendingPathComponent("Deploy/agencies/demo.yaml").path)
        let database = try await server.open()
        let town = Town(server: server, directory: directory)
        do {
            let demo = try DemoRun(plan: plan, database: database, logger: logger)
            let world = try await demo.prepare()
            try await build(town, world)
            try await town.start()
            let life = TownLife(demo: demo, world: world, database: database)
            try await disturb(town, life)
            try await life.toTheEnd()
            await town.end()
            try await verify(database, written, demo: demo)
            await database.close()
        } catch {
            await town.end()
            await database.close()
            throw error
        }
    }

    private static func verify(_ database: Database, _ written: TownFiles, demo: DemoRun) async throws {
        let (portfolio, payments, outcomes) = try await database.core.withConnection { db in
            (
                try await SummaryQueries.portfolio(in: db), try await SummaryQueries.payments(in: db),
                try await SummaryQueries.outcomesByStage(in: db)
            )
        }
        #expect(portfolio.map(\.accounts) == [written.accounts])
        #expect(payments.map(\.count) == [written.payments] && payments.map(\.total) == [written.paymentsTotal])
        #expect(portfolio.map { $0.opening - $0.balance } == [written.paymentsTotal])
        #expect((outcomes[.informationGathering] ?? 0) > 0 && (outcomes[.phone] ?? 0) > 0)
        let report = try await DoctorCommand.check(database)
        for check in report.checks where check.violations > 0 { Issue.record("\(check.invariant) \(check.name): \(check.samples)") }
        #expect(report.violations == 0)
    }
}

/// The days of a town: the clock paced on, the bank's daily work done, whatever is down at the moment waited for.
struct TownLife: Sendable {
    /// How long anything may be away.
    private static let patience: Duration = .seconds(60)

    let demo: DemoRun
    let world: DemoRun.World
    let database: Database
    private let day = DayCounter()

    init(demo: DemoRun, world: DemoRun.World, database: Database) {
        self.demo = demo
        self.world = world
        self.database = database
    }

    /// Moves on by some strides.
    func steps(_ count: Int) async throws {
        for _ in 0..<count { _ = try await persist { try await demo.stride(in: world, day: day) } }
    }

    /// Lives through the days that are left, then waits until no lease is out.
    func toTheEnd() async throws {
        while try await persist({ try await demo.stride(in: world, day: day) }) {}
        let deadline = ContinuousClock.now + Self.patience
        while try await persist({ try await database.core.withConnection { try await PaceQueries.load(in: $0) }.leased }) > 0 {
            guard ContinuousClock.now < deadline else { throw TownError.restless }
            try await Task.sleep(for: .milliseconds(50))
        }
        // The publisher has a last look at what the last outcomes said.
        while try await persist({ try await database.core.withConnection { try await PaceQueries.unpublished(in: $0) } }) > 0 {
            guard ContinuousClock.now < deadline else { throw TownError.restless }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Does something again while the database is away.
    private func persist<Value>(_ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await body()
            } catch let error as PostgresError {
                guard error.isConnectionLoss || error.outcomeUnknown || error.code == .poolTimeout, ContinuousClock.now < deadline else {
                    throw error
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}

enum TownError: Error {
    /// Leases stay out, or notices stay unpublished, long after everybody was back.
    case restless
}
