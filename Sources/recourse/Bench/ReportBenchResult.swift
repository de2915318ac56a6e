/// What `bench report` found: medians, and the ratios round by round.
struct ReportBenchResult: Encodable {
    var cases: Int
    var rounds: Int
    /// What each way measured, round by round.
    var figures: [ReportBench.Way: [ReportBench.Figure]] = [:]
    /// What the doctor said afterwards.
    var violations: Int64 = 0

    init(cases: Int, rounds: Int) {
        self.cases = cases
        self.rounds = rounds
    }

    private var limit: [ReportBench.Figure] { figures[.limit] ?? [] }
    private var inProcess: [ReportBench.Figure] { figures[.inProcess] ?? [] }
    private var http: [ReportBench.Figure] { figures[.http] ?? [] }
    private var oneByOne: [ReportBench.Figure] { figures[.oneByOne] ?? [] }
    private var single: [ReportBench.Figure] { figures[.single] ?? [] }

    /// Throughput in process to that of the limit, median of the rounds; 0 where one of the two was not measured.
    var ratioToLimit: Double { Self.median(zip(inProcess, limit).map { $0.tasksPerSecond / max(1e-9, $1.tasksPerSecond) }) }
    /// CPU per task of the limit (database and pgbench) to that of database and coordinator over HTTP.
    var httpRatio: Double { Self.median(zip(http, limit).map { $1.microseconds / max(1e-9, $0.microseconds) }) }
    /// Throughput of single-task workers over HTTP to that of the one-by-one script.
    var singleRatio: Double { Self.median(zip(single, oneByOne).map { $0.tasksPerSecond / max(1e-9, $1.tasksPerSecond) }) }

    private enum Keys: String, CodingKey {
        case cases, rounds, http, single, limit
        case ratioToLimit = "ratio_to_limit"
        case tasksPerSecond = "tasks_per_second"
        case databaseMicroseconds = "database_us_per_task"
        case clientMicroseconds = "client_us_per_task"
        case ratios, violations
    }

    /// One measured way of working, by its medians.
    private struct Way: Encodable {
        var ratioToLimit: Double?
        var ratioToOneByOneLimit: Double?
        var tasksPerSecond: Double
        var limitTasksPerSecond: Double?
        var databaseMicroseconds: Double
        var clientMicroseconds: Double

        init(_ figures: [ReportBench.Figure]) {
            tasksPerSecond = median(figures.map(\.tasksPerSecond)).rounded()
            databaseMicroseconds = (median(figures.map(\.databaseMicroseconds)) * 10).rounded() / 10
            clientMicroseconds = (median(figures.map(\.clientMicroseconds)) * 10).rounded() / 10
        }

        enum CodingKeys: String, CodingKey {
            case ratioToLimit = "ratio_to_limit"
            case ratioToOneByOneLimit = "ratio_to_one_by_one_limit"
            case tasksPerSecond = "tasks_per_second"
            case limitTasksPerSecond = "limit_tasks_per_second"
            case databaseMicroseconds = "database_us_per_task"
            case clientMicroseconds = "client_us_per_task"
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(cases, forKey: .cases)
        try container.encode(rounds, forKey: .rounds)
        try container.encode(Self.rounded(ratioToLimit), forKey: .ratioToLimit)
        let own = Way(inProcess)
        try container.encode(own.tasksPerSecond, forKey: .tasksPerSecond)
        try container.encode(own.databaseMicroseconds, forKey: .databaseMicroseconds)
        try container.encode(own.clientMicroseconds, forKey: .clientMicroseconds)
        try container.encode(zip(inProcess, limit).map { Self.rounded($0.tasksPerSecond / max(1e-9, $1.tasksPerSecond)) }, forKey: .ratios)
        try container.encode(Way(limit), forKey: .limit)
        var overHTTP = Way(http)
        overHTTP.ratioToLimit = Self.rounded(httpRatio)
        try container.encode(overHTTP, forKey: .http)
        var singles = Way(single)
        singles.ratioToOneByOneLimit = Self.rounded(singleRatio)
        singles.limitTasksPerSecond = Way(oneByOne).tasksPerSecond
        try container.encode(singles, forKey: .single)
        try container.encode(violations, forKey: .violations)
    }

    /// The newest round in a line.
    var lastRound: String {
        let rates = ReportBench.Way.allCases.compactMap { way in figures[way]?.last.map { "\(way.rawValue) \(Int($0.tasksPerSecond))" } }
        return "tasks/s: " + rates.joined(separator: ", ")
    }

    /// The result for people.
    func say() {
        func row(_ name: String, _ way: ReportBench.Way, _ ratio: String) -> [String]? {
            guard let measured = figures[way] else { return nil }
            let medians = Way(measured)
            return [name, "\(Int(medians.tasksPerSecond))", "\(medians.databaseMicroseconds)", "\(medians.clientMicroseconds)", ratio]
        }
        Terminal.table(
            ["way", "tasks/s", "database us/task", "client us/task", "ratio"],
            [
                row("limit: by hand, batch 100", .limit, ""),
                row("in process, batch 100", .inProcess, "\(Self.rounded(ratioToLimit)) of its tasks/s"),
                row("over HTTP, 8 workers", .http, "\(Self.rounded(httpRatio)) by CPU per task"),
                row("limit: one by one, 16 clients", .oneByOne, ""),
                row("over HTTP, 256 single workers", .single, "\(Self.rounded(singleRatio)) of its tasks/s"),
            ].compactMap(\.self))
    }

    static func rounded(_ ratio: Double) -> Double { (ratio * 1_000).rounded() / 1_000 }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

private func median(_ values: [Double]) -> Double { ReportBenchResult.median(values) }
