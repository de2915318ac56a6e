import AgencyClient
import ArgumentParser
import CollectionsDomain
import Foundation
import Logging
import ServiceLifecycle
import Simulator
import UnixSignals
import WireTypes

/// `recourse simulate`: one agency of a simulated world as a worker process. The demo starts one for each agency.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Work leases as a simulated agency (rehearsals).",
        discussion:
            "The agency's token is read from RECOURSE_AGENCY_TOKEN. Stops gracefully on SIGTERM: what it holds is finished or given back.")
    @Option(help: ArgumentHelp("The coordinator.", valueName: "url")) var url: String
    @Option(help: "Stages to lease, separated by commas.") var stages: String
    @Option(help: "The seed of the world; every worker of one world has the same.") var seed: UInt64 = 1
    @Option(help: "How good the agency is; 1 is average.") var strength = 1.0
    @Option(help: "Leases worked at once.") var concurrency = 200
    @Option(name: .customLong("ttl-seconds"), help: "How long leases are asked for.") var ttlSeconds = 10
    @Flag(help: "Report every result of every step at least once, as far as the leases reach.") var everyResult = false
    @Flag(help: "Report what becomes of letters some days after posting them.") var tracksLetters = false

    func validate() throws {
        guard (1...2_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1...2000, got \(concurrency)") }
        guard (0.1...5).contains(strength) else { throw ValidationError("--strength must be 0.1...5, got \(strength)") }
        for name in stages.split(separator: ",") where Stage(name: String(name)) == nil {
            throw ValidationError("--stages: \(name) is no stage; stages are \(Stage.allCases.map(\.name).joined(separator: ", "))")
        }
    }

    func run() async throws {
        guard let token = ProcessInfo.variables["RECOURSE_AGENCY_TOKEN"], !token.isEmpty else {
            throw UsageError("RECOURSE_AGENCY_TOKEN is missing")
        }
        guard let zone = Zone(identifier: "Asia/Shanghai") else {
            throw UsageError("the time zone Asia/Shanghai is not installed (hint: tzdata)")
        }
        let logger = Logger(label: "recourse.simulate")
        let client = AgencyClient(
            configuration: AgencyClientConfiguration(
                url: url, token: token, backoff: Backoff(initial: .milliseconds(50), max: .seconds(2)), userAgent: "recourse-simulate"),
            logger: logger)
        let tracker = tracksLetters ? LetterTracker(client: client, seed: seed) : nil
        let pool = WorkerPool(
            client: client,
            configuration: WorkerPoolConfiguration(
                stages: stages.split(separator: ",").map(String.init), concurrency: concurrency, ttlSeconds: ttlSeconds, waitSeconds: 5,
                drain: .seconds(5)),
            handler: SimulatedAgency(
                behaviour: LeaseBehaviour(seed: seed, strength: strength, zone: zone), tracker: tracker,
                script: everyResult ? ResultScript() : nil),
            logger: logger)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: pool, successTerminationBehavior: .gracefullyShutdownGroup)
        ]
        if let tracker { services.append(.init(service: TrackingRounds(tracker: tracker, client: client, logger: logger))) }
        try await ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
        try await client.close()
    }
}

/// Lets a lettershop report what is due, a few times a second of real time.
private struct TrackingRounds: Service {
    let tracker: LetterTracker
    let client: AgencyClient
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            if let now = client.clock.now() {
                do {
                    try await tracker.reportDue(at: Instant(microseconds: now.microseconds))
                } catch let refused as LetterTracker.Refused {
                    logger.error("the coordinator refused what the post said", metadata: ["letters": "\(refused.count)"])
                } catch {
                    logger.warning("tracking was not taken; it is sent again", metadata: ["error.type": "\(type(of: error))"])
                }
            }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(100)) }
            } catch is CancellationError {
                return
            }
        }
    }
}
