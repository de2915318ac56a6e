import CollectionsStore
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Testing

@Suite("The private PostgreSQL", .tags(.database, .slow), .timeLimit(.minutes(3)))
struct EmbeddedPostgresTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A directory of the test's own, removed afterwards.
    private static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("recourse-embedded-\(UInt32.random(in: .min ... .max))")
            .path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        do {
            try await body(root)
        } catch {
            try FileManager.default.removeItem(atPath: root)
            throw error
        }
        try FileManager.default.removeItem(atPath: root)
    }

    @Test("is made with checksums, three roles and its own database, durable, and never as root")
    func made() async throws {
        try await Self.withDirectory { root in
            let cluster = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            let connection = try await PostgresConnection.connect(cluster.ownerConfiguration, logger: Self.logger)
            let facts = try await connection.query(
                """
                select current_setting('data_checksums'), current_setting('fsync'), current_setting('synchronous_commit'),
                    current_setting('TimeZone'), current_database()::text, (select rolsuper from pg_roles where rolname = current_user),
                    (select count(*) from pg_roles where rolname in ('recourse_owner', 'recourse_core', 'recourse_api'))
                """)
            let (checksums, fsync, commit, zone, database, isSuper, roles) = try #require(facts.first).decode(
                (String, String, String, String, String, Bool, Int64).self)
            #expect(
                checksums == "on" && fsync == "on" && commit == "on" && zone == "UTC" && database == "recourse" && !isSuper && roles == 3)
            await connection.close()

            let running = try #require(cluster.server.running())
            let status = try String(contentsOfFile: "/proc/\(running.pid)/status", encoding: .utf8)
            let uid = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(whereSeparator: \.isWhitespace).dropFirst().first
            #expect(uid != nil && uid != "0")
            #expect(cluster.dataKey.count == 32)
            try await cluster.stop()
            #expect(cluster.server.running() == nil)
        }
    }

    @Test("comes back with its data after a kill, past the stale files of the crash")
    func survivesCrash() async throws {
        try await Self.withDirectory { root in
            let first = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            let connection = try await PostgresConnection.connect(first.ownerConfiguration, logger: Self.logger)
            try await connection.simple("create table kept (n int)")
            try await connection.query("insert into kept values (42)")
            try await first.server.crash()
            await connection.close()
            #expect(FileManager.default.fileExists(atPath: first.location.base + "/data/postmaster.pid"))
            // As after a container's restart: the crashed server's process id belongs to somebody else by now.
            let pid = ProcessInfo.processInfo.processIdentifier
            let stale = try String(contentsOfFile: first.location.base + "/data/postmaster.pid", encoding: .utf8)
            let taken = "\(pid)\n" + stale.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
            try taken.write(toFile: first.location.base + "/data/postmaster.pid", atomically: false, encoding: .utf8)

            let second = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            #expect(second.dataKey == first.dataKey)
            let again = try await PostgresConnection.connect(second.ownerConfiguration, logger: Self.logger)
            #expect(try await again.query("select n from kept").value(as: Int32.self) == 42)
            await again.close()
            try await second.stop()
        }
    }

    @Test("two users share it; it goes with the last one, and stays when it was asked to")
    func shared() async throws {
        try await Self.withDirectory { root in
            let one = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            let two = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            let pid = try #require(one.server.running()?.pid)
            #expect(two.server.running()?.pid == pid)
            try await one.stop()
            #expect(two.server.running()?.pid == pid)
            let asked = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: true, logger: Self.logger)
            try await two.stop()
            try await asked.stop()
            #expect(asked.server.running()?.pid == pid)
            try await asked.server.stop()
            #expect(asked.server.running() == nil)
        }
    }

    @Test("a half-made data directory is made anew")
    func halfMade() async throws {
        try await Self.withDirectory { root in
            let found = try PrivateCluster.find(directory: root + "/.recourse", logger: Self.logger)
            try await found.server.initialize()
            try FileManager.default.removeItem(atPath: found.location.base + "/data/PG_VERSION")
            let cluster = try await PrivateCluster.start(directory: root + "/.recourse", keepRunning: false, logger: Self.logger)
            #expect(cluster.server.running()?.ready == true)
            try await cluster.stop()
        }
    }

    @Test("missing programs are named with what to do")
    func missingPrograms() {
        let error = EmbeddedPostgresError.serverProgramsMissing(searched: ["PATH"])
        #expect(String(describing: error).contains("apt-get install postgresql"))
        #expect(throws: EmbeddedPostgresError.self) { try PostgresBinaries.find(path: "", dataVersion: 12) }
    }

    @Test("a killed test server keeps what it acknowledged")
    func restartable() async throws {
        try await TestDatabase.withRestartableServer { server in
            let database = try await server.open()
            try await database.core.query("insert into portfolio (name, as_of, created_at) values ('kept', '2026-01-01', now())")
            try await server.kill()
            try await server.start()
            let count: Int64 = try await database.core.query("select count(*) from portfolio where name = 'kept'").value()
            #expect(count == 1)
            await database.close()
        }
    }
}
