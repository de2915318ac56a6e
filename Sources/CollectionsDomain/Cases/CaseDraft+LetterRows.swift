// Rows *letter* of DOMAIN section 3. Results come from the lettershop's task and, after posting, as tracking facts.

extension CaseDraft {
    /// The letter a fact is about: the one named, else the last one on its way.
    private func letterIndex(_ isMeant: (CaseFacts.Letter) -> Bool) -> Int? {
        if let named = namedLetter { return facts.letters.firstIndex { $0.id == named } }
        return facts.letters.lastIndex(where: isMeant)
    }

    /// Marks the letter's row, with the instant of what ended it.
    private mutating func mark(_ state: CaseFacts.Letter.State, at instant: Instant? = nil, _ isMeant: (CaseFacts.Letter) -> Bool) {
        let index = letterIndex(isMeant)
        emit(.letter(.mark(id: index.map { facts.letters[$0].id }, state)))
        guard let index else { return }
        facts.letters[index].state = state
        if state == .posted { facts.letters[index].postedAt = instant }
        if state == .delivered || state == .returned || state == .refused { facts.letters[index].endedAt = instant }
    }

    /// What became of a letter says that it was posted, even if nobody said so before.
    private mutating func implyPosting(_ at: Instant) {
        guard letterIndex(isOnItsWay).map({ !facts.letters[$0].state.isSent }) ?? true,
            let index = facts.letters.lastIndex(where: { $0.state == .ordered || $0.state == .issued })
        else { return }
        facts.counters.lettersPosted += 1
        facts.letters[index].state = .posted
        facts.letters[index].postedAt = at
        emit(.letter(.mark(id: facts.letters[index].id, .posted)))
    }

    private func isOnItsWay(_ letter: CaseFacts.Letter) -> Bool { letter.state == .posted || letter.state == .noTrace }

    /// Printed: the same task goes on to the post.
    mutating func letterIssued(_ task: ReportedTask) throws(MoneyError) {
        rule("letter.issued")
        mark(.issued) { $0.state == .ordered }
        let letter = facts.letters.last { $0.state == .issued }
        put(
            .registeredLetter, goal: .sendLetter, at: now, point: letter?.point ?? task.point, agency: facts.executors.letter,
            accounts: letter?.accounts)
    }

    /// Posted: waits for its answer; in light cadence the next one follows in a month.
    mutating func letterPosted(_ at: Instant) throws(MoneyError) {
        rule("letter.posted")
        facts.counters.lettersPosted += 1
        mark(.posted, at: at) { $0.state == .ordered || $0.state == .issued }
        try waitForAnswer()
    }

    /// The letter has left, whatever became of the task: it counts as sent.
    mutating func lateLetterPosted(_ at: Instant) {
        rule("late.letter_posted")
        facts.counters.lettersPosted += 1
        mark(.posted, at: at) { !$0.state.isSent }
    }

    private mutating func waitForAnswer() throws(MoneyError) {
        keepsContact = facts.contactTask != nil
        guard facts.stage == .letter, !facts.lightCadence else { return try resume(at: now) }
        if let clock = letterClock, contact == nil { wait = (clock, .letterAnswer) }
        if !keepsContact { try lightCall(at: now, goal: policy.letter.call.goal) }
    }

    /// Data fixed: made again; the second time the bank corrects them.
    mutating func letterRejected(_ task: ReportedTask) throws(MoneyError) {
        facts.counters.letterRejections += 1
        if facts.counters.letterRejections >= 2 {
            rule("letter.rejected_by_lettershop.second")
            request(.dataCorrection, subject: "letter")
            return
        }
        rule("letter.rejected_by_lettershop")
        let letter = facts.letters.last { $0.state == .ordered || $0.state == .issued }
        put(
            .registeredLetter, goal: .sendLetter, at: days(1), point: letter?.point ?? task.point, agency: facts.executors.letter,
            accounts: letter?.accounts)
    }

    /// Delivered: the answer is due sooner.
    mutating func letterDelivered(_ at: Instant) throws(MoneyError) {
        rule("letter.delivered")
        implyPosting(at)
        mark(.delivered, at: at, isOnItsWay)
        try waitForAnswer()
    }

    /// Word of the post without a lease: the task that was to post the letter has nothing left to do.
    mutating func endPosting() {
        guard facts.documentTask?.step == .registeredLetter, document == nil,
            !facts.letters.contains(where: { $0.state == .ordered || $0.state == .issued })
        else { return }
        document = .end(endReason)
    }

    /// Counts as sent, not as delivered.
    mutating func letterNoTrace(_ at: Instant) throws(MoneyError) {
        rule("letter.no_trace")
        implyPosting(at)
        mark(.noTrace, isOnItsWay)
        try waitForAnswer()
    }

    /// CP- address; the next address gets a letter next month; none: RQ skip_trace and ADV.
    mutating func letterReturned(_ report: ReportedOutcome) throws(MoneyError) {
        rule("letter.returned")
        implyPosting(report.occurredAt)
        let address = letterIndex(isOnItsWay).flatMap { facts.letters[$0].point } ?? report.point
        mark(.returned, at: report.occurredAt, isOnItsWay)
        switchOff(address, .addressWrong)
        keepsContact = facts.contactTask != nil
        guard facts.stage == .letter, !facts.lightCadence else { return try resume(at: now) }
        let accounts = accountsForLetter
        if letterAddress != nil, facts.executors.letter != nil, !accounts.isEmpty {
            rule("letter.returned.next_address")
            putLetter(at: now, accounts: accounts)
            return try lightCall(at: now, goal: policy.letter.call.goal)
        }
        request(.skipTrace, subject: "address")
        keepsContact = false
        try advance()
    }

    /// Counts as delivered evidence; ADV.
    mutating func letterRefused(_ at: Instant) throws(MoneyError) {
        rule("letter.refused_delivery")
        implyPosting(at)
        mark(.refused, at: at, isOnItsWay)
        guard facts.stage == .letter, !facts.lightCadence else {
            keepsContact = facts.contactTask != nil
            return try resume(at: now)
        }
        try advance()
    }

    /// The result inside the reply, by the rows of phone.
    mutating func letterReply(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        rule("letter.reply_received")
        if let index = letterIndex({ $0.state.isSent }) {
            facts.letters[index].answered = true
            emit(.letter(.answered(id: facts.letters[index].id)))
        }
        var inner = report
        inner.result = report.reply ?? .rpcNoCommitment
        inner.inbound = true
        try row(task, inner)
    }

    /// Unanswered: another letter a month later while one is allowed, else ADV.
    mutating func unanswered(at instant: Instant) throws(MoneyError) {
        rule("letter.unanswered")
        guard !accountsForLetter.isEmpty else { return try advance() }
        rule("letter.unanswered.again")
        try nextLetterOrExit(at: instant)
    }
}
