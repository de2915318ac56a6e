/// What a ledger may forget: whatever no rule of the policy can count or ask for any more.
extension ConductPolicy {
    /// Contacts younger than this are kept whatever limits say: the case machine and the work card look at them too.
    private static let memoryDays = 8

    /// Contacts that are kept in any case, newest first.
    private static let memoryEntries = 5

    /// Failed dials that are kept of a long run, from its start and from its end.
    private static let memoryDials = 12

    /// Restarts of limitation this close together are one: no period of limitation is so short.
    private static let interruptionDays = 180

    /// The ledger without what no rule can need after `now`. Later decisions on contacts stay the same.
    ///
    /// Legal referral looks back to the default; it is judged with a ledger rebuilt from `contact_event`.
    package func pruned(_ ledger: ConductLedger, at now: Instant) -> ConductLedger {
        // Two days of margin, so that no zone has to be asked.
        let today = Zone.utc.day(of: now)
        let layers = chain
        let marks = keptMarks(ledger, layers: layers, today: today, now: now)
        let memory = layers.map(\.tables.memoryDays).reduce(Self.memoryDays, max)
        var copy = ledger
        copy.keep(
            entries: keptEntries(ledger, layers: layers, today: today), marks: marks,
            reservations: ledger.reservations.filter { !$0.isPresumed || Zone.utc.day(of: $0.last).days(until: today) <= memory + 2 },
            holds: ledger.holds.filter { hold in hold.until.map { Zone.utc.day(of: $0).days(until: today) <= 2 } ?? true },
            consents: ledger.consents.filter { consent in
                let isOver = consent.validUntil.map { $0.days(until: today) > 2 } ?? false
                return !isOver && (consent.kind != .callConsent || consent.givenOn.days(until: today) <= 8)
            })
        return copy
    }

    private func keptEntries(_ ledger: ConductLedger, layers: [ConductPolicy], today: Day) -> [ContactEntry] {
        let entries = ledger.entries
        var keep = Array(repeating: false, count: entries.count)
        for (index, entry) in entries.enumerated() {
            let age = Zone.utc.day(of: entry.at).days(until: today) - 2
            keep[index] =
                age < Self.memoryDays || index >= entries.count - Self.memoryEntries
                || layers.contains { $0.tables.mayCount(entry, age: age) || $0.mayAsk(for: entry, in: ledger) }
        }
        if layers.contains(where: { $0.tables.failedDials > 0 }) { keepRun(of: entries, in: &keep) }
        keepLatest(of: entries, in: &keep, layers: layers)
        return entries.indices.filter { keep[$0] }.map { entries[$0] }
    }

    /// The failed dials since the last contact with the debtor, and that contact.
    private func keepRun(of entries: [ContactEntry], in keep: inout [Bool]) {
        var run: [Int] = []
        for (index, entry) in entries.enumerated().reversed() {
            if entry.isContactWithDebtor {
                keep[index] = true
                break
            }
            if entry.isFailedDialToDebtor { run.append(index) }
        }
        for index in run.prefix(Self.memoryDials) + run.suffix(Self.memoryDials) { keep[index] = true }
    }

    /// The latest contact of each actor with each person, of each set of accounts with the debtor, and the latest delivered demand: first
    /// contact and limitation ask for them.
    private func keepLatest(of entries: [ContactEntry], in keep: inout [Bool], layers: [ConductPolicy]) {
        struct Pair: Hashable {
            let by: Actor
            let party: PartyKey
        }
        let asksFirst = layers.contains { !$0.content.firstContact.isEmpty }
        let asksDemand = layers.contains { $0.limitation?.interruptedBy.contains(.deliveredDemand) ?? false }
        let asksContact = layers.contains { $0.limitation?.blockAllIfNoContact.value ?? false }
        var pairs: Set<Pair> = []
        var contacted: Set<AccountSet> = []
        var demanded: [AccountSet: Day] = [:]
        for (index, entry) in entries.enumerated().reversed() {
            let isContact = ContactEvent.contactMade.matches(entry.channel, entry.outcome)
            if asksFirst, isContact || entry.outcome == .connected, pairs.insert(Pair(by: entry.by, party: entry.party)).inserted {
                keep[index] = true
            }
            if asksContact, isContact, entry.direction == .outbound, entry.party == 0, contacted.insert(entry.accounts).inserted {
                keep[index] = true
            }
            if asksDemand, entry.isDeliveredDemand {
                let day = Zone.utc.day(of: entry.at)
                if demanded[entry.accounts].map({ day.days(until: $0) >= Self.interruptionDays }) ?? true {
                    demanded[entry.accounts] = day
                    keep[index] = true
                }
            }
        }
    }

