import CollectionsDomain
import Testing

@Suite("ADV: how a stage ends, first open way wins")
struct ExitTests {
    /// Large, long unpaid, two letters unanswered: every way is open unless a test closes it.
    private func facts(
        _ stage: Stage = .letter, dpd: Int = 200, letters: Int = 2, change: (inout CaseFacts) -> Void = { _ in }
    ) -> CaseFacts {
        CaseSample.facts(stage, accounts: [CaseSample.account(balance: "65000.00", due: "9000.00", dpd: dpd)]) {
            let posted = ["2026-08-02T10:00:00+08:00", "2026-09-05T10:00:00+08:00"]
            $0.letters = posted.prefix(letters).enumerated().map { CaseSample.letter(Int64($0.offset + 11), posted: $0.element) }
            $0.counters.effectiveCollections = 2
            change(&$0)
        }
    }

    /// The stage is over: a letter's clock, a spent phone budget, or the last visit.
    private func leave(_ facts: CaseFacts) throws -> CaseDecision {
        var facts = facts
        switch facts.stage {
        case .phone:
            return try CaseSample.after(.refused, with(facts) { $0.counters.refusals = 1 })
        case .letter:
            facts.state = .waiting(until: CaseSample.now, .letterAnswer)
            return try CaseSample.decide(.waitEnded, facts)
        case .fieldVisit:
            return try CaseSample.after(.metRefused, step: .visit, with(facts) { $0.counters.visits = 1 })
        case .informationGathering, .legalReferral:
            return try CaseSample.decide(.stageDay, facts)
        }
    }

    private func with(_ facts: CaseFacts, _ change: (inout CaseFacts) -> Void) -> CaseFacts {
        var facts = facts
        change(&facts)
        return facts
    }

    @Test("from phone: letter first, where an address is valid, a letter is allowed and a lettershop has the route")
    func letter() throws {
        #expect(try leave(facts(.phone, letters: 0)).stage == .letter)
        #expect(try leave(facts(.phone, letters: 1)).stage == .letter)
        #expect(try leave(facts(.phone, letters: 2)).stage == .fieldVisit, "letters sent never reset")
        let noRoute = try leave(facts(.phone, letters: 0) { $0.executors.letter = nil })
        #expect(noRoute.lightCadence && noRoute.rules.last == "adv.light_cadence", "no letter posted: neither field nor legal")
    }

