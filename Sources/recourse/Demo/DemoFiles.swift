import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Logging
import PostgresDriver
import Simulator

/// The files of a demo: generated or the bank's own, and the payments handed over in business time, one part a day.
struct DemoFiles: Sendable {
    private let plan: DemoPlan
    private let accounts: String
    private let contacts: String
    /// Lines of the bank's own payments file by local date of `paid_at`, with the header; nil: simulated debtors pay.
    private let payments: [Day: [String]]?
    private let header: String

    /// Finds or writes the files. Generated ones are the same for the same seed.
    init(plan: DemoPlan) throws {
        self.plan = plan
        let folder = plan.directory + "/files"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let files = plan.files {
            accounts = files.accounts
            contacts = files.contacts
            (header, payments) = try Self.split(files.payments)
        } else {
            guard let asOf = Day(iso: DemoPlan.generatedAsOf) else { throw UsageError("the demo's day cannot be read") }
            accounts = folder + "/accounts.csv"
            contacts = folder + "/contacts.csv"
            payments = nil
            header = SimulatedBank.header
            let accountLines = try LineFile(path: accounts)
            let contactLines = try LineFile(path: contacts)
            try PortfolioGenerator(accounts: plan.accounts, asOf: asOf, seed: plan.seed).write(
                account: { try accountLines.write($0) }, contact: { try contactLines.write($0) })
            try accountLines.close()
            try contactLines.close()
        }
    }

    /// The day the balances stand at, as the accounts file itself says.
    func asOf(database: Database, logger: Logger) async throws -> Day {
        var options = IntakeOptions()
        options.isDryRun = true
        options.portfolio = DemoPlan.portfolio
        options.output = .nowhere
        options.progress = Self.progress("checking accounts")
        let report = try await IntakeService(database: database).importAccounts(file: accounts, options: options)
        guard let asOf = report.asOf.flatMap({ Day(iso: $0) }) else {
            let why = report.reasons.isEmpty ? "it does not say which day its balances stand at" : report.reasons.joined(separator: "; ")
            throw UsageError("\(accounts): \(why)")
        }
        return asOf
    }

    /// Imports accounts and contacts, attesting visibly what the files do not say, and the sample exchange rate.
    func load(
        asOf: Day, database: Database, policies: PolicyService, environments: CaseEnvironmentSource, by person: Operator, logger: Logger
    ) async throws {
        let service = IntakeService(database: database)
        var options = IntakeOptions()
        options.portfolio = DemoPlan.portfolio
        options.output = .directory(plan.directory + "/files")
        options.by = person
        options.asOf = asOf
        options.attestation = IntakeOptions.Attestation(
            debtorNotice: asOf.adding(days: -3), internalCollectionDone: true, reason: "demo: the files come without these columns")
        options.progress = Self.progress("accounts")
        try Self.say(try await service.importAccounts(file: accounts, options: options))
        Terminal.note("attested by \(person.name): debtors told on \(asOf.adding(days: -3)), the bank's own collection done")
        options.attestation = nil
        options.portfolio = nil
        options.asOf = nil
        options.progress = Self.progress("contacts")
        try Self.say(try await service.importContacts(file: contacts, options: options))
        let rates = plan.directory + "/files/fx.csv"
        try "date,from,to,rate\n\(asOf),TWD,CNY,0.22\n".write(toFile: rates, atomically: true, encoding: .utf8)
        options.progress = nil
        try Self.say(try await service.run(.fx, file: rates, options: options))
    }

    /// Hands over the payments of the days through `day` that have not been handed over, and the bank's word on pending cures.
    func handOver(
        through day: Day, database: Database, environments: CaseEnvironmentSource, by person: Operator, zone: Zone, logger: Logger
    ) async throws {
        let service = IntakeService(
            database: database, payments: CasePaymentSink(database: database, environments: environments),
            updates: CaseAccountUpdateSink(database: database, environments: environments))
        let path = plan.directory + "/files/payments-\(day).csv"
        let lines: [String]
        if let payments { lines = payments[day] ?? [] } else { lines = try await simulated(day, database: database) }
        try (header + lines.joined()).write(toFile: path, atomically: true, encoding: .utf8)
        var options = IntakeOptions()
        options.by = person
        options.output = .directory(plan.directory + "/files")
        options.ledgerThrough = Instant(microseconds: zone.endOfDay(day).microseconds - 1_000_000)
        options.isDailyFeed = true
        let report = try await service.importPayments(file: path, options: options)
        guard report.state == .loaded || report.state == .alreadyLoaded else {
            throw UsageError("\(path): \(report.reasons.joined(separator: "; "))")
        }
        try await confirmRecalls(on: day, service: service, database: database, by: person)
        if plan.files == nil { try await confirmCures(as: day, service: service, database: database, by: person) }
    }

