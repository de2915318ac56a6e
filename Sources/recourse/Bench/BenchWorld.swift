import CollectionsDomain
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import Simulator
import Synchronization

/// What dispatch is measured on: a private database of one agency's placed cases, each with one call due, in the same state before every run.
///
/// Everything that is always on is on: gate, reservations, conduct rows with a history, audit, receipts, encryption, row-level security.
final class BenchWorld: Sendable {
    /// Acts each debtor's ledger holds.
    static let history = 20
    /// One debtor in so many is on hold, so that the gate blocks.
    static let heldOneIn = 20

    let database: Database
    let policies: PolicyService
    /// Who holds the cases, and the token each calls with.
    let agencies: [AgencyIdentity]
    let tokens: [String]
    let script: BenchScript
    let oneByOne: BenchScript
    private let owner: PostgresConfiguration
    private let admin: Operator
    /// How far business time has gone on since the first run.
    private let later = Mutex(Duration.zero)
    private let cases: [BenchQueries.Case]
    /// The first agency's cases that nothing holds.
    private let workable: [BenchQueries.Case]
    private let now: Instant
    private let logger: Logger

    /// The first agency; of most benches the only one.
    var agency: AgencyIdentity { agencies[0] }
    var token: String { tokens[0] }

    /// Tasks of one run.
    var tasks: Int { cases.count }
    /// Tasks of one run, by agency.
    var tasksByAgency: [Int32: Int] { Dictionary(grouping: cases, by: \.agencyId).mapValues(\.count) }

