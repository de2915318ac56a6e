// The tasks a case gets next: **N(s, t)** of DOMAIN section 3.

extension CaseDraft {
    /// How a call's time is found.
    enum Pace {
        /// The row's time; in a later stage also the cadence of its light calls.
        case ordinary
        /// The row names a time of its own (promise kept or broken); only the weekly number of light calls may move it.
        case explicit
        /// The person asked for it.
        case agreed
    }

    /// The stage's work goes on, not before `instant`.
    mutating func resume(
        at instant: Instant, goal: WorkGoal? = nil, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        if facts.holderIsLawFirm {
            put(.lawFirm, goal: .reportCourtEvent, at: instant)
            return
        }
        if facts.lightCadence { return try continueLight(at: instant, pace: pace) }
        switch facts.stage {
        case .informationGathering: put(.gather, goal: .completeDossier, at: instant)
        case .phone: try continuePhone(at: instant, goal: goal, priority: priority, pace: pace)
        case .letter: try continueLetter(at: instant, goal: goal, priority: priority, pace: pace)
        case .fieldVisit: try continueField(at: instant)
        case .legalReferral: try continueLegal(at: instant, goal: goal, priority: priority, pace: pace)
        }
    }

    /// Puts a task in its slot.
    mutating func put(
        _ step: Step, goal: WorkGoal, at instant: Instant, point: Int64? = nil, agency: Int32? = nil, accounts: [Int64]? = nil,
        priority: WorkPriority? = nil, daypart: Daypart? = nil
    ) {
        let task = NextTask(
            step: step, goal: goal, notBefore: max(instant, now), agency: agency ?? facts.holder, point: point,
            accounts: accounts ?? workable.map(\.id), priority: priority ?? usualPriority(), attempt: facts.counters.attempts + 1,
            daypart: daypart)
        if step.isDocument { document = .put(task) } else { contact = .put(task) }
    }

    private func usualPriority() -> WorkPriority {
        if facts.lightCadence { return .light }
        let soon = now + .seconds(7 * 86_400)
        if collected.contains(where: { $0.termEnd <= soon }) { return .expiring7Days }
        return workable.contains(where: isHighAmount) ? .highAmount : .normal
    }

    private func isHighAmount(_ account: CaseFacts.Account) -> Bool {
        // An amount that cannot be converted has no rank; the guards that need it report it.
        guard let amount = try? converted(account) else { return false }
        return amount.minorUnits >= policy.field.minAmount.minorUnits
    }

    /// The larger of amount due and balance in the policy's currency; `nil` without a rate.
    func converted(_ account: CaseFacts.Account) throws(MoneyError) -> Money? {
        let larger = account.amountDue.minorUnits > account.balance.minorUnits ? account.amountDue : account.balance
        return try facts.rates.convert(larger, to: policy.amountCurrency)
    }

    // MARK: Phone

    /// The next phone step: a message while calls are not allowed yet, else a call; the stage ends when its budget is spent.
    mutating func continuePhone(
        at instant: Instant, goal: WorkGoal? = nil, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        if daysPastDue < callLimits.dpdMin { return try putMessage(at: instant, priority: priority) }
        try putCall(at: instant, goal: goal ?? .getDate, priority: priority, pace: pace)
    }

    /// N(call, t): to `point`, or to the debtor's first number.
    mutating func putCall(
        at instant: Instant, point wanted: Int64? = nil, goal: WorkGoal, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        let inPhone = facts.stage == .phone && !facts.lightCadence
        if inPhone, pace != .agreed, try stageIsSpent() { return }
        if pace != .agreed, daysPastDue < callLimits.dpdMin { return try putMessage(at: instant, priority: priority) }
        guard let target = usable(wanted, for: goal) ?? usable(preferredPoint, for: goal) ?? debtorNumbers.first else {
            return try noPointLeft()
        }
        let goal = target.role.isThirdParty ? .askContact : goal
        let at: Instant =
            switch pace {
            case .agreed: instant
            case .ordinary: max(instant, lightFloor(even: true))
            case .explicit: max(instant, lightFloor(even: false))
            }
        put(.call, goal: goal, at: at, point: target.id, priority: priority)
    }

    /// The point, if it may be dialled for the goal: a third party is asked for contact data, never for money.
    private func usable(_ id: Int64?, for goal: WorkGoal) -> ContactPoint? {
        guard let point = point(id), point.isUsable, point.channel.isPhone else { return nil }
        if point.role.isThirdParty { return goal == .askContact || goal == .reach ? point : nil }
        return point.role == .debtor && facts.optedOut.contains(.call) ? nil : point
    }

