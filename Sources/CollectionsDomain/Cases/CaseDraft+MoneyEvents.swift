// Events E1 to E5, and what the bank says about an account (E11). The ledger was applied before: the facts hold the new amounts.

extension CaseDraft {
    /// E1, E2: money came in.
    mutating func paid(_ id: Int64, fulfilledOffer: Bool) throws(MoneyError) {
        guard let account = facts.accounts.first(where: { $0.id == id }), account.status.isCollected else {
            return rule("E1.closed_account")
        }
        if fulfilledOffer {
            rule("E1.settled_in_full")
            emit(.tellDebtor("settlement_certificate"))
            closePaid(id, .settledInFull, .settled)
        } else if account.balance.minorUnits <= 0 {
            rule("E1.paid_in_full")
            if account.balance.minorUnits < 0 { emit(.raiseBreak("credit_balance", .warning)) }
            closePaid(id, .paidInFull, .paid)
        } else if account.amountDue.minorUnits <= 0 {
            rule("E1.cure_pending")
            setStatus(id, .curePending)
        } else if !facts.promises.isEmpty {
            rule("E1.promise_open")
        } else {
            rule("E2.partial")
            facts.counters.refusals = 0
            var isClaimFound = false
            if case .waiting(_, .paidClaimed) = facts.state {
                // The money somebody said he had paid has come.
                rule("any.paid_claimed.found")
                facts.counters.claimedDay = 0
                isClaimFound = true
            }
            if blocker == nil, facts.state.allowsDemand || isClaimFound { try resume(at: days(5)) }
        }
        endReason = .payment
    }

    /// The account is done with: its promises fall away, its placement closes.
    mutating func closePaid(_ id: Int64, _ code: CloseCode, _ status: AccountStatus) {
        facts.promises.removeAll { $0.account == id }
        if facts.promises.isEmpty { releaseHold(.promise) }
        if collected.contains(where: { $0.id != id }) { withdrawLegal(of: id) }
        closeAccount(id, code, status: status)
    }

    /// The account's own referral falls away with its debt, and its card is free; with the last one the question to the bank is settled.
    private mutating func withdrawLegal(of id: Int64) {
        guard facts.referred.remove(id) != nil else { return }
        rule("legal.withdrawn.paid")
        if facts.cardBlocked { emit(.cardUnblockAccount(id)) }
        emit(.legal(.withdrawnAccount(id)))
        guard facts.referred.isEmpty else { return }
        facts.cardBlocked = false
        endRequest(.legal)
    }

    mutating func setStatus(_ id: Int64, _ status: AccountStatus) {
        guard let index = facts.accounts.firstIndex(where: { $0.id == id }), facts.accounts[index].status != status else { return }
        facts.accounts[index].status = status
        emit(.accountStatus(id: id, status))
    }

    /// E3: the watermark has passed the grace of promises.
    mutating func promisesJudged(_ verdicts: [PromiseVerdict]) throws(MoneyError) {
        for verdict in verdicts {
            emit(.judged(promise: verdict.promise, verdict.state, paid: verdict.paid))
            facts.promises.removeAll { $0.id == verdict.promise }
        }
        if facts.promises.isEmpty { releaseHold(.promise) }
        if facts.state.isClosed || isRecalling { return rule("E3.closed") }
        for verdict in verdicts where verdict.type == .settlement && verdict.state == .kept {
            // The offer was met: what is left of the debt is the bank's adjustment.
            rule("E1.settled_in_full")
            emit(.tellDebtor("settlement_certificate"))
            closePaid(verdict.account, .settledInFull, .settled)
        }
        if closing != nil { return }
        let isBroken = verdicts.contains { $0.state == .broken || ($0.state == .partiallyKept && $0.type == .rest) }
        let partial = verdicts.filter { $0.state == .partiallyKept && $0.type != .rest }
        let nothingPaid = verdicts.allSatisfy { $0.paid.minorUnits <= 0 }
        if isBroken, nothingPaid || partial.isEmpty {
            try promiseBroken()
        } else if !partial.isEmpty {
            rule("E3.partially_kept")
            let half = max(1, (promiseWindow + 1) / 2)
            for verdict in partial where collected.contains(where: { $0.id == verdict.account }) {
                let rest = try verdict.promised - verdict.paid
                try promise(rest, due: today.adding(days: half), type: .rest, account: verdict.account)
            }
            if facts.promises.isEmpty { try demand(at: days(1), goal: .getDate) }
        } else {
            rule("E3.kept")
            try demand(at: days(1), goal: .getDate)
        }
    }

    /// Broken: N(phone, next window, top priority); the second one ends stage phone.
    private mutating func promiseBroken() throws(MoneyError) {
        facts.counters.brokenPromises += 1
        facts.counters.brokenEver += 1
        if facts.counters.brokenPromises >= policy.promise.maxBroken, facts.stage == .phone, !facts.lightCadence {
            rule("E3.broken.second")
            return try advance()
        }
        rule("E3.broken")
        try demand(at: nextWindow, goal: .getReason, priority: .promiseBroken)
    }

