import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Account-updates files: the bank's daily word on accounts. Our balance stays what the postings make of it; a difference is a break.
struct AccountUpdateFiles: FileKind {
    let sink: any AccountUpdateSink

    var kind: ImportKind { .accountUpdates }

    func read(_ reader: inout RowReader<AccountUpdateColumn>) -> AccountUpdateRow? { AccountUpdateRow(&reader) }

    func controlAmount(_ reader: RowReader<AccountUpdateColumn>) -> (Currency, Int64)? {
        reader.controlAmount(.balance, currency: .currency)
    }

    func stage(_ rows: [(number: Int, row: AccountUpdateRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault])
    {
        let known = try await AccountTargets.find(rows.map { ($0.row.accountRef, $0.row.currency) }, database: context.database)
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[AccountKey.text(row.accountRef, row.currency)] else {
                faults.append(RowFault(row: number, field: AccountUpdateColumn.accountRef.rawValue, reason: AccountTargets.unknown))
                continue
            }
            guard let asOf = row.asOf ?? context.asOf else {
                faults.append(RowFault(row: number, field: AccountUpdateColumn.asOf.rawValue, reason: "missing"))
                continue
            }
            var writer = FieldWriter()
            writer.put(target.id)
            writer.put(row.currency.code)
            writer.put(asOf)
            writer.put(row.balance)
            writer.put(row.amountDue)
            writer.put(row.daysPastDue)
            writer.put(row.bucket.rawValue)
            writer.put(row.cardStatus?.rawValue)
            writer.put(row.status.rawValue)
            staged.append(
                StagedRow(lane: target.part, number: Int64(number), ref: AccountKey.text(row.accountRef, row.currency), body: writer.bytes))
        }
        return (staged, faults)
    }

    private static func decode(_ body: [UInt8]) throws(IntakeError) -> (ReportedAccount, Currency) {
        var reader = FieldReader(body)
        let account = try present(reader.number())
        let currency = try present(Currency(present(reader.text())))
        let asOf = try present(reader.day())
        let balance = try present(reader.number())
        let due = try reader.number()
        let days: Int32 = try present(reader.integer())
        let bucket = try present(reader.text())
        var card: CardStatus?
        if let word = try reader.text() { card = try present(CardStatus(rawValue: word)) }
        let status = try present(BankStatus(rawValue: present(reader.text())))
        return (
            ReportedAccount(
                accountId: account, asOf: asOf, balance: balance, amountDue: due, daysPastDue: days, bucket: bucket, cardStatus: card,
                status: status),
            currency
        )
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let updates = try rows.map { ($0, try Self.decode($0.body)) }
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let debtors = try await AccountIntakeQueries.debtors(part: lane, accounts: updates.map(\.1.0.accountId), in: db)
            _ = try await db.query(ConductQueries.lock(part: lane, debtors: Set(debtors.values).sorted()))
            let known = try await AccountUpdateQueries.lock(part: lane, accounts: updates.map(\.1.0.accountId), in: db)
            var result = LoadResult()
            var news: [(report: ReportedAccount, before: KnownReport)] = []
            for (staged, (report, currency)) in updates {
                guard let before = known[report.accountId] else {
                    result.refuse(staged, AccountUpdateColumn.accountRef, AccountTargets.unknown)
                    continue
                }
                switch Self.standing(of: report, after: before) {
                case .news:
                    news.append((report, before))
                    result.accept(isNew: true, currency, report.balance)
                case .known: result.accept(isNew: false, currency, report.balance)
                case .conflicting: result.refuse(staged, AccountUpdateColumn.asOf, "another update of the same day is known")
                }
            }
            if !news.isEmpty {
                _ = try await db.query(AccountUpdateQueries.write(part: lane, news.map(\.report), now: now))
                try await sink.take(news, part: lane, now: now, in: transaction)
            }
            return result
        }
    }

    enum Standing: Hashable { case news, known, conflicting }

    /// Whether a report is news. One of a day before what is known changes nothing: files may come late.
    static func standing(of report: ReportedAccount, after before: KnownReport) -> Standing {
        guard let last = before.report else { return report.asOf < before.asOf ? .known : .news }
        if report.asOf != last.asOf { return report.asOf > last.asOf ? .news : .known }
        let isSame =
            report.balance == last.balance && report.status == last.status && report.daysPastDue == last.daysPastDue
            && report.bucket == last.bucket
            && (report.cardStatus ?? last.cardStatus) == last.cardStatus
        return isSame ? .known : .conflicting
    }
}
