// What the parts of a case are called.

extension PlainWords {
    /// A stage.
    package func stage(_ stage: Stage) -> String {
        switch stage {
        case .informationGathering: say("information gathering", "信息收集")
        case .phone: say("phone", "电话催收")
        case .letter: say("letter", "信函催收")
        case .fieldVisit: say("field visit", "上门催收")
        case .legalReferral: say("legal referral", "法律程序")
        }
    }

    /// What a task asks for.
    package func step(_ step: Step) -> String {
        switch step {
        case .gather: say("completing the dossier", "补充资料")
        case .call: say("call", "电话")
        case .smsReminder: say("reminder by text message", "短信提醒")
        case .emailReminder: say("reminder by e-mail", "邮件提醒")
        case .registeredLetter: say("registered letter", "挂号信")
        case .visit: say("visit", "上门")
        case .legalDossier: say("legal dossier", "诉讼材料")
        case .lawFirm: say("law firm's step", "律所程序")
        }
    }

    /// Where a case stands, and why it is not worked on.
    ///
    /// - Parameter zone: The zone on whose clock times are shown.
    package func state(_ state: CaseState, zone: Zone) -> String {
        switch state {
        case .ready: say("ready: the next task may be worked when it is due", "待办：下一任务到期即可处理")
        case .leased: say("being worked on", "处理中")
        case .waiting(let until, let reason):
            say("waiting until \(time(until, in: zone)): \(wait(reason))", "等待至\(time(until, in: zone))：\(wait(reason))")
        case .promised(let until):
            say(
                "a promise runs; its days of grace end \(time(until, in: zone))", "还款承诺期内，宽限期至\(time(until, in: zone))")
        case .planned: say("an instalment plan is kept", "分期协议履行中")
        case .requested(let type, let sla):
            say(
                "the bank decides on \(request(type)), by \(time(sla, in: zone)) at the latest",
                "银行审批\(request(type))，最迟\(time(sla, in: zone))")
        case .held(let type): say("stopped: \(hold(type))", "已暂停：\(hold(type))")
        case .handover: say("waits for another agency that can do the next stage", "等待移交可办理下一阶段的机构")
        case .recalling: say("the bank is taking the accounts back", "银行撤案中")
        case .closed(let code): say("closed: \(close(code))", "已结案：\(close(code))")
        }
    }

    /// Why a case waits.
    package func wait(_ reason: WaitReason) -> String {
        switch reason {
        case .letterAnswer: say("the debtor has time to answer the letter", "等待信函答复")
        case .paidClaimed: say("somebody says it is paid, and the ledger has not spoken", "称已还款，待账务确认")
        case .curePending: say("nothing is due any more; the bank confirms the cure", "逾期已还清，待银行确认")
        case .representative: say("a representative has time to answer", "等待代理人答复")
        case .skipTrace: say("the bank searches for contact data", "银行正在查找联系方式")
        case .stageMinimum: say("the stage's attempts are used, its least days are not over", "本阶段次数已用完，最短期限未满")
        case .callsLater: say("calls are not allowed yet", "尚不得致电")
        case .termEnd: say("nothing is left to do before the term ends", "委案到期前无可进行的作业")
        case .lawFirmEvent: say("the law firm's next event", "等待律所下一进展")
        }
    }

    /// What the bank is asked.
    package func request(_ type: RequestType) -> String {
        switch type {
        case .hardship: say("hardship relief", "困难减免申请")
        case .plan: say("an instalment plan", "分期申请")
        case .extension: say("an extension", "延期申请")
        case .settlement: say("a settlement", "减免结清申请")
        case .skipTrace: say("a search for contact data", "失联修复")
        case .dataCorrection: say("a correction of data", "数据更正")
        case .deceasedCheck: say("a check of what was reported about the person", "身故等情况核实")
        case .legal: say("legal steps", "法律程序申请")
        case .legalReview: say("a legal review", "法律审查")
        }
    }

