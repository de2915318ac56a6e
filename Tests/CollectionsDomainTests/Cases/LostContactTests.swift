import CollectionsDomain
import Testing

@Suite("Lost contact and the order of points")
struct LostContactTests {
    private let points = [CaseSample.mobile, CaseSample.homePhone, CaseSample.mother, CaseSample.friend, CaseSample.workPhone]

    private func since(_ history: [ContactFact], points: [ContactPoint]? = nil) -> Instant? {
        LostContact.since(history: history, points: points ?? self.points, hours: CaseSample.hours)
    }

    private func dial(_ day: String, _ outcome: ContactFact.Outcome = .noAnswer, role: ContactPoint.Role = .debtor) -> ContactFact {
        CaseSample.act(outcome, "\(day)T10:00:00+08:00", role: role)
    }

    @Test("three failed dials in a row: lost from the next local date")
    func failedDials() {
        let three = [dial("2026-11-01", .voicemail), dial("2026-11-01", .busy), dial("2026-11-02", .notInService)]
        #expect(since(three) == CaseSample.at("2026-11-03T00:00:00+08:00"))
        #expect(since(Array(three.prefix(2))) == nil)
        #expect(
            !LostContact.isLost(at: CaseSample.at("2026-11-02T23:59:59+08:00"), history: three, points: points, hours: CaseSample.hours))
        #expect(since(three + [dial("2026-11-05")]) == CaseSample.at("2026-11-03T00:00:00+08:00"), "a fourth failure does not begin anew")
    }

    @Test(
        "any contact from or with the debtor ends the row; a hang-up is no failure",
        arguments: [
            ContactFact.Outcome.conversation, .connected,
        ])
    func contactEndsIt(_ outcome: ContactFact.Outcome) {
        let row = [dial("2026-10-30"), dial("2026-10-31"), dial("2026-11-01", outcome), dial("2026-11-02")]
        #expect(since(row) == nil && LostContact.failedRow(row) == 1)
        let inbound = ContactFact(
            channel: .sms, direction: .inbound, outcome: .message, occurredAt: CaseSample.at("2026-11-01T12:00:00+08:00"))
        #expect(LostContact.failedRow([dial("2026-10-30"), inbound]) == 0)
        let met = CaseSample.act(.met, "2026-11-01T12:00:00+08:00", channel: .visit)
        #expect(LostContact.failedRow([dial("2026-10-30"), met]) == 0)
    }

    @Test("messages sent and dials to others change nothing")
    func others() {
        let row = [
            dial("2026-10-30"), dial("2026-10-30", .noAnswer, role: .family),
            CaseSample.act(.sent, "2026-10-30T12:00:00+08:00", channel: .sms),
            dial("2026-10-31", .conversation, role: .family), dial("2026-10-31"), dial("2026-11-01"),
        ]
        #expect(since(row) == CaseSample.at("2026-11-02T00:00:00+08:00"))
    }

    @Test("all known numbers off: lost at once; no number known at all: not lost")
    func numbers() {
        var off = points
        off[0].state = .invalid
        #expect(since([], points: off) == nil)
        off[1].state = .off
        #expect(since([], points: off) == .distantPast)
        #expect(since([], points: [CaseSample.workPhone, CaseSample.mother]) == nil)
    }

    @Test("order: mobile, home phone; only while lost immediate family, then references; work never")
    func order() {
        let policy = StagePolicy.bankDefault
        #expect(PointOrder.debtorNumbers(points.reversed(), policy: policy).map(\.id) == [1, 2])
        #expect(PointOrder.unlockedThirdParties(points.reversed(), history: [], policy: policy).map(\.id) == [5, 6])
        let told = [CaseSample.act(.conversation, "2026-11-01T10:00:00+08:00", point: 5, role: .family)]
        #expect(
            PointOrder.unlockedThirdParties(points, history: told, policy: policy).map(\.id) == [6], "the message is given once to a person"
        )
        #expect(points.filter { PointOrder.kind(of: $0) == nil }.map(\.id) == [8])
    }

    @Test("after the last point the first one comes again")
    func next() {
        let numbers = [CaseSample.mobile, CaseSample.homePhone]
        #expect(PointOrder.next(after: 1, in: numbers)?.id == 2 && PointOrder.next(after: 2, in: numbers)?.id == 1)
        #expect(PointOrder.next(after: 99, in: numbers)?.id == 1 && PointOrder.next(after: 1, in: []) == nil)
    }

    @Test("letters go to the policy's addresses in its order; visitors home first, never where visits are off")
    func addresses() {
        var points = [CaseSample.billing, CaseSample.home, ContactPoint(id: 30, channel: .workAddress)]
        #expect(PointOrder.letterAddresses(points, allowed: [.billingAddress, .homeAddress]).map(\.id) == [3, 4])
        #expect(PointOrder.letterAddresses(points, allowed: []).map(\.id) == [3, 4])
        #expect(PointOrder.visitAddresses(points).map(\.id) == [4, 3])
        points[1].visitsOff = true
        #expect(PointOrder.visitAddresses(points).map(\.id) == [3])
    }
}
