/// Everything the gate knows of one debtor: the decoded `debtor_conduct.ledger`.
///
/// It is the only thing the gate reads on the lease path and, through its row, the lock of the debtor. Contacts are kept as long as some
/// limit can still count them; what was said, agreed or refused is kept until it no longer matters. It can be rebuilt from
/// `contact_event`, `consent` and `hold`. Acts that look further back than any limit (legal referral) are judged with a ledger rebuilt
/// without pruning.
package struct ConductLedger: Hashable, Sendable {
    /// What is known of the debtor as a person.
    package var profile: DebtorProfile
    /// The debtor's accounts; their positions are the bits of ``AccountSet``.
    package private(set) var accounts: [Int64] = []
    /// Contacts by time.
    package private(set) var entries: [ContactEntry] = []
    /// Statements and events by time of entry.
    package private(set) var marks: [ConductMark] = []
    /// Acts that are out or presumed.
    package private(set) var reservations: [Reservation] = []
    /// Holds on record.
    package private(set) var holds: [LedgerHold] = []
    /// Wishes and consents.
    package private(set) var consents: [LedgerConsent] = []

    /// More contacts than this cannot be judged: the gate blocks for review (`conduct_ledger.full`).
    package static let maximumEntries = 100

    package init(profile: DebtorProfile = DebtorProfile()) {
        self.profile = profile
    }

    /// A ledger put together from parts; the bits of `entries` and others refer to `accounts`.
    init(
        profile: DebtorProfile, accounts: [Int64], entries: [ContactEntry], marks: [ConductMark], reservations: [Reservation],
        holds: [LedgerHold], consents: [LedgerConsent]
    ) {
        self.profile = profile
        self.accounts = accounts
        self.entries = entries
        self.marks = marks
        self.reservations = reservations
        self.holds = holds
        self.consents = consents
    }
}

// MARK: Accounts

extension ConductLedger {
    /// The bits of accounts as far as the table knows them. An account it does not know has no events yet.
    package func set(of ids: [Int64]) -> AccountSet {
        var bits: UInt64 = 0
        for id in ids {
            var index = 0
            while index < accounts.count, accounts[index] != id { index += 1 }
            if index < accounts.count {
                bits |= 1 << UInt64(index)
            } else if accounts.count >= AccountSet.capacity {
                bits |= 1 << UInt64(AccountSet.capacity)
            }
        }
        return AccountSet(bits: bits)
    }

    /// The bits of accounts, which are entered into the table if they are new.
    package mutating func register(_ ids: [Int64]) -> AccountSet {
        for id in ids where !accounts.contains(id) && accounts.count < AccountSet.capacity { accounts.append(id) }
        return set(of: ids)
    }

    /// The accounts of a set of bits that the table can name.
    package func ids(of set: AccountSet) -> [Int64] {
        accounts.indices.filter { set.bits & (1 << UInt64($0)) != 0 }.map { accounts[$0] }
    }
}

// MARK: Entering facts

extension ConductLedger {
    /// Enters a contact at its time, also if it is reported late.
    package mutating func add(_ entry: ContactEntry) {
        var index = entries.count
        while index > 0, entries[index - 1].at > entry.at { index -= 1 }
        entries.insert(entry, at: index)
    }

    /// The ledger with one more contact.
    package func adding(_ entry: ContactEntry) -> ConductLedger {
        var copy = self
        copy.add(entry)
        return copy
    }

    /// Enters a statement or event.
    package mutating func add(_ mark: ConductMark) {
        marks.append(mark)
    }

    /// Enters an opt-out of `channels` by `party`.
    package mutating func optOut(of channels: ChannelSet, party: PartyKey = 0, at: Instant) {
        marks.append(ConductMark(.optOut, at: at, party: party, detail: Int32(truncatingIfNeeded: channels.bits)))
    }

