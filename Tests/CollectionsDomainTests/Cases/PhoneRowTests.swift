import CollectionsDomain
import Testing

@Suite("Rows phone")
struct PhoneRowTests {
    private let young = CaseSample.facts(accounts: [CaseSample.account(dpd: 20)])

    @Test(
        "sms sent or delivered: N(sms, +3 d) while dpd <= 30, else N(call, +1 d)", arguments: [ResultCode.messageSent, .messageDelivered])
    func message(_ result: ResultCode) throws {
        let first = try CaseSample.after(result, step: .smsReminder, young)
        #expect(first.call?.step == .smsReminder && first.call?.notBefore == CaseSample.opening("2026-11-05"))
        let later = try CaseSample.after(result, step: .smsReminder)
        #expect(later.call?.step == .call && later.call?.notBefore == CaseSample.opening("2026-11-03"))
    }

    @Test("sms failed or blocked: the point goes off after two", arguments: [ResultCode.messageFailed, .messageBlocked])
    func messageFails(_ result: ResultCode) throws {
        let once = try CaseSample.after(result, step: .smsReminder)
        #expect(once.pointsOff.isEmpty)
        let facts = CaseSample.facts { $0.history = [CaseSample.act(.failed, "2026-11-01T10:00:00+08:00", channel: .sms)] }
        let twice = try CaseSample.after(result, step: .smsReminder, facts)
        #expect(twice.pointsOff == [1: .messagesFail] && twice.call?.point == 2)
        #expect(twice.contact?.outcome == .failed)
    }

    @Test("sms replied: N(call, goal of the reply), an inbound message")
    func replied() throws {
        let decision = try CaseSample.after(.messageReplied, step: .smsReminder, young) { $0.nextGoal = .getReason }
        #expect(decision.call?.step == .call && decision.call?.goal == .getReason)
        #expect(decision.contact?.direction == .inbound && decision.contact?.outcome == .message)
    }

    @Test("promise in its window: promised until due + grace, a reminder on the due day, demands after it (A1)")
    func promise() throws {
        let decision = try CaseSample.after(.promise) {
            $0.promise = .init(amount: CaseSample.cny("1200.00"), due: CaseSample.day("2026-11-06"))
        }
        let judged = CaseSample.at("2026-11-08T00:00:00+08:00")
        #expect(decision.state == .promised(until: judged) && decision.rule == "phone.promise")
        #expect(decision.promises.map(\.amount) == [CaseSample.cny("1200.00")] && decision.promises.first?.judgeAfter == judged)
        #expect(decision.holdsSet == [.promise])
        #expect(decision.call?.step == .smsReminder && decision.call?.notBefore == CaseSample.opening("2026-11-06"))
        #expect(decision.call?.priority == .reminderDue)
        #expect(decision.next == NextDemand(stage: .phone, notBefore: CaseSample.at("2026-11-08T08:00:00+08:00")))
    }

    @Test("after the reminder the follow-up call waits for the grace's end")
    func afterReminder() throws {
        let facts = CaseSample.facts {
            $0.state = .promised(until: CaseSample.at("2026-11-08T00:00:00+08:00"))
            $0.promises = [CaseSample.promise()]
        }
        let decision = try CaseSample.after(.messageSent, step: .smsReminder, facts, now: CaseSample.at("2026-11-06T08:01:00+08:00"))
        #expect(decision.state.code == .promised)
        #expect(decision.call?.step == .call && decision.call?.notBefore == CaseSample.at("2026-11-08T08:00:00+08:00"))
    }

    @Test("promise beyond the window: as extension_requested, no promise (A1 variant)")
    func promiseBeyondWindow() throws {
        let decision = try CaseSample.after(.promise) {
            $0.promise = .init(amount: CaseSample.cny("1200.00"), due: CaseSample.day("2026-11-16"))
        }
        #expect(decision.promises.isEmpty && decision.requests == [.extension])
        #expect(decision.state == .requested(.extension, sla: CaseSample.zone.endOfDay(CaseSample.day("2026-11-09"))))
    }

    @Test(
        "the window shrinks with the collections: 7, 5, 3, 1 days, by the talks before this one",
        arguments: [
            (0, "2026-11-09", true), (1, "2026-11-09", true), (1, "2026-11-10", false), (2, "2026-11-07", true), (2, "2026-11-08", false),
            (4, "2026-11-05", true), (4, "2026-11-06", false), (6, "2026-11-03", true), (9, "2026-11-04", false),
        ])
    func window(_ collections: Int, _ due: String, _ isTaken: Bool) throws {
        let facts = CaseSample.facts { $0.counters.collections = collections }
        let decision = try CaseSample.after(.promise, facts) {
            $0.promise = .init(amount: CaseSample.cny("1200.00"), due: CaseSample.day(due))
        }
        #expect(decision.promises.isEmpty != isTaken)
    }

