import CollectionsDomain
package import CollectionsStore
import Crypto
import Foundation
import PostgresDriver

/// Takes the bank's files in: validated field by field, staged, compared with their manifest, loaded lane by lane, acknowledged.
///
/// The same file twice changes nothing; a stopped import is completed by the next one; a row that is refused never stops the others.
///
/// - SeeAlso: Source: design section 10, domain section 5.
package struct IntakeService: Sendable {
    private let database: Database
    private let payments: any PaymentSink
    private let updates: any AccountUpdateSink
    private let environments: CaseEnvironmentSource?
    private let dispatch: Dispatch?

    /// A service over a database.
    ///
    /// - Parameters:
    ///   - payments: Posts payments; the money part alone unless cases are worked.
    ///   - updates: Takes the bank's word on accounts; the status alone unless cases are worked.
    ///   - environments: By what cases take notice of the bank's own contacts; without it only the conduct ledgers do.
    ///   - dispatch: Takes what the lettershop and the post say of letters.
    package init(
        database: Database, payments: any PaymentSink = PlainPaymentSink(), updates: any AccountUpdateSink = PlainAccountUpdateSink(),
        environments: CaseEnvironmentSource? = nil, dispatch: Dispatch? = nil
    ) {
        self.database = database
        self.payments = payments
        self.updates = updates
        self.environments = environments
        self.dispatch = dispatch
    }

    /// Takes in a file of accounts.
    ///
    /// - Throws: As ``run(_:file:options:)``.
    package func importAccounts(file: String, options: IntakeOptions = IntakeOptions()) async throws -> ImportReport {
        try await run(.accounts, file: file, options: options)
    }

    /// Takes in a file of contact points.
    ///
    /// - Throws: As ``run(_:file:options:)``.
    package func importContacts(file: String, options: IntakeOptions = IntakeOptions()) async throws -> ImportReport {
        try await run(.contacts, file: file, options: options)
    }

    /// Takes in a file of payments and moves the source's watermark on.
    ///
    /// - Throws: As ``run(_:file:options:)``.
    package func importPayments(file: String, options: IntakeOptions = IntakeOptions()) async throws -> ImportReport {
        try await run(.payments, file: file, options: options)
    }

    /// Takes in a file of any kind.
    ///
    /// - Returns: What became of it. A refused file is a report too, with state ``ImportReport/State/refused`` and the reasons.
    /// - Throws: ``IntakeError`` when the file cannot be read or an option is wrong, the driver's error when the database stays away.
    @concurrent
    package func run(_ kind: ImportKind, file: String, options: IntakeOptions = IntakeOptions()) async throws -> ImportReport {
        switch kind {
        case .accounts: try await take(AccountFiles(), file: file, options: options)
        case .contacts: try await take(ContactFiles(), file: file, options: options)
        case .payments: try await take(PaymentFiles(sink: payments), file: file, options: options)
        case .fx: try await take(RateFiles(), file: file, options: options)
        case .adjustments: try await take(AdjustmentFiles(), file: file, options: options)
        case .events: try await take(EventFiles(environments: environments), file: file, options: options)
        case .cardStatus: try await take(CardStatusFiles(), file: file, options: options)
        case .recallConfirmations: try await take(RecallConfirmationFiles(), file: file, options: options)
        case .letterStatus: try await take(LetterStatusFiles(dispatch: dispatch), file: file, options: options)
        case .complaints: try await take(ComplaintFiles(environment: try await environment(for: kind)), file: file, options: options)
        case .holds: try await take(HoldFiles(environment: try await environment(for: kind)), file: file, options: options)
        case .accountUpdates: try await take(AccountUpdateFiles(sink: updates), file: file, options: options)
        }
    }

    /// What decides about a hold; only a coordinator at work has it.
    private func environment(for kind: ImportKind) async throws -> CaseEnvironment {
        guard let environments else { throw IntakeError.usage("\(kind.rawValue) files need a conduct policy in force") }
        return try await environments.current(at: try await database.core.withConnection { try await ClockQueries.read(in: $0) })
    }

    // MARK: One file

    private func take<Kind: FileKind>(_ kind: Kind, file: String, options: IntakeOptions) async throws -> ImportReport {
        let began = ContinuousClock.now
        let url = URL(fileURLWithPath: file)
        var options = options
        if kind.kind == .accounts, options.portfolio == nil { options.portfolio = Self.stem(url.lastPathComponent) }
        try Self.check(options, kind: kind.kind)
        let place = try OutputPlace(file: file, output: options.output)
        let sha256 = try Self.hash(file)
        let fresh = ImportReport(file: url.lastPathComponent, kind: kind.kind, state: .loaded)
        var report: ImportReport
        do {
            let manifest = try Self.manifest(of: file, options: options)
            report = try await take(kind, file: file, sha256: sha256, manifest: manifest, options: options, place: place, report: fresh)
        } catch let error as IntakeError {
            guard case .refused(_, let reasons) = error else { throw error }
            // Refused before anything was entered: no manifest where one is required, no flag.
            report = fresh
            report.state = .refused
            report.reasons = reasons
        }
        report.portfolio = kind.kind == .accounts ? options.portfolio : nil
        report.sha256 = Digest.hex(sha256)
        report.seconds = (ContinuousClock.now - began) / .seconds(1)
        if !options.isDryRun {
            report.acknowledgement = place.acknowledgement
            try place.write(report)
        }
        return report
    }

    private func take<Kind: FileKind>(
        _ kind: Kind, file: String, sha256: [UInt8], manifest: Manifest?, options: IntakeOptions, place: OutputPlace, report: ImportReport
    ) async throws -> ImportReport {
        let portfolio = kind.kind == .accounts ? options.portfolio : nil
        let claim = try await ImportClaim.take(kind: kind.kind, sha256: sha256, total: nil, in: database)
        do {
            let known = try await database.core.withConnection { db in
                try await ImportFileQueries.loaded(kind: kind.kind, sha256: sha256, portfolio: portfolio, in: db)
            }
            let result: ImportReport
            if let known, !options.isDryRun {
                result = try await again(known, kind: kind.kind, manifest: manifest, options: options, report: report)
            } else {
                result = try await loadAgain(
                    kind, file: file, sha256: sha256, manifest: manifest, options: options, place: place, report: report, claim: claim)
            }
            try await claim.end(.done)
            return result
        } catch {
            // The claim ends by itself if even this fails; the error that matters is the first one.
            do { try await claim.end(.failed) } catch is PostgresError {} catch is RunError {}
            throw error
        }
    }

    /// Loads the file, from its beginning if a crash of the server has emptied the staging table.
    private func loadAgain<Kind: FileKind>(
        _ kind: Kind, file: String, sha256: [UInt8], manifest: Manifest?, options: IntakeOptions, place: OutputPlace, report: ImportReport,
        claim: ImportClaim
    ) async throws -> ImportReport {
        var crashes = 0
        while true {
            do {
                return try await load(
                    kind, file: file, sha256: sha256, manifest: manifest, options: options, place: place, report: report, claim: claim)
            } catch IntakeError.stagingDamaged {
                crashes += 1
                if crashes == 3 { throw IntakeError.stagingDamaged }
            }
        }
    }

    private func load<Kind: FileKind>(
        _ kind: Kind, file: String, sha256: [UInt8], manifest: Manifest?, options: IntakeOptions, place: OutputPlace, report: ImportReport,
        claim: ImportClaim
    ) async throws -> ImportReport {
        let fileId = try await database.ids.next(.importFile)
        let portfolio = kind.kind == .accounts ? options.portfolio : nil
        try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            try await ImportFileQueries.clearInterrupted(kind: kind.kind, sha256: sha256, now: now, in: db)
            try await ImportFileQueries.begin(
                id: fileId, kind: kind.kind, portfolio: portfolio, fileName: report.file, sha256: sha256, now: now, in: db)
        }
        var context = LoadContext(database: database, fileId: fileId, debtorIds: DebtorIds(database: database), options: options)
        context.asOf = options.asOf ?? manifest?.asOf.flatMap { Day(iso: $0) }
        var run = ImportRun(
            kind: kind, path: file, fileName: report.file, sha256: sha256, manifest: manifest, options: options, database: database,
            claim: claim,
            meter: ImportMeter(options.progress), context: context, report: report)
        run.report.importFileId = fileId
        var rejects = RejectFile(path: place.rejects)
        do {
            try await run.read(into: &rejects)
            try await run.check(into: &rejects)
            if options.isDryRun {
                run.report.state = .checked
            } else {
                if kind.kind == .accounts, let asOf = run.asOf.latestOwn ?? run.context.asOf, let portfolio {
                    run.context.portfolioId = try await database.core.withTransaction { db in
                        let now = try await ClockQueries.read(in: db)
                        return try await PortfolioQueries.ensure(name: portfolio, asOf: asOf, now: now, in: db)
                    }
                }
                try await run.load(into: &rejects)
            }
        } catch let error as IntakeError {
            guard case .refused(_, let reasons) = error else { throw error }
            run.report.state = .refused
            run.report.reasons = reasons
        }
        try rejects.close()
        run.report.rejected = rejects.rows
        run.report.firstRejects = rejects.first.prefix(ImportReport.shownRejects).map(ImportReport.Reject.init)
        run.report.rejectFile = rejects.rows > 0 ? rejects.path : nil
        run.report = try await finish(run.report, kind: kind.kind, context: run.context, manifest: manifest, rejects: rejects.first)
        return run.report
    }

    /// Ends the file in the database: its row, the watermark, what was attested, the audit entry.
    private func finish(
        _ report: ImportReport, kind: ImportKind, context: LoadContext, manifest: Manifest?, rejects: [RowFault]
    ) async throws -> ImportReport {
        let options = context.options
        let database = database
        let finished = try await Patience.repeating(limit: options.patience) { _ in
            try await database.withAuditedTransaction(database.core) { transaction in
                let db = transaction.connection
                let now = try await ClockQueries.read(in: db)
                var report = report
                try await ImportRowQueries.clear(file: context.fileId, in: db)
                if options.isDryRun {
                    try await ImportFileQueries.forget(id: context.fileId, in: db)
                    report.importFileId = nil
                    return report
                }
                if report.state == .loaded, kind == .payments {
                    let through =
                        options.ledgerThrough ?? manifest?.ledgerThrough.flatMap { Instant(iso8601: $0) } ?? context.latestPayment.value
                    report.ledgerThrough = try await Self.advance(to: through, options: options, now: now, in: db)
                }
                if report.state == .loaded, kind == .accounts, context.portfolioId != 0 {
                    try await Self.attest(
                        portfolio: context.portfolioId, file: report.file, asOf: report.asOf, options: options, now: now, in: transaction)
                }
                var counts = ImportCounts()
                counts.read = report.rows
                counts.loaded = report.loaded
                counts.known = report.known
                counts.rejected = report.rejected
                let detail = ImportDetail(report, source: kind == .payments ? options.source : nil)
                try await ImportFileQueries.finish(
                    id: context.fileId, state: report.state == .loaded ? .loaded : .refused, counts: counts,
                    amountTotal: report.amountTotal.count == 1 ? report.amountTotal.first?.value : nil, detail: detail.json,
                    reason: report.reasons.isEmpty ? nil : report.reasons.joined(separator: "; "), now: now, in: db)
                try await ImportFileQueries.insertRejects(
                    id: context.fileId, rejects.map { (Int64($0.row), $0.field, $0.reason) }, in: db)
                transaction.audit(
                    .importFile, subject: context.fileId,
                    [
                        "file_kind": .string(kind.rawValue), "state": .string(report.state.rawValue), "rows": .int(report.rows),
                        "loaded": .int(report.loaded), "known": .int(report.known), "rejected": .int(report.rejected),
                        "amounts": .object(of: report.amountTotal.mapValues { .string($0) }), "by": .optional(options.by?.id),
                        "ledger_through": .optional(report.ledgerThrough),
                    ])
                return report
            }
        }
        return finished
    }

    /// The same file again: nothing is loaded; what it says beside its rows (watermark, attestation) holds all the same.
    private func again(
        _ known: LoadedFile, kind: ImportKind, manifest: Manifest?, options: IntakeOptions, report: ImportReport
    ) async throws -> ImportReport {
        let detail = try JSONDecoder().decode(ImportDetail.self, from: Data(known.detail.utf8))
        let database = database
        return try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            var report = report
            report.state = .alreadyLoaded
            report.importFileId = known.id
            report.rows = known.counts.read
            report.known = known.counts.loaded + known.counts.known
            report.rejected = known.counts.rejected
            report.amountRead = detail.amountRead
            report.amountTotal = detail.amountTotal
            report.asOf = detail.asOf
            switch kind {
            case .payments:
                let through = options.ledgerThrough ?? manifest?.ledgerThrough.flatMap { Instant(iso8601: $0) }
                report.ledgerThrough = try await Self.advance(to: through, options: options, now: now, in: db) ?? detail.ledgerThrough
            case .accounts:
                if let name = options.portfolio, let portfolio = try await PortfolioQueries.find(name: name, in: db) {
                    try await Self.attest(
                        portfolio: portfolio.id, file: report.file, asOf: detail.asOf, options: options, now: now, in: transaction)
                }
            case .contacts, .fx, .adjustments, .accountUpdates, .events, .cardStatus, .letterStatus, .recallConfirmations, .complaints,
                .holds:
                break
            }
            return report
        }
    }

    private static func advance(to through: Instant?, options: IntakeOptions, now: Now, in db: PostgresConnection) async throws -> String? {
        try await LedgerIntakeQueries.advance(
            source: options.source, through: through, dailyFeed: options.isDailyFeed, now: now, in: db
        )?.iso8601()
    }

    /// Enters what the operator attests, with name and reason on record; a fact attested before stays as it was.
    private static func attest(
        portfolio: Int32, file: String, asOf: String?, options: IntakeOptions, now: Now, in transaction: AuditedTransaction
    ) async throws {
        guard let attestation = options.attestation, let by = options.by else { return }
        var facts: [(AttestedFact, Day)] = []
        if let day = attestation.debtorNotice { facts.append((.debtorNotice, day)) }
        if attestation.internalCollectionDone {
            facts.append((.internalCollectionDone, asOf.flatMap { Day(iso: $0) } ?? Zone.utc.day(of: now.business)))
        }
        for (fact, day) in facts {
            let isNew = try await PortfolioQueries.attest(
                portfolio: portfolio, fact: fact, holdsFrom: day, by: by.id, reason: attestation.reason, now: now,
                in: transaction.connection)
            guard isNew else { continue }
            transaction.audit(
                .attestation, subject: Int64(portfolio),
                [
                    "fact": .string(fact.rawValue), "holds_from": .string(day.description), "by": .number(by.id),
                    "reason": .string(attestation.reason), "file": .string(file),
                ])
        }
    }

    // MARK: Before the file

    private static func check(_ options: IntakeOptions, kind: ImportKind) throws(IntakeError) {
        if options.attestation != nil {
            guard kind == .accounts else { throw .usage("--attest belongs to an accounts file") }
            guard options.by != nil else { throw .usage("--attest needs an operator: name and reason go on record") }
        }
        if kind != .payments {
            if options.ledgerThrough != nil { throw .usage("--ledger-through belongs to a payments file") }
            if options.isDailyFeed { throw .usage("--daily-feed belongs to a payments file") }
        }
        if let name = options.portfolio, !(1...100).contains(name.count) { throw .usage("a portfolio's name has 1 to 100 characters") }
    }

    /// A file's name without its last ending.
    private static func stem(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// The digest of a file, read once before anything else: the file's identity.
    private static func hash(_ file: String) throws(IntakeError) -> [UInt8] {
        let chunks = try FileChunks(path: file)
        guard chunks.size != nil else { throw .unreadable(file: file, reason: "it is no regular file, and it is read twice") }
        var hash = SHA256()
        while true {
            let bytes = try chunks.next()
            if bytes.isEmpty { return Array(hash.finalize()) }
            hash.update(data: bytes)
        }
    }

    /// The manifest that belongs to a file, by option or beside it; nil if there is none and none is needed.
    private static func manifest(of file: String, options: IntakeOptions) throws(IntakeError) -> Manifest? {
        let files = FileManager.default
        let name = URL(fileURLWithPath: file).lastPathComponent
        if options.mapping.needsOKFlag, !files.fileExists(atPath: file + ".ok") {
            throw .refused(file: name, reasons: ["\(name).ok is missing: the file may not be whole yet"])
        }
        if options.mapping.manifest == .none, options.manifest == nil { return nil }
        let path = options.manifest ?? file + ".manifest.json"
        guard options.manifest != nil || files.fileExists(atPath: path) else {
            if options.mapping.manifest == .required { throw .refused(file: name, reasons: ["\(name).manifest.json is missing"]) }
            return nil
        }
        guard let json = files.contents(atPath: path) else { throw .unreadable(file: path, reason: "there is no such manifest") }
        let manifest = try Manifest(json: json, name: path)
        if let asOf = options.asOf, let theirs = manifest.asOf, Day(iso: theirs) != asOf {
            throw .refused(file: name, reasons: ["manifest disagrees: as_of \(theirs), --as-of is \(asOf)"])
        }
        return manifest
    }
}
