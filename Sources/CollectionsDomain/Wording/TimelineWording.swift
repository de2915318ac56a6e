/// What agencies and operators are called, by their numbers.
package struct TimelineNames: Sendable {
    package var agencies: [Int32: String]
    package var persons: [Int32: String]

    package init(agencies: [Int32: String], persons: [Int32: String]) {
        self.agencies = agencies
        self.persons = persons
    }
}

extension PlainWords {
    /// Who brought something about.
    package func actor(_ actor: TimelineActor, names: TimelineNames) -> String {
        switch actor {
        case .agency(let id): names.agencies[id] ?? say("agency \(id)", "机构\(id)")
        case .person(let id): names.persons[id].map { say("operator \($0)", "操作员\($0)") } ?? say("operator \(id)", "操作员\(id)")
        case .run(let name):
            switch name {
            case "reconcile": say("reconciliation", "对账")
            case "sweep": say("the coordinator", "系统")
            case "placement": say("placement run", "委案批次")
            default: name
            }
        case .ledger: say("the bank's ledger", "银行账务")
        case .bank: say("the bank", "银行")
        case .debtor: say("the debtor", "债务人")
        }
    }

    /// What happened, in one sentence without a full stop.
    ///
    /// - Parameter zone: The zone on whose clock times are shown.
    package func sentence(_ fact: TimelineFact, zone: Zone) -> String {
        switch fact {
        case .caseOpened(let stage): return say("the case is opened at stage \(self.stage(stage))", "立案，阶段：\(self.stage(stage))")
        case .caseClosed(let code):
            return code.map { say("the case is closed: \(close($0))", "结案：\(close($0))") } ?? say("the case is closed", "结案")
        case .decided(let state):
            let words = CaseState.Code(rawValue: state).map(code) ?? state
            return say("decided by the rules; the case is \(words)", "按规则判定，案件状态：\(words)")
        case .placed(let account, let tier, let amount, let until):
            return say(
                "account \(account) is placed, tier \(tier), balance \(amount), term ends \(time(until, in: zone))",
                "账户\(account)委案，第\(tier)手，余额\(amount)，到期\(time(until, in: zone))")
        case .placementEnded(let account, let code):
            let why = code.map(close) ?? ""
            return say("the placement of account \(account) ends: \(why)", "账户\(account)退出委案：\(why)")
        case .debtorTold(let channel, let state):
            return say("the debtor is told of the agency (\(channel), \(state))", "告知债务人受托机构（\(channel)，\(state)）")
        case .granted: return say("the task is leased", "领取任务")
        case .withheld(let until):
            let when = until.map { time($0, in: zone) }
            return when.map { say("the task is not handed out before \($0)", "任务暂不发放，至\($0)") }
                ?? say("the task is not handed out", "任务暂不发放")
        case .permit(let until):
            return until.map { say("a visit is permitted until \(time($0, in: zone))", "准许上门，至\(time($0, in: zone))") }
                ?? say("a visit is not permitted", "不准上门")
        case .leaseEnded(let how):
            switch how {
            case .expired: return say("the lease ran out; the act is presumed done", "领用超时，推定已执行")
            case .handlerFailed: return say("the worker failed; the act is presumed done", "处理失败，推定已执行")
            case .released: return say("the task was given back unworked", "任务退回")
            }
        case .outcome(let step, let result, let contact):
            return "\(self.step(step)): \(self.result(result))" + details(contact)
        case .lateOutcome(let result, let reason, let contact):
            return say("reported too late (\(reason)): \(self.result(result))", "逾时上报（\(reason)）：\(self.result(result))")
                + details(contact)
        case .taskEnded(let reason): return say("the task ends: \(end(reason))", "任务终止：\(end(reason))")
        case .contact(let contact):
            return self.channel(contact.channel) + ": " + self.contact(contact.outcome) + details(contact)
        case .activity(let type, let contact):
            return say("reported outside a task: \(type.replacing("_", with: " "))", "任务外上报：\(type)") + details(contact)
        case .promiseTaken(let type, let amount, let due, let account):
            return say("\(promise(type)): \(amount) by \(due), account \(account)", "\(promise(type))：\(amount)，\(due)前，账户\(account)")
        case .promiseJudged(let type, let state, let paid, let account):
            let sum = paid.map { say(", \($0) paid", "，已付\($0)") } ?? ""
            return say(
                "\(promise(type)) on account \(account): \(promise(state))\(sum)", "账户\(account)\(promise(type))：\(promise(state))\(sum)")
        case .planSigned(let months, let account):
            return say("an instalment plan over \(months) months begins, account \(account)", "签订分期协议，\(months)个月，账户\(account)")
        case .money(let entry, let amount, let paidAt, let account):
            return say(
                "\(self.entry(entry)): \(amount) on account \(account), dated \(zone.day(of: paidAt))",
                "\(self.entry(entry))：\(amount)，账户\(account)，日期\(zone.day(of: paidAt))")
        case .adjustment(let type, let amount, let account):
            return say("\(adjustment(type)): \(amount) on account \(account)", "\(adjustment(type))：\(amount)，账户\(account)")
        case .holdSet(let type, let until, let account):
            let where_ = account.map { say(" on account \($0)", "（账户\($0)）") } ?? ""
            let end = until.map { say(", until \(time($0, in: zone))", "，至\(time($0, in: zone))") } ?? ""
            return say("work is stopped\(where_): \(hold(type))\(end)", "暂停\(where_)：\(hold(type))\(end)")
        case .holdReleased(let type, let account):
            let where_ = account.map { say(" on account \($0)", "（账户\($0)）") } ?? ""
            return say("the stop is lifted\(where_): \(hold(type))", "解除暂停\(where_)：\(hold(type))")
        case .requestAsked(let type, let due):
            return say(
                "the bank is asked for \(request(type)), to answer by \(time(due, in: zone))", "提交\(request(type))，时限\(time(due, in: zone))"
            )
        case .requestDecided(let type, let granted, let persons):
            let who = persons > 1 ? say(", by two persons", "（双人）") : ""
            return granted
                ? say("the bank grants \(request(type))\(who)", "银行同意\(request(type))\(who)")
                : say("the bank refuses \(request(type))\(who)", "银行不同意\(request(type))\(who)")
        case .requestWithdrawn(let type): return say("the question of \(request(type)) is settled", "\(request(type))已了结")
        case .letter(let event): return letter(event)
        case .legalProposed(let amount, let account):
            let sum = amount.map { say(" over \($0)", "，金额\($0)") } ?? ""
            return say("legal steps are proposed\(sum), account \(account)", "提出法律程序建议\(sum)，账户\(account)")
        case .legalDecided(let approved, let route, let account):
            guard approved else { return say("legal steps are rejected, account \(account)", "法律程序未获批准，账户\(account)") }
            let way = route.map { ": " + self.route($0) } ?? ""
            return say("legal steps are approved\(way), account \(account)", "法律程序获批\(way)，账户\(account)")
        case .cardOrdered(let block, let due):
            let by = time(due, in: zone)
            return block
                ? say("the card is to be blocked, to be confirmed by \(by)", "要求止付，\(by)前确认")
                : say("the card is to be unblocked, to be confirmed by \(by)", "要求解除止付，\(by)前确认")
        case .cardConfirmed(let block): return block ? say("the card is blocked", "已止付") : say("the card is unblocked", "已解除止付")
        case .recall(let event, let category, let account):
            switch event {
            case .requested: return say("account \(account) is recalled (\(category))", "账户\(account)撤案（\(category)）")
            case .executed: return say("the recall of account \(account) takes effect", "账户\(account)撤案生效")
            case .confirmed: return say("the agency confirms that work on account \(account) has stopped", "机构确认停止账户\(account)作业")
            }
        case .complaint(let source, let answered):
            return answered ? say("the complaint is answered", "投诉已答复") : say("a complaint came in (\(source))", "收到投诉（\(source)）")
        case .noticed(let kind, let confirmed):
            let what = kind.replacing("_", with: " ")
            return confirmed
                ? say("the agency confirms the notice: \(what)", "机构确认通知：\(kind)") : say("the agency is told: \(what)", "通知机构：\(kind)")
        case .violation(let rule): return say("a violation is recorded: \(rule)", "记录违规：\(rule)")
        case .breakOpened(let kind, let severity):
            return say("a difference is raised: \(kind) (\(severity.rawValue))", "生成差异：\(kind)（\(severity.rawValue)）")
        case .breakClosed(let kind): return say("the difference \(kind) is settled", "差异已关闭：\(kind)")
        case .quarantined: return say("the task is put aside for an operator", "任务转人工")
        case .quarantineReleased: return say("an operator hands the task back", "人工放行任务")
        }
    }

