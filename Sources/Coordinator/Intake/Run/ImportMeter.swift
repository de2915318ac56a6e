import CollectionsStore
import PostgresDriver
import Synchronization

/// Counts rows for the progress display, and at most four times a second says so.
final class ImportMeter: Sendable {
    private struct State {
        var step = ImportProgress.Step.reading
        var rows: Int64 = 0
        var total: Int64?
        var fraction = 0.0
        var began = ContinuousClock.now
        var told: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let tell: (@Sendable (ImportProgress) -> Void)?

    init(_ tell: (@Sendable (ImportProgress) -> Void)?) {
        self.tell = tell
    }

    /// A step begins.
    func begin(_ step: ImportProgress.Step, total: Int64?) {
        state.withLock { $0 = State(step: step, total: total) }
    }

    /// Rows were done; `fraction` where their number says nothing yet.
    func add(_ rows: Int64, fraction: Double? = nil) {
        let news = state.withLock { state -> ImportProgress? in
            state.rows += rows
            state.fraction = fraction ?? state.total.map { $0 == 0 ? 1 : Double(state.rows) / Double($0) } ?? 0
            let now = ContinuousClock.now
            if let told = state.told, now - told < .milliseconds(250) { return nil }
            state.told = now
            let seconds = (now - state.began) / .seconds(1)
            return ImportProgress(
                step: state.step, rows: state.rows, total: state.total, fraction: min(1, state.fraction),
                rowsPerSecond: seconds > 0 ? Double(state.rows) / seconds : 0)
        }
        if let news { tell?(news) }
    }
}

/// The claim on a file: one import of the same bytes at a time, anywhere. A dead holder's ends by itself.
actor ImportClaim {
    private let database: Database
    private let runId: Int64
    private let holder: String
    private var beatAt = ContinuousClock.now
    private var done: Int64 = 0

    private init(database: Database, runId: Int64, holder: String) {
        self.database = database
        self.runId = runId
        self.holder = holder
    }

    /// Claims a file, waiting for a holder that died a moment ago.
    ///
    /// - Throws: ``IntakeError/busy(holder:)`` when another import is alive.
    static func take(kind: ImportKind, sha256: [UInt8], total: Int64?, in database: Database) async throws -> ImportClaim {
        let id = try await database.ids.next(.run)
        let holder = "import \(id)"
        let deadline = ContinuousClock.now + RunQueries.lease + .seconds(2)
        while true {
            do {
                let run = try await database.core.withTransaction { db in
                    let now = try await ClockQueries.read(in: db)
                    return try await RunQueries.start(
                        id: id, kind: "import", subject: "\(kind.rawValue) \(Digest.hex(sha256))", total: total, holder: holder, now: now,
                        in: db
                    ).run
                }
                return ImportClaim(database: database, runId: run.id, holder: holder)
            } catch let error as RunError {
                guard case .running(_, let other) = error else { throw error }
                guard ContinuousClock.now < deadline else { throw IntakeError.busy(holder: other) }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Says that the import is alive, now and then.
    func beat(rows: Int64) async throws {
        done += rows
        guard ContinuousClock.now - beatAt > .seconds(5) else { return }
        beatAt = .now
        let done = done
        try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            try await RunQueries.progress(id: runId, holder: holder, done: done, now: now, in: db)
        }
    }

    /// Lets go of the file.
    func end(_ state: Run.State) async throws {
        try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            try await RunQueries.finish(id: runId, holder: holder, state: state, now: now, in: db)
        }
    }
}
