package import CollectionsDomain
package import CollectionsStore

/// The columns of an accounts file.
package enum AccountColumn: String, ImportColumn {
    case accountRef = "account_ref"
    case debtorRef = "debtor_ref"
    case product, currency, balance, principal, interest, fees
    case creditLimit = "credit_limit"
    case daysPastDue = "days_past_due"
    case delinquentSince = "delinquent_since"
    case lastPaymentDate = "last_payment_date"
    case lastPaymentAmount = "last_payment_amount"
    case statementDay = "statement_day"
    case region
    case timeZone = "time_zone"
    case language, name
    case idNumber = "id_number"
    case billingAddress = "billing_address"
    // Optional, each with a stated fallback.
    case asOf = "as_of"
    case amountDue = "amount_due"
    case minPayment = "min_payment"
    case accelerated, bucket
    case nextStatementDate = "next_statement_date"
    case cardStatus = "card_status"
    case chargeOffDate = "charge_off_date"
    case timesDelinquent = "times_delinquent"
    case timesOutsourced = "times_outsourced"
    case previousAgencies = "previous_agencies"
    case segment
    case internalCollectionDone = "internal_collection_done"
    case outsourcingNoticeAt = "outsourcing_notice_at"
    case defaultDate = "default_date"
    case debtorStatus = "debtor_status"
    case agreementRef = "agreement_ref"
    case branch

    package var isRequired: Bool {
        switch self {
        case .accountRef, .debtorRef, .product, .currency, .balance, .principal, .interest, .fees, .daysPastDue, .delinquentSince, .region,
            .timeZone:
            true
        case .creditLimit, .lastPaymentDate, .lastPaymentAmount, .statementDay, .language, .name, .idNumber, .billingAddress, .asOf,
            .amountDue,
            .minPayment, .accelerated, .bucket, .nextStatementDate, .cardStatus, .chargeOffDate, .timesDelinquent, .timesOutsourced,
            .previousAgencies, .segment, .internalCollectionDone, .outsourcingNoticeAt, .defaultDate, .debtorStatus, .agreementRef, .branch:
            false
        }
    }

    package var isPersonal: Bool { self == .name || self == .idNumber || self == .billingAddress }
}