    /// Why a placement ended.
    package func close(_ code: CloseCode) -> String {
        switch code {
        case .cured: say("cured, nothing is overdue any more", "逾期已还清")
        case .paidInFull: say("paid in full", "全额结清")
        case .settledInFull: say("settled in full", "减免结清")
        case .untraceable: say("the debtor was not found", "失联")
        case .exhausted: say("everything was tried", "手段用尽")
        case .expired: say("the term ended", "委案到期")
        case .legal: say("goes on by legal steps", "转法律程序")
        case .stageNotContracted: say("the agency does not do the next stage", "机构无下一阶段业务")
        case .recalled: say("taken back by the bank", "银行撤案")
        case .compliance: say("taken back for compliance", "合规撤案")
        case .deceased: say("the debtor has died", "债务人身故")
        case .withdrawn: say("withdrawn", "已撤回")
        case .dismissed: say("dismissed by the court", "法院驳回")
        case .enforcementClosed: say("enforcement was closed without result", "终结本次执行")
        }
    }

    /// Why a task ended without an outcome.
    package func end(_ reason: TaskEndReason) -> String {
        switch reason {
        case .recall: say("the bank took the accounts back", "银行撤案")
        case .hold: say("a hold stopped it", "因暂停而终止")
        case .closed: say("the case was closed", "案件已结")
        case .payment: say("money came in", "已入账还款")
        case .replaced: say("another task took its place", "由新任务替代")
        case .quarantine: say("it was put aside for an operator", "转人工处理")
        case .suspended: say("the agency was suspended", "机构被暂停")
        case .expired: say("its lease ran out", "领用超时")
        case .released: say("it was given back", "已退回")
        }
    }

    /// What a promise is.
    package func promise(_ type: PromiseType) -> String {
        switch type {
        case .payment: say("promise to pay", "还款承诺")
        case .extension: say("extension", "延期")
        case .settlement: say("settlement offer", "减免结清方案")
        case .rest: say("promise for the rest", "剩余款承诺")
        }
    }

    /// How a promise was judged.
    package func promise(_ state: PromiseState) -> String {
        switch state {
        case .open: say("runs", "履行中")
        case .awaitingLedger: say("waits for the ledger", "待账务确认")
        case .kept: say("kept", "已兑现")
        case .partiallyKept: say("kept in part", "部分兑现")
        case .broken: say("broken", "跳票")
        case .claimed: say("reported late; an operator decides whether it counts", "逾时上报，待人工认定")
        case .cancelled: say("cancelled", "已取消")
        }
    }

    /// What the bank decided on a proposal for legal steps. A report to the police is never named here.
    package func route(_ route: StagePolicy.LegalReferral.Route) -> String {
        switch route {
        case .lawyerLetter: say("a lawyer's letter", "律师函")
        case .mediation: say("mediation", "调解")
        case .paymentOrder: say("a payment order", "支付令")
        case .civil: say("a civil suit", "民事诉讼")
        case .criminalReport: say("a step of the bank's own", "银行内部程序")
        }
    }

    /// What is missing for legal steps, by the policy's key.
    package func guardFact(_ key: String) -> String {
        switch key {
        case "min_amount": return say("the amount is below the bank's threshold", "金额未达门槛")
        case "min_collections": return say("too few confirmed collections", "有效催收次数不足")
        case "min_months_unpaid": return say("not unpaid long enough", "逾期月数不足")
        case "min_letters_posted": return say("no letter was posted", "未寄出信函")
        case "dossier": return say("the dossier is not whole", "材料不完整")
        case "missing_fact.fx_rate": return say("no exchange rate is known", "缺少汇率")
        default:
            let type = key.split(separator: ".").last.flatMap { HoldType(rawValue: String($0)) }
            return type.map(hold) ?? key
        }
    }

    /// An act at one contact point of a person.
    package func act(_ channel: Channel, role: PartyRole, point: PointKind, id: Int64) -> String {
        say(
            "\(self.channel(channel)) to \(self.role(role)), \(self.point(point)) \(id)",
            "\(self.channel(channel))，\(self.role(role))，\(self.point(point)) \(id)")
    }
}
