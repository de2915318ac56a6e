import CollectionsStore
import EmbeddedPostgres
import Foundation
import Synchronization

/// Measures what happens while a body runs: tasks, time, CPU of both sides, write-ahead log, entries of the ready index.
struct BenchMeter: Sendable {
    let world: BenchWorld
    let cluster: PrivateCluster

    private var postmaster: Int32 {
        let text = FileManager.default.contents(atPath: cluster.location.base + "/data/postmaster.pid").map {
            String(decoding: $0, as: UTF8.self)
        }
        return text?.split(separator: "\n").first.flatMap { Int32($0) } ?? 0
    }

    /// Calls that a body times.
    final class Calls: Sendable {
        private let kept = Mutex((latencies: Latencies(), leases: 0))

        /// Times a lease call.
        func lease<Value>(_ body: () async throws -> Value) async throws -> Value {
            let began = ContinuousClock.now
            let value = try await body()
            let duration = ContinuousClock.now - began
            kept.withLock {
                $0.latencies.add(duration)
                $0.leases += 1
            }
            return value
        }

        /// Notes a duration that is no lease call's.
        func note(_ duration: Duration) { kept.withLock { $0.latencies.add(duration) } }

        var latencies: Latencies { kept.withLock(\.latencies) }
        var leases: Int { kept.withLock(\.leases) }
    }

    /// Runs the body and says what it did and cost.
    ///
    /// - Parameter client: CPU seconds used so far by whoever talks to the database.
    func measure(client: () -> Double, _ body: (Calls) async throws -> Void) async throws -> BenchFigure {
        let calls = Calls()
        let (tasksBefore, before) = (try await world.outcomes(), try await world.footprint())
        let (databaseBefore, clientBefore) = (CPUMeter.used(byTreeOf: postmaster), client())
        let began = ContinuousClock.now
        try await body(calls)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let (database, own) = (CPUMeter.used(byTreeOf: postmaster) - databaseBefore, client() - clientBefore)
        let after = try await world.footprint()
        let tasks = try await world.outcomes() - tasksBefore
        let each = 1 / Double(max(1, tasks))
        var figure = BenchFigure(
            tasks: tasks, seconds: seconds, databaseMicroseconds: database * 1e6 * each, clientMicroseconds: own * 1e6 * each,
            walBytes: Double(after.walBytes - before.walBytes) * each)
        figure.latencies = calls.latencies
        if calls.leases > 0 { figure.rowsPerLease = Double(after.readyRead - before.readyRead) / Double(calls.leases) }
        return figure
    }

    /// How long the disk takes to make one page durable, in milliseconds: the median of fifty. One-by-one figures mean nothing without it.
    func fsyncMilliseconds() throws -> Double {
        let path = cluster.location.base + "/fsync.probe"
        defer { unlink(path) }
        let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        guard file >= 0 else { throw UsageError("\(path): cannot be written (errno \(errno))") }
        defer { close(file) }
        let page = [UInt8](repeating: 0x5A, count: 8_192)
        var times: [Double] = []
        for _ in 0..<50 {
            let began = ContinuousClock.now
            guard write(file, page, page.count) == page.count, fsync(file) == 0 else {
                throw UsageError("\(path): cannot be written (errno \(errno))")
            }
            times.append((ContinuousClock.now - began) / .milliseconds(1))
        }
        return Statistics.thousandths(Statistics.median(times))
    }
}
