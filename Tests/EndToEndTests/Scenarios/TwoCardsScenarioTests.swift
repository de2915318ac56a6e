import RecourseTesting
import Testing
import WireTypes

/// One debtor with several cards is one case, and the bank's own calls count for the agency.
@Suite("Scenario: one debtor, two cards, the bank calls too", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(5)))
struct TwoCardsScenarioTests {
    @Test("one agency, one case, one card of both accounts; three talks by the bank stop the day; a new card joins")
    func twoCards() async throws {
        try await RehearsalBank.open(at: "2026-11-03T07:00", agencies: ScenarioFiles.agencies(["alpha", "bravo", "shop"])) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader
                    + ScenarioFiles.account("SC-A2-1", debtor: "SC-A2", balance: "6000.00", asOf: "2026-11-03")
                    + ScenarioFiles.account("SC-A2-2", debtor: "SC-A2", balance: "4000.00", asOf: "2026-11-03"),
                ["--portfolio", "p"])
            try await bank.load("contacts", "contacts.csv", ScenarioFiles.contactHeader + ScenarioFiles.mobile("SC-A2"))
            #expect(try await bank.place("p")["placed"].int == 2)
            #expect(try await bank.value("select count(distinct agency_id) || ' ' || count(*) from placement") == "1 2")
            #expect(try await bank.value("select count(*) from case_file") == "1")
            let holder = try #require(try await bank.value("select a.name from case_file c join agency a using (agency_id)"))
            try await bank.clock("2026-11-03T08:00")
            let gathering = try await bank.only(holder, "information_gathering")
            #expect(gathering.workCard.accounts?.count == 2)
            try await bank.report(holder, gathering, "dossier_complete", at: "2026-11-03T08:00")
            #expect(try await bank.value("select count(*) from task") == "1")

            try await bank.clock("2026-11-03T09:30")
            try await bank.load(
                "events", "events.csv",
                "event_ref,debtor_ref,account_ref,contact_ref,channel,direction,result,occurred_at,duration_seconds,actor\n"
                    + ["08:10", "08:40", "09:05"].enumerated().map {
                        "EV-\($0.offset),SC-A2,,,call,outbound,conversation,2026-11-03T\($0.element):00+08:00,60,bank\n"
                    }.joined())
            try await bank.clock("2026-11-03T09:31")
            try await bank.none(holder, "phone")
            let point = try await bank.explain("SC-A2-1", "phone")[0]
            let limit = try #require(point["reasons"].list.first { $0["rule"].text == "frequency_limits.talks_daily" }, "\(point)")
            #expect(limit["used"].int == 3 && limit["max"].int == 3)
            #expect(point["earliest_by_rules"].text == "2026-11-04T00:00:00Z")
            #expect(point["earliest"].text == "2026-11-06T00:00:00Z", "\(point)")

            try await bank.clock("2026-11-03T15:00")
            try await bank.load(
                "accounts", "new.csv",
                ScenarioFiles.accountHeader + ScenarioFiles.account("SC-A2-3", debtor: "SC-A2", balance: "500.00", asOf: "2026-11-03"),
                ["--portfolio", "q"])
            try await bank.must(["place", "follow-on"], by: "anna")
            #expect(
                try await bank.value("select count(distinct agency_id) || ' ' || count(*) from placement where state = 'active'") == "1 3")
            #expect(try await bank.value("select count(*) from task") == "1")
            for day in ["2026-11-04T08:00", "2026-11-05T21:59"] {
                try await bank.clock(day)
                try await bank.none(holder, "phone")
            }
            try await bank.clock("2026-11-06T08:00")
            let call = try await bank.only(holder, "phone")
            #expect(call.workCard.accounts?.map(\.balance).sorted() == ["4000.00", "500.00", "6000.00"])
        }
    }
}
