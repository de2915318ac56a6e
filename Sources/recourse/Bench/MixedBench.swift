import AgencyClient
import ArgumentParser
import CollectionsStore
import Foundation
import Synchronization
import WireTypes

/// Many agencies at once over HTTP: what all of them get, and whether the flood of one delays the others.
struct MixedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mixed", abstract: "Many agencies over HTTP; one floods, and the others are timed.",
        discussion: """
            Calm: every agency but the first leases one task and reports it, at a steady pace. Flood: the same, while the first agency sends requests
            from many workers as fast as they are answered. The calls of the others are timed in both, and the coordinator's memory is watched.
            """)
    @Option(help: "Agencies; a divisor of 100.") var agencies = 10
    @Option(help: "Lanes of the database: a power of two.") var lanes: Int32 = 16
    @Option(help: "Workers of the agency that floods.") var flood = 256
    @Option(help: "Rounds a second that each calm agency makes.") var pace = 10
    @Option(help: "Seconds of each part.") var seconds = 20
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard agencies >= 2, agencies <= 100, 100 % agencies == 0 else {
            throw ValidationError("--agencies must be a divisor of 100 from 2 to 100, got \(agencies)")
        }
        guard Lanes(count: lanes) != nil else { throw ValidationError("--lanes must be a power of two, got \(lanes)") }
        guard (1...4_096).contains(flood) else { throw ValidationError("--flood must be 1...4096, got \(flood)") }
        guard (1...1_000).contains(pace) else { throw ValidationError("--pace must be 1...1000, got \(pace)") }
        guard (2...3_600).contains(seconds) else { throw ValidationError("--seconds must be 2...3600, got \(seconds)") }
    }

    struct Result: BenchResult {
        var agencies: Int
        var lanes: Int32
        var calm: BenchFigure
        var flooded: BenchFigure
        /// Calls of the flooding agency that were answered.
        var floodServed: Int
        /// The coordinator's memory in MB, at the start, at its highest and at the end.
        var megabytes: [Double]
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        /// p99 of the calm agencies under the flood, to that without.
        var p99Ratio: Double { Statistics.ratio([flooded.latencies.percentile(0.99)], to: [calm.latencies.percentile(0.99)]) }

        enum CodingKeys: String, CodingKey {
            case agencies, lanes, calm, flooded, megabytes, violations
            case p99Ratio = "p99_ratio"
            case floodServed = "flood_served"
            case fsyncMilliseconds = "fsync_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(p99Ratio, forKey: .p99Ratio)
            try container.encode(agencies, forKey: .agencies)
            try container.encode(lanes, forKey: .lanes)
            try container.encode(calm, forKey: .calm)
            try container.encode(flooded, forKey: .flooded)
            try container.encode(floodServed, forKey: .floodServed)
            try container.encode(megabytes.map { $0.rounded() }, forKey: .megabytes)
            try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
            try container.encode(violations, forKey: .violations)
        }

        func say() {
            Terminal.table(
                ["load", "tasks/s in all", "calls of the calm p50 / p99 / p999 ms"],
                [
                    ["calm", "\(Int(calm.tasksPerSecond))", calm.latencies.text],
                    ["one agency floods", "\(Int(flooded.tasksPerSecond))", flooded.latencies.text],
                ])
            Terminal.note(
                "p99 of the calm agencies \(p99Ratio) x under the flood (\(floodServed) of its calls served); memory "
                    + megabytes.map { "\(Int($0))" }.joined(separator: " / ") + " MB at the start, at most, at the end")
        }
    }

    func run() async throws {
        try await options.run(lanes: lanes, agencies: agencies) { bench in
            try await bench.withServer { server in try await measure(bench, server: server) }
        }
    }

    private func measure(_ bench: Bench, server: BenchServer) async throws -> Result {
        let clients = bench.world.tokens.map { token in
            var configuration = AgencyClientConfiguration(url: server.url, token: token)
            configuration.connectionsMax = max(configuration.connectionsMax, flood)
            return AgencyClient(configuration: configuration, logger: bench.logger)
        }
        do {
            try await bench.world.reset()
            let start = server.megabytes
            let calm = try await bench.meter.measure(client: { server.cpuSeconds }) { calls in
                try await paced(Array(clients.dropFirst()), calls: calls)
            }
            Terminal.note("calm: p50 / p99 / p999 \(calm.latencies.text) ms")
            try await bench.world.reset()
            let tally = Tally()
            let flooded = try await bench.meter.measure(client: { server.cpuSeconds }) { calls in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let flood = Task { try await pour(clients[0], server: server, tally: tally) }
                    group.addTask { try await paced(Array(clients.dropFirst()), calls: calls) }
                    defer { flood.cancel() }
                    try await group.waitForAll()
                }
            }
            for client in clients { try await client.close() }
            let (served, highest) = tally.values
            return Result(
                agencies: agencies, lanes: lanes, calm: calm, flooded: flooded, floodServed: served,
                megabytes: [start, highest, server.megabytes])
        } catch {
            for client in clients { do { try await client.close() } catch {} }  // the first error is the one that matters
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

    /// Requests without a pause, from many workers of one agency, until cancelled.
    private func pour(_ client: AgencyClient, server: BenchServer, tally: Tally) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<flood {
                group.addTask {
                    while !Task.isCancelled {
                        let request = LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 1)
                        let reply = try await client.lease(request)
                        tally.served()
                        guard !reply.leases.isEmpty else { continue }
                        _ = try await client.report(reply.leases.map { BenchLoad.outcome($0, at: reply.serverTime) })
                        tally.served()
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    tally.note(megabytes: server.megabytes)
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
            try await group.waitForAll()
        }
    }

    /// What the flood got, and how much memory it took.
    private final class Tally: Sendable {
        private let kept = Mutex((served: 0, megabytes: 0.0))

        func served() { kept.withLock { $0.served += 1 } }
        func note(megabytes: Double) { kept.withLock { $0.megabytes = max($0.megabytes, megabytes) } }
        var values: (served: Int, megabytes: Double) { kept.withLock { $0 } }
    }
}
