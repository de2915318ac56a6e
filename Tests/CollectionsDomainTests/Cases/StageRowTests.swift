import CollectionsDomain
import Testing

@Suite("Rows info")
struct GatheringRowTests {
    private let info = CaseSample.facts(.informationGathering, entered: "2026-11-02T09:00:00+08:00")

    @Test("dossier complete: a call in the next window, first contact")
    func call() throws {
        let decision = try CaseSample.after(.dossierComplete, step: .gather, info)
        #expect(decision.stage == .phone && decision.call?.step == .call && decision.call?.point == 1)
        #expect(decision.call?.notBefore == CaseSample.now && decision.call?.priority == .firstContact)
        let night = try CaseSample.after(.dossierComplete, step: .gather, info, now: CaseSample.at("2026-11-02T23:00:00+08:00"))
        #expect(night.call?.notBefore == CaseSample.opening("2026-11-03"))
        #expect(
            night.call?.dueAt(hours: CaseSample.hours, policy: CaseSample.policy, now: CaseSample.now) == CaseSample.opening("2026-11-03")
                - .milliseconds(80), "80 milliseconds of priority before the window start")
    }

    @Test("dossier complete, dpd <= 30 or low risk: a reminder first", arguments: [(20, false), (45, true)])
    func reminder(_ dpd: Int, _ lowRisk: Bool) throws {
        let facts = CaseSample.facts(.informationGathering, accounts: [CaseSample.account(dpd: dpd)]) { $0.lowRisk = lowRisk }
        let decision = try CaseSample.after(.dossierComplete, step: .gather, facts)
        #expect(decision.call?.step == .smsReminder && decision.stage == .phone)
    }

    @Test("only a number without messages, dpd <= 30: waits until calls are allowed")
    func callsLater() throws {
        let facts = CaseSample.facts(.informationGathering, accounts: [CaseSample.account(dpd: 20)]) { $0.points = [CaseSample.homePhone] }
        let decision = try CaseSample.after(.dossierComplete, step: .gather, facts)
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-13"), .callsLater))
    }

    @Test("dossier complete without a lawful number: as no contact found; work and family numbers are none")
    func noPoint() throws {
        let facts = CaseSample.facts(.informationGathering) { $0.points = [CaseSample.workPhone, CaseSample.mother, CaseSample.billing] }
        let decision = try CaseSample.after(.dossierComplete, step: .gather, facts)
        #expect(decision.stage == .letter && decision.requests == [.skipTrace] && decision.rule == "info.dossier_complete.no_point.letter")
    }

    @Test("contact found: another round, at most two")
    func contactFound() throws {
        var facts = info
        for _ in 1...2 {
            let decision = try CaseSample.after(.contactFound, step: .gather, facts)
            #expect(decision.call?.step == .gather && decision.stage == .informationGathering)
            facts.counters = decision.counters
        }
        #expect(try CaseSample.after(.contactFound, step: .gather, facts).stage == .phone)
    }

    @Test("no contact found: skip trace and a letter; no address: skip trace, then untraceable")
    func noContactFound() throws {
        let letter = try CaseSample.after(.noContactFound, step: .gather, info)
        #expect(letter.stage == .letter && letter.requests == [.skipTrace] && letter.paper?.step == .registeredLetter)
        #expect(!letter.holdsSet.contains(.bankRequest), "a skip trace stops nothing")
        var bare = CaseSample.facts(.informationGathering) { $0.points = [] }
        let waiting = try CaseSample.after(.noContactFound, step: .gather, bare)
        let sla = CaseSample.zone.endOfDay(CaseSample.day("2026-11-16"))
        #expect(waiting.state == .waiting(until: sla, .skipTrace) && waiting.requests == [.skipTrace])
        bare.state = waiting.state
        bare.requests = [.init(.skipTrace, slaDue: sla)]
        #expect(try CaseSample.decide(.waitEnded, bare, now: sla).state == .closed(.untraceable))
        #expect(try CaseSample.decide(.requestDecided(.skipTrace, .answered(found: false)), bare).state == .closed(.untraceable))
        bare.points = [CaseSample.mobile]
        let found = try CaseSample.decide(.requestDecided(.skipTrace, .answered(found: true)), bare)
        #expect(found.stage == .phone && found.call?.point == 1)
    }

    @Test("data error: the bank corrects, the case waits")
    func dataError() throws {
        let decision = try CaseSample.after(.dataError, step: .gather, info)
        #expect(decision.state == .requested(.dataCorrection, sla: CaseSample.zone.endOfDay(CaseSample.day("2026-11-05"))))
    }

    @Test("stage max days: as dossier complete with what there is, an SLA break")
    func maxDays() throws {
        let facts = CaseSample.facts(.informationGathering, entered: "2026-10-31T09:00:00+08:00")
        let decision = try CaseSample.decide(.stageDay, facts)
        #expect(decision.stage == .phone && decision.has(.serviceLevel("info.max_days")))
        var young = info
        young.contactTask = .init(id: 60, step: .gather, dueAt: CaseSample.now)
        #expect(try CaseSample.decide(.stageDay, young).contactTask == .keep)
    }
}

