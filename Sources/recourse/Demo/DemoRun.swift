import AgencyAPI
import CollectionsDomain
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import Simulator
import Synchronization

/// The main job from nothing to the verdict: portfolio, placement, agencies as processes of their own, a business year's third, reconciliation.
struct DemoRun: Sendable {
    let plan: DemoPlan
    let database: Database
    let logger: Logger
    private let zone: Zone
    private let policies: PolicyService
    private let environments: CaseEnvironmentSource
    private let pace: PacedClock
    private let started = ContinuousClock.now

    init(plan: DemoPlan, database: Database, logger: Logger) throws {
        guard let zone = Zone(identifier: "Asia/Shanghai") else {
            throw UsageError("the time zone Asia/Shanghai is not installed (hint: tzdata)")
        }
        self.plan = plan
        self.database = database
        pace = PacedClock(database: database, stride: plan.stride)
        self.logger = logger
        self.zone = zone
        policies = PolicyService(database: database)
        environments = CaseEnvironmentSource(database: database, policies: policies)
    }

    /// Accounts that agencies gave back are planned anew this often.
    private static let replanDays = 7

    /// What stands before the first day: operators, policy, agencies with their tokens, the portfolio placed.
    struct World: Sendable {
        let anna: Operator
        let boris: Operator
        let tokens: [String: String]
        let asOf: Day
        let files: DemoFiles
    }

    // MARK: Before the first day

    /// Sets the world up, saying each step.
    func prepare() async throws -> World {
        let files = try DemoFiles(plan: plan)
        let operators = OperatorService(database: database)
        let anna = try await operators.add(name: "anna", role: .admin) { throw OperatorError.refused }.operator
        let boris = try await operators.add(name: "boris", role: .supervisor) { anna }.operator
        Terminal.note("operators anna and boris: what one asks for, the other decides")
        let version = try await policies.load(yamlPath: plan.policy)
        Terminal.note("policy \(version.policyId) \(version.version)")

        let asOf = try await files.asOf(database: database, logger: logger)
        let clock = ClockService(database: database)
        _ = try await clock.set(to: zone.startOfDay(asOf), rate: nil, by: anna)

        let agencies = AgencyService(database: database, logger: logger)
        let file = try AgencyFile(yaml: try String(contentsOfFile: plan.agencies, encoding: .utf8), file: plan.agencies)
        _ = try await agencies.apply(file, by: anna)
        var tokens: [String: String] = [:]
        for agency in DemoPlan.agencies { tokens[agency.name] = try await agencies.token(agency.name, by: anna).text }
        Terminal.note("\(tokens.count) agencies under contract")

        try await files.load(asOf: asOf, database: database, policies: policies, environments: environments, by: anna, logger: logger)
        environments.forget()
        try await place(by: anna, and: boris)
        return World(anna: anna, boris: boris, tokens: tokens, asOf: asOf, files: files)
    }

    /// Plans what is in the pool (first the whole portfolio, later what agencies gave back), has it approved and carries it out.
    private func place(by anna: Operator, and boris: Operator) async throws {
        let placements = PlacementService(database: database, policies: policies, environments: environments, logger: logger)
        let made = try await placements.plan(portfolio: DemoPlan.portfolio, strategy: .weighted, seed: Int64(plan.seed), by: anna) {
            Terminal.progress("planning: \($0) accounts")
        }
        guard let run = made.runId else { throw UsageError("the plan was not stored") }
        do {
            _ = try await placements.approve(run, by: boris)
        } catch PlacementError.stale {
            // Agencies gave something back while boris was looking: the next plan takes it all. The first plan has nobody to disturb it.
            return Terminal.note("the weekly plan was overtaken by what agencies gave back meanwhile; it is made again next week")
        }
        let report = try await placements.carryOut(run, workers: 2, by: anna) {
            Terminal.progress("placing: \($0.done) of \($0.total) accounts")
        }
        guard report.placed > 0 || report.waiting > 0 else { return }
        let passed = report.passedOver.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        Terminal.note(
            "placed \(report.placed) accounts; planned by anna, approved by boris"
                + (report.waiting > 0 ? "; \(report.waiting) wait for the debtor's notice" : "")
                + (passed.isEmpty ? "" : "; passed over: \(passed)"))
    }

    // MARK: The days

