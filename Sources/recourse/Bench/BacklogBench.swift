import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// Whether what a day brings slows dispatch: a long queue, a morning when everything is due at once, a server that has just started.
struct BacklogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backlog", abstract: "Throughput with a long queue, when everything becomes due at once, and after a cold start.",
        discussion: """
            Each round works the same cases with nothing else in the queue, and then in each situation. ready: a backlog of ready tasks of the same agency
            and stage behind them. opening: they and the backlog all become due in the moment when calls are allowed in the morning. cold: the server has been
            stopped, its files dropped from the system's memory, and started; this process has neither connections nor plans nor caches. The ratios
            are medians over the rounds.
            """)
    @Option(help: "Tasks behind those that are worked.") var backlog = 1_000_000
    @Option(help: "Rounds; the median is reported.") var rounds = 3
    @Option(
        name: .customLong("situation"), parsing: .upToNextOption, help: "Situations to measure. Without the option: all.")
    var situations: [Situation] = []
    @OptionGroup var options: BenchOptions

    /// What is different from the work alone.
    enum Situation: String, CaseIterable, ExpressibleByArgument, Sendable {
        case ready, opening, cold
    }

    func validate() throws {
        guard (1...50_000_000).contains(backlog) else { throw ValidationError("--backlog must be 1...50000000, got \(backlog)") }
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
    }

    /// What was measured, round by round.
    struct Result: BenchResult {
        var backlog: Int
        var alone: [BenchFigure] = []
        var figures: [Situation: [BenchFigure]] = [:]
        var violations: Int64 = 0
        var fsyncMilliseconds = 0.0

        init(backlog: Int) { self.backlog = backlog }

        /// Throughput to that of the work alone.
        func ratio(_ situation: Situation) -> Double {
            Statistics.ratio((figures[situation] ?? []).map(\.tasksPerSecond), to: alone.map(\.tasksPerSecond))
        }

        /// p99 of a lease to that of the work alone.
        func p99Ratio(_ situation: Situation) -> Double {
            func p99(_ rounds: [BenchFigure]) -> Double { BenchFigure.median(rounds).latencies.percentile(0.99) }
            return Statistics.ratio([p99(figures[situation] ?? [])], to: [p99(alone)])
        }

        private static func first(_ rounds: [BenchFigure]) -> Double { Statistics.median(rounds.map(\.latencies.first)) }

        private enum Keys: String, CodingKey {
            case ratio, backlog, alone, ready, opening, cold, violations
            case p99Ratio = "p99_ratio"
            case fsyncMilliseconds = "fsync_ms"
        }

        private struct Measured: Encodable {
            let figure: BenchFigure
            let first: Double
            var ratios: (throughput: Double, p99: Double)?

            private enum Keys: String, CodingKey {
                case ratio
                case p99Ratio = "p99_ratio"
                case first = "first_lease_ms"
            }

            func encode(to encoder: any Encoder) throws {
                try figure.encode(to: encoder)
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode(BenchFigure.tenths(first), forKey: .first)
                try container.encodeIfPresent(ratios?.throughput, forKey: .ratio)
                try container.encodeIfPresent(ratios?.p99, forKey: .p99Ratio)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            // The long queue's, on top as well: what this bench said before it knew other situations.
            if figures[.ready] != nil {
                try container.encode(ratio(.ready), forKey: .ratio)
                try container.encode(p99Ratio(.ready), forKey: .p99Ratio)
            }
            try container.encode(backlog, forKey: .backlog)
            try container.encode(Measured(figure: .median(alone), first: Self.first(alone)), forKey: .alone)
            for (situation, key) in [(Situation.ready, Keys.ready), (.opening, .opening), (.cold, .cold)] {
                guard let rounds = figures[situation] else { continue }
                let measured = Measured(
                    figure: .median(rounds), first: Self.first(rounds), ratios: (ratio(situation), p99Ratio(situation)))
                try container.encode(measured, forKey: key)
            }
            try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
            try container.encode(violations, forKey: .violations)
        }

        func say() {
            func row(_ name: String, _ rounds: [BenchFigure], _ ratios: String) -> [String] {
                let median = BenchFigure.median(rounds)
                return [
                    name, "\(Int(median.tasksPerSecond))", "\(BenchFigure.tenths(median.databaseMicroseconds))",
                    "\(BenchFigure.tenths(Self.first(rounds)))", median.latencies.text, "\(BenchFigure.tenths(median.rowsPerLease ?? 0))",
                    ratios,
                ]
            }
            func row(_ name: String, _ situation: Situation) -> [String]? {
                figures[situation].map { row(name, $0, "\(ratio(situation)), p99 \(p99Ratio(situation)) x") }
            }
            Terminal.table(
                [
                    "queue", "tasks/s", "database us/task", "first lease ms", "lease p50 / p99 / p999 ms", "rows walked per lease",
                    "of the work alone",
                ],
                [
                    row("the work alone", alone, ""), row("\(backlog) ready tasks behind it", .ready),
                    row("\(backlog) due with it at the opening", .opening), row("after a cold start", .cold),
                ].compactMap(\.self))
        }
    }

    func run() async throws {
        try await options.run { bench in
            var result = Result(backlog: backlog)
            for round in 1...rounds {
                try await bench.world.reset()
                result.alone.append(try await work(bench))
                for situation in Situation.allCases where situations.isEmpty || situations.contains(situation) {
                    result.figures[situation, default: []].append(try await measure(situation, bench))
                }
                let rates = Situation.allCases.compactMap { situation in
                    result.figures[situation]?.last.map { "\(situation.rawValue) \(Int($0.tasksPerSecond))" }
                }
                Terminal.note(
                    "round \(round) of \(rounds): tasks/s alone \(Int(result.alone.last?.tasksPerSecond ?? 0)), "
                        + rates.joined(separator: ", "))
            }
            try await bench.world.removeTasks()
            return result
        }
    }

    private func measure(_ situation: Situation, _ bench: Bench) async throws -> BenchFigure {
        switch situation {
        case .ready:
            try await bench.world.reset()
            try await bench.world.addBacklog(backlog)
            return try await work(bench)
        case .opening:
            let opening = try await bench.world.resetForOpening()
            try await bench.world.addBacklog(backlog, dueAt: opening)
            return try await work(bench, from: opening)
        case .cold:
            try await bench.world.reset()
            try await bench.restartCold()
            return try await work(bench)
        }
    }

    /// Works fewer tasks than there are cases, and not one of the backlog.
    ///
    /// - Parameter opening: Until then it is night: the clients begin when business time is set to it.
    private func work(_ bench: Bench, from opening: Instant? = nil) async throws -> BenchFigure {
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            // Workers were there in the night, too, and got nothing: what is known of the lanes is what was known then.
            if opening != nil { try await BenchLoad.knock(dispatch, agency: bench.world.agency) }
            return try await bench.meter.measure(client: { CPUMeter.own }) { calls in
                if let opening { try await bench.world.go(to: opening) }
                try await BenchLoad.work(
                    dispatch, agency: bench.world.agency, clients: options.clients, batch: 100, tasks: bench.world.tasks * 8 / 10,
                    calls: calls)
            }
        }
    }
}
