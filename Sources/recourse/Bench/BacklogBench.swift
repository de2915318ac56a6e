import ArgumentParser
import CollectionsStore
import Coordinator

/// Whether a long queue slows dispatch.
struct BacklogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backlog", abstract: "Throughput with a long queue of ready tasks behind the same work.",
        discussion: """
            Each round works the same cases twice: with nothing else in the queue, and with a backlog of ready tasks of the same agency and stage behind
            them. The ratios are medians over the rounds.
            """)
    @Option(help: "Ready tasks behind those that are worked.") var backlog = 1_000_000
    @Option(help: "Rounds; the median is reported.") var rounds = 3
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...50_000_000).contains(backlog) else { throw ValidationError("--backlog must be 1...50000000, got \(backlog)") }
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
    }

    struct Result: BenchResult {
        var backlog: Int
        var short: [BenchFigure] = []
        var long: [BenchFigure] = []
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        init(backlog: Int) { self.backlog = backlog }

        var ratio: Double { Statistics.ratio(long.map(\.tasksPerSecond), to: short.map(\.tasksPerSecond)) }
        var p99Ratio: Double {
            Statistics.ratio(
                [BenchFigure.median(long).latencies.percentile(0.99)], to: [BenchFigure.median(short).latencies.percentile(0.99)])
        }

        enum CodingKeys: String, CodingKey {
            case ratio, backlog, short, long, violations
            case p99Ratio = "p99_ratio"
            case fsyncMilliseconds = "fsync_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(ratio, forKey: .ratio)
            try container.encode(p99Ratio, forKey: .p99Ratio)
            try container.encode(backlog, forKey: .backlog)
            try container.encode(BenchFigure.median(short), forKey: .short)
            try container.encode(BenchFigure.median(long), forKey: .long)
            try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
            try container.encode(violations, forKey: .violations)
        }

        func say() {
            func row(_ name: String, _ rounds: [BenchFigure]) -> [String] {
                let median = BenchFigure.median(rounds)
                return [
                    name, "\(Int(median.tasksPerSecond))", "\(BenchFigure.tenths(median.databaseMicroseconds))", median.latencies.text,
                    "\(BenchFigure.tenths(median.rowsPerLease ?? 0))",
                ]
            }
            Terminal.table(
                ["queue", "tasks/s", "database us/task", "lease p50 / p99 / p999 ms", "rows walked per lease"],
                [row("the work alone", short), row("\(backlog) ready tasks behind it", long)])
            Terminal.note("\(ratio) of the throughput, \(p99Ratio) x the p99 of a lease")
        }
    }

    func run() async throws {
        try await options.run { bench in
            var result = Result(backlog: backlog)
            for round in 1...rounds {
                try await bench.world.reset()
                result.short.append(try await work(bench))
                try await bench.world.reset()
                try await bench.world.addBacklog(backlog)
                result.long.append(try await work(bench))
                Terminal.note(
                    "round \(round) of \(rounds): tasks/s \(Int(result.short.last?.tasksPerSecond ?? 0)) alone, "
                        + "\(Int(result.long.last?.tasksPerSecond ?? 0)) before the backlog")
            }
            try await bench.world.removeTasks()
            return result
        }
    }

    /// Works as many tasks as there are cases, and not one of the backlog.
    private func work(_ bench: Bench) async throws -> BenchFigure {
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            try await bench.meter.measure(client: { CPUMeter.own }) { calls in
                try await BenchLoad.work(
                    dispatch, agency: bench.world.agency, clients: options.clients, batch: 100, tasks: bench.world.tasks * 8 / 10,
                    calls: calls)
            }
        }
    }
}
