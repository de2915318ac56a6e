import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Files of exchange rates: one rate a day and pair of currencies.
struct RateFiles: FileKind {
    var kind: ImportKind { .fx }

    func read(_ reader: inout RowReader<RateColumn>) -> RateRow? { RateRow(&reader) }

    func stage(_ rows: [(number: Int, row: RateRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let staged = rows.map { number, row in
            var writer = FieldWriter()
            writer.put(row.on)
            writer.put(row.rate.from.code)
            writer.put(row.rate.to.code)
            writer.put(row.rate.text)
            return StagedRow(
                lane: Database.controlPart, number: Int64(number), ref: "\(row.on)/\(row.rate.from.code)/\(row.rate.to.code)",
                body: writer.bytes)
        }
        return (staged, [])
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let rates = try rows.map { row in
            var reader = FieldReader(row.body)
            return LedgerIntakeQueries.Rate(
                on: try present(reader.day()), from: try present(reader.text()), to: try present(reader.text()),
                rate: try present(reader.text()))
        }
        let answers = try await context.database.core.withTransaction { try await LedgerIntakeQueries.insertRates(rates, in: $0) }
        var result = LoadResult()
        for (row, answer) in zip(rows, answers) {
            if answer.isNew || answer.agrees {
                result.accept(isNew: answer.isNew)
            } else {
                result.refuse(row, RateColumn.rate, knownWithOtherContent)
            }
        }
        return result
    }
}