    /// The earliest next call of a stage with a lighter call step, or of the light cadence; in stage phone there is none.
    private func lightFloor(even: Bool) -> Instant {
        let most: Int
        let spacing: Int
        if facts.lightCadence {
            (most, spacing) = (policy.light.callsPer7Days, policy.light.callSpacingDays)
        } else {
            switch facts.stage {
            case .informationGathering, .phone: return now
            case .letter: (most, spacing) = (policy.letter.call.maxPer7Days, policy.letter.call.spacingDays)
            case .fieldVisit: (most, spacing) = (policy.field.call.maxPer7Days, policy.field.call.spacingDays)
            case .legalReferral: (most, spacing) = (policy.light.callsPer7Days, policy.light.callSpacingDays)
            }
        }
        let dials = facts.history.filter { $0.channel == .call && $0.direction == .outbound }.map { hours.day(of: $0.occurredAt) }
        var floor = now
        if even, let last = dials.last { floor = max(floor, hours.opening(of: last.adding(days: spacing))) }
        if dials.count >= most { floor = max(floor, hours.opening(of: dials[dials.count - most].adding(days: 7))) }
        return floor
    }

    /// Row "attempts 24, or 30 days, or 2 broken promises": ends the stage once its minimum days are over, and waits for them before.
    private mutating func stageIsSpent() throws(MoneyError) -> Bool {
        let counters = facts.counters
        let attemptsSpent = counters.attempts >= callLimits.maxAttempts
        guard attemptsSpent || daysInStage >= policy.phone.maxDays || counters.brokenPromises >= policy.promise.maxBroken else {
            return false
        }
        if daysInStage >= policy.phone.minDays {
            rule("phone.budget_spent")
            try advance()
            return true
        }
        guard attemptsSpent else { return false }
        rule("phone.minimum_days")
        waitUntil(days(policy.phone.minDays - daysInStage), .stageMinimum)
        return true
    }

    /// N(sms, t): to the first mobile, else by e-mail, else a call once calls are allowed.
    mutating func putMessage(at instant: Instant, priority: WorkPriority? = nil, goal: WorkGoal = .remind) throws(MoneyError) {
        if facts.stage == .phone, !facts.lightCadence, daysInStage >= policy.phone.maxDays {
            rule("phone.budget_spent")
            return try advance()
        }
        if let mobile = mobiles.first {
            put(.smsReminder, goal: goal, at: instant, point: mobile.id, priority: priority)
        } else if let mailbox = mailboxes.first {
            put(.emailReminder, goal: goal, at: instant, point: mailbox.id, priority: priority)
        } else if debtorNumbers.isEmpty {
            try noPointLeft()
        } else {
            // Only a number without messages is left: it may be dialled from the day on which calls are allowed.
            let left = callLimits.dpdMin - daysPastDue
            if left > 0 { waitUntil(days(left), .callsLater) } else { try putCall(at: instant, goal: .getDate, priority: priority) }
        }
    }

    /// Whether one reminder may go out today (policy step `sms_reminder`).
    var mayRemindToday: Bool {
        let reminder = policy.phone.reminder
        guard LostContact.failedRow(facts.history) >= reminder.failedCalls, mobiles.first != nil else { return false }
        let sent = messages.map { hours.day(of: $0.occurredAt) }
        let week = today.adding(days: -6)
        return sent.count { $0 == today } < reminder.maxPerDay && sent.count { $0 >= week } < reminder.maxPer7Days
            && sent.allSatisfy { $0.days(until: today) >= reminder.spacingDays }
    }

    /// No number is left for calls or messages: the stage of calls ends, another one goes on without them.
    mutating func noPointLeft() throws(MoneyError) {
        if facts.lightCadence { return try continueLight(at: now) }
        switch facts.stage {
        case .informationGathering, .phone:
            rule("phone.no_point_left")
            try advance()
        case .letter, .fieldVisit, .legalReferral:
            // The stage's own work goes on; there is only nobody to call beside it.
            contact = facts.stage == .fieldVisit ? contact : .end(endReason)
            if facts.stage == .fieldVisit { try continueField(at: now) }
            if facts.stage == .letter { try continueLetter(at: now) }
            if facts.stage == .legalReferral { try continueLegal(at: now) }
        }
    }

    // MARK: Promise

    /// Beside a running promise: one reminder on the due day, then the call after its grace, which the ledger's verdict replaces.
    mutating func followPromise() throws(MoneyError) {
        guard let last = facts.promises.max(by: { $0.judgeAfter < $1.judgeAfter }) else { return }
        if contact == nil, facts.state.code == .promised, facts.contactTask != nil { return }
        if case .delay = contact { return }
        let after = hours.opening(of: hours.day(of: last.judgeAfter))
        demandAfter = after
        let due = last.due
        let remindAt = hours.opening(of: due)
        let isReminded = messages.contains { hours.day(of: $0.occurredAt) == due }
        if policy.promise.reminderOnDueDay, facts.terms.reminderOnDueDay, !isReminded, now < hours.zone.instant(of: due, at: hours.end),
            let mobile = mobiles.first
        {
            put(.smsReminder, goal: .remind, at: max(remindAt, now), point: mobile.id, priority: .reminderDue)
        } else if let number = debtorNumbers.first {
            put(.call, goal: .verifyPayment, at: max(after, now), point: number.id)
        } else {
            contact = .end(endReason)
        }
    }

