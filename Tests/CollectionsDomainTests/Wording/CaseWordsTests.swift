import CollectionsDomain
import Testing

@Suite("A case in plain words")
struct CaseWordsTests {
    private func expectWords(_ text: (PlainWords) -> String, _ what: String) {
        let english = text(PlainWords(.english))
        let chinese = text(PlainWords(.chinese))
        #expect(!english.isEmpty && !english.contains("_") && english.allSatisfy(\.isASCII), "\(what): \(english)")
        #expect(!chinese.contains("_") && chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "\(what): \(chinese)")
    }

    @Test("every result has words in both languages", arguments: ResultCode.allCases)
    func results(result: ResultCode) { expectWords({ $0.result(result) }, "\(result)") }

    @Test("every code a case shows has words in both languages")
    func codes() {
        for stage in Stage.allCases { expectWords({ $0.stage(stage) }, "\(stage)") }
        for step in Step.allCases { expectWords({ $0.step(step) }, "\(step)") }
        for reason in WaitReason.allCases { expectWords({ $0.wait(reason) }, "\(reason)") }
        for type in RequestType.allCases { expectWords({ $0.request(type) }, "\(type)") }
        for code in CloseCode.allCases { expectWords({ $0.close(code) }, "\(code)") }
        for reason in TaskEndReason.allCases { expectWords({ $0.end(reason) }, "\(reason)") }
        for state in PromiseState.allCases { expectWords({ $0.promise(state) }, "\(state)") }
        for type in PromiseType.allCases { expectWords({ $0.promise(type) }, "\(type)") }
        for code in CaseState.Code.allCases { expectWords({ $0.code(code) }, "\(code)") }
        for outcome in ContactOutcome.allCases { expectWords({ $0.contact(outcome) }, "\(outcome)") }
        for key in ["min_amount", "min_collections", "min_months_unpaid", "min_letters_posted", "dossier", "missing_fact.fx_rate"] {
            expectWords({ $0.guardFact(key) }, key)
        }
        for hold in HoldType.allCases { expectWords({ $0.guardFact("not_holds.\(hold.rawValue)") }, "\(hold)") }
    }

    @Test("a report to the police is named by no words", arguments: PlainLanguage.allCases)
    func police(language: PlainLanguage) {
        let words = PlainWords(language).route(.criminalReport)
        for word in ["criminal", "police", "report", "刑", "报案", "公安"] { #expect(!words.lowercased().contains(word)) }
    }

    private let call = TimelineContact(
        channel: .call, isInbound: false, outcome: .conversation, role: .debtor, purpose: .demandPayment, isLate: false)

    @Test("an act is told by the outcome it came with, once; other contacts keep their line")
    func folding() throws {
        let at = Instant(seconds: 1_000)
        let entries = [
            TimelineEntry(at: at, .contact(call), by: .agency(1), task: 5, epoch: 1, row: 1),
            TimelineEntry(at: at, .contact(call), by: .bank, row: 2),
            TimelineEntry(at: at, .contact(call), by: .agency(1), row: 3),
            TimelineEntry(at: at, .activity(type: "inbound", nil), by: .agency(1), row: 9),
            TimelineEntry(at: at, .outcome(.call, .refused, nil), by: .agency(1), rules: ["phone.refused"], task: 5, epoch: 1, row: 5),
            TimelineEntry(at: at, .outcome(.call, .noAnswer, nil), by: .agency(1), task: 5, epoch: 2, row: 5),
        ]
        let merged = CaseTimeline.merged(entries, activities: [3: 9])
        #expect(merged.count == 4)
        #expect(merged.contains { $0.fact == .outcome(.call, .refused, call) && $0.rules == ["phone.refused"] })
        #expect(merged.contains { $0.fact == .outcome(.call, .noAnswer, nil) }, "another grant's act is not its own")
        #expect(merged.contains { $0.fact == .activity(type: "inbound", call) })
        #expect(merged.filter { $0.fact == .contact(call) }.map(\.row) == [2])
    }

    @Test("of one instant causes stand before effects, whatever order they came in")
    func order() {
        let at = Instant(seconds: 1_000)
        let facts: [TimelineFact] = [
            .caseClosed(.legal), .placementEnded(account: "A", code: .legal), .decided(state: "closed"),
            .holdSet(.cease, until: nil, account: nil),
            .outcome(.call, .refused, nil), .granted, .caseOpened(.phone),
        ]
        let entries = facts.map { TimelineEntry(at: at, $0, by: .bank) } + [TimelineEntry(at: Instant(seconds: 1), .granted, by: .bank)]
        let kinds = CaseTimeline.merged(entries).map(\.fact.kind)
        #expect(
            kinds == [
                "lease_granted", "case_opened", "lease_granted", "outcome", "hold_set", "decided", "placement_ended", "case_closed",
            ])
        #expect(CaseTimeline.merged(entries.reversed()).map(\.fact.kind) == kinds)
    }

    @Test(
        "who acted is read from the stored words",
        arguments: [
            ("agency:3", TimelineActor.agency(3)), ("operator:7", .person(7)), ("ledger", .ledger), ("reconcile", .run("reconcile")),
            ("agency:x", .run("agency:x")),
        ])
    func actors(text: String, actor: TimelineActor) { #expect(TimelineActor(by: text) == actor) }
}
