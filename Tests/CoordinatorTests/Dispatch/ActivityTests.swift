import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Activities and notices", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct ActivityTests {
    private func send(_ item: ActivityItem, _ scene: DispatchHarness, as agency: AgencyIdentity? = nil) async throws -> ActivityReply {
        try #require(try await scene.dispatch.activities(ActivityReport(activities: [item]), for: agency ?? scene.alpha).activities.first)
    }

    private func item(_ debtor: PlacedDebtor, _ ref: String, _ type: String, edit: (inout ActivityItem) -> Void = { _ in }) -> ActivityItem
    {
        var item = ActivityItem(
            activityRef: ref, placementRef: String(debtor.placementIds[0]), type: type, occurredAt: WireInstant(DispatchHarness.monday),
            collectorId: "c1")
        edit(&item)
        return item
    }

    @Test("An activity is taken once: again it is a duplicate, with another body a conflict")
    func once() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let call = item(debtor, "a1", "inbound_call") { $0.result = "rpc_no_commitment" }
        let first = try await send(call, scene)
        #expect(first.status == .accepted)
        let again = try await send(call, scene)
        #expect(again.status == .duplicate && again.receiptId == first.receiptId)
        #expect(try await send(item(debtor, "a1", "inbound_call") { $0.result = "refused" }, scene).problem?.kind == .activityConflict)
        let entry = try #require(try await scene.ledger(debtor).entries.first)
        #expect(entry.direction == .inbound && entry.outcome == .conversation)
        #expect(try await scene.count("select count(*) from violation") == 0)
        #expect(try await scene.count("select count(*) from activity") == 1)
    }

    @Test("Twins of one activity at the same moment are taken once")
    func twins() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let call = item(debtor, "twin", "inbound_call")
        let replies = try await withThrowingTaskGroup(of: ActivityReply.self) { group in
            for _ in 0..<6 { group.addTask { try await send(call, scene) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.filter { $0.status == .accepted }.count == 1 && Set(replies.map(\.receiptId)).count == 1)
        #expect(try await scene.ledger(debtor).entries.count == 1)
    }

    @Test("An outbound contact without a permit is stored, counted and raised, never refused")
    func withoutPermit() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let reply = try await send(
            item(debtor, "a1", "outbound_call") {
                $0.result = "no_answer"
                $0.contactPointId = String(debtor.contactPointIds[0])
            }, scene)
        #expect(reply.status == .accepted)
        let rules: [String] = try await scene.value("select array_agg(rule) from violation")
        #expect(rules.contains("contact_without_permit"))
        #expect(try await scene.ledger(debtor).entries.count == 1)
    }

    @Test("A complaint stops all contact at once: hold, revoked lease, complaint due in 15 days")
    func complaint() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let reply = try await send(
            item(debtor, "c1", "complaint") { $0.complaint = ComplaintItem(code: "rude", externalNo: "Z1", source: "regulator") }, scene)
        #expect(reply.status == .accepted)
        #expect(try await scene.state(debtor) == "held complaint")
        #expect(try await scene.tasks(debtor).isEmpty)
        #expect(try await scene.value("select due_on from complaint", as: Day.self) == Day(iso: "2026-11-17"))
        #expect(try await scene.report([try await scene.outcome(lease, "no_answer")]).first?.status == .late)
        let entries = try await scene.ledger(debtor).entries
        #expect(entries.filter { $0.direction == .outbound }.count == 1, "the act that ran counts")
        #expect(try await scene.count("select count(*) from violation") == 0)
    }

    @Test("New contact data are stored sealed and unverified")
    func newContact() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let reply = try await send(
            item(debtor, "n1", "new_contact_data") {
                $0.newContactPoints = [
                    NewContactPoint(role: "debtor", channel: "mobile", value: "+86 139-1234-5678", provenance: "inbound_call")
                ]
            }, scene)
        #expect(reply.status == .accepted)
        let sealed: [UInt8] = try await scene.value("select value_enc from contact_point where state = 'unverified'")
        #expect(try scene.db.database.cipher.open(sealed) == "+8613912345678")
        let body: [UInt8] = try await scene.value("select body from activity")
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains("inbound_call") && !text.contains("1234-5678"), "the receipt keeps no number in clear")
    }

    @Test("A statement that nothing was attempted removes the agency's own presumption")
    func notAttempted() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        _ = try await scene.dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: "handler_failed"), for: scene.alpha)
        #expect(try await scene.ledger(debtor).reservations.count == 1)
        #expect(try await send(item(debtor, "na", "not_attempted") { $0.refersTo = lease.taskId }, scene).status == .accepted)
        #expect(try await scene.ledger(debtor).reservations.isEmpty)
    }

    @Test("An activity about somebody else's placement, or of an unknown kind, is refused")
    func refused() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let bravo = AgencyIdentity(agencyId: try await scene.db.makeAgency(name: "bravo"), name: "bravo", kind: .collection)
        #expect(try await send(item(debtor, "x", "inbound_call"), scene, as: bravo).problem?.kind == .activityInvalid)
        #expect(try await send(item(debtor, "x", "gossip"), scene).problem?.kind == .activityInvalid)
        #expect(try await send(item(debtor, "x", "outbound_call"), scene).problem?.kind == .activityInvalid, "without a result")
        #expect(
            try await send(
                item(debtor, "x", "inbound_call") { $0.occurredAt = WireInstant(DispatchHarness.monday + .seconds(3_600)) }, scene
            )
            .problem?.kind == .activityInvalid)
    }

    @Test("Notices come in the order of commits, are waited for, and a confirmed recall is the stop-work confirmation")
    func notices() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let waiting = Task { try await scene.dispatch.notices(after: 0, waitSeconds: 30, for: scene.alpha) }
        let recall = try await scene.db.database.ids.next(.recall)
        let outbox = try await scene.db.database.ids.next(.outbox)
        try await scene.db.administrator.withTransaction { db in
            _ = try await db.pipeline([
                """
                insert into recall (part, recall_id, placement_id, agency_id, category, reason_code, requested_at, execute_at, executed_at, requested_by)
                values (\(debtor.part), \(recall), \(debtor.placementIds[0]), \(scene.alpha.agencyId), 'BANK', 'test', now(), now(), now(), 'test')
                """,
                OutboxQueries.insert(
                    part: debtor.part,
                    [
                        OutboxRow(
                            outboxId: outbox, target: .agency, agencyId: scene.alpha.agencyId, kind: "recall", caseId: debtor.caseId,
                            body: ["reason": "BANK"], needsAck: true)
                    ], at: DispatchHarness.monday),
            ])
        }
        try await scene.dispatch.sweepOnce()
        let reply = try await waiting.value
        let notice = try #require(reply.notices.first)
        #expect(
            notice.seq == 1 && notice.kind == "recall" && notice.reason == "BANK" && notice.caseRef == String(debtor.caseId)
                && reply.next == 1)
        let ack = try await scene.dispatch.acknowledge(
            NoticeAckRequest(notices: [NoticeAck(seq: 1), NoticeAck(seq: 99)]), for: scene.alpha)
        #expect(ack.notices.map(\.acknowledged) == [true, false])
        #expect(try await scene.count("select count(*) from recall where confirmed_at is not null") == 1)
        _ = try await scene.dispatch.acknowledge(NoticeAckRequest(notices: [NoticeAck(seq: 1)]), for: scene.alpha)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.recall.rawValue)") == 1, "confirmed once")
        #expect(try await scene.dispatch.notices(after: 0, waitSeconds: 0, for: scene.lettershop).notices.isEmpty)
    }
}
