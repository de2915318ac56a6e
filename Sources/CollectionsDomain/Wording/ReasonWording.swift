extension PlainWords {
    /// A reason against an act as a sentence: what the rule says, what was counted.
    ///
    /// - Parameters:
    ///   - reason: The reason.
    ///   - policy: The policy that was asked; values of the rule are taken from the layer that reported the reason.
    package func sentence(_ reason: BlockReason, policy: ConductPolicy) -> String {
        let layer = policy.chain.first { $0.id == reason.policy } ?? policy
        let parts = reason.rule.split(separator: ".", maxSplits: 1).map(String.init)
        let head = parts[0]
        let tail = parts.count > 1 ? parts[1] : ""
        switch head {
        case "missing_fact":
            return say(
                "It is not known: \(fact(tail)). A rule needs it, and nothing is guessed.", "缺少信息：\(fact(tail))。规则需要该信息，未知时一律不得进行。")
        case "holds":
            let what = HoldType(rawValue: tail).map(hold) ?? tail
            return say("Work on it is on hold: \(what).", "已暂停：\(what)。")
        case "frequency_limits": return limit(reason, layer.limits.first { $0.id == tail })
        case "cooldowns": return cooldown(layer.cooldowns.first { $0.id == tail }, id: tail)
        case "third_party": return thirdParty(tail, layer)
        case "visit": return visit(tail, layer)
        case "limitation", "civil_referral", "criminal_referral": return legal(reason.rule, layer)
        case "agency_controls", "agency_data": return agency(reason.rule, layer)
        default: return other(reason, layer)
        }
    }

    /// Where a rule comes from: `CN10, CBA …, hours and dials; recommended standard`.
    package func basis(_ reason: BlockReason, policy: ConductPolicy) -> String {
        let sources = policy.chain.flatMap(\.sources)
        let named = reason.basis.sources.map { id in
            guard let source = sources.first(where: { $0.id == id }) else { return id }
            return [id, source.instrument, source.article].compactMap { $0 }.joined(separator: " ")
        }
        return (named + [force(reason.basis.force)]).joined(separator: say("; ", "；"))
    }

    // MARK: Counts

    private func limit(_ reason: BlockReason, _ limit: FrequencyLimit?) -> String {
        guard let limit else { return say("The limit \(reason.rule) is used up.", "已达到限制 \(reason.rule)。") }
        // The count includes this act.
        let used = (reason.count?.counted ?? limit.max + 1) - 1
        let period: String =
            switch limit.windowKind {
            case .calendarDay: say("a day", "每日")
            case .consecutiveDays: say("in \(limit.windowLength) days", "每连续\(limit.windowLength)日")
            case .week: say("a week", "每周")
            case .month: say("a month", "每月")
            case .rollingHours: say("in \(limit.windowLength) hours", "每\(limit.windowLength)小时")
            }
        let scope = list(limit.scope.elements.map(countScope))
        let whose =
            limit.aggregation == .agency ? say("by this agency", "仅计本机构") : say("by the bank and all agencies together", "银行与全部机构合并计算")
        return say(
            "At most \(limit.max) \(event(limit.event)) \(period) are allowed (\(scope); \(whose)); \(used) of \(limit.max) are used.",
            "\(period)最多\(limit.max)次\(event(limit.event))（\(scope)；\(whose)）；已用\(used)/\(limit.max)次。")
    }

    private func cooldown(_ rule: Cooldown?, id: String) -> String {
        guard let rule else { return say("The waiting time \(id) runs.", "等待期 \(id) 未满。") }
        return say(
            "After \(event(rule.trigger)) there is a wait of \(rule.days) days, which is not over.",
            "发生\(event(rule.trigger))后须等待\(rule.days)日，等待期未满。")
    }

    private func event(_ event: ContactEvent) -> String {
        switch event {
        case .attemptAny: say("dials", "拨打")
        case .attemptUnanswered: say("unanswered dials", "未接通拨打")
        case .connected: say("answered calls", "接通电话")
        case .effectiveConversation: say("talks", "有效通话")
        case .contactMade: say("contacts", "有效联系")
        case .message: say("messages", "短信或邮件")
        case .letter: say("letters", "信函")
        case .visit: say("visits", "上门")
        }
    }

    private func countScope(_ scope: CountScope) -> String {
        switch scope {
        case .party: say("for each person", "按人")
        case .account: say("for each account", "按账户")
        case .contactPoint: say("for each number or address", "按联系方式")
        }
    }

    // MARK: People

    private func thirdParty(_ field: String, _ policy: ConductPolicy) -> String {
        switch field {
        case "purposes":
            return say(
                "A third party may only be contacted to find the debtor or to pass a message on.", "对第三人只能询问联系方式或请其转告。")
        case "preconditions":
            return say(
                "A third party may be contacted only when the debtor is lost, dead or unable to act; that is not so (a hang-up does not count as lost).",
                "仅在债务人失联、死亡或无行为能力时方可联系第三人；目前不符合（挂断不视为失联）。")
        case "max_contacts":
            return say(
                "This person may be contacted \(policy.people.thirdParty?.maxContacts?.value ?? 1) time(s) and has been.",
                "该第三人最多联系\(policy.people.thirdParty?.maxContacts?.value ?? 1)次，已达到。")
        case "forbidden_fields": return say("A third party must not be told anything about the debt.", "不得向第三人透露债务信息。")
        case "refusal_is_final":
            return say("This person has refused; the refusal is final.", "该第三人已拒绝，拒绝后不得再联系。")
        case "written_consent_roles":
            return say("The debtor's separate written consent for this person is missing.", "缺少债务人对该人员的单独书面同意。")
        default: return field
        }
    }

    // MARK: Visits

    private func visit(_ field: String, _ policy: ConductPolicy) -> String {
        let rules = policy.visit
        switch field {
        case "min_collectors":
            let number = rules.minCollectors?.value ?? 2
            return say("A visit needs at least \(number) collectors.", "上门须至少\(number)人。")
        case "id_required": return say("Visitors must show their staff cards.", "上门须出示工作证件。")
        case "entry_consent": return say("A home is entered only with consent.", "未经同意不得进入住所。")
        case "recording": return say("A visit must be recorded.", "上门须全程录音或录像。")
        case "prior_notice_days":
            let days = rules.priorNoticeDays?.value ?? 0
            return say("A visit must be announced \(days) days before.", "上门须提前\(days)日告知。")
        case "min_gap_days":
            let days = rules.minGapDays?.value ?? 0
            return say("Visits must lie at least \(days) days apart.", "两次上门须间隔至少\(days)日。")
        case "public_posting": return say("No notice may be put up where others see it.", "不得在公共场所张贴。")
        default: return field
        }
    }

    // MARK: Legal

    private func legal(_ rule: String, _ policy: ConductPolicy) -> String {
        switch rule {
        case "limitation.expired_blocks":
            return say("The debt is time-barred: this must not be done any more.", "债权已过诉讼时效，不得再为此行为。")
        case "limitation.block_all_if":
            return say(
                "The debt is time-barred and nobody contacted the debtor within the period: nothing may be done.",
                "债权已过时效且期间内从未联系债务人，不得再催收。")
        case "civil_referral.notice_days":
            let days = policy.civilReferral?.noticeDays.map { "\($0.value.notice.name) \($0.value.days)" } ?? []
            return say("The days that must pass after a notice are not over (\(list(days))).", "通知后的等待日数未满（\(list(days))）。")
        case "civil_referral.needs_legal_review_if_expired":
            return say("Limitation has run out: a legal review must be on file first.", "诉讼时效已过，须先完成法律审查。")
        case "criminal_referral.min_principal":
            let amount = policy.criminalReferral?.minPrincipal?.value
            let text = amount.map { "\($0)" } ?? ""
            return say("The principal, without interest and fees, is below \(text).", "本金（不含息费）低于\(text)。")
        case "criminal_referral.effective_collections":
            let number = policy.criminalReferral?.effectiveCollections?.value ?? 0
            return say("There are fewer than \(number) effective collections since the default.", "逾期后有效催收少于\(number)次。")
        case "criminal_referral.min_gap_days":
            let days = policy.criminalReferral?.minGapDays?.value ?? 0
            return say("The effective collections do not lie \(days) days apart.", "有效催收之间间隔不足\(days)日。")
        case "criminal_referral.more_than_months_after_last":
            let months = policy.criminalReferral?.moreThanMonthsAfterLast?.value ?? 0
            return say(
                "More than \(months) months must have passed since the last effective collection.", "距最后一次有效催收须超过\(months)个月。")
        default: return rule
        }
    }

    // MARK: Agencies

    private func agency(_ rule: String, _ policy: ConductPolicy) -> String {
        let rules = policy.agencyControls
        switch rule {
        case "agency_controls.public_list": return say("The agency is not on the bank's public list.", "机构不在本行公示名单内。")
        case "agency_controls.debtor_notice_before":
            return say("The debtor has not been told of the outsourcing.", "尚未告知债务人委外催收。")
        case "agency_controls.evaluation_months":
            let months = rules?.evaluationMonths?.value ?? 12
            return say("The agency was not evaluated within \(months) months.", "机构未在\(months)个月内接受评估。")
        case "agency_controls.training_months":
            let months = rules?.trainingMonths?.value ?? 12
            return say("The agency's staff was not trained within \(months) months.", "机构人员未在\(months)个月内接受培训。")
        case "agency_controls.subcontract": return say("The agency subcontracts, which is not allowed.", "机构存在转委托，不被允许。")
        case "agency_controls.commission_only":
            return say("The agency is paid by commission alone, which is not allowed.", "机构仅按回款计酬，不被允许。")
        case "agency_controls.max_agencies": return say("Too many agencies hold accounts.", "在用机构数量超过上限。")
        case "agency_data.access_after_end": return say("The agency's contract has ended: its files are closed.", "机构合同已终止，不得再查阅档案。")
        default: return rule
        }
    }

    // MARK: Everything else

    private func other(_ reason: BlockReason, _ policy: ConductPolicy) -> String {
        let rule = reason.rule
        switch rule {
        case "contact_windows":
            let hours = policy.time.windows.map { "\($0.start)–\($0.end)" }
            var shown: [String] = []
            for hour in hours where !shown.contains(hour) { shown.append(hour) }
            return say("It is outside the hours of contact (\(list(shown))).", "不在允许联系的时段内（\(list(shown))）。")
        case "window_consent":
            return say("The person wishes to be contacted at other hours.", "不在当事人要求的联系时段内。")
        case "promise_to_pay.contact_in_window":
            return say(
                "The debtor has promised to pay and the day, with its grace days, is not over; only one reminder on the due day may go out.",
                "债务人已作出还款承诺，承诺期（含宽限日）未满；仅可在到期日提醒一次。")
        case "promise_to_pay.max_days":
            let days = policy.promise?.maxDays?.value ?? 0
            return say("A promise may be due in \(days) days at the latest.", "还款承诺最长\(days)日。")
        case "instalment_plan.max_term_months":
            let months = policy.plan?.maxTermMonths?.value ?? 0
            return say("A plan may run \(months) months at most.", "分期最长\(months)个月。")
        case "instalment_plan.required_fields": return say("The plan leaves out what it must contain.", "分期协议缺少必备内容。")
        case "instalment_plan.oral_recording_until":
            return say("The recording of an oral plan is kept until the account is settled.", "口头协议录音须至少保存至结清。")
        case "cease_notice": return say("The person has forbidden further contact.", "当事人已要求停止联系。")
        case "channel_opt_out":
            return say(
                "The person does not want this channel, or the message does not say how to opt out.", "当事人已拒绝该联系渠道，或信息未载明退订方式。")
        case "sms_verify_max_age_days":
            let days = policy.optOuts.smsVerifyMaxAgeDays?.value ?? 0
            return say("The number was not verified within \(days) days.", "该号码超过\(days)日未核验。")
        case "collectable_roles": return say("This person may not be asked to pay.", "不得向该人员催收。")
        case "representative":
            return say("Somebody acts for the debtor; only they may be contacted.", "债务人已有代理人，只能联系代理人。")
        case "workplace_mode": return say("A workplace must not be contacted.", "不得联系工作单位。")
        case "letter_required_fields": return say("The letter leaves out what it must contain.", "催收函缺少必备内容。")
        case "letter_forbidden": return say("It carries a mark that is forbidden.", "含有禁止使用的标识或字样。")
        case "letter_addresses": return say("Letters may not go to this kind of address.", "信函不得寄往此类地址。")
        case "disclosures": return say("What must be said in this contact is left out.", "未作必要的身份或目的告知。")
        case "recording.no_recorder_then": return say("Calls must be recorded, and no recorder runs.", "通话须录音，目前无法录音。")
        case "recording.retention_months": return say("The time for which the record must be kept is not over.", "记录保存期未满。")
        case "conduct_ledger.full":
            return say("There are more contacts on record than can be judged; a person must look.", "联系记录过多，须人工审核。")
        case "contact_point.invalid": return say("The number or address is invalid.", "该联系方式已失效。")
        case "promise.awaiting_ledger":
            return say(
                "A promise is due, and the bank's payments are not known that far yet.", "承诺还款已到期，银行入账尚未核对到该日。")
        case "contact_point.off": return say("The number or address is switched off.", "该联系方式已停用。")
        case "contact_point.visits_off": return say("Visits to this address are switched off.", "该地址已停止上门。")
        default: return rule
        }
    }
}
