import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

/// More time for what is under way.
@Suite("Scenarios: retain", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct RetainScenarioTests {
    /// Alpha has taken a promise for the 6th; the term ends with the day given.
    private func promised(lastDay: String, _ body: (RehearsalBank) async throws -> Void) async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "promise", at: "2026-11-02T10:00") {
                $0.promise = PromiseItem(amount: "1200.00", currency: "CNY", date: try #require(WireDate("2026-11-06")))
            }
            #expect(try await bank.value("select count(*) from promise where state = 'open'") == "1")
            try await bank.db.administrator.query(
                "update placement set term_end = (\(lastDay)::date + 1)::timestamp at time zone 'Asia/Shanghai'")
            try await body(bank)
        }
    }

    private func activity(_ bank: RehearsalBank, _ ref: String, for purpose: String) async throws -> ActivityReply {
        let placement = try #require(try await bank.value("select placement_id from placement"))
        var item = ActivityItem(
            activityRef: ref, placementRef: placement, type: "retain_request",
            occurredAt: try #require(WireInstant("2026-11-02T10:00:00+08:00")), collectorId: "c1")
        item.result = purpose
        return try await bank.activity("alpha", item)
    }

    @Test("asked by the holder in time and granted by the bank, the term ends 30 days later, and the end of term keeps to it")
    func granted() async throws {
        try await promised(lastDay: "2026-11-11") { bank in
            #expect(try await activity(bank, "a1", for: "visit").problem?.pointers?.first?.reason == "retain.nothing_to_wait_for")
            #expect(try await activity(bank, "a2", for: "holiday").status == .rejected)
            #expect(try await activity(bank, "a3", for: "promise").status == .accepted)
            #expect(try await activity(bank, "a4", for: "promise").problem?.pointers?.first?.reason == "retain.asked_before")
            let open = try await bank.must(["retain", "list"]).json["retains"]
            #expect(open.list.count == 1 && open[0]["agency"].text == "alpha" && open[0]["purpose"].text == "promise")
            let id = "\(try #require(open[0]["retain"].int))"
            #expect(try await bank.run(["retain", "decide", id, "perhaps"], by: "boris").code == 2)
            let decided = try await bank.must(["retain", "decide", id, "grant", "--reason", "promise"], by: "boris").json
            #expect(decided["term_end"].text == "2026-12-11T16:00:00Z")
            #expect(try await bank.run(["retain", "decide", id, "grant"], by: "boris").code == 1, "it is decided")
            #expect(try await bank.must(["retain", "list"]).json["retains"].list.isEmpty)
            #expect(try await bank.must(["retain", "list", "--all"]).json["retains"][0]["state"].text == "granted")
            #expect(
                try await bank.value(
                    "select string_agg(convert_from(body, 'UTF8'), ' ' order by at, seq) like '%retain_asked%retain_granted%' from audit_entry where kind = 12"
                )
                    == "true")
            try await bank.published("retain")
            let notice = try await bank.notices("alpha").first { $0.kind == "retain" }
            #expect(notice?.reason == "granted" && notice?.placementRef != nil)

            try await bank.clock("2026-11-13T09:00")
            #expect(try await bank.reconcile()["terms_ended"].int == 0)
            #expect(try await bank.value("select state from placement") == "active")
            try await bank.db.administrator.query("update promise set state = 'broken', judged_at = now()")
            try await bank.clock("2026-12-12T06:00")
            #expect(try await bank.run(["reconcile", "run"], by: "anna").json["terms_ended"].int == 1)
            #expect(try await bank.value("select close_code from placement") == "expired")
        }
    }

    @Test("an operator asks for the holder and another decides; refused it may be asked again, too late it may not")
    func byOperator() async throws {
        try await promised(lastDay: "2026-11-08") { bank in
            let ask = ["retain", "ask", "SC", "--for", "promise"]
            #expect(try await bank.run(["retain", "ask", "SC", "--for", "rain"], by: "anna").code == 2)
            let first = try await bank.must(ask, by: "anna").json["retains"][0]
            let id = "\(try #require(first["retain"].int))"
            let own = try await bank.run(["retain", "decide", id, "grant"], by: "anna")
            #expect(own.code == 1 && own.errors.contains("second operator"))
            try await bank.must(["retain", "decide", id, "refuse"], by: "boris")
            #expect(try await bank.value("select term_end at time zone 'UTC' from placement") == "2026-11-08 16:00:00")
            try await bank.clock("2026-11-04T09:00")
            let late = try await bank.run(ask, by: "anna")
            #expect(late.code == 1 && late.errors.contains("at least 5 days"), "\(late.errors)")
            #expect(try await bank.run(["retain", "ask", "nobody", "--for", "promise"], by: "anna").code == 1)
        }
    }
}
