import CollectionsDomain
import Testing

@Suite("people and opt-outs")
struct GatePeopleTests {
    private let policy: ConductPolicy
    private let relative = Scene.contact(
        party: Scene.relative, role: .family, point: ContactPointRef(id: 21, kind: .otherPhone), purpose: .relay)

    init() throws {
        policy = try TestPolicy.bare.setting("people.collectable_roles", ["debtor", "guarantor"]).setting(
            "people.third_party",
            [
                "purposes": ["ask_contact", "relay"],
                "preconditions": [
                    "any_of": [
                        ["number_invalid": true], ["failed_dials": 3, "next_day": true], ["unreachable_days": 3], ["deceased": true],
                        ["incapacity": true],
                    ]
                ],
                "forbidden_fields": ["amount", "debt_exists"], "refusal_is_final": true, "repayment_info_if_offers": true,
            ]
        ).setting("people.workplace_mode", "blocked").policy()
    }

    private var lost: Scene {
        var scene = Scene()
        for hour in ["09", "11", "14"] { scene.call("2026-12-01 \(hour):00", .noAnswer) }
        return scene
    }

    @Test("a contact person opens on the day after the third failed dial in a row, and closes when the debtor is heard of")
    func failedDials() {
        let same = lost.judge(policy, relative, "2026-12-01 17:00")
        #expect(same.rules == ["third_party.preconditions"] && same.earliest == Scene.at("2026-12-02 00:00"))
        #expect(lost.judge(policy, relative, "2026-12-02 10:00").isAllowed)
        var hungUp = lost
        hungUp.call("2026-12-01 16:00", .connected)
        #expect(!hungUp.judge(policy, relative, "2026-12-02 10:00").isAllowed)
        var rang = lost
        rang.call("2026-12-01 16:00", .received, direction: .inbound, channel: .sms)
        #expect(rang.judge(policy, relative, "2026-12-02 10:00").earliest == nil)
        var promised = lost
        promised.mark(.promiseTaken, "2026-12-01 16:00", detail: 30_000)
        #expect(promised.judge(policy, relative, "2026-12-02 10:00").rules == ["third_party.preconditions"])
        var texted = lost
        texted.call("2026-12-01 16:00", .delivered, channel: .sms)
        #expect(texted.judge(policy, relative, "2026-12-02 10:00").isAllowed)
        var elsewhere = lost
        elsewhere.call("2026-12-01 16:00", .conversation, party: 9, role: .guarantor)
        #expect(elsewhere.judge(policy, relative, "2026-12-02 10:00").isAllowed)
    }

    @Test("three local dates in a row without reaching the debtor open a contact person; a gap does not")
    func unreachable() {
        var scene = Scene()
        scene.call("2026-12-01 09:00", .busy)
        scene.call("2026-12-02 09:00", .voicemail)
        #expect(!scene.judge(policy, relative, "2026-12-03 10:00").isAllowed)
        scene.call("2026-12-03 09:00", .noAnswer)
        #expect(scene.judge(policy, relative, "2026-12-03 10:00").isAllowed)
        var gap = Scene()
        for day in ["01", "03"] { gap.call("2026-12-\(day) 09:00", .noAnswer) }
        #expect(!gap.judge(policy, relative, "2026-12-04 10:00").isAllowed)
    }

    @Test("a condition that holds is enough; one that is unknown blocks only if none holds")
    func unknownConditions() {
        var scene = Scene()
        scene.ledger.profile.deceasedOn = .unknown
        #expect(scene.judge(policy, relative, "2026-12-02 10:00").rules == ["missing_fact.deceased_on"])
        scene.ledger.profile.numberInvalid = .known(true)
        #expect(scene.judge(policy, relative, "2026-12-02 10:00").isAllowed)
    }

    @Test("a third party is asked for contact only: no demand, no data, no second try after a refusal")
    func thirdParty() {
        var demand = relative
        demand.kind = Scene.contact(party: Scene.relative, role: .family, purpose: .demandPayment).kind
        #expect(lost.judge(policy, demand, "2026-12-02 10:00").rules == ["collectable_roles"])
        #expect(Scene().judge(policy, demand, "2026-12-02 10:00").rules == ["collectable_roles", "third_party.preconditions"])
        let verify = Scene.contact(party: Scene.relative, role: .family, purpose: .verification)
        #expect(lost.judge(policy, verify, "2026-12-02 10:00").rules == ["third_party.purposes"])
        let told = Scene.contact(party: Scene.relative, role: .family, purpose: .relay, content: ActContent(fields: [.amount]))
        #expect(lost.judge(policy, told, "2026-12-02 10:00").rules == ["third_party.forbidden_fields"])
        #expect(lost.judge(policy, relative, "2026-12-02 10:00").conditions?.forbiddenFields == [.amount, .debtExists])
        var refused = lost
        refused.mark(.thirdPartyRefused, "2026-10-01 10:00", party: Scene.relative)
        #expect(refused.judge(policy, relative, "2026-12-02 10:00").rules == ["third_party.refusal_is_final"])
        let sister = Scene.contact(party: 502, role: .family, purpose: .relay)
        #expect(refused.judge(policy, sister, "2026-12-02 10:00").isAllowed)
    }

