package import CollectionsDomain

/// The columns of an adjustments file.
package enum AdjustmentColumn: String, ImportColumn {
    case adjustmentRef = "adjustment_ref"
    case accountRef = "account_ref"
    case currency, type, amount
    case effectiveAt = "effective_at"
    case approvedBy = "approved_by"

    package var isRequired: Bool { self != .approvedBy }
}

/// One adjustment of the bank.
package struct AdjustmentRow: Hashable, Sendable {
    package var adjustmentRef: String
    package var accountRef: String
    package var currency: Currency
    package var type: AdjustmentType
    /// Minor units in the direction of the balance: a waiver or charge-off lowers it, however the file signs it.
    package var amount: Int64
    package var effectiveAt: Instant
    package var approvedBy: String?

    /// A row by its parts.
    package init(
        adjustmentRef: String, accountRef: String, currency: Currency, type: AdjustmentType, amount: Int64, effectiveAt: Instant,
        approvedBy: String?
    ) {
        self.adjustmentRef = adjustmentRef
        self.accountRef = accountRef
        self.currency = currency
        self.type = type
        self.amount = amount
        self.effectiveAt = effectiveAt
        self.approvedBy = approvedBy
    }

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<AdjustmentColumn>) {
        guard reader.isWhole else { return nil }
        let adjustmentRef = reader.reference(.adjustmentRef)
        let accountRef = reader.reference(.accountRef)
        let currency = reader.currency(.currency)
        let before = reader.faults.count
        let type = reader.word(.type, AdjustmentType.self)
        if type == nil, reader.faults.count == before { reader.refuse(.type, "missing") }
        let amount = reader.requiredAmount(.amount, currency, .any)
        let effectiveAt = reader.requiredInstant(.effectiveAt, bareDays: reader.layout.mapping.zone ?? .utc)
        approvedBy = reader.text(.approvedBy, longest: 100)
        if amount == 0 { reader.refuse(.amount, "amount is zero") }
        if amount == .min { reader.refuse(.amount, "amount is too large") }
        guard reader.faults.isEmpty, let adjustmentRef, let accountRef, let currency, let type, let amount, let effectiveAt else {
            return nil
        }
        self.adjustmentRef = adjustmentRef
        self.accountRef = accountRef
        self.currency = currency
        self.type = type
        self.effectiveAt = effectiveAt
        switch type {
        case .waiver, .chargeOff: self.amount = -abs(amount)
        case .accrualInterest, .penalty, .fee, .purchase, .conversion: self.amount = amount
        }
    }
}