    private func keptMarks(_ ledger: ConductLedger, layers: [ConductPolicy], today: Day, now: Instant) -> [ConductMark] {
        let grace = layers.compactMap { $0.promise?.graceDays }.max() ?? 0
        // A promise stands until the ledger has judged it; one that nobody ever judged is forgotten after months.
        let isPromiseOver = { (index: Int) -> Bool in
            ledger.marks[index].due.adding(days: grace).days(until: today) > Self.interruptionDays
                || ledger.isEnded(promiseAt: index, by: [.promiseEnded], now: now)
        }
        let isHoldOver = { (mark: ConductMark) -> Bool in
            layers.allSatisfy { $0.isHoldOver(from: mark, in: ledger, today: today, now: now) }
        }
        let openStarts = ledger.marks.filter { mark in
            HoldType.allCases.contains { $0.startingMark == mark.kind } && mark.kind != .promiseTaken && !isHoldOver(mark)
        }
        var latest: [MarkKind: [(accounts: AccountSet, day: Day)]] = [:]
        var kept: [ConductMark] = []
        for (index, mark) in ledger.marks.enumerated().reversed() {
            let day = Zone.utc.day(of: mark.at)
            let isRecent = day.days(until: today) <= 2
            let isKept: Bool
            switch mark.kind {
            case .promiseTaken: isKept = !isPromiseOver(index)
            case .promiseEnded: isKept = false
            case .disputeReceived, .planSigned, .moratoriumEntered, .crisisTreatmentStarted, .adviserNotice, .ombudsmanComplaint:
                isKept = !isHoldOver(mark)
            case .disputeVerified, .verificationSent, .outcomeSent, .instalmentMissed, .crisisTreatmentEnded, .adviserProgress,
                .ombudsmanClosed:
                isKept = openStarts.contains { $0.at <= mark.at && $0.accounts.meets(mark.accounts) }
            case .payment, .acknowledgment, .setOff, .consentToPerform, .suitFiled, .policeReport:
                // One of each kind, and of each half year before it.
                let isNear = latest[mark.kind, default: []].contains {
                    $0.accounts == mark.accounts && day.days(until: $0.day) < Self.interruptionDays
                }
                if !isNear { latest[mark.kind, default: []].append((mark.accounts, day)) }
                isKept = !isNear
            case .validationSent, .defaultNoticeSent, .letterOfClaimSent:
                let isKnown = latest[mark.kind, default: []].contains { $0.accounts == mark.accounts }
                if !isKnown { latest[mark.kind, default: []].append((mark.accounts, day)) }
                // The notice a dispute answers is the latest before it, so older ones stay while a dispute is open.
                isKept = !isKnown || openStarts.contains { $0.kind == .disputeReceived && $0.at >= mark.at }
            case .optOut, .ceaseNotice, .settled, .representativeKnown, .representativeReply, .representativeConsents, .thirdPartyRefused,
                .thirdPartyOfferedToPay, .thirdPartyAskedBack, .thirdPartyAnswerDoubted:
                isKept = true
            }
            if isKept || isRecent && mark.kind != .promiseTaken && mark.kind != .promiseEnded { kept.append(mark) }
        }
        return kept.reversed()
    }

    /// Whether a hold that an event started under this policy is over for good, or the policy knows no such hold.
    private func isHoldOver(from mark: ConductMark, in ledger: ConductLedger, today: Day, now: Instant) -> Bool {
        for rule in holds where rule.type.startingMark == mark.kind {
            var released: Instant?
            for case .event(let kind) in rule.releases {
                for other in ledger.marks where other.kind == kind && other.at >= mark.at && other.at <= now {
                    guard !rule.perAccount || other.accounts.meets(mark.accounts) else { continue }
                    released = released.map { min($0, other.at) } ?? other.at
                }
            }
            switch rule.start {
            case .releasePlus:
                guard let released, let days = rule.maxDays else { return false }
                if Zone.utc.day(of: released).days(until: today) <= days + 3 { return false }
            case .sameDay, .dayAfter:
                if released != nil { continue }
                guard let days = rule.maxDays else { return false }
                if Zone.utc.day(of: mark.at).days(until: today) <= days + rule.extendDays + 3 { return false }
            }
        }
        return true
    }

    /// Whether a rule asks for a contact however old it is.
    private func mayAsk(for entry: ContactEntry, in ledger: ConductLedger) -> Bool {
        if people.thirdParty?.maxContacts != nil, entry.direction == .outbound, entry.outcome.reachedPerson,
            !tables.collectable.contains(entry.role), !RoleSet.professionals.contains(entry.role)
        {
            return true
        }
        if let rule = people.representative, rule.types.contains(entry.role), entry.direction == .outbound {
            let lastReply = ledger.marks.last { $0.kind == .representativeReply || $0.kind == .representativeKnown }?.at
            if let lastReply, entry.at >= lastReply { return true }
        }
        return optOuts.channel != nil && (entry.purpose == .optOutConfirmation || entry.purpose == .optOutReply)
    }
}

extension PolicyTables {
    /// The longest period of any limit or cooldown, in days.
    var memoryDays: Int {
        max(allLimits.reduce(0) { max($0, $1.days) }, allPauses.reduce(0) { max($0, $1.daysAfter + 1) }, gapDays)
    }

    /// Whether a limit or cooldown can still count a contact that is at least `age` days old.
    fileprivate func mayCount(_ entry: ContactEntry, age: Int) -> Bool {
        for limit in allLimits where age < limit.days && limit.counts(entry) { return true }
        for pause in allPauses where age <= pause.daysAfter && pause.trigger.matches(entry.channel, entry.outcome) { return true }
        return entry.channel == .visit && age < gapDays
    }
}

extension PolicyTables.Limit {
    /// The longest time, in days, for which an event can count.
    fileprivate var days: Int {
        switch windowKind {
        case .calendarDay: 1
        case .consecutiveDays: windowLength
        case .week: 7
        case .month: 31
        case .rollingHours: windowLength / 24 + 1
        }
    }
}
