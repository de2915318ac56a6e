import Foundation
import RecourseTesting
import Testing
import WireTypes

/// A letter is printed, posted and comes back: the next one a month later, to the other address.
@Suite("Scenario: a letter, returned", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(5)))
struct LetterScenarioTests {
    private static let statusHeader = "letter_id,mail_no,status,status_at,return_reason,signed_by_kind\n"

    /// The shipped texts, each changed.
    private func texts(_ bank: RehearsalBank, _ name: String, _ edit: (String) -> String) throws -> String {
        let shipped = URL(fileURLWithPath: RehearsalBank.policyPath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("letters").path
        let copy = bank.directory + "/" + name
        try FileManager.default.copyItem(atPath: shipped, toPath: copy)
        for file in try FileManager.default.contentsOfDirectory(atPath: copy) where file.hasSuffix(".html") {
            let path = copy + "/" + file
            try edit(try String(contentsOfFile: path, encoding: .utf8)).write(toFile: path, atomically: true, encoding: .utf8)
        }
        return copy
    }

    @Test("the lettershop's alone; all fields or not issued; returned: address off, sent but not delivered; the next to the home address")
    func returned() async throws {
        try await RehearsalBank.open(at: "2026-11-02T07:00", agencies: ScenarioFiles.agencies(["alpha", "shop"])) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader
                    + ScenarioFiles.account("SC-A4", debtor: "SC-A4D", balance: "6000.00", address: "Billing Road 9"),
                ["--portfolio", "p"])
            try await bank.load("contacts", "contacts.csv", ScenarioFiles.contactHeader + ScenarioFiles.home("SC-A4D", "Home Lane 4"))
            #expect(try await bank.place("p")["placed"].int == 1)
            try await bank.clock("2026-11-02T08:00")
            let gathering = try await bank.only("alpha", "information_gathering")
            try await bank.report("alpha", gathering, "no_contact_found", at: "2026-11-02T08:00")
            try await bank.none("alpha", "letter")

            // A text without a seal, a text with a forbidden word: not issued, by name, and the letter stays ordered.
            let unsealed = try texts(bank, "unsealed") { $0.replacing("seal_id: issuer-card-centre\n", with: "") }
            var answer = try await bank.run(["letter", "print", "--out", bank.directory + "/p1", "--templates", unsealed], by: "anna")
            #expect(answer.code == 1 && answer.errors.contains("letter_required_fields: business_seal"), "\(answer)")
            #expect(try await bank.value("select rule from break where kind = 'letter_not_issued'") == "letter_required_fields")
            try await bank.clock("2026-11-03T08:00")
            let forbidden = try texts(bank, "forbidden") { $0.replacing("</h1>", with: "，另收滞纳金</h1>") }
            answer = try await bank.run(
                ["letter", "print", "--out", bank.directory + "/p2", "--templates", forbidden, "--pdf", "false"], by: "anna")
            #expect(answer.code == 1 && answer.errors.contains("letter_forbidden: late_fee_term"), "\(answer)")
            try await bank.clock("2026-11-04T08:00")

            let dry = try await bank.must(["letter", "print", "--out", bank.directory + "/p3", "--dry-run"], by: "anna").json
            #expect(dry["due"].int == 1)
            let report = try await bank.must(["letter", "print", "--out", bank.directory + "/p3"], by: "anna").json
            #expect(report["printed"].int == 1, "\(report)")
            let lines = try String(contentsOfFile: bank.directory + "/p3/letters.csv", encoding: .utf8).split(whereSeparator: \.isNewline)
            #expect(lines.count == 2 && lines[1].contains("Billing Road 9") && lines[1].contains("registered"))
            for field in [
                "name", "reason", "balance", "law", "rights_duties", "query_channel", "repay_channel", "object_channel", "evidence_channel",
                "issuer_contact", "business_seal",
            ] { #expect(lines[0].contains(field), "\(field)") }
            #expect(!lines[1].contains(",,"))
            let letter = try #require(lines[1].split(separator: ",").first.map(String.init))
            let page = try Data(contentsOf: URL(fileURLWithPath: bank.directory + "/p3/pages/\(letter).pdf"))
            #expect(page.starts(with: Data("%PDF".utf8)))
            try await bank.none("alpha", "letter")

            // The post's word, by file; the same file again, and the same word once more, change nothing.
            try await bank.clock("2026-11-20T18:00")
            let statuses =
                Self.statusHeader + "\(letter),R1,posted,2026-11-04T15:00:00+08:00,,\n"
                + "\(letter),R1,returned,2026-11-20T10:00:00+08:00,moved,\n"
            #expect(try await bank.load("letter-status", "status.csv", statuses).json["loaded"].int == 2)
            #expect(try await bank.load("letter-status", "status.csv", statuses).json["loaded"].int == 0)
            let known = try await bank.activity(
                "shop",
                ActivityItem(
                    activityRef: "again", type: "letter_status", occurredAt: try #require(WireInstant("2026-11-04T15:00:00+08:00")),
                    direction: "outbound", result: "posted", refersTo: letter, letter: LetterStatus(letterId: letter, mailNo: "R1")))
            #expect(known.status == .accepted)
            let rejects = try await bank.run(
                [
                    "import", "letter-status",
                    try bank.file(
                        "bad.csv",
                        Self.statusHeader + "999,R9,posted,2026-11-04T15:00:00+08:00,,\n"
                            + "\(letter),R1,lost,2026-11-04T15:00:00+08:00,,\n"
                            + "\(letter),R1,delivered,2026-12-24T15:00:00+08:00,,\n"),
                ], by: "anna")
            #expect(rejects.code == 1, "\(rejects)")
            #expect(try rejects.json["rejected"].int == 3, "\(rejects)")

            let shown = try await bank.must(["letter", "show", letter]).json
            #expect(
                shown["state"].text == "returned" && shown["mail_no"].text == "R1" && shown["return_reason"].text == "moved", "\(shown)")
            #expect(try await bank.value("select state from contact_point where channel = 'billing_address'") == "invalid")
            #expect(
                try await bank.value(
                    "select count(*) filter (where posted_at is not null) || ' ' || count(*) filter (where state = 'delivered') from letter"
                )
                    == "1 0")
            // Sent once, whoever said it how often.
            #expect(
                try await bank.value(
                    "select string_agg(substring(convert_from(body, 'UTF8') from 'letter.posted'), ',') from audit_entry where convert_from(body, 'UTF8') like '%letter.posted%'"
                ) == "letter.posted")
            try await bank.clock("2026-12-03T08:00")
            _ = try await bank.reconcile(breaks: true)
            let early = try await bank.must(["letter", "print", "--out", bank.directory + "/p4"], by: "anna").json
            #expect(early["printed"].int == 0, "posted on 11-04: not before 30 days have gone: \(early)")
            try await bank.clock("2026-12-04T08:00")
            _ = try await bank.reconcile(breaks: true)
            let next = try await bank.must(["letter", "print", "--out", bank.directory + "/p5"], by: "anna").json
            let story = try await bank.story()
            #expect(next["printed"].int == 1, "\(story)")
            #expect(try String(contentsOfFile: bank.directory + "/p5/letters.csv", encoding: .utf8).contains("Home Lane 4"))
            let record = try await bank.must(["case", "show", "SC-A4"]).output
            #expect(record.contains("posted") && record.contains("returned"), "\(record)")
        }
    }
}
