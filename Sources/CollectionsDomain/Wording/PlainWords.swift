/// The languages in which decisions are told to people.
package enum PlainLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh"
}

/// The program's words as a person who knows the rules would say them.
package struct PlainWords: Sendable {
    let language: PlainLanguage

    package init(_ language: PlainLanguage) {
        self.language = language
    }

    /// The word of the language.
    func say(_ english: String, _ chinese: String) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// A text of the caller's own in the language.
    package func text(_ english: String, _ chinese: String) -> String { say(english, chinese) }

    /// Words one after the other.
    func list(_ words: [String]) -> String { words.joined(separator: say(", ", "、")) }

    /// What an act is called.
    package func channel(_ channel: Channel) -> String {
        switch channel {
        case .call: say("call", "电话")
        case .noticeCall: say("voice notice", "语音通知")
        case .sms: say("text message", "短信")
        case .email: say("e-mail", "电子邮件")
        case .letter: say("letter", "信函")
        case .visit: say("visit", "上门")
        }
    }

    /// Who somebody is to the debt.
    package func role(_ role: PartyRole) -> String {
        switch role {
        case .debtor: say("the debtor", "债务人")
        case .guarantor: say("a guarantor", "担保人")
        case .spouse: say("the spouse", "配偶")
        case .parentOfMinor: say("a minor's parent", "未成年人的父母")
        case .guardian: say("a guardian", "监护人")
        case .executor: say("the executor of the estate", "遗产管理人")
        case .family: say("a relative", "亲属")
        case .emergencyContact: say("a contact person", "联系人")
        case .neighbour: say("a neighbour", "邻居")
        case .employer: say("the employer", "雇主")
        case .colleague: say("a colleague", "同事")
        case .attorney: say("the attorney", "律师")
        case .debtAdviser: say("the debt adviser", "债务顾问")
        case .creditor: say("another creditor", "其他债权人")
        }
    }

    /// What a contact point is.
    package func point(_ kind: PointKind) -> String {
        switch kind {
        case .mobile: say("mobile number", "手机号码")
        case .homePhone: say("home number", "家庭电话")
        case .workPhone: say("work number", "工作电话")
        case .otherPhone: say("other number", "其他电话")
        case .email: say("e-mail address", "电子邮箱")
        case .billingAddress: say("billing address", "账单地址")
        case .homeAddress: say("home address", "家庭住址")
        case .workAddress: say("work address", "工作地址")
        case .otherAddress: say("other address", "其他地址")
        }
    }

    /// What has to be said or written.
    func element(_ element: ContentElement) -> String {
        switch element {
        case .name: say("name", "持卡人姓名")
        case .balance: say("balance", "欠款余额")
        case .reason: say("reason of the demand", "催收事由")
        case .law: say("legal basis", "相关法规")
        case .rightsDuties: say("rights and duties", "权利义务")
        case .queryChannel: say("how to query the account", "账户查询渠道")
        case .repayChannel: say("how to repay", "还款渠道")
        case .objectChannel: say("how to object", "异议渠道")
        case .evidenceChannel: say("how to give evidence", "提供证据的渠道")
        case .issuerContact: say("the issuer's contact", "发卡行联系方式")
        case .businessSeal: say("the issuer's seal", "业务公章")
        case .institution: say("name of the institution", "机构名称")
        case .agency: say("name of the agency", "受托催收机构名称")
        case .collectorId: say("the collector's staff number", "催收人员工号")
        case .purpose: say("purpose of the contact", "联系目的")
        case .debtCollector: say("that a debt collector speaks", "说明为债务催收")
        case .callerIdentity: say("who calls", "来电人身份")
        case .optOutInstruction: say("how to opt out", "退订方式")
        case .planBalance: say("balance and currency", "欠款余额、结构和币种")
        case .planRepayment: say("cycle, method and amounts of repayment", "还款周期、方式、日期和金额")
        case .planFees: say("fees during the plan", "还款期间的费用")
        case .planNoNewCards: say("no new cards until settled", "结清前不申领新卡")
        case .planDefault: say("rights and default", "权利义务和违约责任")
        case .planOther: say("other terms", "其他事项")
        }
    }

    /// Data about the debt.
    func field(_ field: DebtField) -> String {
        switch field {
        case .debtExists: say("that there is a debt", "存在债务")
        case .overdue: say("that it is overdue", "已逾期")
        case .amount: say("amounts", "金额")
        case .dates: say("dates", "日期")
        case .accountData: say("account data", "账户信息")
        case .repayAccount: say("the account to repay to", "还款账户")
        }
    }

    /// What must not be on a letter or card.
    func mark(_ mark: ContentMark) -> String {
        switch mark {
        case .postcard: say("postcard", "明信片形式")
        case .visibleDebtMark: say("visible mark of a debt", "外观可见债务标记")
        case .senderNameHintsDebt: say("sender's name that hints at a debt", "寄件人名称暗示债务")
        case .lateFeeTerm: say("the abolished late fee", "“滞纳金”字样")
        case .stateOrganStyling: say("dress of a court or the police", "公检法样式")
        case .misleadingCard: say("misleading card", "误导性卡片")
        }
    }

    /// What stops work.
    package func hold(_ type: HoldType) -> String {
        switch type {
        case .dispute: say("a dispute is open", "存在未处理完毕的异议")
        case .moratorium: say("a moratorium (breathing space) runs", "处于法定宽限期")
        case .crisisMoratorium: say("a mental-health crisis moratorium runs", "处于精神健康危机宽限期")
        case .adviserPlan: say("a debt adviser is working out a plan", "债务顾问正在制定方案")
        case .incapacity: say("the debtor cannot act, or there is doubt about it", "债务人无行为能力或存疑")
        case .vulnerableVisit: say("the debtor is vulnerable and must not be visited", "债务人属弱势群体，不得上门")
        case .instalmentPlan: say("an instalment plan is kept", "个性化分期协议正在履行")
        case .promise: say("a promise to pay runs", "还款承诺期内")
        case .deceased: say("the debtor is reported dead", "债务人已死亡或据报死亡")
        case .ombudsman: say("a complaint lies with the ombudsman", "申诉专员正在处理投诉")
        case .complaint: say("a complaint is open", "投诉处理中")
        case .hardship: say("hardship was reported and is being looked at", "债务人申报困难，正在核实")
        case .bankRequest: say("the bank is deciding a request", "银行正在审批申请")
        case .cease: say("the bank has stopped collection", "银行已决定停催")
        case .fraudClaim: say("fraud or identity theft is claimed", "主张盗刷或身份被冒用")
        case .minor: say("the debtor is a minor", "债务人为未成年人")
        case .custody: say("the debtor is in custody", "债务人被羁押")
        case .selfHarmRisk: say("there is a risk of self-harm", "存在自伤风险")
        case .operator: say("an operator has stopped it", "操作员已手工停催")
        }
    }

    /// Why a rule binds.
    func force(_ force: Force) -> String {
        switch force {
        case .law: say("law", "法律法规")
        case .presumption: say("breaking it is presumed a violation", "违反即推定违规")
        case .standard: say("recommended standard", "行业标准或自律规范")
        case .bank: say("the bank's own rule", "本行规定")
        }
    }

    /// A fact that is not known.
    func fact(_ name: String) -> String {
        switch name {
        case "zones": say("where the person is (time zone)", "债务人所在时区")
        case "policy_in_force": say("a policy that is in force on this day", "当日有效的政策")
        case "holidays": say("the list of public holidays", "节假日历")
        case "employer_prohibits": say("whether the employer prohibits contact at work", "雇主是否禁止在工作场所联系")
        case "number_invalid": say("whether the debtor's numbers still work", "债务人号码是否失效")
        case "deceased_on": say("whether the debtor is alive", "债务人是否在世")
        case "incapacitated": say("whether the debtor can act", "债务人是否具有行为能力")
        case "capacity_in_doubt": say("whether there is doubt about the debtor's capacity", "债务人行为能力是否存疑")
        case "vulnerable": say("whether the debtor is vulnerable", "债务人是否属弱势群体")
        case "last_inbound_on": say("when a message last came from the number", "该号码最近一次来信日期")
        case "last_check_on": say("when the number was last checked", "该号码最近一次核验日期")
        case "sub_area": say("in which part of the country the debtor lives", "债务人所在地区")
        case "limitation_end": say("when limitation ends", "诉讼时效届满日")
        case "default_date": say("when the default began", "违约起始日")
        case "principal": say("the principal", "本金")
        case "fx_rate": say("an exchange rate", "汇率")
        case "last_activity_on": say("the last activity on the account", "账户最近活动日")
        case "settled_on": say("whether the account is settled", "账户是否结清")
        case "outsourcing_notice": say("whether the debtor was told of the outsourcing", "是否已告知债务人委外")
        case "legal_review_done": say("whether there was a legal review", "是否已完成法律审查")
        case "listed": say("whether the agency is on the public list", "机构是否在公示名单内")
        case "last_evaluated_on": say("when the agency was last evaluated", "机构最近评估日期")
        case "last_trained_on": say("when the agency's staff was last trained", "机构人员最近培训日期")
        case "contract_end": say("when the agency's contract ends", "机构合同到期日")
        case "subcontracts": say("whether the agency subcontracts", "机构是否转委托")
        case "commission_only": say("whether the agency is paid by commission alone", "机构是否纯按回款计酬")
        case "agencies_in_use": say("how many agencies hold accounts", "在用机构数量")
        default: name
        }
    }

    /// A day and a minute on the clock of a zone: `Wed 2026-12-02 08:00 (Asia/Shanghai)`.
    package func time(_ instant: Instant, in zone: Zone) -> String {
        let local = zone.local(of: instant)
        let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
        let index = local.day.weekday.index
        return say(
            "\(weekdays[index]) \(local.day) \(local.time) (\(zone))", "\(local.day)（\(chinese[index])）\(local.time)（\(zone)）")
    }
}
