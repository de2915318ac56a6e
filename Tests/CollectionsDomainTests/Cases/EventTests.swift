import CollectionsDomain
import Testing

@Suite("Events E1 to E15")
struct EventTests {
    private let live = CaseFacts.LiveTask(id: 60, step: .call, goal: .getDate, dueAt: CaseSample.now, point: 1)

    private func facts(_ stage: Stage = .phone, accounts: [CaseFacts.Account]? = nil, change: (inout CaseFacts) -> Void = { _ in })
        -> CaseFacts
    {
        CaseSample.facts(stage, accounts: accounts) {
            $0.contactTask = live
            change(&$0)
        }
    }

    // MARK: E1, E2

    @Test("E1 balance paid: closed as paid in full; below zero a credit break")
    func paidInFull() throws {
        let paid = try CaseSample.decide(
            .payment(account: 100, fulfilledOffer: false), facts(accounts: [CaseSample.account(balance: "0.00", due: "-6800.00")]))
        #expect(paid.state == .closed(.paidInFull) && paid.contactTask == .end(.closed) && paid.has(.accountStatus(id: 100, .paid)))
        let credit = try CaseSample.decide(
            .payment(account: 100, fulfilledOffer: false), facts(accounts: [CaseSample.account(balance: "-1.00", due: "-1.00")]))
        #expect(credit.has(.raiseBreak("credit_balance", .warning)))
    }