    /// N(phone, t) whatever the stage, with the stage's own document going on beside it.
    private mutating func demand(at instant: Instant, goal: WorkGoal, priority: WorkPriority? = nil) throws(MoneyError) {
        guard blocker == nil else { return }
        let isField = facts.stage == .fieldVisit && !facts.lightCadence && !facts.holderIsLawFirm
        if isField, !debtorNumbers.isEmpty {
            try putCall(at: instant, goal: goal, priority: priority, pace: .explicit)
        } else {
            try resume(at: instant, goal: goal, priority: priority, pace: .explicit)
        }
    }

    /// E4: money went back out. An open case works again; a closed one reopens within its term, after it the pool takes the account.
    mutating func reversed(_ id: Int64) throws(MoneyError) {
        emit(.clawback(account: id))
        guard let account = facts.accounts.first(where: { $0.id == id }) else { return rule("E4.unknown_account") }
        guard account.status.isCollected else {
            var mayReopen = now < account.termEnd
            if case .closed(let code) = facts.state { mayReopen = mayReopen && code.isPaid }
            rule(mayReopen ? "E4.reopen" : "E4.pool")
            setStatus(id, .open)
            guard mayReopen else { return }
            emit(.reopen(account: id))
            guard facts.state.isClosed else { return }
            facts.state = .ready
            if blocker == nil { try resume(at: nextWindow) }
            return
        }
        rule("E4.reversal")
        if account.status == .curePending, account.amountDue.isPositive {
            setStatus(id, .open)
            if blocker == nil, !facts.state.allowsDemand { try resume(at: nextWindow) }
        }
    }

    /// E5: an instalment was missed. The hold ends next day; at a law firm the way is enforcement.
    mutating func instalmentMissed(_ id: Int64) throws(MoneyError) {
        rule("E5.instalment_missed")
        endPlan(fulfilled: false)
        if facts.holderIsLawFirm { rule("law_firm.mediation_broken") }
        if blocker == nil { try resume(at: days(1), goal: .getReason) }
    }

    /// The plan was kept to its end; what is still due is asked for again.
    mutating func planFulfilled() throws(MoneyError) {
        rule("E5.plan_fulfilled")
        endPlan(fulfilled: true)
        if blocker == nil { try resume(at: days(1), goal: .verifyPayment) }
    }

    /// The plan is the debtor's: it ends for all his accounts.
    private mutating func endPlan(fulfilled: Bool) {
        emit(.planEnded(fulfilled: fulfilled))
        for account in Set(facts.holds.filter { $0.type == .instalmentPlan }.map(\.account)).sorted(by: { ($0 ?? 0) < ($1 ?? 0) }) {
            releaseHold(.instalmentPlan, account: account)
        }
    }

    /// A plan over the accounts that are collected: each has its share of each instalment, and rests until the ledger says that one was missed.
    mutating func plan(_ instalments: [PlanInstalment], reason: String) throws(MoneyError) {
        var shares: [Int64: [PlanInstalment]] = [:]
        var left = collected
        for instalment in instalments.sorted(by: { $0.due < $1.due }) {
            for part in try PromiseWindow.spread(instalment.amount, over: left.isEmpty ? collected : left) {
                shares[part.account, default: []].append(PlanInstalment(due: instalment.due, amount: part.amount))
                guard let index = left.firstIndex(where: { $0.id == part.account }) else { continue }
                left[index].amountDue = try left[index].amountDue - part.amount
                left[index].balance = try left[index].balance - part.amount
                if left[index].balance.minorUnits <= 0 { left.remove(at: index) }
            }
        }
        for (account, share) in shares.sorted(by: { $0.key < $1.key }) {
            emit(.plan(account: account, share))
            setHold(.instalmentPlan, account: account, reason: reason)
        }
        // An account without a share rests with the others: the plan is the debtor's.
        for account in collected where shares[account.id] == nil { setHold(.instalmentPlan, account: account.id, reason: reason) }
    }

    /// E11, and the bank's word on a pending cure.
    mutating func accountUpdated(_ id: Int64, _ update: AccountUpdate) throws(MoneyError) {
        guard let account = facts.accounts.first(where: { $0.id == id }), account.status.isCollected else {
            return rule("E11.closed_account")
        }
        switch update {
        case .cured:
            rule("E1.cured")
            closePaid(id, .cured, .cured)
        case .overdue:
            guard account.status == .curePending else { return rule("E11.overdue") }
            rule("E1.cure_refused")
            setStatus(id, .open)
            if blocker == nil { try resume(at: nextWindow) }
        case .chargedOff:
            rule("E11.charged_off")
            setStatus(id, .chargedOff)
            emit(.feeTypeChanged(account: id))
        case .sold, .closed:
            rule("E11.\(update == .sold ? "sold" : "closed")")
            facts.promises.removeAll { $0.account == id }
            closeAccount(id, .withdrawn, status: update == .sold ? .sold : .closed)
        }
    }
}

extension CaseState {
    /// Whether demands may be due in this state.
    var allowsDemand: Bool {
        switch self {
        case .ready, .leased: true
        case .waiting(_, let reason): reason == .letterAnswer
        case .promised, .planned, .requested, .held, .handover, .recalling, .closed: false
        }
    }
}
