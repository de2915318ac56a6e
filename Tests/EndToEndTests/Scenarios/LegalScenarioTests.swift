import Foundation
import RecourseTesting
import Testing
import WireTypes

/// From the second refusal to the court and back: letters unanswered, proposal, two persons, law firm, dossier, payment.
@Suite("Scenario: legal steps", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(5)))
struct LegalScenarioTests {
    /// A case of alpha's with a dossier task due on 2026-11-17, 206 days past due, two talks and two letters on record. Nobody visits there.
    private func dossierDue(dpd: Int = 150, since: String = "2026-04-25", _ body: (RehearsalBank) async throws -> Void) async throws {
        try await RehearsalBank.open(at: "2026-09-22T07:00", agencies: ScenarioFiles.agencies(["alpha", "shop", "firm"])) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader
                    + ScenarioFiles.account(
                        "SC-L1", debtor: "SC-L", balance: "30000.00", dpd: dpd, since: since, region: "CN-65", asOf: "2026-09-22"
                    ).replacing("2026-10-20", with: "2026-09-10"), ["--portfolio", "p"])
            try await bank.load("contacts", "contacts.csv", ScenarioFiles.contactHeader + ScenarioFiles.mobile("SC-L"))
            #expect(try await bank.place("p")["placed"].int == 1)
            try await bank.clock("2026-09-22T09:00")
            try await bank.gather("alpha", at: "2026-09-22T09:00")
            for time in ["2026-09-22T10:00", "2026-09-26T10:00"] {
                try await bank.clock(time)
                try await bank.report("alpha", try await bank.only("alpha", "phone"), "refused", at: time)
            }
            for (posted, answered) in [("2026-09-27T10:00", "2026-10-18T08:30"), ("2026-10-28T10:00", "2026-11-17T08:30")] {
                try await bank.clock(posted)
                let letter = try await bank.only("shop", "letter")
                try await bank.report("shop", letter, "posted", at: posted) {
                    $0.letter = LetterStatus(letterId: letter.workCard.letter?.letterId, mailNo: "R-\(posted.prefix(10))")
                }
                try await bank.clock(answered)
                _ = try await bank.reconcile(breaks: try await bank.value("select count(*) from break where state = 'open'") != "0")
            }
            try await body(bank)
        }
    }

    @Test(
        "proposed, decided by two, filed, on record and in the dossier, paid and withdrawn; every command says what it did and refuses what it must"
    )
    func court() async throws {
        try await dossierDue { bank in
            let dossier = try await bank.only("alpha", "legal_referral")
            #expect(dossier.step == "legal_dossier" && dossier.workCard.debtor?.idNumber == nil)
            #expect(try await bank.report("alpha", dossier, "proposed", at: "2026-11-17T08:30").status == .accepted)
            let proposed = try await bank.must(["legal", "list"]).json["referrals"][0]
            #expect(proposed["account"].text == "SC-L1" && proposed["state"].text == "proposed")
            try await bank.load("card-status", "cards.csv", "account_ref,currency,card_status\nSC-L1,CNY,blocked\n")
            #expect(try await bank.must(["legal", "list"]).json["referrals"][0]["card_block_confirmed"].text != nil)

            #expect(try await bank.run(["legal", "decide", "SC-L1", "criminal_report"], by: "boris").code == 1)
            #expect(try await bank.must(["legal", "decide", "SC-L1", "civil"], by: "anna").json["state"].text == "awaits_second")
            #expect(try await bank.run(["legal", "decide", "SC-L1", "civil"], by: "anna").code == 1, "the same person")
            #expect(try await bank.run(["legal", "decide", "SC-L1", "shame"], by: "boris").code == 2)
            #expect(try await bank.must(["legal", "decide", "SC-L1", "civil"], by: "boris").json["state"].text == "decided")
            try await bank.none("alpha", "phone")
            try await bank.none("alpha", "legal_referral")

            let suit = try await bank.only("firm", "legal_referral")
            #expect(suit.step == "law_firm" && suit.workCard.legal?.route == "civil")
            #expect(try await bank.report("firm", suit, "dossier_accepted", at: "2026-11-17T08:30").status == .accepted)
            try await bank.must(["legal", "event", "SC-L1", "filed", "--case-no", "2026-115", "--costs", "120.00"], by: "anna")
            #expect(try await bank.run(["legal", "event", "SC-L1", "won"], by: "anna").code == 2)
            let shown = try await bank.must(["legal", "show", "SC-L1"]).json["referrals"][0]
            #expect(shown["state"].text == "filed" && shown["case_no"].text == "2026-115" && shown["costs"].int == 12_000)

            let record = try await bank.must(["case", "show", "SC-L1"])
            let kinds = try record.json["timeline"].list.compactMap { $0["kind"].text }
            let expected = ["case_opened", "outcome", "letter_posted", "legal_proposed", "legal_decided", "case_closed", "case_opened"]
            var rest = kinds[...]
            for kind in expected {
                let next = try #require(rest.firstIndex(of: kind), "\(kind) in its order: \(kinds)")
                rest = rest[rest.index(after: next)...]
            }
            #expect(
                !record.output.contains("Person SC-L") && !record.output.contains("Test Road") && !record.output.contains("99913087714"))
            #expect(try await bank.run(["case", "show", "nobody"]).code == 1)
            #expect(try await bank.must(["case", "list", "--stage", "legal_referral"]).json["cases"].list.count == 1)

            try await self.dossiers(of: bank)

            try await bank.clock("2026-11-20T10:00")
            try await bank.load(
                "payments", "payments.csv",
                ScenarioFiles.paymentHeader + "PAY-1,SC-L1,30000.00,CNY,2026-11-20T09:00:00+08:00,2026-11-20T09:30:00+08:00,transfer,\n",
                ["--ledger-through", "2026-11-20T10:00:00+08:00"])
            #expect(try await bank.must(["legal", "show", "SC-L1"]).json["referrals"][0]["state"].text == "withdrawn")
            #expect(try await bank.value("select string_agg(close_code, ',' order by case_id) from case_file") == "legal,paid_in_full")
            try await bank.clock("2026-11-21T11:00")
            _ = try await bank.reconcile(breaks: true)
            #expect(
                try await bank.value("select count(*) from break where kind = 'card_unblock_unconfirmed' and state = 'open'") == "1")
            #expect(try await bank.must(["legal", "confirm-block", "SC-L1"], by: "anna").json["card_status"].text == "active")
            #expect(
                try await bank.value("select count(*) from break where kind = 'card_unblock_unconfirmed' and state = 'open'") == "0")
        }
    }

    private func dossiers(of bank: RehearsalBank) async throws {
        let plain = bank.directory + "/plain.tar"
        let open = bank.directory + "/open.tar"
        let written = try await bank.must(["legal", "dossier", "SC-L1", "--out", plain]).json
        #expect(written["entries"].int == 9 && written["revealed"].bool == false)
        let bytes = String(decoding: try Data(contentsOf: URL(fileURLWithPath: plain)), as: UTF8.self)
        #expect(bytes.contains("ledger-1.csv") && !bytes.contains("Person SC-L") && !bytes.contains("99913087714"))
        let mode = try FileManager.default.attributesOfItem(atPath: plain)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let reveal = ["legal", "dossier", "SC-L1", "--out", open, "--reveal", "--reason", "court order"]
        #expect(try await bank.run(reveal).code == 2, "nobody named")
        #expect(try await bank.run(reveal, by: "anna").code == 1, "an admin is neither supervisor nor compliance")
        #expect(!FileManager.default.fileExists(atPath: open))
        #expect(try await bank.must(reveal, by: "boris").json["revealed"].bool == true)
        #expect(String(decoding: try Data(contentsOf: URL(fileURLWithPath: open)), as: UTF8.self).contains("Person SC-L"))
        #expect(try await bank.value("select count(*) from audit_entry where kind = 29") == "1")
    }

    @Test("past its limitation no dossier is asked for before counsel has looked at it (E15)")
    func limitationPassed() async throws {
        try await dossierDue(dpd: 1_216, since: "2023-05-25") { bank in
            try await bank.none("alpha", "legal_referral")
            #expect(
                try await bank.value("select type || ' ' || state || ' ' || (detail ->> 'subject') from bank_request")
                    == "legal_review open limitation")
            try await bank.decide("legal_review", ["grant"])
            try await bank.clock("2026-11-17T09:00")
            let dossier = try await bank.only("alpha", "legal_referral")
            #expect(dossier.step == "legal_dossier")
        }
    }
}
