import CollectionsDomain
import Testing

@Suite("content, visits, referral, placement, records")
struct GateContentTests {
    private let time = "2026-12-01 10:00"

    @Test("letters: required fields, forbidden marks, addresses; each is one reason")
    func letters() throws {
        let policy = try TestPolicy.bare.setting("content.letter_required_fields", ["name", "business_seal"]).setting(
            "content.letter_forbidden", ["postcard", "late_fee_term"]
        ).setting("content.letter_addresses", ["billing_address"]).policy()
        let point = ContactPointRef(id: 1, kind: .otherAddress)
        let letter = Scene.contact(.letter, point: point, content: ActContent(missing: [.name, .businessSeal], marks: [.postcard]))
        #expect(Scene().judge(policy, letter, time).rules == ["letter_addresses", "letter_forbidden", "letter_required_fields"])
        let good = Scene.contact(.letter, point: ContactPointRef(id: 1, kind: .billingAddress), content: ActContent(missing: [.law]))
        #expect(Scene().judge(policy, good, time).conditions?.letterFields == [.name, .businessSeal])
    }

    @Test("disclosures: the first contact of an actor with a person, and every contact")
    func disclosures() throws {
        let policy = try TestPolicy.bare.setting(
            "content.disclosures", ["first_contact": ["institution", "agency"], "every_contact": ["caller_identity"]]
        ).policy()
        let silent = Scene.contact(content: ActContent(missing: [.institution]))
        var scene = Scene()
        #expect(scene.judge(policy, silent, time).rules == ["disclosures"])
        scene.call("2026-11-30 10:00", .noAnswer)
        #expect(!scene.judge(policy, silent, time).isAllowed)
        scene.call("2026-11-30 11:00", .conversation)
        #expect(scene.judge(policy, silent, time).isAllowed)
        #expect(!scene.judge(policy, Scene.contact(content: ActContent(missing: [.institution]), by: Scene.other), time).isAllowed)
        #expect(Scene().judge(policy, Scene.contact(content: ActContent(missing: [.agency]), by: .bank), time).isAllowed)
        #expect(!scene.judge(policy, Scene.contact(content: ActContent(missing: [.callerIdentity])), time).isAllowed)
    }

