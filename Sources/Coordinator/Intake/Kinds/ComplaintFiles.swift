import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Complaints files: each row is entered as by `recourse complaint open`, with its hold; a complaint that is known is known, by whichever door it
/// came.
struct ComplaintFiles: FileKind {
    let environment: CaseEnvironment

    var kind: ImportKind { .complaints }

    func read(_ reader: inout RowReader<ComplaintColumn>) -> ComplaintRow? { ComplaintRow(&reader, zone: environment.zone) }

    func stage(_ rows: [(number: Int, row: ComplaintRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let refs = Set(rows.map(\.row.debtorRef)).sorted()
        let (debtors, now, agencies) = try await database.core.withConnection { db in
            (
                try await database.refs.find(kind: .debtor, refs, in: db), try await ClockQueries.read(in: db),
                try await AgencyQueries.all(in: db)
            )
        }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            func refuse(_ column: ComplaintColumn, _ reason: String) {
                faults.append(RowFault(row: number, field: column.rawValue, reason: reason))
            }
            guard let debtor = debtors[row.debtorRef] else {
                refuse(.debtorRef, "no debtor with this reference")
                continue
            }
            guard row.receivedAt <= now.business else {
                refuse(.receivedAt, "in the future")
                continue
            }
            let agency = row.agency.flatMap { name in agencies.first { $0.name == name }?.agencyId }
            if row.agency != nil, agency == nil {
                refuse(.agency, "no agency with this name")
                continue
            }
            var writer = FieldWriter()
            writer.put(debtor.id)
            writer.put(row.reference)
            writer.put(row.source.rawValue)
            writer.put(row.externalNo)
            writer.put(row.receivedAt)
            writer.put(row.accountRef)
            writer.put(agency)
            writer.put(row.code)
            writer.put(row.textRef)
            staged.append(StagedRow(lane: debtor.part, number: Int64(number), ref: row.reference, body: writer.bytes))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let staged = try rows.map { try StagedComplaint($0.body) }
        let ids = try await ComplaintService.claim(staged.map { ($0.report, $0.debtor, lane) }, database: database)
        try context.options.afterClaim?()
        return try await database.withAuditedTransaction(database.core, part: lane) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            let debtors = Set(staged.map(\.debtor)).sorted()
            _ = try await EventIntakeQueries.lock(part: lane, debtors: debtors, in: tx.connection)
            let accounts = try await EventIntakeQueries.accounts(part: lane, debtors: debtors, in: tx.connection)
            let desk = ComplaintDesk(database: database, environment: environment, part: lane, now: now)
            var result = LoadResult()
            for (index, row) in rows.enumerated() {
                var report = staged[index].report
                let debtor = staged[index].debtor
                guard let id = ids[index] else {
                    let column = report.externalNo == nil ? ComplaintColumn.complaintRef : .externalNo
                    result.refuse(row, column, "known before as another debtor's")
                    continue
                }
                if let ref = staged[index].accountRef {
                    report.accountId = accounts[debtor]?[ref]?.first
                    if report.accountId == nil {
                        result.refuse(row, ComplaintColumn.accountRef, "no account of this debtor with this reference")
                        continue
                    }
                }
                do {
                    let opening = try await desk.open(report, id: id, debtor: debtor, by: "file:\(context.fileId)", in: tx)
                    if case .known = opening { result.accept(isNew: false) } else { result.accept(isNew: true) }
                } catch ComplaintError.otherContent {
                    result.refuse(row, ComplaintColumn.complaintRef, knownWithOtherContent)
                }
            }
            return result
        }
    }
}

/// A complaint as it is staged.
private struct StagedComplaint {
    var debtor: Int64
    var report: ComplaintReport
    var accountRef: String?

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        debtor = try present(reader.number())
        let reference = try present(reader.text())
        let source = try present(ComplaintSource(rawValue: present(reader.text())))
        let externalNo = try reader.text()
        report = ComplaintReport(
            reference: reference, source: source, externalNo: externalNo, receivedAt: try present(reader.instant()))
        accountRef = try reader.text()
        report.agencyId = try reader.integer()
        report.code = try reader.text()
        report.textHash = try reader.text().map { Digest.sha256(Array($0.utf8)) }
    }
}
