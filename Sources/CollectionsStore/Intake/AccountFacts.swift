package import CollectionsDomain

/// What the bank knows of the person's state; raw values are those of `debtor.verified_status`.
package enum DebtorStatus: String, CaseIterable, Sendable {
    case alive, deceased, incapacitated, minor
}

/// State of the card; raw values are those of `account.card_status`.
package enum CardStatus: String, CaseIterable, Sendable {
    case active, blocked, cancelled
}

/// The bank's statement-cycle class (M1 = first missed due date).
package enum Bucket: String, CaseIterable, Sendable {
    case m1 = "M1"
    case m2 = "M2"
    case m3 = "M3"
    case m4 = "M4"
    case m5 = "M5"
    case m6 = "M6"
    case m7Plus = "M7+"
    case writtenOff = "WO"

    /// The fallback where the bank gives none: days past due / 30, at least M1.
    package init(daysPastDue: Int32) {
        switch daysPastDue / 30 {
        case ...1: self = .m1
        case 2: self = .m2
        case 3: self = .m3
        case 4: self = .m4
        case 5: self = .m5
        case 6: self = .m6
        default: self = .m7Plus
        }
    }
}

/// What is stored of a debtor beside the personal data.
package struct DebtorDetails: Hashable, Sendable {
    /// BCP 47.
    package var language: String?
    /// ISO 3166-2.
    package var region: String
    /// IANA name.
    package var timeZone: String
    package var status: DebtorStatus

    package init(language: String?, region: String, timeZone: String, status: DebtorStatus) {
        self.language = language
        self.region = region
        self.timeZone = timeZone
        self.status = status
    }
}

/// What the bank's file says that no rule reads yet; kept as it came.
package struct BankFacts: Hashable, Sendable {
    package var nextStatementOn: Day?
    package var previousAgencies: String?
    package var agreementRef: String?
    package var branch: String?
    package var timesOutsourced: Int16?

    package init(nextStatementOn: Day?, previousAgencies: String?, agreementRef: String?, branch: String?, timesOutsourced: Int16?) {
        self.nextStatementOn = nextStatementOn
        self.previousAgencies = previousAgencies
        self.agreementRef = agreementRef
        self.branch = branch
        self.timesOutsourced = timesOutsourced
    }

    /// For `account.bank_facts`: only what is there.
    package var json: CanonicalJSON {
        var entries = CanonicalObject()
        if let nextStatementOn { entries["next_statement_on"] = .string(nextStatementOn.description) }
        if let previousAgencies { entries["previous_agencies"] = .string(previousAgencies) }
        if let agreementRef { entries["agreement_ref"] = .string(agreementRef) }
        if let branch { entries["branch"] = .string(branch) }
        if let timesOutsourced { entries["times_outsourced"] = .number(timesOutsourced) }
        return .object(entries)
    }
}

/// What is stored of an account beside the personal data. Amounts are minor units.
package struct AccountFacts: Hashable, Sendable {
    package var accountRef: String
    package var currency: Currency
    package var product: String
    /// ISO 3166-2.
    package var region: String
    package var balance: Int64
    package var principal: Int64
    package var interest: Int64
    package var fees: Int64
    package var amountDue: Int64
    /// Whether ``amountDue`` is the balance because the file does not say.
    package var amountDueAssumed: Bool
    package var minPayment: Int64
    package var accelerated: Bool
    package var creditLimit: Int64?
    /// On the day of the figures.
    package var daysPastDue: Int32
    /// ``Bucket``.
    package var bucket: String
    package var delinquentSince: Day
    package var defaultDate: Day
    package var lastPaymentOn: Day?
    package var lastPaymentAmount: Int64?
    package var statementDay: Int16?
    package var cardStatus: CardStatus
    package var chargeOffOn: Day?
    /// 手别: n-1 earlier holders.
    package var tier: Int16
    package var timesDelinquent: Int32?
    package var segment: String?
    package var internalCollectionDone: Bool?
    package var outsourcingNoticeAt: Instant?
    package var bankFacts: BankFacts

    package init(
        accountRef: String, currency: Currency, product: String, region: String, balance: Int64, principal: Int64, interest: Int64,
        fees: Int64,
        amountDue: Int64, amountDueAssumed: Bool, minPayment: Int64, accelerated: Bool, creditLimit: Int64?, daysPastDue: Int32,
        bucket: String,
        delinquentSince: Day, defaultDate: Day, lastPaymentOn: Day?, lastPaymentAmount: Int64?, statementDay: Int16?,
        cardStatus: CardStatus,
        chargeOffOn: Day?, tier: Int16, timesDelinquent: Int32?, segment: String?, internalCollectionDone: Bool?,
        outsourcingNoticeAt: Instant?,
        bankFacts: BankFacts
    ) {
        self.accountRef = accountRef
        self.currency = currency
        self.product = product
        self.region = region
        self.balance = balance
        self.principal = principal
        self.interest = interest
        self.fees = fees
        self.amountDue = amountDue
        self.amountDueAssumed = amountDueAssumed
        self.minPayment = minPayment
        self.accelerated = accelerated
        self.creditLimit = creditLimit
        self.daysPastDue = daysPastDue
        self.bucket = bucket
        self.delinquentSince = delinquentSince
        self.defaultDate = defaultDate
        self.lastPaymentOn = lastPaymentOn
        self.lastPaymentAmount = lastPaymentAmount
        self.statementDay = statementDay
        self.cardStatus = cardStatus
        self.chargeOffOn = chargeOffOn
        self.tier = tier
        self.timesDelinquent = timesDelinquent
        self.segment = segment
        self.internalCollectionDone = internalCollectionDone
        self.outsourcingNoticeAt = outsourcingNoticeAt
        self.bankFacts = bankFacts
    }
}
