// **ADV**: how a stage ends (DOMAIN section 3, P-exit).

extension CaseDraft {
    /// A reading of a threshold that may lack its exchange rate.
    struct Threshold {
        /// Accounts that reach it.
        var ids: [Int64] = []
        /// An account could not be judged: no exchange rate.
        var lacksRate = false
    }

    /// Evaluates the stage's exit: the first open way wins, light cadence is always open.
    ///
    /// What stops demands makes the case stay; light cadence knows no further exit. A stage whose `entry` fails is skipped.
    mutating func advance() throws(MoneyError) {
        if blocker != nil || isRecalling || closing != nil {
            rule("adv.stay")
            return
        }
        if facts.lightCadence { return try continueLight(at: days(1)) }
        if facts.holderIsLawFirm { return put(.lawFirm, goal: .reportCourtEvent, at: nextWindow) }
        for exit in exits(of: facts.stage) {
            switch exit {
            case .letter:
                if try enterLetter(rule: "adv.letter") { return }
            case .fieldVisit:
                if try enterField() { return }
            case .handover:
                if try handOver() { return }
            case .legalReferral:
                if try enterLegal() { return }
            case .lightCadence, .phone, .closeUntraceable, .closeLegal, .closeExhausted:
                break
            }
            if facts.holds.contains(where: { $0.type == .operator && $0.account == nil }) { return }
        }
        try enterLight()
    }

    /// The ways out of a stage in their order: its own, and where those lead if they are closed.
    private func exits(of stage: Stage) -> [StagePolicy.Exit] {
        switch stage {
        case .informationGathering, .phone: policy.phone.unsuccessful + policy.letter.unanswered
        case .letter: policy.letter.unanswered
        case .fieldVisit: policy.field.unsuccessful
        case .legalReferral: []
        }
    }

    /// Letter: an address is valid, another letter is allowed, and a lettershop has the route.
    ///
    /// - Returns: Whether the case entered the stage.
    mutating func enterLetter(rule id: String) throws(MoneyError) -> Bool {
        let accounts = accountsForLetter
        guard letterAddress != nil, facts.executors.letter != nil, !accounts.isEmpty else { return false }
        rule(id)
        enterStage(.letter)
        putLetter(at: now, accounts: accounts)
        try lightCall(at: now, goal: policy.letter.call.goal)
        if contact == nil { contact = .end(endReason) }
        return true
    }

    /// Accounts that satisfy the `entry` of field_visit: large enough, and their letters unanswered.
    func fieldAccounts() throws(MoneyError) -> Threshold {
        var result = Threshold()
        for account in workable where lettersUnanswered(account.id) >= policy.field.lettersUnanswered {
            guard let amount = try converted(account) else {
                result.lacksRate = true
                continue
            }
            if amount.minorUnits >= policy.field.minAmount.minorUnits { result.ids.append(account.id) }
        }
        return result
    }

    private mutating func enterField() throws(MoneyError) -> Bool {
        let accounts = try fieldAccounts()
        if accounts.ids.isEmpty {
            if accounts.lacksRate { return missingRate() }
            return false
        }
        guard case .available = facts.executors.field, blockingVisitHolds.isEmpty, !visitAddresses.isEmpty else {
            return false
        }
        rule("adv.field_visit")
        enterStage(.fieldVisit)
        facts.counters.visits = 0
        try continueField(at: now)
        return true
    }

    /// The holder cannot visit, another holder could: the placement ends, the accounts go to the handover pool.
    private mutating func handOver() throws(MoneyError) -> Bool {
        guard try !fieldAccounts().ids.isEmpty, facts.executors.field == .handover, blockingVisitHolds.isEmpty else { return false }
        rule("adv.handover")
        close(.stageNotContracted)
        emit(.handover(start: .fieldVisit))
        return true
    }

    /// No rate: a person decides, or the threshold counts as not reached.
    private mutating func missingRate() -> Bool {
        switch policy.onMissingRate {
        case .review:
            review("missing_fact.fx_rate")
            return true
        case .block:
            return false
        }
    }

    /// Legal: the civil guard holds for an account, and somebody can propose. Past its limitation the bank reviews first (E15).
    private mutating func enterLegal() throws(MoneyError) -> Bool {
        let guards = try civilGuards()
        let proposable = guards.filter(\.holds)
        guard !proposable.isEmpty, facts.executors.legal != nil else {
            let waitsForRate = guards.contains { $0.missing == ["missing_fact.fx_rate"] }
            return waitsForRate ? missingRate() : false
        }
        let expired = collected.contains { account in
            proposable.contains { $0.account == account.id } && (account.limitationEnd.map { $0 < today } ?? false)
        }
        if expired, !facts.legalReviewDone {
            rule("E15.legal_review")
            request(.legalReview, subject: "limitation", accounts: proposable.map(\.account))
            return true
        }
        rule("adv.legal_referral")
        enterStage(.legalReferral)
        try continueLegal(at: now)
        return true
    }

    /// The `entry` of legal_referral, account by account.
    func civilGuards() throws(MoneyError) -> [CivilGuard] {
        var guards: [CivilGuard] = []
        let entry = policy.legal
        for account in workable {
            var missing: [String] = []
            let amount = try converted(account)
            if let amount {
                if amount.minorUnits < entry.minAmount.minorUnits { missing.append("min_amount") }
            } else {
                missing.append("missing_fact.fx_rate")
            }
            let collections = account.effectiveCollections ?? facts.counters.effectiveCollections
            if collections < entry.minCollections { missing.append("min_collections") }
            let months = account.daysPastDue / 30
            if months < entry.minMonthsUnpaid { missing.append("min_months_unpaid") }
            let letters = lettersSent(account.id)
            if letters < entry.minLettersPosted { missing.append("min_letters_posted") }
            for type in HoldType.allCases where entry.notHolds.contains(type) {
                if facts.holds.contains(where: { $0.type == type && ($0.account == nil || $0.account == account.id) }) {
                    missing.append("not_holds.\(type.rawValue)")
                }
            }
            guards.append(
                CivilGuard(
                    account: account.id, amount: amount, collections: collections, monthsUnpaid: months, lettersPosted: letters,
                    missing: missing))
        }
        return guards
    }

    /// After the last stage: calls and letters go on lightly to the end of the term, without a further exit.
    mutating func enterLight() throws(MoneyError) {
        rule("adv.light_cadence")
        facts.lightCadence = true
        facts.counters.enterStage()
        try continueLight(at: days(1))
    }
}
