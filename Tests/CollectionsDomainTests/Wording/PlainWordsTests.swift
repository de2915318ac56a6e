import CollectionsDomain
import Testing

@Suite("decisions in plain words")
struct PlainWordsTests {
    private func reason(_ rule: String, lifts: Instant? = nil, count: BlockReason.Count? = nil) -> BlockReason {
        BlockReason(
            rule: rule, group: .other, policy: "test", basis: RuleBasis(sources: ["S"], force: .standard), count: count, isForReview: false,
            lifts: lifts)
    }

    /// Every name a reason can have, apart from those with an id of the policy's own.
    static let rules =
        HoldType.allCases.map { "holds." + $0.rawValue }
        + [
            "zones", "policy_in_force", "holidays", "employer_prohibits", "number_invalid", "deceased_on", "incapacitated",
            "capacity_in_doubt", "vulnerable", "last_inbound_on", "last_check_on", "sub_area", "limitation_end", "default_date",
            "principal",
            "fx_rate", "last_activity_on", "settled_on", "outsourcing_notice", "legal_review_done", "listed", "last_evaluated_on",
            "last_trained_on", "contract_end", "subcontracts", "commission_only", "agencies_in_use",
        ].map { "missing_fact." + $0 }
        + [
            "purposes", "preconditions", "max_contacts", "forbidden_fields", "refusal_is_final", "written_consent_roles",
        ].map { "third_party." + $0 }
        + [
            "min_collectors", "id_required", "entry_consent", "recording", "prior_notice_days", "min_gap_days", "public_posting",
        ].map { "visit." + $0 }
        + [
            "limitation.expired_blocks", "limitation.block_all_if", "civil_referral.notice_days",
            "civil_referral.needs_legal_review_if_expired", "criminal_referral.min_principal", "criminal_referral.effective_collections",
            "criminal_referral.min_gap_days", "criminal_referral.more_than_months_after_last", "agency_controls.public_list",
            "agency_controls.debtor_notice_before", "agency_controls.evaluation_months", "agency_controls.training_months",
            "agency_controls.subcontract", "agency_controls.commission_only", "agency_controls.max_agencies",
            "agency_data.access_after_end", "contact_windows", "window_consent", "promise_to_pay.contact_in_window",
            "promise_to_pay.max_days", "instalment_plan.max_term_months", "instalment_plan.required_fields",
            "instalment_plan.oral_recording_until", "cease_notice", "channel_opt_out", "sms_verify_max_age_days", "collectable_roles",
            "representative", "workplace_mode", "letter_required_fields", "letter_forbidden", "letter_addresses", "disclosures",
            "recording.no_recorder_then", "recording.retention_months", "conduct_ledger.full", "contact_point.invalid",
            "contact_point.off", "contact_point.visits_off", "promise.awaiting_ledger",
        ]

    @Test("every reason has a sentence in both languages that does not show the program's words", arguments: rules)
    func sentences(rule: String) throws {
        let policy = try TestPolicy.rich.policy()
        let english = PlainWords(.english).sentence(reason(rule), policy: policy)
        let chinese = PlainWords(.chinese).sentence(reason(rule), policy: policy)
        #expect(english.hasSuffix(".") && english.contains(" ") && !english.contains("_"), "\(english)")
        #expect(chinese.hasSuffix("。") && !chinese.contains("_"), "\(chinese)")
        #expect(chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
    }

    @Test("a blocked call says what was counted, from when it is allowed, and on what it rests")
    func blocked() throws {
        var scene = Scene()
        for time in ["2026-12-01 09:00", "2026-12-01 10:00", "2026-12-01 11:00"] { scene.call(time, .conversation) }
        let policy = try TestPolicy.rich.setting("counts.cooldowns", []).policy()
        let decision = scene.judge(policy, "2026-12-01 12:00")
        let words = PlainWords(.english).lines(decision, of: "call: the debtor", policy: policy, zone: Scene.shanghai)
        #expect(
            words == [
                "Not allowed: call: the debtor", "  Earliest: Wed 2026-12-02 08:00 (Asia/Shanghai), if nothing else happens",
                "  1. At most 3 talks a day are allowed (for each person; by the bank and all agencies together); 3 of 3 are used.",
                "     [frequency_limits.talks_daily] S standard; recommended standard; gone from Wed 2026-12-02 00:00 (Asia/Shanghai)",
            ], "\(words)")
        let chinese = PlainWords(.chinese).lines(decision, of: "电话：债务人", policy: policy, zone: Scene.shanghai)
        #expect(chinese[0] == "不允许：电话：债务人" && chinese[1].contains("2026-12-02（周三）08:00"))
        #expect(chinese[2].contains("每日最多3次有效通话") && chinese[2].contains("已用3/3次"))
    }

    @Test("an allowed act says until when and what it has to keep to")
    func allowed() throws {
        let policy = try TestPolicy.rich.setting("recording", ["required_channels": ["phone"]])
            .setting("content.disclosures", ["every_contact": ["institution", "collector_id"]]).policy()
        let decision = Scene().judge(policy, "2026-12-01 12:00")
        let words = PlainWords(.english).lines(decision, of: "call: the debtor", policy: policy, zone: Scene.shanghai)
        #expect(
            words == [
                "Allowed until Tue 2026-12-01 22:00 (Asia/Shanghai): call: the debtor", "  - record it",
                "  - say: name of the institution, the collector's staff number",
            ], "\(words)")
    }

    @Test("what no time can lift says so")
    func open() throws {
        var scene = Scene()
        scene.mark(.disputeReceived, "2026-12-01 09:00", detail: 1)
        let policy = try TestPolicy.rich.policy()
        let words = PlainWords(.english).lines(scene.judge(policy, "2026-12-01 12:00"), of: "call", policy: policy, zone: Scene.shanghai)
        #expect(words[1].contains("something has to happen first") && words[2].contains("a dispute is open"))
    }
}