/// One validated row of an accounts file.
package struct AccountRow: Hashable, Sendable {
    /// The bank's key of the debtor.
    package var debtorRef: String
    /// What is stored of the debtor beside the personal data.
    package var debtor: DebtorDetails
    /// What is stored of the account beside the personal data.
    package var account: AccountFacts
    /// The day of the figures, if the row says so.
    package var asOf: Day?
    /// Personal.
    package var name: String?
    /// Personal.
    package var idNumber: String?
    /// Personal.
    package var billingAddress: String?

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<AccountColumn>) {
        guard reader.isWhole else { return nil }
        let accountRef = reader.reference(.accountRef)
        let debtorRef = reader.reference(.debtorRef)
        let product = reader.requiredText(.product, longest: 50)
        let currency = reader.currency(.currency)
        let balance = reader.requiredAmount(.balance, currency)
        let principal = reader.requiredAmount(.principal, currency)
        let interest = reader.requiredAmount(.interest, currency)
        let fees = reader.requiredAmount(.fees, currency)
        let amountDue = reader.amount(.amountDue, currency)
        let daysPastDue = reader.requiredInteger(.daysPastDue, Int32(0)...36_500)
        let delinquentSince = reader.requiredDay(.delinquentSince)
        let region = Self.region(&reader)
        let zone = Self.zone(&reader)
        asOf = reader.day(.asOf)
        name = reader.text(.name, longest: 200)
        idNumber = reader.text(.idNumber, longest: 50)
        billingAddress = reader.text(.billingAddress, longest: 500)
        let language = reader.text(.language, longest: 35)
        let status = reader.word(.debtorStatus, DebtorStatus.self)
        let bucket = reader.word(.bucket, Bucket.self)
        let timesOutsourced = reader.integer(.timesOutsourced, Int16(0)...100)
        let facts = (
            creditLimit: reader.amount(.creditLimit, currency), lastPaymentOn: reader.day(.lastPaymentDate),
            lastPaymentAmount: reader.amount(.lastPaymentAmount, currency), statementDay: reader.integer(.statementDay, Int16(1)...31),
            minPayment: reader.amount(.minPayment, currency), accelerated: reader.flag(.accelerated),
            cardStatus: reader.word(.cardStatus, CardStatus.self),
            chargeOffOn: reader.day(.chargeOffDate), timesDelinquent: reader.integer(.timesDelinquent, Int32(0)...10_000),
            segment: reader.text(.segment, longest: 50), internalCollectionDone: reader.flag(.internalCollectionDone),
            outsourcingNoticeAt: reader.instant(.outsourcingNoticeAt, bareDays: zone), defaultDate: reader.day(.defaultDate)
        )
        let others = BankFacts(
            nextStatementOn: reader.day(.nextStatementDate), previousAgencies: reader.text(.previousAgencies, longest: 500),
            agreementRef: reader.text(.agreementRef, longest: 100), branch: reader.text(.branch, longest: 100),
            timesOutsourced: timesOutsourced)

        if let asOf, let delinquentSince, delinquentSince > asOf { reader.refuse(.delinquentSince, "later than the day of the figures") }
        if let amountDue, let balance, amountDue > balance { reader.refuse(.amountDue, "larger than the balance") }
        if let balance, let principal, let interest, let fees, let currency,
            !Self.components(principal, interest, fees, fit: balance, in: currency)
        {
            reader.refuse(.balance, "is not principal + interest + fees")
        }
        guard reader.faults.isEmpty, let accountRef, let debtorRef, let product, let currency, let balance, let interest, let fees,
            let daysPastDue, let delinquentSince, let region, let zone
        else { return nil }
        self.debtorRef = debtorRef
        debtor = DebtorDetails(language: language, region: region, timeZone: zone.identifier, status: status ?? .alive)
        account = AccountFacts(
            accountRef: accountRef, currency: currency, product: product, region: region, balance: balance,
            // What rounding left between the balance and its parts belongs to the principal: payments are set against the parts.
            principal: balance - interest - fees, interest: interest, fees: fees, amountDue: amountDue ?? balance,
            amountDueAssumed: amountDue == nil,
            minPayment: facts.minPayment ?? 0, accelerated: facts.accelerated ?? false, creditLimit: facts.creditLimit,
            daysPastDue: daysPastDue,
            bucket: (bucket ?? Bucket(daysPastDue: daysPastDue)).rawValue, delinquentSince: delinquentSince,
            defaultDate: facts.defaultDate ?? delinquentSince, lastPaymentOn: facts.lastPaymentOn,
            lastPaymentAmount: facts.lastPaymentAmount,
            statementDay: facts.statementDay, cardStatus: facts.cardStatus ?? .active, chargeOffOn: facts.chargeOffOn,
            tier: (timesOutsourced ?? 0) + 1, timesDelinquent: facts.timesDelinquent, segment: facts.segment,
            internalCollectionDone: facts.internalCollectionDone, outsourcingNoticeAt: facts.outsourcingNoticeAt, bankFacts: others)
    }

    /// The day of the figures as the row's own numbers give it.
    package var derivedAsOf: Day { account.delinquentSince.adding(days: Int(account.daysPastDue)) }

    /// Whether principal, interest and fees make up the balance: exactly but for rounding, 1 % of the balance or one major unit at most, and
    /// never so that the principal would be negative.
    static func components(_ principal: Int64, _ interest: Int64, _ fees: Int64, fit balance: Int64, in currency: Currency) -> Bool {
        let sum = Int128(principal) + Int128(interest) + Int128(fees)
        let difference = (sum - Int128(balance)).magnitude
        return difference <= max(Int128(balance / 100), Int128(currency.minorPerMajor)).magnitude
            && Int128(interest) + Int128(fees) <= Int128(balance)
    }

    /// ISO 3166-2: a country and its part, such as `CN-31`.
    private static func region(_ reader: inout RowReader<AccountColumn>) -> String? {
        guard let text = reader.required(.region) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isUpper = { (byte: UInt8) in (65...90).contains(byte) }
        guard parts.count == 2, parts[0].count == 2, parts[0].allSatisfy(isUpper), (1...3).contains(parts[1].count),
            parts[1].allSatisfy({ isUpper($0) || (48...57).contains($0) })
        else {
            reader.refuse(.region, "not a region such as CN-31")
            return nil
        }
        return text
    }

    private static func zone(_ reader: inout RowReader<AccountColumn>) -> Zone? {
        guard let text = reader.required(.timeZone) else { return nil }
        guard text.utf8.count <= 64, let zone = Zone(identifier: text) else {
            reader.refuse(.timeZone, "not an IANA time zone")
            return nil
        }
        return zone
    }
}
