import CollectionsDomain
import CollectionsStore
import Foundation
import PostgresDriver
import RecourseTesting
import Synchronization
import Testing

@testable import Coordinator

@Suite("Messages to the bank's systems", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct PortServiceTests {
    /// What a system of the bank was given.
    private final class Received: Sendable {
        private let list = Mutex<[String]>([])
        var ids: [String] { list.withLock { $0 } }
        func note(_ order: PortOrder) { list.withLock { $0.append(order.messageId) } }
    }

    private static func put(
        _ port: OutboxRow.Target, _ kind: String, for debtor: PlacedDebtor, in scene: DispatchHarness
    ) async throws -> String {
        let id = try await scene.db.database.ids.next(.outbox)
        try await scene.db.database.core.withTransaction { db in
            try await db.query(
                OutboxQueries.insert(
                    part: debtor.part, [OutboxRow(outboxId: id, target: port, kind: kind, body: ["debtor": .int(debtor.debtorId)])],
                    at: DispatchHarness.monday))
        }
        return String(id)
    }

    private static func service(_ scene: DispatchHarness) -> PortService {
        PortService(database: scene.db.database, policies: scene.policies)
    }

    @Test("Handed over in order of age, with keys and codes alone; what was refused stays; a delivery is on record; again nothing")
    func delivers() async throws {
        let scene = try await DispatchHarness()
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T10:00:00+08:00"))
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        var ids: [String] = []
        for kind in ["a", "b", "c"] { ids.append(try await Self.put(.sms, kind, for: debtor, in: scene)) }
        let other = try await Self.put(.cardBlock, "card_block", for: debtor, in: scene)
        let received = Received()
        let refused = ids[1]
        let report = try await Self.service(scene).deliver(port: .sms, limit: 10, holder: "one") { order in
            let message = try #require(try JSONSerialization.jsonObject(with: Data(order.json)) as? [String: Any])
            #expect(Set(message.keys) == ["message_id", "port", "kind", "at", "case_ref", "debtor_ref", "facts"])
            #expect(message["debtor_ref"] is String)
            received.note(order)
            return order.messageId != refused
        }
        #expect(report.delivered == 2 && report.failed == 1 && received.ids == ids)
        #expect(try await scene.count("select count(*) from outbox where target = 'sms'") == 1)
        #expect(try await scene.count("select count(*) from audit_entry where kind = 33") == 2)
        let again = try await Self.service(scene).deliver(port: .sms, limit: 10, holder: "two") { order in
            received.note(order)
            return true
        }
        #expect(again.delivered == 1 && received.ids.last == refused)
        #expect(try await Self.service(scene).waiting().map(\.port) == [.cardBlock])
        #expect(try await scene.value("select min(outbox_id) from outbox where target = 'card_block'", as: Int64.self) == Int64(other))
    }

    @Test("Nobody is written to under a silencing hold or by night; the bank's own systems are told at any hour")
    func keepsBack() async throws {
        let scene = try await DispatchHarness()
        let dead = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let alive = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        try await scene.db.administrator.query(
            """
            insert into hold (part, hold_id, debtor_id, type, set_at, set_by, reason)
            values (\(dead.part), 1, \(dead.debtorId), 'deceased', now(), 'bank', 'told')
            """)
        _ = try await Self.put(.sms, "settled", for: dead, in: scene)
        _ = try await Self.put(.sms, "settled", for: alive, in: scene)
        _ = try await Self.put(.cardBlock, "card_block", for: dead, in: scene)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T23:00:00+08:00"))
        let night = try await Self.service(scene).deliver(port: .sms, limit: 10, holder: "one") { _ in true }
        #expect(night.delivered == 0 && night.waitingForHours == 1 && night.withheld == ["deceased": 1])
        #expect(try await Self.service(scene).deliver(port: .cardBlock, limit: 10, holder: "one") { _ in true }.delivered == 1)
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-03T08:00:00+08:00"))
        let day = try await Self.service(scene).deliver(port: .sms, limit: 10, holder: "one") { _ in true }
        #expect(day.delivered == 1 && day.withheld == ["deceased": 1])
    }

    @Test("Two processes: one delivers, the other is refused; a system that is away is asked three times, not for every message")
    func two() async throws {
        let scene = try await DispatchHarness()
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T10:00:00+08:00"))
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        for _ in 0..<6 { _ = try await Self.put(.sms, "a", for: debtor, in: scene) }
        let received = Received()
        let service = Self.service(scene)
        let away = try await service.deliver(port: .sms, limit: 10, holder: "one") { order in
            received.note(order)
            await #expect(throws: RunError.running(kind: "deliver", by: "one")) {
                try await service.deliver(port: .sms, limit: 10, holder: "two") { _ in true }
            }
            return false
        }
        #expect(away.failed == 3 && received.ids.count == 3)
        #expect(try await service.deliver(port: .sms, limit: 10, holder: "two") { _ in true }.delivered == 6)
    }
}
