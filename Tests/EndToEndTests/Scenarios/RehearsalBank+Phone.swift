import Testing
import WireTypes

extension RehearsalBank {
    /// A bank with one case of alpha's in stage phone on Monday 2026-11-02 at 10:00: one debtor, his accounts, his contacts.
    static func phone(
        accounts: [(ref: String, balance: String, due: String)] = [("SC-1", "8000.00", "1200.00")], contacts: String? = nil, dpd: Int = 45,
        agencies: [String] = ["alpha", "shop"], agencyFile: String? = nil, _ body: (RehearsalBank) async throws -> Void
    ) async throws {
        try await open(at: "2026-11-02T07:00", agencies: agencyFile ?? ScenarioFiles.agencies(agencies)) { bank in
            try await bank.load(
                "accounts", "accounts.csv",
                ScenarioFiles.accountHeader
                    + accounts.map { ScenarioFiles.account($0.ref, debtor: "SC", balance: $0.balance, due: $0.due, dpd: dpd) }.joined(),
                ["--portfolio", "p"])
            try await bank.load("contacts", "contacts.csv", ScenarioFiles.contactHeader + (contacts ?? ScenarioFiles.mobile("SC")))
            #expect(try await bank.place("p")["placed"].int == accounts.count)
            try await bank.clock("2026-11-02T09:00")
            try await bank.gather("alpha", at: "2026-11-02T09:00")
            try await bank.clock("2026-11-02T10:00")
            try await body(bank)
        }
    }

    /// The one open request of a type, by lane and number.
    func request(_ type: String, source: SourceLocation = #_sourceLocation) async throws -> [String] {
        let all = try await must(["request", "list"]).json["requests"].list
        let found = try #require(all.first { $0["type"].text == type }, "\(all)", sourceLocation: source)
        return try ["\(#require(found["lane"].int))", "\(#require(found["request"].int))"]
    }

    /// Decides a request; by both persons where it needs two.
    func decide(_ type: String, _ decision: [String], by people: [String] = ["anna"]) async throws {
        let key = try await request(type)
        for person in people { try await must(["request", "decide"] + key + decision, by: person) }
    }
}