    /// Imports and places a generated portfolio with equal agencies and sets the clock to a weekday morning, where it stands.
    init(
        accounts: Int, agencies count: Int, seed: UInt64, directory: String, policy: String, owner: PostgresConfiguration,
        database: Database, logger: Logger
    )
        async throws
    {
        guard let asOf = Day(iso: DemoPlan.generatedAsOf), let zone = Zone(identifier: "Asia/Shanghai") else {
            throw UsageError("the time zone Asia/Shanghai is not installed (hint: tzdata)")
        }
        self.database = database
        self.owner = owner
        self.logger = logger
        policies = PolicyService(database: database)
        let operators = OperatorService(database: database)
        let anna = try await operators.add(name: "anna", role: .admin) { throw OperatorError.refused }.operator
        let boris = try await operators.add(name: "boris", role: .supervisor) { anna }.operator
        admin = anna
        _ = try await policies.load(yamlPath: policy)
        // Two days later, Wednesday at 10:00: windows are open, the notice of three days before has aged.
        now = zone.startOfDay(asOf.adding(days: 2)) + .seconds(10 * 3_600)
        _ = try await ClockService(database: database).set(to: now, rate: 0, by: anna)
        let service = AgencyService(database: database, logger: logger)
        let names = (1...count).map { "bench-\($0)" }
        _ = try await service.apply(AgencyFile(yaml: Self.yaml(names), file: "bench agencies"), by: anna)
        var (identities, texts): ([AgencyIdentity], [String]) = ([], [])
        for name in names {
            let text = try await service.token(name, by: anna).text
            guard let identity = try await service.authenticate(tokenHash: NewToken.hash(of: text)) else {
                throw UsageError("the bench's agency \(name) is unknown")
            }
            identities.append(identity)
            texts.append(text)
        }
        (agencies, tokens) = (identities, texts)
        let first = identities[0].agencyId

        let plan = DemoPlan(
            accounts: accounts, days: 1, seed: seed, stride: .seconds(7_200), files: nil, directory: directory, policy: policy, agencies: ""
        )
        let environments = CaseEnvironmentSource(database: database, policies: policies)
        try await DemoFiles(plan: plan).load(
            asOf: asOf, database: database, policies: policies, environments: environments, by: anna, logger: logger)
        environments.forget()
        let placements = PlacementService(database: database, policies: policies, environments: environments, logger: logger)
        let made = try await placements.plan(portfolio: DemoPlan.portfolio, strategy: .weighted, seed: 1, by: anna)
        guard let run = made.runId else { throw UsageError("the bench's plan was not stored") }
        _ = try await placements.approve(run, by: boris)
        _ = try await placements.carryOut(run, workers: 2, by: anna)

        let firstId = try await database.ids.next(.auditWriter)
        // Ids of this month, far above what the program's own blocks reach.
        let scriptIds = ((firstId >> 40) << 40) + (Int64(1) << 39)
        let literal = "'\(now.iso8601())'::timestamptz"
        script = BenchScript(agency: first, batch: 100, business: literal, writer: scriptIds)
        oneByOne = BenchScript(agency: first, batch: 1, business: literal, writer: scriptIds)
        cases = try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.prepare(firstId: scriptIds, in: db)
            return try await BenchQueries.cases(in: db)
        }
        let held = try await Self.writeHistories(agency: first, now: now, lanes: database.lanes, owner: owner, logger: logger)
        workable = cases.filter { $0.agencyId == first && !held.contains($0.debtorId) }
    }

    /// Gives every debtor a past: talks, unanswered dials and messages of the last weeks; one in twenty is held.
    ///
    /// - Returns: Who is held.
    private static func writeHistories(
        agency: Int32, now: Instant, lanes: Lanes, owner: PostgresConfiguration, logger: Logger
    ) async throws -> Set<Int64> {
        var held: Set<Int64> = []
        for part in lanes.all {
            let ofLane = try await withOwner(owner, logger) { db in
                var changed: [(debtor: Int64, bytes: [UInt8])] = []
                var held: Set<Int64> = []
                for (index, row) in try await BenchQueries.remembered(part: part, in: db).enumerated() {
                    var ledger = try ConductLedger(bytes: row.bytes)
                    for back in 0..<history {
                        let isTalk = back.isMultiple(of: 5)
                        ledger.add(
                            ContactEntry(
                                at: now - .seconds(Int64(history - back + 4) * 86_400), channel: isTalk ? .call : .sms,
                                outcome: isTalk ? .conversation : .delivered, by: Actor(agency: agency)))
                    }
                    if index.isMultiple(of: heldOneIn) {
                        ledger.hold(.operator, from: now - .seconds(86_400))
                        held.insert(row.debtor)
                    }
                    changed.append((row.debtor, ledger.bytes))
                }
                try await BenchQueries.remember(part: part, changed, in: db)
                return held
            }
            held.formUnion(ofLane)
        }
        return held
    }

    /// Makes everything as it was, with a new task for every case.
    func reset() async throws {
        try await Self.withOwner(owner, logger) { try await BenchQueries.reset(writer: script.writer, in: $0) }
        let due = present
        try await addTasks { due - Self.spread(of: $0) }
        try await settle()
    }

    /// From now on business time goes as fast as lease time, as a bank's does: nobody is told that it is later.
    func letTimePass() async throws {
        _ = try await ClockService(database: database).set(to: present, rate: 1, by: admin)
    }

    /// A new task for every case, as in a database that works on: receipts and dead rows of earlier runs stay, nothing is vacuumed, and the tasks
    /// become due within the next second. Returns when they are.
    func workOn() async throws {
        try await Self.withOwner(owner, logger) { try await BenchQueries.workOn(in: $0) }
        let due = try await database.core.withConnection { try await ClockQueries.read(in: $0) }.business + .seconds(2)
        try await addTasks { due + Self.spread(of: $0) / 60 }
        while try await database.core.withConnection({ try await ClockQueries.read(in: $0) }).business < due + .seconds(1) {
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// As ``reset()``, but it is night, and all tasks become due when calls are allowed again.
    ///
    /// - Returns: That moment.
    func resetForOpening() async throws -> Instant {
        let night = Zone.utc.startOfDay(Zone.utc.day(of: present).adding(days: 1)) - .seconds(3 * 3_600)
        try await go(to: night)
        try await Self.withOwner(owner, logger) { try await BenchQueries.reset(writer: script.writer, in: $0) }
        let environments = CaseEnvironmentSource(database: database, policies: policies)
        let now = try await database.api.withConnection { try await ClockQueries.read(in: $0) }
        let opening = try await environments.current(at: now).hours(timeZone: "Asia/Shanghai").nextOpen(from: night)
        guard opening > night else {
            throw UsageError("the bench's policy allows calls at any hour, so nothing opens in the morning (hint: --situation ready cold)")
        }
        try await addTasks { _ in opening }
        try await settle()
        return opening
    }

    /// Sets business time, where it stands; never back.
    func go(to instant: Instant) async throws {
        later.withLock { $0 = instant - now }
        _ = try await ClockService(database: database).set(to: instant, rate: 0, by: admin)
    }

    private var present: Instant { now + later.withLock(\.self) }

    /// One call task for every case.
    private func addTasks(dueAt: (Int64) -> Instant) async throws {
        let ids = try await database.ids.next(.task, count: cases.count)
        let rows = Dictionary(grouping: zip(ids, cases), by: { $0.1.part })
        for (part, pairs) in rows.sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: pairs.count, by: 5_000) {
                let chunk = pairs[start..<min(start + 5_000, pairs.count)].map { id, file in
                    NewTaskRow(
                        taskId: id, agencyId: file.agencyId, step: .call, dueAt: dueAt(id), debtorId: file.debtorId, caseId: file.caseId,
                        attempt: 1)
                }
                _ = try await Self.withOwner(owner, logger) { try await $0.query(TaskQueries.insert(part: part, chunk)) }
            }
        }
    }

    private func settle() async throws { try await Self.withOwner(owner, logger) { try await BenchQueries.settle(in: $0) } }

    /// How long before the run a task became due: spread over a minute, as the ends of waits are.
    private static func spread(of task: Int64) -> Duration {
        .milliseconds(Int64(UInt64(bitPattern: task) &* 0x9E37_79B9_7F4A_7C15 >> 33 % 60_000))
    }

    /// Puts so many tasks behind those of the run: the same agency and stage, due at one time, with higher ids.
    func addBacklog(_ count: Int, dueAt: Instant? = nil) async throws {
        let due = dueAt ?? present
        try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.addBacklog(count, agency: agency.agencyId, dueAt: due, lanes: database.lanes.count, in: db)
        }
        try await settle()
    }

    /// Makes one call task of the first agency due now.
    ///
    /// - Returns: Its lane.
    func addTask(_ index: Int) async throws -> Int32 {
        let of = workable[index % workable.count]
        let id = try await database.ids.next(.task)
        _ = try await Self.withOwner(owner, logger) { db in
            try await db.query(
                TaskQueries.insert(
                    part: of.part,
                    [
                        NewTaskRow(
                            taskId: id, agencyId: of.agencyId, step: .call, dueAt: now, debtorId: of.debtorId, caseId: of.caseId, attempt: 1
                        )
                    ]))
        }
        return of.part
    }

    /// Takes every task away.
    func removeTasks() async throws {
        try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.reset(writer: script.writer, in: db)
            try await BenchQueries.settle(in: db)
        }
    }

    /// Opens a transaction with a snapshot and an id, and keeps it open while the body runs: nothing that dies meanwhile can be removed.
    func holdingTransaction<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.holdHorizon(in: db)
            let value = try await body()
            try await db.query("rollback")
            return value
        }
    }

    /// Write-ahead log written, and entries of the ready index read, so far.
    func footprint() async throws -> BenchQueries.Footprint {
        // Backends tell what they have counted at most once a second.
        try await Task.sleep(for: .milliseconds(1_100))
        return try await database.core.withConnection { try await BenchQueries.footprint(in: $0) }
    }

    /// Dead rows of the task table, as the server counts them.
    func deadTasks() async throws -> Int64 { try await database.core.withConnection { try await BenchQueries.deadTasks(in: $0) } }

    func outcomes() async throws -> Int64 { try await database.core.withConnection { try await BenchQueries.outcomes(in: $0) } }

    private static func withOwner<Value: Sendable>(
        _ owner: PostgresConfiguration, _ logger: Logger, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
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

    private static func yaml(_ names: [String]) -> String {
        var text = "agencies:"
        for name in names {
            text += """

                  - name: \(name)
                    kind: collection
                    listed: true
                    license_until: 2027-12-31
                    evaluated_on: 2026-06-15
                    trained_on: 2026-06-15
                    contract:
                      starts_on: 2026-01-01
                      ends_on: 2027-12-31
                      stages: [information_gathering, phone, legal_referral]
                      capacity_count: 10000000
                      share: \(100 / names.count)%
                    fees: {rates: [{band: "*", rate: 10%}]}
                """
        }
        return text + "\n"
    }
}
