/// Group 5: cooldowns and frequency limits over known acts, reservations and presumed acts.
extension LayerJudge {
    mutating func checkCounts(_ contact: ContactAct) {
        let channel = Int(contact.channel.rawValue)
        let pauses = policy.tables.pauses[channel]
        let limits = policy.tables.limits[channel]
        guard !pauses.isEmpty || !limits.isEmpty, let zone = needZone() else { return }
        if ledger.entries.count > ConductLedger.maximumEntries {
            block("conduct_ledger.full", .other, .bank, isForReview: true)
            return
        }
        for pause in pauses { check(pause, contact, zone) }
        for limit in limits { check(limit, contact, zone) }
    }

    // MARK: What counts together

    /// Whether an act to `party` at `point` about `accounts` by `by` agrees with this one on all of a scope.
    private func agrees(
        _ scope: CodeSet<CountScope>, ownOnly: Bool, _ contact: ContactAct, party: PartyKey, point: Int64, accounts: AccountSet, by: Actor
    ) -> Bool {
        if scope.contains(.party), party != contact.party { return false }
        if scope.contains(.account), !concerns(accounts) { return false }
        if scope.contains(.contactPoint), point != contact.point.id { return false }
        return !ownOnly || by == act.by
    }

    /// Whether an exclusion takes this act itself out of a limit or cooldown.
    private func isExcluded(_ exclusions: CodeSet<CountExclusion>, _ contact: ContactAct) -> Bool {
        if exclusions.isEmpty { return false }
        return exclusions.contains(.toAttorneyOrCreditor) && contact.role.isAttorneyOrCreditor
            || exclusions.contains(.priorConsent7d) && isWithinCallConsent(contact)
    }

    // MARK: Cooldowns

    private mutating func check(_ pause: PolicyTables.Pause, _ contact: ContactAct, _ zone: Zone) {
        if isExcluded(pause.excusedBy, contact) { return }
        // Instants instead of dates, newest first: the first act that counts is the last one, and what lies before the pause ends the search.
        let from = zone.startOfDay(today.adding(days: -pause.daysAfter))
        let to = zone.endOfDay(today)
        var last: Day?
        var index = ledger.entries.count
        while index > 0 {
            index -= 1
            let at = ledger.entries[index].at
            if at < from { break }
            if at < to, triggers(ledger.entries[index], pause, contact) {
                last = zone.day(of: at)
                break
            }
        }
        for reservation in ledger.reservations where pause.trigger.isPossible(on: reservation.channel) {
            guard
                agrees(
                    pause.scope, ownOnly: pause.ownEventsOnly, contact, party: reservation.party, point: reservation.point,
                    accounts: reservation.accounts, by: reservation.by)
            else { continue }
            let first = zone.day(of: reservation.from)
            let day = zone.day(of: reservation.last)
            if first <= today, today <= day.adding(days: pause.daysAfter) { last = last.map { max($0, day) } ?? day }
        }
        guard let last else { return }
        let rule = policy.cooldowns[pause.row]
        block(
            rule.rule, .count, rule.basis, lifts: zone.startOfDay(last.adding(days: pause.daysAfter + 1)),
            isForReview: policy.scope.onExceed == .review)
    }

    private func triggers(_ entry: ContactEntry, _ pause: PolicyTables.Pause, _ contact: ContactAct) -> Bool {
        guard entry.direction == .outbound || pause.inboundToo, pause.trigger.matches(entry.channel, entry.outcome) else { return false }
        return agrees(
            pause.scope, ownOnly: pause.ownEventsOnly, contact, party: entry.party, point: entry.point, accounts: entry.accounts,
            by: entry.by)
    }

    // MARK: Frequency limits

    /// The period that counts for an act now.
    private struct Period {
        /// Local dates `first ... last`, unless `after` is given.
        var first: Day
        var last: Day
        /// Rolling hours: events later than this instant.
        var after: Instant?
    }

    private func period(_ limit: PolicyTables.Limit) -> Period {
        switch limit.windowKind {
        case .calendarDay: Period(first: today, last: today)
        case .consecutiveDays: Period(first: today.adding(days: 1 - limit.windowLength), last: today)
        case .week: Period(first: today.startOfWeek, last: today.startOfWeek.adding(days: 6))
        case .month: Period(first: today.startOfMonth, last: today.endOfMonth)
        case .rollingHours:
            Period(first: today, last: today, after: Instant(microseconds: now.microseconds - Int64(limit.windowLength) * 3_600_000_000))
        }
    }