    private func simulated(_ day: Day, database: Database) async throws -> [String] {
        let (promises, accounts) = try await database.core.withConnection { db in
            (try await PaceQueries.openPromises(dueOn: day, in: db), try await PaceQueries.openAccounts(in: db))
        }
        return SimulatedBank(seed: plan.seed).payments(
            on: day,
            promises: promises.map {
                SimulatedBank.Promise(caseRef: String($0.caseId), accountRef: $0.accountRef, amount: $0.amount, due: $0.due)
            },
            accounts: accounts.map { SimulatedBank.Account(accountRef: $0.accountRef, amountDue: $0.amountDue, balance: $0.balance) })
    }

    /// The bank's daily account update: what is no longer overdue is cured.
    private func confirmCures(as day: Day, service: IntakeService, database: Database, by person: Operator) async throws {
        let pending = try await database.core.withConnection { try await PaceQueries.openAccounts(in: $0) }.filter {
            $0.status == .curePending
        }
        guard !pending.isEmpty else { return }
        let path = plan.directory + "/files/account-updates-\(day).csv"
        let lines = pending.map { "\($0.accountRef),\($0.balance.currency.code),\(day),\($0.balance.decimalText),0.00,0,cured\n" }
        try ("account_ref,currency,as_of,balance,amount_due,days_past_due,status\n" + lines.joined()).write(
            toFile: path, atomically: true, encoding: .utf8)
        var options = IntakeOptions()
        options.by = person
        options.output = .directory(plan.directory + "/files")
        _ = try await service.run(.accountUpdates, file: path, options: options)
    }

    /// What agencies say of recalled placements: the recordings they handed over, and the proof once the bank has ordered the purge.
    private func confirmRecalls(on day: Day, service: IntakeService, database: Database, by person: Operator) async throws {
        var lines: [String] = []
        for part in database.lanes.all {
            let recalls = try await database.core.withConnection {
                try await EvidenceQueries.unproved(part: part, after: 0, limit: 10_000, in: $0)
            }
            for recall in recalls where !recall.chain.isComplete || recall.chain.purgeOrderedAt != nil {
                let stopped = recall.stoppedAt ?? recall.executeAt
                let proof = recall.chain.purgeOrderedAt == nil ? "" : "purge-\(recall.placementId)"
                lines.append("\(recall.placementId),\(stopped.iso8601()),0,\(recall.chain.recordedContacts),\(proof)\n")
            }
        }
        if lines.isEmpty { return }
        let path = plan.directory + "/files/recall-confirmations-\(day).csv"
        try ("placement_ref,stopped_at,open_items,evidence_count,purge_proof_ref\n" + lines.joined()).write(
            toFile: path, atomically: true, encoding: .utf8)
        var options = IntakeOptions()
        options.by = person
        options.output = .directory(plan.directory + "/files")
        _ = try await service.run(.recallConfirmations, file: path, options: options)
    }

    // MARK: Reading and saying

    /// The lines of a payments file by the local date of their `paid_at`.
    private static func split(_ path: String) throws -> (header: String, byDay: [Day: [String]]) {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map(String.init)
        guard !lines.isEmpty else { throw UsageError("\(path): it is empty") }
        let header = lines.removeFirst()
        guard let column = header.split(separator: ",", omittingEmptySubsequences: false).firstIndex(of: "paid_at") else {
            throw UsageError("\(path): it has no column paid_at")
        }
        var byDay: [Day: [String]] = [:]
        for line in lines {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            // A line without a readable date is handed over on the first day: intake rejects it and says why.
            let day = column < fields.count ? Day(iso: String(fields[column].prefix(10))) : nil
            byDay[day ?? Day(number: 0), default: []].append(line + "\n")
        }
        return (header + "\n", byDay)
    }

    private static func say(_ report: ImportReport) throws {
        guard report.state == .loaded || report.state == .alreadyLoaded else {
            throw UsageError("\(report.file): \(report.reasons.joined(separator: "; "))")
        }
        let totals = report.amountTotal.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
        Terminal.note(
            "\(report.kind): \(report.loaded) of \(report.rows) rows\(totals)\(report.rejected > 0 ? "; \(report.rejected) rejected" : "")")
    }

    private static func progress(_ what: String) -> @Sendable (ImportProgress) -> Void {
        { Terminal.progress("\(what): \($0.step.rawValue) \($0.rows) rows, \(Int($0.fraction * 100)) %, \(Int($0.rowsPerSecond)) rows/s") }
    }
}

/// A file written line by line through a buffer.
private final class LineFile {
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw UsageError("\(path): it cannot be written")
        }
        self.handle = handle
    }

    func write(_ line: String) throws {
        buffer.append(contentsOf: line.utf8)
        if buffer.count >= 1 << 16 { try flush() }
    }

    func close() throws {
        try flush()
        try handle.close()
    }

    private func flush() throws {
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