    @Test("field: amount, two letters unanswered, an executor, an address, no vulnerable debtor")
    func field() throws {
        let decision = try leave(facts())
        #expect(decision.stage == .fieldVisit && decision.rules.contains("adv.field_visit"))
        #expect(
            decision.call?.step == .visit && decision.call?.agency == 30 && decision.call?.notBefore == CaseSample.opening("2026-11-03"))
        #expect(decision.has(.announceVisit(CaseSample.day("2026-11-03"))))
        #expect(try leave(facts { $0.holds = [.init(.vulnerableVisit)] }).stage == .legalReferral)
        #expect(try leave(facts { $0.points.removeAll { $0.channel.isAddress } }).stage == .legalReferral)
        #expect(try leave(facts { $0.executors.field = .none }).stage == .legalReferral)
        #expect(try leave(facts { $0.accounts = [CaseSample.account(balance: "19999.99", due: "1.00", dpd: 200)] }).stage == .legalReferral)
        #expect(try leave(facts { $0.accounts = [CaseSample.account(balance: "20000.00", due: "1.00", dpd: 200)] }).stage == .fieldVisit)
        #expect(try leave(facts { $0.accounts = [CaseSample.account(balance: "100.00", due: "20000.00", dpd: 200)] }).stage == .fieldVisit)
    }

    @Test("no executor in the region, another holder could: handover, never a second dossier (A5)")
    func handover() throws {
        let decision = try leave(facts(dpd: 120) { $0.executors.field = .handover })
        #expect(decision.state == .closed(.stageNotContracted) && decision.has(.handover(start: .fieldVisit)))
        let small = facts(dpd: 120) {
            $0.executors.field = .handover
            $0.accounts = [CaseSample.account(balance: "9000.00", dpd: 120)]
        }
        #expect(try leave(small).lightCadence)
    }

    @Test("nobody can visit and the months are too few: light cadence to the term's end, then expired, never legal (A5)")
    func lightCadence() throws {
        let decision = try leave(facts(dpd: 120) { $0.executors.field = .none })
        #expect(decision.lightCadence && decision.stage == .letter && decision.state == .ready)
        #expect(decision.call?.priority == .light)
        var light = facts(dpd: 300) {
            $0.executors.field = .none
            $0.lightCadence = true
        }
        let call = try CaseSample.after(.refused, light)
        #expect(call.lightCadence && call.call?.notBefore == CaseSample.opening("2026-11-09"), "one call in seven days, no further exit")
        light.accounts[0].termEnd = CaseSample.now
        let over = try CaseSample.decide(.termEnd, light)
        #expect(over.state == .closed(.expired) && over.has(.rotate))
    }

    @Test("light cadence: a letter a month; with nobody to reach it waits for the term's end")
    func lightLetters() throws {
        let light = facts {
            $0.lightCadence = true
            $0.points.removeAll { $0.channel.isPhone }
        }
        let decision = try CaseSample.decide(.holdReleased(.complaint, account: nil), with(light) { $0.state = .held(.complaint) })
        #expect(decision.paper?.step == .registeredLetter && decision.contactTask == .end(.replaced))
        let silent = with(light) {
            $0.points = []
            $0.state = .held(.complaint)
        }
        let waiting = try CaseSample.decide(.holdReleased(.complaint, account: nil), silent)
        #expect(waiting.state == .waiting(until: silent.accounts[0].termEnd, .termEnd))
        let ended = try CaseSample.decide(.waitEnded, with(silent) { $0.state = waiting.state }, now: silent.accounts[0].termEnd)
        #expect(ended.state == .closed(.expired))
    }

    @Test("legal: the civil guard, proposed by the holder or in-house; nobody to propose: light cadence")
    func legal() throws {
        let decision = try leave(facts(.fieldVisit))
        #expect(decision.stage == .legalReferral && decision.paper?.step == .legalDossier && decision.paper?.agency == CaseSample.holder)
        #expect(try leave(facts(.fieldVisit) { $0.executors.legal = 99 }).paper?.agency == 99)
        #expect(try leave(facts(.fieldVisit) { $0.executors.legal = nil }).lightCadence)
    }

    @Test("past its limitation the bank reviews before legal (E15)")
    func legalReview() throws {
        let expired = facts(.fieldVisit) { $0.accounts[0].limitationEnd = CaseSample.day("2026-11-01") }
        let decision = try leave(expired)
        #expect(decision.state.code == .requested && decision.requests == [.legalReview] && decision.stage == .fieldVisit)
        let asked = with(expired) {
            $0.state = decision.state
            $0.requests = [.init(.legalReview, slaDue: CaseSample.now)]
            $0.holds = [.init(.bankRequest)]
        }
        let granted = try CaseSample.decide(.requestDecided(.legalReview, .granted(until: nil, date: nil, amount: nil)), asked)
        #expect(granted.stage == .legalReferral)
        #expect(try CaseSample.decide(.requestDecided(.legalReview, .refused), asked).lightCadence)
    }

    @Test("no exchange rate: a person decides, and the way is tried again afterwards")
    func missingRate() throws {
        let twd = Currency("TWD") ?? .cny
        let foreign = facts {
            $0.accounts[0].balance = Money(minorUnits: 20_000_000, currency: twd)
            $0.accounts[0].amountDue = Money(minorUnits: 100, currency: twd)
        }
        let review = try leave(foreign)
        #expect(review.state == .held(.operator) && review.has(.raiseBreak("missing_fact.fx_rate", .high)) && review.stage == .letter)
        let rate = try ExchangeRate(from: twd, to: .cny, text: "0.22")
        let cleared = with(foreign) {
            $0.state = .held(.operator)
            $0.rates = ExchangeRates([rate])
        }
        #expect(try CaseSample.decide(.holdReleased(.operator, account: nil), cleared).stage == .fieldVisit)
        var policy = StagePolicy.bankDefault
        policy.onMissingRate = .block
        let blocked = try CaseSample.decide(
            .waitEnded, with(foreign) { $0.state = .waiting(until: CaseSample.now, .letterAnswer) }, policy: policy)
        #expect(blocked.lightCadence)
    }

    @Test("promised, planned, held and requested stay")
    func stays() throws {
        let waiting = CaseState.waiting(until: CaseSample.now, .letterAnswer)
        let promised = try CaseSample.decide(
            .stageDay,
            facts(.phone) {
                $0.state = .promised(until: CaseSample.promise().judgeAfter)
                $0.promises = [CaseSample.promise()]
                $0.stageEnteredAt = CaseSample.at("2026-01-01T00:00:00+08:00")
            })
        #expect(promised.stage == .phone && promised.state.code == .promised)
        for hold in HoldType.allCases where hold != .vulnerableVisit && hold != .bankRequest && hold != .promise && hold != .instalmentPlan
        {
            let held = try CaseSample.decide(
                .waitEnded,
                facts {
                    $0.holds = [.init(hold)]
                    $0.state = waiting
                })
            #expect(held.stage == .letter && held.state == .held(hold))
        }
    }
}
