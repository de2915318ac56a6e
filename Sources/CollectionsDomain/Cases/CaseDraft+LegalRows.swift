// Rows *legal* and *law_firm* of DOMAIN section 3.

extension CaseDraft {
    /// The guard holds and the dossier is whole: the bank decides, and the cards are blocked. Else the missing facts go back and the stage ends.
    mutating func legalProposed(_ report: ReportedOutcome) throws(MoneyError) {
        var guards = try civilGuards()
        if !report.dossierComplete {
            for index in guards.indices { guards[index].missing.append("dossier") }
        }
        let accounts = guards.filter(\.holds).map(\.account)
        guard !accounts.isEmpty else {
            rule("legal.proposed.guard_fails")
            emit(.legal(.refuse(guards: guards)))
            return try enterLight()
        }
        rule("legal.proposed")
        facts.referred.formUnion(accounts)
        emit(.legal(.propose(accounts: accounts, guards: guards.filter(\.holds))))
        for account in collected where accounts.contains(account.id) && account.balance.currency != policy.amountCurrency {
            if let rate = facts.rates.rate(from: account.balance.currency, to: policy.amountCurrency) { emit(.rateUsed(rate)) }
        }
        request(.legal, subject: "civil", accounts: accounts)
        if !facts.cardBlocked {
            facts.cardBlocked = true
            emit(.cardBlock(confirmBy: now + .seconds(Int64(policy.legal.cardBlockConfirmHours) * 3_600)))
        }
    }

    /// X(exhausted).
    mutating func notRecommended() {
        rule("legal.not_recommended")
        close(.exhausted)
    }

    /// The bank approved, two persons: the holder's placement closes, a law firm's case begins.
    mutating func legalApproved(_ route: StagePolicy.LegalReferral.Route) {
        rule("legal.approved")
        endRequest(.legal)
        emit(.legal(.approved(route)))
        let accounts = collected.map(\.id)
        close(.legal)
        // A report to the police is the bank's own act: no law firm, and no agency learns of it.
        if route != .criminalReport { emit(.openLawFirmCase(accounts: accounts, route)) }
    }

    /// The bank rejected: the cards are free again, light cadence to the term's end.
    mutating func legalRejected() throws(MoneyError) {
        rule("legal.rejected")
        endRequest(.legal)
        emit(.legal(.rejected))
        if facts.cardBlocked {
            facts.cardBlocked = false
            emit(.cardUnblock)
        }
        if blocker == nil { try enterLight() } else { facts.lightCadence = true }
    }

    /// An event at the law firm: waits for the next one; a mediation in instalments is a plan.
    mutating func firmEvent(_ report: ReportedOutcome) throws(MoneyError) {
        rule("law_firm.\(report.result.name)")
        emit(.legal(.event(report.result, costs: report.costs)))
        if report.result == .firmMediationAgreed, !report.instalments.isEmpty {
            rule("law_firm.mediation_agreed.instalments")
            return try plan(report.instalments, reason: "mediation")
        }
        let wait = Self.firmWaits[report.result] ?? 180
        put(.lawFirm, goal: .reportCourtEvent, at: days(wait))
        self.wait = (days(wait), .lawFirmEvent)
    }

    /// Days until the next event of a law firm's case is due.
    private static let firmWaits: [ResultCode: Int] = [
        .firmDossierAccepted: 60, .firmLawyerLetterSent: 30, .firmFiled: 90, .firmMediationAgreed: 15, .firmJudgment: 180,
        .firmEnforcementFiled: 180,
    ]

    /// X(code): the account goes back to the pool, no agency contact for 90 days.
    mutating func firmEnded(_ report: ReportedOutcome, _ code: CloseCode) {
        rule("law_firm.\(report.result.name)")
        emit(.legal(.event(report.result, costs: report.costs)))
        setHold(.cease, until: days(90), reason: "law_firm.\(report.result.name)")
        close(code)
    }
}
