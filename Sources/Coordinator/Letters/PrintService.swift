import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
import PostgresDriver
import WireTypes

/// Why a print run was not begun.
package enum PrintError: Error, Hashable, CustomStringConvertible {
    case finished(String)
    case noLettershop
    case severalLettershops([String])
    case unknownLettershop(String)

    package var description: String {
        switch self {
        case .finished(let path): "\(path) holds a finished print run (hint: name another directory)"
        case .noLettershop: "no active agency of kind lettershop (hint: recourse agency apply)"
        case .severalLettershops(let names): "several lettershops: \(names.joined(separator: ", ")) (hint: --agency NAME)"
        case .unknownLettershop(let name): "no active lettershop is called '\(name)'"
        }
    }
}

/// What a print run did.
package struct PrintReport: Encodable, Sendable {
    /// The run's name, on each letter's record.
    package var run = ""
    /// Letters whose time has come, before the run.
    package var due: Int64 = 0
    /// Letters in the print file, reported as issued.
    package var printed = 0
    /// Letters not made, by reason: `letter_required_fields: business_seal`.
    package var refused: [String: Int] = [:]
    /// Letters made but overtaken: stopped, or taken by another run.
    package var overtaken = 0
    package var file: String?
    package var sha256: String?
    /// What is due, by currency, in decimal text.
    package var amountTotals: [String: String] = [:]
}

