import RecourseTesting
import Testing
import WireTypes

/// What happens to people while a case runs, and what the coordinator makes of it.
@Suite("Scenarios: lives of debtors", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct LifeScenarioTests {
    @Test("a death reported by the dialler stops everything; verified, the accounts go back at once")
    func death() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            #expect(try await bank.report("alpha", lease, "deceased", at: "2026-11-02T10:00").status == .accepted)
            try await bank.clock("2026-11-05T10:00")
            try await bank.none("alpha", "phone")
            #expect(try await bank.explain("SC-1", "phone")[0]["reasons"].list.contains { $0["rule"].text == "holds.deceased" })
            try await bank.decide("deceased_check", ["verified:deceased"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select close_code from placement") == "deceased")
            #expect(try await bank.notices("alpha").contains { $0.kind == "recall" })
        }
    }

    @Test("a death reported after the lease had ended stops everything as well, and the case does not move")
    func lateDeath() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.must(["hold", "set", "cease", "--on", "SC", "--reason", "branch"], by: "anna")
            #expect(try await bank.heartbeat("alpha", lease).cancelled == "hold")
            #expect(try await bank.report("alpha", lease, "deceased", at: "2026-11-02T10:00").status == .late)
            #expect(
                try await bank.value(
                    "select string_agg(type, $$ $$ order by type) from hold where state = $$open$$ and type <> $$bank_request$$")
                    == "cease deceased")
            try await bank.must(["hold", "release", "cease", "--on", "SC"], by: "anna")
            try await bank.clock("2026-11-05T10:00")
            try await bank.none("alpha", "phone")
            try await bank.decide("deceased_check", ["unfounded:deceased"])
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-06T08:00")
            _ = try await bank.only("alpha", "phone")
        }
    }

    @Test("one account in dispute leaves the card, the other goes on; found unfounded it comes back")
    func dispute() async throws {
        try await RehearsalBank.phone(accounts: [("SC-1", "8000.00", "1200.00"), ("SC-2", "500.00", "500.00")]) { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "dispute", at: "2026-11-02T10:00") { $0.accountRefs = ["SC-2"] }
            try await bank.clock("2026-11-06T10:00")
            var next = try await bank.only("alpha", "phone")
            #expect(next.workCard.accounts?.map(\.accountRef) == ["SC-1"])
            try await bank.report("alpha", next, "no_answer", at: "2026-11-06T10:00")
            #expect(try await bank.must(["dispute", "list"]).json["disputes"].list.map { $0["account_ref"].text } == ["SC-2"])
            let unfounded = ["dispute", "resolve", "SC-2", "unfounded", "--reason", "the shop proved the purchase"]
            #expect(try await bank.must(unfounded, by: "anna").json["resolved"].int == 1)
            #expect(try await bank.run(unfounded, by: "anna").code == 1, "there is nothing left to resolve")
            try await bank.clock("2026-11-09T10:00")
            next = try await bank.only("alpha", "phone")
            #expect(next.workCard.accounts?.map(\.accountRef) == ["SC-1", "SC-2"])
        }
    }

    @Test("a dispute upheld: the bank corrects the account to nothing, it closes and the other one goes on")
    func disputeUpheld() async throws {
        try await RehearsalBank.phone(accounts: [("SC-1", "8000.00", "1200.00"), ("SC-2", "500.00", "500.00")]) { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "dispute", at: "2026-11-02T10:00") { $0.accountRefs = ["SC-2"] }
            try await bank.clock("2026-11-03T10:00")
            try await bank.load(
                "adjustments", "adjustments.csv",
                "adjustment_ref,account_ref,currency,type,amount,effective_at,approved_by\n"
                    + "ADJ-1,SC-2,CNY,waiver,-500.00,2026-11-03T09:00:00+08:00,anna\n")
            try await bank.must(["dispute", "resolve", "SC-2", "upheld", "--reason", "charged twice by the shop"], by: "anna")
            #expect(
                try await bank.value(
                    "select string_agg(account_ref || ' ' || coalesce(close_code, state), ',' order by account_ref) from account join placement using (part, account_id)"
                )
                    == "SC-1 active,SC-2 paid_in_full")
            try await bank.clock("2026-11-06T10:00")
            #expect(try await bank.only("alpha", "phone").workCard.accounts?.map(\.accountRef) == ["SC-1"])
        }
    }

    @Test("charged off: the case goes on, and what is paid from that day earns by the rate of charged-off accounts")
    func chargedOff() async throws {
        let agencies = ScenarioFiles.agencies(["alpha", "shop"])
            .replacing("- {band: \"*\", rate: 15%}", with: "- {band: WO, rate: 30%}\n        - {band: \"*\", rate: 15%}")
        try await RehearsalBank.phone(agencyFile: agencies) { bank in
            try await bank.clock("2026-11-05T06:00")
            let header = ScenarioFiles.paymentHeader
            try await bank.load(
                "payments", "p1.csv", header + "P1,SC-1,100.00,CNY,2026-11-03T12:00:00+08:00,2026-11-03T13:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-03T23:59:59+08:00"])
            try await bank.load(
                "account-updates", "updates.csv", ScenarioFiles.updateHeader + "SC-1,CNY,2026-11-04,7900.00,1100.00,47,charged_off\n")
            try await bank.load(
                "payments", "p2.csv", header + "P2,SC-1,100.00,CNY,2026-11-04T12:00:00+08:00,2026-11-04T13:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-04T23:59:59+08:00"])
            #expect(
                try await bank.value("select string_agg(rate_bp || ' ' || fee, ',' order by paid_at) from commission_line")
                    == "1500 1500,3000 3000")
            #expect(try await bank.value("select close_code is null from placement") == "true")
        }
    }

    @Test("a settlement above authority needs two persons; paid in time it closes the account as settled")
    func settlement() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "settlement_requested", at: "2026-11-02T10:00") {
                $0.amount = "5000.00"
                $0.currency = "CNY"
            }
            try await bank.clock("2026-11-03T10:00")
            try await bank.none("alpha", "phone")
            let key = try await bank.request("settlement")
            let decision = ["grant", "--amount", "5000.00", "--date", "2026-11-10"]
            #expect(try await bank.must(["request", "decide"] + key + decision, by: "anna").json["state"].text == "noted")
            let again = try await bank.run(["request", "decide"] + key + decision, by: "anna")
            #expect(again.code == 1 || again.code == 2, "one person is not two: \(again.output)\(again.errors)")
            #expect(try await bank.must(["request", "decide"] + key + decision, by: "boris").json["state"].text == "decided")
            #expect(try await bank.value("select type || ' ' || amount || ' ' || due_on from promise") == "settlement 500000 2026-11-10")
            try await bank.clock("2026-11-10T06:00")
            try await bank.load(
                "payments", "payments.csv",
                ScenarioFiles.paymentHeader + "P1,SC-1,5000.00,CNY,2026-11-09T12:00:00+08:00,2026-11-09T13:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-09T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select close_code from placement") == "settled_in_full")
        }
    }

    @Test("a plan stops demands while the instalments come in; one missed by the ledger ends it, and the phone rings the next day")
    func plan() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "plan_requested", at: "2026-11-02T10:00")
            try await bank.clock("2026-11-03T10:00")
            try await bank.decide("plan", ["grant", "--amount", "1200.00", "--months", "3", "--date", "2026-11-20"])
            #expect(try await bank.value("select state || ' ' || next_due from instalment_plan") == "active 2026-11-20")
            #expect(try await bank.run(["doctor"]).code == 0)
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-23T06:00")
            try await bank.load(
                "payments", "payments.csv",
                ScenarioFiles.paymentHeader + "P1,SC-1,400.00,CNY,2026-11-19T12:00:00+08:00,2026-11-20T09:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-22T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select state || ' ' || next_due from instalment_plan") == "active 2026-12-20")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-12-22T06:00")
            try await bank.load("payments", "none.csv", ScenarioFiles.paymentHeader, ["--ledger-through", "2026-12-21T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select state from instalment_plan") == "broken")
            try await bank.clock("2026-12-22T20:00")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-12-23T08:00")
            _ = try await bank.only("alpha", "phone")
        }
    }

    @Test("money that comes back reopens the case in its stage, and the fee is taken back")
    func reversal() async throws {
        try await RehearsalBank.phone(accounts: [("SC-1", "900.00", "900.00")]) { bank in
            try await bank.clock("2026-11-04T06:00")
            try await bank.load(
                "payments", "payments.csv",
                ScenarioFiles.paymentHeader + "P1,SC-1,900.00,CNY,2026-11-03T12:00:00+08:00,2026-11-03T13:00:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-03T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select close_code from placement") == "paid_in_full")
            #expect(try await bank.value("select sum(fee) from commission_line") == "13500")
            try await bank.clock("2026-11-06T06:00")
            try await bank.load(
                "payments", "back.csv",
                ScenarioFiles.paymentHeader + "P2,SC-1,900.00,CNY,2026-11-05T12:00:00+08:00,2026-11-05T13:00:00+08:00,transfer,P1\n",
                ["--ledger-through", "2026-11-05T23:59:59+08:00"])
            _ = try await bank.reconcile()
            #expect(try await bank.value("select sum(fee) from commission_line") == "0")
            #expect(try await bank.value("select balance from account") == "90000")
            #expect(try await bank.value("select count(*) from placement where state = 'active'") == "1")
            try await bank.clock("2026-11-06T10:00")
            _ = try await bank.only("alpha", "phone")
        }
    }

    @Test("who says to have paid is left alone until the ledger has passed that day, and is then asked about it")
    func paidClaimed() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.report("alpha", lease, "paid_claimed", at: "2026-11-02T10:00") { $0.paidOn = WireDate("2026-11-01") }
            try await bank.clock("2026-11-03T07:00")
            try await bank.none("alpha", "phone")
            try await bank.load("payments", "payments.csv", ScenarioFiles.paymentHeader, ["--ledger-through", "2026-11-02T23:59:59+08:00"])
            _ = try await bank.reconcile()
            try await bank.clock("2026-11-05T08:00")
            let next = try await bank.only("alpha", "phone")
            #expect(next.goal == "verify_payment")
        }
    }

    @Test("a suspended agency loses its leases at once and its cases go back; its worker gets nothing more")
    func suspension() async throws {
        try await RehearsalBank.phone { bank in
            let lease = try await bank.only("alpha", "phone")
            try await bank.must(["agency", "suspend", "alpha", "--reason", "licence lapsed"], by: "anna")
            let beat = try await bank.run(["agency", "list"])
            #expect(beat.output.contains("suspended"), "\(beat.output)")
            #expect(try await bank.report("alpha", lease, "refused", at: "2026-11-02T10:00").status == .late)
            _ = try await bank.reconcile(breaks: true)
            #expect(try await bank.value("select close_code from placement") == "compliance")
        }
    }

    @Test("promised at the term's end: it waits for the judgment, fifteen days at most")
    func termEnd() async throws {
        try await RehearsalBank.phone { bank in
            let end = try #require(try await bank.value("select (term_end at time zone 'Asia/Shanghai')::date from placement"))
            try await bank.clock("\(end)T08:00".replacing(end, with: try #require(try await bank.value("select ('\(end)'::date - 2)"))))
            let lease = try await bank.only("alpha", "phone")
            let day = try #require(try await bank.value("select ('\(end)'::date - 2)"))
            let due = try #require(try await bank.value("select ('\(end)'::date + 2)"))
            try await bank.report("alpha", lease, "promise", at: day + "T08:00") {
                $0.promise = PromiseItem(amount: "1200.00", date: try #require(WireDate(due)))
            }
            try await bank.clock(end + "T23:00")
            try await bank.clock(try #require(try await bank.value("select ('\(end)'::date + 1)")) + "T06:30")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await bank.value("select string_agg(kind, ' ') from break") == "agency_evaluation_ends", "evaluated a year ago")
            #expect(try await bank.value("select state from placement") == "active", "\(bank.directory)")
            #expect(try await bank.value("select state from case_file") == "promised")
        }
    }
}
