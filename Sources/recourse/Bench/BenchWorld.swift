import CollectionsDomain
import CollectionsStore
import Coordinator
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import Simulator

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
    let agency: AgencyIdentity
    let token: String
    let script: BenchScript
    let oneByOne: BenchScript
    private let owner: PostgresConfiguration
    private let cases: [BenchQueries.Case]
    private let now: Instant
    private let logger: Logger

    /// Tasks of one run.
    var tasks: Int { cases.count }

    /// Imports and places a generated portfolio with one agency and sets the clock to a weekday morning, where it stands.
    init(accounts: Int, seed: UInt64, directory: String, policy: String, owner: PostgresConfiguration, database: Database, logger: Logger)
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
        _ = try await policies.load(yamlPath: policy)
        // Two days later, Wednesday at 10:00: windows are open, the notice of three days before has aged.
        now = zone.startOfDay(asOf.adding(days: 2)) + .seconds(10 * 3_600)
        _ = try await ClockService(database: database).set(to: now, rate: 0, by: anna)
        let agencies = AgencyService(database: database, logger: logger)
        _ = try await agencies.apply(AgencyFile(yaml: Self.agencies, file: "bench agencies"), by: anna)
        token = try await agencies.token("bench", by: anna).text
        guard let identity = try await agencies.authenticate(tokenHash: NewToken.hash(of: token)) else {
            throw UsageError("the bench's agency is unknown")
        }
        agency = identity

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
        script = BenchScript(agency: identity.agencyId, batch: 100, business: literal, writer: scriptIds)
        oneByOne = BenchScript(agency: identity.agencyId, batch: 1, business: literal, writer: scriptIds)
        cases = try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.prepare(agency: identity.agencyId, firstId: scriptIds, in: db)
            return try await BenchQueries.cases(in: db)
        }
        try await writeHistories(zone: zone)
    }

    /// Gives every debtor a past: talks, unanswered dials and messages of the last weeks; one in twenty is held.
    private func writeHistories(zone: Zone) async throws {
        for part in database.lanes.all {
            try await Self.withOwner(owner, logger) { db in
                var changed: [(debtor: Int64, bytes: [UInt8])] = []
                for (index, row) in try await BenchQueries.remembered(part: part, in: db).enumerated() {
                    var ledger = try ConductLedger(bytes: row.bytes)
                    for back in 0..<Self.history {
                        let isTalk = back.isMultiple(of: 5)
                        ledger.add(
                            ContactEntry(
                                at: now - .seconds(Int64(Self.history - back + 4) * 86_400), channel: isTalk ? .call : .sms,
                                outcome: isTalk ? .conversation : .delivered, by: Actor(agency: agency.agencyId)))
                    }
                    if index.isMultiple(of: Self.heldOneIn) { ledger.hold(.operator, from: now - .seconds(86_400)) }
                    changed.append((row.debtor, ledger.bytes))
                }
                try await BenchQueries.remember(part: part, changed, in: db)
            }
        }
    }

    /// Makes everything as it was, with a new task for every case.
    func reset() async throws {
        try await Self.withOwner(owner, logger) { db in
            try await BenchQueries.reset(writer: script.writer, in: db)
            let ids = try await database.ids.next(.task, count: cases.count)
            let rows = Dictionary(grouping: zip(ids, cases), by: { $0.1.part })
            for (part, pairs) in rows.sorted(by: { $0.key < $1.key }) {
                for start in stride(from: 0, to: pairs.count, by: 5_000) {
                    let chunk = pairs[start..<min(start + 5_000, pairs.count)]
                    try await db.query(
                        TaskQueries.insert(
                            part: part,
                            chunk.map {
                                NewTaskRow(
                                    taskId: $0.0, agencyId: agency.agencyId, step: .call, dueAt: now, debtorId: $0.1.debtorId,
                                    caseId: $0.1.caseId,
                                    attempt: 1)
                            }))
                }
            }
            try await BenchQueries.settle(in: db)
        }
    }

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

    private static let agencies = """
        agencies:
          - name: bench
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
              share: 100%
            fees: {rates: [{band: "*", rate: 10%}]}
        """
}