@Suite("Rows letter")
struct LetterRowTests {
    /// In stage letter, one letter ordered, its task reported on; a light call is live beside it.
    private func facts(_ letters: [CaseFacts.Letter], change: (inout CaseFacts) -> Void = { _ in }) -> CaseFacts {
        CaseSample.facts(.letter) {
            $0.letters = letters
            $0.contactTask = .init(id: 60, step: .call, goal: .letterReceived, dueAt: CaseSample.opening("2026-11-06"), point: 1)
            change(&$0)
        }
    }

    private func track(
        _ result: ResultCode, _ facts: CaseFacts, now: Instant = CaseSample.now, change: (inout ReportedOutcome) -> Void = { _ in }
    )
        throws -> CaseDecision
    {
        try CaseSample.decide(.activity(CaseSample.report(result, at: now, point: 3, change: change), letter: 11), facts, now: now)
    }

    @Test("issued: the print file's letter goes on to the post in the same step")
    func issued() throws {
        let decision = try CaseSample.after(.letterIssued, step: .registeredLetter, facts([CaseSample.letter(11, .ordered, posted: nil)]))
        #expect(decision.paper?.step == .registeredLetter && decision.contactTask == .keep && decision.contact == nil)
        #expect(decision.has(.letter(.mark(id: 11, .issued))))
    }

    @Test("posted: waits 20 days for the answer, light calls go on beside it")
    func posted() throws {
        let decision = try CaseSample.after(.letterPosted, step: .registeredLetter, facts([CaseSample.letter(11, .issued, posted: nil)])) {
            $0.mailNumber = "R1"
        }
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-22"), .letterAnswer))
        #expect(decision.contactTask == .keep && decision.documentTask == .keep)
        #expect(decision.counters.lettersPosted == 1 && decision.contact?.outcome == .sent)
        let alone = try CaseSample.after(
            .letterPosted, step: .registeredLetter, facts([CaseSample.letter(11, .issued, posted: nil)]) { $0.contactTask = nil })
        #expect(alone.call?.goal == .letterReceived && alone.state.code == .waiting)
    }

    @Test("rejected by the lettershop: made again; the second time the bank corrects the data")
    func rejected() throws {
        let letters = [CaseSample.letter(11, .ordered, posted: nil)]
        let first = try CaseSample.after(.letterRejected, step: .registeredLetter, facts(letters))
        #expect(first.paper?.notBefore == CaseSample.opening("2026-11-03"))
        let second = try CaseSample.after(.letterRejected, step: .registeredLetter, facts(letters) { $0.counters = first.counters })
        #expect(second.requests == [.dataCorrection] && second.state.code == .requested)
    }

    @Test("delivered: 10 days from delivery; signed counts as a receipt")
    func delivered() throws {
        let decision = try track(.letterDelivered, facts([CaseSample.letter(11, posted: "2026-10-25T10:00:00+08:00")])) {
            $0.signedBy = "household"
        }
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-12"), .letterAnswer))
        #expect(decision.contact?.outcome == .receiptSigned && decision.counters.effectiveCollections == 1)
        #expect(decision.has(.letter(.mark(id: 11, .delivered))))
    }

    @Test("no trace: counts as sent, not as delivered")
    func noTrace() throws {
        let decision = try track(.letterNoTrace, facts([CaseSample.letter(11, posted: "2026-10-25T10:00:00+08:00")]))
        #expect(decision.has(.letter(.mark(id: 11, .noTrace))) && decision.contact?.outcome == .sent)
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-14"), .letterAnswer))
    }

