import Metrics

/// What a pool reports to swift-metrics; names are `postgres.pool.*` with the dimension `pool`.
struct PoolMetrics: Sendable {
    private let connections: Gauge
    private let free: Gauge
    private let waiting: Gauge
    private let wait: Timer
    private let retries: Counter

    init(name: String) {
        let dimensions = [("pool", name)]
        connections = Gauge(label: "postgres.pool.connections", dimensions: dimensions)
        free = Gauge(label: "postgres.pool.free", dimensions: dimensions)
        waiting = Gauge(label: "postgres.pool.waiting", dimensions: dimensions)
        wait = Timer(label: "postgres.pool.wait", dimensions: dimensions)
        retries = Counter(label: "postgres.pool.retries", dimensions: dimensions)
    }

    func record(_ usage: PostgresPool.Usage) {
        connections.record(usage.connections)
        free.record(usage.free)
        waiting.record(usage.waiting)
    }

    func waited(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        wait.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func retried() { retries.increment() }
}
