import ArgumentParser
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging

/// `recourse bench …`: speed, as ratios to what PostgreSQL itself can do.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure against the hand-written limit, in one cluster and one run.", subcommands: [Report.self])

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lease and report: in process, over HTTP, and one by one.",
            discussion: """
                Each round measures pgbench with the same statements by hand and the program, one after the other, on the same cases made equal before
                each; the ratios are medians over the rounds. The database is a private one that is made anew; nothing else is touched.
                Use a release build: a debug build measures the compiler.
                """)
        @Option(help: "Accounts to generate; each debtor's case is worked once in each measurement.") var accounts = 20_000
        @Option(help: "Rounds; the median is reported.") var rounds = 7
        @Option(help: "Clients of the batch measurements.") var clients = 2
        @Option(
            name: .customLong("way"), parsing: .upToNextOption,
            help: "Ways to measure; a ratio needs its limit too. Without the option: all.") var ways: [ReportBench.Way] = []
        @Option(help: "The seed of the portfolio.") var seed: UInt64 = 1
        @Option(help: ArgumentHelp("The conduct policy.", valueName: "file")) var policy = "Deploy/policies/cn-credit-card.yaml"
        @Option(help: ArgumentHelp("Where the bench keeps its database.", valueName: "path")) var directory = ".recourse/bench"
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (100...1_000_000).contains(accounts) else { throw ValidationError("--accounts must be 100...1000000, got \(accounts)") }
            guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
            guard (1...64).contains(clients) else { throw ValidationError("--clients must be 1...64, got \(clients)") }
        }

        func run() async throws {
            guard FileManager.default.isReadableFile(atPath: policy) else {
                throw UsageError("\(policy): there is no such file, or it cannot be read")
            }
            let options = try DatabaseOptions.parse(["--directory", directory])
            let logger = DatabaseOptions.logger(named: "recourse.bench")
            try await options.withPrivateCluster { address in
                guard let cluster = address.cluster else { throw UsageError("the bench needs a private PostgreSQL") }
                try await DemoCommand.begin(anew: address, logger: logger)
                let roles = try await address.roles(logger: logger)
                var configuration = DatabaseConfiguration(core: roles.core, api: roles.api, dataKey: try address.requireKey())
                configuration.apiConnections = max(8, clients * 2)
                let database = try await Database.open(configuration, logger: logger)
                do {
                    let result = try await measure(cluster: cluster, owner: address, database: database, logger: logger)
                    await database.close()
                    result.say()
                    if output.json { try Terminal.json(result) }
                } catch {
                    await database.close()
                    throw error
                }
            }
        }

        private func measure(
            cluster: PrivateCluster, owner: DatabaseAddress, database: Database, logger: Logger
        ) async throws -> ReportBenchResult {
            let world = try await BenchWorld(
                accounts: accounts, seed: seed, directory: directory, policy: policy, owner: owner.owner, database: database, logger: logger
            )
            Terminal.note("\(world.tasks) cases, one call due in each")
            let bench = ReportBench(world: world, cluster: cluster, directory: directory, clients: clients, logger: logger)
            var result = ReportBenchResult(cases: world.tasks, rounds: rounds)
            for round in 1...rounds {
                for way in ReportBench.Way.allCases where ways.isEmpty || ways.contains(way) {
                    result.figures[way, default: []].append(try await bench.measure(way))
                }
                Terminal.note("round \(round) of \(rounds): \(result.lastRound)")
            }
            let doctor = try await DoctorCommand.check(database)
            DoctorCommand.say(doctor)
            result.violations = doctor.violations
            return result
        }
    }
}