    @Test("returned: the address is off, the next one gets a letter not before posting + 30 days and the next month (A4)")
    func returned() throws {
        let letters = [CaseSample.letter(11, posted: "2026-11-03T10:00:00+08:00")]
        let now = CaseSample.at("2026-11-20T10:00:00+08:00")
        let decision = try track(.letterReturned, facts(letters), now: now) { $0.returnReason = "moved" }
        #expect(decision.pointsOff == [3: .addressWrong] && decision.paper?.point == 4)
        #expect(decision.paper?.notBefore == CaseSample.opening("2026-12-03") && decision.stage == .letter)
        #expect(decision.contact?.outcome == .returned)
        let none = try track(.letterReturned, facts(letters) { $0.points.removeAll { $0.id == 4 } }, now: now) { $0.returnReason = "moved" }
        #expect(none.requests == [.skipTrace] && none.rules.contains("adv.light_cadence"))
    }

    @Test("refused delivery: evidence of delivery, and the stage ends")
    func refused() throws {
        let decision = try track(.letterRefusedDelivery, facts([CaseSample.letter(11, posted: "2026-10-25T10:00:00+08:00")]))
        #expect(decision.contact?.outcome == .delivered && decision.rules.contains("adv.light_cadence"))
    }

    @Test("reply received: the result inside it, by the rows of phone")
    func reply() throws {
        let letters = [CaseSample.letter(11, posted: "2026-10-25T10:00:00+08:00")]
        let promise = try track(.letterReplyReceived, facts(letters)) {
            $0.reply = .promise
            $0.promise = .init(amount: CaseSample.cny("1200.00"), due: CaseSample.day("2026-11-06"))
        }
        #expect(promise.state.code == .promised && promise.has(.letter(.answered(id: 11))))
        #expect(promise.contact?.channel == .letter && promise.contact?.direction == .inbound)
        #expect(try track(.letterReplyReceived, facts(letters)) { $0.reply = .deceased }.state == .held(.deceased))
    }

    @Test("unanswered: a second letter 30 days after posting in another month; after two the stage ends")
    func unanswered() throws {
        let now = CaseSample.at("2026-11-22T08:00:00+08:00")
        var waiting = facts([CaseSample.letter(11, posted: "2026-11-02T10:00:00+08:00")]) {
            $0.state = .waiting(until: CaseSample.opening("2026-11-22"), .letterAnswer)
        }
        let second = try CaseSample.decide(.waitEnded, waiting, now: now)
        #expect(second.paper?.notBefore == CaseSample.opening("2026-12-02") && second.stage == .letter)
        #expect(second.has(.letter(.order(point: 3, accounts: [100]))) && second.call?.step == .call)
        #expect(second.state == .ready)
        waiting.letters.append(CaseSample.letter(12, posted: "2026-11-01T10:00:00+08:00"))
        let over = try CaseSample.decide(.waitEnded, waiting, now: now)
        #expect(over.rules.contains("letter.unanswered") && over.lightCadence, "too small for field and legal")
    }

    @Test("a new account's letters start at 0: guards are judged per account")
    func perAccount() throws {
        let accounts = [CaseSample.account(100, balance: "65000.00", due: "9000.00"), CaseSample.account(101, balance: "65000.00")]
        let two = [
            CaseSample.letter(11, posted: "2026-09-02T10:00:00+08:00"), CaseSample.letter(12, posted: "2026-10-05T10:00:00+08:00"),
        ]
        let facts = CaseSample.facts(.letter, accounts: accounts) {
            $0.letters = two
            $0.state = .waiting(until: CaseSample.opening("2026-10-25"), .letterAnswer)
        }
        let decision = try CaseSample.decide(.waitEnded, facts)
        #expect(decision.paper?.accounts == [101] && decision.stage == .letter)
    }
}

