import CollectionsDomain
import Testing

@Suite("Outcome table")
struct OutcomeTableTests {
    private let hash: [UInt8] = [1]
    private let other: [UInt8] = [2]
    private let fault = OutcomeFault(pointer: "/promise/date", reason: "bad_promise")

    private func decide(_ situation: OutcomeSituation?, epoch: Int32 = 1, faults: [OutcomeFault] = []) -> OutcomeDecision {
        OutcomeTable.decide(situation, epoch: epoch, bodyHash: hash) { faults }
    }

    @Test("row 1: a token that does not verify gets one answer")
    func tokenInvalid() {
        #expect(decide(nil) == .tokenInvalid)
    }

    @Test("rows 2 and 3: a receipt decides before anything else")
    func receipts() {
        let leased = OutcomeSituation.Row(isLeased: true, epoch: 2)
        #expect(decide(OutcomeSituation(receipt: hash)) == .duplicate)
        #expect(decide(OutcomeSituation(receipt: other)) == .conflict)
        #expect(decide(OutcomeSituation(row: leased, receipt: hash), faults: [fault]) == .duplicate)
        #expect(decide(OutcomeSituation(receipt: hash, lateReceipt: other, end: .recall)) == .duplicate)
    }

    @Test("rows 4 and 5: leased at this epoch is accepted, or invalid with the lease left in force")
    func leased() {
        let situation = OutcomeSituation(row: .init(isLeased: true, epoch: 1))
        #expect(decide(situation) == .accepted)
        #expect(decide(situation, faults: [fault]) == .invalid([fault]))
    }

    @Test("row 6: a late receipt answers again, another body conflicts")
    func lateReceipts() {
        let ready = OutcomeSituation.Row(isLeased: false, epoch: 1)
        #expect(decide(OutcomeSituation(row: ready, lateReceipt: hash)) == .lateDuplicate)
        #expect(decide(OutcomeSituation(row: ready, lateReceipt: other)) == .conflict)
    }

    @Test(
        "row 7: late, with the reason of the task's end",
        arguments: [
            (OutcomeSituation(row: .init(isLeased: false, epoch: 1)), LateReason.expired),
            (OutcomeSituation(row: .init(isLeased: true, epoch: 2)), .expired),
            (OutcomeSituation(end: .recall), .recall), (OutcomeSituation(end: .hold), .hold), (OutcomeSituation(end: .closed), .closed),
            (OutcomeSituation(end: .payment), .payment), (OutcomeSituation(end: .suspended), .suspended), (OutcomeSituation(), .reported),
        ])
    func late(_ situation: OutcomeSituation, _ reason: LateReason) {
        #expect(decide(situation) == .late(reason))
        #expect(decide(situation, faults: [fault]) == .late(reason), "a late body is evidence, whatever it says")
    }

    @Test("an overdue outcome is in time until the sweep has taken the task back: the table knows no clock")
    func rowNotClock() {
        #expect(decide(OutcomeSituation(row: .init(isLeased: true, epoch: 3)), epoch: 3) == .accepted)
    }

    @Test("the receipt id is a function of lane, task and epoch")
    func receiptId() {
        let ids = Set([(0, 1, 1), (1, 1, 1), (0, 2, 1), (0, 1, 2)].map { OutcomeTable.receiptId(part: $0.0, task: $0.1, epoch: $0.2) })
        #expect(ids.count == 4)
        #expect(OutcomeTable.receiptId(part: 3, task: 77, epoch: 2) == OutcomeTable.receiptId(part: 3, task: 77, epoch: 2))
    }

    @Test("all orders of grant, expiry, recall, report and replay by two workers: one acceptance, stable answers, late moves nothing")
    func exhaustive() {
        let result = OutcomeModel(variant: .real).explore()
        #expect(result.fault == nil)
        #expect(result.states > 500 && result.transitions > 4_000)
        #expect(result.accepted > 0 && result.late > 0)
    }

    @Test(
        "without the epoch fence, the receipt or the presumption the same walk finds the fault",
        arguments: [
            (OutcomeModel.Variant.noFence, "a stale epoch was accepted"), (.noReceipt, "the answer to an item changed to late"),
            (.noPresumption, "a granted act left the limits"),
        ])
    func mutants(_ variant: OutcomeModel.Variant, _ rule: String) {
        #expect(OutcomeModel(variant: variant).explore().fault?.rule == rule)
    }
}
