package import CollectionsDomain
package import CollectionsStore

/// The columns of a card-status file: the card system's word on cards it was told to block or unblock.
package enum CardStatusColumn: String, ImportColumn {
    case accountRef = "account_ref"
    case currency
    case cardStatus = "card_status"
    case statusAt = "status_at"

    package var isRequired: Bool {
        switch self {
        case .accountRef, .currency, .cardStatus: true
        case .statusAt: false
        }
    }
}

/// What the card system says of one card.
package struct CardStatusRow: Hashable, Sendable {
    package var accountRef: String
    package var currency: Currency
    package var status: CardStatus

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<CardStatusColumn>) {
        guard reader.isWhole else { return nil }
        let accountRef = reader.reference(.accountRef)
        let currency = reader.currency(.currency)
        _ = reader.instant(.statusAt)
        let before = reader.faults.count
        let status = reader.word(.cardStatus, CardStatus.self)
        if status == nil, reader.faults.count == before { reader.refuse(.cardStatus, "missing") }
        guard reader.faults.isEmpty, let accountRef, let currency, let status else { return nil }
        self.accountRef = accountRef
        self.currency = currency
        self.status = status
    }
}
