import AgencyClient
import CollectionsStore
import EmbeddedPostgres
import Foundation
import Logging
import WireTypes

/// A coordinator in a process of its own, for measurements over HTTP.
struct BenchServer: Sendable {
    let client: AgencyClient
    let process: DemoProcess
    /// The coordinator itself, behind the process that watches over it.
    let pid: Int32
    let url: String

    /// CPU seconds it has used.
    var cpuSeconds: Double { CPUMeter.used(byTreeOf: pid) }
    /// Memory it holds, in MB.
    var megabytes: Double { CPUMeter.residentBytes(of: pid) / 1e6 }

    /// Starts a coordinator, runs the body with it, and stops it.
    static func with<Value>(
        world: BenchWorld, cluster: PrivateCluster, directory: String, connections: Int = 256, logger: Logger,
        _ body: (BenchServer) async throws -> Value
    ) async throws -> Value {
        let port = try FreePort.find()
        let process = try DemoProcess(
            name: "coordinator", arguments: ["serve", "--listen", "127.0.0.1:\(port)", "--directory", directory],
            environment: [
                "RECOURSE_DATA_KEY": Data(world.database.configuration.dataKey).base64EncodedString(), "DATABASE_URL": cluster.coreURL,
                "RECOURSE_API_DATABASE_URL": cluster.apiURL,
            ], log: directory + "/serve.log")
        let url = "http://127.0.0.1:\(port)"
        var configuration = AgencyClientConfiguration(url: url, token: world.token)
        configuration.connectionsMax = max(configuration.connectionsMax, connections)
        let client = AgencyClient(configuration: configuration, logger: logger)
        do {
            // The first call waits for the coordinator and warms its caches.
            _ = try await client.lease(LeaseRequest(requestId: AgencyClient.makeKey(), stages: [StageName.letter], max: 1))
            let pid = CPUMeter.children(of: process.pid).first ?? process.pid
            let value = try await body(BenchServer(client: client, process: process, pid: pid, url: url))
            try await client.close()
            await process.stop()
            return value
        } catch {
            do { try await client.close() } catch {}  // the first error is the one that matters
            await process.stop()
            throw error
        }
    }
}