    @Test("E1 one of two accounts paid: it leaves the card, the case goes on")
    func onePaid() throws {
        let accounts = [CaseSample.account(100, balance: "0.00", due: "0.00"), CaseSample.account(101)]
        let decision = try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), facts(accounts: accounts))
        #expect(decision.has(.closeAccount(id: 100, .paidInFull)) && decision.state == .ready && decision.contactTask == .keep)
    }

    @Test("E1 nothing due, balance left: cure pending, demands stop; confirmed closes as cured; refused or silent resumes")
    func cure() throws {
        let paid = facts(accounts: [CaseSample.account(balance: "6800.00", due: "0.00")])
        let pending = try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), paid)
        let until = CaseSample.zone.endOfDay(CaseSample.day("2026-11-05"))
        #expect(pending.state == .waiting(until: until, .curePending) && pending.contactTask == .end(.payment))
        #expect(pending.has(.accountStatus(id: 100, .curePending)))
        let waiting = facts(accounts: [CaseSample.account(balance: "6800.00", due: "0.00")]) {
            $0.accounts[0].status = .curePending
            $0.state = pending.state
            $0.contactTask = nil
        }
        #expect(try CaseSample.decide(.accountUpdate(account: 100, .cured), waiting).state == .closed(.cured))
        let refused = try CaseSample.decide(.accountUpdate(account: 100, .overdue), waiting)
        #expect(refused.state == .ready && refused.call != nil && refused.has(.accountStatus(id: 100, .open)))
        let silent = try CaseSample.decide(.waitEnded, waiting, now: until)
        #expect(silent.state == .ready && silent.call?.notBefore == CaseSample.opening("2026-11-06"))
        let unrelated = try CaseSample.decide(.policyChanged, waiting)
        #expect(unrelated.state == pending.state)
    }

    @Test("E1 an offer met in time: settled in full")
    func settled() throws {
        let decision = try CaseSample.decide(.payment(account: 100, fulfilledOffer: true), facts())
        #expect(decision.state == .closed(.settledInFull) && decision.has(.accountStatus(id: 100, .settled)))
    }

    @Test("E1 a paid case frees its cards; at the law firm it is withdrawn")
    func cardUnblock() throws {
        let decision = try CaseSample.decide(
            .payment(account: 100, fulfilledOffer: false),
            facts(accounts: [CaseSample.account(balance: "0.00", due: "0.00")]) {
                $0.cardBlocked = true
                $0.holderIsLawFirm = true
            })
        #expect(decision.has(.cardUnblock) && decision.has(.legal(.withdrawn)))
    }

    @Test("E2 partial payment without a promise: N(same stage, +5 d), refusals to 0; with one nothing moves")
    func partial() throws {
        let decision = try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), facts { $0.counters.refusals = 1 })
        #expect(decision.call?.notBefore == CaseSample.opening("2026-11-07") && decision.counters.refusals == 0)
        let promised = facts {
            $0.promises = [CaseSample.promise()]
            $0.state = .promised(until: CaseSample.promise().judgeAfter)
        }
        let kept = try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), promised)
        #expect(kept.state == promised.state && kept.contactTask == .keep)
    }

    // MARK: E3

    private func judged(_ state: PromiseState, paid: String, type: PromiseType = .payment, _ change: (inout CaseFacts) -> Void = { _ in })
        throws
        -> CaseDecision
    {
        let promise = CaseSample.promise(type: type)
        let facts = facts {
            $0.promises = [promise]
            $0.holds = [.init(.promise)]
            $0.state = .promised(until: promise.judgeAfter)
            change(&$0)
        }
        let verdict = PromiseVerdict(
            promise: 900, account: 100, type: type, state: state, promised: promise.amount, paid: CaseSample.cny(paid))
        return try CaseSample.decide(.promisesJudged([verdict]), facts, now: CaseSample.at("2026-11-09T06:30:00+08:00"))
    }

    @Test("E3 kept: N(phone, +1 d) for the rest, or cured (A1)")
    func kept() throws {
        let rest = try judged(.kept, paid: "1200.00")
        #expect(rest.rule == "E3.kept" && rest.call?.notBefore == CaseSample.opening("2026-11-10"))
        #expect(rest.has(.releaseHold(.promise, account: nil)) && rest.has(.judged(promise: 900, .kept, paid: CaseSample.cny("1200.00"))))
        let cured = try judged(.kept, paid: "1200.00") {
            $0.accounts = [CaseSample.account(balance: "6800.00", due: "0.00")]
            $0.accounts[0].status = .curePending
        }
        #expect(cured.state.code == .waiting && cured.state.reason == "cure_pending" && cured.call == nil)
    }

    @Test("E3 partially kept: one new promise of half the window for the rest; a partial rest is broken")
    func partiallyKept() throws {
        let decision = try judged(.partiallyKept, paid: "700.00")
        #expect(decision.promises.map(\.amount) == [CaseSample.cny("500.00")] && decision.promises.first?.type == .rest)
        #expect(decision.promises.first?.due == CaseSample.day("2026-11-13") && decision.state.code == .promised)
        let again = try judged(.partiallyKept, paid: "700.00", type: .rest)
        #expect(again.promises.isEmpty && again.rule == "E3.broken")
    }

    @Test("E3 broken: N(phone, next window, top priority) (A1 variant); the second ends stage phone")
    func broken() throws {
        let decision = try judged(.broken, paid: "0.00")
        #expect(decision.call?.notBefore == CaseSample.at("2026-11-09T08:00:00+08:00") && decision.call?.priority == .promiseBroken)
        #expect(decision.counters.brokenPromises == 1 && decision.counters.brokenEver == 1 && decision.state == .ready)
        let second = try judged(.broken, paid: "0.00") { $0.counters.brokenPromises = 1 }
        #expect(second.stage == .letter && second.rules.first == "E3.broken.second")
    }

    @Test("E3 in a later stage: the call comes, the stage's letter stays", arguments: [PromiseState.kept, .broken])
    func laterStage(_ state: PromiseState) throws {
        let decision = try judged(state, paid: state == .kept ? "1200.00" : "0.00") {
            $0.stage = .letter
            $0.letters = [CaseSample.letter(11, posted: "2026-10-30T10:00:00+08:00")]
            $0.counters.brokenPromises = 3
        }
        #expect(decision.stage == .letter && decision.call?.step == .call)
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-19"), .letterAnswer), "the letter's clock runs on")
    }

    // MARK: E4, E5

    @Test("E4 reversal within term: the closed case reopens in its stage; after it: the pool; clawback either way")
    func reversal() throws {
        let closed = facts {
            $0.state = .closed(.paidInFull)
            $0.accounts[0].status = .paid
            $0.contactTask = nil
        }
        let reopened = try CaseSample.decide(.reversal(account: 100), closed)
        #expect(reopened.state == .ready && reopened.has(.reopen(account: 100)) && reopened.has(.clawback(account: 100)))
        #expect(reopened.stage == .phone && reopened.call != nil)
        let after = try CaseSample.decide(.reversal(account: 100), closed, now: CaseSample.at("2027-06-01T10:00:00+08:00"))
        #expect(after.state == .closed(.paidInFull) && after.rules.contains("E4.pool") && after.contactTask == .keep)
        let recalled = facts {
            $0.state = .closed(.recalled)
            $0.accounts[0].status = .paid
        }
        #expect(try CaseSample.decide(.reversal(account: 100), recalled).rules.contains("E4.pool"))
        let open = facts {
            $0.accounts[0].status = .curePending
            $0.state = .waiting(until: CaseSample.at("2026-11-05T10:00:00+08:00"), .curePending)
            $0.contactTask = nil
        }
        let works = try CaseSample.decide(.reversal(account: 100), open)
        #expect(works.state == .ready && works.call?.notBefore == CaseSample.now)
    }

    @Test("E5 instalment missed: the hold ends, N(phone, next day)")
    func instalment() throws {
        let planned = facts {
            $0.holds = [.init(.instalmentPlan, account: 100)]
            $0.state = .planned
            $0.contactTask = nil
        }
        let decision = try CaseSample.decide(.instalmentMissed(account: 100), planned)
        #expect(decision.has(.releaseHold(.instalmentPlan, account: 100)) && decision.call?.notBefore == CaseSample.opening("2026-11-03"))
    }

    // MARK: E6

    @Test(
        "E6 every hold that stops contact revokes the live task and keeps the stage; released: next day 08:00 (A3)",
        arguments: HoldType.allCases)
    func hold(_ type: HoldType) throws {
        let set = try CaseSample.decide(.holdSet(type, account: nil), facts())
        let isParty = type != .vulnerableVisit && type != .bankRequest && type != .promise
        #expect((set.contactTask == .end(.hold)) == isParty && set.stage == .phone)
        guard isParty else { return }
        let held = facts {
            $0.state = set.state
            $0.holds = [.init(type)]
            $0.contactTask = nil
        }
        let released = try CaseSample.decide(.holdReleased(type, account: nil), held, now: CaseSample.at("2026-11-10T16:00:00+08:00"))
        #expect(released.call?.notBefore == CaseSample.at("2026-11-11T08:00:00+08:00") && released.state == .ready)
    }

    @Test("E6 a released hold uncovers what else stops demands")
    func uncovered() throws {
        let sla = CaseSample.at("2026-11-09T00:00:00+08:00")
        let held = facts {
            $0.state = .held(.complaint)
            $0.holds = [.init(.complaint), .init(.bankRequest)]
            $0.requests = [.init(.hardship, slaDue: sla)]
            $0.contactTask = nil
        }
        let released = try CaseSample.decide(.holdReleased(.complaint, account: nil), held)
        #expect(released.state == .requested(.hardship, sla: sla) && released.call == nil)
    }

    @Test("E6 a held case's letter is stopped and made again after the release")
    func heldLetter() throws {
        let letter = facts(.letter) {
            $0.letters = [CaseSample.letter(11, .ordered, posted: nil)]
            $0.documentTask = .init(id: 61, step: .registeredLetter, dueAt: CaseSample.now)
        }
        let set = try CaseSample.decide(.holdSet(.complaint, account: nil), letter)
        #expect(set.has(.letter(.stopUnposted)) && set.documentTask == .end(.hold))
        var held = letter
        held.state = set.state
        held.holds = [.init(.complaint)]
        held.letters = [CaseSample.letter(11, .stopped, posted: nil)]
        held.contactTask = nil
        held.documentTask = nil
        let released = try CaseSample.decide(.holdReleased(.complaint, account: nil), held)
        #expect(released.paper?.step == .registeredLetter && released.call?.step == .call)
    }

    // MARK: Requests

    @Test(
        "granted: plan, extension, settlement, hardship; refused: the debtor is told, N(same stage, next day); overdue: break, demands stay stopped"
    )
    func requests() throws {
        func asked(_ type: RequestType) -> CaseFacts {
            facts {
                $0.requests = [.init(type, slaDue: CaseSample.now)]
                $0.holds = [.init(.bankRequest)]
                $0.state = .requested(type, sla: CaseSample.now)
                $0.contactTask = nil
            }
        }
        let nothing = RequestDecision.granted(until: nil, date: nil, amount: nil)
        #expect(try CaseSample.decide(.requestDecided(.plan, nothing), asked(.plan)).state == .planned)
        let date = RequestDecision.granted(until: nil, date: CaseSample.day("2026-11-20"), amount: CaseSample.cny("1000.00"))
        let extended = try CaseSample.decide(.requestDecided(.extension, date), asked(.extension))
        #expect(extended.state.code == .promised && extended.promises.first?.type == .extension)
        #expect(extended.promises.first?.due == CaseSample.day("2026-11-20"))
        let settled = try CaseSample.decide(.requestDecided(.settlement, date), asked(.settlement))
        #expect(settled.promises.first?.type == .settlement && settled.promises.first?.amount == CaseSample.cny("1000.00"))
        let relief = try CaseSample.decide(
            .requestDecided(.hardship, .granted(until: CaseSample.at("2027-01-01T00:00:00+08:00"), date: nil, amount: nil)),
            asked(.hardship))
        #expect(relief.state == .held(.hardship))
        for type in [RequestType.hardship, .plan, .extension, .settlement] {
            let refused = try CaseSample.decide(.requestDecided(type, .refused), asked(type))
            #expect(refused.has(.tellDebtor("\(type.rawValue)_refused")) && refused.call?.notBefore == CaseSample.opening("2026-11-03"))
            #expect(refused.has(.releaseHold(.bankRequest, account: nil)) && refused.has(.endRequest(type)))
            let overdue = try CaseSample.decide(.requestOverdue(type), asked(type))
            #expect(overdue.has(.raiseBreak("request_overdue.\(type.rawValue)", .high)) && overdue.state == asked(type).state)
        }
    }

    @Test("a reported death verified ends the placement without objection; false, the work resumes")
    func verified() throws {
        let held = facts {
            $0.holds = [.init(.deceased), .init(.bankRequest)]
            $0.requests = [.init(.deceasedCheck, slaDue: CaseSample.now)]
            $0.state = .held(.deceased)
            $0.contactTask = nil
        }
        #expect(try CaseSample.decide(.requestDecided(.deceasedCheck, .verified(.deceased)), held).state == .closed(.deceased))
        #expect(try CaseSample.decide(.requestDecided(.deceasedCheck, .verified(.minor)), held).state == .closed(.compliance))
        let alive = try CaseSample.decide(.requestDecided(.deceasedCheck, .unfounded(.deceased)), held)
        #expect(alive.state == .ready && alive.call?.notBefore == CaseSample.opening("2026-11-03"))
    }

    // MARK: E7, E8, E10

    @Test(
        "E7 recall: tasks end, letters stop; executed closes; compliance, deceased, legal skip the objection window",
        arguments: [
            (RecallCategory.bank, nil as CloseCode?), (.compliance, .compliance), (.deceased, .deceased), (.legal, .legal),
        ])
    func recall(_ category: RecallCategory, _ code: CloseCode?) throws {
        let letter = facts(.letter) { $0.letters = [CaseSample.letter(11, .issued, posted: nil)] }
        let asked = try CaseSample.decide(.recallRequested(category), letter)
        #expect(asked.state == code.map { .closed($0) } ?? .recalling && asked.has(.letter(.stopUnposted)))
        #expect(asked.contactTask == .end(code == nil ? .recall : .closed))
        var recalling = letter
        recalling.state = .recalling
        recalling.contactTask = nil
        #expect(try CaseSample.decide(.recallExecuted(.bank), recalling).state == .closed(.recalled))
        recalling.letters = [CaseSample.letter(11, .stopped, posted: nil)]
        let upheld = try CaseSample.decide(.recallWithdrawn, recalling)
        #expect(upheld.call?.notBefore == CaseSample.opening("2026-11-03") && upheld.paper != nil)
    }

    @Test("E8 term end: a promise extends it to its judgment, at most 15 days; a request to its answer; else expired and rotated")
    func termEnd() throws {
        let over = [CaseSample.account(termEnd: "2026-11-02T00:00:00+08:00")]
        let expired = try CaseSample.decide(.termEnd, facts(accounts: over))
        #expect(expired.state == .closed(.expired) && expired.has(.rotate))
        let promised = facts(accounts: over) {
            $0.promises = [CaseSample.promise()]
            $0.state = .promised(until: CaseSample.promise().judgeAfter)
        }
        #expect(try CaseSample.decide(.termEnd, promised).has(.extendTerm(account: 100, until: CaseSample.promise().judgeAfter)))
        let long = facts(accounts: over) {
            $0.promises = [CaseSample.promise(due: "2026-12-20", type: .extension)]
            $0.state = .promised(until: $0.promises[0].judgeAfter)
        }
        #expect(try CaseSample.decide(.termEnd, long).has(.extendTerm(account: 100, until: CaseSample.at("2026-11-17T00:00:00+08:00"))))
        var again = long
        again.accounts[0].extended = true
        #expect(try CaseSample.decide(.termEnd, again).state == .closed(.expired))
        let sla = CaseSample.at("2026-11-09T00:00:00+08:00")
        let requested = facts(accounts: over) {
            $0.requests = [.init(.hardship, slaDue: sla)]
            $0.state = .requested(.hardship, sla: sla)
        }
        #expect(try CaseSample.decide(.termEnd, requested).has(.extendTerm(account: 100, until: sla)))
        let early = try CaseSample.decide(.termEnd, facts())
        #expect(early.state == .ready && early.contactTask == .keep)
    }

    @Test("E10 suspended holder: everything stops at once")
    func suspended() throws {
        let decision = try CaseSample.decide(.holderSuspended, facts())
        #expect(decision.state == .recalling && decision.contactTask == .end(.suspended))
    }

    // MARK: E9

    @Test("E9 expired: the same task after 5, 15, 60 minutes; the 4th time it is quarantined", arguments: [(1, 5), (2, 15), (3, 60)])
    func expiry(_ expiries: Int, _ minutes: Int) throws {
        let plain = CaseSample.facts()
        let decision = try CaseSample.decide(.leaseExpired(CaseSample.task(.call), expiries: expiries), plain)
        #expect(decision.contactTask == .delay(until: CaseSample.now + .seconds(Int64(minutes) * 60)) && decision.state == .ready)
        #expect(decision.counters == plain.counters)
        let fourth = try CaseSample.decide(.leaseExpired(CaseSample.task(.call), expiries: 4), plain)
        #expect(fourth.state == .held(.operator) && fourth.has(.quarantine))
        let letter = try CaseSample.decide(.leaseExpired(CaseSample.task(.registeredLetter), expiries: expiries), CaseSample.facts(.letter))
        #expect(letter.documentTask == .delay(until: CaseSample.now + .seconds(Int64(minutes) * 60)))
    }

    @Test("E9 beside a running promise: the same task is delayed, none is made anew")
    func expiryWhilePromised() throws {
        let promised = CaseSample.facts {
            $0.promises = [CaseSample.promise()]
            $0.state = .promised(until: CaseSample.promise().judgeAfter)
        }
        let decision = try CaseSample.decide(.leaseExpired(CaseSample.task(.smsReminder, goal: .remind), expiries: 1), promised)
        #expect(decision.contactTask == .delay(until: CaseSample.now + .seconds(300)) && decision.state == promised.state)
    }

    @Test("a lease given back is due again at once")
    func released() throws {
        #expect(
            try CaseSample.decide(.leaseReleased(CaseSample.task(.call)), CaseSample.facts()).contactTask == .delay(until: CaseSample.now))
    }

    // MARK: E11 to E15

    @Test("E11 charged off continues with another fee; sold or closed withdraws")
    func accountUpdates() throws {
        let charged = try CaseSample.decide(.accountUpdate(account: 100, .chargedOff), facts())
        #expect(charged.state == .ready && charged.has(.feeTypeChanged(account: 100)) && charged.has(.accountStatus(id: 100, .chargedOff)))
        #expect(try CaseSample.decide(.accountUpdate(account: 100, .sold), facts()).state == .closed(.withdrawn))
        #expect(try CaseSample.decide(.accountUpdate(account: 100, .closed), facts()).state == .closed(.withdrawn))
    }

    @Test("E12 a new account joins the case at its stage: one live task still (A2)")
    func joined() throws {
        let two = facts(accounts: [CaseSample.account(100), CaseSample.account(101)])
        let decision = try CaseSample.decide(.accountJoined(account: 101), two)
        #expect(decision.contactTask == .keep && decision.stage == .phone && decision.state == .ready)
        let waiting = facts(accounts: [CaseSample.account(100, due: "0.00"), CaseSample.account(101)]) {
            $0.accounts[0].status = .curePending
            $0.state = .waiting(until: CaseSample.at("2026-11-05T10:00:00+08:00"), .curePending)
            $0.contactTask = nil
        }
        #expect(try CaseSample.decide(.accountJoined(account: 101), waiting).call?.accounts == [101])
    }

    @Test("E13 dispute resolved: the account rejoins the card, or was right")
    func dispute() throws {
        let held = facts {
            $0.holds = [.init(.dispute, account: 100)]
            $0.state = .held(.dispute)
            $0.contactTask = nil
        }
        let unfounded = try CaseSample.decide(.disputeResolved(account: 100, upheld: false), held)
        #expect(unfounded.call?.notBefore == CaseSample.opening("2026-11-03") && unfounded.has(.releaseHold(.dispute, account: 100)))
        var right = held
        right.accounts[0].balance = CaseSample.cny("0.00")
        #expect(try CaseSample.decide(.disputeResolved(account: 100, upheld: true), right).state == .closed(.paidInFull))
    }

    @Test("E14 a new policy applies to the next act: nothing moves at once")
    func policy() throws {
        let decision = try CaseSample.decide(.policyChanged, facts())
        #expect(decision.contactTask == .keep && decision.documentTask == .keep && decision.effects.isEmpty && decision.state == .ready)
    }

    @Test("E15 limitation near: a flag for the legal queue")
    func limitation() throws {
        let decision = try CaseSample.decide(.limitationNear(account: 100), facts())
        #expect(decision.has(.raiseBreak("limitation_near", .warning)) && decision.contactTask == .keep)
    }

    // MARK: Late and without a lease

    @Test("late: the contact counts, safety facts apply, nothing else moves (A3)")
    func late() throws {
        let task = CaseSample.task(.call)
        for result in [ResultCode.rpcNoCommitment, .refused, .noAnswer, .callback, .planRequested] {
            let held = facts {
                $0.state = .held(.complaint)
                $0.holds = [.init(.complaint)]
                $0.contactTask = nil
            }
            let decision = try CaseSample.decide(.lateOutcome(task, CaseSample.report(result)), held)
            #expect(decision.state == .held(.complaint) && decision.stage == .phone && decision.contact != nil, "\(result)")
            #expect(decision.counters.talks == 0 && decision.counters.attempts == 0 && decision.counters.refusals == 0)
        }
        let talk = try CaseSample.decide(.lateOutcome(task, CaseSample.report(.rpcNoCommitment)), facts())
        #expect(talk.counters.collections == 1 && talk.contactTask == .keep)
    }

    @Test(
        "late safety facts",
        arguments: [
            (ResultCode.complaint, HoldType.complaint), (.deceased, .deceased), (.incapacitated, .incapacity), (.hardship, .bankRequest),
            (.vulnerable, .vulnerableVisit), (.minor, .minor), (.custody, .custody), (.selfHarmRisk, .selfHarmRisk),
            (.fraudClaim, .fraudClaim),
            (.dispute, .dispute), (.metDeceasedInfo, .deceased), (.metDispute, .dispute), (.metHardship, .bankRequest),
        ])
    func lateSafety(_ result: ResultCode, _ hold: HoldType) throws {
        let decision = try CaseSample.decide(.lateOutcome(CaseSample.task(.call), CaseSample.report(result)), facts())
        #expect(decision.holdsSet.contains(hold))
    }

    @Test("a late promise is a claim for an operator; late opt-out, wrong number and refusal switch points off")
    func lateFacts() throws {
        let task = CaseSample.task(.call)
        let promise = try CaseSample.decide(
            .lateOutcome(
                task, CaseSample.report(.promise) { $0.promise = .init(amount: CaseSample.cny("10.00"), due: CaseSample.day("2026-11-04")) }
            ),
            facts())
        #expect(promise.promises.isEmpty && promise.effects.contains { if case .claimedPromise = $0 { true } else { false } })
        #expect(promise.state == .ready)
        let wrong = try CaseSample.decide(.lateOutcome(task, CaseSample.report(.wrongNumber)), facts())
        #expect(wrong.pointsOff == [1: .wrongPerson] && wrong.call?.point == 2, "the live task gets another point")
        let refused = try CaseSample.decide(.lateOutcome(task, CaseSample.report(.thirdPartyRefused, point: 5)), facts())
        #expect(refused.pointsOff == [5: .refused] && refused.contactTask == .keep)
    }

    @Test("a contact after the end is a violation and a break, and moves nothing")
    func lateAfterEnd() throws {
        let closed = facts {
            $0.state = .closed(.recalled)
            $0.contactTask = nil
        }
        let decision = try CaseSample.decide(.lateOutcome(CaseSample.task(.call), CaseSample.report(.noAnswer)), closed)
        #expect(decision.violations.contains("contact_after_end") && decision.has(.raiseBreak("contact_after_end", .high)))
        #expect(decision.state == .closed(.recalled) && decision.contactTask == .keep)
    }

    @Test("activities: a ring-back takes the rows of phone; an outbound contact without a permit is stored and raised")
    func activities() throws {
        let ring = try CaseSample.decide(
            .activity(
                CaseSample.report(.promise) {
                    $0.inbound = true
                    $0.promise = .init(amount: CaseSample.cny("1200.00"), due: CaseSample.day("2026-11-06"))
                }, letter: nil), facts())
        #expect(ring.state.code == .promised && ring.violations.isEmpty && ring.contact?.direction == .inbound)
        let outbound = try CaseSample.decide(.activity(CaseSample.report(.rpcNoCommitment), letter: nil), facts())
        #expect(outbound.violations == ["contact_without_permit"] && outbound.contact != nil)
        let gathering = try CaseSample.decide(
            .activity(CaseSample.report(.refused) { $0.inbound = true }, letter: nil), facts(.informationGathering))
        #expect(gathering.contactTask == .keep)
    }

    @Test("a contact by the bank counts for ever and moves nothing")
    func bankContact() throws {
        let contact = CaseSample.act(.conversation, "2026-11-02T09:00:00+08:00")
        let decision = try CaseSample.decide(.bankContact(contact), facts())
        #expect(decision.counters.collections == 1 && decision.counters.effectiveCollections == 1 && decision.contactTask == .keep)
    }

    @Test("days in hold, request, promise and plan do not count against the stage")
    func pausedDays() throws {
        let held = try CaseSample.decide(.holdSet(.complaint, account: nil), facts())
        var later = facts {
            $0.state = held.state
            $0.holds = [.init(.complaint)]
            $0.counters = held.counters
            $0.contactTask = nil
        }
        let back = try CaseSample.decide(.holdReleased(.complaint, account: nil), later, now: CaseSample.at("2026-11-12T10:00:00+08:00"))
        #expect(back.counters.pausedDays == 10 && back.counters.pausedSince == 0)
        later.state = .ready
        later.holds = []
        later.counters = back.counters
        later.contactTask = live
        let day29 = try CaseSample.decide(.stageDay, later, now: CaseSample.at("2026-11-28T06:30:00+08:00"))
        #expect(day29.stage == .phone, "39 days, ten of them in hold")
        let day30 = try CaseSample.decide(.stageDay, later, now: CaseSample.at("2026-11-29T06:30:00+08:00"))
        #expect(day30.stage == .letter && day30.rule == "phone.max_days")
    }

    @Test("idle for 5 days: the service level is missed, the work stays")
    func idle() throws {
        let decision = try CaseSample.decide(.stageDay, facts { $0.lastWorkedAt = CaseSample.at("2026-10-28T10:00:00+08:00") })
        #expect(decision.has(.serviceLevel("phone.max_idle_days")) && decision.contactTask == .keep)
    }

    @Test("a case begins with the task of its start stage", arguments: Stage.allCases)
    func opened(_ stage: Stage) throws {
        let facts = CaseSample.facts(stage, entered: "2026-11-02T10:00:00+08:00")
        let decision = try CaseSample.decide(.opened, facts)
        let expected: Step =
            switch stage {
            case .informationGathering: .gather
            case .phone: .call
            case .letter: .registeredLetter
            case .fieldVisit: .visit
            case .legalReferral: .legalDossier
            }
        #expect(decision.call?.step == expected || decision.paper?.step == expected)
        #expect(decision.stage == stage && decision.state == .ready)
        let firm = try CaseSample.decide(.opened, CaseSample.facts(.legalReferral) { $0.holderIsLawFirm = true })
        #expect(firm.call?.step == .lawFirm)
    }
}