    @Test("who offers to pay may be told how, with the data that takes")
    func offers() {
        let info = Scene.contact(
            party: Scene.relative, role: .family, purpose: .repaymentInfo, content: ActContent(fields: [.amount, .repayAccount]))
        #expect(lost.judge(policy, info, "2026-12-02 10:00").rules == ["third_party.forbidden_fields", "third_party.purposes"])
        var offered = lost
        offered.mark(.thirdPartyOfferedToPay, "2026-12-02 09:00", party: Scene.relative)
        #expect(offered.judge(policy, info, "2026-12-02 10:00").isAllowed)
    }

    @Test("a workplace stays closed, also for the debtor's own number there")
    func workplace() {
        let work = Scene.contact(point: ContactPointRef(id: 31, kind: .workPhone))
        #expect(lost.judge(policy, work, "2026-12-02 10:00").rules == ["workplace_mode"])
    }

    @Test(
        "an employer's wish decides where the policy asks for it; nobody knowing it blocks",
        arguments: [
            (Fact<Bool>.known(false), []), (.known(true), ["workplace_mode"]), (.unknown, ["missing_fact.employer_prohibits"]),
        ])
    func employer(wish: Fact<Bool>, rules: [String]) throws {
        let policy = try TestPolicy.bare.setting("people.workplace_mode", "if_not_prohibited").policy()
        var scene = Scene()
        scene.ledger.profile.employerProhibits = wish
        #expect(scene.judge(policy, Scene.contact(point: ContactPointRef(id: 31, kind: .workPhone)), "2026-12-02 10:00").rules == rules)
    }

    @Test("a third party is reached at most so often, unless there is a new reason")
    func maxContacts() throws {
        let policy = try TestPolicy.bare.setting(
            "people.third_party", ["max_contacts": 1, "repeat_exceptions": ["asked_back", "answer_doubted"]]
        ).policy()
        var scene = Scene()
        scene.call("2026-11-01 10:00", .noAnswer, party: Scene.relative, role: .family)
        #expect(scene.judge(policy, relative, "2026-12-01 10:00").isAllowed)
        scene.call("2026-11-02 10:00", .conversation, party: Scene.relative, role: .family)
        #expect(scene.judge(policy, relative, "2026-12-01 10:00").rules == ["third_party.max_contacts"])
        scene.mark(.thirdPartyAskedBack, "2026-11-03 10:00", party: Scene.relative)
        #expect(scene.judge(policy, relative, "2026-12-01 10:00").isAllowed)
        scene.call("2026-12-01 11:00", .conversation, party: Scene.relative, role: .family)
        #expect(!scene.judge(policy, relative, "2026-12-02 10:00").isAllowed)
    }

