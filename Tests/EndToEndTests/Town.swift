import CollectionsDomain
import CollectionsStore
import EmbeddedPostgres
import Foundation
import Logging
import RecourseTesting
import Simulator
import Testing

@testable import recourse

/// A small town: a bank's database on a server of its own, coordinators and agencies as real processes that can be killed at any moment.
actor Town {
    private struct Program {
        let arguments: [String]
        let environment: [String: String]
        var process: ChildProcess?
    }

    let server: RestartableServer
    private let directory: String
    private var programs: [String: Program] = [:]

    init(server: RestartableServer, directory: String) {
        self.server = server
        self.directory = directory
    }

    /// The products of this build stand beside the test's own program.
    static var executable: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("recourse").path
    }

    var names: [String] { programs.keys.sorted() }

    /// Adds a coordinator that listens on a port.
    func addCoordinator(_ name: String, port: Int) {
        programs[name] = Program(
            arguments: ["serve", "--listen", "127.0.0.1:\(port)", "--directory", directory, "--database-wait", "60"],
            environment: [
                "RECOURSE_DATA_KEY": server.dataKeyText, "DATABASE_URL": server.url(user: "recourse_core"),
                "RECOURSE_API_DATABASE_URL": server.url(user: "recourse_api"),
            ])
    }

    /// Adds a worker process of an agency.
    func addWorker(_ name: String, of agency: String, token: String, port: Int, seed: UInt64) throws {
        guard let plan = DemoPlan.agencies.first(where: { $0.name == agency }) else { return }
        var arguments = [
            "simulate", "--url", "http://127.0.0.1:\(port)", "--stages", plan.stages.map(\.name).joined(separator: ","), "--seed",
            "\(seed)",
            "--concurrency", "40", "--ttl-seconds", "4",
        ]
        if plan.tracksLetters { arguments.append("--tracks-letters") }
        programs[name] = Program(arguments: arguments, environment: ["RECOURSE_AGENCY_TOKEN": token])
    }

    /// Starts what does not run.
    func start() throws {
        for (name, program) in programs where program.process == nil {
            let variables = program.environment.map { "\($0.key)=\($0.value)" }
            programs[name]?.process = try ChildProcess.spawn(
                ["env"] + variables + [Self.executable] + program.arguments, log: "\(directory)/\(name).log")
        }
    }

    /// SIGKILL: no goodbye, nothing flushed.
    func kill(_ name: String) async {
        guard let process = programs[name]?.process else { return }
        Foundation.kill(process.pid, SIGKILL)
        _ = await process.wait()
        programs[name]?.process = nil
    }

    /// Kills everything.
    func end() async {
        for name in programs.keys.sorted() { await kill(name) }
    }
}

/// The files of a small portfolio with a payments file of its own, and what they add up to.
struct TownFiles {
    let files: DemoPlan.Files
    let accounts: Int64
    let payments: Int64
    let paymentsTotal: Int64

    /// Writes them. Every third account gets a payment of 50.00 on one of the first days.
    init(accounts count: Int, days: Int, directory: String, seed: UInt64) throws {
        let asOf = try #require(Day(iso: DemoPlan.generatedAsOf))
        var accountLines = "", contactLines = "", paymentLines = SimulatedBank.header
        var made: Int64 = 0
        var row = -1
        PortfolioGenerator(accounts: count, asOf: asOf, seed: seed).write(
            account: { line in
                accountLines += line
                row += 1
                guard row > 0, row.isMultiple(of: 3), let ref = line.split(separator: ",").first else { return }
                let day = asOf.adding(days: row % days)
                paymentLines += "PAY-\(row),\(ref),50.00,CNY,\(day)T1\(row % 10):00:00+08:00,transfer,\n"
                made += 1
            }, contact: { contactLines += $0 })
        files = DemoPlan.Files(
            accounts: directory + "/accounts.csv", contacts: directory + "/contacts.csv", payments: directory + "/payments.csv")
        try accountLines.write(toFile: files.accounts, atomically: true, encoding: .utf8)
        try contactLines.write(toFile: files.contacts, atomically: true, encoding: .utf8)
        try paymentLines.write(toFile: files.payments, atomically: true, encoding: .utf8)
        accounts = Int64(count)
        payments = made
        paymentsTotal = made * 50_00
    }
}
