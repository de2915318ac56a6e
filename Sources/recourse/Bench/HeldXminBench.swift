import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// Whether a long transaction beside dispatch slows it: queues on PostgreSQL die of the dead rows it keeps.
struct HeldXminBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "held-xmin", abstract: "Throughput while another transaction is held open.",
        discussion: """
            Works the cases several times, spread over as long as asked; first with nothing beside, then with a transaction held open that keeps every
            dead row from being removed. The last passes of both are compared: throughput, and entries of the ready index read for one lease. Business
            time goes on meanwhile. The law lets nobody call a debtor more than six times a day: more passes measure row versions that do not occur.
            """)
    @Option(help: "How long the transaction is held, in seconds.") var hold = 60
    @Option(help: "How many times the cases are worked in that time.") var passes = 4
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...1_000).contains(passes) else { throw ValidationError("--passes must be 1...1000, got \(passes)") }
        guard (5...7_200).contains(hold) else { throw ValidationError("--hold must be 5...7200 seconds, got \(hold)") }
    }

    struct Result: BenchResult {
        var holdSeconds: Int
        /// Passes without and with the transaction, in order.
        var free: [BenchFigure]
        var held: [BenchFigure]
        var deadRows: Int64
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        private static func last(_ passes: [BenchFigure]) -> BenchFigure { .median(Array(passes.suffix(1))) }
        /// Throughput at the end with the transaction held, to that without.
        var ratio: Double { Statistics.ratio([Self.last(held).tasksPerSecond], to: [Self.last(free).tasksPerSecond]) }
        /// Index entries read for one lease at the end, to those without.
        var rowsRatio: Double { Statistics.ratio([Self.last(held).rowsPerLease ?? 0], to: [Self.last(free).rowsPerLease ?? 0]) }

        enum CodingKeys: String, CodingKey {
            case ratio, violations
            case holdSeconds = "hold_s"
            case rowsRatio = "rows_walked_ratio"
            case free, held
            case deadRows = "dead_rows"
            case fsyncMilliseconds = "fsync_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(ratio, forKey: .ratio)
            try container.encode(rowsRatio, forKey: .rowsRatio)
            try container.encode(holdSeconds, forKey: .holdSeconds)
            try container.encode(deadRows, forKey: .deadRows)
            try container.encode(Self.last(free), forKey: .free)
            try container.encode(Self.last(held), forKey: .held)
            try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
            try container.encode(violations, forKey: .violations)
        }

        func say() {
            func row(_ name: String, _ passes: [BenchFigure]) -> [String] {
                let last = Self.last(passes)
                return [
                    name, "\(passes.count)", "\(Int(last.tasksPerSecond))", last.latencies.text,
                    "\(BenchFigure.tenths(last.rowsPerLease ?? 0))",
                ]
            }
            Terminal.table(
                ["transaction beside", "passes", "tasks/s at the end", "lease p50 / p99 / p999 ms", "rows walked per lease"],
                [row("none", free), row("held \(holdSeconds) s", held)])
            Terminal.note("\(ratio) of the throughput, \(rowsRatio) x the rows walked, \(deadRows) dead task rows")
        }
    }

    func run() async throws {
        try await options.run { bench in
            try await bench.world.letTimePass()
            try await bench.world.reset()
            let free = try await work(bench, name: "free")
            try await bench.world.reset()
            let (held, dead) = try await bench.world.holdingTransaction {
                (try await work(bench, name: "held"), try await bench.world.deadTasks())
            }
            try await bench.world.removeTasks()
            return Result(holdSeconds: hold, free: free, held: held, deadRows: dead)
        }
    }

    private func work(_ bench: Bench, name: String) async throws -> [BenchFigure] {
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            var figures: [BenchFigure] = []
            let began = ContinuousClock.now
            for pass in 0..<passes {
                if pass > 0 {
                    try await Task.sleep(until: began + .seconds(hold) * pass / max(1, passes - 1), clock: .continuous)
                    try await bench.world.workOn()
                    // Whoever commits new work says so.
                    await dispatch.hint(
                        bench.world.database.lanes.all.map { WorkHint(part: $0, agency: bench.world.agency.agencyId, stage: .phone) })
                }
                let figure = try await bench.meter.measure(client: { CPUMeter.own }) { calls in
                    try await BenchLoad.drain(dispatch, agency: bench.world.agency, clients: options.clients, batch: 100, calls: calls)
                }
                Terminal.note(
                    "\(name), pass \(pass + 1) of \(passes): \(Int(figure.tasksPerSecond)) tasks/s, "
                        + "\(BenchFigure.tenths(figure.rowsPerLease ?? 0)) rows walked per lease")
                figures.append(figure)
            }
            return figures
        }
    }
}
