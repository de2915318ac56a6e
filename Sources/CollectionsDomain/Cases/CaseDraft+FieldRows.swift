// Rows *field* of DOMAIN section 3.

extension CaseDraft {
    /// Enters the visit in the case's record; every visit counts, also at a closed door.
    private mutating func enterVisit(_ report: ReportedOutcome) {
        facts.counters.visits += 1
        let visit = CaseFacts.Visit(occurredAt: report.occurredAt, result: report.result, point: report.point)
        facts.visits.append(visit)
        emit(.visit(visit, collectors: report.collectors))
    }

    /// A promise at the door: within the stage's own days (later: an extension).
    mutating func visitPromise(_ report: ReportedOutcome, rule id: String) throws(MoneyError) {
        enterVisit(report)
        try promised(report, rule: id, window: min(policy.field.promiseMaxDays, facts.terms.promiseMaxDays))
    }

    /// Met, nothing agreed: N(visit, +15 d), the last one: ADV.
    mutating func visitWithoutResult(_ report: ReportedOutcome) throws(MoneyError) {
        enterVisit(report)
        rule("field.\(report.result.name)")
        try continueField(at: now)
    }

    /// Nobody there: N(visit, +7 d, other daypart), the last one: ADV.
    mutating func visitAbsent(_ report: ReportedOutcome) throws(MoneyError) {
        enterVisit(report)
        rule("field.\(report.result.name)")
        try continueField(at: now)
    }

    /// Somebody else there: relay only, and only while the debtor is lost.
    mutating func visitThirdParty(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        enterVisit(report)
        rule("field.third_party_met")
        if !task.lostAtGrant, !isLost(at: now), report.debtTold { emit(.violation("third_party.forbidden_fields")) }
        try continueField(at: now)
    }

    /// CP- address, RQ skip_trace; another address gets the visit, else ADV.
    mutating func addressGone(_ point: Int64?, _ report: ReportedOutcome) throws(MoneyError) {
        enterVisit(report)
        rule("field.\(report.result.name)")
        switchOff(point, .addressWrong)
        request(.skipTrace, subject: "address")
        guard !visitAddresses.isEmpty else { return try advance() }
        try continueField(at: now, soon: true)
    }

    /// Visits off for this address until an operator lifts it; ADV.
    mutating func unsafeAddress(_ point: Int64?) throws(MoneyError) {
        rule("field.unsafe")
        switchOff(point, .visitsOff)
        try advance()
    }

    /// The gate said no at the door: the visit waits until it is allowed, no attempt is counted.
    mutating func permitBlocked(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        rule("field.permit_blocked")
        putAgain(task, at: max(report.permitEarliest ?? days(1), now + .seconds(60)))
    }
}
