/// One measurement of a bench: what was done, how long it took, and what it cost.
struct BenchFigure: Encodable, Sendable {
    var tasks: Int64
    var seconds: Double
    /// CPU of the database's processes, microseconds per task.
    var databaseMicroseconds: Double
    /// CPU of whoever talks to it (this process, the coordinator, pgbench), microseconds per task.
    var clientMicroseconds: Double
    /// Write-ahead log, bytes per task.
    var walBytes: Double
    /// Calls of whatever the measurement names, in milliseconds; empty where nobody timed them.
    var latencies = Latencies()
    /// Entries of the index of ready tasks that were read for one lease call; nil where calls were not counted.
    var rowsPerLease: Double?

    var tasksPerSecond: Double { seconds > 0 ? Double(tasks) / seconds : 0 }
    var microseconds: Double { databaseMicroseconds + clientMicroseconds }

    enum CodingKeys: String, CodingKey {
        case tasks, seconds
        case tasksPerSecond = "tasks_per_second"
        case databaseMicroseconds = "database_us_per_task"
        case clientMicroseconds = "client_us_per_task"
        case walBytes = "wal_bytes_per_task"
        case latencies
        case rowsPerLease = "rows_walked_per_lease"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tasks, forKey: .tasks)
        try container.encode((seconds * 1_000).rounded() / 1_000, forKey: .seconds)
        try container.encode(tasksPerSecond.rounded(), forKey: .tasksPerSecond)
        try container.encode(Self.tenths(databaseMicroseconds), forKey: .databaseMicroseconds)
        try container.encode(Self.tenths(clientMicroseconds), forKey: .clientMicroseconds)
        try container.encode(walBytes.rounded(), forKey: .walBytes)
        if !latencies.isEmpty { try container.encode(latencies, forKey: .latencies) }
        try container.encodeIfPresent(rowsPerLease.map(Self.tenths), forKey: .rowsPerLease)
    }

    /// The medians of some measurements, each field by itself; latencies of all together.
    static func median(_ figures: [BenchFigure]) -> BenchFigure {
        func of(_ field: (BenchFigure) -> Double) -> Double { Statistics.median(figures.map(field)) }
        let rates = of(\.tasksPerSecond)
        let tasks = Int64(of { Double($0.tasks) })
        let rows = figures.compactMap(\.rowsPerLease)
        var median = BenchFigure(
            tasks: tasks, seconds: rates > 0 ? Double(tasks) / rates : 0, databaseMicroseconds: of(\.databaseMicroseconds),
            clientMicroseconds: of(\.clientMicroseconds), walBytes: of(\.walBytes))
        for figure in figures { median.latencies.add(figure.latencies) }
        median.rowsPerLease = rows.isEmpty ? nil : Statistics.median(rows)
        return median
    }

    static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// Durations of calls, and where their tail begins.
struct Latencies: Encodable, Sendable {
    private var milliseconds: [Double] = []

    var isEmpty: Bool { milliseconds.isEmpty }
    var count: Int { milliseconds.count }
    /// What the call took that was answered first, in milliseconds; 0 without calls.
    var first: Double { milliseconds.first ?? 0 }

    mutating func add(_ duration: Duration) { milliseconds.append(duration / .milliseconds(1)) }
    mutating func add(_ other: Latencies) { milliseconds += other.milliseconds }

    /// The duration in milliseconds that this share of the calls did not exceed; 0 without calls.
    func percentile(_ share: Double) -> Double {
        guard !milliseconds.isEmpty else { return 0 }
        let sorted = milliseconds.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private enum CodingKeys: String, CodingKey {
        case calls
        case p50 = "p50_ms"
        case p99 = "p99_ms"
        case p999 = "p999_ms"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .calls)
        try container.encode(BenchFigure.tenths(percentile(0.5)), forKey: .p50)
        try container.encode(BenchFigure.tenths(percentile(0.99)), forKey: .p99)
        try container.encode(BenchFigure.tenths(percentile(0.999)), forKey: .p999)
    }

    /// `p50 / p99 / p999` in milliseconds, for people.
    var text: String {
        isEmpty ? "-" : [0.5, 0.99, 0.999].map { "\(BenchFigure.tenths(percentile($0)))" }.joined(separator: " / ")
    }
}

/// Small arithmetic of benches.
enum Statistics {
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The median of the ratios of two ways measured side by side; 0 where one of them was not.
    static func ratio(_ over: [Double], to under: [Double]) -> Double {
        thousandths(median(zip(over, under).map { $0 / max(1e-9, $1) }))
    }

    static func thousandths(_ ratio: Double) -> Double { (ratio * 1_000).rounded() / 1_000 }
}
