import RecourseTesting
import Testing
import WireTypes

/// What follows when an agency does not confirm that work has stopped, or does not read what it is told.
@Suite("Scenarios: stop-work", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct StopWorkScenarioTests {
    private func kinds(_ bank: RehearsalBank) async throws -> [String] {
        try await bank.must(["break", "list", "--agency", "alpha"]).json["breaks"].list.compactMap { $0["kind"].text }
            .filter { $0.hasPrefix("stop_work") }.sorted()
    }

    private func call(_ bank: RehearsalBank, _ ref: String, at time: String) async throws {
        let placement = try #require(try await bank.value("select min(placement_id) from placement"))
        let point = try await bank.value("select min(contact_point_id) from contact_point where channel = 'mobile'")
        let start = try #require(WireInstant(time + ":00+08:00"))
        var item = ActivityItem(activityRef: ref, placementRef: placement, type: "outbound_call", occurredAt: start, collectorId: "c1")
        item.result = "no_answer"
        item.contactPointId = point
        item.endedAt = start
        #expect(try await bank.activity("alpha", item).status == .accepted, "never refused")
    }

    @Test(
        "a day: no new placements; two: a break and the call list; three: a supervisor; confirmed: all is lifted; contacts are violations")
    func unconfirmed() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.must(["recall", "SC", "--category", "compliance", "--reason", "test"], by: "anna")
            try await bank.load(
                "accounts", "second.csv", ScenarioFiles.accountHeader + ScenarioFiles.account("SC-9", debtor: "SD", balance: "900.00"),
                ["--portfolio", "q"])
            let plan = ["place", "plan", "--portfolio", "q", "--strategy", "weighted", "--dry-run"]
            try await bank.clock("2026-11-03T09:00")
            #expect(try await bank.must(plan, by: "anna").json["accounts"].int == 1)
            #expect(try await bank.must(["recall", "list", "--late"]).json["recalls"].list.isEmpty)
            #expect(try await bank.must(["recall", "list"]).json["recalls"][0]["step"].text == "in_time")

            try await bank.clock("2026-11-03T10:00")
            let barred = try await bank.must(plan, by: "anna")
            #expect(try barred.json["accounts"].int == 0 && barred.json["exclusions"][0]["code"].text == "stop_work_unconfirmed")
            #expect(barred.output.contains("a recall is not confirmed after 24 hours"))
            _ = try await bank.reconcile()

            try await bank.clock("2026-11-04T10:00")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await kinds(bank) == ["stop_work_unconfirmed"])
            let late = try await bank.must(["recall", "list", "--late"]).json["recalls"]
            #expect(late.list.count == 1 && late[0]["agency"].text == "alpha" && late[0]["placements"].int == 1)
            #expect(late[0]["hours_late"].int == 24 && late[0]["step"].text == "call")
            #expect(try await bank.reconcile(breaks: true)["breaks_opened"].int == 0, "once is enough")

            try await call(bank, "before", at: "2026-11-04T10:00")
            #expect(try await bank.value("select count(*) from violation where rule = 'contact_after_end'") == "1")

            try await bank.clock("2026-11-05T10:00")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await kinds(bank) == ["stop_work_decision", "stop_work_unconfirmed"])
            #expect(
                try await bank.value("select owner || ' ' || severity from break where kind = 'stop_work_decision'")
                    == "supervisor critical")
            #expect(try await bank.value("select state from agency where name = 'alpha'") == "active", "a supervisor decides")

            try await bank.acknowledge("alpha", "recall")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await kinds(bank).isEmpty)
            #expect(try await bank.must(plan, by: "anna").json["accounts"].int == 1)
            #expect(try await bank.must(["recall", "list"]).json["recalls"].list.isEmpty)

            try await call(bank, "after", at: "2026-11-05T10:00")
            #expect(try await bank.value("select count(*) from violation where rule = 'contact_after_end'") == "2", "confirmed or not")
        }
    }

    @Test("a recall acknowledged while the agency could object is confirmed when it takes effect")
    func objectionWindow() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.must(["recall", "SC", "--reason", "test"], by: "anna")
            try await bank.acknowledge("alpha", "recall")
            #expect(try await bank.value("select count(*) from recall where confirmed_at is null") == "1", "not in effect yet")
            try await bank.clock("2026-11-08T06:00")
            _ = try await bank.reconcile()
            #expect(try await bank.value("select count(*) from recall where confirmed_at = executed_at") == "1")
            #expect(try await bank.must(["recall", "list"]).json["recalls"].list.isEmpty)
        }
    }

    @Test("notices nobody fetches for four business hours are a break and a line in the agency list, until they are fetched")
    func silence() async throws {
        try await RehearsalBank.phone { bank in
            _ = try await bank.notices("alpha")
            try await bank.clock("2026-11-02T20:00")
            try await bank.must(["hold", "set", "cease", "--on", "SC", "--reason", "branch"], by: "anna")
            try await bank.published("hold")
            try await bank.clock("2026-11-03T09:00")
            _ = try await bank.reconcile(silent: ["alpha"])
            try await bank.clock("2026-11-03T10:00")
            _ = try await bank.reconcile(breaks: true, silent: ["alpha"])
            #expect(try await bank.value("select kind || ' ' || state from break") == "notices_not_fetched open")
            let waiting = try await bank.must(["agency", "list"]).json["agencies"].list.first { $0["name"].text == "alpha" }
            #expect(waiting?["notices_wait_since"].text == "2026-11-02T12:00:00Z")
            _ = try await bank.reconcile()
            #expect(try await bank.value("select kind || ' ' || state from break") == "notices_not_fetched closed")
        }
    }
}
