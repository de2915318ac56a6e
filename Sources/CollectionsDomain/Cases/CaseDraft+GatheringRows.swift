// Rows *info* of DOMAIN section 3: information gathering.

extension CaseDraft {
    /// N(info, now) until the dossier is complete, at most the policy's rounds.
    mutating func contactFound(_ report: ReportedOutcome) throws(MoneyError) {
        defer { if report.newPoint != nil { newContactData(report) } }
        facts.counters.rounds += 1
        if facts.counters.rounds > policy.gathering.maxRounds { return try dossierComplete(rule: "info.contact_found.rounds_spent") }
        rule("info.contact_found")
        put(.gather, goal: .completeDossier, at: now)
    }

    /// RQ data_correction; the case waits for the bank.
    mutating func dataError() {
        rule("info.data_error")
        request(.dataCorrection, subject: "data_error")
    }

    /// The stage is done: phone, by message first for young or low-risk debts; without a number as no contact found.
    mutating func dossierComplete(rule id: String) throws(MoneyError) {
        guard !debtorNumbers.isEmpty || !mobiles.isEmpty || !mailboxes.isEmpty else { return try noContactFound(rule: id + ".no_point") }
        enterStage(.phone)
        if daysPastDue < callLimits.dpdMin || (facts.lowRisk && policy.phone.reminder.lowRiskSegment) {
            rule(id + ".sms_reminder")
            try putMessage(at: nextWindow, priority: .firstContact)
        } else if debtorNumbers.isEmpty {
            // Only a mailbox is left, and no call is possible: the reminder goes there.
            rule(id + ".sms_reminder")
            try putMessage(at: nextWindow, priority: .firstContact)
        } else {
            rule(id + ".call")
            try putCall(at: nextWindow, goal: .getDate, priority: .firstContact)
        }
    }

    /// A letter while the bank searches; without an address only the search, then the case is untraceable.
    mutating func noContactFound(rule id: String) throws(MoneyError) {
        request(.skipTrace, subject: "contact")
        if try enterLetter(rule: id + ".letter") { return }
        rule(id + ".no_address")
        let due = policy.requestDue(.skipTrace, asked: now, zone: hours.zone, calendar: hours.calendar)
        waitUntil(facts.requests.first { $0.type == .skipTrace }?.slaDue ?? due, .skipTrace)
    }
}
