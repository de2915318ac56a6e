/// Where a recall stands on its way from the end of work to the purge of the agency's copies (DOMAIN section 2, evidence before purge; CN3, CN14).
package struct EvidenceChain: Hashable, Sendable {
    /// The steps in their order; raw values are what commands show.
    package enum Step: String, CaseIterable, Sendable {
        case requested, executed, confirmed, evidence, complete
        case purgeOrdered = "purge_ordered"
        case proof
    }

    /// What is overdue; raw values are the words of breaks.
    package enum Finding: String, CaseIterable, Sendable {
        /// Nothing was handed over.
        case noEvidence = "no_evidence"
        /// Fewer recordings were handed over than contacts had one.
        case tooLittle = "too_little"
        /// The agency still has open items.
        case openItems = "open_items"
        case noProof = "no_proof"
    }

    /// Business days for the handover after the recall took effect, and again for the purge after its order (the second is the bank's default).
    package static let businessDays = 5

    /// When the recall took effect.
    package var executedAt: Instant?
    /// When the agency confirmed that work has stopped.
    package var confirmedAt: Instant?
    /// What the agency says is still open.
    package var openItems: Int?
    /// Recordings and reports the agency says it handed over; `nil`: it said nothing.
    package var evidenceCount: Int?
    /// Contacts of the placement that have a recording.
    package var recordedContacts: Int
    package var purgeOrderedAt: Instant?
    package var purgeProofAt: Instant?

    package init(
        executedAt: Instant?, confirmedAt: Instant? = nil, openItems: Int? = nil, evidenceCount: Int? = nil, recordedContacts: Int,
        purgeOrderedAt: Instant? = nil, purgeProofAt: Instant? = nil
    ) {
        self.executedAt = executedAt
        self.confirmedAt = confirmedAt
        self.openItems = openItems
        self.evidenceCount = evidenceCount
        self.recordedContacts = recordedContacts
        self.purgeOrderedAt = purgeOrderedAt
        self.purgeProofAt = purgeProofAt
    }

    /// Whether all evidence is with the bank.
    package var isComplete: Bool {
        guard let evidenceCount else { return false }
        return evidenceCount >= recordedContacts && (openItems ?? 0) == 0
    }

    /// The last step that was reached with all before it.
    package var step: Step {
        guard executedAt != nil else { return .requested }
        guard confirmedAt != nil else { return .executed }
        guard evidenceCount != nil else { return .confirmed }
        guard isComplete else { return .evidence }
        if purgeProofAt != nil { return .proof }
        return purgeOrderedAt == nil ? .complete : .purgeOrdered
    }

    /// Whether the bank may order the purge now.
    package var isReadyForPurge: Bool { step == .complete }

    /// What is overdue at `now`; nil: nothing, or the recall has not taken effect.
    package func finding(now: Instant, zone: Zone, calendar: BusinessCalendar) -> Finding? {
        func isPast(_ start: Instant) -> Bool {
            now >= zone.endOfDay(calendar.adding(businessDays: Self.businessDays, to: zone.day(of: start)))
        }
        guard let executedAt else { return nil }
        if !isComplete {
            guard isPast(executedAt) else { return nil }
            guard let evidenceCount else { return .noEvidence }
            return evidenceCount < recordedContacts ? .tooLittle : .openItems
        }
        guard purgeProofAt == nil, let purgeOrderedAt else { return nil }
        return isPast(purgeOrderedAt) ? .noProof : nil
    }
}
