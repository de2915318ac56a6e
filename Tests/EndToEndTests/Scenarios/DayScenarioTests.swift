import Foundation
import RecourseTesting
import Testing
import WireTypes

/// The bank's day by its plan: an inbox, a scheduler, who is late.
@Suite("Scenarios: the bank's day", .freshDatabase, .tags(.database, .slow), .timeLimit(.minutes(10)))
struct DayScenarioTests {
    /// Puts a file into the inbox; its flag comes last, and only if the file is whole.
    private func put(_ bank: RehearsalBank, _ name: String, _ text: String, isWhole: Bool = true) throws {
        try FileManager.default.createDirectory(atPath: bank.directory + "/inbox", withIntermediateDirectories: true)
        _ = try bank.file("inbox/" + name, text)
        if isWhole { _ = try bank.file("inbox/" + name + ".ok", "") }
    }

    private func pass(_ bank: RehearsalBank, code: Int32 = 0, source: SourceLocation = #_sourceLocation) async throws -> JSONValue {
        let answer = try await bank.run(
            ["day", "run", "--once", "--daily-feed", "--inbox", bank.directory + "/inbox"], by: "anna")
        #expect(answer.code == code, "\(answer.output)\(answer.errors)", sourceLocation: source)
        return try answer.json
    }

    private func step(_ bank: RehearsalBank, _ name: String, late: Bool = false, source: SourceLocation = #_sourceLocation) async throws
        -> JSONValue
    {
        let answer = try await bank.run(["day", "show"])
        #expect(answer.code == (late ? 1 : 0), "\(answer.output)\(answer.errors)", sourceLocation: source)
        return try #require(try answer.json["steps"].list.first { $0["step"].text == name })
    }

    private func payment(_ number: Int, on day: String) -> String {
        ScenarioFiles.paymentHeader + "P\(number),SC-1,10.00,CNY,\(day)T12:00:00+08:00,\(day)T13:00:00+08:00,transfer,\n"
    }

    @Test("files are taken when whole, reconciliation waits for them, a late one is named with who owes it, and nothing is done twice")
    func day() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.clock("2026-11-03T05:00")
            try put(bank, "payments-1102.csv", payment(1, on: "2026-11-02"))
            #expect(try await pass(bank)["taken"].list.isEmpty, "the inbox opens at 05:30")
            try await bank.clock("2026-11-03T06:00")
            try put(bank, "events-1102.csv", "half a fi", isWhole: false)
            try put(bank, "surprise.csv", "what is this")
            let first = try await pass(bank)
            #expect(first["taken"].list.count == 1 && first["taken"][0]["folder"].text == "done/2026-11-03")
            #expect(first["unknown"].list.compactMap(\.text) == ["surprise.csv"])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: bank.directory + "/inbox/done/2026-11-03").sorted() == [
                    "payments-1102.csv", "payments-1102.csv.ack.json", "payments-1102.csv.ok",
                ])
            #expect(try await step(bank, "reconcile")["state"].text == "later")
            try await bank.clock("2026-11-03T06:30")
            let run = try await pass(bank)
            #expect(run["reconciled"]["step"].text == "reconcile" && run["reconciled"]["missing"].list.isEmpty)
            #expect(try await step(bank, "reconcile")["since"].text == "06:30")
            let state = try await bank.state()
            #expect(try await pass(bank)["reconciled"]["step"].text == nil)
            #expect(try await bank.state() == state, "nothing is done twice")
            try await bank.clock("2026-11-03T22:30")
            #expect(try await pass(bank)["reconciled"]["step"].text == "breaks")

            // The next day the payments are late.
            try await bank.clock("2026-11-04T07:30")
            #expect(try await pass(bank)["reconciled"]["step"].text == nil)
            let payments = try await step(bank, "payments", late: true)
            #expect(payments["state"].text == "late" && payments["minutes_late"].int == 90 && payments["owner"].text == "the bank's ledger")
            let waiting = try await step(bank, "reconcile", late: true)
            #expect(waiting["state"].text == "waiting" && waiting["waits_for"].list.compactMap(\.text) == ["payments"])
            try await bank.clock("2026-11-04T07:45")
            let without = try await pass(bank)
            #expect(without["reconciled"]["missing"].list.compactMap(\.text) == ["payments"])
            // It comes, and the run is made again with it.
            try await bank.clock("2026-11-04T09:00")
            try put(bank, "payments-1103.csv", payment(2, on: "2026-11-03"))
            let late = try await pass(bank)
            #expect(late["taken"].list.count == 1 && late["reconciled"]["step"].text == "reconcile")
            #expect(try await step(bank, "payments")["state"].text == "done")
            #expect(try await bank.value("select sum(amount) from payment") == "2000")
            // Started late in the evening after a day without a run: it runs once, not at every look.
            try await bank.clock("2026-11-05T21:00")
            #expect(try await pass(bank)["reconciled"]["step"].text == "reconcile")
            #expect(try await pass(bank)["reconciled"]["step"].text == nil)
        }
    }

    @Test("refused files and refused rows are kept with their reasons; two schedulers at once take every file once")
    func faults() async throws {
        try await RehearsalBank.phone { bank in
            try await bank.clock("2026-11-03T06:00")
            try put(bank, "payments-a.csv", "no,such,columns\n1,2,3\n")
            try put(bank, "holds-a.csv", "hold_ref,scope,ref,type,from,until,action,by\nH1,debtor,nobody,cease,,,set,\n")
            let result = try await pass(bank, code: 1)
            #expect(Set(result["taken"].list.compactMap { $0["folder"].text }) == ["refused/2026-11-03", "done/2026-11-03"])
            #expect(FileManager.default.fileExists(atPath: bank.directory + "/inbox/done/2026-11-03/holds-a.csv.rejects.csv"))
            // A file that cannot be read stays and stops nothing else.
            try FileManager.default.createDirectory(atPath: bank.directory + "/inbox/events-dir.csv", withIntermediateDirectories: true)
            _ = try bank.file("inbox/events-dir.csv.ok", "")
            let stuck = try await pass(bank, code: 1)
            #expect(stuck["unreadable"].list.compactMap(\.text) == ["events-dir.csv"])
            try FileManager.default.removeItem(atPath: bank.directory + "/inbox/events-dir.csv")
            for number in 1...6 { try put(bank, "payments-\(number).csv", payment(number, on: "2026-11-02")) }
            async let one = bank.run(["day", "run", "--once", "--inbox", bank.directory + "/inbox"], by: "anna")
            async let two = bank.run(["day", "run", "--once", "--inbox", bank.directory + "/inbox"], by: "boris")
            for answer in try await [one, two] { #expect(answer.code == 0, "\(answer.output)\(answer.errors)") }
            // What one found the other one at waits for the next look.
            _ = try await pass(bank)
            #expect(try await bank.value("select count(*) || ' ' || sum(amount) from payment") == "6 6000")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: bank.directory + "/inbox").filter { $0.hasSuffix(".csv") }.isEmpty)
        }
    }
}