    @Test("a promise below the minimum payment: one per stage")
    func smallPromise() throws {
        let small = PromiseClaim(amount: CaseSample.cny("100.00"), due: CaseSample.day("2026-11-04"))
        let first = try CaseSample.after(.promise) { $0.promise = small }
        #expect(first.state.code == .promised && first.rule == "phone.promise.small")
        let second = try CaseSample.after(.promise, CaseSample.facts { $0.counters = first.counters }) { $0.promise = small }
        #expect(second.state == .ready && second.rule == "phone.promise.small_again")
        #expect(second.call?.notBefore == CaseSample.opening("2026-11-05"))
    }

    @Test("refused, no commitment: N(call, +3 d) while talks are left", arguments: [ResultCode.refused, .rpcNoCommitment])
    func talk(_ result: ResultCode) throws {
        let decision = try CaseSample.after(result, point: 2)
        #expect(decision.call?.notBefore == CaseSample.opening("2026-11-05") && decision.call?.point == 2)
        #expect(decision.counters.talks == 1 && decision.counters.attempts == 1)
        let last = try CaseSample.after(result, CaseSample.facts { $0.counters.talks = 3 })
        #expect(last.stage == .letter && last.rules.contains("phone.talks_spent"))
    }

    @Test("the second refusal ends the stage")
    func secondRefusal() throws {
        let decision = try CaseSample.after(.refused, CaseSample.facts { $0.counters.refusals = 1 })
        #expect(decision.stage == .letter && decision.counters.refusals == 0 && decision.paper?.step == .registeredLetter)
        #expect(decision.paper?.agency == 20 && decision.paper?.point == 3)
    }

    @Test("callback: the same point at the time asked; beyond 3 days or outside the window as a talk")
    func callback() throws {
        let time = CaseSample.at("2026-11-04T15:00:00+08:00")
        let decision = try CaseSample.after(.callback, point: 2) { $0.callbackAt = time }
        #expect(decision.call?.notBefore == time && decision.call?.point == 2 && decision.call?.priority == .callbackDue)
        #expect(decision.counters.talks == 1)
        for wrong in ["2026-11-04T22:30:00+08:00", "2026-11-06T10:00:00+08:00"] {
            let other = try CaseSample.after(.callback) { $0.callbackAt = CaseSample.at(wrong) }
            #expect(other.call?.notBefore == CaseSample.opening("2026-11-05"))
        }
    }

    @Test("hung up: connected, not lost, N(call, +1 d); three in a row end the stage")
    func hungUp() throws {
        var facts = CaseSample.facts()
        for _ in 1...2 {
            let decision = try CaseSample.after(.hungUp, facts)
            #expect(decision.call?.notBefore == CaseSample.opening("2026-11-03") && decision.contact?.outcome == .connected)
            facts.counters = decision.counters
        }
        #expect(try CaseSample.after(.hungUp, facts).stage == .letter)
        let between = try CaseSample.after(.noAnswer, facts)
        #expect(between.counters.hangUpsInRow == 0)
    }

    @Test("nobody answered: the next point two hours later, then the first again", arguments: [ResultCode.noAnswer, .voicemail, .powerOff])
    func noAnswer(_ result: ResultCode) throws {
        let first = try CaseSample.after(result)
        #expect(first.call?.point == 2 && first.call?.notBefore == CaseSample.now + .seconds(7_200))
        let second = try CaseSample.after(result, point: 2)
        #expect(second.call?.point == 1)
        let evening = try CaseSample.after(result, now: CaseSample.at("2026-11-02T20:30:00+08:00"))
        #expect(evening.call?.notBefore == CaseSample.opening("2026-11-03"))
    }

    @Test("today's limits used: one reminder today, then tomorrow")
    func dayLimits() throws {
        let dials = ["08:00", "10:00", "12:00"].enumerated().map { index, time in
            CaseSample.act(.noAnswer, "2026-11-02T\(time):00+08:00", point: index % 2 == 0 ? 1 : 2)
        }
        let now = CaseSample.at("2026-11-02T14:00:00+08:00")
        let facts = CaseSample.facts { $0.history = dials }
        let reminder = try CaseSample.after(.noAnswer, facts, point: 2, now: now)
        #expect(reminder.rules.contains("phone.lost.third_party"), "three failed dials: tomorrow the debtor is lost")
        let alone = CaseSample.facts {
            $0.history = dials
            $0.points = [CaseSample.mobile, CaseSample.homePhone, CaseSample.billing]
        }
        let sms = try CaseSample.after(.noAnswer, alone, point: 2, now: now)
        #expect(sms.call?.step == .smsReminder && sms.call?.notBefore == now)
        let sent = CaseSample.facts {
            $0.history = dials + [CaseSample.act(.sent, "2026-11-01T12:00:00+08:00", channel: .sms)]
            $0.points = [CaseSample.mobile, CaseSample.homePhone, CaseSample.billing]
        }
        let tomorrow = try CaseSample.after(.noAnswer, sent, point: 2, now: now)
        #expect(tomorrow.call?.step == .call && tomorrow.call?.notBefore == CaseSample.opening("2026-11-03"))
    }

