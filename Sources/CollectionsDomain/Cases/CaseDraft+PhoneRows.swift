// Rows *phone* of DOMAIN section 3: messages and calls, also those beside a later stage.

extension CaseDraft {
    /// Sent or delivered.
    mutating func messageOut(_ result: ResultCode) throws(MoneyError) {
        rule("phone.sms.\(result.name)")
        try afterMessage()
    }

    /// Failed or blocked: CP- after two.
    mutating func messageFailed(_ result: ResultCode, _ point: Int64?) throws(MoneyError) {
        rule("phone.sms.\(result.name)")
        let failures = facts.history.count { $0.point == point && ($0.channel == .sms || $0.channel == .email) && $0.outcome == .failed }
        if failures >= 2 {
            rule("phone.sms.failed_twice")
            switchOff(point, .messagesFail)
        }
        try afterMessage()
    }

    /// N(call, goal from the reply).
    mutating func messageReplied(_ report: ReportedOutcome) throws(MoneyError) {
        rule("phone.sms.replied")
        try putCall(at: nextWindow, goal: report.nextGoal ?? .getDate, pace: .agreed)
    }

    /// N(sms, +3 d) while the debt is young, else N(call, +1 d).
    private mutating func afterMessage() throws(MoneyError) {
        let isPhone = facts.stage == .phone && !facts.lightCadence
        if isPhone, daysPastDue < callLimits.dpdMin || debtorNumbers.isEmpty {
            // Messages are all that is possible: they go on at their own distance.
            try putMessage(at: days(policy.phone.reminder.spacingDays))
        } else {
            try resume(at: days(1))
        }
    }

    /// Refused: N(call, +3 d); the 2nd refusal, or the last talk of the stage, ends it.
    mutating func refused(_ point: Int64?) throws(MoneyError) {
        facts.counters.refusals += 1
        rule("phone.refused")
        if facts.counters.refusals >= 2 || facts.counters.talks >= callLimits.maxTalks {
            rule(facts.counters.refusals >= 2 ? "phone.refused.second" : "phone.talks_spent")
            return try endCalls()
        }
        try putCall(at: days(callLimits.afterTalkDays), point: point, goal: .getReason)
    }

    mutating func noCommitment(_ point: Int64?, _ report: ReportedOutcome) throws(MoneyError) {
        rule("phone.rpc_no_commitment")
        try afterTalk(point, goal: report.nextGoal)
    }

    /// Connected, not lost: N(call, +1 d); three in a row end the stage.
    mutating func hungUp(_ point: Int64?) throws(MoneyError) {
        facts.counters.hangUpsInRow += 1
        rule("phone.hung_up")
        if facts.counters.hangUpsInRow >= 3 {
            rule("phone.hung_up.three")
            return try endCalls()
        }
        try putCall(at: days(1), point: point, goal: .reach)
    }

    /// The same point once more after 30 minutes, then as nobody answered.
    mutating func busy(_ task: ReportedTask, _ result: ResultCode, _ point: Int64?) throws(MoneyError) {
        rule("phone.\(result.name)")
        let isRetry = facts.counters.busyRetry > 0
        facts.counters.busyRetry = 0
        guard !isRetry, facts.stage == .phone, !facts.lightCadence, !isOverToday(point) else { return try noAnswer(point) }
        facts.counters.busyRetry = 1
        try putCall(at: hours.nextOpen(from: now + .seconds(30 * 60)), point: point, goal: task.goal)
    }

    /// CP-, and the next point.
    mutating func numberGone(_ point: Int64?, _ change: PointChange, rule id: String) throws(MoneyError) {
        rule(id)
        switchOff(point, change)
        try afterLostNumber(point)
    }

    /// A third party passed the message on. Without the lost state at the dial it should not have been given.
    mutating func relayed(_ task: ReportedTask, _ result: ResultCode, _ point: Int64?) throws(MoneyError) {
        rule("phone.\(result.name)")
        guard task.lostAtGrant else {
            emit(.violation("third_party.preconditions"))
            return try noAnswer(point)
        }
        try putCall(at: days(2), goal: .reach)
    }

    /// Days ahead a promise may fall due now: by the talks before this one, as the work card said.
    var promiseWindow: Int {
        PromiseWindow.days(collections: collectionsBefore, policy: policy.promise, cap: facts.terms.promiseMaxDays)
    }

    /// A promise within its window; a later date is a wish for an extension; a second one below the minimum is no commitment.
    mutating func promised(_ report: ReportedOutcome, rule id: String, window: Int) throws(MoneyError) {
        guard let claim = report.promise else { return }
        if today.days(until: claim.due) > window {
            rule(id + ".beyond_window")
            request(.extension, subject: "promise_date", amount: claim.amount, date: claim.due)
            return
        }
        if claim.amount.minorUnits < leastPromise(claim) {
            guard facts.counters.smallPromises == 0 else {
                rule(id + ".small_again")
                return try afterTalk(report.point, goal: nil)
            }
            facts.counters.smallPromises += 1
            rule(id + ".small")
        } else {
            rule(id)
        }
        try promise(claim.amount, due: claim.due, type: .payment, account: claim.account)
    }

    /// The smallest amount that is a full promise: the minimum payments of the accounts meant, never more than what is due.
    private func leastPromise(_ claim: PromiseClaim) -> Int64 {
        var least: Int64 = 0
        for account in workable where account.balance.currency == claim.amount.currency {
            guard claim.account == nil || claim.account == account.id else { continue }
            least = least.addingReportingOverflow(min(account.minPayment.minorUnits, max(account.amountDue.minorUnits, 0))).partialValue
        }
        return least
    }

