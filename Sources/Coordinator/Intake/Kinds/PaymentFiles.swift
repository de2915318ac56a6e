import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Payments files: entries of the bank's ledger, handed to the sink that posts them.
struct PaymentFiles: FileKind {
    let sink: any PaymentSink

    var kind: ImportKind { .payments }

    func read(_ reader: inout RowReader<PaymentColumn>) -> PaymentRow? { PaymentRow(&reader) }

    func controlAmount(_ reader: RowReader<PaymentColumn>) -> (Currency, Int64)? { reader.controlAmount(.amount, currency: .currency) }

    func stage(_ rows: [(number: Int, row: PaymentRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let known = try await AccountTargets.find(rows.map { ($0.row.accountRef, $0.row.currency) }, database: context.database)
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[AccountKey.text(row.accountRef, row.currency)] else {
                faults.append(RowFault(row: number, field: PaymentColumn.accountRef.rawValue, reason: AccountTargets.unknown))
                continue
            }
            context.latestPayment.see(row.paidAt)
            staged.append(
                StagedRow(
                    lane: target.part, phase: row.reversalOf == nil ? 0 : 1, number: Int64(number), ref: row.paymentRef,
                    body: StagedPayment.bytes(row, account: target.id)))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        // A reversal may take back a payment of the same chunk.
        if let firstReversal = rows.firstIndex(where: { $0.phase > 0 }), firstReversal > 0 {
            var result = try await load(Array(rows[..<firstReversal]), lane: lane, context: context)
            result.add(try await load(Array(rows[firstReversal...]), lane: lane, context: context))
            return result
        }
        let database = context.database
        let payments = try rows.map { ($0, try StagedPayment($0.body)) }
        var result = LoadResult()
        // What cannot be posted is found before its reference is claimed: a corrected row must find the reference free.
        let (stored, debtors) = try await database.core.withConnection { db in
            (
                try await PostingIntakeQueries.payments(part: lane, refs: payments.compactMap(\.1.row.reversalOf), in: db),
                try await AccountIntakeQueries.debtors(part: lane, accounts: Set(payments.map(\.1.accountId)).sorted(), in: db)
            )
        }
        var good: [(staged: StagedRow, payment: StagedPayment)] = []
        for (staged, payment) in payments {
            if debtors[payment.accountId] == nil {
                // Claimed by an accounts import that stopped half-way.
                result.refuse(staged, PaymentColumn.accountRef, AccountTargets.unknown)
            } else if let reason = Self.fault(of: payment, original: payment.row.reversalOf.flatMap { stored[$0] }) {
                result.refuse(staged, PaymentColumn.reversalOf, reason)
            } else {
                good.append((staged, payment))
            }
        }
        let chosen = good
        if chosen.isEmpty { return result }
        let ids = try await database.core.withTransaction { db in
            try await ClaimedIds.claim(
                kind: .payment, ids: .payment, chosen.map { ($0.staged.ref, $0.payment.bodyHash, lane) }, database: database, in: db)
        }
        try context.options.afterClaim?()
        let (new, refused) = try await post(chosen, ids: ids, debtors: debtors, lane: lane, context: context)
        for (staged, payment) in chosen {
            if ids[staged.ref] == nil {
                result.refuse(staged, PaymentColumn.paymentRef, knownWithOtherContent)
            } else if let reason = refused[staged.ref] {
                result.refuse(staged, PaymentColumn.reversalOf, reason)
            } else {
                result.accept(isNew: new.contains(staged.ref), payment.row.currency, payment.row.amount)
            }
        }
        return result
    }

    /// Posts what is not stored yet; references posted, and those refused because another reversal came first.
    private func post(
        _ rows: [(staged: StagedRow, payment: StagedPayment)], ids: [String: Int64], debtors: [Int64: Int64], lane: Int32,
        context: LoadContext
    ) async throws -> (new: Set<String>, refused: [String: String]) {
        let database = context.database
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            // The debtors' locks: from here to the commit nobody else posts on these accounts.
            _ = try await db.query(
                ConductQueries.lock(part: lane, debtors: Set(rows.compactMap { debtors[$0.payment.accountId] }).sorted()))
            let stored = try await PostingIntakeQueries.payments(
                part: lane, refs: rows.map(\.staged.ref) + rows.compactMap(\.payment.row.reversalOf), in: db)
            var takenBack = stored.mapValues(\.takenBack)
            var new: [NewPayment] = []
            var refused: [String: String] = [:]
            for (staged, payment) in rows {
                guard let id = ids[staged.ref], stored[staged.ref] == nil, let debtor = debtors[payment.accountId] else { continue }
                if let original = payment.row.reversalOf {
                    if let reason = Self.fault(of: payment, original: stored[original], takenBack: takenBack[original]) {
                        refused[staged.ref] = reason
                        continue
                    }
                    takenBack[original, default: 0] += payment.row.amount
                }
                new.append(payment.newPayment(id: id, debtor: debtor, importFile: context.fileId))
            }
            if !new.isEmpty { try await sink.post(new, part: lane, now: now, in: transaction) }
            return (Set(new.map(\.paymentRef)), refused)
        }
    }

    /// Why a row that takes a payment back cannot; nil for all others.
    private static func fault(of payment: StagedPayment, original: StoredPayment?, takenBack: Int64? = nil) -> String? {
        guard payment.row.reversalOf != nil else { return nil }
        guard let original, original.accountId == payment.accountId else { return "no such payment of this account" }
        switch original.entry {
        case .payment, .waiver: break
        case .reversal, .refund, .chargeback: return "takes back what is itself taken back"
        }
        // The same row again counts itself among what was taken back: only the claim can tell, so the limit is checked under the lock alone.
        guard let takenBack else { return nil }
        return Int128(takenBack) + Int128(payment.row.amount) > Int128(original.amount) ? "more than was paid" : nil
    }
}

/// A payment row as it is staged.
struct StagedPayment: Sendable {
    var row: PaymentRow
    var accountId: Int64
    var bodyHash: [UInt8]

