import Foundation
import RecourseTesting
import Testing
import WireTypes

/// The holder cannot visit: who can takes over, and where nobody can the case goes on lightly.
@Suite("Scenario: the agency that cannot visit", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(5)))
struct HandoverScenarioTests {
    /// A case of alpha's whose second letter is unanswered on 2026-12-20, at 120 days past due. Bravo's contract begins after the placement.
    private func twoLettersUnanswered(region: String, _ body: (RehearsalBank) async throws -> Void) async throws {
        let agencies = ScenarioFiles.agencies(["alpha", "bravo", "shop"], bravoFrom: "2026-10-01")
        try await RehearsalBank.open(at: "2026-09-22T07:00", agencies: agencies) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader
                    + ScenarioFiles.account(
                        "SC-A5", debtor: "SC-A5D", balance: "65000.00", dpd: 31, since: "2026-08-22", region: region, asOf: "2026-09-22"
                    ).replacing("2026-10-20", with: "2026-09-10"), ["--portfolio", "p"])
            #expect(try await bank.place("p")["placed"].int == 1)
            try await bank.clock("2026-09-22T08:00")
            // No number at all: information gathering goes to the letter, and the bank searches in vain.
            let gathering = try await bank.only("alpha", "information_gathering")
            try await bank.report("alpha", gathering, "no_contact_found", at: "2026-09-22T08:00")
            let search = try await bank.must(["request", "list"]).json["requests"][0]
            #expect(search["type"].text == "skip_trace")
            let key = try (#require(search["lane"].int), #require(search["request"].int))
            try await bank.must(["request", "decide", "\(key.0)", "\(key.1)", "nothing"], by: "anna")
            for (posted, answered) in [("2026-09-23T10:00", "2026-10-13T08:30"), ("2026-11-30T10:00", "2026-12-20T08:30")] {
                try await bank.clock(posted)
                let letter = try await bank.only("shop", "letter")
                #expect(letter.workCard.letter != nil, "\(letter.workCard)")
                let reply = try await bank.report("shop", letter, "posted", at: posted) {
                    $0.letter = LetterStatus(mailNo: "R-\(posted.prefix(10))")
                }
                #expect(reply.status == .accepted)
                try await bank.none("alpha", "letter")
                let tracked = try await bank.activity(
                    "shop",
                    ActivityItem(
                        activityRef: "track-\(posted)", caseRef: letter.workCard.caseRef, type: "letter_status",
                        occurredAt: try #require(WireInstant(posted + ":00+08:00")), direction: "outbound", result: "no_trace",
                        refersTo: letter.workCard.letter?.letterId, letter: LetterStatus(letterId: letter.workCard.letter?.letterId)))
                #expect(tracked.status == .accepted, "\(tracked)")
                try await bank.clock(answered)
                _ = try await bank.reconcile()
            }
            try await body(bank)
        }
    }

    @Test("another agency with stage and region: handover pool, the plan proposes only it, tier and stage stay; the door keeps its rules")
    func handover() async throws {
        try await twoLettersUnanswered(region: "CN-44") { bank in
            #expect(try await bank.value("select close_code || ' ' || tier from placement") == "stage_not_contracted 1", "\(bank.db.name)")
            let plan = try await bank.must(["place", "plan", "--portfolio", "p", "--strategy", "weighted"], by: "anna").json
            #expect(plan["agencies"].list.map { $0["agency"].text } == ["bravo"], "\(plan)")
            let run = try #require(plan["run"].text)
            try await bank.must(["place", "approve", run], by: "boris")
            try await bank.must(["notice", "send", "--run", run], by: "anna")
            try await bank.clock("2026-12-24T07:00")
            #expect(try await bank.must(["place", "run", run], by: "anna").json["placed"].int == 1)
            #expect(
                try await bank.value("select string_agg(tier || ' ' || state, ',' order by placement_id) from placement")
                    == "1 closed,1 active")
            try await bank.clock("2026-12-25T09:00")
            // The visit is announced a day ahead; nothing is gathered twice.
            let messages = bank.directory + "/sms.jsonl"
            let deliver = ["outbox", "deliver", "--port", "sms", "--once", "--command"]
            let refused = try await bank.run(deliver + ["exit 7"], by: "anna")
            #expect(refused.code == 1, "\(refused.code) \(refused.output)\(refused.errors)")
            #expect(try await bank.must(deliver + ["cat >> \(messages)"], by: "anna").json["delivered"].int == 1)
            let told = try String(contentsOfFile: messages, encoding: .utf8)
            #expect(told.contains("\"kind\":\"visit_announcement\"") && told.contains("\"debtor_ref\":\"SC-A5D\""), "\(told)")
            #expect(try await bank.must(deliver + ["cat >> \(messages)"], by: "anna").json["delivered"].int == 0)
            try await bank.none("bravo", "information_gathering")
            let visit = try await bank.only("bravo", "field_visit")
            #expect(visit.expiresInMs == 7 * 86_400_000)
            let point = try #require(visit.workCard.visit?.contactPointId)
            try await bank.clock("2026-12-25T22:05")
            var door = try await bank.permit("bravo", visit, point: point, collectors: 2)
            #expect(door.blocked?.reasons.contains("contact_windows") == true, "\(door)")
            try await bank.clock("2026-12-26T10:00")
            door = try await bank.permit("bravo", visit, point: point, collectors: 1)
            #expect(door.blocked?.reasons.contains("visit.min_collectors") == true, "\(door)")
            door = try await bank.permit("bravo", visit, point: point, collectors: 2)
            #expect(door.permitId != nil, "\(door)")
        }
    }

    @Test("approved in advance by two persons, the day's run plans, tells and places by itself; more than that waits for a person")
    func inAdvance() async throws {
        try await twoLettersUnanswered(region: "CN-44") { bank in
            try FileManager.default.createDirectory(atPath: bank.directory + "/inbox", withIntermediateDirectories: true)
            let day = ["day", "run", "--once", "--inbox", bank.directory + "/inbox"]
            try await bank.clock("2026-12-20T08:31")
            let nothing = try await bank.must(day, by: "anna").json["handover"]
            #expect(nothing["waiting"].int == 1 && nothing["approved"].int == 0 && nothing["reason"].text != nil)
            #expect(try await bank.value("select count(*) from placement_run where state = 'planned'") == "0")
            let none = ["place", "standing", "--limit", "0", "--until", "2026-12-31"]
            #expect(try await bank.must(none, by: "boris").json["state"].text == "noted")
            #expect(try await bank.run(none, by: "boris").code == 1, "one person is not two")
            #expect(try await bank.must(none, by: "clara").json["state"].text == "approved")
            try await bank.clock("2026-12-21T07:20")
            let early = try await bank.must(day, by: "anna").json
            #expect(early["reconciled"]["step"].text == "reconcile" && early["handover"]["for_persons"].list.count == 1)
            let waiting = try #require(early["handover"]["for_persons"][0].text)
            try await bank.clock("2026-12-21T07:50")
            #expect(try await bank.must(day, by: "anna").json["handover"]["waiting"].int == nil, "once a day")
            try await bank.must(["place", "cancel", waiting, "--reason", "too many"], by: "anna")
            for person in ["boris", "clara"] {
                try await bank.must(["place", "standing", "--limit", "200", "--until", "2026-12-31"], by: person)
            }
            try await bank.clock("2026-12-22T07:20")
            let approved = try await bank.must(day, by: "anna").json["handover"]
            #expect(approved["approved"].int == 1 && approved["placed"].int == 1, "the accounts file says the debtor was told")
            #expect(try await bank.must(day, by: "anna").json["handover"]["waiting"].int == nil, "once a day")
            #expect(
                try await bank.value("select string_agg(tier || ' ' || state, ',' order by placement_id) from placement")
                    == "1 closed,1 active")
        }
    }

    @Test("nobody visits there: four months are too few for a suit, so light cadence to the term's end, then expired, never legal")
    func nobodyVisits() async throws {
        try await twoLettersUnanswered(region: "CN-65") { bank in
            #expect(try await bank.value("select state || ' ' || light_cadence from case_file") == "ready true")
            #expect(try await bank.value("select count(*) from legal_referral") == "0")
            let end = try #require(try await bank.value("select (term_end + interval '1 day')::date from placement"))
            try await bank.clock(end + "T06:30")
            _ = try await bank.reconcile()
            #expect(try await bank.value("select close_code from case_file") == "expired")
            #expect(try await bank.value("select count(*) from legal_referral") == "0")
        }
    }
}
