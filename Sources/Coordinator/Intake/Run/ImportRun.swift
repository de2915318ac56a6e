import CollectionsDomain
import CollectionsStore
import Crypto
import Foundation
import PostgresDriver

/// One import of one file: read and stage all of it, compare it with its manifest, then load it lane by lane.
///
/// Until the file is known to be whole nothing leaves the staging table, so a refused file leaves nothing behind. Loading is a series of
/// transactions that can be repeated: an import that stops anywhere is completed by running it again.
struct ImportRun<Kind: FileKind> {
    let kind: Kind
    let path: String
    let fileName: String
    let sha256: [UInt8]
    let manifest: Manifest?
    let options: IntakeOptions
    let database: Database
    let claim: ImportClaim
    let meter: ImportMeter
    var context: LoadContext
    var report: ImportReport
    var totals: [Currency: Int128] = [:]
    var asOf = AsOfTracker()
    /// Rows that must stand in the staging table. It is unlogged: a crash of the server empties it.
    private(set) var staged: Int64 = 0

    /// Rows staged by one COPY.
    private static var batchRows: Int { 2_000 }
    /// Bytes of rows after which a batch is full.
    private static var batchBytes: Int { 4 << 20 }

    // MARK: Reading

    /// Reads the file to its end, validating and staging.
    ///
    /// - Throws: ``IntakeError/refused(file:reasons:)`` if the file cannot be right as a whole.
    mutating func read(into rejects: inout RejectFile) async throws {
        let chunks = try FileChunks(path: path)
        var transcoder = try Transcoder(from: options.mapping.encoding)
        var parser = RecordParser(options.mapping.dialect)
        var hash = SHA256()
        var layout: FileLayout<Kind.Column>?
        var batch: [(number: Int, row: Kind.Row)] = []
        var batchBytes = 0
        var read: Int64 = 0
        var isFirst = true
        meter.begin(.reading, total: nil)
        // One batch is staged while the next one is read; two would only queue for the same connection.
        var staging: Task<StagedBatch, any Error>?
        do {
            while true {
                let bytes = try chunks.next()
                hash.update(data: bytes)
                read += Int64(bytes.count)
                if isFirst { try refuseUTF16(bytes) }
                isFirst = false
                var text: [UInt8] = []
                if bytes.isEmpty { transcoder.finish(to: &text) } else { transcoder.push(bytes, to: &text) }
                parser.append(text)
                if bytes.isEmpty { parser.finish() }
                var rows: Int64 = 0
                while let event = parser.next() {
                    guard let columns = layout else {
                        layout = try begin(event)
                        if options.mapping.hasHeader { continue }
                        if let layout, let row = try take(event, layout, &rejects) { batch.append(row) }
                        rows += 1
                        continue
                    }
                    rows += 1
                    if let row = try take(event, columns, &rejects) {
                        batch.append(row)
                        if case .record(let record) = event { batchBytes += record.bytes.count }
                    }
                    if batch.count >= Self.batchRows || batchBytes >= Self.batchBytes {
                        if let running = staging { try take(await running.value, &rejects) }
                        staging = stage(batch)
                        batch = []
                        batchBytes = 0
                    }
                }
                meter.add(rows, fraction: chunks.size.map { $0 == 0 ? 1 : Double(read) / Double($0) })
                try await claim.beat(rows: 0)
                try Task.checkCancellation()
                if bytes.isEmpty { break }
            }
            if let running = staging { try take(await running.value, &rejects) }
            staging = nil
            if !batch.isEmpty { try take(await stage(batch).value, &rejects) }
        } catch {
            staging?.cancel()
            _ = await staging?.result
            throw error
        }
        if layout == nil { throw IntakeError.refused(file: fileName, reasons: ["the file is empty"]) }
        if Array(hash.finalize()) != sha256 { throw IntakeError.refused(file: fileName, reasons: ["the file changed while it was read"]) }
        report.amountRead = ImportReport.decimals(totals)
    }

