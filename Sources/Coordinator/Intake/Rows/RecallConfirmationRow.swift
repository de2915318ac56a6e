package import CollectionsStore

/// The columns of a recall confirmation file: the agency's word that work has stopped and what it handed over (DOMAIN section 5).
package enum RecallConfirmationColumn: String, ImportColumn {
    case placementRef = "placement_ref"
    case stoppedAt = "stopped_at"
    case openItems = "open_items"
    case evidenceCount = "evidence_count"
    case purgeProofRef = "purge_proof_ref"

    package var isRequired: Bool {
        switch self {
        case .placementRef, .stoppedAt, .openItems, .evidenceCount: true
        case .purgeProofRef: false
        }
    }
}

/// What an agency says of one placement.
package struct RecallConfirmationRow: Hashable, Sendable {
    package var confirmation: RecallConfirmation

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<RecallConfirmationColumn>) {
        guard reader.isWhole else { return nil }
        let reference = reader.reference(.placementRef)
        let placement = reference.flatMap { Int64($0) }
        if reference != nil, placement == nil { reader.refuse(.placementRef, "no placement's number") }
        let stoppedAt = reader.requiredInstant(.stoppedAt)
        let items: Int32? = reader.requiredInteger(.openItems, 0...1_000_000)
        let count: Int32? = reader.requiredInteger(.evidenceCount, 0...1_000_000)
        let proof = reader.text(.purgeProofRef, longest: 200)
        guard reader.faults.isEmpty, let placement, let stoppedAt, let items, let count else { return nil }
        confirmation = RecallConfirmation(
            placementId: placement, stoppedAt: stoppedAt, openItems: items, evidenceCount: count, purgeProofRef: proof)
    }
}
