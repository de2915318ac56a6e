import AgencyClient
import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import WireTypes

/// Lease and report, measured against the hand-written limit in the same cluster, one after the other in every round.
struct ReportBench: Sendable {
    /// One measurement.
    struct Figure: Encodable, Sendable {
        var tasks: Int64
        var seconds: Double
        /// CPU of the database's processes, microseconds per task.
        var databaseMicroseconds: Double
        /// CPU of whoever talks to it (this process, the coordinator, pgbench), microseconds per task.
        var clientMicroseconds: Double

        var tasksPerSecond: Double { seconds > 0 ? Double(tasks) / seconds : 0 }
        var microseconds: Double { databaseMicroseconds + clientMicroseconds }

        enum CodingKeys: String, CodingKey {
            case tasks, seconds
            case databaseMicroseconds = "database_us_per_task"
            case clientMicroseconds = "client_us_per_task"
        }
    }

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

    let world: BenchWorld
    let cluster: PrivateCluster
    let directory: String
    let clients: Int
    let logger: Logger

    private var postmaster: Int32 {
        let text = FileManager.default.contents(atPath: cluster.location.base + "/data/postmaster.pid").map {
            String(decoding: $0, as: UTF8.self)
        }
        return text?.split(separator: "\n").first.flatMap { Int32($0) } ?? 0
    }

    /// Measures one way once.
    func measure(_ way: Way) async throws -> Figure {
        switch way {
        case .limit: try await limit(world.script, clients: clients)
        case .inProcess: try await inProcess()
        case .http: try await overHTTP(workers: 8, batch: 100)
        case .oneByOne: try await limit(world.oneByOne, clients: 16)
        case .single: try await overHTTP(workers: 256, batch: 1)
        }
    }

    // MARK: Ours

    /// In this process: so many loops that lease 100 and report 100.
    private func inProcess() async throws -> Figure {
        try await world.reset()
        let dispatch = Dispatch(database: world.database, policies: world.policies, logger: logger)
        let sweeps = Task { try await dispatch.runSweeps() }
        await dispatch.wake()
        let figure = try await measure(client: { CPUMeter.own }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<clients {
                    group.addTask { [world] in
                        while true {
                            let reply = try await dispatch.lease(
                                LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: 100), for: world.agency)
                            if reply.leases.isEmpty { return }
                            _ = try await dispatch.report(
                                OutcomeReport(outcomes: reply.leases.map { Self.outcome($0, at: reply.serverTime) }), for: world.agency)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        sweeps.cancel()
        do { try await sweeps.value } catch is CancellationError {}
        return figure
    }

    /// Over HTTP, from a coordinator process of its own; the load comes from this process and is not counted.
    private func overHTTP(workers: Int, batch: Int) async throws -> Figure {
        try await world.reset()
        let port = try FreePort.find()
        let server = try DemoProcess(
            name: "coordinator", arguments: ["serve", "--listen", "127.0.0.1:\(port)", "--directory", directory],
            environment: [
                "RECOURSE_DATA_KEY": Data(world.database.configuration.dataKey).base64EncodedString(), "DATABASE_URL": cluster.coreURL,
                "RECOURSE_API_DATABASE_URL": cluster.apiURL,
            ], log: directory + "/serve.log")
        let client = AgencyClient(
            configuration: AgencyClientConfiguration(url: "http://127.0.0.1:\(port)", token: world.token), logger: logger)
        do {
            // The first call waits for the coordinator and warms its caches.
            _ = try await client.lease(LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.letter], max: 1))
            let pid = CPUMeter.children(of: server.pid).first ?? server.pid
            let figure = try await measure(client: { CPUMeter.used(byTreeOf: pid) }) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<workers {
                        group.addTask {
                            while true {
                                let reply = try await client.lease(
                                    LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.phone], max: batch))
                                if reply.leases.isEmpty { return }
                                _ = try await client.report(reply.leases.map { Self.outcome($0, at: reply.serverTime) })
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await client.close()
            await server.stop()
            return figure
        } catch {
            do { try await client.close() } catch {}  // the first error is the one that matters
            await server.stop()
            throw error
        }
    }

    // MARK: The limit

    /// pgbench with the hand-written statements.
    private func limit(_ script: BenchScript, clients: Int) async throws -> Figure {
        try await world.reset()
        let path = directory + "/limit-\(script.batch).sql"
        try script.text.write(toFile: path, atomically: true, encoding: .utf8)
        let turns = max(1, world.tasks / script.batch / clients + (script.batch > 1 ? Int(world.database.lanes.count) : 0))
        let pgbench = cluster.server.configuration.binaries.program("pgbench")
        guard FileManager.default.isExecutableFile(atPath: pgbench) else {
            throw UsageError("\(pgbench) is missing: the limit is measured with pgbench (hint: apt-get install postgresql)")
        }
        let arguments = [
            pgbench, "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(min(clients, 2))", "-t", "\(turns)", "-D", "turn=0", "-D",
            "clients=\(clients)",
            "-D", "lanes=\(world.database.lanes.count)", "-f", path, cluster.apiURL,
        ]
        let log = directory + "/pgbench.log"
        return try await measure(client: { CPUMeter.ended }) {
            let child = try ChildProcess.spawn(arguments, log: log)
            let status = await child.wait()
            guard status == 0 else { throw UsageError("pgbench ended with \(status): see \(log)") }
        }
    }

    // MARK: Measuring

    private func measure(client: () -> Double, _ body: () async throws -> Void) async throws -> Figure {
        let (tasksBefore, databaseBefore, clientBefore) = (try await world.outcomes(), CPUMeter.used(byTreeOf: postmaster), client())
        let began = ContinuousClock.now
        try await body()
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let (database, own) = (CPUMeter.used(byTreeOf: postmaster) - databaseBefore, client() - clientBefore)
        let tasks = try await world.outcomes() - tasksBefore
        let each = 1e6 / Double(max(1, tasks))
        return Figure(tasks: tasks, seconds: seconds, databaseMicroseconds: database * each, clientMicroseconds: own * each)
    }

    private static func outcome(_ lease: Lease, at time: WireInstant) -> OutcomeItem {
        OutcomeItem(
            leaseToken: lease.leaseToken, result: "no_answer", occurredAt: time, endedAt: time, collectorId: "c-1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-\(lease.taskId)")
    }
}
