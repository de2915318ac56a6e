import CollectionsStore
import EmbeddedPostgres
import Foundation

/// pgbench with the hand-written statements, in the same cluster.
struct BenchLimit: Sendable {
    let world: BenchWorld
    let meter: BenchMeter
    let directory: String

    /// Runs a script until it had a turn for so many tasks.
    func run(_ script: BenchScript, clients: Int, tasks: Int) async throws -> BenchFigure {
        let path = directory + "/limit-\(script.batch).sql"
        try script.text.write(toFile: path, atomically: true, encoding: .utf8)
        let lanes = Int(world.database.lanes.count)
        let turns = max(1, tasks / script.batch / clients + (script.batch > 1 ? lanes : 0))
        let pgbench = meter.cluster.server.configuration.binaries.program("pgbench")
        guard FileManager.default.isExecutableFile(atPath: pgbench) else {
            throw UsageError("\(pgbench) is missing: the limit is measured with pgbench (hint: apt-get install postgresql)")
        }
        let arguments = [
            pgbench, "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(min(clients, 2))", "-t", "\(turns)", "-D", "turn=0", "-D",
            "clients=\(clients)", "-D", "lanes=\(lanes)", "-f", path, meter.cluster.apiURL,
        ]
        let log = directory + "/pgbench.log"
        return try await meter.measure(client: { CPUMeter.ended }) { _ in
            let child = try ChildProcess.spawn(arguments, log: log)
            let status = await child.wait()
            guard status == 0 else { throw UsageError("pgbench ended with \(status): see \(log)") }
        }
    }
}
