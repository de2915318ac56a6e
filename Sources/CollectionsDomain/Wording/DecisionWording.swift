extension PlainWords {
    /// A decision for a person who knows the rules and not the program: allowed or not, until or from when, and why.
    ///
    /// - Parameters:
    ///   - what: What is to be done, such as `call: the debtor, mobile number 17`.
    ///   - zone: The zone on whose clock times are shown.
    /// - Returns: Lines, the first of which is the answer.
    package func lines(_ decision: GateDecision, of what: String, policy: ConductPolicy, zone: Zone) -> [String] {
        switch decision {
        case .allowed(let until, let conditions):
            let end = until == .distantFuture ? nil : time(until, in: zone)
            var lines = [
                end.map { say("Allowed until \($0): \(what)", "允许，截至\($0)：\(what)") } ?? say("Allowed: \(what)", "允许：\(what)")
            ]
            lines += self.conditions(conditions).map { "  - " + $0 }
            return lines
        case .blocked(let reasons, let earliest):
            var lines = [say("Not allowed: \(what)", "不允许：\(what)")]
            if let earliest {
                lines.append(
                    "  "
                        + say(
                            "Earliest: \(time(earliest, in: zone)), if nothing else happens",
                            "最早可进行时间：\(time(earliest, in: zone))（如无其他情况）"))
            } else {
                lines.append("  " + say("No time can be said: something has to happen first", "无法给出时间：须先消除下列原因"))
            }
            for (index, reason) in reasons.enumerated() {
                var line = "  \(index + 1). " + sentence(reason, policy: policy)
                if reason.isForReview { line += say(" A named person may clear it.", "可由指定人员审核放行。") }
                lines.append(line)
                let gone = reason.lifts.map { say("gone from \(time($0, in: zone))", "至\(time($0, in: zone))解除") }
                lines.append(
                    "     " + say("[\(reason.rule)] \(basis(reason, policy: policy))", "[\(reason.rule)] \(basis(reason, policy: policy))")
                        + (gone.map { say("; ", "；") + $0 } ?? ""))
            }
            return lines
        }
    }

    /// The decision with the bank's own pace beside it: what the law allows, the pace may still put off.
    package func lines(
        _ decision: GateDecision, pace: [ContactCadence.Wait], of what: String, policy: ConductPolicy, zone: Zone
    ) -> [String] {
        guard let latest = pace.map(\.earliest).max() else { return lines(decision, of: what, policy: policy, zone: zone) }
        var lines: [String]
        switch decision {
        case .allowed:
            lines = [
                say("Not yet: \(what)", "暂不进行：\(what)"),
                "  "
                    + say(
                        "The rules allow it; the bank's own pace does from \(time(latest, in: zone))",
                        "规则允许；按本行催收节奏，自\(time(latest, in: zone))起可进行"),
            ]
        case .blocked(_, let earliest):
            lines = self.lines(decision, of: what, policy: policy, zone: zone)
            if let earliest, latest > earliest {
                lines.insert(
                    "  " + say("By the bank's own pace: \(time(latest, in: zone))", "按本行催收节奏：\(time(latest, in: zone))"), at: 2)
            }
        }
        for wait in pace {
            lines.append("  - " + self.pace(wait.rule))
            lines.append("     [\(wait.rule)] " + say("gone from \(time(wait.earliest, in: zone))", "至\(time(wait.earliest, in: zone))解除"))
        }
        return lines
    }

    /// A rule of the bank's own pace as a sentence.
    package func pace(_ rule: String) -> String {
        switch rule {
        case "stages.phone.call.max_per_point_day":
            say("The bank's pace: this number was dialled often enough today.", "本行节奏：该号码今日拨打次数已满。")
        case "stages.phone.call.max_per_party_day":
            say("The bank's pace: the debtor was dialled often enough today.", "本行节奏：今日对债务人拨打次数已满。")
        case "stages.phone.call.after_talk_days":
            say("The bank's pace: the debtor was talked to a short while ago, by whomever.", "本行节奏：近日已与债务人通话（含本行及各机构）。")
        case "stages.phone.call.spacing_minutes":
            say("The bank's pace: the last dial was a short while ago.", "本行节奏：距上次拨打时间过短。")
        case "stages.phone.sms_reminder.max_per_day":
            say("The bank's pace: today's message was sent.", "本行节奏：今日提醒信息已发送。")
        case "stages.phone.sms_reminder.max_per_7_days":
            say("The bank's pace: the messages of seven days were sent.", "本行节奏：七日内提醒信息已满。")
        case "stages.phone.sms_reminder.spacing_days":
            say("The bank's pace: the last message was sent a short while ago.", "本行节奏：距上次提醒信息时间过短。")
        default: rule
        }
    }

    /// What an allowed act has to keep to.
    private func conditions(_ conditions: GateConditions) -> [String] {
        var lines: [String] = []
        if conditions.isDueDayReminder { lines.append(say("this is the one reminder of the due day", "此为到期日唯一一次提醒")) }
        if conditions.recorder { lines.append(say("record it", "须全程录音录像")) }
        if conditions.collectors > 0 {
            lines.append(say("at least \(conditions.collectors) collectors", "至少\(conditions.collectors)名催收人员"))
        }
        if !conditions.disclosures.isEmpty {
            lines.append(say("say: ", "须告知：") + list(conditions.disclosures.elements.map(element)))
        }
        if conditions.optOutInstruction { lines.append(say("say how to opt out", "须载明退订方式")) }
        if !conditions.letterFields.isEmpty {
            lines.append(say("the letter must contain: ", "信函须载明：") + list(conditions.letterFields.elements.map(element)))
        }
        if !conditions.forbiddenFields.isEmpty {
            lines.append(say("do not tell: ", "不得透露：") + list(conditions.forbiddenFields.elements.map(field)))
        }
        if !conditions.forbiddenMarks.isEmpty {
            lines.append(say("never: ", "禁止：") + list(conditions.forbiddenMarks.elements.map(mark)))
        }
        return lines
    }
}