    @Test("lost: third parties in order from the next day, family first; work numbers never")
    func lost() throws {
        let failed = ["2026-10-30", "2026-10-31"].map { CaseSample.act(.noAnswer, "\($0)T10:00:00+08:00") }
        let third = try CaseSample.after(.noAnswer, CaseSample.facts { $0.history = failed })
        #expect(third.call?.point == 5 && third.call?.goal == .askContact && third.call?.notBefore == CaseSample.opening("2026-11-03"))
        let second = try CaseSample.after(.noAnswer, CaseSample.facts { $0.history = [failed[0]] })
        #expect(second.call?.point == 2, "two failed dials are not lost")
        let talked = CaseSample.facts { $0.history = failed + [CaseSample.act(.connected, "2026-11-01T10:00:00+08:00")] }
        #expect(try CaseSample.after(.noAnswer, talked).call?.point == 2, "a hang-up is no failure")
        var facts = CaseSample.facts { $0.history = failed + [CaseSample.act(.noAnswer, "2026-11-01T10:00:00+08:00")] }
        let friend = try CaseSample.after(.noAnswer, facts, point: 5, lost: true)
        #expect(friend.call?.point == 6)
        facts.points.removeAll { $0.role != .debtor }
        #expect(try CaseSample.after(.noAnswer, facts).call?.point == 2)
    }

    @Test(
        "busy, not connected: the same point once after 30 minutes, then as nobody answered", arguments: [ResultCode.busy, .notConnected])
    func busy(_ result: ResultCode) throws {
        let first = try CaseSample.after(result)
        #expect(first.call?.point == 1 && first.call?.notBefore == CaseSample.now + .seconds(1_800) && first.counters.busyRetry == 1)
        let second = try CaseSample.after(result, CaseSample.facts { $0.counters = first.counters })
        #expect(second.call?.point == 2 && second.call?.notBefore == CaseSample.now + .seconds(7_200) && second.counters.busyRetry == 0)
    }

    @Test("number invalid: off, the next point; all off: lost at once, skip trace, a third party, or a letter")
    func numberInvalid() throws {
        let one = try CaseSample.after(.numberInvalid)
        #expect(one.pointsOff == [1: .invalid] && one.call?.point == 2 && one.requests.isEmpty)
        let facts = CaseSample.facts { $0.points = [CaseSample.mobile, CaseSample.billing, CaseSample.mother] }
        let lost = try CaseSample.after(.numberInvalid, facts)
        #expect(lost.requests == [.skipTrace] && lost.call?.point == 5 && lost.state == .ready)
        let letter = try CaseSample.after(.numberInvalid, CaseSample.facts { $0.points = [CaseSample.mobile, CaseSample.billing] })
        #expect(letter.requests == [.skipTrace] && letter.stage == .letter && letter.paper?.step == .registeredLetter)
        let nothing = try CaseSample.after(.numberInvalid, CaseSample.facts { $0.points = [CaseSample.mobile] })
        #expect(nothing.state == .waiting(until: CaseSample.zone.endOfDay(CaseSample.day("2026-11-16")), .skipTrace))
    }

    @Test("wrong number: off for the bank and every agency, the next point")
    func wrongNumber() throws {
        let decision = try CaseSample.after(.wrongNumber)
        #expect(decision.pointsOff == [1: .wrongPerson] && decision.call?.point == 2)
        #expect(PointChange.wrongPerson.state == .off && decision.contact?.outcome == .connected)
    }

    @Test(
        "message left or relayed, lost at the dial: the debtor's points after 2 days",
        arguments: [ResultCode.messageLeft, .thirdPartyRelayed])
    func relayed(_ result: ResultCode) throws {
        let decision = try CaseSample.after(result, point: 5, lost: true)
        #expect(decision.call?.point == 1 && decision.call?.notBefore == CaseSample.opening("2026-11-04"))
        #expect(decision.contact?.role == .family && decision.contact?.outcome == .conversation && decision.counters.talks == 0)
        let unlocked = try CaseSample.after(result, point: 5)
        #expect(unlocked.violations == ["third_party.preconditions"])
    }

