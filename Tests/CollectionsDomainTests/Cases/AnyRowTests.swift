import CollectionsDomain
import Testing

@Suite("Rows any: results of every step")
struct AnyRowTests {
    @Test("complaint: hold on the debtor, the case keeps its stage", arguments: Stage.allCases)
    func complaint(_ stage: Stage) throws {
        let step: Step = stage == .informationGathering ? .gather : .call
        let decision = try CaseSample.after(.complaint, step: step, CaseSample.facts(stage))
        #expect(decision.state == .held(.complaint) && decision.stage == stage)
        #expect(decision.holdsSet == [.complaint] && decision.contactTask == .end(.hold))
        #expect(decision.rule == "any.complaint" && decision.next == nil)
    }

    @Test("dispute: hold on the accounts named, the others go on; none named holds all")
    func dispute() throws {
        let facts = CaseSample.facts(accounts: [CaseSample.account(100), CaseSample.account(101)])
        let one = try CaseSample.after(.dispute, facts) { $0.accounts = [100] }
        #expect(one.has(.setHold(HoldOrder(type: .dispute, account: 100, until: nil, reason: "any.dispute"))))
        #expect(one.state == .ready && one.call?.accounts == [101])
        let all = try CaseSample.after(.dispute, facts)
        #expect(all.holdsSet == [.dispute, .dispute] && all.state == .held(.dispute) && all.contactTask == .end(.hold))
    }

    @Test("fraud claim: hold on the debtor, and the bank verifies")
    func fraudClaim() throws {
        let decision = try CaseSample.after(.fraudClaim)
        #expect(decision.state == .held(.fraudClaim) && decision.requests == [.deceasedCheck])
    }

