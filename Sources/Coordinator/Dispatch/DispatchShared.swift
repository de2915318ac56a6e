package import CollectionsDomain
package import CollectionsStore
package import Logging
import PostgresDriver

/// What the services of dispatch share in one process: the database, memory that only hints, keys and limits.
package final class DispatchShared: Sendable {
    package let database: Database
    package let environments: CaseEnvironmentSource
    package let keys: TokenKeys
    package let floors = LaneFloors()
    package let clock = ClockHint()
    package let limits: DispatchLimits
    package let logger: Logger
    let waiters: LeaseWaiters
    let notifier: WorkNotifier
    private let probeBox: ProbeBox

    /// The probe needs the rest of this object, which needs the probe: it is put in last.
    private final class ProbeBox: Sendable {
        let floors: LaneFloors
        let clock: ClockHint
        let database: Database

        init(floors: LaneFloors, clock: ClockHint, database: Database) {
            self.floors = floors
            self.clock = clock
            self.database = database
        }
    }

    package init(database: Database, policies: PolicyService, limits: DispatchLimits = DispatchLimits(), logger: Logger) {
        self.database = database
        environments = CaseEnvironmentSource(database: database, policies: policies)
        keys = TokenKeys(database: database)
        self.limits = limits
        self.logger = logger
        let box = ProbeBox(floors: floors, clock: clock, database: database)
        probeBox = box
        notifier = WorkNotifier(database: database, logger: logger)
        waiters = LeaseWaiters { line, most in
            do {
                return try await Self.probe(line, most: most, database: box.database, floors: box.floors, clock: box.clock)
            } catch {
                logger.debug("could not look for due tasks", metadata: ["error": "\(LoggableError(error))"])
                return LeaseWaiters.Found(due: 0, next: nil)
            }
        }
    }

    /// The present as far as it can be told without a transaction; asks the database when nothing recent is known.
    package func presentHint() async throws -> Now {
        if let estimate = clock.estimate { return estimate }
        let now = try await database.api.withConnection { try await ClockQueries.read(in: $0) }
        clock.note(now)
        return now
    }

    /// The lease time that passes until a business instant; far beyond any wait while the clock stands.
    package func leaseTime(until instant: Instant, now: Now) -> Duration {
        let left = instant - now.business
        if left <= .zero { return .zero }
        if now.rate <= 0 { return .seconds(3_600) }
        return .microseconds(Int64(min(Double(left.wholeMicroseconds) / now.rate, 3_600_000_000)))
    }

    /// News after a commit: here at once, other nodes within 20 ms or so.
    package func hint(_ hints: [WorkHint]) async {
        guard !hints.isEmpty else { return }
        for hint in hints { floors.hint(LaneKey(part: hint.part, agency: hint.agency, stage: hint.stage)) }
        await waiters.hint(hints)
        notifier.post(hints)
    }

    /// News from another node.
    func heard(_ hints: [WorkHint]) async {
        for hint in hints { floors.hint(LaneKey(part: hint.part, agency: hint.agency, stage: hint.stage)) }
        await waiters.hint(hints)
    }

    /// Look everywhere: business time was moved, or news was missed.
    func heardEverything() async {
        floors.hintAll()
        await waiters.probeAll()
    }

    /// The next due time of some keys.
    func probe(agency: Int32, keys: [LaneKey], in db: PostgresConnection) async throws -> [LaneKey: Instant?] {
        let unique = Set(keys)
        let query = TaskQueries.probe(
            agency: agency, keys: unique.map { ($0.part, $0.stage, floors.start(of: $0)) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) },
            limit: 1)
        var found = [LaneKey: Instant?](uniqueKeysWithValues: unique.map { ($0, nil) })
        for (part, stage, dueAt) in try TaskQueries.probed(try await db.query(query)) {
            found[LaneKey(part: part, agency: agency, stage: stage)] = .some(dueAt)
        }
        return found
    }

    private static func probe(
        _ line: LeaseWaiters.Line, most: Int, database: Database, floors: LaneFloors, clock: ClockHint
    ) async throws -> LeaseWaiters.Found {
        let keys = database.lanes.all.flatMap { part in line.stages.map { LaneKey(part: part, agency: line.agency, stage: $0) } }
        let now: Now
        let rows: [(Int32, Stage, Instant)]
        do {
            (now, rows) = try await database.api.withTransaction { db in
                let answers = try await db.pipeline([
                    Isolation.statement(agencies: [line.agency]), ClockQueries.readStatement,
                    TaskQueries.probe(agency: line.agency, keys: keys.map { ($0.part, $0.stage, floors.start(of: $0)) }, limit: most + 1),
                ])
                return (try ClockQueries.decode(answers[1]), try TaskQueries.probed(answers[2]))
            }
        } catch {
            floors.failed(keys)
            throw error
        }
        clock.note(now)
        var due = 0
        var next: Instant?
        var first: [LaneKey: Instant] = [:]
        for (part, stage, dueAt) in rows {
            let key = LaneKey(part: part, agency: line.agency, stage: stage)
            first[key] = min(first[key] ?? dueAt, dueAt)
            if dueAt <= now.business { due += 1 } else { next = min(next ?? dueAt, dueAt) }
        }
        for key in keys { floors.probed(key, nextDue: first[key]) }
        let left: Duration? = next.flatMap {
            now.rate > 0 ? .microseconds(Int64(Double(($0 - now.business).wholeMicroseconds) / now.rate)) : nil
        }
        return LeaseWaiters.Found(due: due, next: left)
    }
}
