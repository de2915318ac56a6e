/// Group 4: hours of contact, consents that widen them and wishes that narrow them.
extension LayerJudge {
    /// Dates that are searched for the next opening: more than any row of holidays.
    private static let searchedDays = 45

    mutating func checkWindows(_ contact: ContactAct) {
        let rows = rows(for: contact)
        let wishes = policy.time.consent != nil && ledger.consents.contains { $0.kind == .narrowWindow && $0.party == contact.party }
        guard !rows.isEmpty || wishes, let zone = needZone() else { return }
        if !rows.isEmpty {
            if needsHolidays, need(facts.calendar, "holidays") == nil { return }
            if let end = windowEnd(rows, contact, day: today, minute: minute) {
                until = min(until, zone.instant(of: today, at: end))
            } else {
                let next = nextOpening(zone) { day, minute in windowEnd(rows, contact, day: day, minute: minute) != nil }
                block("contact_windows", .window, basis(of: rows), lifts: next)
            }
        }
        if wishes, let rule = policy.time.consent {
            if let end = wishEnd(contact, day: today, minute: minute) {
                until = min(until, zone.instant(of: today, at: end))
            } else {
                let next = nextOpening(zone) { day, minute in wishEnd(contact, day: day, minute: minute) != nil }
                block("window_consent", .window, rule.basis, lifts: next)
            }
        }
    }

    private func rows(for contact: ContactAct) -> [PolicyTables.Window] {
        let channel = Int(contact.channel.rawValue)
        return contact.point.kind.isWorkplace ? policy.tables.workplaceWindows[channel] : policy.tables.windows[channel]
    }

    private func basis(of rows: [PolicyTables.Window]) -> RuleBasis {
        rows.first.map { policy.time.windows[$0.row].basis } ?? .bank
    }

    private var needsHolidays: Bool { policy.time.holidayMode != .normal }

    /// When the window or widening consent that is open at a local time closes; nil if none is open.
    private func windowEnd(_ rows: [PolicyTables.Window], _ contact: ContactAct, day: Day, minute: Int16) -> TimeOfDay? {
        var weekday = day.weekday.index
        var isClosed = false
        if needsHolidays, facts.calendar.value?.isHoliday(day) ?? false {
            switch policy.time.holidayMode {
            case .normal: break
            case .blocked: isClosed = true
            case .asSunday: weekday = Weekday.sun.index
            }
        }
        var end: Int16 = -1
        if !isClosed {
            for row in rows where row.weekdays & 1 << UInt8(weekday) != 0 && row.start <= minute && minute < row.end {
                end = max(end, row.end)
            }
        }
        if let rule = policy.time.consent, rule.allowed, !rule.narrowsOnly {
            for consent in ledger.consents where consent.kind == .widenWindow && consent.party == contact.party {
                guard consent.channels.contains(contact.channel), !rule.needsRecord || consent.isRecorded, consent.isValid(on: day),
                    consent.contains(minute: minute)
                else { continue }
                end = max(end, consent.closing(after: minute))
            }
        }
        return end < 0 ? nil : TimeOfDay(minutes: Int(end))
    }

    /// When the wished hours that are open at a local time close; the day's end where no wish is in force, nil outside all wishes.
    private func wishEnd(_ contact: ContactAct, day: Day, minute: Int16) -> TimeOfDay? {
        var isWished = false
        var end: Int16 = -1
        for consent in ledger.consents where consent.kind == .narrowWindow && consent.party == contact.party {
            guard consent.channels.contains(contact.channel), consent.isValid(on: day) else { continue }
            isWished = true
            if consent.contains(minute: minute) { end = max(end, consent.closing(after: minute)) }
        }
        if !isWished { return .endOfDay }
        return end < 0 ? nil : TimeOfDay(minutes: Int(end))
    }

    /// The first instant from now on at which `isOpen` holds for the local date and minute. Openness begins only where a row or consent
    /// starts, at midnight (weekday, holiday, validity), or where the clocks change.
    private func nextOpening(_ zone: Zone, _ isOpen: (Day, Int16) -> Bool) -> Instant? {
        var starts: [Int16] = [0]
        for window in policy.time.windows where !starts.contains(window.start.minutes) { starts.append(window.start.minutes) }
        for consent in ledger.consents where !starts.contains(consent.start.minutes) { starts.append(consent.start.minutes) }
        starts.sort()
        var change = zone.nextChange(after: now)
        for offset in 0..<Self.searchedDays {
            let day = today.adding(days: offset)
            for start in starts {
                let instant = zone.instant(of: day, at: TimeOfDay(unchecked: Int(start)))
                if let jump = change, jump <= instant {
                    change = zone.nextChange(after: jump)
                    let local = zone.local(of: jump)
                    if jump > now, isOpen(local.day, local.time.minutes) { return jump }
                }
                guard instant > now else { continue }
                let local = zone.local(of: instant)
                if isOpen(local.day, local.time.minutes) { return instant }
            }
        }
        return nil
    }
}

extension LedgerConsent {
    /// When its hours close that are open at `minute`; the day's end if they run over midnight.
    func closing(after minute: Int16) -> Int16 {
        start < end || minute < end.minutes ? end.minutes : TimeOfDay.endOfDay.minutes
    }
}