    @Test(
        "hardship and the requests: the bank decides within 5 business days, demands stop",
        arguments: [
            (ResultCode.hardship, RequestType.hardship), (.planRequested, .plan), (.extensionRequested, .extension),
            (.settlementRequested, .settlement),
        ])
    func requests(_ result: ResultCode, _ type: RequestType) throws {
        let decision = try CaseSample.after(result)
        // Five business days after Monday 2 November end with Monday the 9th.
        let due = CaseSample.zone.endOfDay(CaseSample.day("2026-11-09"))
        #expect(decision.state == .requested(type, sla: due) && decision.requests == [type])
        #expect(decision.holdsSet == [.bankRequest] && decision.contactTask == .end(.hold))
        #expect(
            type != .settlement || decision.effects.contains { if case .request(let order) = $0 { order.approvals == 2 } else { false } })
    }

    @Test(
        "deceased, incapacitated, minor, custody, self-harm risk: hold on the debtor",
        arguments: [
            (ResultCode.deceased, HoldType.deceased), (.incapacitated, .incapacity), (.minor, .minor), (.custody, .custody),
            (.selfHarmRisk, .selfHarmRisk),
        ])
    func reported(_ result: ResultCode, _ hold: HoldType) throws {
        let decision = try CaseSample.after(result)
        #expect(decision.state == .held(hold) && decision.holdsSet.first == hold && decision.requests == [.deceasedCheck])
        let alarm = CaseEffect.alarm("self_harm_risk", by: CaseSample.now + .seconds(3_600))
        #expect(decision.has(alarm) == (result == .selfHarmRisk))
    }

    @Test("vulnerable: no visit, everything else goes on")
    func vulnerable() throws {
        let decision = try CaseSample.after(.vulnerable)
        #expect(decision.holdsSet == [.vulnerableVisit] && decision.state == .ready && decision.call?.step == .call)
        let field = try CaseSample.after(.vulnerable, step: .visit, CaseSample.facts(.fieldVisit))
        #expect(field.call?.step != .visit && field.lightCadence)
    }

    @Test("not attempted: same step after 15 minutes, no attempt counted; the 4th in a row is quarantined")
    func notAttempted() throws {
        var facts = CaseSample.facts()
        for _ in 1...3 {
            let decision = try CaseSample.after(.notAttempted, facts, point: 2)
            #expect(decision.call?.notBefore == CaseSample.now + .seconds(900) && decision.call?.point == 2 && decision.call?.step == .call)
            #expect(decision.counters.attempts == 0 && decision.contact == nil && decision.violations.isEmpty)
            facts.counters = decision.counters
        }
        let fourth = try CaseSample.after(.notAttempted, facts)
        #expect(fourth.state == .held(.operator) && fourth.has(.quarantine) && fourth.contactTask == .end(.hold))
        facts.counters.notAttemptedInRow = 3
        let attempted = try CaseSample.after(.noAnswer, facts)
        #expect(attempted.counters.notAttemptedInRow == 0)
    }

    @Test("represented: contact only to the representative; none: silent days, else the bank checks the mandate")
    func represented() throws {
        let attorney = ContactPoint(id: 9, role: .attorney, channel: .mobile)
        let known = try CaseSample.after(.represented, CaseSample.facts { $0.points.append(attorney) })
        #expect(known.call?.point == 9 && known.has(.represented))
        let silent = try CaseSample.after(.represented, CaseSample.facts { $0.terms.representativeSilentDays = 14 })
        #expect(silent.state == .waiting(until: CaseSample.opening("2026-11-16"), .representative))
        let none = try CaseSample.after(.represented)
        #expect(none.requests == [.dataCorrection] && none.state.code == .requested)
    }

    @Test("represented: later calls go to the representative too, nothing goes to the debtor; silence opens direct contact again")
    func representedLater() throws {
        let attorney = ContactPoint(id: 9, role: .attorney, channel: .mobile)
        let facts = CaseSample.facts {
            $0.points.append(attorney)
            $0.represented = true
        }
        for result in [ResultCode.noAnswer, .rpcNoCommitment, .hungUp] {
            #expect(try CaseSample.after(result, facts, point: 9).call?.point == 9, "\(result)")
        }
        let silent = CaseSample.facts {
            $0.represented = true
            $0.state = .waiting(until: CaseSample.now, .representative)
        }
        #expect(try CaseSample.decide(.waitEnded, silent).call?.point == 1)
    }

    @Test("paid claimed and the money comes: E1 or E2, the claim is over")
    func paidClaimedFound() throws {
        let waiting = CaseSample.facts {
            $0.state = .waiting(until: CaseSample.at("2026-11-06T00:00:00+08:00"), .paidClaimed)
            $0.counters.claimedDay = Int(CaseSample.day("2026-11-01").number)
        }
        let part = try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), waiting)
        #expect(part.call?.notBefore == CaseSample.opening("2026-11-07") && part.counters.claimedDay == 0 && part.state == .ready)
        var whole = waiting
        whole.accounts = [CaseSample.account(balance: "0.00", due: "0.00")]
        #expect(try CaseSample.decide(.payment(account: 100, fulfilledOffer: false), whole).state == .closed(.paidInFull))
    }

    @Test("paid claimed: waits for the ledger, at most 3 business days; not found: N(phone, next day, verify_payment)")
    func paidClaimed() throws {
        let facts = CaseSample.facts { $0.watermark = CaseSample.at("2026-10-31T23:59:59+08:00") }
        let waiting = try CaseSample.after(.paidClaimed, facts) { $0.claimedOn = CaseSample.day("2026-11-01") }
        let until = CaseSample.zone.endOfDay(CaseSample.day("2026-11-05"))
        #expect(waiting.state == .waiting(until: until, .paidClaimed))
        #expect(waiting.contactTask == .end(.replaced))

        var later = CaseSample.facts {
            $0.state = waiting.state
            $0.counters = waiting.counters
            $0.watermark = CaseSample.at("2026-10-31T23:59:59+08:00")
        }
        let early = try CaseSample.decide(.ledgerAdvanced, later)
        #expect(early.state == waiting.state && early.contactTask == .keep)
        later.watermark = CaseSample.at("2026-11-01T23:59:59+08:00")
        let notFound = try CaseSample.decide(.ledgerAdvanced, later)
        #expect(notFound.call?.goal == .verifyPayment && notFound.call?.notBefore == CaseSample.opening("2026-11-03"))
        later.watermark = nil
        let tooLong = try CaseSample.decide(.waitEnded, later, now: until)
        #expect(tooLong.call?.goal == .verifyPayment)
        let known = try CaseSample.after(.paidClaimed, CaseSample.facts { $0.watermark = CaseSample.now }) {
            $0.claimedOn = CaseSample.day("2026-10-20")
        }
        #expect(known.call?.goal == .verifyPayment, "the ledger has looked at that day already")
    }

    @Test("opt-out of a point or a channel; none left ends the stage")
    func optOut() throws {
        let point = try CaseSample.after(.optOut) { $0.optOut = .point(1) }
        #expect(point.pointsOff == [1: .optedOut] && point.call?.point == 2)
        let channel = try CaseSample.after(.optOut) { $0.optOut = .channel(.call) }
        #expect(channel.has(.channelOff(.call)) && channel.stage == .letter && channel.rules.contains("adv.letter"))
        let ignored = try CaseSample.after(.optOut, CaseSample.facts { $0.terms.optOutHonoured = false }) { $0.optOut = .point(1) }
        #expect(ignored.pointsOff.isEmpty && ignored.call?.point == 1)
    }

    @Test("new contact data: lawful provenance adds a point, the stage stays")
    func newContactData() throws {
        let lawful = try CaseSample.after(.newContactData) {
            $0.newPoint = .init(channel: .mobile, role: .debtor, provenance: "third_party")
        }
        #expect(lawful.has(.addPoint) && lawful.stage == .phone && lawful.call != nil)
        let unlawful = try CaseSample.after(.newContactData) { $0.newPoint = .init(channel: .mobile, role: .debtor, provenance: "bought") }
        #expect(!unlawful.has(.addPoint) && unlawful.violations == ["contact_data.provenance"])
    }

    @Test("missing fields of a contact act are accepted and raised")
    func violations() throws {
        let task = CaseSample.task(.call)
        let bare = ReportedOutcome(result: .noAnswer, occurredAt: CaseSample.now)
        let decision = try CaseSample.decide(.outcome(task, bare), CaseSample.facts())
        #expect(
            decision.violations == [
                "contact_fields.contact_point_id", "contact_fields.collector_id", "contact_fields.ended_at", "contact_fields.recording_ref",
            ])
        let late = try CaseSample.decide(
            .outcome(task, CaseSample.report(.noAnswer, at: CaseSample.at("2026-11-03T00:00:00+08:00"))), CaseSample.facts(),
            now: CaseSample.at("2026-11-03T00:01:00+08:00"))
        #expect(late.violations == ["act_after_window"])
        var early = task
        early.grantedAt = CaseSample.now
        let before = try CaseSample.decide(
            .outcome(early, CaseSample.report(.noAnswer, at: CaseSample.now - .seconds(60))), CaseSample.facts())
        #expect(before.violations == ["act_outside_lease"])
        let other = try CaseSample.decide(.outcome(task, CaseSample.report(.noAnswer, point: 2)), CaseSample.facts())
        #expect(other.violations == ["contact_fields.other_contact_point"])
    }
}