@Suite("Rows field")
struct FieldRowTests {
    /// In stage field, large enough, two letters unanswered, so many visits made before.
    private func facts(visits: Int = 0, change: (inout CaseFacts) -> Void = { _ in }) -> CaseFacts {
        CaseSample.facts(.fieldVisit, accounts: [CaseSample.account(balance: "65000.00", due: "9000.00", dpd: 120)]) {
            $0.letters = [
                CaseSample.letter(11, posted: "2026-08-02T10:00:00+08:00"), CaseSample.letter(12, posted: "2026-09-05T10:00:00+08:00"),
            ]
            $0.counters.visits = visits
            change(&$0)
        }
    }

    @Test("a promise at the door: within 3 days; later is an extension", arguments: [ResultCode.metPromise, .commitmentSigned])
    func promise(_ result: ResultCode) throws {
        let taken = try CaseSample.after(result, step: .visit, facts()) {
            $0.promise = .init(amount: CaseSample.cny("9000.00"), due: CaseSample.day("2026-11-05"))
        }
        #expect(taken.state.code == .promised && taken.contact?.outcome == .met && taken.counters.visits == 1)
        let late = try CaseSample.after(result, step: .visit, facts()) {
            $0.promise = .init(amount: CaseSample.cny("9000.00"), due: CaseSample.day("2026-11-06"))
        }
        #expect(late.requests == [.extension] && late.promises.isEmpty)
    }

    @Test(
        "met without result: the next visit 15 days later with light calls between; the last one ends the stage",
        arguments: [
            ResultCode.metRefused, .metNoCommitment,
        ])
    func met(_ result: ResultCode) throws {
        let first = try CaseSample.after(result, step: .visit, facts())
        #expect(first.call?.step == .call && first.call?.goal == .arrangeVisit && first.stage == .fieldVisit)
        let quiet = try CaseSample.after(result, step: .visit, facts { $0.points.removeAll { $0.channel.isPhone } })
        #expect(quiet.call?.step == .visit && quiet.call?.notBefore == CaseSample.opening("2026-11-17") && quiet.call?.agency == 30)
        #expect(quiet.has(.announceVisit(CaseSample.day("2026-11-17"))))
        let last = try CaseSample.after(result, step: .visit, facts(visits: 1))
        #expect(last.lightCadence && last.rules.contains("field.budget_spent"))
    }

    @Test("nobody there: 7 days later at another part of the day; counts as a visit", arguments: [ResultCode.absentCardLeft, .noEntry])
    func absent(_ result: ResultCode) throws {
        let decision = try CaseSample.after(result, step: .visit, facts { $0.points.removeAll { $0.channel.isPhone } })
        #expect(decision.call?.notBefore == CaseSample.opening("2026-11-09") && decision.call?.daypart == .afternoon)
        #expect(decision.counters.visits == 1 && decision.contact?.outcome == .nobodyHome)
        #expect(try CaseSample.after(result, step: .visit, facts(visits: 1)).lightCadence)
    }

    @Test("somebody else met: as absent; debt told while not lost is a violation")
    func thirdParty() throws {
        let decision = try CaseSample.after(.thirdPartyMet, step: .visit, facts()) { $0.debtTold = true }
        #expect(decision.violations.contains("third_party.forbidden_fields") && decision.counters.visits == 1)
        #expect(try CaseSample.after(.thirdPartyMet, step: .visit, facts()).violations.isEmpty)
    }

    @Test("moved, address not found: off, skip trace, another address or the stage ends", arguments: [ResultCode.moved, .addressNotFound])
    func addressGone(_ result: ResultCode) throws {
        let other = try CaseSample.after(result, step: .visit, facts { $0.points.removeAll { $0.channel.isPhone } })
        #expect(other.pointsOff == [4: .addressWrong] && other.requests == [.skipTrace])
        #expect(other.call?.step == .visit && other.call?.point == 3 && other.call?.notBefore == CaseSample.opening("2026-11-03"))
        let none = try CaseSample.after(result, step: .visit, facts { $0.points = [CaseSample.mobile, CaseSample.home] })
        #expect(none.lightCadence)
    }

    @Test("unsafe: visits off for this address, the stage ends")
    func unsafe() throws {
        let decision = try CaseSample.after(.unsafe, step: .visit, facts())
        #expect(decision.pointsOff == [4: .visitsOff] && decision.lightCadence && PointChange.visitsOff.state == nil)
    }

