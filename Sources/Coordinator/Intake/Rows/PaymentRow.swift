package import CollectionsDomain

/// The columns of a payments file.
package enum PaymentColumn: String, ImportColumn {
    case paymentRef = "payment_ref"
    case accountRef = "account_ref"
    case amount, currency
    case paidAt = "paid_at"
    case channel
    case reversalOf = "reversal_of"
    // Optional.
    case postedAt = "posted_at"
    case valueDate = "value_date"
    case entryType = "entry_type"
    case paidVia = "paid_via"
    case batchRef = "batch_ref"
    case allocationPrincipal = "allocation_principal"
    case allocationInterest = "allocation_interest"
    case allocationFees = "allocation_fees"

    package var isRequired: Bool {
        switch self {
        case .paymentRef, .accountRef, .amount, .currency, .paidAt: true
        case .channel, .reversalOf, .postedAt, .valueDate, .entryType, .paidVia, .batchRef, .allocationPrincipal, .allocationInterest,
            .allocationFees:
            false
        }
    }
}

/// Where the debtor paid; raw values are those of `payment.paid_via`.
package enum PaidVia: String, CaseIterable, Sendable {
    case bank, agency
}

/// One validated row of a payments file. Amounts are minor units.
package struct PaymentRow: Hashable, Sendable {
    package var paymentRef: String
    package var accountRef: String
    package var currency: Currency
    /// Always positive; ``entry`` gives the direction.
    package var amount: Int64
    package var entry: PaymentEntry
    package var paidAt: Instant
    package var postedAt: Instant
    package var channel: String?
    package var paidVia: PaidVia
    /// The payment it takes back.
    package var reversalOf: String?
    /// How the bank set the money against the debt, if it says so.
    package var allocation: PaymentAllocation?
    package var valueDate: Day?
    package var batchRef: String?

    /// A row by its parts.
    package init(
        paymentRef: String, accountRef: String, currency: Currency, amount: Int64, entry: PaymentEntry, paidAt: Instant, postedAt: Instant,
        channel: String?, paidVia: PaidVia, reversalOf: String?, allocation: PaymentAllocation?, valueDate: Day?, batchRef: String?
    ) {
        self.paymentRef = paymentRef
        self.accountRef = accountRef
        self.currency = currency
        self.amount = amount
        self.entry = entry
        self.paidAt = paidAt
        self.postedAt = postedAt
        self.channel = channel
        self.paidVia = paidVia
        self.reversalOf = reversalOf
        self.allocation = allocation
        self.valueDate = valueDate
        self.batchRef = batchRef
    }

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<PaymentColumn>) {
        guard reader.isWhole else { return nil }
        let paymentRef = reader.reference(.paymentRef)
        let accountRef = reader.reference(.accountRef)
        let currency = reader.currency(.currency)
        let amount = reader.requiredAmount(.amount, currency, .positive)
        let paidAt = reader.requiredInstant(.paidAt)
        let postedAt = reader.instant(.postedAt)
        reversalOf = reader.text(.reversalOf, longest: 100)
        let type = reader.word(.entryType, PaymentEntry.self)
        channel = reader.text(.channel, longest: 50)
        paidVia = reader.word(.paidVia, PaidVia.self) ?? .bank
        valueDate = reader.day(.valueDate)
        batchRef = reader.text(.batchRef, longest: 100)
        let principal = reader.amount(.allocationPrincipal, currency)
        let interest = reader.amount(.allocationInterest, currency)
        let fees = reader.amount(.allocationFees, currency)

        let entryType = type ?? (reversalOf == nil ? .payment : .reversal)
        switch entryType {
        case .payment, .waiver, .refund:
            if reversalOf != nil { reader.refuse(.reversalOf, "only a reversal or chargeback names another payment") }
        case .reversal, .chargeback:
            if reversalOf == nil { reader.refuse(.reversalOf, "missing: which payment is taken back") }
        }
        if let reversalOf, reversalOf == paymentRef { reader.refuse(.reversalOf, "a payment cannot take itself back") }
        if let amount, principal != nil || interest != nil || fees != nil {
            let sum = Int128(principal ?? 0) + Int128(interest ?? 0) + Int128(fees ?? 0)
            if sum != Int128(amount) { reader.refuse(.allocationPrincipal, "allocations do not sum to the amount") }
            if let currency {
                let named = [(PaymentComponent.principal, principal), (.interest, interest), (.fees, fees)]
                let parts = named.compactMap { component, units in
                    units.flatMap { $0 > 0 ? (component, Money(minorUnits: $0, currency: currency)) : nil }
                }
                allocation = PaymentAllocation(parts: Dictionary(uniqueKeysWithValues: parts))
            }
        }
        guard reader.faults.isEmpty, let paymentRef, let accountRef, let currency, let amount, let paidAt else { return nil }
        self.paymentRef = paymentRef
        self.accountRef = accountRef
        self.currency = currency
        self.amount = amount
        entry = entryType
        self.paidAt = paidAt
        self.postedAt = postedAt ?? paidAt
    }
}