    private func refuseUTF16(_ bytes: [UInt8]) throws(IntakeError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .refused(file: fileName, reasons: ["the file is in UTF-16 (hint: save it as UTF-8)"])
        }
    }

    /// The columns, from the first record.
    private func begin(_ event: RecordParser.Event) throws(IntakeError) -> FileLayout<Kind.Column> {
        guard case .record(let record) = event else {
            guard case .fault(_, let fault) = event else { throw .refused(file: fileName, reasons: ["the first row cannot be read"]) }
            throw .refused(file: fileName, reasons: ["the first row cannot be read: \(fault.rawValue)"])
        }
        guard options.mapping.hasHeader else { return try FileLayout(width: record.count, mapping: options.mapping, file: fileName) }
        var names: [String] = []
        for index in 0..<record.count {
            guard let name = record.text(index) else {
                throw .refused(
                    file: fileName,
                    reasons: ["the header is not valid \(options.mapping.encoding.rawValue) (hint: --mapping with encoding)"])
            }
            names.append(name)
        }
        return try FileLayout(header: names, mapping: options.mapping, file: fileName)
    }

    /// A good row, or nil and its faults among the rejects.
    private mutating func take(
        _ event: RecordParser.Event, _ layout: FileLayout<Kind.Column>, _ rejects: inout RejectFile
    ) throws(IntakeError) -> (number: Int, row: Kind.Row)? {
        report.rows += 1
        switch event {
        case .fault(let number, let fault):
            try rejects.add([RowFault(row: number, field: "", reason: fault.rawValue)])
            return nil
        case .record(let record):
            var reader = RowReader(record, layout: layout)
            if let (currency, amount) = kind.controlAmount(reader) { totals[currency, default: 0] += Int128(amount) }
            guard let row = kind.read(&reader) else {
                try rejects.add(reader.faults)
                return nil
            }
            if let day = kind.asOf(row) { asOf.see(own: day.own, derived: day.derived) }
            return (record.number, row)
        }
    }

    private mutating func take(_ batch: StagedBatch, _ rejects: inout RejectFile) throws(IntakeError) {
        staged += batch.count
        try rejects.add(batch.faults)
    }

    /// Resolves, seals and copies a batch, beside the reading of the next one.
    private func stage(_ batch: [(number: Int, row: Kind.Row)]) -> Task<StagedBatch, any Error> {
        let kind = kind
        let context = context
        return Task {
            try await Patience.repeating(limit: context.options.patience) { isFirst in
                let (rows, faults) = try await kind.stage(batch, context: context)
                try await context.database.core.withConnection { db in
                    // A copy whose end was not heard of may be there.
                    if !isFirst { try await ImportRowQueries.delete(file: context.fileId, numbers: rows.map(\.number), in: db) }
                    if !rows.isEmpty { try await ImportRowQueries.copy(file: context.fileId, rows, in: db) }
                }
                return StagedBatch(count: Int64(rows.count), faults: faults)
            }
        }
    }

    // MARK: Checking

    /// Compares the file with its manifest, finds the day of its figures, and takes rows out whose key stands in an earlier row.
    mutating func check(into rejects: inout RejectFile) async throws {
        if let manifest {
            let counted = Manifest.Counted(file: fileName, rows: report.rows, totals: totals, sha256: Digest.hex(sha256), asOf: asOf.common)
            let faults = manifest.disagreements(with: counted)
            if !faults.isEmpty { throw IntakeError.refused(file: fileName, reasons: faults) }
        }
        if kind.kind == .accounts {
            context.asOf = try asOf.day(given: context.asOf, file: fileName)
            report.asOf = (asOf.latestOwn ?? context.asOf)?.description
        } else if kind.kind == .accountUpdates {
            report.asOf = context.asOf?.description
        }
        let file = context.fileId
        for lane in database.lanes.all {
            while true {
                let found = try await database.core.withConnection { db in
                    let found = try await ImportRowQueries.duplicates(file: file, lane: lane, limit: 10_000, in: db)
                    if !found.isEmpty { try await ImportRowQueries.delete(file: file, numbers: found.map(\.number), in: db) }
                    return found
                }
                if found.isEmpty { break }
                staged -= Int64(found.count)
                try rejects.add(found.map { RowFault(row: Int($0.number), field: "", reason: "duplicate key: stands in row \($0.first)") })
            }
        }
    }

    // MARK: Loading

    /// Loads every lane, several at a time.
    ///
    /// - Throws: ``IntakeError/stagingDamaged`` when rows that were staged are gone; what was loaded stays, and another run completes it.
    mutating func load(into rejects: inout RejectFile) async throws {
        let file = context.fileId
        let lanes = try await database.core.withConnection { try await ImportRowQueries.lanes(file: file, in: $0) }
        meter.begin(.loading, total: lanes.reduce(0) { $0 + $1.rows })
        var sum: [Currency: Int128] = [:]
        var results: [LoadResult] = []
        try await withThrowingTaskGroup(of: LoadResult.self) { group in
            var waiting = lanes.map(\.lane)[...]
            func start() {
                guard let lane = waiting.popFirst() else { return }
                let loader = LaneLoader(kind: kind, lane: lane, context: context, claim: claim, meter: meter)
                group.addTask { try await loader.run() }
            }
            for _ in 0..<max(1, options.lanesAtOnce) { start() }
            while let result = try await group.next() {
                results.append(result)
                start()
            }
        }
        guard results.reduce(0, { $0 + $1.loaded + $1.known + Int64($1.faults.count) }) == staged else { throw IntakeError.stagingDamaged }
        for result in results {
            report.loaded += result.loaded
            report.known += result.known
            for (currency, amount) in result.totals { sum[currency, default: 0] += amount }
            try rejects.add(result.faults.sorted { ($0.row, $0.field) < ($1.row, $1.field) })
        }
        report.amountTotal = ImportReport.decimals(sum)
    }
}