    @Test("met dispute, hardship, death: as any")
    func asAny() throws {
        #expect(try CaseSample.after(.metDispute, step: .visit, facts()).state == .held(.dispute))
        #expect(try CaseSample.after(.metHardship, step: .visit, facts()).state.code == .requested)
        #expect(try CaseSample.after(.metDeceasedInfo, step: .visit, facts()).state == .held(.deceased))
    }

    @Test("permit blocked at the door: waits until allowed, no attempt counted")
    func permitBlocked() throws {
        let earliest = CaseSample.opening("2026-11-03")
        let decision = try CaseSample.after(.permitBlocked, step: .visit, facts()) { $0.permitEarliest = earliest }
        #expect(decision.call?.step == .visit && decision.call?.notBefore == earliest)
        #expect(decision.counters.visits == 0 && decision.contact == nil && decision.violations.isEmpty)
    }

    @Test("fewer collectors than the law asks is raised")
    func collectors() throws {
        let decision = try CaseSample.after(.metRefused, step: .visit, facts()) { $0.collectors = 1 }
        #expect(decision.violations == ["visit.min_collectors"])
    }

    @Test("30 days end the stage")
    func maxDays() throws {
        let decision = try CaseSample.decide(.stageDay, facts { $0.stageEnteredAt = CaseSample.at("2026-10-03T09:00:00+08:00") })
        #expect(decision.rule == "field.max_days" && decision.lightCadence)
    }
}

@Suite("Rows legal and law firm")
struct LegalRowTests {
    private func facts(dpd: Int = 200, change: (inout CaseFacts) -> Void = { _ in }) -> CaseFacts {
        CaseSample.facts(.legalReferral, accounts: [CaseSample.account(balance: "65000.00", due: "9000.00", dpd: dpd)]) {
            $0.letters = [CaseSample.letter(11, posted: "2026-08-02T10:00:00+08:00")]
            $0.counters.effectiveCollections = 2
            change(&$0)
        }
    }

    @Test("proposed with the guard true: the bank decides in 10 business days, the cards are blocked within 24 hours")
    func proposed() throws {
        let decision = try CaseSample.after(.proposed, step: .legalDossier, facts())
        #expect(decision.state == .requested(.legal, sla: CaseSample.zone.endOfDay(CaseSample.day("2026-11-16"))))
        #expect(decision.has(.cardBlock(confirmBy: CaseSample.now + .seconds(86_400))))
        let order = decision.effects.compactMap { if case .request(let order) = $0 { order } else { nil } }.first
        #expect(order?.approvals == 2 && order?.accounts == [100])
    }

    @Test("proposed with the guard false: refused with the missing facts, the stage ends")
    func guardFails() throws {
        let decision = try CaseSample.after(.proposed, step: .legalDossier, facts(dpd: 120))
        #expect(decision.lightCadence && decision.requests.isEmpty)
        let missing = decision.effects.compactMap { if case .legal(.refuse(let guards)) = $0 { guards.first?.missing } else { nil } }
        #expect(missing == [["min_months_unpaid"]])
        let dossier = try CaseSample.after(.proposed, step: .legalDossier, facts()) { $0.dossierComplete = false }
        #expect(dossier.lightCadence && !dossier.requests.contains(.legal))
    }

    /// What can be wrong with a civil proposal, named as the guard names it.
    enum Flaw: String, CaseIterable {
        case minAmount = "min_amount"
        case minCollections = "min_collections"
        case minLettersPosted = "min_letters_posted"
        case dispute = "not_holds.dispute"
        case complaint = "not_holds.complaint"
        case rate = "missing_fact.fx_rate"

        func spoil(_ facts: inout CaseFacts) {
            switch self {
            case .minAmount: facts.accounts = [CaseSample.account(balance: "9999.99", due: "1.00", dpd: 200)]
            case .minCollections: facts.counters.effectiveCollections = 1
            case .minLettersPosted: facts.letters = []
            case .dispute: facts.holds = [.init(.dispute)]
            case .complaint: facts.holds = [.init(.complaint)]
            case .rate:
                let twd = Currency("TWD") ?? .cny
                facts.accounts[0].balance = Money(minorUnits: 99_999_999, currency: twd)
                facts.accounts[0].amountDue = .zero(twd)
            }
        }
    }