/// Print runs for the lettershop: leases the ordered letters, makes them, writes the print file, reports each as issued.
///
/// The gate is asked as for any lease. A run that stopped goes on in its directory: the same request finds the same leases, and what was made is
/// kept and reported with the same words, so no letter is printed twice and none is lost.
package struct PrintService: Sendable {
    /// What a run is asked for.
    package struct Options: Sendable {
        /// The directory it writes.
        package var out: String
        package var limit = 1_000
        package var makesPages = true
        package var isDryRun = false
        /// The lettershop; nil: the only one.
        package var agency: String?
        /// Called on the way through a batch: where a test stops a run.
        var atStep: (@Sendable (Step) throws -> Void)?

        enum Step: CaseIterable { case leased, kept, reported }

        package init(out: String) {
            self.out = out
        }
    }

    /// Letters per lease call, and per rendering process.
    private static let batchSize = 500

    private let database: Database
    private let policies: PolicyService
    private let dispatch: Dispatch
    private let files: LetterFiles
    private let renderer: LetterRenderer

    package init(
        database: Database, policies: PolicyService, files: LetterFiles, renderer: LetterRenderer, dispatch: Dispatch? = nil, logger: Logger
    ) {
        self.database = database
        self.policies = policies
        self.files = files
        self.renderer = renderer
        self.dispatch = dispatch ?? Dispatch(database: database, policies: policies, logger: logger)
    }

    /// The columns of the print file: DOMAIN section 5, then what the letter's recipient is asked for.
    package static let columns =
        ["letter_id", "template", "template_hash", "language", "address"] + LetterTemplate.elements.map(\.name) + [
            "mail_class", "seal_id", "date", "due_date", "days_overdue", "amount_due", "file", "pages",
        ]

    /// Runs it.
    ///
    /// - Throws: ``PrintError``, ``LetterRenderError``, ``Problem``; the driver's errors. Run again with the same directory, it goes on.
    package func run(_ options: Options) async throws -> PrintReport {
        let directory = PrintDirectory(path: URL(fileURLWithPath: options.out).path)
        if directory.isFinished { throw PrintError.finished(options.out) }
        let shop = try await lettershop(options.agency)
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let policy = try await CaseEnvironmentSource(database: database, policies: policies).current(at: now).policy
        var report = PrintReport()
        report.due = try await database.core.withConnection { db in
            try await LetterQueries.due(agency: shop.agencyId, until: now.business, parts: Array(database.lanes.all), in: db)
        }
        if options.isDryRun { return report }
        // Better said before anything is leased.
        if options.makesPages { _ = try await renderer.render([]) }
        report.run = try directory.open()
        let composer = LetterComposer(
            required: policy.conduct.content.letterRequired?.value ?? ElementSet(LetterTemplate.elements),
            forbidden: policy.conduct.content.letterForbidden?.value ?? .all, templates: files.templates, issuers: files.issuers,
            fallback: files.fallback)
        var letters: [PrintedLetter] = []
        var pages: [String: Int] = [:]
        var number = 1
        while letters.count < options.limit {
            let batch: [PrintedLetter]
            if let kept = try directory.batch(number) {
                batch = kept
            } else {
                let request = LeaseRequest(
                    requestId: "print-\(report.run)-\(number)", stages: [StageName.letter],
                    max: min(Self.batchSize, options.limit - letters.count))
                let reply = try await dispatch.leaseUnprintedLetters(request, for: shop)
                if reply.leases.isEmpty { break }
                let made = try await make(
                    reply.leases, composer: composer, policy: policy, at: Instant(reply.serverTime), for: shop, report: &report)
                try options.atStep?(.leased)
                if options.makesPages, !made.isEmpty {
                    let rendered = try await renderer.render(
                        made.map { LetterRenderer.Page(file: "\(directory.path)/\($0.letter.file ?? "")", html: $0.html) })
                    for (file, count) in rendered { pages[file] = count }
                }
                batch = made.map { made in
                    var letter = made.letter
                    if !options.makesPages { letter.file = nil }
                    let sides = letter.file.flatMap { pages["\(directory.path)/\($0)"] }
                    letter.row += [letter.file ?? "", sides.map(String.init) ?? ""]
                    return letter
                }
                try directory.keep(batch, number: number)
                try options.atStep?(.kept)
            }
            let issued = try await issue(batch, run: report.run, for: shop)
            try options.atStep?(.reported)
            letters += issued
            report.overtaken += batch.count - issued.count
            number += 1
        }
        try finish(
            letters, directory: directory, day: (policy.conduct.time.zone ?? .utc).day(of: now.business), report: &report, made: number - 1)
        return report
    }

    private func lettershop(_ name: String?) async throws -> AgencyIdentity {
        let shops = try await database.core.withConnection { try await AgencyQueries.all(in: $0) }
            .filter { $0.kind == .lettershop && $0.state == .active && (name == nil || $0.name == name) }
        guard let shop = shops.first else { throw name.map { PrintError.unknownLettershop($0) } ?? PrintError.noLettershop }
        guard shops.count == 1 else { throw PrintError.severalLettershops(shops.map(\.name)) }
        return AgencyIdentity(agencyId: shop.agencyId, name: shop.name, kind: shop.kind, state: shop.state)
    }

    // MARK: Making

    private struct Made {
        var letter: PrintedLetter
        var html: String
    }

    private func make(
        _ leases: [Lease], composer: LetterComposer, policy: ActivePolicy, at now: Instant, for shop: AgencyIdentity,
        report: inout PrintReport
    ) async throws -> [Made] {
        let ids = leases.compactMap { $0.workCard.letter.flatMap { Int64($0.letterId) } }
        let places = try await database.core.withConnection { db in
            try await LetterQueries.places(ids: ids, parts: Array(database.lanes.all), in: db)
        }
        var made: [Made] = []
        for lease in leases {
            guard let card = lease.workCard.letter, let id = Int64(card.letterId), let place = places[id],
                let facts = try facts(lease.workCard, card: card, policy: policy, at: now)
            else {
                _ = try await dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: "declined"), for: shop)
                report.refused["letter_facts", default: 0] += 1
                continue
            }
            switch try composer.compose(facts) {
            case .success(let letter):
                var amounts: [String: Int64] = [:]
                for account in facts.accounts { amounts[account.amountDue.currency.code, default: 0] += account.amountDue.minorUnits }
                let hash = Digest.hex(letter.template.hash)
                made.append(
                    Made(
                        letter: PrintedLetter(
                            letterId: card.letterId, leaseToken: lease.leaseToken, issuedAt: now.microseconds, part: place.part,
                            row: [card.letterId, letter.template.name, hash, letter.template.language, facts.address]
                                + LetterTemplate.elements.map { letter.elements[$0] ?? "" } + [
                                    card.mailClass, letter.template.sealId ?? "", facts.date.description, facts.dueOn.description,
                                    facts.accounts.map { String($0.daysOverdue) }.joined(separator: "; "),
                                    facts.accounts.map { $0.amountDue.description }.joined(separator: "; "),
                                ],
                            file: "pages/\(card.letterId).pdf", template: letter.template.name, templateHash: hash,
                            sealId: letter.template.sealId, amounts: amounts),
                        html: letter.html))
            case .failure(let refusal):
                let reason = "\(refusal.reasons.joined(separator: ", ")): \(refusal.detail)"
                report.refused[reason, default: 0] += 1
                try await refuse(lease, letter: id, part: place.part, refusal: refusal, at: now, for: shop)
            }
        }
        return made
    }

    private func facts(_ card: WorkCard, card letter: CardLetter, policy: ActivePolicy, at now: Instant) throws -> LetterFacts? {
        guard let debtor = card.debtor, let zone = debtor.timeZone.flatMap(Zone.init(identifier:)) ?? policy.conduct.time.zone else {
            return nil
        }
        var accounts: [LetterFacts.Account] = []
        for account in card.accounts ?? [] {
            guard let currency = Currency(account.currency) else { return nil }
            let due = try Money(parsing: account.amountDue, currency: currency)
            let balance = try Money(parsing: account.balance, currency: currency)
            // What is not due is not demanded.
            guard due.minorUnits > 0 else { continue }
            accounts.append(
                .init(
                    reference: account.accountRef, product: account.product, amountDue: due, balance: balance,
                    daysOverdue: account.daysPastDue, bucket: account.bucket))
        }
        let day = zone.day(of: now)
        return LetterFacts(
            reference: letter.letterId, name: debtor.name ?? "", address: letter.address, language: debtor.language ?? files.fallback,
            mailClass: letter.mailClass, accounts: accounts, date: day,
            dueOn: day.adding(days: policy.stages.letter.answerDays))
    }

    /// A fault of the person's record goes the way of a letter the lettershop refuses: made again, the second time the bank corrects the data.
    /// A fault of the text rests for a day under a break, for whoever keeps the texts.
    private func refuse(
        _ lease: Lease, letter: Int64, part: Int32, refusal: LetterRefusal, at now: Instant, for shop: AgencyIdentity
    ) async throws {
        if !refusal.missingOfRecord.isEmpty {
            let item = OutcomeItem(leaseToken: lease.leaseToken, result: "rejected_by_lettershop", occurredAt: WireInstant(now))
            _ = try await dispatch.report(OutcomeReport(outcomes: [item]), for: shop)
        } else {
            _ = try await dispatch.release(ReleaseRequest(leases: [lease.leaseToken], reason: "declined"), for: shop)
        }
        let breakId = try await database.ids.next(.breakRecord)
        let task = refusal.missingOfRecord.isEmpty ? Int64(lease.taskId) : nil
        try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            let draft = BreakDraft(
                kind: "letter_not_issued", subjectKind: "letter", subject: letter, agency: shop.agencyId, theirs: refusal.detail,
                severity: .warning, rule: refusal.reasons.first)
            if try await BreakQueries.open(draft, id: breakId, part: part, at: now, in: db) {
                transaction.audit(
                    .breakChange, subject: breakId,
                    ["what": "opened", "kind": "letter_not_issued", "letter": .int(letter), "rules": .strings(refusal.reasons)])
            }
            if let task {
                for statement in TaskQueries.postpone(part: part, tasks: [task], until: now + .seconds(86_400)) {
                    try await db.query(statement)
                }
            }
        }
    }

    // MARK: Issuing

    /// Notes the text on the letters' rows, then reports them; those that were overtaken are left out.
    private func issue(_ batch: [PrintedLetter], run: String, for shop: AgencyIdentity) async throws -> [PrintedLetter] {
        guard !batch.isEmpty else { return [] }
        for (part, letters) in Dictionary(grouping: batch, by: \.part).sorted(by: { $0.key < $1.key }) {
            let stamps = letters.compactMap { letter in
                Int64(letter.letterId).map { (id: $0, template: letter.template, hash: letter.templateHash, sealId: letter.sealId) }
            }
            try await database.withAuditedTransaction(database.core, part: part) { transaction in
                try await LetterQueries.stamp(part: part, stamps, in: transaction.connection)
                for stamp in stamps {
                    transaction.audit(
                        .letter, subject: stamp.id,
                        ["what": "composed", "template": .string(stamp.template), "hash": .string(stamp.hash), "run": .string(run)])
                }
            }
        }
        let reply = try await dispatch.report(
            OutcomeReport(
                outcomes: batch.map { letter in
                    OutcomeItem(
                        leaseToken: letter.leaseToken, result: "issued", occurredAt: WireInstant(microseconds: letter.issuedAt),
                        letter: LetterStatus(letterId: letter.letterId, printRef: run))
                }), for: shop)
        return zip(batch, reply.outcomes).compactMap { letter, answer in
            answer.status == .accepted || answer.status == .duplicate ? letter : nil
        }
    }

    // MARK: The file

    private func finish(
        _ letters: [PrintedLetter], directory: PrintDirectory, day: Day, report: inout PrintReport, made: Int
    ) throws {
        var totals: [String: Int64] = [:]
        for letter in letters { totals.merge(letter.amounts) { $0 + $1 } }
        report.printed = letters.count
        report.file = directory.file
        let bytes = CSVText.table([Self.columns] + letters.map(\.row))
        report.sha256 = Digest.hex(Digest.sha256(bytes))
        for (code, sum) in totals {
            report.amountTotals[code] = Money.decimalText(Int128(sum), digits: Currency(code)?.minorDigits ?? 2)
        }
        let only = report.amountTotals.count == 1 ? report.amountTotals.first : nil
        let manifest = Manifest(
            file: "letters.csv", rows: Int64(letters.count), amountTotal: only?.value, currency: only?.key,
            amountTotals: only == nil ? report.amountTotals : nil,
            asOf: day.description, sha256: report.sha256)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let kept = Set(letters.map(\.letterId))
        var dropped: [String] = []
        for number in 1..<(made + 1) {
            for letter in try directory.batch(number) ?? [] where !kept.contains(letter.letterId) {
                if let file = letter.file, FileManager.default.fileExists(atPath: "\(directory.path)/\(file)") { dropped.append(file) }
            }
        }
        try directory.finish(csv: bytes, manifest: Array(try encoder.encode(manifest)), dropping: dropped)
    }
}
