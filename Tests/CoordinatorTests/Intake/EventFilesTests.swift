import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

/// The bank's own contacts, from a file into the limits.
@Suite("Events files", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct EventFilesTests {
    private static let header = "event_ref,debtor_ref,account_ref,contact_ref,channel,direction,result,occurred_at,duration_seconds,actor\n"

    private let directory: ImportDirectory

    init() throws { directory = try ImportDirectory() }

    private func take(_ rows: [String], _ scene: DispatchHarness, name: String = "events.csv", hasCases: Bool = true) async throws
        -> ImportReport
    {
        let service = IntakeService(
            database: scene.db.database,
            environments: hasCases ? CaseEnvironmentSource(database: scene.db.database, policies: scene.policies) : nil)
        let file = try directory.write(Self.header + rows.joined(separator: "\n") + "\n", name)
        return try await service.run(.events, file: file, options: .quiet)
    }

    @Test("three talks of the bank today are the day's three: no call is leased, and the case remembers them", arguments: [true, false])
    func counts(hasCases: Bool) async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let ref = "D\(debtor.debtorId)"
        let rows = ["08:10", "08:40", "09:05"].map {
            "E-\($0),\(ref),,,call,outbound,conversation,2026-11-02T\($0):00+08:00,95,staff-7"
        }
        let report = try await take(rows, scene, hasCases: hasCases)
        #expect(report.loaded == 3 && report.rejected == 0)
        let ledger = try await scene.ledger(debtor)
        #expect(ledger.entries.count == 3 && ledger.entries.allSatisfy { $0.by == .bank && $0.outcome == .conversation })
        #expect(
            try await scene.count(
                """
                select count(*) from contact_event where debtor_id = \(debtor.debtorId) and agency_id is null and collector_id = 'staff-7'
                    and ended_at = occurred_at + interval '95 seconds'
                """) == 3)
        let reply = try await scene.dispatch.lease(
            LeaseRequest(requestId: "after", stages: [StageName.phone], max: 1), for: scene.alpha)
        #expect(reply.leases.isEmpty)
        // The same file, and the same rows in another file, change nothing.
        #expect(try await take(rows, scene, name: "again.csv", hasCases: hasCases).known == 3)
        #expect(try await scene.ledger(debtor).entries.count == 3)
    }

    @Test("two talks leave one: the third is an agency's")
    func leavesOne() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let rows = ["08:10", "08:40"].map { "E-\($0),D\(debtor.debtorId),,,call,inbound,conversation,2026-11-02T\($0):00+08:00,," }
        #expect(try await take(rows, scene).loaded == 2)
        let reply = try await scene.dispatch.lease(
            LeaseRequest(requestId: "after", stages: [StageName.phone], max: 1), for: scene.alpha)
        #expect(reply.leases.count == 1)
    }

    @Test("rows that refer to nothing, are yet to come or contradict themselves are refused one by one")
    func refusals() async throws {
        let scene = try await DispatchHarness(hasOwnPace: false)
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let ref = "D\(debtor.debtorId)"
        let rows = [
            "E1,\(ref),A\(debtor.accountIds[0]),,call,outbound,no_answer,2026-11-02T08:10:00+08:00,,",
            "E2,nobody,,,call,outbound,no_answer,2026-11-02T08:10:00+08:00,,",
            "E3,\(ref),no-account,,call,outbound,no_answer,2026-11-02T08:10:00+08:00,,",
            "E4,\(ref),,no-point,call,outbound,no_answer,2026-11-02T08:10:00+08:00,,",
            "E5,\(ref),,,call,outbound,no_answer,2026-11-02T10:00:01+08:00,,",
            "E6,\(ref),,,call,outbound,nobody_home,2026-11-02T08:10:00+08:00,,",
            "E7,\(ref),,,pigeon,outbound,sent,2026-11-02T08:10:00+08:00,,",
            "E8,\(ref),,,sms,,sent,2026-11-02T08:10:00+08:00,,",
            "E9,\(ref),,,sms,outbound,sent,yesterday,,",
            "E10,\(ref),,,call,outbound,conversation,2026-11-02T08:10:00+08:00,-1,",
        ]
        let report = try await take(rows, scene)
        #expect(report.loaded == 1 && report.rejected == 9)
        #expect(try await scene.ledger(debtor).entries.count == 1)
        // A reference known with other content is refused, and what stands stays.
        let other = try await take(["E1,\(ref),,,call,outbound,busy,2026-11-02T08:10:00+08:00,,"], scene, name: "other.csv")
        #expect(other.loaded == 0 && other.rejected == 1)
        #expect(try await scene.ledger(debtor).entries.map(\.outcome) == [.noAnswer])
    }
}
