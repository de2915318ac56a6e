import ArgumentParser
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging

/// What every dispatch bench stands on: a world in a private cluster, and the means to measure in it.
struct Bench: Sendable {
    let world: BenchWorld
    let meter: BenchMeter
    let limit: BenchLimit
    let cluster: PrivateCluster
    let directory: String
    let logger: Logger

    /// Stops the server, drops its files from the system's memory where it can, and starts it: nothing of the database is in memory then.
    func restartCold() async throws {
        try await cluster.server.stop()
        let dropped = PageCache.drop(filesBelow: cluster.location.base + "/data")
        if dropped == 0 { Terminal.note("this system cannot drop files from its memory: the start is cold for the server alone") }
        try await cluster.server.start()
    }

    /// Runs the body with a coordinator process of its own, and a client that may have so many connections to it.
    func withServer<Value>(connections: Int = 256, _ body: (BenchServer) async throws -> Value) async throws -> Value {
        try await BenchServer.with(
            world: world, cluster: cluster, directory: directory, connections: connections, logger: logger, body)
    }
}

/// The options every dispatch bench has.
struct BenchOptions: ParsableArguments {
    @Option(help: "Accounts to generate; each debtor's case is worked once in each measurement.") var accounts = 20_000
    @Option(help: "Clients of the batch measurements.") var clients = 2
    @Option(help: "The seed of the portfolio.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("The conduct policy.", valueName: "file")) var policy = "Deploy/policies/cn-credit-card.yaml"
    @Option(help: ArgumentHelp("Where the bench keeps its database.", valueName: "path")) var directory = ".recourse/bench"
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (100...1_000_000).contains(accounts) else { throw ValidationError("--accounts must be 100...1000000, got \(accounts)") }
        guard (1...64).contains(clients) else { throw ValidationError("--clients must be 1...64, got \(clients)") }
    }

    /// Makes a private database anew, runs the body in its world, and lets the doctor look at what is left.
    ///
    /// - Parameters:
    ///   - lanes: Lanes of the database.
    ///   - agencies: Agencies that share the cases.
    func run<Result: BenchResult>(
        lanes: Int32 = 16, agencies: Int = 1, _ body: (Bench) async throws -> Result
    ) async throws {
        guard FileManager.default.isReadableFile(atPath: policy) else {
            throw UsageError("\(policy): there is no such file, or it cannot be read")
        }
        let options = try DatabaseOptions.parse(["--directory", directory])
        let logger = DatabaseOptions.logger(named: "recourse.bench")
        try await options.withPrivateCluster { address in
            guard let cluster = address.cluster else { throw UsageError("the bench needs a private PostgreSQL") }
            try await DemoCommand.begin(anew: address, lanes: lanes, logger: logger)
            let roles = try await address.roles(logger: logger)
            var configuration = DatabaseConfiguration(core: roles.core, api: roles.api, dataKey: try address.requireKey())
            configuration.apiConnections = max(8, clients * 2)
            let database = try await Database.open(configuration, logger: logger)
            do {
                let world = try await BenchWorld(
                    accounts: accounts, agencies: agencies, seed: seed, directory: directory, policy: policy, owner: address.owner,
                    database: database, logger: logger)
                Terminal.note("\(world.tasks) cases, one call due in each")
                let meter = BenchMeter(world: world, cluster: cluster)
                let bench = Bench(
                    world: world, meter: meter, limit: BenchLimit(world: world, meter: meter, directory: directory), cluster: cluster,
                    directory: directory, logger: logger)
                var result = try await body(bench)
                result.fsyncMilliseconds = try meter.fsyncMilliseconds()
                let doctor = try await DoctorCommand.check(database)
                DoctorCommand.say(doctor)
                result.violations = doctor.violations
                await database.close()
                result.say()
                if output.json { try Terminal.json(result) }
            } catch {
                await database.close()
                throw error
            }
        }
    }
}

/// What a bench found.
protocol BenchResult: Encodable {
    /// What the doctor said afterwards.
    var violations: Int64 { get set }
    /// What it takes this disk to make a page durable.
    var fsyncMilliseconds: Double { get set }
    /// The result for people.
    func say()
}
