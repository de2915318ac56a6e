import RecourseTesting
import Testing
import WireTypes

/// E10: documents of agencies that lapse.
@Suite("Scenarios: lapses", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct LapseScenarioTests {
    @Test(
        "a licence that ends is warned of for 30 days; the day after its last the run suspends the agency, naming it, and takes all work back"
    )
    func licence() async throws {
        try await RehearsalBank.phone { bank in
            let text = ScenarioFiles.agencies(["alpha", "shop"])
            let short = text.replacing("license_until: 2028-12-31", with: "license_until: 2026-12-05", maxReplacements: 1)
            let file = try bank.file("short.yaml", short)
            try await bank.must(["agency", "apply", file], by: "anna")
            _ = try await bank.reconcile()
            try await bank.clock("2026-11-05T10:00")
            _ = try await bank.reconcile(breaks: true)
            let warning = try await bank.must(["break", "list", "--severity", "warning"]).json["breaks"]
            #expect(warning.list.count == 1 && warning[0]["kind"].text == "agency_licence_ends" && warning[0]["agency"].text == "alpha")
            #expect(warning[0]["ours"].text == "last day 2026-12-05")
            #expect(try await bank.value("select state from agency where name = 'alpha'") == "active")
            let lease = try await bank.only("alpha", "phone")

            try await bank.clock("2026-12-06T06:00")
            let run = try await bank.run(["reconcile", "run"], by: "anna")
            #expect(run.output.contains("agency alpha suspended and its work taken back: licence"))
            #expect(
                try await bank.value("select state || ' ' || state_reason from agency where name = 'alpha'")
                    == "suspended licence: its licence ended 2026-12-05")
            #expect(try await bank.heartbeat("alpha", lease).cancelled != nil)
            #expect(try await bank.value("select category from recall") == "COMPLIANCE")
            #expect(
                try await bank.value("select count(*) from task where agency_id = (select agency_id from agency where name = 'alpha')")
                    == "0")
            #expect(
                try await bank.value("select state from break where kind = 'agency_licence_ends'") == "closed",
                "a suspension needs no warning")
        }
    }
}
