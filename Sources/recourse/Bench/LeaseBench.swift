import AgencyClient
import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Synchronization
import WireTypes

/// How long a lease takes: at full load, at half of it, and when work appears while a thousand workers wait.
struct LeaseBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease", abstract: "How long a lease takes: full load, half load, and waking long-polling workers.",
        discussion: """
            Full load: clients that lease a few tasks and report them without a pause, in this process. Half load: the same with as long a pause as the work took.
            Waking: a coordinator process of its own with workers that long-poll; tasks appear one by one, and the time until a worker has the lease is
            measured. What the coordinator uses while all of them wait is the price of idle workers.
            """)
    @Option(help: "Leases a call asks for.") var batch = 10
    @Option(help: "Long-polling workers.") var waiting = 1_000
    @Option(help: "Tasks that appear while they wait, one by one.") var wakes = 200
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...500).contains(batch) else { throw ValidationError("--batch must be 1...500, got \(batch)") }
        guard (1...20_000).contains(waiting) else { throw ValidationError("--waiting must be 1...20000, got \(waiting)") }
        guard (1...10_000).contains(wakes) else { throw ValidationError("--wakes must be 1...10000, got \(wakes)") }
    }

    struct Result: BenchResult {
        var full: BenchFigure
        var half: BenchFigure
        var wake: Latencies
        var waiting: Int
        /// Share of one core the coordinator uses while everybody waits, in percent.
        var idlePercent: Double
        var idleMegabytes: Double
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        enum CodingKeys: String, CodingKey {
            case full, half, wake, waiting, violations
            case idlePercent = "idle_cpu_percent"
            case idleMegabytes = "idle_mb"
            case fsyncMilliseconds = "fsync_ms"
        }

        func say() {
            Terminal.table(
                ["load", "tasks/s", "lease p50 / p99 / p999 ms", "rows walked per lease"],
                [
                    ["full", "\(Int(full.tasksPerSecond))", full.latencies.text, "\(BenchFigure.tenths(full.rowsPerLease ?? 0))"],
                    ["half", "\(Int(half.tasksPerSecond))", half.latencies.text, "\(BenchFigure.tenths(half.rowsPerLease ?? 0))"],
                    ["waking 1 of \(waiting)", "-", wake.text, "-"],
                ])
            Terminal.note(
                "\(waiting) waiting workers: \(BenchFigure.tenths(idlePercent)) % of a core, \(Int(idleMegabytes)) MB in the coordinator")
        }
    }

    func run() async throws {
        try await options.run { bench in
            let (full, half) = try await loaded(bench)
            Terminal.note("full load \(Int(full.tasksPerSecond)) tasks/s, half load \(Int(half.tasksPerSecond))")
            try await bench.world.removeTasks()
            return try await bench.withServer(connections: waiting + 16) { server in
                try await waking(bench, server: server, full: full, half: half)
            }
        }
    }

    private func loaded(_ bench: Bench) async throws -> (full: BenchFigure, half: BenchFigure) {
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            func drain(pause: Duration) async throws -> BenchFigure {
                try await bench.world.reset()
                await dispatch.wake()
                return try await bench.meter.measure(client: { CPUMeter.own }) { calls in
                    try await BenchLoad.drain(
                        dispatch, agency: bench.world.agency, clients: options.clients, batch: batch, pause: pause, calls: calls)
                }
            }
            let full = try await drain(pause: .zero)
            let round = Double(options.clients * batch) / max(1, full.tasksPerSecond)
            return (full, try await drain(pause: .seconds(round)))
        }
    }

    /// Workers of one agency that long-poll; each lease that comes is timed and its worker waits again.
    private func waiting(_ bench: Bench, server: BenchServer, arrivals: Arrivals) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<waiting {
                group.addTask {
                    while !Task.isCancelled {
                        let reply = try await server.client.lease(
                            LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 1, waitSeconds: 60))
                        for _ in reply.leases { arrivals.note() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Leases that came, and whoever waits for the next one.
    private final class Arrivals: Sendable {
        private let state = Mutex((count: 0, waiter: CheckedContinuation<Void, Never>?.none))

        var count: Int { state.withLock(\.count) }

        func note() {
            let waiter = state.withLock { state in
                state.count += 1
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }

        /// Waits until more than `count` have come.
        func wait(beyond count: Int) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.count > count { return true }
                    state.waiter = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    private func waking(_ bench: Bench, server: BenchServer, full: BenchFigure, half: BenchFigure) async throws -> Result {
        let arrivals = Arrivals()
        let workers = Task { try await waiting(bench, server: server, arrivals: arrivals) }
        defer { workers.cancel() }
        // All of them are connected and stand in line.
        try await Task.sleep(for: .seconds(6))
        let (cpu, began) = (server.cpuSeconds, ContinuousClock.now)
        try await Task.sleep(for: .seconds(10))
        let idle = (server.cpuSeconds - cpu) / ((ContinuousClock.now - began) / .seconds(1)) * 100
        var result = Result(
            full: full, half: half, wake: Latencies(), waiting: waiting, idlePercent: idle, idleMegabytes: server.megabytes)
        // News travels as it does between the nodes of a bank: a commit here, a notification, a worker of the other process.
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            for index in 0..<wakes {
                let before = arrivals.count
                let part = try await bench.world.addTask(index)
                let appeared = ContinuousClock.now
                await dispatch.hint([WorkHint(part: part, agency: bench.world.agency.agencyId, stage: .phone)])
                await arrivals.wait(beyond: before)
                result.wake.add(ContinuousClock.now - appeared)
            }
        }
        try await bench.world.removeTasks()
        return result
    }
}