/// What became of one batch: rows copied, and faults of the others.
struct StagedBatch: Sendable {
    let count: Int64
    let faults: [RowFault]
}

/// Loads the staged rows of one lane in chunks.
struct LaneLoader<Kind: FileKind>: Sendable {
    let kind: Kind
    let lane: Int32
    let context: LoadContext
    let claim: ImportClaim
    let meter: ImportMeter

    func run() async throws -> LoadResult {
        var result = LoadResult()
        var position = ImportRowQueries.Position.start
        while true {
            try Task.checkCancellation()
            let after = position
            let rows = try await Patience.repeating(limit: context.options.patience) { _ in
                try await context.database.core.withConnection { db in
                    try await ImportRowQueries.page(
                        file: context.fileId, lane: lane, after: after, limit: Int64(context.options.rowsPerTransaction), in: db)
                }
            }
            guard let last = rows.last else { return result }
            result.add(try await load(rows))
            position = ImportRowQueries.Position(phase: last.phase, number: last.number)
            meter.add(Int64(rows.count))
            try await claim.beat(rows: Int64(rows.count))
        }
    }

    /// Loads a chunk; one the database does not take is tried in halves, until the row it is about stands alone and is refused.
    private func load(_ rows: [StagedRow]) async throws -> LoadResult {
        do {
            return try await Patience.repeating(limit: context.options.patience) { _ in
                try await kind.load(rows, lane: lane, context: context)
            }
        } catch let error as PostgresError {
            guard let state = error.sqlState, state.hasPrefix("22") || state.hasPrefix("23") else { throw error }
            guard rows.count > 1 else {
                return LoadResult(
                    faults: rows.map { RowFault(row: Int($0.number), field: "", reason: "the database refuses it (\(state))") })
            }
            var result = try await load(Array(rows[..<(rows.count / 2)]))
            result.add(try await load(Array(rows[(rows.count / 2)...])))
            return result
        }
    }
}
