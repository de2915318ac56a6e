import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Card-status files: they set what the card is, and settle the orders to block or unblock it.
struct CardStatusFiles: FileKind {
    var kind: ImportKind { .cardStatus }

    func read(_ reader: inout RowReader<CardStatusColumn>) -> CardStatusRow? { CardStatusRow(&reader) }

    func stage(_ rows: [(number: Int, row: CardStatusRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let known = try await AccountTargets.find(rows.map { ($0.row.accountRef, $0.row.currency) }, database: context.database)
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[AccountKey.text(row.accountRef, row.currency)] else {
                faults.append(RowFault(row: number, field: CardStatusColumn.accountRef.rawValue, reason: AccountTargets.unknown))
                continue
            }
            var writer = FieldWriter()
            writer.put(target.id)
            writer.put(row.status.rawValue)
            staged.append(
                StagedRow(lane: target.part, number: Int64(number), ref: AccountKey.text(row.accountRef, row.currency), body: writer.bytes))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let statuses = try rows.map { row -> (account: Int64, status: CardStatus) in
            var reader = FieldReader(row.body)
            let account = try present(reader.number())
            return (account, try present(CardStatus(rawValue: present(reader.text()))))
        }
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let changed = try await CardOrderQueries.setStatuses(part: lane, statuses.map { ($0.account, $0.status.rawValue) }, in: db)
            try await CardOrderSweep.confirmDone(part: lane, by: "card_file", now: now, in: transaction)
            var result = LoadResult()
            for (account, _) in statuses { result.accept(isNew: changed.contains(account)) }
            return result
        }
    }
}
