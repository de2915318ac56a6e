import RecourseTesting
import Testing
import WireTypes

/// Breaks as the people who settle them see them.
@Suite("Scenarios: breaks", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct BreakScenarioTests {
    @Test("a difference to the bank's balance is listed with its age, two persons close it, and the next run leaves it at rest")
    func resolution() async throws {
        try await RehearsalBank.phone { bank in
            func reported(_ balance: String, _ day: String) -> String {
                ScenarioFiles.updateHeader + "SC-1,CNY,\(day),\(balance),1200.00,45,open\n"
            }
            try await bank.load("account-updates", "updates.csv", reported("7999.00", "2026-11-02"))
            _ = try await bank.reconcile(breaks: true)
            try await bank.clock("2026-11-05T10:00")
            let open = try await bank.must(["break", "list", "--kind", "balance", "--severity", "high"]).json["breaks"]
            #expect(open.list.count == 1 && open[0]["age_hours"].int == 72 && open[0]["ageing"].text == "2-7 d")
            #expect(open[0]["ours"].text == "800000" && open[0]["theirs"].text == "799900" && open[0]["debtor"].text == "SC")
            #expect(try await bank.must(["break", "list", "--agency", "alpha"]).json["breaks"].list.isEmpty)
            #expect(try await bank.must(["break", "list", "--severity", "info"]).json["breaks"].list.isEmpty)
            #expect(try await bank.run(["break", "list", "--severity", "loud"]).code == 2)
            let id = "\(try #require(open[0]["id"].int))"

            let resolve = ["break", "resolve", id, "--reason", "rounding at the bank"]
            #expect(try await bank.run(resolve).code == 2, "nobody named")
            #expect(try await bank.must(resolve, by: "anna").json["state"].text == "noted")
            #expect(try await bank.must(["break", "show", id]).json["proposed_reason"].text == "rounding at the bank")
            let again = try await bank.run(resolve, by: "anna")
            #expect(again.code == 1 && again.errors.contains("another person"))
            #expect(try await bank.run(["break", "resolve", id, "--reason", "other"], by: "boris").code == 1)
            #expect(try await bank.value("select state from break") == "open")
            #expect(try await bank.must(resolve, by: "boris").json["state"].text == "resolved")
            #expect(try await bank.run(resolve, by: "clara").code == 1, "it is closed")
            #expect(try await bank.run(["break", "resolve", "1", "--reason", "x"], by: "clara").code == 1, "there is none")
            let shown = try await bank.must(["break", "show", id]).json["break"]
            #expect(shown["state"].text == "closed" && shown["resolution"].text == "accepted: rounding at the bank")
            #expect(try await bank.value("select count(*) from audit_entry where kind = 26") == "3", "opened, proposed, resolved")

            _ = try await bank.reconcile()
            try await bank.load("account-updates", "more.csv", reported("7000.00", "2026-11-05"))
            _ = try await bank.reconcile(breaks: true)
            #expect(
                try await bank.value("select count(*) from break where kind = 'balance' and state = 'open'") == "1", "another difference")
        }
    }
}
