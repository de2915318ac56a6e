import CollectionsDomain
import Testing

@Suite("Row 4: what makes an outcome invalid")
struct OutcomeValidationTests {
    private func faults(
        _ result: ResultCode, step: Step = .call, point: Int64? = 1, facts: CaseFacts = CaseSample.facts(), rate: Double = 1,
        change: (inout ReportedOutcome) -> Void = { _ in }
    ) -> [String: String] {
        let faults = CaseMachine.validate(
            CaseSample.report(result, point: point, change: change), task: CaseSample.task(step), facts: facts, now: CaseSample.now,
            hours: CaseSample.hours, clockRate: rate)
        return Dictionary(faults.map { ($0.pointer, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("a plain result is sound; one of another step is not")
    func step() {
        #expect(faults(.noAnswer).isEmpty)
        #expect(faults(.letterPosted)["/result"] == "result_of_other_step")
        #expect(faults(.noAnswer, step: .visit, point: 4)["/result"] == "result_of_other_step")
        #expect(faults(.complaint, step: .visit, point: 4).isEmpty)
    }

    @Test("every word of every step reads back to its code")
    func words() {
        for step in Step.allCases {
            let codes = ResultCode.allCases.filter { $0.family.fits(step) }
            #expect(Set(codes.map(\.name)).count == codes.count, "two results of \(step.name) share a word")
            for code in codes { #expect(ResultCode(name: code.name, step: step) == code) }
        }
        #expect(ResultCode(name: "delivered", step: .smsReminder) == .messageDelivered)
        #expect(ResultCode(name: "delivered", step: .registeredLetter) == .letterDelivered)
        #expect(ResultCode(name: "delivered", step: .call) == nil)
        #expect(Set(ResultCode.allCases.map(\.rawValue)).count == ResultCode.allCases.count)
    }

    @Test(
        "bad promise: the field is named, the lease stays",
        arguments: [
            ("1200.00", "2026-11-01", "/promise/date"), ("0.00", "2026-11-03", "/promise/amount"),
            ("8000.01", "2026-11-03", "/promise/amount"),
            ("-5.00", "2026-11-03", "/promise/amount"),
        ])
    func promise(_ amount: String, _ due: String, _ pointer: String) {
        for (result, step) in [(ResultCode.promise, Step.call), (.metPromise, .visit), (.commitmentSigned, .visit)] {
            let found = faults(result, step: step) { $0.promise = .init(amount: CaseSample.cny(amount), due: CaseSample.day(due)) }
            #expect(found == [pointer: "bad_promise"])
        }
    }

    @Test("a promise today, and of the whole balance, is sound; in another currency or for another account it is not")
    func promiseEdges() throws {
        #expect(faults(.promise) { $0.promise = .init(amount: CaseSample.cny("8000.00"), due: CaseSample.day("2026-11-02")) }.isEmpty)
        #expect(faults(.promise)["/promise"] == "missing")
        let dollars = try Money(parsing: "10.00", currency: #require(Currency("USD")))
        #expect(
            faults(.promise) { $0.promise = .init(amount: dollars, due: CaseSample.day("2026-11-03")) } == [
                "/promise/currency": "bad_promise"
            ])
        let other = faults(.promise) { $0.promise = .init(amount: CaseSample.cny("10.00"), due: CaseSample.day("2026-11-03"), account: 7) }
        #expect(other["/promise/account_ref"] == "unknown")
    }

    @Test(
        "what a result needs is asked for",
        arguments: [
            (ResultCode.callback, "/callback_at"), (.paidClaimed, "/paid_on"), (.newContactData, "/new_contact_points"),
        ])
    func needed(_ result: ResultCode, _ pointer: String) {
        #expect(faults(result) == [pointer: "missing"])
    }

    @Test("letters: postal number, return reason, reply")
    func letters() {
        #expect(faults(.letterPosted, step: .registeredLetter, point: 3) == ["/letter/mail_no": "missing"])
        #expect(faults(.letterReturned, step: .registeredLetter, point: 3) == ["/letter/return_reason": "missing"])
        #expect(
            faults(.letterReturned, step: .registeredLetter, point: 3) { $0.returnReason = "late" } == ["/letter/return_reason": "unknown"])
        #expect(faults(.letterReplyReceived, step: .registeredLetter, point: 3) == ["/reply/result": "missing"])
        #expect(
            faults(.letterReplyReceived, step: .registeredLetter, point: 3) { $0.reply = .dossierComplete } == ["/reply/result": "missing"])
    }

    @Test("times: not beyond business time and its tolerance, which grows with the clock's rate; an act ends after it began")
    func times() {
        func at(_ seconds: Int64, rate: Double) -> [String: String] {
            faults(.noAnswer, rate: rate) {
                $0.occurredAt = CaseSample.now + .seconds(seconds)
                $0.endedAt = nil
            }
        }
        #expect(at(300, rate: 1).isEmpty && at(301, rate: 1)["/occurred_at"] == "in_the_future")
        #expect(at(3_000, rate: 10).isEmpty && at(3_001, rate: 10)["/occurred_at"] == "in_the_future")
        #expect(at(301, rate: 0.1)["/occurred_at"] == "in_the_future")
        #expect(faults(.noAnswer) { $0.endedAt = CaseSample.now - .seconds(1) } == ["/ended_at": "before_start"])
    }

    @Test("points and accounts must be the case's own; a goal must be one of those that may be asked for")
    func references() {
        #expect(faults(.noAnswer, point: 999) == ["/contact_point_id": "unknown"])
        #expect(faults(.dispute) { $0.accounts = [999] } == ["/account_refs": "unknown"])
        #expect(faults(.refused) { $0.nextGoal = .prepareLegal } == ["/next_goal": "unknown"])
        #expect(faults(.optOut) { $0.optOut = .point(999) } == ["/opt_out": "unknown"])
    }
}
