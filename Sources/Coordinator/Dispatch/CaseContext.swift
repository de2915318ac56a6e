package import CollectionsDomain
package import CollectionsStore
package import PostgresDriver

/// One debtor's case under lock: its rows, the facts a decision reads, and the conduct ledger that runs along.
///
/// Made by ``load(part:debtors:environment:now:in:)`` inside a transaction, which locks the debtors first (lock order 1). Decisions of
/// ``CaseTransition`` keep ``facts``, ``rows`` and ``ledger`` up to date, so that several events of one transaction see each other.
package struct CaseContext: Sendable {
    /// Lane.
    package let part: Int32
    /// What the tables said, and since then what decisions of this transaction made of it.
    package var rows: CaseRows
    /// What the case machine reads.
    package var facts: CaseFacts
    /// Where days and windows begin for this debtor.
    package let hours: WorkingHours
    /// The debtor's conduct, with everything this transaction entered.
    package var ledger: ConductLedger
    /// The ledger as stored when it was read: written again only where it changed.
    private let storedLedger: ConductLedger

    /// Puts a context together from rows read under the debtor's lock.
    ///
    /// - Parameters:
    ///   - watermark: Up to when the bank's payments are known.
    ///   - reported: The task whose outcome or expiry is being decided: it is left out of the live tasks.
    package init(
        part: Int32, rows: CaseRows, ledger: ConductLedger, environment: CaseEnvironment, watermark: Instant?, now: Now,
        reported: Int64? = nil
    ) throws {
        self.part = part
        self.rows = rows
        self.ledger = ledger
        storedLedger = ledger
        hours = environment.hours(timeZone: rows.file.timeZone)
        facts = try Self.facts(
            rows, ledger: ledger, environment: environment, watermark: watermark, now: now, hours: hours, reported: reported)
    }

    /// Whether the ledger has to be written.
    package var isLedgerChanged: Bool { ledger != storedLedger }

    /// Locks debtors of one lane and loads their newest cases. Debtors without a case or without a conduct row are left out.
    ///
    /// On the API's pool the transaction's `recourse.agencies` must name the holders (``CaseRows/CaseFile/holders``) and every executor.
    package static func load(
        part: Int32, debtors: [Int64], environment: CaseEnvironment, now: Now, in db: PostgresConnection
    ) async throws -> [Int64: CaseContext] {
        let ids = Set(debtors).sorted()
        guard !ids.isEmpty else { return [:] }
        let answers = try await db.pipeline(
            [ConductQueries.lock(part: part, debtors: ids), CaseQueries.files(part: part, debtors: ids), RateQueries.watermark]
                + CaseQueries.statements(part: part, debtors: ids))
        let ledgers = Dictionary(try ConductQueries.rows(answers[0]).map { ($0.debtorId, $0) }, uniquingKeysWith: { first, _ in first })
        let watermark = try answers[2].first?.get(0, as: Instant?.self)
        let rows = try CaseQueries.decode(answers[3...], files: try CaseQueries.files(answers[1]))
        var contexts: [Int64: CaseContext] = [:]
        for (debtor, rows) in rows {
            guard let stored = ledgers[debtor] else { continue }
            contexts[debtor] = try CaseContext(
                part: part, rows: rows, ledger: try ConductLedger(bytes: stored.ledger), environment: environment,
                watermark: watermark ?? nil, now: now)
        }
        return contexts
    }

    // MARK: Facts

    private static func facts(
        _ rows: CaseRows, ledger: ConductLedger, environment: CaseEnvironment, watermark: Instant?, now: Now, hours: WorkingHours,
        reported: Int64?
    ) throws -> CaseFacts {
        let file = rows.file
        guard let state = CaseState(code: file.state, reason: file.reason, until: file.until) else {
            throw UnreadableCase(caseId: file.caseId)
        }
        let today = hours.day(of: now.business)
        let accounts = try rows.accounts.map { account in
            try fact(
                account, today: today,
                limitationEnd: limitationEnd(account, ledger: ledger, environment: environment, today: today, now: now, hours: hours))
        }
        let first = rows.accounts.first
        let live = rows.tasks.filter { $0.caseId == file.caseId && $0.taskId != reported }
        var facts = CaseFacts(
            caseId: file.caseId, debtorId: file.debtorId, holder: file.agencyId,
            holderIsLawFirm: environment.routing.isLawFirm(file.agencyId), state: state, stage: file.stage,
            stageEnteredAt: file.stageEnteredAt, lightCadence: file.lightCadence, counters: CaseCounters(stored: file.counters),
            lastWorkedAt: file.lastWorkedAt, accounts: accounts, points: rows.points.map(fact), history: ledger.entries.map(\.fact),
            holds: rows.holds.map { CaseFacts.Hold($0.type, account: $0.accountId, until: $0.until) },
            requests: rows.requests.filter { $0.state == "open" }.map { CaseFacts.Request($0.type, slaDue: $0.slaDue) },
            promises: try rows.promises.map(fact),
            letters: rows.letters.map {
                CaseFacts.Letter(
                    id: $0.id, state: $0.state, accounts: $0.accounts, point: $0.pointId, postedAt: $0.postedAt, endedAt: $0.closedAt,
                    answered: $0.answered)
            },
            visits: rows.visits.map { CaseFacts.Visit(occurredAt: $0.occurredAt, result: $0.result, point: $0.pointId) },
            executors: environment.routing.executors(
                holder: file.agencyId, product: first?.product ?? ContractTerms.any, region: first?.region ?? file.region),
            terms: environment.terms, rates: environment.rates, lowRisk: rows.accounts.contains { $0.segment == "low_risk" },
            legalReviewDone: rows.requests.contains { $0.type == .legalReview && $0.state == "granted" },
            cardBlocked: rows.referrals.contains(where: \.hasCardBlock), watermark: watermark)
        facts.referred = Set(rows.referrals.map(\.accountId))
        facts.optedOut = optedOut(ledger)
        facts.represented = isRepresented(
            ledger, points: facts.points, rule: environment.policy.conduct.people.representative, now: now.business)
        facts.contactTask = live.first { !$0.step.isDocument }.map { fact($0, file: file, rows: rows) }
        facts.documentTask = live.first { $0.step.isDocument }.map { fact($0, file: file, rows: rows) }
        return facts
    }

    /// Reckoned only where it may be near: elsewhere nothing depends on it, and every outcome loads its case.
    private static func limitationEnd(
        _ account: CaseRows.Account, ledger: ConductLedger, environment: CaseEnvironment, today: Day, now: Now, hours: WorkingHours
    ) -> Day? {
        if let given = account.limitationEnd { return given }
        guard let months = environment.limitationMonths,
            today.days(until: account.defaultDate.adding(months: months)) <= ConductGate.limitationWarningDays
        else { return nil }
        return ConductGate.limitationEnd(
            policy: environment.policy.conduct, ledger: ledger, account: account.accountId, given: nil, defaultDate: account.defaultDate,
            now: now.business, zone: hours.zone)
    }

    private static func fact(_ account: CaseRows.Account, today: Day, limitationEnd: Day?) throws -> CaseFacts.Account {
        guard let currency = Currency(account.currency) else { throw UnreadableCase(caseId: account.placementId) }
        func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: currency) }
        let rolled = account.daysPastDue > 0 ? max(0, account.asOf.days(until: today)) : 0
        return CaseFacts.Account(
            id: account.accountId, status: account.status, balance: money(account.balance), amountDue: money(account.amountDue),
            minPayment: money(account.minPayment), daysPastDue: Int(account.daysPastDue) + rolled, principal: money(account.principal),
            termEnd: account.extendedUntil ?? account.termEnd, extended: account.extendedUntil != nil, limitationEnd: limitationEnd)
    }

    private static func fact(_ point: CaseRows.Point) -> ContactPoint {
        ContactPoint(
            id: point.id, role: point.role, immediateFamily: point.isImmediateFamily, channel: point.channel, rank: Int(point.rank),
            state: point.doNotContact ? .off : point.state, visitsOff: point.visitsOff)
    }

    private static func fact(_ promise: CaseRows.Promise) throws -> CaseFacts.OpenPromise {
        guard let currency = Currency(promise.currency) else { throw UnreadableCase(caseId: promise.id) }
        return CaseFacts.OpenPromise(
            id: promise.id, account: promise.accountId, type: promise.type, amount: Money(minorUnits: promise.amount, currency: currency),
            due: promise.dueOn, takenAt: promise.takenAt, judgeAfter: promise.judgeAfter)
    }

    private static func fact(_ task: TaskRow, file: CaseRows.CaseFile, rows: CaseRows) -> CaseFacts.LiveTask {
        let point = task.step.isDocument ? rows.letters.last { $0.taskId == task.taskId }?.pointId : file.pointId
        return CaseFacts.LiveTask(
            id: task.taskId, step: task.step, goal: task.step.isDocument ? .sendLetter : file.goal, dueAt: task.dueAt,
            leased: task.isLeased, point: point)
    }

    /// Whether somebody speaks for the debtor, so that contact goes there alone: until the representative agreed to direct contact, or was silent for
    /// the policy's days. A policy without such days leaves it at the representative as long as there is a way to reach one; without any, the bank
    /// has checked the mandate before the case goes on.
    private static func isRepresented(_ ledger: ConductLedger, points: [ContactPoint], rule: RepresentativeRule?, now: Instant) -> Bool {
        guard let known = ledger.marks.last(where: { $0.kind == .representativeKnown }) else { return false }
        if ledger.marks.contains(where: { $0.kind == .representativeConsents && $0.at >= known.at }) { return false }
        guard let silentDays = rule?.silentDays else { return !PointOrder.representatives(points).isEmpty }
        let last = ledger.entries.last { $0.role == .attorney || $0.role == .debtAdviser }?.at
        return now < max(last ?? known.at, known.at) + .seconds(Int64(silentDays) * 86_400)
    }

    private static func optedOut(_ ledger: ConductLedger) -> Set<ContactFact.Channel> {
        var channels: Set<ContactFact.Channel> = []
        for mark in ledger.marks where mark.kind == .optOut && mark.party == 0 {
            for channel in ChannelSet(bits: UInt64(UInt32(bitPattern: mark.detail))).elements { channels.insert(channel.factChannel) }
        }
        return channels
    }
}

/// A stored case does not read as one: written past the program, or by a newer version.
package struct UnreadableCase: Error, Hashable, CustomStringConvertible {
    /// The row's id.
    package let caseId: Int64

    package var description: String { "cannot read case \(caseId): state, reason or currency are not known to this version" }
}
