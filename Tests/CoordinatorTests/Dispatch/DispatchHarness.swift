import CollectionsDomain
import CollectionsStore
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

/// A dispatch over a test's database, with the mainland policy, one collection agency and a lettershop, on a Monday morning in Shanghai.
struct DispatchHarness {
    let db: TestDatabase
    let dispatch: Dispatch
    let policies: PolicyService
    let alpha: AgencyIdentity
    let lettershop: AgencyIdentity

    /// 2026-11-02 10:00 in Shanghai, a Monday.
    static let monday = instant("2026-11-02T10:00:00+08:00")

    static func instant(_ text: String) -> Instant {
        guard let instant = Instant(iso8601: text) else { preconditionFailure("not an instant: \(text)") }
        return instant
    }

    static var policyPath: String {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.appendingPathComponent("Deploy/policies/cn-credit-card.yaml").path
    }

    /// The mainland policy without the bank's own pace of calls: then the law's limits are the ones that bind.
    static func lawfulPacePath() throws -> String {
        var text = try String(contentsOfFile: policyPath, encoding: .utf8)
        for (own, loose) in [
            ("max_per_point_day: 3", "max_per_point_day: 50"), ("max_per_party_day: 4", "max_per_party_day: 50"),
            ("spacing_minutes: 120", "spacing_minutes: 0"), ("after_talk_days: 3", "after_talk_days: 0"),
        ] {
            #expect(text.contains(own), "the policy says \(own)")
            text = text.replacing(own, with: loose)
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pace-\(UUID().uuidString).yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// Sets the scene.
    ///
    /// - Parameter hasOwnPace: Whether the bank's own pace of calls binds beside the law's limits.
    init(
        limits: DispatchLimits = DispatchLimits(), stages: [Stage] = Stage.allCases, fieldRegions: [String] = ["*"], hasOwnPace: Bool = true
    ) async throws {
        let db = try TestDatabase.current
        self.db = db
        try await db.setBusinessTime(Self.monday)
        _ = try await db.makePolicyVersion()
        policies = PolicyService(database: db.database)
        _ = try await policies.load(yamlPath: hasOwnPace ? Self.policyPath : try Self.lawfulPacePath())
        let id = try await db.makeAgency(name: "alpha", fieldRegions: fieldRegions, stages: stages)
        alpha = AgencyIdentity(agencyId: id, name: "alpha", kind: .collection)
        let shop = try await db.makeAgency(name: "printer", kind: "lettershop")
        lettershop = AgencyIdentity(agencyId: shop, name: "printer", kind: .lettershop)
        dispatch = Dispatch(database: db.database, policies: policies, limits: limits, logger: Logger(label: "test"))
    }

    /// A second process on the same database. Close its database.
    func secondProcess() async throws -> (dispatch: Dispatch, database: Database) {
        let database = try await db.openAgain()
        return (Dispatch(database: database, policies: PolicyService(database: database), logger: Logger(label: "test 2")), database)
    }

    /// Leases. Tests put rows there directly, which is no news to dispatch: unless asked not to, it is told to look everywhere.
    func lease(
        _ stages: [String] = ["phone"], max: Int = 1, id: String = "r-\(UInt64.random(in: 0 ... .max))", ttl: Int? = nil, wait: Int? = nil,
        as agency: AgencyIdentity? = nil, looksEverywhere: Bool = true
    ) async throws -> [Lease] {
        if looksEverywhere { await dispatch.wake() }
        return try await dispatch.lease(
            LeaseRequest(requestId: id, stages: stages, max: max, ttlSeconds: ttl, waitSeconds: wait), for: agency ?? alpha
        ).leases
    }

    func report(_ items: [OutcomeItem], as agency: AgencyIdentity? = nil) async throws -> [OutcomeReply] {
        try await dispatch.report(OutcomeReport(outcomes: items), for: agency ?? alpha).outcomes
    }

    /// An outcome of a call with everything an act of contact has to say.
    func outcome(_ lease: Lease, _ result: String, at: Instant? = nil, edit: (inout OutcomeItem) -> Void = { _ in }) async throws
        -> OutcomeItem
    {
        let time: Instant
        if let at { time = at } else { time = try await db.now().business }
        var item = OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: WireInstant(time), endedAt: WireInstant(time), collectorId: "c1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-1")
        edit(&item)
        return item
    }

    /// One value of the database, as a superuser.
    func value<T: PostgresDecodable>(_ query: PostgresQuery, as type: T.Type = T.self) async throws -> T {
        try await db.administrator.query(query).value(as: T.self)
    }

    func count(_ query: PostgresQuery) async throws -> Int64 { try await value(query) }

    /// The ledger of a debtor.
    func ledger(_ debtor: PlacedDebtor) async throws -> ConductLedger {
        try ConductLedger(
            bytes: try await value(
                "select ledger from debtor_conduct where part = \(debtor.part) and debtor_id = \(debtor.debtorId)", as: [UInt8].self))
    }

    /// State and reason of a case.
    func state(_ debtor: PlacedDebtor) async throws -> String {
        try await value(
            "select state || coalesce(' ' || reason, '') from case_file where part = \(debtor.part) and case_id = \(debtor.caseId)")
    }

    /// Steps of the live tasks of a case, with how they stand.
    func tasks(_ debtor: PlacedDebtor) async throws -> [TaskRow] {
        try await db.administrator.withConnection { connection in
            try TaskQueries.rows(try await connection.query(TaskQueries.ofDebtors(part: debtor.part, debtors: [debtor.debtorId])))
        }.sorted { $0.taskId < $1.taskId }
    }
}
