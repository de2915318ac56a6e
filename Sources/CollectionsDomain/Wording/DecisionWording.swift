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