    /// N(call, +3 d) while the stage has talks left.
    mutating func afterTalk(_ point: Int64?, goal: WorkGoal?) throws(MoneyError) {
        if facts.counters.talks >= callLimits.maxTalks {
            rule("phone.talks_spent")
            return try endCalls()
        }
        try putCall(at: days(callLimits.afterTalkDays), point: point, goal: goal ?? .getDate)
    }

    /// A phone row ends the stage of calls. In a later stage only the light calls pause: that stage has exits of its own.
    private mutating func endCalls() throws(MoneyError) {
        if facts.lightCadence || !(facts.stage == .phone || facts.stage == .informationGathering) {
            return try resume(at: days(callLimits.afterTalkDays))
        }
        try advance()
    }

    /// N(same point, time) within the hours of contact and three days; else as a talk without commitment.
    mutating func callback(_ report: ReportedOutcome, _ point: Int64?) throws(MoneyError) {
        let at = report.callbackAt ?? now
        guard at >= now, hours.isOpen(at: at), today.days(until: hours.day(of: at)) <= 3 else {
            rule("phone.callback.out_of_window")
            return try afterTalk(point, goal: report.nextGoal)
        }
        rule("phone.callback")
        try putCall(at: at, point: point, goal: .callBack, priority: .callbackDue, pace: .agreed)
    }

    /// Whether today's limits leave no dial to this point.
    private func isOverToday(_ point: Int64?) -> Bool {
        dialsToday() >= callLimits.maxPerPartyDay || dialsToday(point: point) >= callLimits.maxPerPointDay
    }

    /// Nobody answered: the next point in order two hours later; today's limits used: a reminder once, then tomorrow; lost: a third party tomorrow.
    mutating func noAnswer(_ point: Int64?) throws(MoneyError) {
        preferredPoint = PointOrder.next(after: point, in: debtorNumbers)?.id
        guard facts.stage == .phone, !facts.lightCadence else { return try resume(at: days(1)) }
        let tomorrow = days(1)
        if isLost(at: tomorrow), let third = PointOrder.next(after: point, in: thirdParties) {
            let current = self.point(point)
            let wasLastThird = current.map { $0.role != .debtor && thirdParties.last?.id == $0.id } ?? false
            if wasLastThird, !debtorNumbers.isEmpty {
                rule("phone.lost.debtor_again")
                return try putCall(at: tomorrow, goal: .reach)
            }
            rule("phone.lost.third_party")
            return try putCall(at: tomorrow, point: third.id, goal: .askContact)
        }
        let numbers = debtorNumbers
        guard !numbers.isEmpty else { return try noNumberLeft() }
        let later = now + .seconds(Int64(callLimits.spacingMinutes) * 60)
        let partyIsOver = dialsToday() >= callLimits.maxPerPartyDay
        let open = numbers.filter { dialsToday(point: $0.id) < callLimits.maxPerPointDay }
        if partyIsOver || open.isEmpty {
            rule("phone.day_limit")
            if mayRemindToday, hours.isOpen(at: now) { return try putMessage(at: now) }
            return try putCall(at: tomorrow, point: PointOrder.next(after: point, in: numbers)?.id, goal: .reach)
        }
        // The next one in order that may still be dialled today.
        var candidate = PointOrder.next(after: point, in: numbers)
        for _ in numbers where candidate.map({ next in !open.contains { $0.id == next.id } }) ?? false {
            candidate = PointOrder.next(after: candidate?.id, in: numbers)
        }
        let isToday = hours.day(of: later) == today && hours.isOpen(at: later)
        try putCall(at: isToday ? later : hours.nextOpen(from: later), point: candidate?.id, goal: .reach)
    }

    /// A number fell away: the next one; with the last one the debtor is lost at once.
    private mutating func afterLostNumber(_ point: Int64?) throws(MoneyError) {
        if let gone = self.point(point), gone.role != .debtor, isLost(at: days(1)), let third = thirdParties.first {
            return try putCall(at: days(1), point: third.id, goal: .askContact)
        }
        if let next = debtorNumbers.first(where: { number in number.id != point }) {
            return try putCall(at: nextWindow, point: next.id, goal: .reach)
        }
        try noNumberLeft()
    }

    /// All the debtor's numbers are off: lost at once; skip trace, then an unlocked third party, or a letter.
    private mutating func noNumberLeft() throws(MoneyError) {
        guard facts.stage == .phone, !facts.lightCadence else {
            request(.skipTrace, subject: "contact")
            return try resume(at: days(1))
        }
        if isLost(at: now), let third = thirdParties.first {
            request(.skipTrace, subject: "contact")
            rule("phone.lost.third_party")
            return try putCall(at: nextWindow, point: third.id, goal: .askContact)
        }
        try noContactFound(rule: "phone.no_number_left")
    }

    /// Off for ever, with every point of the same person; the next unlocked point tomorrow, none: the stage ends.
    mutating func thirdPartyRefused(_ id: Int64?) throws(MoneyError) {
        rule("phone.third_party_refused")
        refuseThirdParty(id)
        if let next = thirdParties.first, isLost(at: days(1)) {
            return try putCall(at: days(1), point: next.id, goal: .askContact)
        }
        rule("phone.third_party_refused.none_left")
        try endCalls()
    }

    /// The person is off for ever.
    mutating func refuseThirdParty(_ id: Int64?) {
        facts.counters.thirdPartyRefusals += 1
        guard let person = point(id)?.person else { return }
        for point in facts.points where point.person == person && point.role != .debtor { switchOff(point.id, .refused) }
    }
}
