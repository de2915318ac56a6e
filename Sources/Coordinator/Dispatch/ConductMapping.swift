package import CollectionsDomain
package import CollectionsStore

// The case's words for acts of contact and the conduct ledger's: the first tell what follows, the second what may still be done.

extension ContactFact {
    /// The act as the ledger keeps it.
    ///
    /// - Parameters:
    ///   - purpose: What it was for, as far as the reservation says.
    ///   - accounts: The accounts it was about, as bits of the ledger's table.
    ///   - by: Who acted.
    ///   - party: The person reached or tried.
    package func entry(
        purpose: ActPurpose, party: PartyKey, accounts: AccountSet, by actor: Actor, pointIsReserved: Bool, consented: Bool
    ) -> ContactEntry {
        ContactEntry(
            at: occurredAt, channel: channel.ledgerChannel, direction: direction == .inbound ? .inbound : .outbound,
            outcome: outcome.ledgerOutcome,
            purpose: purpose, party: party, role: role.ledgerRole, point: point ?? 0, pointIsReserved: pointIsReserved,
            accounts: accounts, by: actor, consented: consented)
    }
}

extension ContactEntry {
    /// The act as a case looks at it.
    package var fact: ContactFact {
        ContactFact(
            channel: channel.factChannel, direction: direction == .inbound ? .inbound : .outbound, outcome: outcome.factOutcome,
            role: role.factRole,
            point: point == 0 ? nil : point, occurredAt: at)
    }
}

extension ConductLedger {
    /// All acts as the bank's own pace counts them, oldest first: what is out or presumed counts as a dial nobody answered.
    package var paceHistory: [ContactFact] {
        let known = entries.map(\.fact)
        if reservations.isEmpty { return known }
        let open = reservations.map {
            ContactFact(
                channel: $0.channel.factChannel, outcome: .noAnswer, role: $0.role.factRole, point: $0.point == 0 ? nil : $0.point,
                occurredAt: $0.from)
        }
        return (known + open).sorted { $0.occurredAt < $1.occurredAt }
    }
}

extension ContactFact.Channel {
    /// The channel as limits know it.
    package var ledgerChannel: Channel {
        switch self {
        case .call: .call
        case .sms: .sms
        case .email: .email
        case .letter: .letter
        case .visit: .visit
        }
    }
}

extension Channel {
    /// The channel as a case knows it; a one-way notice is a call.
    package var factChannel: ContactFact.Channel {
        switch self {
        case .call, .noticeCall: .call
        case .sms: .sms
        case .email: .email
        case .letter: .letter
        case .visit: .visit
        }
    }
}

extension ContactFact.Outcome {
    /// The outcome as limits know it.
    package var ledgerOutcome: ContactOutcome {
        switch self {
        case .conversation: .conversation
        case .connected: .connected
        case .voicemail: .voicemail
        case .noAnswer: .noAnswer
        case .busy: .busy
        case .notInService: .notInService
        case .sent: .sent
        case .delivered: .delivered
        case .receiptSigned: .receiptSigned
        case .failed: .failed
        case .returned: .returned
        case .met: .met
        case .nobodyHome: .nobodyHome
        case .message: .received
        }
    }
}

extension ContactOutcome {
    /// The outcome as a case knows it.
    package var factOutcome: ContactFact.Outcome {
        switch self {
        case .conversation: .conversation
        case .connected: .connected
        case .voicemail: .voicemail
        case .noAnswer: .noAnswer
        case .busy: .busy
        case .notInService: .notInService
        case .sent: .sent
        case .delivered: .delivered
        case .receiptSigned: .receiptSigned
        case .failed: .failed
        case .returned: .returned
        case .met: .met
        case .nobodyHome: .nobodyHome
        case .received: .message
        }
    }
}

extension ContactPoint.Role {
    /// Whether it is the debtor.
    package var isDebtor: Bool { self == .debtor }

    /// What tells one person of a debtor's file from another.
    package func party(rank: Int16) -> PartyKey { ledgerRole.party(rank: rank) }

    /// The role as conduct rules know it.
    package var ledgerRole: PartyRole {
        switch self {
        case .debtor: .debtor
        case .guarantor: .guarantor
        case .spouse: .spouse
        case .family: .family
        case .emergencyContact: .emergencyContact
        case .employer: .employer
        case .colleague: .colleague
        case .attorney: .attorney
        case .debtAdviser: .debtAdviser
        }
    }
}

extension PartyRole {
    /// The role as a case knows it; whoever speaks for the debtor in law counts as the debtor's family.
    package var factRole: ContactPoint.Role {
        switch self {
        case .debtor: .debtor
        case .guarantor: .guarantor
        case .spouse: .spouse
        case .parentOfMinor, .guardian, .executor, .family: .family
        case .emergencyContact, .neighbour: .emergencyContact
        case .employer: .employer
        case .colleague: .colleague
        case .attorney: .attorney
        case .debtAdviser, .creditor: .debtAdviser
        }
    }
}

extension ContactPoint.State {
    /// The state as dispatch judges it.
    package var dispatchState: DispatchPoint.State {
        switch self {
        case .valid: .valid
        case .unverified: .unverified
        case .invalid: .invalid
        case .off: .off
        }
    }
}

extension PointRow {
    /// The point as the gate reads it.
    package var dispatchPoint: DispatchPoint {
        DispatchPoint(
            id: id, party: role.party(rank: rank), role: role.ledgerRole, kind: channel.kind, state: state.dispatchState,
            isReserved: isReservedPoint(provenance: provenance), visitsOff: visitsOff)
    }
}

extension ContactPoint.Channel {
    /// The kind of point as conduct rules know it.
    package var kind: PointKind {
        switch self {
        case .mobile: .mobile
        case .homePhone: .homePhone
        case .workPhone: .workPhone
        case .otherPhone: .otherPhone
        case .email: .email
        case .billingAddress: .billingAddress
        case .homeAddress: .homeAddress
        case .workAddress: .workAddress
        case .otherAddress: .otherAddress
        }
    }
}

/// Whether the debtor left a point with the bank: what agencies learned later is not reserved.
package func isReservedPoint(provenance: String) -> Bool {
    switch provenance {
    case "third_party", "public_register", "inbound_call", "document", "court": false
    default: true
    }
}

extension Step {
    /// The contact act the step makes; nil where it contacts nobody.
    package var channel: Channel? {
        switch self {
        case .call: .call
        case .smsReminder: .sms
        case .emailReminder: .email
        case .registeredLetter: .letter
        case .visit: .visit
        case .gather, .legalDossier, .lawFirm: nil
        }
    }
}

extension ActPurpose {
    /// What a task's act is for, by its step, its goal and whom it reaches.
    ///
    /// - Parameter allowed: What the policy lets a third party be told or asked; a goal it does not allow becomes the message to be relayed.
    package init(step: Step, goal: WorkGoal, role: ContactPoint.Role, allowed: PurposeSet) {
        switch role {
        case .debtor, .guarantor:
            self = step == .smsReminder || step == .emailReminder || goal == .remind ? .reminder : .demandPayment
        case .attorney, .debtAdviser:
            self = .demandPayment
        case .spouse, .family, .emergencyContact, .employer, .colleague:
            self = goal == .askContact && allowed.contains(.askContact) ? .askContact : .relay
        }
    }
}
