import CollectionsDomain
import CollectionsStore

/// An account row as it is staged: facts in clear, personal values sealed.
struct StagedAccount: Sendable {
    var debtorRef: String
    var debtor: DebtorDetails
    var account: AccountFacts
    var asOf: Day?
    var nameSealed: [UInt8]?
    var idNumberSealed: [UInt8]?
    var idNumberIndex: [UInt8]?
    var billingSealed: [UInt8]?
    var billingIndex: [UInt8]?
    /// What tells this row from another with the same key: over all facts and the keyed indexes of the personal values.
    var bodyHash: [UInt8]

    /// The bytes a row is staged as.
    static func bytes(_ row: AccountRow, cipher: PersonalCipher) -> [UInt8] {
        var writer = FieldWriter()
        writer.put(row.debtorRef)
        writer.put(row.debtor.language)
        writer.put(row.debtor.region)
        writer.put(row.debtor.timeZone)
        writer.put(row.debtor.status.rawValue)
        write(row.account, to: &writer)
        writer.put(row.asOf)
        writer.put(row.name.map { cipher.blindIndex($0) })
        writer.put(row.idNumber.map { cipher.blindIndex($0) })
        writer.put(row.billingAddress.map { cipher.blindIndex($0) })
        writer.put(Digest.sha256(writer.bytes))
        writer.put(row.name.map { cipher.seal($0) })
        writer.put(row.idNumber.map { cipher.seal($0) })
        writer.put(row.billingAddress.map { cipher.seal($0) })
        return writer.bytes
    }

    /// Reads what ``bytes(_:cipher:)`` wrote.
    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        debtorRef = try present(reader.text())
        let language = try reader.text()
        let region = try present(reader.text())
        let zone = try present(reader.text())
        debtor = DebtorDetails(
            language: language, region: region, timeZone: zone, status: try present(DebtorStatus(rawValue: present(reader.text()))))
        account = try Self.account(&reader)
        asOf = try reader.day()
        _ = try reader.blob()  // of the name: in the hash only
        idNumberIndex = try reader.blob()
        billingIndex = try reader.blob()
        bodyHash = try present(reader.blob())
        nameSealed = try reader.blob()
        idNumberSealed = try reader.blob()
        billingSealed = try reader.blob()
    }

    private static func write(_ facts: AccountFacts, to writer: inout FieldWriter) {
        writer.put(facts.accountRef)
        writer.put(facts.currency.code)
        writer.put(facts.product)
        writer.put(facts.region)
        writer.put(facts.balance)
        writer.put(facts.principal)
        writer.put(facts.interest)
        writer.put(facts.fees)
        writer.put(facts.amountDue)
        writer.put(facts.amountDueAssumed)
        writer.put(facts.minPayment)
        writer.put(facts.accelerated)
        writer.put(facts.creditLimit)
        writer.put(facts.daysPastDue)
        writer.put(facts.bucket)
        writer.put(facts.delinquentSince)
        writer.put(facts.defaultDate)
        writer.put(facts.lastPaymentOn)
        writer.put(facts.lastPaymentAmount)
        writer.put(facts.statementDay)
        writer.put(facts.cardStatus.rawValue)
        writer.put(facts.chargeOffOn)
        writer.put(facts.tier)
        writer.put(facts.timesDelinquent)
        writer.put(facts.segment)
        writer.put(facts.internalCollectionDone)
        writer.put(facts.outsourcingNoticeAt)
        writer.put(facts.bankFacts.nextStatementOn)
        writer.put(facts.bankFacts.previousAgencies)
        writer.put(facts.bankFacts.agreementRef)
        writer.put(facts.bankFacts.branch)
        writer.put(facts.bankFacts.timesOutsourced)
    }

    private static func account(_ reader: inout FieldReader) throws(IntakeError) -> AccountFacts {
        let ref = try present(reader.text())
        let currency = try present(Currency(present(reader.text())))
        let product = try present(reader.text())
        let region = try present(reader.text())
        let balance = try present(reader.number())
        let principal = try present(reader.number())
        let interest = try present(reader.number())
        let fees = try present(reader.number())
        let due = try present(reader.number())
        let assumed = try present(reader.flag())
        let minimum = try present(reader.number())
        let accelerated = try present(reader.flag())
        let limit = try reader.number()
        let days: Int32 = try present(reader.integer())
        let bucket = try present(reader.text())
        let since = try present(reader.day())
        let defaulted = try present(reader.day())
        let paidOn = try reader.day()
        let paid = try reader.number()
        let statementDay: Int16? = try reader.integer()
        let card = try present(CardStatus(rawValue: present(reader.text())))
        let chargedOff = try reader.day()
        let tier: Int16 = try present(reader.integer())
        let delinquencies: Int32? = try reader.integer()
        let segment = try reader.text()
        let done = try reader.flag()
        let notice = try reader.instant()
        let statement = try reader.day()
        let agencies = try reader.text()
        let agreement = try reader.text()
        let branch = try reader.text()
        let outsourced: Int16? = try reader.integer()
        return AccountFacts(
            accountRef: ref, currency: currency, product: product, region: region, balance: balance, principal: principal,
            interest: interest,
            fees: fees, amountDue: due, amountDueAssumed: assumed, minPayment: minimum, accelerated: accelerated, creditLimit: limit,
            daysPastDue: days, bucket: bucket, delinquentSince: since, defaultDate: defaulted, lastPaymentOn: paidOn,
            lastPaymentAmount: paid,
            statementDay: statementDay, cardStatus: card, chargeOffOn: chargedOff, tier: tier, timesDelinquent: delinquencies,
            segment: segment,
            internalCollectionDone: done, outsourcingNoticeAt: notice,
            bankFacts: BankFacts(
                nextStatementOn: statement, previousAgencies: agencies, agreementRef: agreement, branch: branch, timesOutsourced: outsourced
            ))
    }
}
