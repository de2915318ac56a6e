import ArgumentParser
import CollectionsStore
import Coordinator
import Logging

/// Lease and report, measured against the hand-written limit in the same cluster, one after the other in every round.
struct ReportBench: Sendable {
    /// A way the same work is done.
    enum Way: String, CaseIterable, ExpressibleByArgument, Sendable {
        /// pgbench with the hand-written statements, batches of 100.
        case limit
        /// This process, batches of 100.
        case inProcess = "in-process"
        /// A coordinator process over HTTP: 8 workers, batches of 100.
        case http
        /// pgbench with the hand-written statements, one task a transaction.
        case oneByOne = "one-by-one"
        /// A coordinator process over HTTP: 256 workers, one task a call.
        case single
    }

    let bench: Bench
    let clients: Int

    /// Tasks of the one-by-one ways, which take thirty times as long for each.
    private var fewer: Int { min(bench.world.tasks, 4_000) }

    /// Measures one way once, on cases made equal before.
    func measure(_ way: Way) async throws -> BenchFigure {
        try await bench.world.reset()
        return switch way {
        case .limit: try await bench.limit.run(bench.world.script, clients: clients, tasks: bench.world.tasks)
        case .inProcess: try await inProcess()
        case .http: try await overHTTP(workers: 8, batch: 100, tasks: .max)
        case .oneByOne: try await bench.limit.run(bench.world.oneByOne, clients: 16, tasks: fewer)
        case .single: try await overHTTP(workers: 256, batch: 1, tasks: fewer)
        }
    }

    /// In this process: so many loops that lease 100 and report 100.
    private func inProcess() async throws -> BenchFigure {
        try await BenchLoad.withDispatch(bench.world, logger: bench.logger) { dispatch in
            try await bench.meter.measure(client: { CPUMeter.own }) { calls in
                try await BenchLoad.drain(dispatch, agency: bench.world.agency, clients: clients, batch: 100, calls: calls)
            }
        }
    }

    /// Over HTTP, from a coordinator process of its own; the load comes from this process and is not counted.
    private func overHTTP(workers: Int, batch: Int, tasks: Int) async throws -> BenchFigure {
        try await bench.withServer { server in
            try await bench.meter.measure(client: { server.cpuSeconds }) { calls in
                try await BenchLoad.work(server.client, workers: workers, batch: batch, tasks: tasks, calls: calls)
            }
        }
    }
}