    // MARK: Letter

    /// The letter last sent whose answer is still awaited: when it counts as unanswered. `nil`: none is on its way, or another one is being made.
    var letterClock: Instant? {
        guard !facts.letters.contains(where: { $0.state == .ordered || $0.state == .issued }) else { return nil }
        guard let letter = facts.letters.filter(\.state.isSent).max(by: { ($0.postedAt ?? .distantPast) < ($1.postedAt ?? .distantPast) }),
            !letter.answered
        else { return nil }
        return answerDue(letter)
    }

    /// When a letter counts as unanswered; `nil`: it came back, or was refused.
    func answerDue(_ letter: CaseFacts.Letter) -> Instant? {
        guard let posted = letter.postedAt else { return nil }
        switch letter.state {
        case .delivered: return hours.opening(daysAfter: letter.endedAt ?? posted, policy.letter.deliveredAnswerDays)
        case .posted, .noTrace: return hours.opening(daysAfter: posted, policy.letter.answerDays)
        case .returned, .refused, .ordered, .issued, .stopped: return nil
        }
    }

    /// Letters sent for an account, over all holders.
    func lettersSent(_ account: Int64) -> Int { facts.letters.count { $0.state.isSent && $0.accounts.contains(account) } }

    /// Letters sent for an account that found no answer in their time.
    func lettersUnanswered(_ account: Int64) -> Int {
        facts.letters.count { letter in
            guard letter.state.isSent, letter.accounts.contains(account), !letter.answered else { return false }
            return answerDue(letter).map { $0 <= now } ?? true
        }
    }

    /// Accounts for which a further letter is allowed.
    var accountsForLetter: [Int64] { workable.map(\.id).filter { lettersSent($0) < policy.letter.maxLetters } }

    /// When the next letter may be made: 30 days after the last one to the debtor was posted and in another calendar month, whatever account it
    /// was for.
    var nextLetterDate: Instant {
        let posted = facts.letters.filter(\.state.isSent).compactMap(\.postedAt).max()
        guard let posted else { return now }
        let day = hours.day(of: posted)
        let month = day.endOfMonth.adding(days: 1)
        return max(now, hours.opening(of: max(day.adding(days: policy.letter.spacingDays), month)))
    }

    /// N(letter, t): a registered letter by the lettershop.
    mutating func putLetter(at instant: Instant, accounts: [Int64]) {
        guard let address = letterAddress, let lettershop = facts.executors.letter, !accounts.isEmpty else { return }
        emit(.letter(.order(point: address.id, accounts: accounts)))
        facts.letters.append(CaseFacts.Letter(id: 0, state: .ordered, accounts: accounts, point: address.id))
        put(
            .registeredLetter, goal: .sendLetter, at: max(instant, nextLetterDate), point: address.id, agency: lettershop,
            accounts: accounts)
    }

    /// Stage letter goes on: the letter under way stays, an answered or unanswered one has its row; light calls run beside it.
    mutating func continueLetter(
        at instant: Instant, goal: WorkGoal? = nil, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        let isUnderWay = facts.documentTask?.step == .registeredLetter || isPutting(document)
        if !isUnderWay {
            if let order = facts.letters.first(where: { $0.state == .ordered || $0.state == .issued }),
                let lettershop = facts.executors.letter
            {
                put(.registeredLetter, goal: .sendLetter, at: now, point: order.point, agency: lettershop, accounts: order.accounts)
            } else if let clock = letterClock {
                if clock <= now { return try unanswered(at: instant) }
            } else {
                return try nextLetterOrExit(at: instant)
            }
        }
        try lightCall(at: instant, goal: goal ?? policy.letter.call.goal, priority: priority, pace: pace)
    }

    private func isPutting(_ change: TaskChange?) -> Bool {
        if case .put = change { true } else { false }
    }

    /// Another letter where one is allowed, else the stage ends.
    mutating func nextLetterOrExit(at instant: Instant) throws(MoneyError) {
        let accounts = accountsForLetter
        guard !accounts.isEmpty, letterAddress != nil, facts.executors.letter != nil else { return try advance() }
        putLetter(at: instant, accounts: accounts)
        try lightCall(at: instant, goal: policy.letter.call.goal)
    }