    @Test("somebody who needs the debtor's written consent has it only on record")
    func writtenConsent() throws {
        let policy = try TestPolicy.bare.setting("people.third_party", ["written_consent_roles": ["employer", "spouse"]]).policy()
        let spouse = Scene.contact(party: 5, role: .spouse)
        var scene = Scene()
        #expect(scene.judge(policy, spouse, "2026-12-02 10:00").rules == ["third_party.written_consent_roles"])
        scene.ledger.add(LedgerConsent(kind: .thirdPartyContact, givenOn: try #require(Day(iso: "2026-12-01")), role: .spouse))
        #expect(scene.judge(policy, spouse, "2026-12-02 10:00").isAllowed)
    }

    @Test("a representative takes the contacts until they agree or have been silent for long")
    func representative() throws {
        let policy = try TestPolicy.bare.setting(
            "people.representative", ["types": ["attorney"], "block_party": true, "until": ["silent_days": 14, "consents": true]]
        ).policy()
        var scene = Scene()
        scene.mark(.representativeKnown, "2026-12-01 09:00", detail: Int32(PartyRole.attorney.rawValue))
        let blocked = scene.judge(policy, "2026-12-20 10:00")
        #expect(blocked.rules == ["representative"] && blocked.earliest == nil)
        #expect(scene.judge(policy, Scene.contact(party: 77, role: .attorney), "2026-12-20 10:00").isAllowed)
        scene.call("2026-12-02 10:00", .sent, party: 77, role: .attorney, channel: .letter)
        #expect(scene.judge(policy, "2026-12-16 10:00").earliest == Scene.at("2026-12-17 00:00"))
        #expect(scene.judge(policy, "2026-12-17 00:00").isAllowed)
        var replied = scene
        replied.mark(.representativeReply, "2026-12-10 10:00", party: 77)
        #expect(!replied.judge(policy, "2026-12-20 10:00").isAllowed)
        replied.mark(.representativeConsents, "2026-12-11 10:00", party: 77)
        #expect(replied.judge(policy, "2026-12-20 10:00").isAllowed)
    }

    @Test("an opt-out closes the channel for the person, with one confirmation and one reply")
    func optOut() throws {
        let policy = try TestPolicy.bare.setting(
            "opt_outs.channel_opt_out",
            ["honoured": true, "confirmations_allowed": 1, "replies_allowed": 1, "instruction_required": ["message"]]
        ).policy()
        var scene = Scene()
        scene.ledger.optOut(of: .message, at: Scene.at("2026-12-01 09:00"))
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-01 10:00").rules == ["channel_opt_out"])
        #expect(scene.judge(policy, "2026-12-01 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(.sms, party: 9, role: .guarantor), "2026-12-01 10:00").isAllowed)
        let confirmation = Scene.contact(.sms, purpose: .optOutConfirmation)
        #expect(scene.judge(policy, confirmation, "2026-12-01 10:00").conditions?.optOutInstruction == true)
        scene.call("2026-12-01 10:00", .sent, channel: .sms, purpose: .optOutConfirmation)
        #expect(!scene.judge(policy, confirmation, "2026-12-01 11:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(.sms, purpose: .optOutReply), "2026-12-01 11:00").isAllowed)
        let silent = Scene.contact(.email, party: 9, role: .guarantor, content: ActContent(missing: [.optOutInstruction]))
        #expect(scene.judge(policy, silent, "2026-12-01 11:00").rules == ["channel_opt_out"])
    }

    @Test(
        "a number must have been heard from or checked within its days",
        arguments: [
            (Fact<Day?>.known(nil), Fact<Day?>.known(nil), ["sms_verify_max_age_days"]), (.known(Day(iso: "2026-10-02")), .known(nil), []),
            (.known(Day(iso: "2026-10-01")), .known(nil), ["sms_verify_max_age_days"]),
            (.known(Day(iso: "2026-10-01")), .known(Day(iso: "2026-11-01")), []),
            (.unknown, .known(Day(iso: "2026-11-01")), []), (.unknown, .known(nil), ["missing_fact.last_inbound_on"]),
            (.known(nil), .unknown, ["missing_fact.last_check_on"]),
        ])
    func numberAge(inbound: Fact<Day?>, check: Fact<Day?>, rules: [String]) throws {
        let policy = try TestPolicy.bare.setting("opt_outs.sms_verify_max_age_days", 60).policy()
        var scene = Scene()
        scene.ledger.profile.smsLastInbound = inbound
        scene.ledger.profile.smsLastCheck = check
        #expect(scene.judge(policy, Scene.contact(.sms), "2026-12-01 10:00").rules == rules)
        #expect(scene.judge(policy, "2026-12-01 10:00").isAllowed)
    }

    @Test("a cease notice stops contact on its account but for the last notices; only a written one where the policy says so")
    func cease() throws {
        let policy = try TestPolicy.bare.setting("opt_outs.cease_notice", ["form": "written", "permitted_after": ["remedy_notice"]])
            .policy()
        var scene = Scene()
        scene.mark(.ceaseNotice, "2026-12-01 09:00", detail: Int32(StatementForm.oral.rawValue))
        #expect(scene.judge(policy, "2026-12-02 10:00").isAllowed)
        scene.mark(.ceaseNotice, "2026-12-01 10:00", detail: Int32(StatementForm.written.rawValue))
        #expect(scene.judge(policy, "2026-12-02 10:00").rules == ["cease_notice"])
        #expect(scene.judge(policy, Scene.contact(.letter, purpose: .remedyNotice), "2026-12-02 10:00").isAllowed)
        #expect(scene.judge(policy, Scene.contact(accounts: [2]), "2026-12-02 10:00").isAllowed)
    }
}
