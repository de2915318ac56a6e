import CollectionsDomain
import CollectionsStore
import PostgresDriver
import WireTypes

/// Letter-status files: each row goes the way of the lettershop's own report, `POST /v1/activities`, so that both count once.
struct LetterStatusFiles: FileKind {
    /// By what facts are taken in; nil: no policy is in force, and there are no letters.
    let dispatch: Dispatch?

    var kind: ImportKind { .letterStatus }

    private static let unknown = "no letter with this number"

    func read(_ reader: inout RowReader<LetterStatusColumn>) -> LetterStatusRow? { LetterStatusRow(&reader) }

    func stage(_ rows: [(number: Int, row: LetterStatusRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault])
    {
        let database = context.database
        let ids = Set(rows.map(\.row.letterId)).sorted()
        let (places, now) = try await database.core.withConnection { db in
            (
                try await LetterQueries.places(ids: ids, parts: Array(database.lanes.all), in: db),
                try await ClockQueries.read(in: db)
            )
        }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let place = places[row.letterId] else {
                faults.append(RowFault(row: number, field: LetterStatusColumn.letterId.rawValue, reason: Self.unknown))
                continue
            }
            guard row.statusAt <= now.business else {
                faults.append(RowFault(row: number, field: LetterStatusColumn.statusAt.rawValue, reason: "in the future"))
                continue
            }
            var writer = FieldWriter()
            writer.put(row.letterId)
            writer.put(place.agency)
            writer.put(row.mailNo)
            writer.put(row.status.rawValue)
            writer.put(row.statusAt)
            writer.put(row.returnReason?.rawValue)
            writer.put(row.signedBy?.rawValue)
            staged.append(
                StagedRow(lane: place.part, number: Int64(number), ref: "\(row.letterId)-\(row.status.rawValue)", body: writer.bytes))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        var result = LoadResult()
        let agencies = Dictionary(
            uniqueKeysWithValues: try await context.database.core.withConnection { try await AgencyQueries.all(in: $0) }
                .map { ($0.agencyId, AgencyIdentity(agencyId: $0.agencyId, name: $0.name, kind: $0.kind, state: $0.state)) })
        // One after the other: what a letter met is told in the order of the file.
        for staged in rows {
            var reader = FieldReader(staged.body)
            let letter = String(try present(reader.number()))
            guard let dispatch, let agency = agencies[try present(reader.integer(Int32.self))] else {
                result.refuse(staged, LetterStatusColumn.letterId, Self.unknown)
                continue
            }
            let mailNo = try reader.text()
            let status = try present(LetterStatusRow.Status(rawValue: present(reader.text())))
            let at = WireInstant(try present(reader.instant()))
            let reason = try reader.text()
            let signer = try reader.text()
            let item = ActivityItem(
                activityRef: "file-\(staged.ref)", type: "letter_status", occurredAt: at, direction: "outbound", result: status.result.name,
                refersTo: letter,
                letter: LetterStatus(
                    letterId: letter, mailNo: mailNo, postedAt: status == .posted ? at : nil, deliveredAt: status == .delivered ? at : nil,
                    signedByKind: signer, returnReason: reason))
            guard let reply = try await dispatch.activities(ActivityReport(activities: [item]), for: agency).activities.first else {
                continue
            }
            switch reply.status {
            case .accepted: result.accept(isNew: true)
            case .duplicate: result.accept(isNew: false)
            default:
                let faults = reply.problem?.pointers ?? []
                result.refuse(
                    staged, LetterStatusColumn.letterId,
                    faults.isEmpty ? knownWithOtherContent : faults.map { "\($0.pointer): \($0.reason)" }.joined(separator: "; "))
            }
        }
        return result
    }
}