    @Test("every condition of the civil guard is named when it fails", arguments: Flaw.allCases)
    func guardNames(_ flaw: Flaw) throws {
        let decision = try CaseSample.after(.proposed, step: .legalDossier, facts { flaw.spoil(&$0) })
        let missing = decision.effects.compactMap { if case .legal(.refuse(let guards)) = $0 { guards.first?.missing } else { nil } }
        #expect(missing == [[flaw.rawValue]])
    }

    @Test("not recommended: the placement closes as exhausted")
    func notRecommended() throws {
        #expect(try CaseSample.after(.notRecommended, step: .legalDossier, facts()).state == .closed(.exhausted))
    }

    @Test("approved: closes as legal, a law firm's case opens; a criminal report opens none; rejected: cards free, light cadence")
    func decided() throws {
        let asked = facts {
            $0.requests = [.init(.legal, slaDue: CaseSample.now)]
            $0.holds = [.init(.bankRequest)]
            $0.state = .requested(.legal, sla: CaseSample.now)
            $0.cardBlocked = true
        }
        let approved = try CaseSample.decide(.requestDecided(.legal, .approved(.civil)), asked)
        #expect(approved.state == .closed(.legal) && approved.has(.openLawFirmCase(accounts: [100], .civil)))
        let criminal = try CaseSample.decide(.requestDecided(.legal, .approved(.criminalReport)), asked)
        #expect(criminal.state == .closed(.legal) && !criminal.effects.contains { if case .openLawFirmCase = $0 { true } else { false } })
        let rejected = try CaseSample.decide(.requestDecided(.legal, .refused), asked)
        #expect(rejected.lightCadence && rejected.has(.cardUnblock) && rejected.has(.releaseHold(.bankRequest, account: nil)))
        #expect(rejected.state == .ready)
    }

    @Test(
        "events at the law firm wait for the next one, then the service level is missed",
        arguments: [
            (ResultCode.firmDossierAccepted, 60), (.firmLawyerLetterSent, 30), (.firmFiled, 90), (.firmMediationAgreed, 15),
            (.firmJudgment, 180),
            (.firmEnforcementFiled, 180),
        ])
    func firmEvents(_ result: ResultCode, _ days: Int) throws {
        var firm = facts { $0.holderIsLawFirm = true }
        let decision = try CaseSample.after(result, step: .lawFirm, firm) { $0.costs = CaseSample.cny("500.00") }
        let until = CaseSample.hours.opening(daysAfter: CaseSample.now, days)
        #expect(decision.state == .waiting(until: until, .lawFirmEvent) && decision.call?.notBefore == until)
        #expect(decision.has(.legal(.event(result, costs: CaseSample.cny("500.00")))))
        firm.state = decision.state
        let over = try CaseSample.decide(.waitEnded, firm, now: until)
        #expect(over.has(.serviceLevel("law_firm.event_due")) && over.call?.step == .lawFirm && over.state == .ready)
    }

    @Test("a mediation in instalments is a plan; broken, enforcement follows")
    func mediation() throws {
        var firm = facts { $0.holderIsLawFirm = true }
        let plan = try CaseSample.after(.firmMediationAgreed, step: .lawFirm, firm) {
            $0.instalments = [PlanInstalment(due: CaseSample.day("2026-12-20"), amount: CaseSample.cny("100.00"))]
        }
        #expect(plan.state == .planned)
        firm.state = .planned
        firm.holds = [.init(.instalmentPlan)]
        let broken = try CaseSample.decide(.instalmentMissed(account: 100), firm)
        #expect(broken.call?.step == .lawFirm && broken.rules.contains("law_firm.mediation_broken"))
    }

    @Test(
        "withdrawn, dismissed, enforcement closed: back to the pool, no agency contact for 90 days",
        arguments: [
            (ResultCode.firmWithdrawn, CloseCode.withdrawn), (.firmDismissed, .dismissed), (.firmEnforcementClosed, .enforcementClosed),
        ])
    func firmEnds(_ result: ResultCode, _ code: CloseCode) throws {
        let decision = try CaseSample.after(result, step: .lawFirm, facts { $0.holderIsLawFirm = true })
        #expect(decision.state == .closed(code))
        let until = CaseSample.hours.opening(daysAfter: CaseSample.now, 90)
        #expect(
            decision.effects.contains { if case .setHold(let order) = $0 { order.type == .cease && order.until == until } else { false } })
    }
}