    @Test("visits: collectors, staff cards, entry, postings, recorder, notice and gap")
    func visits() throws {
        let policy = try TestPolicy.bare.setting(
            "visit",
            [
                "min_collectors": 2, "id_required": true, "entry_consent": true, "recording": true, "prior_notice_days": 3,
                "min_gap_days": 7,
                "public_posting": false,
            ]
        ).policy()
        let bad = Scene.contact(
            .visit, recorder: false,
            visit: VisitPlan(collectors: 1, idShown: false, entry: .withoutConsent, postedNotice: true, notice: .never))
        #expect(
            Scene().judge(policy, bad, time).rules == [
                "visit.entry_consent", "visit.id_required", "visit.min_collectors", "visit.prior_notice_days", "visit.public_posting",
                "visit.recording",
            ])
        let announced = Scene.contact(.visit, visit: VisitPlan(entry: .withConsent, notice: .on(try #require(Day(iso: "2026-11-30")))))
        #expect(Scene().judge(policy, announced, time).earliest == Scene.at("2026-12-03 00:00"))
        #expect(Scene().judge(policy, announced, "2026-12-03 00:00").conditions?.collectors == 2)
        var scene = Scene()
        scene.call("2026-11-28 10:00", .nobodyHome, channel: .visit)
        #expect(scene.judge(policy, Scene.contact(.visit), time).earliest == Scene.at("2026-12-05 00:00"))
    }

    @Test(
        "without a recorder a call is blocked, reviewed or let through, as the policy says",
        arguments: [("block", false), ("review", false), ("allow", true)])
    func recorder(then: String, allowed: Bool) throws {
        let policy = try TestPolicy.bare.setting("recording", ["required_channels": ["phone", "visit"], "no_recorder_then": .word(then)])
            .policy()
        let decision = Scene().judge(policy, Scene.contact(recorder: false), time)
        #expect(decision.isAllowed == allowed)
        if !allowed { #expect(decision.rules == ["recording.no_recorder_then"]) }
        #expect(Scene().judge(policy, Scene.contact(.visit, recorder: false), time).rules == ["visit.recording"])
        #expect(Scene().judge(policy, Scene.contact(.sms, recorder: false), time).isAllowed)
    }

    @Test("an account goes only to an agency that is listed, evaluated, trained, alone and paid fairly, after the debtor was told")
    func placement() throws {
        let policy = try TestPolicy.bare.setting(
            "agency.agency_controls",
            [
                "public_list": true, "debtor_notice_before": true, "evaluation_months": 12, "training_months": 12, "subcontract": false,
                "commission_only": false, "max_agencies": 3,
            ]
        ).policy()
        let act = Act(by: .bank, accounts: [1], kind: .placeAccount)
        var scene = Scene()
        #expect(
            scene.judge(policy, act, time).rules == [
                "missing_fact.agencies_in_use", "missing_fact.commission_only", "missing_fact.last_evaluated_on",
                "missing_fact.last_trained_on",
                "missing_fact.listed", "missing_fact.outsourcing_notice", "missing_fact.subcontracts",
            ])
        scene.facts.account.outsourcingNotice = .known(true)
        scene.facts.agency = GateFacts.Agency(
            listed: .known(true), lastEvaluatedOn: .known(Day(iso: "2025-12-01")), lastTrainedOn: .known(Day(iso: "2026-06-01")),
            contractEnd: .known(nil), subcontracts: .known(false), commissionOnly: .known(false), agenciesInUse: .known(3))
        #expect(scene.judge(policy, act, time).isAllowed)
        #expect(scene.judge(policy, act, "2026-12-02 00:00").rules == ["agency_controls.evaluation_months"])
        scene.facts.agency = GateFacts.Agency(
            listed: .known(false), lastEvaluatedOn: .known(nil), lastTrainedOn: .known(Day(iso: "2025-06-01")), contractEnd: .known(nil),
            subcontracts: .known(true), commissionOnly: .known(true), agenciesInUse: .known(4))
        scene.facts.account.outsourcingNotice = .known(false)
        #expect(
            scene.judge(policy, act, time).rules
                == [
                    "commission_only", "debtor_notice_before", "evaluation_months", "max_agencies", "public_list", "subcontract",
                    "training_months",
                ].map {
                    "agency_controls." + $0
                })
    }

    @Test("a civil suit waits for its notices, and for a legal review once limitation is over; its holds stop it by their own name")
    func civil() throws {
        let policy = try TestPolicy.bare.setting(
            "legal",
            [
                "limitation": ["months": 36, "expired_blocks": "none"],
                "civil_referral": [
                    "notice_days": ["default_notice": 14], "needs_legal_review_if_expired": true, "blocked_by": ["ombudsman"],
                ],
            ]
        ).setting("holds", [TestPolicy.hold("ombudsman", blocks: ["visit"], release: "ombudsman_closed")]).policy()
        let suit = Act(by: .bank, accounts: [1], kind: .referCivil)
        var scene = Scene()
        scene.facts.account.defaultDate = .known(Day(iso: "2024-12-01"))
        #expect(scene.judge(policy, suit, time).rules == ["civil_referral.notice_days"])
        scene.mark(.defaultNoticeSent, "2026-11-17 09:00")
        #expect(scene.judge(policy, suit, time).earliest == Scene.at("2026-12-02 00:00"))
        #expect(scene.judge(policy, suit, "2026-12-02 00:00").isAllowed)
        #expect(scene.judge(policy, suit, "2027-12-02 10:00").rules == ["missing_fact.legal_review_done"])
        scene.facts.account.legalReviewDone = .known(false)
        #expect(scene.judge(policy, suit, "2027-12-02 10:00").rules == ["civil_referral.needs_legal_review_if_expired"])
        scene.facts.account.legalReviewDone = .known(true)
        #expect(scene.judge(policy, suit, "2027-12-02 10:00").isAllowed)
        scene.mark(.ombudsmanComplaint, "2026-12-05 10:00")
        #expect(scene.judge(policy, suit, "2026-12-06 10:00").rules == ["holds.ombudsman"])
        #expect(scene.judge(policy, "2026-12-06 10:00").isAllowed)
    }

    @Test(
        "a criminal report needs the principal, two confirmable collections far enough apart, and months after them",
        arguments: [
            (["2026-03-02"], "60000.00", "2026-12-01 10:00", ["criminal_referral.effective_collections"]),
            (["2026-03-02", "2026-03-31"], "60000.00", "2026-12-01 10:00", ["criminal_referral.min_gap_days"]),
            (["2026-03-02", "2026-04-01"], "60000.00", "2026-07-01 23:59", ["criminal_referral.more_than_months_after_last"]),
            (["2026-03-02", "2026-04-01"], "60000.00", "2026-07-02 00:00", []),
            (["2026-03-02", "2026-03-20", "2026-04-01", "2026-11-20"], "50000.00", "2026-12-01 10:00", []),
            (
                ["2026-01-20", "2026-03-02"], "49999.99", "2026-12-01 10:00",
                ["criminal_referral.effective_collections", "criminal_referral.min_principal"]
            ),
        ])
    func criminal(collections: [String], principal: String, time: String, rules: [String]) throws {
        let policy = try TestPolicy.bare.setting(
            "legal.criminal_referral",
            [
                "min_principal": "50000.00", "currency": "CNY", "effective_collections": 2, "min_gap_days": 30,
                "more_than_months_after_last": 3,
            ]
        ).policy()
        var scene = Scene()
        scene.facts.account.defaultDate = .known(Day(iso: "2026-01-20"))
        scene.facts.account.principal = .known(try Money(parsing: principal, currency: .cny))
        for day in collections { scene.call("\(day) 10:00", .conversation) }
        scene.call("2026-02-10 10:00", .connected)
        scene.call("2026-02-11 10:00", .conversation, direction: .inbound)
        let report = Act(by: .bank, accounts: [1], kind: .referCriminal)
        #expect(scene.judge(policy, report, time).rules == rules)
        scene.facts.account.principal = .known(try Money(parsing: principal, currency: #require(Currency("USD"))))
        #expect(scene.judge(policy, report, time).rules.first == "missing_fact.fx_rate")
    }

    @Test("plans keep to the longest term and name all they must")
    func plans() throws {
        let policy = try TestPolicy.bare.setting(
            "arrangements.instalment_plan",
            ["max_term_months": 60, "required_fields": ["plan_fees", "plan_other"], "oral_recording_until": "settlement"]
        ).policy()
        func plan(_ months: Int, _ content: ActContent = .clean) -> Act {
            Act(by: .bank, accounts: [1], kind: .proposePlan(termMonths: months, content: content))
        }
        #expect(Scene().judge(policy, plan(60), time).isAllowed)
        #expect(
            Scene().judge(policy, plan(61, ActContent(missing: [.planFees])), time).rules == [
                "instalment_plan.max_term_months", "instalment_plan.required_fields",
            ])
        let made = try #require(Day(iso: "2010-01-01"))
        let purge = Act(by: .bank, accounts: [1], kind: .purgeRecord(.planRecording, madeOn: made))
        var scene = Scene()
        #expect(scene.judge(policy, purge, time).rules == ["instalment_plan.oral_recording_until"])
        scene.mark(.settled, "2026-11-01 10:00")
        #expect(scene.judge(policy, purge, time).isAllowed)
    }

    @Test("records are kept through the last day of their retention, from the event, the last activity or settlement")
    func retention() throws {
        let policy = try TestPolicy.bare.setting(
            "recording.retention",
            [
                ["records": ["call_recording"], "retention_months": 24, "anchor": "event"],
                ["records": ["account_record"], "retention_months": 12, "anchor": "last_activity"],
                ["records": ["visit_recording"], "retention_months": 6, "anchor": "settlement"],
            ]
        ).policy()
        let made = try #require(Day(iso: "2024-12-01"))
        func purge(_ kind: RecordKind) -> Act { Act(by: .bank, accounts: [1], kind: .purgeRecord(kind, madeOn: made)) }
        var scene = Scene()
        #expect(scene.judge(policy, purge(.callRecording), time).earliest == Scene.at("2026-12-02 00:00"))
        #expect(scene.judge(policy, purge(.callRecording), "2026-12-02 00:00").isAllowed)
        #expect(scene.judge(policy, purge(.accountRecord), time).rules == ["missing_fact.last_activity_on"])
        scene.facts.account.lastActivityOn = .known(nil)
        #expect(scene.judge(policy, purge(.accountRecord), time).isAllowed)
        scene.call("2026-01-01 10:00", .noAnswer)
        #expect(scene.judge(policy, purge(.accountRecord), time).rules == ["recording.retention_months"])
        #expect(scene.judge(policy, purge(.visitRecording), time).earliest == nil)
        scene.facts.account.settledOn = .known(Day(iso: "2026-05-01"))
        #expect(scene.judge(policy, purge(.visitRecording), time).isAllowed)
        #expect(scene.judge(policy, purge(.planRecording), time).isAllowed)
    }

    @Test("files close to an agency after the contract's last day, never to the bank")
    func access() throws {
        let policy = try TestPolicy.bare.setting("agency.agency_data.access_after_end", false).policy()
        let open = Act(by: Scene.agency, accounts: [1], kind: .openFile)
        var scene = Scene()
        #expect(scene.judge(policy, open, time).rules == ["missing_fact.contract_end"])
        scene.facts.agency.contractEnd = .known(Day(iso: "2026-12-01"))
        #expect(scene.judge(policy, open, "2026-12-01 23:59").isAllowed)
        #expect(scene.judge(policy, open, "2026-12-02 00:00").rules == ["agency_data.access_after_end"])
        #expect(scene.judge(policy, Act(by: .bank, accounts: [1], kind: .openFile), "2026-12-02 00:00").isAllowed)
    }

    @Test("a policy judges only those it applies to, and only while it is in force")
    func scope() throws {
        let closed: PolicyLiteral = [TestPolicy.window("08:00", "09:00")]
        let policy = try TestPolicy.bare.setting("scope.applies_to_actors", ["agency"]).setting("time.contact_windows", closed).setting(
            "effective_to", "2026-12-31"
        ).policy()
        #expect(!Scene().judge(policy, time).isAllowed)
        #expect(Scene().judge(policy, Scene.contact(by: .bank), time).isAllowed)
        #expect(Scene().judge(policy, "2027-01-01 08:30").rules == ["missing_fact.policy_in_force"])
    }

    @Test("every file of a chain is judged: an overlay can tighten, never loosen")
    func chain() throws {
        let parent = try TestPolicy.bare.setting("time.contact_windows", [TestPolicy.window("08:00", "20:00")]).setting(
            "counts.frequency_limits",
            [TestPolicy.limit("talks", event: "effective_conversation", channels: ["call"], max: 1, kind: "calendar_day")]
        ).policy()
        let overlay = TestPolicy.bare.setting("policy_id", "child").setting("extends", "test")
        let looser = try overlay.setting("time.contact_windows", [TestPolicy.window("06:00", "23:00")]).setting(
            "counts.frequency_limits",
            [TestPolicy.limit("talks", event: "effective_conversation", channels: ["call"], max: 9, kind: "calendar_day")]
        ).policy(parent: parent)
        let tighter = try overlay.setting("time.contact_windows", [TestPolicy.window("10:00", "12:00")]).policy(parent: parent)
        var scene = Scene()
        #expect(scene.judge(looser, "2026-12-01 07:00").rules == ["contact_windows"])
        #expect(scene.judge(looser, "2026-12-01 07:00").earliest == Scene.at("2026-12-01 08:00"))
        #expect(scene.judge(tighter, "2026-12-01 09:00").earliest == Scene.at("2026-12-01 10:00"))
        #expect(scene.judge(tighter, "2026-12-01 10:00").until == Scene.at("2026-12-01 12:00"))
        scene.call("2026-12-01 09:00", .conversation)
        #expect(scene.judge(looser, "2026-12-01 10:00").rules == ["frequency_limits.talks"])
    }
}
