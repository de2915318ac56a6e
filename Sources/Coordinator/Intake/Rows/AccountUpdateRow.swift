package import CollectionsDomain
package import CollectionsStore

/// The columns of an account-updates file.
package enum AccountUpdateColumn: String, ImportColumn {
    case accountRef = "account_ref"
    case currency
    case asOf = "as_of"
    case balance, principal, interest, fees
    case amountDue = "amount_due"
    case daysPastDue = "days_past_due"
    case bucket
    case cardStatus = "card_status"
    case status
    case reportedReason = "reported_reason"

    package var isRequired: Bool {
        switch self {
        case .accountRef, .currency, .balance, .daysPastDue, .status: true
        case .asOf, .principal, .interest, .fees, .amountDue, .bucket, .cardStatus, .reportedReason: false
        }
    }
}

/// The bank's daily word on one account. Amounts are minor units.
package struct AccountUpdateRow: Hashable, Sendable {
    package var accountRef: String
    package var currency: Currency
    /// The day of the figures, if the row says so.
    package var asOf: Day?
    /// Of the bank; below zero for a credit balance.
    package var balance: Int64
    package var amountDue: Int64?
    package var daysPastDue: Int32
    package var bucket: Bucket
    package var cardStatus: CardStatus?
    package var status: BankStatus

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<AccountUpdateColumn>) {
        guard reader.isWhole else { return nil }
        let accountRef = reader.reference(.accountRef)
        let currency = reader.currency(.currency)
        asOf = reader.day(.asOf)
        let balance = reader.requiredAmount(.balance, currency, .any)
        amountDue = reader.amount(.amountDue, currency)
        _ = reader.amount(.principal, currency)
        _ = reader.amount(.interest, currency)
        _ = reader.amount(.fees, currency)
        let days = reader.requiredInteger(.daysPastDue, Int32(0)...36_500)
        let bucket = reader.word(.bucket, Bucket.self)
        cardStatus = reader.word(.cardStatus, CardStatus.self)
        _ = reader.text(.reportedReason, longest: 200)
        let before = reader.faults.count
        let status = reader.word(.status, BankStatus.self)
        if status == nil, reader.faults.count == before { reader.refuse(.status, "missing") }
        guard reader.faults.isEmpty, let accountRef, let currency, let balance, let days, let status else { return nil }
        self.accountRef = accountRef
        self.currency = currency
        self.balance = balance
        daysPastDue = days
        self.bucket = bucket ?? Bucket(daysPastDue: days)
        self.status = status
    }
}