    private mutating func check(_ limit: PolicyTables.Limit, _ contact: ContactAct, _ zone: Zone) {
        if isExcluded(limit.exclusions, contact) { return }
        let period = period(limit)
        // Instants instead of dates: one comparison for each entry.
        let from = period.after.map { Instant(microseconds: $0.microseconds + 1) } ?? zone.startOfDay(period.first)
        let to = period.after == nil ? zone.endOfDay(period.last) : .distantFuture
        var count = 0
        // Newest first: what lies before the period ends the search.
        var index = ledger.entries.count
        while index > 0 {
            index -= 1
            let at = ledger.entries[index].at
            if at < from { break }
            if at < to, counts(ledger.entries[index], in: limit, contact) { count += 1 }
        }
        for reservation in ledger.reservations where counts(reservation, in: limit, contact) {
            // It counts in every date its interval touches.
            if reservation.last >= from, reservation.from < to { count += 1 }
        }
        guard count + 1 > limit.max else { return }
        let rule = policy.limits[limit.row]
        block(
            rule.rule, .count, rule.basis,
            lifts: lift(limit, contact, period: period, from: from, to: to, excess: count + 1 - limit.max, zone),
            count: BlockReason.Count(counted: count + 1, max: limit.max), isForReview: policy.scope.onExceed == .review)
    }

    private func counts(_ entry: ContactEntry, in limit: PolicyTables.Limit, _ contact: ContactAct) -> Bool {
        guard limit.counts(entry) else { return false }
        return agrees(
            limit.scope, ownOnly: limit.ownEventsOnly, contact, party: entry.party, point: entry.point, accounts: entry.accounts,
            by: entry.by)
    }

    private func counts(_ reservation: Reservation, in limit: PolicyTables.Limit, _ contact: ContactAct) -> Bool {
        guard limit.counts(reservation) else { return false }
        return agrees(
            limit.scope, ownOnly: limit.ownEventsOnly, contact, party: reservation.party, point: reservation.point,
            accounts: reservation.accounts, by: reservation.by)
    }

    /// The first instant at which enough events have left the period; nil if no number of them is enough.
    private func lift(
        _ limit: PolicyTables.Limit, _ contact: ContactAct, period: Period, from: Instant, to: Instant, excess: Int, _ zone: Zone
    ) -> Instant? {
        guard limit.max > 0 else { return nil }
        switch limit.windowKind {
        case .calendarDay, .week, .month: return zone.endOfDay(period.last)
        case .consecutiveDays, .rollingHours: break
        }
        // The `excess` oldest of those counted have to leave.
        var times: [Instant] = []
        for entry in ledger.entries where entry.at >= from && entry.at < to && counts(entry, in: limit, contact) { times.append(entry.at) }
        for reservation in ledger.reservations where reservation.last >= from && reservation.from < to {
            if counts(reservation, in: limit, contact) { times.append(reservation.last) }
        }
        times.sort()
        guard excess <= times.count else { return nil }
        let leaving = times[excess - 1]
        if limit.windowKind == .rollingHours {
            return Instant(microseconds: leaving.microseconds + Int64(limit.windowLength) * 3_600_000_000)
        }
        return zone.startOfDay(zone.day(of: leaving).adding(days: limit.windowLength))
    }
}

extension PolicyTables.Limit {
    /// Whether an act that happened is an event of the limit, whoever it was with.
    func counts(_ entry: ContactEntry) -> Bool {
        guard entry.direction == .outbound, channels.contains(entry.channel), event.matches(entry.channel, entry.outcome) else {
            return false
        }
        if exclusions.isEmpty { return true }
        if exclusions.contains(.notConnected), entry.outcome.isNotConnected { return false }
        if exclusions.contains(.priorConsent7d), entry.consented { return false }
        return !exclusions.contains(.toAttorneyOrCreditor) || !entry.role.isAttorneyOrCreditor
    }

    /// Whether a reserved act could become an event of the limit.
    func counts(_ reservation: Reservation) -> Bool {
        guard channels.contains(reservation.channel), event.isPossible(on: reservation.channel) else { return false }
        if exclusions.contains(.priorConsent7d), reservation.consented { return false }
        return !exclusions.contains(.toAttorneyOrCreditor) || !reservation.role.isAttorneyOrCreditor
    }
}

extension PartyRole {
    /// For exclusion `to_attorney_or_creditor`.
    var isAttorneyOrCreditor: Bool { self == .attorney || self == .creditor }
}
