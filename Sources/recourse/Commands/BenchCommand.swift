import ArgumentParser
import CollectionsStore

/// `recourse bench …`: speed, as ratios to what PostgreSQL itself can do.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure against the hand-written limit, in one cluster and one run.",
        discussion: """
            Every bench makes a private database anew and touches nothing else; the last line with --json is one JSON object. Use a release build: a
            debug build measures the compiler.
            """,
        subcommands: [
            Report.self, LeaseBench.self, MixedBench.self, DriverBench.self, HeldXminBench.self, BacklogBench.self, GateBench.self,
            PourBench.self,
        ])

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lease and report: in process, over HTTP, and one by one.",
            discussion: """
                Each round measures pgbench with the same statements by hand and the program, one after the other, on the same cases made equal before
                each; the ratios are medians over the rounds.
                """)
        @Option(help: "Rounds; the median is reported.") var rounds = 7
        @Option(
            name: .customLong("way"), parsing: .upToNextOption,
            help: "Ways to measure; a ratio needs its limit too. Without the option: all.") var ways: [ReportBench.Way] = []
        @OptionGroup var options: BenchOptions

        func validate() throws {
            guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
        }

        func run() async throws {
            try await options.run { bench in
                let report = ReportBench(bench: bench, clients: options.clients)
                var result = ReportBenchResult(cases: bench.world.tasks, rounds: rounds)
                for round in 1...rounds {
                    for way in ReportBench.Way.allCases where ways.isEmpty || ways.contains(way) {
                        result.figures[way, default: []].append(try await report.measure(way))
                    }
                    Terminal.note("round \(round) of \(rounds): \(result.lastRound)")
                }
                return result
            }
        }
    }
}
