import ArgumentParser
import CollectionsStore
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver

/// `recourse demo`: the main job, end to end.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Place a portfolio with sample agencies and live through months of business time in minutes.",
        discussion: """
            Everything is real: PostgreSQL, HTTP, and a process for the coordinator and for each agency. Only the people are made up.
            A demo begins anew each time: what an earlier one left in --directory is dropped. Nothing outside that directory is touched.
            With --accounts-file, --contacts-file and --payments-file it takes a bank's own files; debtors then pay only what the payments file says.
            """)
    @Option(help: "Accounts to generate.") var accounts = 5_000
    @Option(help: "Days of business time.") var days = 120
    @Option(help: "The seed of the simulated world.") var seed: UInt64 = 1
    @Option(help: "How far business time moves when nothing is left to do.") var stride = "2h"
    @Flag(help: "End after the run; else the coordinator stays up.") var once = false
    @Option(name: .customLong("accounts-file"), help: ArgumentHelp("A bank's accounts.", valueName: "file")) var accountsFile: String?
    @Option(name: .customLong("contacts-file"), help: ArgumentHelp("Their contacts.", valueName: "file")) var contactsFile: String?
    @Option(name: .customLong("payments-file"), help: ArgumentHelp("Their payments.", valueName: "file")) var paymentsFile: String?
    @Option(help: ArgumentHelp("The conduct policy.", valueName: "file")) var policy = "Deploy/policies/cn-credit-card.yaml"
    @Option(help: ArgumentHelp("The agencies; they must include the demo's own.", valueName: "file")) var agencies =
        "Deploy/agencies/demo.yaml"
    @Option(help: ArgumentHelp("Where the demo keeps its database, files and logs.", valueName: "path")) var directory = ".recourse/demo"
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(accounts) else { throw ValidationError("--accounts must be 1...1000000, got \(accounts)") }
        guard (1...3_650).contains(days) else { throw ValidationError("--days must be 1...3650, got \(days)") }
        guard Reading.duration(stride).map({ $0 >= .seconds(60) }) ?? false else {
            throw ValidationError("--stride must be like 30m or 2h, got \(stride)")
        }
        let files = [accountsFile, contactsFile, paymentsFile]
        guard files.allSatisfy({ $0 == nil }) || files.allSatisfy({ $0 != nil }) else {
            throw ValidationError("--accounts-file, --contacts-file and --payments-file belong together")
        }
    }

    func run() async throws {
        guard let stride = Reading.duration(stride) else { throw UsageError("--stride cannot be read") }
        for path in [accountsFile, contactsFile, paymentsFile].compactMap({ $0 }) + [policy, agencies] {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw UsageError("\(path): there is no such file, or it cannot be read")
            }
        }
        var files: DemoPlan.Files?
        if let accountsFile, let contactsFile, let paymentsFile {
            files = DemoPlan.Files(accounts: accountsFile, contacts: contactsFile, payments: paymentsFile)
        }
        let plan = DemoPlan(
            accounts: accounts, days: days, seed: seed, stride: stride, files: files, directory: directory, policy: policy,
            agencies: agencies)
        let options = try DatabaseOptions.parse(["--directory", directory])
        let logger = DatabaseOptions.logger(named: "recourse.demo")
        try await options.withPrivateCluster { address in
            try await Self.begin(anew: address, logger: logger)
            let roles = try await address.roles(logger: logger)
            let configuration = DatabaseConfiguration(core: roles.core, api: roles.api, dataKey: try address.requireKey())
            let database = try await Database.open(configuration, logger: logger)
            do {
                try await run(plan, address: address, database: database)
                await database.close()
            } catch {
                await database.close()
                throw error
            }
        }
    }

    private func run(_ plan: DemoPlan, address: DatabaseAddress, database: Database) async throws {
        let demo = try DemoRun(plan: plan, database: database, logger: DatabaseOptions.logger(named: "recourse.demo"))
        let world = try await demo.prepare()
        let (coordinator, url) = try await demo.live(in: world, at: address)
        let summary: DemoSummary
        do {
            summary = try await demo.conclude()
        } catch {
            await coordinator.stop()
            throw error
        }
        summary.say()
        if output.json { try Terminal.json(summary) }
        if !once {
            Terminal.note("the coordinator stays up at \(url); the database is \(address.cluster?.url ?? "yours"); end with Ctrl-C")
            await Interrupt.wait()
        }
        await coordinator.stop()
        guard summary.doctor.violations == 0 else { throw ExitStatus.faults }
    }

    /// Drops what an earlier demo left in its own private database, and makes the schema.
    static func begin(anew address: DatabaseAddress, lanes: Int32? = nil, logger: Logger) async throws {
        let connection = try await PostgresConnection.connect(address.owner, logger: logger)
        try await connection.simple("drop schema public cascade; create schema public")
        await connection.close()
        try await MigrateDatabase.run(
            MigrateDatabase.Options(lanes: lanes, rehearsal: true, dataKey: try address.requireKey()), as: address.owner, logger: logger)
    }
}