    /// A state without its details.
    package func code(_ code: CaseState.Code) -> String {
        switch code {
        case .ready: say("ready", "待办")
        case .leased: say("being worked on", "处理中")
        case .waiting: say("waiting", "等待")
        case .promised: say("promised", "承诺期")
        case .planned: say("planned", "分期中")
        case .requested: say("with the bank for a decision", "待银行审批")
        case .held: say("stopped", "已暂停")
        case .handover: say("to be handed over", "待移交")
        case .recalling: say("being recalled", "撤案中")
        case .closed: say("closed", "已结案")
        }
    }

    /// Whom an act reached and what came of it; told behind the result.
    private func details(_ contact: TimelineContact?) -> String {
        guard let contact else { return "" }
        let way = contact.isInbound ? say("from", "来自") : say("to", "对象")
        let late = contact.isLate ? say(", counted late", "，补计") : ""
        return say(
            " (\(channel(contact.channel)) \(way) \(role(contact.role)): \(self.contact(contact.outcome))\(late))",
            "（\(channel(contact.channel))，\(way)\(role(contact.role))，\(self.contact(contact.outcome))\(late)）")
    }

    private func letter(_ event: TimelineFact.LetterEvent) -> String {
        switch event {
        case .ordered: return say("a letter is ordered", "下达信函")
        case .posted(let number): return say("the letter is posted", "信函寄出") + (number.map { " (\($0))" } ?? "")
        case .answered: return say("the debtor answers the letter", "债务人回信")
        case .ended(let state, let reason):
            let why = reason.map { " (\($0))" } ?? ""
            switch state {
            case .delivered: return say("the letter is delivered", "信函已送达") + why
            case .returned: return say("the letter comes back", "退信") + why
            case .noTrace: return say("the letter has no trace in the post", "信函无邮路记录") + why
            case .refused: return say("the letter is refused at the door", "信函拒收") + why
            case .stopped: return say("the letter is stopped before the post", "信函停寄") + why
            case .ordered, .issued, .posted: return say("the letter is \(state.rawValue)", "信函\(state.rawValue)") + why
            }
        }
    }

    private func entry(_ entry: PaymentEntry) -> String {
        switch entry {
        case .payment: say("payment", "还款")
        case .reversal: say("reversal", "冲正")
        case .refund: say("refund", "退款")
        case .chargeback: say("chargeback", "拒付退单")
        case .waiver: say("waiver", "减免")
        }
    }

    private func adjustment(_ type: AdjustmentType) -> String {
        switch type {
        case .accrualInterest: say("interest accrues", "计息")
        case .penalty: say("liquidated damages", "违约金")
        case .fee: say("fee", "费用")
        case .waiver: say("waiver", "减免")
        case .chargeOff: say("charge-off", "核销")
        case .purchase: say("purchase", "消费")
        case .conversion: say("conversion", "币种转换")
        }
    }
}
