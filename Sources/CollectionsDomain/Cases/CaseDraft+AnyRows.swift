// Rows *any* of DOMAIN section 3: results of every step.

extension CaseDraft {
    /// H complaint; the case keeps its stage.
    mutating func complaint() {
        rule("any.complaint")
        setHold(.complaint, reason: "any.complaint")
    }

    /// H dispute on the accounts named, none named: all. The others go on.
    mutating func dispute(_ named: [Int64]) {
        rule("any.dispute")
        let known = named.filter { id in collected.contains { $0.id == id } }
        for id in known.isEmpty ? collected.map(\.id) : known { setHold(.dispute, account: id, reason: "any.dispute") }
    }

    /// RQ of a type that stops demands.
    mutating func ask(_ type: RequestType, _ report: ReportedOutcome) {
        rule("any.\(type == .hardship ? "hardship" : "\(type.rawValue)_requested")")
        request(
            type, subject: report.result.name, accounts: report.accounts, amount: report.promise?.amount, date: report.promise?.due)
    }

    /// H on the whole debtor, which the bank verifies (DOMAIN section 2, death and the like).
    mutating func reported(_ type: HoldType, rule id: String) {
        rule(id)
        setHold(type, reason: id)
        request(.deceasedCheck, subject: type.rawValue)
    }

    /// As ``reported(_:rule:)``, and the bank is called within the hour.
    mutating func selfHarmRisk() {
        reported(.selfHarmRisk, rule: "any.self_harm_risk")
        emit(.alarm("self_harm_risk", by: now + .seconds(3_600)))
    }

    /// H vulnerable_visit: no visit.
    mutating func vulnerable() {
        rule("any.vulnerable")
        setHold(.vulnerableVisit, reason: "any.vulnerable")
    }

    /// The same step after 15 minutes, no attempt counted; the 4th in a row is for an operator.
    mutating func notAttempted(_ task: ReportedTask) {
        facts.counters.notAttemptedInRow += 1
        if facts.counters.notAttemptedInRow >= policy.retry.quarantineAfter {
            rule("any.not_attempted.quarantine")
            return quarantine()
        }
        rule("any.not_attempted")
        putAgain(task, at: now + .seconds(15 * 60))
    }

    /// H operator, and the task on the operators' list.
    mutating func quarantine() {
        facts.counters.notAttemptedInRow = 0
        emit(.quarantine)
        setHold(.operator, reason: "quarantine")
    }

    /// The step of `task` once more.
    mutating func putAgain(_ task: ReportedTask, at instant: Instant) {
        let agency: Int32? =
            switch task.step {
            case .registeredLetter: facts.executors.letter
            case .visit: visitExecutor
            case .legalDossier: facts.executors.legal
            case .gather, .call, .smsReminder, .emailReminder, .lawFirm: nil
            }
        put(task.step, goal: task.goal, at: instant, point: task.point, agency: agency)
    }

    private var visitExecutor: Int32? {
        if case .available(let id) = facts.executors.field { id } else { nil }
    }

    /// The work of the task's kind goes on: a document's outcome leaves the contact task alone.
    mutating func goOn(_ task: ReportedTask, at instant: Instant) throws(MoneyError) {
        keepsContact = task.step.isDocument && facts.contactTask != nil
        try resume(at: instant)
    }

    /// Contact only to the representative; without a lawful way there, the policy's silent days, else the bank checks the mandate.
    mutating func represented() throws(MoneyError) {
        rule("any.represented")
        emit(.represented)
        facts.represented = true
        if let representative = PointOrder.representatives(facts.points).first {
            put(.call, goal: .reach, at: days(1), point: representative.id)
        } else if let silent = facts.terms.representativeSilentDays {
            waitUntil(days(silent), .representative)
        } else {
            request(.dataCorrection, subject: "mandate")
        }
    }

    /// A live call to the debtor becomes one to the representative.
    mutating func representedLate() throws(MoneyError) {
        if facts.contactTask != nil || !PointOrder.representatives(facts.points).isEmpty {
            try represented()
        } else {
            rule("any.represented")
            emit(.represented)
        }
    }

