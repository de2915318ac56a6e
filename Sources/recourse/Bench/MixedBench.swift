import AgencyClient
import ArgumentParser
import CollectionsStore
import Foundation
import Synchronization
import WireTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Many agencies at once over HTTP: what all of them get, and whether the flood of one delays the others.
struct MixedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mixed", abstract: "Many agencies over HTTP; one floods, and the others are timed.",
        discussion: """
            Calm: every agency but the first leases one task and reports it, at a steady pace. Flood: the same, while the first agency sends requests
            from many workers as fast as they are answered, beginning two seconds before. The calls of the others are timed in both, and the
            coordinator's memory is watched.
            """)
    @Option(help: "Agencies; a divisor of 100.") var agencies = 10
    @Option(help: "Lanes of the database: a power of two.") var lanes: Int32 = 16
    @Option(help: "Workers of the agency that floods.") var flood = 256
    @Option(help: "Rounds a second that each calm agency makes.") var pace = 10
    @Option(help: "Seconds of each part.") var seconds = 20
    @Option(help: "Rounds of both; the median of the ratios is reported.") var rounds = 3
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard agencies >= 2, agencies <= 100, 100 % agencies == 0 else {
            throw ValidationError("--agencies must be a divisor of 100 from 2 to 100, got \(agencies)")
        }
        guard Lanes(count: lanes) != nil else { throw ValidationError("--lanes must be a power of two, got \(lanes)") }
        guard (1...4_096).contains(flood) else { throw ValidationError("--flood must be 1...4096, got \(flood)") }
        guard (1...1_000).contains(pace) else { throw ValidationError("--pace must be 1...1000, got \(pace)") }
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
        guard (2...3_600).contains(seconds) else { throw ValidationError("--seconds must be 2...3600, got \(seconds)") }
    }

    struct Result: BenchResult {
        var agencies: Int
        var lanes: Int32
        /// Without the flood and under it, round by round.
        var calm: [BenchFigure] = []
        var flooded: [BenchFigure] = []
        /// The coordinator's memory in MB, at the start, at its highest and at the end.
        var megabytes: [Double] = []
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        init(agencies: Int, lanes: Int32) {
            self.agencies = agencies
            self.lanes = lanes
        }

        /// p99 of the calm agencies under the flood to that without, round by round.
        var p99Ratios: [Double] {
            zip(flooded, calm).map { Statistics.ratio([$0.latencies.percentile(0.99)], to: [$1.latencies.percentile(0.99)]) }
        }
        /// The median of the rounds.
        var p99Ratio: Double { Statistics.thousandths(Statistics.median(p99Ratios)) }

        enum CodingKeys: String, CodingKey {
            case agencies, lanes, calm, flooded, megabytes, violations
            case p99Ratio = "p99_ratio"
            case p99Ratios = "p99_ratios"
            case fsyncMilliseconds = "fsync_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(p99Ratio, forKey: .p99Ratio)
            try container.encode(p99Ratios, forKey: .p99Ratios)
            try container.encode(agencies, forKey: .agencies)
            try container.encode(lanes, forKey: .lanes)
            try container.encode(BenchFigure.median(calm), forKey: .calm)
            try container.encode(BenchFigure.median(flooded), forKey: .flooded)
            try container.encode(megabytes.map { $0.rounded() }, forKey: .megabytes)
            try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
            try container.encode(violations, forKey: .violations)
        }

        func say() {
            let (calm, flooded) = (BenchFigure.median(calm), BenchFigure.median(flooded))
            Terminal.table(
                ["load", "tasks/s in all", "calls of the calm p50 / p99 / p999 ms"],
                [
                    ["calm", "\(Int(calm.tasksPerSecond))", calm.latencies.text],
                    ["one agency floods", "\(Int(flooded.tasksPerSecond))", flooded.latencies.text],
                ])
            Terminal.note(
                "p99 of the calm agencies \(p99Ratio) x under the flood (\(p99Ratios.map { "\($0)" }.joined(separator: ", "))); memory "
                    + megabytes.map { "\(Int($0))" }.joined(separator: " / ") + " MB at the start, at most, at the end")
        }
    }

    func run() async throws {
        try await options.run(lanes: lanes, agencies: agencies) { bench in
            try await bench.withServer { server in try await measure(bench, server: server) }
        }
    }

    /// Seconds of flood before the others are timed: the start of its process is nobody's load.
    private static let floodsBefore = 2

    private func measure(_ bench: Bench, server: BenchServer) async throws -> Result {
        let clients = bench.world.tokens.map { token in
            var configuration = AgencyClientConfiguration(url: server.url, token: token)
            configuration.connectionsMax = max(configuration.connectionsMax, flood)
            return AgencyClient(configuration: configuration, logger: bench.logger)
        }
        do {
            let calm = Array(clients.dropFirst())
            var result = Result(agencies: agencies, lanes: lanes)
            let (start, memory) = (server.megabytes, Memory())
            for round in 1...rounds {
                try await bench.world.reset()
                result.calm.append(
                    try await bench.meter.measure(client: { server.cpuSeconds }) { calls in try await paced(calm, calls: calls) })
                try await bench.world.reset()
                result.flooded.append(try await flooded(calm, bench, server: server, memory: memory))
                Terminal.note(
                    "round \(round) of \(rounds): p50 / p99 / p999 calm \(result.calm.last?.latencies.text ?? "-"), "
                        + "flooded \(result.flooded.last?.latencies.text ?? "-") ms")
            }
            for client in clients { try await client.close() }
            result.megabytes = [start, max(start, memory.highest), server.megabytes]
            return result
        } catch {
            for client in clients { do { try await client.close() } catch {} }  // the first error is the one that matters
            throw error
        }
    }

    /// The calm agencies' calls while the first agency floods.
    private func flooded(_ calm: [AgencyClient], _ bench: Bench, server: BenchServer, memory: Memory) async throws -> BenchFigure {
        // From a process of its own, as other agencies' workers are, and behind everybody else on these cores: it stands for other machines.
        let pouring = try DemoProcess(
            name: "flood",
            arguments: ["bench", "pour", "--url", server.url, "--workers", "\(flood)", "--seconds", "\(seconds + Self.floodsBefore)"],
            environment: ["RECOURSE_TOKEN": bench.world.token], log: bench.directory + "/flood.log")
        let watching = Task {
            while !Task.isCancelled {
                memory.note(server.megabytes)
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        defer { watching.cancel() }
        do {
            try await Task.sleep(for: .seconds(Self.floodsBefore))
            let figure = try await bench.meter.measure(client: { server.cpuSeconds }) { calls in try await paced(calm, calls: calls) }
            await pouring.stop()
            return figure
        } catch {
            await pouring.stop()
            throw error
        }
    }

    /// Each agency leases one task and reports it, so many times a second, whatever the answers take.
    private func paced(_ clients: [AgencyClient], calls: BenchMeter.Calls) async throws {
        let interval = Duration.seconds(1) / pace
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    let clock = ContinuousClock()
                    // Spread over the interval, so that the pace is not a drumbeat.
                    var next = clock.now + interval * index / clients.count
                    let end = next + .seconds(seconds)
                    while next < end {
                        try await clock.sleep(until: next)
                        next += interval
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 1)
                        let reply = try await calls.lease { try await client.lease(request) }
                        guard !reply.leases.isEmpty else { continue }
                        let began = clock.now
                        _ = try await client.report(reply.leases.map { BenchLoad.outcome($0, at: reply.serverTime) })
                        calls.note(clock.now - began)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The most memory the coordinator held, in MB.
    private final class Memory: Sendable {
        private let most = Mutex(0.0)

        func note(_ megabytes: Double) { most.withLock { $0 = max($0, megabytes) } }
        var highest: Double { most.withLock(\.self) }
    }
}

/// The flood of ``MixedBench``: requests without a pause, from many workers of one agency, until stopped.
struct PourBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pour", abstract: "Send lease calls and reports as fast as they are answered; a part of bench mixed.",
        shouldDisplay: false)
    @Option(help: "The coordinator.") var url: String
    @Option(help: "Workers.") var workers: Int
    @Option(help: "For how long.") var seconds: Int

    func run() async throws {
        guard let token = ProcessInfo.variables["RECOURSE_TOKEN"] else { throw UsageError("RECOURSE_TOKEN is not set") }
        nice(10)
        var configuration = AgencyClientConfiguration(url: url, token: token)
        configuration.connectionsMax = workers
        let client = AgencyClient(configuration: configuration, logger: DatabaseOptions.logger(named: "recourse.flood"))
        let end = ContinuousClock.now + .seconds(seconds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    while ContinuousClock.now < end {
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 1)
                        let reply = try await client.lease(request)
                        guard !reply.leases.isEmpty else { continue }
                        _ = try await client.report(reply.leases.map { BenchLoad.outcome($0, at: reply.serverTime) })
                    }
                }
            }
            try await group.waitForAll()
        }
        try await client.close()
    }
}