    /// Starts the coordinator and the agencies, lives through the days, and stops the agencies; the coordinator goes on.
    ///
    /// - Returns: The coordinator's process and where it listens.
    func live(in world: World, at address: DatabaseAddress) async throws -> (coordinator: DemoProcess, url: String) {
        let port = try FreePort.find()
        let url = "http://127.0.0.1:\(port)"
        let logs = plan.directory + "/logs"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        let coordinator = try DemoProcess(
            name: "coordinator", arguments: ["serve", "--listen", "127.0.0.1:\(port)", "--directory", plan.directory],
            environment: environment(address),
            log: logs + "/coordinator.log")
        var workers: [DemoProcess] = []
        do {
            for agency in DemoPlan.agencies {
                var arguments = [
                    "simulate", "--url", url, "--stages", agency.stages.map(\.name).joined(separator: ","), "--seed", "\(plan.seed)",
                    "--strength",
                    "\(agency.strength)",
                ]
                arguments.append("--every-result")
                if agency.tracksLetters { arguments.append("--tracks-letters") }
                workers.append(
                    try DemoProcess(
                        name: agency.name, arguments: arguments, environment: ["RECOURSE_AGENCY_TOKEN": world.tokens[agency.name] ?? ""],
                        log: logs + "/\(agency.name).log"))
            }
            Terminal.note("coordinator at \(url), \(workers.count) agencies as processes of their own; their logs are in \(logs)")
            try await days(of: world)
        } catch {
            for worker in workers { await worker.stop() }
            await coordinator.stop()
            throw error
        }
        for worker in workers { await worker.stop() }
        return (coordinator, url)
    }

    private func environment(_ address: DatabaseAddress) -> [String: String] {
        var variables: [String: String] = ["RECOURSE_DATA_KEY": Data(database.configuration.dataKey).base64EncodedString()]
        if let cluster = address.cluster {
            variables["DATABASE_URL"] = cluster.coreURL
            variables["RECOURSE_API_DATABASE_URL"] = cluster.apiURL
        }
        return variables
    }

    private func days(of world: World) async throws {
        let day = DayCounter()
        while try await stride(in: world, day: day) {}
        try await pace.stop()
    }

    /// One step of business time: what is due is done, then the clock moves on or the bank's day begins.
    ///
    /// May fail and be called again: whatever it did counts once.
    ///
    /// - Returns: Whether days are left.
    func stride(in world: World, day: DayCounter) async throws -> Bool {
        let end = zone.startOfDay(world.asOf.adding(days: plan.days))
        let today = world.asOf.adding(days: day.begun + 1)
        let due = zone.startOfDay(today) + .seconds(6 * 3_600)
        let load = try await pace.settle()
        guard load.now < end else { return false }
        guard load.now >= due else {
            _ = try await pace.step(from: load, notPast: min(due, end))
            return true
        }
        // 06:00: yesterday's payments and the bank's word on cures; 06:30: reconciliation; 07:00: the bank's desk.
        try await world.files.handOver(
            through: today.adding(days: -1), database: database, environments: environments, by: world.anna, zone: zone, logger: logger)
        _ = try await ReconciliationService(database: database, environments: environments).run(
            holder: "demo-\(ProcessInfo.processInfo.processIdentifier)")
        let desk = BankDesk(
            requests: RequestService(database: database, environments: environments),
            legal: LegalService(database: database, policies: policies),
            complaints: ComplaintService(database: database, environments: environments),
            disputes: DisputeService(database: database, environments: environments), first: world.anna, second: world.boris,
            zone: zone,
            seed: plan.seed)
        _ = try await desk.decide(at: load.now)
        if (day.begun + 1) % Self.replanDays == 0 { try await place(by: world.anna, and: world.boris) }
        _ = try await CheckpointWriter(database: database).write()
        try await progress(day: today, of: world.asOf.adding(days: plan.days), from: world.asOf)
        day.next()
        try await database.core.withConnection { try await WorkNewsQueries.announceEverything(in: $0) }
        return true
    }

    private func progress(day: Day, of last: Day, from first: Day) async throws {
        let stages = try await database.core.withConnection { try await SummaryQueries.outcomesByStage(in: $0) }
        let done = Stage.allCases.map { "\($0.name) \(stages[$0] ?? 0)" }.joined(separator: "  ")
        let text = "\(day)  day \(day.number - first.number) of \(last.number - first.number)  \(done)"
        if Terminal.isInteractive { Terminal.progress(text) } else if (day.number - first.number) % 10 == 0 { Terminal.note(text) }
    }

    // MARK: Afterwards

    /// Asks the doctor and reads the figures.
    func conclude() async throws -> DemoSummary {
        let report = try await DoctorCommand.check(database)
        DoctorCommand.say(report)
        let spent = (ContinuousClock.now - started).components
        return try await DemoSummary.read(
            from: database, days: plan.days, violations: report.violations,
            seconds: Double(spent.seconds) + Double(spent.attoseconds) / 1e18)
    }
}

/// Days of the demo whose morning work has been done.
final class DayCounter: Sendable {
    private let count = Mutex(0)

    var begun: Int { count.withLock { $0 } }
    func next() { count.withLock { $0 += 1 } }
}
