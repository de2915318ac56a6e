extension ConductGate {
    /// Days before the last day of limitation from which an account is flagged to the legal queue (E15).
    package static let limitationWarningDays = 90

    /// The last day on which an account may be sued for: the bank's own word, else the policy's period from the default on, begun anew by what
    /// interrupts it. Where policies of a chain differ, the earliest counts.
    ///
    /// - Parameters:
    ///   - given: The last day as the bank gave it.
    ///   - defaultDate: When the period began.
    /// - Returns: nil if no policy of the chain knows a period, or a fact it asks for is missing.
    package static func limitationEnd(
        policy: ConductPolicy, ledger: ConductLedger, account: Int64, given: Day?, defaultDate: Day, now: Instant, zone: Zone
    ) -> Day? {
        if let given { return given }
        let today = zone.day(of: now)
        var earliest: Day?
        for layer in policy.chain {
            guard let rule = layer.limitation else { continue }
            var end: Day?
            if rule.subAreas.isEmpty, let months = rule.months,
                today.days(until: defaultDate.adding(months: months)) > limitationWarningDays
            {
                // An interruption only makes it later: not near, whatever the ledger says.
                end = defaultDate.adding(months: months)
            } else {
                let facts = GateFacts(account: GateFacts.Account(defaultDate: .known(defaultDate), limitationEnd: .known(nil)))
                var judge = LayerJudge(
                    policy: layer, zone: zone, ledger: ledger, facts: facts, act: Act(by: .bank, accounts: [account], kind: .referCivil),
                    accounts: ledger.set(of: [account]), now: now, options: [])
                switch judge.limitation(rule) {
                case .running(let lastDay), .expired(_, let lastDay): end = lastDay
                case nil, .some(.none): end = nil
                }
            }
            if let end { earliest = earliest.map { min($0, end) } ?? end }
        }
        return earliest
    }

    /// Whether limitation still runs and ends within ``limitationWarningDays``.
    package static func isLimitationNear(_ lastDay: Day, on day: Day) -> Bool {
        day <= lastDay && day.days(until: lastDay) <= limitationWarningDays
    }

    /// The shortest period of limitation of the chain, in months from the default; nil: no policy knows one.
    package static func shortestLimitation(_ policy: ConductPolicy) -> Int? {
        policy.chain.compactMap(\.limitation).flatMap { rule in
            [rule.months].compactMap { $0 } + rule.subAreas.values.compactMap(\.months)
        }.min()
    }
}
