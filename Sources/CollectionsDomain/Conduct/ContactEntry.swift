/// One act of contact that happened, as the ledger keeps it.
package struct ContactEntry: Hashable, Sendable {
    /// The start of the act: dial, send, hand-over to the post, knock.
    package var at: Instant
    package var channel: Channel
    package var direction: Direction
    package var outcome: ContactOutcome
    package var purpose: ActPurpose
    /// The person addressed, or who called; 0 is the debtor.
    package var party: PartyKey
    package var role: PartyRole
    /// Id of the contact point; 0 if none is known.
    package var point: Int64
    /// Whether that point is reserved with the bank.
    package var pointIsReserved: Bool
    /// The accounts it was about, as bits of the ledger's table.
    package var accounts: AccountSet
    /// Who acted, or received.
    package var by: Actor
    /// Whether it was made within a consent to be called.
    package var consented: Bool

    package init(
        at: Instant, channel: Channel, direction: Direction = .outbound, outcome: ContactOutcome, purpose: ActPurpose = .demandPayment,
        party: PartyKey = 0, role: PartyRole = .debtor, point: Int64 = 0, pointIsReserved: Bool = false, accounts: AccountSet = .all,
        by: Actor, consented: Bool = false
    ) {
        self.at = at
        self.channel = channel
        self.direction = direction
        self.outcome = outcome
        self.purpose = purpose
        self.party = party
        self.role = role
        self.point = point
        self.pointIsReserved = pointIsReserved
        self.accounts = accounts
        self.by = by
        self.consented = consented
    }

    /// Whether this was contact from or with the debtor, which ends a run of failed dials: anything that came from the debtor, and any
    /// dial, visit or signed letter that reached somebody there. A message that was only sent or delivered is none.
    var isContactWithDebtor: Bool {
        guard party == 0 else { return false }
        if direction == .inbound { return true }
        switch outcome {
        case .conversation, .connected, .met, .receiptSigned: return true
        case .voicemail, .noAnswer, .busy, .notInService, .sent, .delivered, .failed, .returned, .nobodyHome, .received: return false
        }
    }

    /// Whether it was a dial to the debtor that nobody answered.
    var isFailedDialToDebtor: Bool {
        party == 0 && direction == .outbound && channel.isPhone && outcome.isUnanswered
    }
}

/// The right to one act that is out: a lease or permit whose outcome is not in yet, or (presumed) will not come.
package struct Reservation: Hashable, Sendable {
    /// The task and its epoch.
    package var task: Int64
    package var epoch: Int32
    package var channel: Channel
    package var purpose: ActPurpose
    package var party: PartyKey
    package var role: PartyRole
    package var point: Int64
    /// The accounts, as bits of the ledger's table.
    package var accounts: AccountSet
    package var by: Actor
    /// Whether it was granted within a consent to be called.
    package var consented: Bool
    /// The act starts in `from ..< actBefore`.
    package var from: Instant
    package var actBefore: Instant
    /// Whether the lease ended without word: the act may have happened and counts until a report says otherwise.
    package var isPresumed: Bool

    package init(
        task: Int64, epoch: Int32, channel: Channel, purpose: ActPurpose = .demandPayment, party: PartyKey = 0, role: PartyRole = .debtor,
        point: Int64 = 0, accounts: AccountSet = .all, by: Actor, consented: Bool = false, from: Instant, actBefore: Instant,
        isPresumed: Bool = false
    ) {
        self.task = task
        self.epoch = epoch
        self.channel = channel
        self.purpose = purpose
        self.party = party
        self.role = role
        self.point = point
        self.accounts = accounts
        self.by = by
        self.consented = consented
        self.from = from
        self.actBefore = actBefore
        self.isPresumed = isPresumed
    }

    /// The last instant at which the act may start.
    var last: Instant { max(from, Instant(microseconds: actBefore.microseconds - 1)) }
}
