import CollectionsDomain
import CollectionsStore

// Legal referrals: rows, guard facts, orders to the card system, the law firm's case.

extension CaseTransition {
    mutating func legal(_ order: LegalOrder, cause: TransitionCause, cardBlockDue: Instant?, in context: inout CaseContext)
        async throws
    {
        switch order {
        case .propose(let accounts, let guards):
            for account in accounts {
                let id = try await database.ids.next(.referral)
                let facts = guards.first { $0.account == account }
                writes.newReferrals.append(
                    CaseWrites.NewReferral(
                        referralId: id, caseId: context.facts.caseId, debtorId: context.facts.debtorId, accountId: account,
                        agencyId: cause.agencyId ?? context.facts.holder, taskId: cause.grant?.taskId, amount: facts?.amount?.minorUnits,
                        guardFacts: guardFacts(facts, context: context), cardBlockDue: cardBlockDue))
                context.rows.referrals.append(
                    CaseRows.Referral(id: id, accountId: account, state: "proposed", hasCardBlock: cardBlockDue != nil))
                writes.audit.append(
                    AuditDraft(
                        kind: .legal, subject: id,
                        body: ["state": "proposed", "by": .string(cause.by), "guard": guardFacts(facts, context: context)]))
            }
        case .refuse:
            break  // the decision's rules name the guard that failed; nothing is referred
        case .approved(let route): change(referrals: "approved", route: route.rawValue, isDecision: true, cause: cause, in: &context)
        case .rejected: change(referrals: "rejected", isDecision: true, cause: cause, in: &context)
        case .withdrawn: change(referrals: "withdrawn", cause: cause, in: &context)
        case .withdrawnAccount(let account): change(referrals: "withdrawn", of: account, cause: cause, in: &context)
        case .event(let result, let costs):
            change(referrals: Self.referralState(after: result), costs: costs?.minorUnits ?? 0, cause: cause, in: &context)
        }
    }

    private mutating func change(
        referrals state: String?, of account: Int64? = nil, route: String? = nil, costs: Int64 = 0, isDecision: Bool = false,
        cause: TransitionCause,
        in context: inout CaseContext
    ) {
        for (index, referral) in context.rows.referrals.enumerated() where account == nil || referral.accountId == account {
            let next = state ?? referral.state
            // Costs of one event are entered once, with the first account of the referral.
            writes.referralChanges.append(
                CaseWrites.ReferralChange(
                    referralId: referral.id, state: next, route: route, caseNo: cause.caseNo, costs: index == 0 ? costs : 0,
                    isDecision: isDecision))
            context.rows.referrals[index].state = next
            writes.audit.append(AuditDraft(kind: .legal, subject: referral.id, body: ["state": .string(next), "by": .string(cause.by)]))
        }
    }

    /// The state of a referral after an event at the law firm; nil: it stays.
    private static func referralState(after result: ResultCode) -> String? {
        switch result {
        case .firmFiled: "filed"
        case .firmJudgment: "judgment"
        case .firmEnforcementFiled: "enforcement"
        case .firmWithdrawn: "withdrawn"
        case .firmDismissed, .firmEnforcementClosed: "closed"
        default: nil
        }
    }

    /// How long a law firm keeps an account: suits and enforcement outlast the terms of collection by far (two years, bank default).
    private static let lawFirmTermDays = 730

    mutating func openLawFirmCase(
        _ accounts: [Int64], _ route: StagePolicy.LegalReferral.Route, cause: TransitionCause, in context: inout CaseContext
    ) async throws {
        let rows = context.rows.accounts.filter { accounts.contains($0.accountId) }
        guard let first = rows.first, let firm = environment.routing.lawFirm(product: first.product, region: first.region) else {
            let id = try await database.ids.next(.breakRecord)
            writes.breaks.append(
                CaseWrites.NewBreak(
                    breakId: id, kind: "no_law_firm", subjectKind: "case", subjectId: context.facts.caseId,
                    debtorId: context.facts.debtorId, agencyId: nil,
                    severity: .high, rule: "legal.approved"))
            return
        }
        let referrals = Set(context.rows.referrals.map(\.id))
        for index in writes.referralChanges.indices where referrals.contains(writes.referralChanges[index].referralId) {
            writes.referralChanges[index].firm = firm
        }
        let caseId = try await database.ids.next(.caseFile)
        let ids = try await database.ids.next(.placement, count: rows.count)
        let end = context.hours.zone.endOfDay(context.hours.day(of: now.business).adding(days: Self.lawFirmTermDays))
        let placements = zip(ids, rows).map { id, row in
            NewPlacement(
                placementId: id, accountId: row.accountId, debtorId: context.facts.debtorId, caseId: caseId, agencyId: firm,
                portfolioId: row.portfolioId,
                runId: row.runId, tier: row.tier, bucket: row.bucket, currency: row.currency, referBalance: row.balance,
                amountDue: row.amountDue,
                feeScheduleId: nil, startStage: .legalReferral, startsAt: now.business, termEnd: end, reason: "legal.\(route.rawValue)",
                policyVersion: environment.policy.version)
        }
        openings.append(
            (CaseOpening(caseId: caseId, debtorId: context.facts.debtorId, agencyId: firm, stage: .legalReferral), placements))
    }

    /// The facts of the guard beside what the policy asks of each, so that a court's question years later needs no policy file.
    private func guardFacts(_ facts: CivilGuard?, context: CaseContext) -> CanonicalJSON {
        let entry = environment.policy.stages.legal
        var list: CanonicalObject = [
            "rule": "legal_referral.entry", "policy": .number(environment.policy.version),
            "collections": .number(facts?.collections ?? 0), "min_collections": .number(entry.minCollections),
            "months_unpaid": .number(facts?.monthsUnpaid ?? 0), "min_months_unpaid": .number(entry.minMonthsUnpaid),
            "letters_posted": .number(facts?.lettersPosted ?? 0), "min_letters_posted": .number(entry.minLettersPosted),
            "amount": .optional(facts?.amount?.minorUnits), "min_amount": .int(entry.minAmount.minorUnits),
            "currency": .string(entry.minAmount.currency.code),
            "not_holds": .strings(entry.notHolds.map(\.rawValue).sorted()),
        ]
        let currency = context.facts.accounts.first { $0.id == facts?.account }?.balance.currency
        if let currency, currency != entry.minAmount.currency,
            let rate = environment.rates.rate(from: currency, to: entry.minAmount.currency)
        {
            list["fx"] = .string("\(rate.from.code)/\(rate.to.code) \(rate.text)")
        }
        return .object(list)
    }

    /// Sends the card system its message, and starts the clock of the confirmation for each card.
    mutating func orderCards(
        _ act: CardOrder.Act, only: Int64? = nil, confirmBy: Instant, rule: String, in context: CaseContext
    ) async throws {
        let blocked = context.rows.referrals.filter { $0.hasCardBlock && (only == nil || $0.accountId == only) }
        let accounts = Set(blocked.map(\.accountId)).sorted()
        guard !accounts.isEmpty else { return }
        try await send(
            .cardBlock, act == .block ? "card_block" : "card_unblock",
            ["confirm_by": .string(confirmBy.description), "accounts": .numbers(accounts)], in: context)
        for (id, account) in zip(try await database.ids.next(.cardOrder, count: accounts.count), accounts) {
            writes.cardOrders.append(
                NewCardOrder(
                    orderId: id, debtorId: context.facts.debtorId, caseId: context.facts.caseId, accountId: account, act: act, rule: rule,
                    confirmBy: confirmBy))
        }
    }
}
