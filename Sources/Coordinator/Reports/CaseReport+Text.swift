package import CollectionsDomain
import CollectionsStore

extension CaseReport {
    /// One line of the record in words.
    package struct Line: Encodable, Sendable {
        /// Business time, with the zone's offset.
        package let at: String
        /// The same on the clock of the zone, for people.
        package let local: String
        package let actor: String
        package let kind: String
        package let text: String
        package let rules: [String]
        package let `case`: String?
        package let task: String?

        enum CodingKeys: String, CodingKey { case at, local, actor, kind, text, rules, `case`, task }
    }

    /// The record in words, oldest first.
    package func lines(_ words: PlainWords) -> [Line] {
        timeline.map { entry in
            Line(
                at: entry.at.iso8601(in: zone), local: Self.local(entry.at, zone), actor: words.actor(entry.actor, names: names),
                kind: entry.fact.kind, text: words.sentence(entry.fact, zone: zone), rules: entry.rules,
                case: entry.caseId.map(Self.reference), task: entry.task.map(String.init))
        }
    }

    /// Whether a fact belongs to another case of the debtor.
    private func isForeign(_ line: Line) -> Bool { line.case.map { $0 != Self.reference(head.caseId) } ?? false }

    private static func local(_ instant: Instant, _ zone: Zone) -> String {
        let (day, time) = zone.local(of: instant)
        return "\(day) \(time)"
    }

    /// The head of the report in words: where the case stands and why.
    package func headLines(_ words: PlainWords) -> [String] {
        let holder = words.actor(.agency(head.agencyId), names: names)
        var lines = [
            words.text(
                "Case \(Self.reference(head.caseId)), debtor \(head.debtorRef)", "案件\(Self.reference(head.caseId))，债务人\(head.debtorRef)"),
            words.text("Holder: \(holder)", "受托机构：\(holder)"),
            words.text("Stage: \(words.stage(head.stage))", "阶段：\(words.stage(head.stage))")
                + words.text(" since \(words.time(head.stageEnteredAt, in: zone))", "，自\(words.time(head.stageEnteredAt, in: zone))起")
                + (head.lightCadence ? words.text(", light cadence to the term's end", "，低频跟进至到期") : ""),
            words.text("State: \(words.state(state, zone: zone))", "状态：\(words.state(state, zone: zone))"),
            words.text(
                "Why: rule \(head.lastRule), policy version \(head.policyVersion)", "依据：规则\(head.lastRule)，政策版本\(head.policyVersion)"),
        ]
        for task in tasks {
            let due = words.time(task.dueAt, in: zone)
            let who = words.actor(.agency(task.agencyId), names: names)
            let leased = task.isLeased ? words.text(", leased", "，已领取") : ""
            lines.append(
                words.text(
                    "Task \(task.taskId): \(words.step(task.step)) by \(who), due \(due)\(leased)",
                    "任务\(task.taskId)：\(words.step(task.step))，\(who)，到期\(due)\(leased)"))
        }
        for row in placed {
            let end = words.time(row.termEnd, in: zone)
            let due = Self.amount(row.amountDue, row.currency)
            let balance = Self.amount(row.balance, row.currency)
            let closed = row.closeCode.flatMap(CloseCode.init).map { "; " + words.close($0) } ?? ""
            lines.append(
                words.text(
                    "Account \(row.accountRef): due \(due), balance \(balance), \(row.daysPastDue) days past due on \(row.asOf), card \(row.cardStatus), "
                        + "tier \(row.tier), term ends \(end)\(closed)",
                    "账户\(row.accountRef)：应还\(due)，余额\(balance)，截至\(row.asOf)逾期\(row.daysPastDue)天，卡状态\(row.cardStatus)，第\(row.tier)手，"
                        + "到期\(end)\(closed)"))
        }
        return lines
    }

    /// What may lawfully happen next, channel by channel, and whether legal steps may be proposed.
    package func nextLines(_ words: PlainWords) -> [String] {
        if state.isClosed {
            return [words.text("Nothing: the case is closed.", "无：案件已结。")]
        }
        var lines: [String] = []
        for act in next {
            guard let answer = act.answer else {
                lines.append(
                    words.text(
                        "\(words.channel(act.channel)): the debtor has no contact point for it",
                        "\(words.channel(act.channel))：无可用联系方式"))
                continue
            }
            let point = answer.point
            let what = words.act(act.channel, role: point.role.ledgerRole, point: point.channel.kind, id: point.id)
            lines += words.lines(answer.decision, pace: answer.pace, of: what, policy: policy.conduct, zone: zone)
        }
        for guardFacts in guards {
            let account = accountRefs[guardFacts.account] ?? "\(guardFacts.account)"
            if guardFacts.holds {
                lines.append(
                    words.text("Legal steps may be proposed for account \(account)", "账户\(account)可提出法律程序建议"))
            } else {
                let missing = guardFacts.missing.map(words.guardFact).joined(separator: "; ")
                lines.append(
                    words.text(
                        "Legal steps may not be proposed for account \(account): \(missing)", "账户\(account)尚不可提出法律程序建议：\(missing)"))
            }
        }
        return lines
    }

    /// What may come next on one contact point, for programs.
    package struct Next: Encodable, Sendable {
        package let channel: String
        package let stage: String
        package let contactPoint: String?
        package let role: String?
        package let allowed: Bool
        /// When it becomes possible; absent: now, or not before something happens.
        package let earliest: String?
        package let rules: [String]

        enum CodingKeys: String, CodingKey {
            case channel, stage, role, allowed, earliest, rules
            case contactPoint = "contact_point_id"
        }
    }

    /// The gate's word and the bank's pace on every contact point, with rule ids.
    package var nextActs: [Next] {
        next.map { act in
            guard let answer = act.answer else {
                return Next(
                    channel: act.channel.name, stage: act.stage.name, contactPoint: nil, role: nil, allowed: false, earliest: nil,
                    rules: ["contact_point.none"])
            }
            var rules: [String] = []
            if case .blocked(let reasons, _) = answer.decision { rules = reasons.map(\.rule) }
            return Next(
                channel: act.channel.name, stage: act.stage.name, contactPoint: "\(answer.point.id)", role: answer.point.role.rawValue,
                allowed: answer.decision.isAllowed && answer.pace.isEmpty && !state.isClosed, earliest: answer.earliest?.iso8601(in: zone),
                rules: rules + answer.pace.map(\.rule))
        }
    }

    /// The whole report as text lines.
    package func text(_ words: PlainWords) -> [String] {
        var lines = headLines(words)
        lines += ["", words.text("What happened (clock of \(zone)):", "经过（\(zone)时间）：")]
        for line in self.lines(words) {
            let rules = line.rules.isEmpty ? "" : "  [\(line.rules.joined(separator: ", "))]"
            let other = isForeign(line) ? "  (\(line.case ?? ""))" : ""
            lines.append("  \(line.local)  \(line.actor): \(line.text)\(rules)\(other)")
        }
        lines += ["", words.text("What may come next, as of \(words.time(at, in: zone)):", "后续可进行的作业（截至\(words.time(at, in: zone))）：")]
        lines += nextLines(words).map { "  " + $0 }
        return lines
    }

    /// Decimal major units with the currency; an unknown currency is shown in minor units.
    static func amount(_ minorUnits: Int64, _ code: String) -> String {
        Currency(code).map { Money(minorUnits: minorUnits, currency: $0).description } ?? "\(minorUnits) \(code)"
    }
}
