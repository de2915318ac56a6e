import RecourseTesting
import Testing
import WireTypes

/// A promise, and the ledger that speaks late: the bank's payments file decides, not the calendar.
@Suite("Scenario: promise and the late ledger", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(5)))
struct PromiseScenarioTests {
    /// Up to the promise taken on Monday at 10:00.
    private func promised(due: String, _ body: (RehearsalBank, OutcomeReply) async throws -> Void) async throws {
        try await RehearsalBank.open(at: "2026-11-02T07:00", agencies: ScenarioFiles.agencies(["alpha", "shop"])) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader + ScenarioFiles.account("SC-A1-1", debtor: "SC-A1", balance: "8000.00", due: "1200.00"),
                ["--portfolio", "p"])
            try await bank.load("contacts", "contacts.csv", ScenarioFiles.contactHeader + ScenarioFiles.mobile("SC-A1"))
            #expect(try await bank.place("p")["placed"].int == 1)
            try await bank.clock("2026-11-02T09:00")
            try await bank.gather("alpha", at: "2026-11-02T09:00")
            try await bank.clock("2026-11-02T10:00")
            let lease = try await bank.only("alpha", "phone")
            #expect(lease.workCard.accounts?.first?.amountDue == "1200.00")
            let reply = try await bank.report("alpha", lease, "promise", at: "2026-11-02T10:00") {
                $0.promise = PromiseItem(amount: "1200.00", currency: "CNY", date: try #require(WireDate(due)))
            }
            #expect(reply.status == .accepted)
            try await body(bank, reply)
        }
    }

    @Test("kept after the watermark has passed the grace: cure pending, then cured, commission, no break; a second run changes nothing")
    func kept() async throws {
        try await promised(due: "2026-11-06") { bank, reply in
            if let next = reply.next?.notBefore { #expect(next.text >= "2026-11-08T00:00:00") }
            try await bank.clock("2026-11-04T10:00")
            try await bank.none("alpha", "phone")
            var point = try await bank.explain("SC-A1-1", "phone")[0]
            #expect(point["allowed"].bool == false)
            #expect(point["reasons"].list.contains { $0["rule"].text?.contains("promise") ?? false }, "\(point)")

            try await bank.clock("2026-11-06T09:00")
            point = try await bank.explain("SC-A1-1", "phone", purpose: "reminder")[0]
            #expect(point["allowed"].bool == true, "\(point)")
            point = try await bank.explain("SC-A1-1", "phone", purpose: "demand_payment")[0]
            #expect(point["allowed"].bool == false, "\(point)")

            try await bank.load(
                "payments", "payments-1106.csv", ScenarioFiles.paymentHeader, ["--ledger-through", "2026-11-06T23:59:59+08:00"])
            try await bank.clock("2026-11-08T10:00")
            _ = try await bank.reconcile()
            #expect(try await bank.value("select state from promise") == "awaiting_ledger")
            try await bank.none("alpha", "phone")

            try await bank.clock("2026-11-09T06:00")
            try await bank.load(
                "payments", "payments-1108.csv",
                ScenarioFiles.paymentHeader
                    + "PAY-A1,SC-A1-1,1200.00,CNY,2026-11-07T21:30:00+08:00,2026-11-08T09:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-08T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select state from promise") == "kept")
            #expect(try await bank.value("select balance || ' ' || status from account") == "680000 cure_pending")
            try await bank.none("alpha", "phone")
            try await bank.load(
                "account-updates", "updates.csv", ScenarioFiles.updateHeader + "SC-A1-1,CNY,2026-11-09,6800.00,0.00,0,open\n")
            _ = try await bank.reconcile()
            #expect(try await bank.value("select state || ' ' || close_code from case_file") == "closed cured")
            #expect(try await bank.value("select sum(fee) from commission_line") == "18000")
            #expect(try await bank.value("select string_agg(kind || ours || theirs, $$ $$) from break where state = $$open$$") == nil)
            let before = try await bank.state()
            _ = try await bank.reconcile()
            #expect(try await bank.state() == before)
        }
    }

    @Test("not kept: broken on the first run the watermark allows, and the first lease of the day is the broken promise's")
    func broken() async throws {
        try await promised(due: "2026-11-06") { bank, _ in
            try await bank.clock("2026-11-09T06:00")
            try await bank.load("payments", "payments.csv", ScenarioFiles.paymentHeader, ["--ledger-through", "2026-11-08T23:59:59+08:00"])
            try await bank.clock("2026-11-09T06:30")
            #expect(try await bank.reconcile()["promises_broken"].int == 1)
            #expect(try await bank.value("select state from promise") == "broken")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-09T08:00")
            let lease = try await bank.only("alpha", "phone")
            #expect(lease.priority == 90)
        }
    }

    @Test("a date past the window is no promise but a question to the bank; no lease until it has answered")
    func pastTheWindow() async throws {
        try await promised(due: "2026-11-16") { bank, _ in
            #expect(try await bank.value("select count(*) from promise") == "0")
            let request = try await bank.must(["request", "list"]).json["requests"][0]
            #expect(request["type"].text == "extension")
            #expect(request["due"].text?.hasPrefix("2026-11-09") == true, "\(request)")
            try await bank.clock("2026-11-05T10:00")
            try await bank.none("alpha", "phone")
            let (lane, number) = (try #require(request["lane"].int), try #require(request["request"].int))
            try await bank.must(["request", "decide", "\(lane)", "\(number)", "grant", "--date", "2026-11-16"], by: "anna")
            #expect(try await bank.value("select state || ' ' || type || ' ' || due_on from promise") == "open extension 2026-11-16")
            try await bank.none("alpha", "phone")
        }
    }

    @Test("refused: the debtor is told, and the next day's window opens the work again")
    func refused() async throws {
        try await promised(due: "2026-11-16") { bank, _ in
            let request = try await bank.must(["request", "list"]).json["requests"][0]
            let (lane, number) = (try #require(request["lane"].int), try #require(request["request"].int))
            try await bank.clock("2026-11-05T10:00")
            try await bank.must(["request", "decide", "\(lane)", "\(number)", "refuse"], by: "anna")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-06T08:00")
            _ = try await bank.only("alpha", "phone")
        }
    }
}
