import Foundation
import Testing
import WireTypes

@Suite("Canonical bytes of requests")
struct CanonicalFieldsTests {
    @Test("are the same for the same facts, whatever the JSON looked like")
    func sameFacts() throws {
        let left =
            #"{"lease_token":"a","result":"promise","occurred_at":"2026-11-02T02:00:00Z","promise":{"amount":"1.00","date":"2026-11-06"}}"#
        let right =
            #"{ "promise": {"date": "2026-11-06", "amount": "1.00", "account_ref": null}, "occurred_at": "2026-11-02T10:00:00.000+08:00", "result": "promise", "lease_token": "b", "unknown": 1}"#
        let items = try [left, right].map { try JSONDecoder().decode(OutcomeItem.self, from: Data($0.utf8)) }
        #expect(items[0].canonicalBytes == items[1].canonicalBytes)
    }

    @Test("differ when any fact differs")
    func everyFact() throws {
        let lease = Sample.lease(1)
        let plain = Sample.outcome(lease)
        var seen: Set<[UInt8]> = [plain.canonicalBytes]
        let changes: [(inout OutcomeItem) -> Void] = [
            { $0.result = "busy" }, { $0.occurredAt.microseconds += 1 }, { $0.endedAt = $0.occurredAt }, { $0.collectorId = "k" },
            { $0.collectorIds = ["k"] }, { $0.collectorIds = ["k", ""] }, { $0.visitCollectors = 2 }, { $0.contactPointId = "78" },
            { $0.contactPointId = nil }, { $0.permitId = "k" }, { $0.recordingRef = "k" }, { $0.recordingSha256 = "k" },
            { $0.evidence = [] },
            { $0.evidence = [Evidence(kind: "photo", ref: "k")] }, { $0.accountRefs = ["k"] }, { $0.amount = "1" }, { $0.currency = "CNY" },
            { $0.promise = PromiseItem(amount: "1", date: WireDate("2026-11-06")!) },
            { $0.promise = PromiseItem(amount: "1", currency: "CNY", date: WireDate("2026-11-06")!) },
            { $0.promise = PromiseItem(amount: "1", date: WireDate("2026-11-07")!) },
            { $0.instalments = [Instalment(amount: "1", date: WireDate("2026-11-06")!)] }, { $0.nextGoal = "reach" },
            { $0.callbackAt = $0.occurredAt }, { $0.paidOn = WireDate("2026-11-01") }, { $0.optOut = OptOut(scope: "point") },
            { $0.thirdPartyKind = "family" }, { $0.debtDisclosed = false }, { $0.debtDisclosed = true },
            { $0.representative = Representative(kind: "attorney") },
            { $0.newContactPoints = [NewContactPoint(role: "debtor", channel: "mobile", value: "+999", provenance: "debtor")] },
            { $0.requestReason = "k" }, { $0.reply = ReplyItem(result: "k") }, { $0.letter = LetterStatus(mailNo: "k") },
            { $0.letter = LetterStatus(printRef: "k") }, { $0.legal = LegalStatus(route: "k") }, { $0.reportRef = "k" },
        ]
        for (number, change) in changes.enumerated() {
            var item = plain
            change(&item)
            #expect(seen.insert(item.canonicalBytes).inserted, "change \(number) left the bytes as they were")
        }
    }

    @Test("leave out what may change between two tries: token, request id and wait")
    func leftOut() {
        var first = Sample.outcome(Sample.lease(1))
        let bytes = first.canonicalBytes
        first.leaseToken = "other"
        first.requestNextLease = true
        #expect(first.canonicalBytes == bytes)
        let one = LeaseRequest(requestId: "a", stages: ["phone"], max: 3, waitSeconds: 20)
        let two = LeaseRequest(requestId: "b", stages: ["phone"], max: 3)
        #expect(one.canonicalBytes == two.canonicalBytes)
        #expect(one.canonicalBytes != LeaseRequest(requestId: "a", stages: ["phone"], max: 4).canonicalBytes)
    }
}
