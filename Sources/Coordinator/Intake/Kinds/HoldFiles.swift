import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Holds files: whom nobody may contact by the bank's word, and who may be contacted again.
struct HoldFiles: FileKind {
    let environment: CaseEnvironment

    var kind: ImportKind { .holds }

    func read(_ reader: inout RowReader<HoldColumn>) -> HoldRow? { HoldRow(&reader, zone: environment.zone) }

    func stage(_ rows: [(number: Int, row: HoldRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let (debtors, accounts, now) = try await database.core.withConnection { db in
            (
                try await database.refs.find(kind: .debtor, Set(rows.filter { $0.row.scope == .debtor }.map(\.row.ref)).sorted(), in: db),
                try await AccountLookup.find(
                    Set(rows.filter { $0.row.scope == .account }.map(\.row.ref)).sorted(), parts: Array(database.lanes.all), in: db),
                try await ClockQueries.read(in: db)
            )
        }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            func refuse(_ column: HoldColumn, _ reason: String) {
                faults.append(RowFault(row: number, field: column.rawValue, reason: reason))
            }
            // Set when its time comes: a hold of tomorrow in today's file would be lost or begin too early.
            if let from = row.from, from > now.business {
                refuse(.from, "in the future")
                continue
            }
            if row.action == .set, let until = row.until, until <= now.business {
                refuse(.until, "has passed")
                continue
            }
            let account = row.scope == .account ? accounts[row.ref] : nil
            guard
                let place = row.scope == .debtor
                    ? debtors[row.ref].map({ (part: $0.part, debtor: $0.id) }) : account.map({ (part: $0.part, debtor: $0.debtor) })
            else {
                refuse(.ref, "no \(row.scope.rawValue) with this reference")
                continue
            }
            var writer = FieldWriter()
            writer.put(place.debtor)
            writer.put(account?.account)
            writer.put(row.holdRef)
            writer.put(row.type.rawValue)
            writer.put(row.until)
            writer.put(row.action.rawValue)
            writer.put(row.by)
            staged.append(
                StagedRow(lane: place.part, number: Int64(number), ref: "\(row.action.rawValue) \(row.holdRef)", body: writer.bytes))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let orders = try rows.map { try StagedHold($0.body) }
        return try await database.withAuditedTransaction(database.core, part: lane) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            _ = try await EventIntakeQueries.lock(part: lane, debtors: Set(orders.map(\.debtor)).sorted(), in: tx.connection)
            let desk = HoldDesk(database: database, environment: environment, part: lane, now: now)
            var result = LoadResult()
            for (row, order) in zip(rows, orders) {
                let known = try await HoldQueries.find(part: lane, reference: order.reference, in: tx.connection)
                if let known, known.debtor != order.debtor || known.account != order.account || known.type != order.type {
                    result.refuse(row, HoldColumn.holdRef, knownWithOtherContent)
                    continue
                }
                let by = "file:\(context.fileId)" + (order.by.map { " \($0)" } ?? "")
                switch order.action {
                case .set:
                    // Known, also if it was released since: the same row does not set it again.
                    guard known == nil else {
                        result.accept(isNew: false)
                        continue
                    }
                    let (isNew, id) = try await desk.set(
                        order.type, debtor: order.debtor, account: order.account, until: order.until, reason: "file.\(order.reference)",
                        by: by, in: tx)
                    if let id { try await HoldQueries.name(part: lane, id: id, reference: order.reference, in: tx.connection) }
                    result.accept(isNew: isNew)
                case .release:
                    result.accept(
                        isNew: try await desk.release(order.type, debtor: order.debtor, account: order.account, by: by, in: tx))
                }
            }
            try await WorkNewsQueries.announceEverything(in: tx.connection)
            return result
        }
    }
}

/// A hold as it is staged.
private struct StagedHold {
    var debtor: Int64
    var account: Int64?
    var reference: String
    var type: HoldType
    var until: Instant?
    var action: HoldRow.Action
    var by: String?

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        debtor = try present(reader.number())
        account = try reader.number()
        reference = try present(reader.text())
        type = try present(HoldType(rawValue: present(reader.text())))
        until = try reader.instant()
        action = try present(HoldRow.Action(rawValue: present(reader.text())))
        by = try reader.text()
    }
}
