import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Adjustments files: accruals, penalties, fees, waivers, charge-offs, purchases.
struct AdjustmentFiles: FileKind {
    var kind: ImportKind { .adjustments }

    func read(_ reader: inout RowReader<AdjustmentColumn>) -> AdjustmentRow? { AdjustmentRow(&reader) }

    func controlAmount(_ reader: RowReader<AdjustmentColumn>) -> (Currency, Int64)? { reader.controlAmount(.amount, currency: .currency) }

    func stage(_ rows: [(number: Int, row: AdjustmentRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let known = try await AccountTargets.find(rows.map { ($0.row.accountRef, $0.row.currency) }, database: context.database)
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[AccountKey.text(row.accountRef, row.currency)] else {
                faults.append(RowFault(row: number, field: AdjustmentColumn.accountRef.rawValue, reason: AccountTargets.unknown))
                continue
            }
            staged.append(
                StagedRow(
                    lane: target.part, number: Int64(number), ref: row.adjustmentRef, body: StagedAdjustment.bytes(row, account: target.id))
            )
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let adjustments = try rows.map { ($0, try StagedAdjustment($0.body)) }
        let ids = try await database.core.withTransaction { db in
            try await ClaimedIds.claim(
                kind: .adjustment, ids: .adjustment, adjustments.map { ($0.0.ref, $0.1.bodyHash, lane) }, database: database, in: db)
        }
        try context.options.afterClaim?()
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let accounts = Set(adjustments.map(\.1.accountId)).sorted()
            let debtors = try await AccountIntakeQueries.debtors(part: lane, accounts: accounts, in: db)
            _ = try await db.query(ConductQueries.lock(part: lane, debtors: Set(debtors.values).sorted()))
            let stored = try await PostingIntakeQueries.adjustments(part: lane, ids: ids.values.sorted(), in: db)
            var amounts = try await PaymentQueries.lockAmounts(part: lane, accounts: accounts, in: db)
            var result = LoadResult()
            var new: [NewAdjustment] = []
            for (staged, adjustment) in adjustments {
                let row = adjustment.row
                guard let id = ids[staged.ref] else {
                    result.refuse(staged, AdjustmentColumn.adjustmentRef, knownWithOtherContent)
                    continue
                }
                guard let before = amounts[adjustment.accountId], let debtor = debtors[adjustment.accountId] else {
                    result.refuse(staged, AdjustmentColumn.accountRef, AccountTargets.unknown)
                    continue
                }
                result.accept(isNew: !stored.contains(id), row.currency, row.amount)
                if stored.contains(id) { continue }
                let money = Money(minorUnits: row.amount, currency: row.currency)
                amounts[adjustment.accountId] = try AccountLedger.apply(row.type, money, to: before)
                new.append(
                    NewAdjustment(
                        adjustmentId: id, adjustmentRef: row.adjustmentRef, accountId: adjustment.accountId, debtorId: debtor,
                        type: row.type,
                        amount: money, effectiveAt: row.effectiveAt, approvedBy: row.approvedBy))
                transaction.audit(
                    .posting, subject: id,
                    [
                        "account": .int(adjustment.accountId), "entry": .string(row.type.rawValue), "amount": .int(row.amount),
                        "currency": .string(row.currency.code),
                    ])
            }
            if !new.isEmpty {
                _ = try await db.pipeline([
                    PostingIntakeQueries.insertAdjustments(part: lane, new),
                    PaymentQueries.writeAmounts(part: lane, amounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
                ])
            }
            return result
        }
    }
}

/// An adjustment as it is staged.
private struct StagedAdjustment: Sendable {
    var row: AdjustmentRow
    var accountId: Int64
    var bodyHash: [UInt8]

    static func bytes(_ row: AdjustmentRow, account: Int64) -> [UInt8] {
        var writer = FieldWriter()
        writer.put(row.adjustmentRef)
        writer.put(row.accountRef)
        writer.put(row.currency.code)
        writer.put(row.type.rawValue)
        writer.put(row.amount)
        writer.put(row.effectiveAt)
        writer.put(row.approvedBy)
        writer.put(Digest.sha256(writer.bytes))
        writer.put(account)
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        let ref = try present(reader.text())
        let account = try present(reader.text())
        let currency = try present(Currency(present(reader.text())))
        let type = try present(AdjustmentType(rawValue: present(reader.text())))
        let amount = try present(reader.number())
        let at = try present(reader.instant())
        row = AdjustmentRow(
            adjustmentRef: ref, accountRef: account, currency: currency, type: type, amount: amount, effectiveAt: at,
            approvedBy: try reader.text())
        bodyHash = try present(reader.blob())
        accountId = try present(reader.number())
    }
}
