import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver

/// Both sides of ``DriverBench``: the same queries by the driver, and by pgbench and psql.
struct DriverSides: Sendable {
    typealias Rate = DriverBench.Rate

    private let cluster: PrivateCluster
    private let owner: PostgresConfiguration
    private let directory: String
    private let rows: Int
    private let seconds: Int
    private let logger: Logger
    private let pgbench: String
    private let psql: String

    init(cluster: PrivateCluster, owner: PostgresConfiguration, directory: String, rows: Int, seconds: Int, logger: Logger) throws {
        self.cluster = cluster
        self.owner = owner
        self.directory = directory
        self.rows = rows
        self.seconds = seconds
        self.logger = logger
        let binaries = cluster.server.configuration.binaries
        (pgbench, psql) = (binaries.program("pgbench"), binaries.program("psql"))
        for program in [pgbench, psql] where !FileManager.default.isExecutableFile(atPath: program) {
            throw UsageError("\(program) is missing (hint: apt-get install postgresql)")
        }
    }

    private static let pipeline = 100
    private var rowFile: String { directory + "/driver-rows.tsv" }
    private var log: String { directory + "/driver.log" }

    private func withConnection<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let db = try await PostgresConnection.connect(owner, logger: logger)
        do {
            let value = try await body(db)
            await db.close()
            return value
        } catch {
            await db.close()
            throw error
        }
    }

    /// Makes the table the rows are copied into, and the file psql copies from.
    func prepare() async throws {
        try await withConnection { db in
            try await db.simple(
                "create table if not exists bench_copy (id bigint not null, name text not null, amount bigint not null, at timestamptz not null)"
            )
        }
        guard FileManager.default.createFile(atPath: rowFile, contents: nil), let file = FileHandle(forWritingAtPath: rowFile) else {
            throw UsageError("\(rowFile): cannot be written")
        }
        defer { do { try file.close() } catch {} }  // what was written is checked by the copy itself
        var text = ""
        for id in 1...rows {
            text += "\(id)\tname \(id)\t\(id * 7)\t2026-11-02 02:00:00+00\n"
            if id.isMultiple(of: 10_000) || id == rows {
                try file.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
    }

    func clean() async throws {
        try await withConnection { db in try await db.simple("drop table bench_copy") }
        try FileManager.default.removeItem(atPath: rowFile)
    }

    // MARK: libpq

    func libpq(_ kind: DriverBench.Kind) async throws -> Rate {
        switch kind {
        case .sequential: try await pgbench("\\set n random(1, 1000000)\nselect :n::int;\n", clients: 1, queries: 1)
        case .connections16: try await pgbench("\\set n random(1, 1000000)\nselect :n::int;\n", clients: 16, queries: 1)
        case .pipelined100:
            try await pgbench(
                "\\set n random(1, 1000000)\n\\startpipeline\n" + String(repeating: "select :n::int;\n", count: Self.pipeline)
                    + "\\endpipeline\n", clients: 1, queries: Self.pipeline)
        case .copy: try await copyByPsql()
        }
    }

    private func pgbench(_ script: String, clients: Int, queries: Int) async throws -> Rate {
        let path = directory + "/driver.sql"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        let output = directory + "/driver.out"
        let before = CPUMeter.ended
        let child = try ChildProcess.spawn(
            [
                pgbench, "-n", "-M", "prepared", "-c", "\(clients)", "-j", "1", "-T", "\(seconds)", "-f", path, cluster.url,
            ], log: output)
        let status = await child.wait()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        try FileManager.default.removeItem(atPath: output)
        // "tps = 12345.678 (without initial connection time)"
        guard status == 0, let line = text.split(separator: "\n").last(where: { $0.hasPrefix("tps = ") }),
            let rate = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw UsageError("pgbench ended with \(status): \(text.suffix(300))") }
        let perSecond = rate * Double(queries)
        return Rate(perSecond: perSecond, microseconds: (CPUMeter.ended - before) * 1e6 / (perSecond * Double(seconds)))
    }

    private func copyByPsql() async throws -> Rate {
        try await withConnection { try await $0.simple("truncate bench_copy") }
        let (before, began) = (CPUMeter.ended, ContinuousClock.now)
        let child = try ChildProcess.spawn([psql, "-q", "-c", "\\copy bench_copy from '\(rowFile)'", cluster.url], log: log)
        let status = await child.wait()
        guard status == 0 else { throw UsageError("psql ended with \(status): see \(log)") }
        return try await copied(since: began, cpu: CPUMeter.ended - before)
    }

    // MARK: The driver

    func driver(_ kind: DriverBench.Kind) async throws -> Rate {
        switch kind {
        case .sequential: try await queries(connections: 1)
        case .connections16: try await queries(connections: 16)
        case .pipelined100: try await pipelines()
        case .copy: try await copy()
        }
    }

    /// Runs the body over and over on so many connections until time is up, in tasks that run on the connections' event loops.
    private func loop(
        connections: Int, queries: Int, _ body: @escaping @Sendable (PostgresConnection, Int32) async throws -> Void
    ) async throws -> Rate {
        var open: [PostgresConnection] = []
        for _ in 0..<connections { open.append(try await PostgresConnection.connect(owner, logger: logger)) }
        for db in open { try await body(db, 0) }
        let (before, began) = (CPUMeter.own, ContinuousClock.now)
        let end = began + .seconds(seconds)
        let tasks = open.map { db in
            Task(executorPreference: db.eventLoop) {
                var turns = 0
                var clock = began
                while clock < end {
                    // The clock is looked at now and then: a query takes a few microseconds.
                    for _ in 0..<16 { try await body(db, Int32(truncatingIfNeeded: turns)) }
                    turns += 16
                    clock = .now
                }
                return turns
            }
        }
        var total = 0
        for task in tasks { total += try await task.value }
        let took = (ContinuousClock.now - began) / .seconds(1)
        let cpu = CPUMeter.own - before
        for db in open { await db.close() }
        return Rate(perSecond: Double(total * queries) / took, microseconds: cpu * 1e6 / Double(total * queries))
    }

    private func queries(connections: Int) async throws -> Rate {
        try await loop(connections: connections, queries: 1) { db, n in
            let value: Int32 = try await db.query("select \(n)::int").value()
            guard value == n else { throw WrongAnswer() }
        }
    }

    private func pipelines() async throws -> Rate {
        try await loop(connections: 1, queries: Self.pipeline) { db, n in
            let query: PostgresQuery = "select \(n)::int"
            let answers = try await db.pipeline(Array(repeating: query, count: Self.pipeline))
            for answer in answers {
                let value: Int32 = try answer.value()
                guard value == n else { throw WrongAnswer() }
            }
        }
    }

    private func copy() async throws -> Rate {
        try await withConnection { try await $0.simple("truncate bench_copy") }
        let (before, began) = (CPUMeter.own, ContinuousClock.now)
        let at = PostgresTimestamp(microseconds: 1_793_584_800_000_000)
        let db = try await PostgresConnection.connect(owner, logger: logger)
        let rows = rows
        let copying = Task(executorPreference: db.eventLoop) {
            try await db.withBinaryCopy(into: "bench_copy", columns: ["id", "name", "amount", "at"]) { writer in
                for id in 1...rows { try await writer.writeRow(Int64(id), "name \(id)", Int64(id * 7), at) }
            }
        }
        _ = try await copying.value
        await db.close()
        return try await copied(since: began, cpu: CPUMeter.own - before)
    }

    /// The rate of a copy that has ended, after a look at what arrived.
    private func copied(since began: ContinuousClock.Instant, cpu: Double) async throws -> Rate {
        let took = (ContinuousClock.now - began) / .seconds(1)
        let (count, sum) = try await withConnection { db in
            try await db.query("select count(*), sum(amount)::bigint from bench_copy")[0].decode((Int64, Int64).self)
        }
        guard count == Int64(rows), sum == (1...Int64(rows)).reduce(0, +) * 7 else { throw WrongAnswer() }
        return Rate(perSecond: Double(rows) / took, microseconds: cpu * 1e6 / Double(rows))
    }

    /// What came back is not what was sent.
    private struct WrongAnswer: Error {}
}
