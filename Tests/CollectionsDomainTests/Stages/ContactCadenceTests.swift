import CollectionsDomain
import Testing

@Suite("The bank's own pace of calls and messages")
struct ContactCadenceTests {
    private func waits(
        _ history: [ContactFact], step: Step = .call, goal: WorkGoal = .getDate, point: Int64 = 1, role: ContactPoint.Role = .debtor,
        lowRisk: Bool = false, dueDay: Bool = false, now: Instant = CaseSample.now
    ) -> [String: Instant] {
        let waits = ContactCadence.waits(
            step: step, goal: goal, point: point, role: role, isDueDayReminder: dueDay, history: history, policy: .bankDefault,
            lowRisk: lowRisk,
            now: now, hours: CaseSample.hours)
        return Dictionary(uniqueKeysWithValues: waits.map { (String($0.rule.split(separator: ".").last ?? ""), $0.earliest) })
    }

    private func dial(_ time: String, _ outcome: ContactFact.Outcome = .noAnswer, point: Int64 = 1) -> ContactFact {
        CaseSample.act(outcome, "2026-11-02T\(time):00+08:00", point: point)
    }

    @Test("after a talk of anyone three days pass: bank talks on 11-03 lease on 11-06 at 08:00 (A2)")
    func afterTalk() {
        let talks = ["08:10", "08:40", "09:05"].map { CaseSample.act(.conversation, "2026-11-03T\($0):00+08:00") }
        let found = waits(talks, now: CaseSample.at("2026-11-03T09:31:00+08:00"))
        #expect(found["after_talk_days"] == CaseSample.at("2026-11-06T08:00:00+08:00"))
        #expect(waits(talks, now: CaseSample.at("2026-11-06T08:00:00+08:00")).isEmpty)
        #expect(waits(talks, goal: .callBack, now: CaseSample.at("2026-11-04T15:00:00+08:00")).isEmpty, "the debtor asked for it")
    }

    @Test("three dials a day to a point, four to the debtor; half for the low-risk segment")
    func perDay() {
        let three = [dial("08:00"), dial("08:01"), dial("08:02")]
        #expect(waits(three, now: CaseSample.at("2026-11-02T15:00:00+08:00")) == ["max_per_point_day": CaseSample.opening("2026-11-03")])
        #expect(waits(three, point: 2, now: CaseSample.at("2026-11-02T15:00:00+08:00")).isEmpty)
        let four = three + [dial("08:03", point: 2)]
        #expect(
            waits(four, point: 2, now: CaseSample.at("2026-11-02T15:00:00+08:00"))["max_per_party_day"] == CaseSample.opening("2026-11-03"))
        #expect(waits(four, point: 2, now: CaseSample.at("2026-11-03T08:00:00+08:00")).isEmpty)
        #expect(waits(Array(three.prefix(2)), lowRisk: true, now: CaseSample.at("2026-11-02T15:00:00+08:00"))["max_per_point_day"] != nil)
    }

    @Test("two hours between dials, half an hour after a busy line, never at night")
    func spacing() {
        #expect(waits([dial("09:00")])["spacing_minutes"] == CaseSample.at("2026-11-02T11:00:00+08:00"))
        #expect(waits([dial("09:40", .busy)])["spacing_minutes"] == CaseSample.at("2026-11-02T10:10:00+08:00"))
        #expect(waits([dial("09:30", .busy)]).isEmpty)
        #expect(waits([dial("09:40", .busy)], point: 2)["spacing_minutes"] == CaseSample.at("2026-11-02T11:40:00+08:00"))
        #expect(
            waits([dial("21:00")], now: CaseSample.at("2026-11-02T21:30:00+08:00"))["spacing_minutes"] == CaseSample.opening("2026-11-03"))
    }

    @Test("third parties have the limit per point only")
    func thirdParty() {
        let talk = CaseSample.act(.conversation, "2026-11-02T09:59:00+08:00")
        #expect(waits([talk], point: 5, role: .family).isEmpty)
    }

    @Test("messages: one a day, two in seven days, three days apart; the due-day reminder keeps no distance")
    func messages() {
        func sent(_ day: String) -> ContactFact { CaseSample.act(.sent, "\(day)T09:00:00+08:00", channel: .sms) }
        #expect(waits([sent("2026-11-01")], step: .smsReminder) == ["spacing_days": CaseSample.opening("2026-11-04")])
        #expect(
            waits([sent("2026-10-27"), sent("2026-10-30")], step: .smsReminder) == ["max_per_7_days": CaseSample.opening("2026-11-03")])
        #expect(waits([sent("2026-10-30"), sent("2026-11-01")], step: .smsReminder, dueDay: true).isEmpty)
        #expect(waits([sent("2026-11-02")], step: .smsReminder, dueDay: true) == ["max_per_day": CaseSample.opening("2026-11-03")])
    }

    @Test("steps without a contact now have no pace", arguments: [Step.gather, .registeredLetter, .visit, .legalDossier, .lawFirm])
    func others(_ step: Step) {
        #expect(waits([dial("09:59")], step: step).isEmpty)
    }
}