    /// Enters a promise on accounts, due on `due`.
    package mutating func promise(on ids: [Int64], due: Day, at: Instant) {
        marks.append(ConductMark(.promiseTaken, at: at, accounts: register(ids), detail: due.number))
    }

    /// Ends the promises on accounts: kept, broken and judged, replaced or withdrawn.
    package mutating func endPromise(on ids: [Int64], at: Instant) {
        marks.append(ConductMark(.promiseEnded, at: at, accounts: register(ids)))
    }

    /// Whether the promise at an index of ``marks`` was ended by a mark of one of the kinds. A judgment and the new promise it leads to have one
    /// instant: then the order of entry decides.
    func isEnded(promiseAt index: Int, by kinds: Set<MarkKind>, now: Instant) -> Bool {
        let promise = marks[index]
        return marks.indices.contains { other in
            let mark = marks[other]
            return kinds.contains(mark.kind) && mark.at <= now && (mark.at > promise.at || mark.at == promise.at && other > index)
                && mark.accounts.meets(promise.accounts)
        }
    }

    /// Enters a wish or consent.
    package mutating func add(_ consent: LedgerConsent) {
        consents.append(consent)
    }

    /// Replaces all wishes and consents, as they stand in table `consent`.
    package mutating func replaceConsents(_ all: [LedgerConsent]) {
        consents = all
    }

    /// Sets a hold on record.
    ///
    /// - Parameter ids: The accounts on hold; nil for the whole debtor.
    package mutating func hold(_ type: HoldType, on ids: [Int64]? = nil, from: Instant, until: Instant? = nil) {
        let set = ids.map { register($0) } ?? .all
        holds.append(LedgerHold(type: type, accounts: set, from: from, until: until))
    }

    /// Takes a hold off the record.
    ///
    /// - Parameter ids: The accounts it was set on; nil for one on the whole debtor.
    /// - Returns: Whether there was one.
    @discardableResult
    package mutating func release(_ type: HoldType, on ids: [Int64]? = nil) -> Bool {
        let set = ids.map { self.set(of: $0) } ?? .all
        guard let index = holds.firstIndex(where: { $0.type == type && $0.accounts == set }) else { return false }
        holds.remove(at: index)
        return true
    }
}

// MARK: Reservations

extension ConductLedger {
    /// What became of a reserved act.
    package enum Settlement: Hashable, Sendable {
        /// It happened, or is known to have failed: the fact takes the reservation's place.
        case fact(ContactEntry)
        /// It was released, or not attempted.
        case removed
        /// The lease ended without word: it may have happened.
        case presumed
    }

    /// Reserves one act.
    package mutating func reserve(_ reservation: Reservation) {
        reservations.append(reservation)
    }

    /// The reservation or presumption of a grant.
    package func reservation(task: Int64, epoch: Int32) -> Reservation? {
        reservations.first { $0.task == task && $0.epoch == epoch }
    }

    /// Replaces the reservation or presumption of (task, epoch) by what became of it.
    ///
    /// A fact is entered whether or not a reservation is left; the caller sees to it that each (task, epoch) is settled as a fact once.
    /// - Returns: Whether a reservation was found.
    @discardableResult
    package mutating func settle(task: Int64, epoch: Int32, as settlement: Settlement) -> Bool {
        let index = reservations.firstIndex { $0.task == task && $0.epoch == epoch }
        switch settlement {
        case .fact(let entry):
            if let index { reservations.remove(at: index) }
            add(entry)
        case .removed:
            if let index { reservations.remove(at: index) }
        case .presumed:
            if let index { reservations[index].isPresumed = true }
        }
        return index != nil
    }

    /// Replaces the parts that pruning may thin out.
    mutating func keep(
        entries: [ContactEntry], marks: [ConductMark], reservations: [Reservation], holds: [LedgerHold], consents: [LedgerConsent]
    ) {
        self.entries = entries
        self.marks = marks
        self.reservations = reservations
        self.holds = holds
        self.consents = consents
    }
}