    /// The lighter call of a later stage, if there is somebody to call.
    mutating func lightCall(
        at instant: Instant, goal: WorkGoal, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        guard !keepsContact else { return }
        guard !debtorNumbers.isEmpty, daysPastDue >= callLimits.dpdMin else {
            if contact == nil { contact = .end(endReason) }
            return
        }
        try putCall(at: instant, goal: goal, priority: priority, pace: pace)
    }

    // MARK: Field

    /// When the next visit may be: so many days after the last one, the first one a day after it was announced.
    private func nextVisitDate() -> Instant {
        guard let last = facts.visits.last else { return days(policy.field.noticeDays) }
        let spacing = last.result.isAbsence ? policy.field.absentSpacingDays : policy.field.spacingDays
        return max(hours.opening(daysAfter: last.occurredAt, spacing), days(policy.field.noticeDays))
    }

    /// Stage field goes on: the next visit, and light calls while it is some days off.
    ///
    /// - Parameter soon: the next visit need not keep its distance from the last one (another address, a permit refused at the door).
    mutating func continueField(at instant: Instant, soon: Bool = false, daypart: Daypart? = nil) throws(MoneyError) {
        guard facts.counters.visits < policy.field.maxVisits, daysInStage < policy.field.maxDays else {
            rule("field.budget_spent")
            return try advance()
        }
        guard let address = visitAddresses.first, case .available(let executor) = facts.executors.field,
            blockingVisitHolds.isEmpty
        else { return try advance() }
        let at = max(soon ? days(policy.field.noticeDays) : nextVisitDate(), instant)
        if let number = debtorNumbers.first, daysPastDue >= callLimits.dpdMin {
            let callAt = max(max(instant, lightFloor(even: true)), days(1))
            if hours.day(of: callAt).days(until: hours.day(of: at)) > policy.field.noticeDays {
                put(.call, goal: policy.field.call.goal, at: callAt, point: number.id)
                return
            }
        }
        try putVisit(at: at, address: address, executor: executor, daypart: daypart ?? otherDaypart())
    }

    /// The other half of the day than the last visit at a closed door.
    private func otherDaypart() -> Daypart? {
        guard let last = facts.visits.last, last.result.isAbsence else { return nil }
        return hours.zone.timeOfDay(of: last.occurredAt).hour < 13 ? .afternoon : .morning
    }

    private mutating func putVisit(at instant: Instant, address: ContactPoint, executor: Int32, daypart: Daypart?) throws(MoneyError) {
        emit(.announceVisit(hours.day(of: instant)))
        put(.visit, goal: .visit, at: instant, point: address.id, agency: executor, accounts: try fieldAccounts().ids, daypart: daypart)
    }

    /// Holds under which nobody is visited.
    var blockingVisitHolds: [HoldType] {
        facts.holds.filter { $0.account == nil && policy.field.notHolds.contains($0.type) }.map(\.type)
    }

    // MARK: Legal

    /// Stage legal goes on: the dossier, and light calls beside it.
    mutating func continueLegal(
        at instant: Instant, goal: WorkGoal? = nil, priority: WorkPriority? = nil, pace: Pace = .ordinary
    ) throws(MoneyError) {
        if facts.documentTask == nil, document == nil {
            put(.legalDossier, goal: .prepareLegal, at: now, agency: facts.executors.legal)
        }
        try lightCall(at: instant, goal: goal ?? .getDate, priority: priority, pace: pace)
    }

    // MARK: Light cadence

    /// After the last stage: a call a week, a letter a month, never silence without a date.
    mutating func continueLight(at instant: Instant, pace: Pace = .ordinary) throws(MoneyError) {
        if keepsContact {
            // A letter's outcome leaves the call beside it alone.
        } else if !debtorNumbers.isEmpty, daysPastDue >= callLimits.dpdMin {
            try putCall(at: instant, goal: .getDate, priority: .light, pace: pace)
        } else if contact == nil {
            contact = .end(endReason)
        }
        let accounts = workable.map(\.id)
        if facts.documentTask == nil, document == nil, policy.light.lettersPerMonth > 0, letterAddress != nil {
            // The monthly letter of the light cadence waits a month after the case entered it, like one after a letter.
            putLetter(at: max(instant, nextLetterDate), accounts: accounts)
        }
        let isSilent = !keepsContact && !isPutting(contact) && !isPutting(document) && facts.documentTask == nil
        if isSilent {
            let end = collected.map(\.termEnd).min() ?? now
            waitUntil(end, .termEnd)
        }
    }
}

extension ResultCode {
    /// A visit on which nobody who matters was met: the next one comes sooner and at another part of the day.
    var isAbsence: Bool { self == .absentCardLeft || self == .noEntry || self == .thirdPartyMet }
}
