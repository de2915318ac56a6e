import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Opening cases", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct CaseOpenerTests {
    /// Takes what the fixture opened away again: accounts and placements stay.
    private func unopen(_ debtor: PlacedDebtor, _ scene: DispatchHarness) async throws {
        for table in ["task", "case_file", "debtor_conduct"] {
            try await scene.db.administrator.query("delete from \(unescaped: table) where debtor_id = \(debtor.debtorId)")
        }
    }

    private func open(_ debtors: [PlacedDebtor], stage: Stage, _ scene: DispatchHarness) async throws {
        let now = try await scene.db.now()
        let environment = try await CaseEnvironmentSource(database: scene.db.database, policies: scene.policies).current(at: now)
        for (part, group) in Dictionary(grouping: debtors, by: \.part) {
            try await scene.db.database.withAuditedTransaction(scene.db.database.core, part: part) { transaction in
                let drafts = try await CaseOpener.open(
                    group.map { CaseOpening(caseId: $0.caseId, debtorId: $0.debtorId, agencyId: scene.alpha.agencyId, stage: stage) },
                    part: part,
                    environment: environment, now: now, database: scene.db.database, in: transaction.connection)
                transaction.audit(drafts)
            }
        }
    }

    @Test(
        "An opened case has one live task, its conduct row, a notice to the holder and an audit entry",
        arguments: [Stage.informationGathering, .phone])
    func opens(stage: Stage) async throws {
        let scene = try await DispatchHarness()
        var debtors: [PlacedDebtor] = []
        for count in 1...3 {
            debtors.append(
                try await scene.db.makePlacedDebtor(accounts: Array(repeating: 100_000, count: count), agency: scene.alpha.agencyId))
        }
        for debtor in debtors { try await unopen(debtor, scene) }
        try await open(debtors, stage: stage, scene)
        for debtor in debtors {
            let tasks = try await scene.tasks(debtor)
            #expect(tasks.count == 1 && tasks.first?.step.stage == stage && tasks.first?.agencyId == scene.alpha.agencyId)
            #expect(try await scene.state(debtor) == "ready")
            #expect(try await scene.ledger(debtor).accounts == debtor.accountIds.sorted())
        }
        #expect(try await scene.count("select count(*) from outbox where kind = 'placed'") == 3)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.caseChange.rawValue)") == 3)
        let leases = try await scene.lease([stage.name], max: 10)
        #expect(!leases.isEmpty)
    }

    @Test("A second open case of a debtor is impossible")
    func onlyOne() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        await #expect(throws: PostgresError.self) { try await open([debtor], stage: .phone, scene) }
        #expect(try await scene.tasks(debtor).count == 1)
    }

    @Test("What the bank did before placement counts: its calls of today are in the first ledger")
    func bankContacts() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        try await unopen(debtor, scene)
        for (index, minute) in [110, 80, 55].enumerated() {
            let id = try await scene.db.database.ids.next(.event)
            try await scene.db.administrator.query(
                """
                insert into contact_event (part, event_id, debtor_id, contact_point_id, direction, channel, outcome, party_role, purpose, occurred_at, received_at)
                values (\(debtor.part), \(id), \(debtor.debtorId), \(debtor.contactPointIds[0]), 'outbound', 'call', 'conversation', 'debtor',
                    'demand_payment', \(DispatchHarness.monday - .seconds(Int64(minute) * 60)), now())
                """)
            #expect(index < 3)
        }
        try await open([debtor], stage: .phone, scene)
        #expect(try await scene.ledger(debtor).entries.count == 3)
        #expect(try await scene.lease().isEmpty, "three talks by the bank itself fill the day")
    }
}