    @Test("third party refused: the person is off for ever; the next unlocked one tomorrow, none: the stage ends")
    func thirdPartyRefused() throws {
        let failed = ["2026-10-29", "2026-10-30", "2026-10-31"].map { CaseSample.act(.noAnswer, "\($0)T10:00:00+08:00") }
        let facts = CaseSample.facts {
            $0.history = failed
            $0.points.append(ContactPoint(id: 9, role: .family, immediateFamily: true, channel: .homePhone, rank: 4))
        }
        let decision = try CaseSample.after(.thirdPartyRefused, facts, point: 5, lost: true)
        #expect(decision.pointsOff == [5: .refused, 9: .refused] && decision.call?.point == 6)
        #expect(decision.call?.notBefore == CaseSample.opening("2026-11-03") && decision.counters.thirdPartyRefusals == 1)
        let none = CaseSample.facts {
            $0.history = failed
            $0.points.removeAll { $0.id == 6 }
        }
        #expect(try CaseSample.after(.thirdPartyRefused, none, point: 5, lost: true).stage == .letter)
    }

    @Test("third party answered, not lost: neutral end, as nobody answered; debt told is a violation")
    func thirdPartyAnswered() throws {
        let decision = try CaseSample.after(.thirdPartyAnswered)
        #expect(decision.call?.point == 2 && decision.violations.isEmpty && decision.contact?.outcome == .connected)
        let told = try CaseSample.after(.thirdPartyAnswered) { $0.debtTold = true }
        #expect(told.violations == ["third_party.forbidden_fields"])
    }

    @Test(
        "24 attempts or 2 broken promises end the stage after 7 days, 30 days at once",
        arguments: [
            (23, 0, "2026-10-20", true), (22, 0, "2026-10-20", false), (0, 2, "2026-10-20", true), (0, 0, "2026-10-03", true),
            (0, 2, "2026-10-30", false),
        ])
    func budget(_ attempts: Int, _ broken: Int, _ entered: String, _ isOver: Bool) throws {
        let facts = CaseSample.facts(entered: "\(entered)T09:00:00+08:00") {
            $0.counters.attempts = attempts
            $0.counters.brokenPromises = broken
        }
        let decision = try CaseSample.after(.noAnswer, facts)
        #expect((decision.stage == .letter) == isOver)
        #expect(decision.rules.contains("phone.budget_spent") == isOver)
    }

    @Test("attempts spent before the minimum days: the case waits for them, then the stage ends")
    func minimumDays() throws {
        let facts = CaseSample.facts(entered: "2026-10-30T09:00:00+08:00") { $0.counters.attempts = 23 }
        let decision = try CaseSample.after(.noAnswer, facts)
        #expect(decision.state == .waiting(until: CaseSample.opening("2026-11-06"), .stageMinimum))
        var waiting = facts
        waiting.state = decision.state
        waiting.counters = decision.counters
        #expect(try CaseSample.decide(.waitEnded, waiting, now: CaseSample.opening("2026-11-06")).stage == .letter)
    }

    @Test("the low-risk segment has half the limits, rounded up")
    func lowRisk() throws {
        let limits = CaseSample.policy.callLimits(lowRisk: true)
        #expect(limits.maxAttempts == 12 && limits.maxTalks == 2 && limits.maxPerPointDay == 2 && limits.maxPerPartyDay == 2)
        let facts = CaseSample.facts {
            $0.lowRisk = true
            $0.counters.talks = 1
        }
        #expect(try CaseSample.after(.rpcNoCommitment, facts).stage == .letter)
    }

    @Test("in a later stage a call row moves the light calls, never the stage", arguments: [Stage.letter, .fieldVisit, .legalReferral])
    func laterStage(_ stage: Stage) throws {
        for result in [ResultCode.refused, .hungUp, .noAnswer, .rpcNoCommitment, .thirdPartyRefused, .busy] {
            let facts = CaseSample.facts(stage) {
                $0.letters = stage == .letter ? [CaseSample.letter(1, posted: "2026-11-01T10:00:00+08:00")] : []
                $0.counters.refusals = 5
                $0.counters.hangUpsInRow = 5
                $0.counters.attempts = 99
                $0.visits = stage == .fieldVisit ? [.init(occurredAt: CaseSample.now, result: .metRefused)] : []
                $0.counters.visits = stage == .fieldVisit ? 1 : 0
                $0.documentTask = stage == .legalReferral ? .init(id: 8, step: .legalDossier, dueAt: CaseSample.now) : nil
            }
            let decision = try CaseSample.after(result, facts)
            #expect(decision.stage == stage && !decision.lightCadence, "\(result)")
            let days = CaseSample.hours.day(of: CaseSample.now).days(
                until: CaseSample.hours.day(of: decision.call?.notBefore ?? CaseSample.now))
            #expect(decision.call?.step == .call && days >= 4, "\(result): at most two calls in seven days")
            #expect(decision.call?.stage == .phone && decision.call?.agency == CaseSample.holder)
        }
    }
}
