import RecourseTesting
import Testing
import WireTypes

/// What an agency has to hand over before it purges its copies.
@Suite("Scenarios: evidence before purge", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct EvidenceScenarioTests {
    private func step(_ bank: RehearsalBank) async throws -> String? {
        try await bank.must(["recall", "show", "SC-1"]).json["recalls"][0]["step"].text
    }

    private func confirm(_ bank: RehearsalBank, _ name: String, evidence: Int, proof: String = "", at time: String) async throws -> Int? {
        let placement = try #require(try await bank.value("select placement_id from placement"))
        return try await bank.load(
            "recall-confirmations", name,
            "placement_ref,stopped_at,open_items,evidence_count,purge_proof_ref\n\(placement),\(time):00+08:00,0,\(evidence),\(proof)\n"
        ).json["loaded"].int
    }

    @Test("executed, confirmed, evidence, complete, purge ordered, proof; late or too little is a break, until it is made good")
    func chain() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.report("alpha", try await bank.only("alpha", "phone"), "refused", at: "2026-11-02T10:00")
            #expect(try await bank.value("select count(*) from contact_event where recording_ref is not null") == "1")
            #expect(try await bank.must(["recall", "show", "SC"]).output.contains("never recalled"))
            try await bank.must(["recall", "SC", "--category", "compliance", "--reason", "test"], by: "anna")
            #expect(try await step(bank) == "executed")
            try await bank.acknowledge("alpha", "recall")
            #expect(try await step(bank) == "confirmed")
            try await bank.clock("2026-11-09T18:00")
            _ = try await bank.reconcile()

            try await bank.clock("2026-11-10T06:30")
            _ = try await bank.reconcile(breaks: true)
            var open = try await bank.must(["break", "list", "--kind", "evidence_incomplete"]).json["breaks"]
            #expect(open[0]["ours"].text == "1 contacts with recordings" && open[0]["theirs"].text == "nothing handed over")
            #expect(try await confirm(bank, "none.csv", evidence: 0, at: "2026-11-02T18:00") == 1)
            #expect(try await step(bank) == "evidence")
            _ = try await bank.reconcile(breaks: true)
            open = try await bank.must(["break", "list", "--kind", "evidence_incomplete"]).json["breaks"]
            #expect(open.list.count == 1 && open[0]["agency"].text == "alpha" && open[0]["severity"].text == "high")

            #expect(try await confirm(bank, "all.csv", evidence: 1, at: "2026-11-02T18:00") == 1)
            #expect(try await step(bank) == "complete")
            _ = try await bank.reconcile()
            #expect(try await step(bank) == "purge_ordered")
            try await bank.published("purge")
            #expect(try await bank.notices("alpha").contains { $0.kind == "purge" && $0.placementRef != nil })

            try await bank.clock("2026-11-18T06:30")
            _ = try await bank.reconcile(breaks: true)
            #expect(try await bank.value("select kind from break where state = 'open'") == "purge_proof_missing")
            #expect(try await confirm(bank, "proof.csv", evidence: 1, proof: "CERT-7", at: "2026-11-02T18:00") == 1)
            _ = try await bank.reconcile()
            let shown = try await bank.must(["recall", "show", "SC"]).json["recalls"][0]
            #expect(shown["step"].text == "proof" && shown["purge_proof_ref"].text == "CERT-7" && shown["evidence_count"].int == 1)
            #expect(
                try await bank.value(
                    "select count(*) from contact_event where recording_ref is not null") == "1", "the bank's own record stays")
        }
    }

    @Test("a word on a placement that was not recalled, or that is not known, is refused row by row")
    func refused() async throws {
        try await RehearsalBank.phone { bank in
            let placement = try #require(try await bank.value("select placement_id from placement"))
            let file = try bank.file(
                "bad.csv",
                "placement_ref,stopped_at,open_items,evidence_count,purge_proof_ref\n"
                    + "\(placement),2026-11-02T09:00:00+08:00,0,1,\n77,2026-11-02T09:00:00+08:00,0,1,\nx,2026-11-02T09:00:00+08:00,-1,1,\n")
            let answer = try await bank.run(["import", "recall-confirmations", file], by: "anna")
            #expect(answer.code == 1)
            #expect(try answer.json["loaded"].int == 0 && answer.json["rejected"].int == 3, "\(answer.output)")
            #expect(try await bank.value("select count(*) from recall") == "0")
        }
    }
}
