import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Recall confirmation files: the stop-work confirmation, what evidence was handed over, and the proof of the purge.
struct RecallConfirmationFiles: FileKind {
    var kind: ImportKind { .recallConfirmations }

    private static let unknown = "no placement with this number"
    private static let notRecalled = "no recall of this placement is in effect"

    func read(_ reader: inout RowReader<RecallConfirmationColumn>) -> RecallConfirmationRow? { RecallConfirmationRow(&reader) }

    func stage(
        _ rows: [(number: Int, row: RecallConfirmationRow)], context: LoadContext
    ) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let ids = Set(rows.map(\.row.confirmation.placementId)).sorted()
        let (places, now) = try await database.core.withConnection { db in
            (
                try await EvidenceQueries.places(placements: ids, parts: Array(database.lanes.all), in: db),
                try await ClockQueries.read(in: db)
            )
        }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            let confirmation = row.confirmation
            guard let part = places[confirmation.placementId] else {
                faults.append(RowFault(row: number, field: RecallConfirmationColumn.placementRef.rawValue, reason: Self.unknown))
                continue
            }
            guard confirmation.stoppedAt <= now.business else {
                faults.append(RowFault(row: number, field: RecallConfirmationColumn.stoppedAt.rawValue, reason: "in the future"))
                continue
            }
            var writer = FieldWriter()
            writer.put(confirmation.placementId)
            writer.put(confirmation.stoppedAt)
            writer.put(confirmation.openItems)
            writer.put(confirmation.evidenceCount)
            writer.put(confirmation.purgeProofRef)
            staged.append(StagedRow(lane: part, number: Int64(number), ref: "\(confirmation.placementId)", body: writer.bytes))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let confirmations = try rows.map { row -> RecallConfirmation in
            var reader = FieldReader(row.body)
            return RecallConfirmation(
                placementId: try present(reader.number()), stoppedAt: try present(reader.instant()),
                openItems: try present(reader.integer(Int32.self)), evidenceCount: try present(reader.integer(Int32.self)),
                purgeProofRef: try reader.text())
        }
        return try await database.withAuditedTransaction(database.core, part: lane) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            let recalled = try await EvidenceQueries.lockExecuted(
                part: lane, placements: confirmations.map(\.placementId), in: db)
            var result = LoadResult()
            for (row, confirmation) in zip(rows, confirmations) {
                guard recalled.contains(confirmation.placementId) else {
                    result.refuse(row, RecallConfirmationColumn.placementRef, Self.notRecalled)
                    continue
                }
                let isNew = try await EvidenceQueries.confirm(part: lane, confirmation, at: now.business, in: db)
                result.accept(isNew: isNew)
                guard isNew else { continue }
                tx.audit(
                    .recall, subject: confirmation.placementId,
                    [
                        "what": "evidence", "stopped_at": .string(confirmation.stoppedAt.description),
                        "open_items": .number(confirmation.openItems), "evidence": .number(confirmation.evidenceCount),
                        "proof": .optional(confirmation.purgeProofRef), "file": .int(context.fileId),
                    ])
            }
            return result
        }
    }
}
