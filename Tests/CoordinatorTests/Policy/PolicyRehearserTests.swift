import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Rehearsal of a policy", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct PolicyRehearserTests {
    private func instant(_ text: String) throws -> Instant { try #require(Instant(iso8601: "2026-12-\(text):00+08:00")) }

    /// Enters an act of contact as the program records one.
    private func contact(
        _ debtor: PlacedDebtor, _ time: String, channel: String = "call", outcome: String = "conversation", agency: Int32?,
        _ db: TestDatabase
    ) async throws {
        let id = try await db.database.ids.next(.event)
        try await db.administrator.query(
            """
            insert into contact_event (part, event_id, debtor_id, contact_point_id, agency_id, direction, channel, outcome, party_role, purpose,
                occurred_at, received_at)
            values (\(debtor.part), \(id), \(debtor.debtorId), \(debtor.contactPointIds[0]), \(agency), 'outbound', \(channel), \(outcome),
                'debtor', 'demand_payment', \(try instant(time)), now())
            """)
    }

    @Test("recorded acts are told apart into allowed, delayed and blocked, by rule and agency, within the days asked for")
    func replay() async throws {
        let db = try TestDatabase.current
        try await db.setBusinessTime(try instant("01T08:00"))
        let agency = try await db.makeAgency()
        let one = try await db.makePlacedDebtor(agency: agency)
        let two = try await db.makePlacedDebtor(agency: agency)
        // Three talks of one day are allowed, the fourth waits for the next one; a night call waits for the morning.
        for time in ["01T09:00", "01T10:00", "01T11:00", "01T12:00"] { try await contact(one, time, agency: agency, db) }
        try await contact(one, "01T23:00", outcome: "no_answer", agency: nil, db)
        try await contact(two, "01T09:00", agency: agency, db)
        // A complaint on record blocks until somebody releases it.
        let hold = try await db.database.ids.next(.hold)
        try await db.administrator.query(
            """
            insert into hold (part, hold_id, debtor_id, type, set_at, set_by, reason)
            values (\(two.part), \(hold), \(two.debtorId), 'complaint', \(try instant("01T09:30")), 'test', 'test')
            """)
        try await contact(two, "01T10:00", agency: agency, db)
        let policy = try PolicyDirectory.policy("cn-credit-card")
        let rehearser = PolicyRehearser(database: db.database)
        let result = try await rehearser.run(policy, from: .distantPast, until: .distantFuture)
        #expect(result.all.acts == 7)
        #expect(result.all.allowed == 4 && result.all.delayed == 2 && result.all.blocked == 1)
        #expect(result.byRule["frequency_limits.talks_daily"]?.delayed == 2, "the night call finds the talks of the day used up too")
        #expect(result.byRule["contact_windows"]?.delayed == 1 && result.byRule["holds.complaint"]?.blocked == 1)
        #expect(result.byAgency[0]?.acts == 1 && result.byAgency[agency]?.acts == 6)
        #expect(result.byStage[nil]?.acts == 7)
        let part = try await rehearser.run(policy, from: try instant("01T12:00"), until: try instant("01T23:00"))
        #expect(part.all.acts == 1 && part.all.delayed == 1, "what lies before the first day is history for it")
    }
}
