import RecourseTesting
import Testing
import WireTypes

/// Complaints: by every door one complaint, one hold, one clock; two persons extend and answer.
@Suite("Scenarios: complaints", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct ComplaintScenarioTests {
    private static let header = "complaint_ref,source,external_no,received_at,debtor_ref,account_ref,agency,code,text_ref\n"

    private func open(_ bank: RehearsalBank, _ number: String, received: String, text: String? = nil, by: String = "anna") async throws
        -> JSONValue
    {
        let arguments =
            ["complaint", "open", "--source", "12378", "--external-no", number, "--received", received, "--debtor", "SC"]
            + (text.map { ["--text", $0] } ?? [])
        return try await bank.must(arguments, by: by).json
    }

    private func extend(_ bank: RehearsalBank, _ ref: String, by people: [String]) async throws -> String? {
        var last: JSONValue?
        for person in people { last = try await bank.must(["complaint", "extend", ref, "--reason", "complex"], by: person).json }
        return last?["complaint"]["due_on"].text
    }

    @Test(
        "A3: a regulator's complaint during a call stops it; the late talk counts once; days by two persons; answered, work resumes next day"
    )
    func duringCall() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.clock("2026-11-03T14:00")
            let lease = try await bank.only("alpha", "phone")
            // The counters of the stage; those of law count every talk, late or not.
            let ofStage = "select concat_ws(' ', stage, counters[1:11]::text, step) from case_file"
            let stage = try await bank.value(ofStage)

            try await bank.clock("2026-11-03T14:05")
            let opened = try await open(bank, "Z1", received: "2026-11-03T14:05")
            #expect(opened["result"].text == "opened" && opened["complaint"]["due_on"].text == "2026-11-18")
            #expect(opened["complaint"]["received_at"].text == "2026-11-03T14:05:00+08:00")
            #expect(try await bank.heartbeat("alpha", lease).cancelled == "hold")
            try await bank.published("hold")
            try await bank.none("alpha", "phone")

            try await bank.clock("2026-11-03T14:06")
            #expect(try await bank.report("alpha", lease, "rpc_no_commitment", at: "2026-11-03T14:03").status == .late)
            #expect(try await bank.value("select count(*) from contact_event where outcome = 'conversation'") == "1")
            #expect(try await bank.value(ofStage) == stage)
            #expect(try await bank.value("select recording_ref from contact_event where late") == "rec-1", "evidence stored")

            // By any door the same number is the same complaint.
            #expect(try await open(bank, "Z1", received: "2026-11-03T14:05", by: "boris")["result"].text == "known")
            let row = "CP-1,12378,Z1,2026-11-03T14:05:00+08:00,SC,,alpha,K1,T-1\n"
            let file = try await bank.load("complaints", "complaints.csv", Self.header + row).json
            #expect(file["loaded"].int == 0 && file["known"].int == 1 && file["rejected"].int == 0)
            #expect(try await bank.load("complaints", "again.csv", Self.header + row).json["state"].text == "already_loaded")
            #expect(try await bank.value("select count(*) from complaint") == "1")
            #expect(try await bank.value("select count(*) from hold where type = 'complaint'") == "1")

            let twice = ["complaint", "extend", "Z1", "--reason", "complex"]
            try await bank.must(twice, by: "anna")
            let refused = try await bank.run(twice, by: "anna")
            #expect(refused.code == 1 && refused.errors.contains("a second operator has to"))
            #expect(try await bank.must(twice, by: "boris").json["complaint"]["due_on"].text == "2026-12-03")
            #expect(try await extend(bank, "Z1", by: ["boris", "clara"]) == "2027-01-02")
            let third = try await bank.run(twice, by: "anna")
            #expect(third.code == 1 && third.errors.contains("no third time"))
            #expect(try await bank.value("select count(*) from outbox where kind = 'complaint_extended' and target = 'letter'") == "2")

            try await bank.clock("2026-11-10T16:00")
            try await bank.none("alpha", "phone")
            let reply = try bank.file("reply.txt", "We have looked into it.")
            let answer = ["complaint", "answer", "Z1", "--reply", reply]
            let draft = ["complaint", "answer", "Z1", "--reply", try bank.file("draft.txt", "Sorry.")]
            #expect(try await bank.must(draft, by: "clara").json["result"].text == "noted")
            #expect(try await bank.must(answer, by: "anna").json["result"].text == "noted", "another letter is another proposal")
            #expect(try await bank.run(answer, by: "anna").code == 1)
            try await bank.none("alpha", "phone")
            #expect(try await bank.must(answer, by: "clara").json["complaint"]["state"].text == "answered")
            #expect(try await bank.value("select count(*) from outbox where kind = 'complaint_answer'") == "1")
            #expect(try await bank.value("select count(*) from hold where state = 'open'") == "0")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-11T07:59")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-11T08:00")
            _ = try await bank.only("alpha", "phone")
            #expect(try await bank.must(["complaint", "close", "Z1"], by: "anna").json["complaint"]["state"].text == "closed")
            #expect(try await bank.must(["complaint", "list"]).json["complaints"].list.isEmpty)
            #expect(try await bank.must(["complaint", "list", "--all"]).json["complaints"].list.count == 1)
        }
    }

    @Test("the clock is watched: a warning three days before, a break after; the answer closes both; another open complaint keeps the hold")
    func clock() async throws {
        try await RehearsalBank.phone { bank in
            _ = try await open(bank, "Z1", received: "2026-11-02T09:59")
            _ = try await open(bank, "Z2", received: "2026-11-02T10:00")
            let hotline = ["complaint", "open", "--source", "hotline", "--external-no", "Z2", "--account", "SC-1"]
            try await bank.must(hotline, by: "anna")
            let which = try await bank.run(["complaint", "answer", "Z2"], by: "anna")
            #expect(which.code == 1 && which.errors.contains("several complaints have the number Z2"))
            for person in ["anna", "boris"] { try await bank.must(["complaint", "answer", "hotline-Z2"], by: person) }
            let list = try await bank.must(["complaint", "list"]).json["complaints"]
            #expect(list.list.count == 3 && list[0]["days_left"].int == 15)
            try await bank.clock("2026-11-13T23:00")
            _ = try await bank.reconcile()
            try await bank.clock("2026-11-14T06:30")
            _ = try await bank.reconcile(breaks: true)
            let kinds = { try await bank.must(["break", "list"]).json["breaks"].list.compactMap { $0["kind"].text } }
            #expect(try await kinds() == ["complaint_due", "complaint_due"])
            try await bank.clock("2026-11-18T06:30")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await kinds() == ["complaint_overdue", "complaint_overdue"])
            #expect(try await bank.must(["complaint", "list"]).json["complaints"][0]["days_left"].int == -1)
            for person in ["anna", "boris"] { try await bank.must(["complaint", "answer", "Z1"], by: person) }
            #expect(try await bank.value("select count(*) from hold where state = 'open'") == "1", "Z2 is open")
            for person in ["boris", "anna"] { try await bank.must(["complaint", "answer", "12378-Z2"], by: person) }
            #expect(try await bank.value("select count(*) from hold where state = 'open'") == "0")
            _ = try await bank.reconcile()
            #expect(try await kinds().isEmpty)
        }
    }

    @Test("the fourth complaint with the same content goes to a supervisor instead of a new hold")
    func repeated() async throws {
        try await RehearsalBank.phone { bank in
            for number in 1...3 {
                _ = try await open(bank, "Z\(number)", received: "2026-11-02T10:00", text: "T-77")
                for person in ["anna", "boris"] { try await bank.must(["complaint", "answer", "Z\(number)"], by: person) }
            }
            let fourth = try await open(bank, "Z4", received: "2026-11-02T10:00", text: "T-77")
            #expect(fourth["result"].text == "supervisor")
            #expect(try await bank.value("select count(*) from hold where state = 'open'") == "0")
            let found = try await bank.must(["break", "list"]).json["breaks"]
            #expect(found.list.count == 1 && found[0]["kind"].text == "complaint_repeated" && found[0]["severity"].text == "high")
            // Other content is another matter.
            #expect(try await open(bank, "Z5", received: "2026-11-02T10:00", text: "T-78")["result"].text == "opened")
        }
    }

    @Test("a file's complaint holds at once; rows that cannot be are refused one by one; a debtor without a case is held too")
    func file() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.load(
                "accounts", "second.csv", ScenarioFiles.accountHeader + ScenarioFiles.account("SC-9", debtor: "SD", balance: "900.00"),
                ["--portfolio", "q"])
            let lease = try await bank.only("alpha", "phone")
            let rows = [
                "CP-1,letter,,2026-11-02T09:30,SC,SC-1,alpha,K1,T-1", "CP-2,hotline,H7,2026-11-01,SD,,,,",
                "CP-3,pigeon,,2026-11-02T09:30,SC,,,,", "CP-4,letter,,2026-11-02T09:30,nobody,,,,",
                "CP-5,letter,,2026-12-02T09:30,SC,,,,", "CP-6,letter,,2026-11-02T09:30,SC,SC-9,,,",
                "CP-7,letter,,2026-11-02T09:30,SC,,nix,,",
            ]
            let path = try bank.file("complaints.csv", Self.header + rows.joined(separator: "\n") + "\n")
            let answer = try await bank.run(["import", "complaints", path], by: "anna")
            #expect(answer.code == 1)
            let report = try answer.json
            #expect(report["loaded"].int == 2 && report["rejected"].int == 5, "\(answer.output)")
            #expect(try await bank.heartbeat("alpha", lease).cancelled == "hold")
            #expect(try await bank.value("select count(*) from hold where type = 'complaint' and state = 'open'") == "2")
            #expect(try await bank.value("select string_agg(due_on::text, ' ' order by due_on) from complaint") == "2026-11-16 2026-11-17")
            let clash = try await bank.run(
                ["import", "complaints", try bank.file("clash.csv", Self.header + "CP-8,hotline,H7,2026-11-01,SC,,,,\n")], by: "anna")
            #expect(clash.code == 1 && clash.output.contains("another debtor's"))
            // A debtor under a complaint is not placed.
            let plan = try await bank.must(["place", "plan", "--portfolio", "q", "--strategy", "weighted", "--dry-run"], by: "anna").json
            #expect(plan["accounts"].int == 0)
        }
    }

    @Test("holds by file: set, known, released; refused where two persons have to, or where it is not a hold of hands")
    func holds() async throws {
        try await RehearsalBank.phone { bank in
            let header = "hold_ref,scope,ref,type,from,until,action,by\n"
            let lease = try await bank.only("alpha", "phone")
            let set = "H-1,debtor,SC,hardship,2026-11-02,,set,desk 7\n"
            #expect(try await bank.load("holds", "h1.csv", header + set).json["loaded"].int == 1)
            #expect(try await bank.heartbeat("alpha", lease).cancelled == "hold")
            let rows =
                set + "H-2,account,SC-1,dispute,,2026-12-01,set,\n" + "H-3,debtor,SC,complaint,,,release,\n"
                + "H-4,debtor,SC,promise,,,set,\n"
                + "H-5,debtor,nobody,cease,,,set,\n" + "H-6,debtor,SC,cease,2026-11-03,,set,\n" + "H-1,debtor,SC,cease,,,set,\n"
            let answer = try await bank.run(["import", "holds", try bank.file("h2.csv", header + rows)], by: "anna")
            let report = try answer.json
            #expect(
                answer.code == 1 && report["loaded"].int == 1 && report["known"].int == 1 && report["rejected"].int == 5, "\(answer.output)"
            )
            #expect(
                try await bank.value("select string_agg(type || ' ' || coalesce(until::date::text, '-'), ', ' order by type) from hold")
                    == "dispute 2026-11-30, hardship -")
            let release = "H-1,debtor,SC,hardship,,,release,desk 7\n" + "H-2,account,SC-1,dispute,,,release,\n"
            #expect(try await bank.load("holds", "h3.csv", header + release).json["loaded"].int == 2)
            #expect(try await bank.load("holds", "h4.csv", header + release + set).json["known"].int == 3, "released holds stay released")
            #expect(try await bank.value("select count(*) from hold where state = 'open'") == "0")
            try await bank.none("alpha", "phone")
            try await bank.clock("2026-11-03T08:00")
            _ = try await bank.only("alpha", "phone")
        }
    }
}
