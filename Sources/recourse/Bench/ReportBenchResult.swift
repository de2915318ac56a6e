/// What `bench report` found: medians, and the ratios round by round.
struct ReportBenchResult: BenchResult {
    var cases: Int
    var rounds: Int
    /// What each way measured, round by round.
    var figures: [ReportBench.Way: [BenchFigure]] = [:]
    var violations: Int64 = 0
    var fsyncMilliseconds = 0.0

    init(cases: Int, rounds: Int) {
        self.cases = cases
        self.rounds = rounds
    }

    private func values(_ way: ReportBench.Way, _ field: (BenchFigure) -> Double) -> [Double] { (figures[way] ?? []).map(field) }

    /// Throughput in process to that of the limit, median of the rounds; 0 where one of the two was not measured.
    var ratioToLimit: Double { Statistics.ratio(values(.inProcess, \.tasksPerSecond), to: values(.limit, \.tasksPerSecond)) }
    /// CPU per task of the limit (database and pgbench) to that of database and this process: what a slow disk cannot hide.
    var cpuRatio: Double { Statistics.ratio(values(.limit, \.microseconds), to: values(.inProcess, \.microseconds)) }
    /// CPU per task of the limit (database and pgbench) to that of database and coordinator over HTTP.
    var httpRatio: Double { Statistics.ratio(values(.limit, \.microseconds), to: values(.http, \.microseconds)) }
    /// Throughput of single-task workers over HTTP to that of the one-by-one script.
    var singleRatio: Double { Statistics.ratio(values(.single, \.tasksPerSecond), to: values(.oneByOne, \.tasksPerSecond)) }

    private enum Keys: String, CodingKey {
        case cases, rounds, ratios, violations, limit, http, single
        case ratioToLimit = "ratio_to_limit"
        case cpuRatio = "cpu_ratio_to_limit"
        case inProcess = "in_process"
        case oneByOne = "one_by_one_limit"
        case fsyncMilliseconds = "fsync_ms"
    }

    /// A way's medians with its ratio.
    private struct Way: Encodable {
        let figure: BenchFigure
        let ratio: (key: String, value: Double)?

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            try figure.encode(to: encoder)
            if let ratio {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(ratio.value, forKey: Key(stringValue: ratio.key))
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(cases, forKey: .cases)
        try container.encode(rounds, forKey: .rounds)
        try container.encode(fsyncMilliseconds, forKey: .fsyncMilliseconds)
        try container.encode(ratioToLimit, forKey: .ratioToLimit)
        try container.encode(cpuRatio, forKey: .cpuRatio)
        try container.encode(
            zip(values(.inProcess, \.tasksPerSecond), values(.limit, \.tasksPerSecond)).map { Statistics.ratio([$0], to: [$1]) },
            forKey: .ratios)
        func way(_ way: ReportBench.Way, _ key: Keys, _ ratio: (String, Double)? = nil) throws {
            guard let measured = figures[way] else { return }
            try container.encode(Way(figure: .median(measured), ratio: ratio), forKey: key)
        }
        try way(.limit, .limit)
        try way(.inProcess, .inProcess)
        try way(.http, .http, ("ratio_to_limit", httpRatio))
        try way(.oneByOne, .oneByOne)
        try way(.single, .single, ("ratio_to_one_by_one_limit", singleRatio))
        try container.encode(violations, forKey: .violations)
    }

    /// The newest round in a line.
    var lastRound: String {
        let rates = ReportBench.Way.allCases.compactMap { way in figures[way]?.last.map { "\(way.rawValue) \(Int($0.tasksPerSecond))" } }
        return "tasks/s: " + rates.joined(separator: ", ")
    }

    func say() {
        func row(_ name: String, _ way: ReportBench.Way, _ ratio: String) -> [String]? {
            guard let measured = figures[way] else { return nil }
            let median = BenchFigure.median(measured)
            return [
                name, "\(Int(median.tasksPerSecond))", "\(BenchFigure.tenths(median.databaseMicroseconds))",
                "\(BenchFigure.tenths(median.clientMicroseconds))", "\(Int(median.walBytes))", median.latencies.text, ratio,
            ]
        }
        Terminal.table(
            ["way", "tasks/s", "database us/task", "client us/task", "WAL bytes/task", "lease p50 / p99 / p999 ms", "ratio"],
            [
                row("limit: by hand, batch 100", .limit, ""),
                row("in process, batch 100", .inProcess, "\(ratioToLimit) of its tasks/s, \(cpuRatio) by CPU"),
                row("over HTTP, 8 workers", .http, "\(httpRatio) by CPU per task"),
                row("limit: one by one, 16 clients", .oneByOne, ""),
                row("over HTTP, 256 single workers", .single, "\(singleRatio) of its tasks/s"),
            ].compactMap(\.self))
        Terminal.note("one fsync of this disk: \(fsyncMilliseconds) ms")
    }
}
