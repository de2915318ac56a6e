import CollectionsDomain
import Foundation
import Testing

@Suite("The transition table as documentation")
struct TransitionTableTests {
    @Test("every result of every step is in it, in both situations, and names its rule")
    func complete() throws {
        let table = try TransitionTable()
        let expected = Step.allCases.reduce(0) { sum, step in sum + ResultCode.allCases.filter { $0.family.fits(step) }.count * 2 }
        #expect(table.results.count == expected && expected > 300)
        for row in table.results + table.events { #expect(!row.outcome.rules.isEmpty, "\(row.what)") }
        #expect(Set(table.events.map(\.what)).count == table.events.count)
    }

    @Test("what the rules of the bank say is what the table shows")
    func known() throws {
        let table = try TransitionTable()
        func outcome(_ step: Step, _ result: ResultCode, _ situation: TransitionTable.Situation) throws -> TransitionTable.Outcome {
            try #require(table.results.first { $0.step == step && $0.what == result.name && $0.situation == situation }).outcome
        }
        #expect(try outcome(.call, .refused, .fresh).place == .phone)
        #expect(try outcome(.call, .refused, .spent).place == .letter)
        #expect(try outcome(.call, .hardship, .fresh).state.code == .requested)
        #expect(try outcome(.visit, .metRefused, .spent).place == .legal)
        #expect(try outcome(.legalDossier, .proposed, .fresh).effects.contains("card block"))
        #expect(try outcome(.legalDossier, .notRecommended, .fresh).state == .closed(.exhausted))
        #expect(try outcome(.lawFirm, .firmDismissed, .fresh).state == .closed(.dismissed))
    }

    @Test("the committed page is what the program makes")
    func committed() throws {
        let made = try TransitionTable().markdown
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/CollectionsDomain/CollectionsDomain.docc/CaseTransitions.md")
        if ProcessInfo.processInfo.environment["RECOURSE_RENEW_DOCS"] == "1" { try made.write(to: file, atomically: true, encoding: .utf8) }
        let committed = try String(contentsOf: file, encoding: .utf8)
        if made == committed { return }
        let known = Set(committed.split(separator: "\n"))
        let new = made.split(separator: "\n").filter { !known.contains($0) }.prefix(5).joined(separator: "\n")
        Issue.record(
            """
            CaseTransitions.md is not what the program makes; renew it: RECOURSE_RENEW_DOCS=1 swift test --filter TransitionTableTests
            new: \(new)
            """)
    }

    @Test("another policy makes another table")
    func policy() throws {
        var strict = StagePolicy.bankDefault
        strict.legal.minAmount = Money(minorUnits: 99_999_999_999, currency: .cny)
        #expect(try TransitionTable(policy: strict).markdown != TransitionTable().markdown)
    }
}