    static func bytes(_ row: PaymentRow, account: Int64) -> [UInt8] {
        var writer = FieldWriter()
        writer.put(row.paymentRef)
        writer.put(row.accountRef)
        writer.put(row.currency.code)
        writer.put(row.amount)
        writer.put(row.entry.rawValue)
        writer.put(row.paidAt)
        writer.put(row.postedAt)
        writer.put(row.channel)
        writer.put(row.paidVia.rawValue)
        writer.put(row.reversalOf)
        writer.put(row.allocation != nil)
        writer.put(row.allocation?.parts[.principal]?.minorUnits)
        writer.put(row.allocation?.parts[.interest]?.minorUnits)
        writer.put(row.allocation?.parts[.fees]?.minorUnits)
        writer.put(row.valueDate)
        writer.put(row.batchRef)
        writer.put(Digest.sha256(writer.bytes))
        writer.put(account)
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        let paymentRef = try present(reader.text())
        let accountRef = try present(reader.text())
        let currency = try present(Currency(present(reader.text())))
        let amount = try present(reader.number())
        let entry = try present(PaymentEntry(rawValue: present(reader.text())))
        let paidAt = try present(reader.instant())
        let postedAt = try present(reader.instant())
        let channel = try reader.text()
        let via = try present(PaidVia(rawValue: present(reader.text())))
        let reversalOf = try reader.text()
        let isAllocated = try present(reader.flag())
        var parts: [PaymentComponent: Money] = [:]
        for component in [PaymentComponent.principal, .interest, .fees] {
            if let units = try reader.number() { parts[component] = Money(minorUnits: units, currency: currency) }
        }
        row = PaymentRow(
            paymentRef: paymentRef, accountRef: accountRef, currency: currency, amount: amount, entry: entry, paidAt: paidAt,
            postedAt: postedAt,
            channel: channel, paidVia: via, reversalOf: reversalOf, allocation: isAllocated ? PaymentAllocation(parts: parts) : nil,
            valueDate: try reader.day(), batchRef: try reader.text())
        bodyHash = try present(reader.blob())
        accountId = try present(reader.number())
    }

    func newPayment(id: Int64, debtor: Int64, importFile: Int64) -> NewPayment {
        NewPayment(
            paymentId: id, paymentRef: row.paymentRef, accountId: accountId, debtorId: debtor, entry: row.entry,
            amount: Money(minorUnits: row.amount, currency: row.currency), paidAt: row.paidAt, postedAt: row.postedAt, channel: row.channel,
            paidVia: row.paidVia.rawValue, reversalOf: row.reversalOf, allocation: row.allocation, importFileId: importFile)
    }
}

/// Finding the accounts that rows name.
enum AccountTargets {
    /// The reason of a row whose account is not there.
    static let unknown = "no account with this reference and currency"

    /// Where accounts stand, by their keys.
    static func find(_ accounts: [(ref: String, currency: Currency)], database: Database) async throws -> [String: RefTarget] {
        let keys = Set(accounts.map { AccountKey.text($0.ref, $0.currency) }).sorted()
        return try await database.core.withConnection { try await database.refs.find(kind: .account, keys, in: $0) }
    }
}