    /// Demands rest until the ledger has reached the claimed date, at most the policy's business days.
    mutating func paidClaimed(_ claimed: Day?) throws(MoneyError) {
        rule("any.paid_claimed")
        let day = min(claimed ?? today, today)
        if PromiseJudgement.hasPassed(hours.zone.endOfDay(day), watermark: facts.watermark) {
            // The ledger has looked at that day already and shows nothing.
            return try claimNotFound()
        }
        facts.counters.claimedDay = Int(day.number)
        let last = hours.calendar.adding(businessDays: policy.ledger.paidClaimedBusinessDays, to: today)
        waitUntil(hours.zone.endOfDay(last), .paidClaimed)
    }

    /// N(phone, next day, goal verify_payment).
    mutating func claimNotFound() throws(MoneyError) {
        rule("any.paid_claimed.not_found")
        facts.counters.claimedDay = 0
        try resume(at: days(1), goal: .verifyPayment)
    }

    /// CP- of a channel or a point, where the policy honours it.
    mutating func optOut(_ task: ReportedTask, _ report: ReportedOutcome) {
        guard facts.terms.optOutHonoured else { return rule("any.opt_out.not_honoured") }
        rule("any.opt_out")
        switch report.optOut {
        case .channel(let channel):
            emit(.channelOff(channel))
            facts.optedOut.insert(channel)
        case .point(let id): switchOff(id, .optedOut)
        case nil: switchOff(report.point ?? task.point, .optedOut)
        }
    }

    /// A lawful point is added, unverified; the stage stays.
    mutating func newContactData(_ report: ReportedOutcome) {
        guard let new = report.newPoint, LawfulProvenance(rawValue: new.provenance) != nil else {
            rule("any.new_contact_data.unlawful")
            return emit(.violation("contact_data.provenance"))
        }
        rule("any.new_contact_data")
        emit(.addPoint)
    }

    /// A live task whose point was switched off by a late fact makes room for one with another point.
    mutating func replaceLostPoint() throws(MoneyError) {
        guard let live = facts.contactTask, let id = live.point, !canUse(id, for: live.step) else { return }
        try resume(at: max(live.dueAt, now))
    }

    private func canUse(_ id: Int64, for step: Step) -> Bool {
        guard let point = point(id), point.isUsable else { return false }
        guard point.role == .debtor else { return true }
        switch step {
        case .call: return !facts.optedOut.contains(.call)
        case .smsReminder: return !facts.optedOut.contains(.sms)
        case .emailReminder: return !facts.optedOut.contains(.email)
        case .registeredLetter: return !facts.optedOut.contains(.letter)
        case .visit: return !facts.optedOut.contains(.visit)
        case .gather, .legalDossier, .lawFirm: return true
        }
    }

    /// A promise reported late: an operator decides whether it counts.
    mutating func claimedPromise(_ report: ReportedOutcome) throws(MoneyError) {
        guard let claim = report.promise else { return }
        rule("late.promise")
        let judgeAfter = PromiseWindow.judgeAfter(due: claim.due, graceDays: facts.terms.promiseGraceDays, zone: hours.zone)
        for part in try PromiseWindow.spread(claim.amount, over: claim.account.map { id in collected.filter { $0.id == id } } ?? collected)
        {
            emit(
                .claimedPromise(
                    PromiseOrder(account: part.account, type: .payment, amount: part.amount, due: claim.due, judgeAfter: judgeAfter)))
        }
    }
}

/// Sources from which contact data may come (CN12: six lawful sources, and what they are called in files and reports).
package enum LawfulProvenance: String, CaseIterable, Sendable {
    case applicationForm = "application_form"
    case contract
    case bankRecord = "bank_record"
    case debtor
    case inboundCall = "inbound_call"
    case thirdParty = "third_party"
    case publicRegister = "public_register"
    case document
    case court
}
