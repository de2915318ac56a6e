import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation

/// `recourse complaint …`: complaints about collection, from their entry to the letter of reply.
struct ComplaintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complaint", abstract: "Enter complaints, extend, answer, close and list them.",
        discussion: """
            A complaint stops all contact with the debtor at once: leases are revoked, the agency is told. It is answered within 15 days of \
            the day of receipt, or by extension within 30 and then 60. Every extension and the answer need two persons: the second one runs \
            the same command. REF is the complaint's reference or the number its source gave it.
            """,
        subcommands: [Open.self, Extend.self, Answer.self, Close.self, List.self])

    static let sources = ComplaintSource.allCases.map(\.rawValue).joined(separator: ", ")

    /// A complaint as it is printed: never its text.
    fileprivate struct Line: Encodable {
        let complaintRef: String
        let debtorRef: String
        let source: String
        let externalNo: String?
        let code: String?
        /// `open`, `answered` or `closed`.
        let state: String
        let receivedAt: String
        let dueOn: String
        let extensions: Int
        let answeredAt: String?
        /// Days left until the last one; negative: late. Only while it is open.
        let daysLeft: Int?

        init(_ record: ComplaintRecord, zone: Zone, today: Day? = nil) {
            complaintRef = record.reference
            debtorRef = record.debtorRef
            source = record.source
            externalNo = record.externalNo
            code = record.code
            state = record.state.rawValue
            receivedAt = record.receivedAt.iso8601(in: zone)
            dueOn = record.dueOn.description
            extensions = Int(record.extensions)
            answeredAt = record.answeredAt.map { $0.iso8601(in: zone) }
            daysLeft = record.state == .open ? today.map { $0.days(until: record.dueOn) } : nil
        }
    }

    /// What a changing command did.
    fileprivate struct Result: Encodable {
        /// `opened`, `known`, `supervisor`, `noted`, `extended`, `answered`, `closed`.
        let result: String
        let complaint: Line
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter a complaint: all contact stops at once.",
            discussion: """
                The same number of the same source is the same complaint: entering it again changes nothing. The fourth complaint of a debtor \
                with the same text goes to a supervisor instead of a new hold.
                """)
        @Option(help: ArgumentHelp("Where it came in: \(ComplaintCommand.sources) (12378 is the regulator's line).", valueName: "source"))
        var source: String
        @Option(name: .customLong("external-no"), help: ArgumentHelp("The number its source gave it.", valueName: "number"))
        var externalNo: String?
        @Option(help: ArgumentHelp("The bank's own key of it.", valueName: "reference")) var ref: String?
        @Option(
            help: ArgumentHelp(
                "When it was received, such as 2026-11-03T14:05 in the policy's zone, or with an offset; else now.", valueName: "time"))
        var received: String?
        @Option(help: ArgumentHelp("The debtor's reference.", valueName: "reference")) var debtor: String?
        @Option(help: ArgumentHelp("The account it is about; names the debtor too.", valueName: "reference")) var account: String?
        @Option(help: ArgumentHelp("The agency it is about; else the holder of the debtor's case.", valueName: "name")) var agency: String?
        @Option(help: ArgumentHelp("The collector it is about: the agency's staff number.", valueName: "number")) var collector: String?
        @Option(help: "The bank's own code of what it is about.") var code: String?
        @Option(help: "Its text, or the text's reference in the bank's archive; only the SHA-256 is kept.") var text: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if ComplaintSource(word: source) == nil {
                throw ValidationError("--source must be one of \(ComplaintCommand.sources), got \(source)")
            }
            if debtor == nil, account == nil { throw ValidationError("name --debtor or --account") }
            if let received, Reading.instant(received) == nil, Zone.utc.instant(local: received) == nil {
                throw ValidationError("--received must be like 2026-11-03T14:05 or 2026-11-03T14:05:00+08:00, got \(received)")
            }
            for (option, value) in [("--external-no", externalNo), ("--ref", ref), ("--code", code), ("--collector", collector)] {
                if let value, value.isEmpty || value.count > 100 { throw ValidationError("\(option) has 1 to 100 characters") }
            }
        }

        func run() async throws {
            guard let source = ComplaintSource(word: source) else { throw ValidationError("--source is unknown") }
            let (opening, zone) = try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = ComplaintService.standing(on: database)
                let zone = try await service.zone()
                let target = try await target(in: database)
                var report = ComplaintReport(source: source, receivedAt: try await instant(in: zone, service: service))
                report.reference = ref
                report.externalNo = externalNo
                report.accountId = target.account
                report.agencyId = if let agency { try await service.agency(agency) } else { nil }
                report.collector = collector
                report.code = code
                report.textHash = text.map { Digest.sha256(Array($0.utf8)) }
                return (try await service.open(report, of: target, by: person), zone)
            }
            let record = opening.record
            let word: String
            switch opening {
            case .opened:
                word = "opened"
                Terminal.say(
                    "complaint \(record.reference): all contact with \(record.debtorRef) has stopped; to be answered by \(record.dueOn)")
            case .forSupervisor:
                word = "supervisor"
                Terminal.say(
                    "complaint \(record.reference): said before with the same content; a supervisor looks at it (recourse break list), no new hold; "
                        + "to be answered by \(record.dueOn)")
            case .known:
                word = "known"
                Terminal.say("complaint \(record.reference) is known: \(record.state.rawValue), to be answered by \(record.dueOn)")
            }
            if output.json { try Terminal.json(Result(result: word, complaint: Line(record, zone: zone))) }
        }

        private func target(in database: Database) async throws -> HoldTarget {
            let holds = HoldService.standing(on: database)
            guard let account else { return try await holds.target(debtor ?? "") }
            let found = try await holds.target(account)
            guard found.account != nil else { throw UsageError("--account \(account) is a debtor's reference") }
            if let debtor, try await holds.target(debtor).debtor != found.debtor {
                throw UsageError("--account \(account) is no account of --debtor \(debtor)")
            }
            return found
        }

        /// When it was received; a date alone is that day's beginning at the bank.
        private func instant(in zone: Zone, service: ComplaintService) async throws -> Instant {
            guard let received else { return try await service.now() }
            let local = Day(iso: received).map { zone.startOfDay($0) } ?? zone.instant(local: received)
            guard let instant = local ?? Reading.instant(received) else { throw ValidationError("--received is no time") }
            return instant
        }
    }

    struct Extend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the answer more time: 30 days from receipt, then 60.",
            discussion: "The first person asks, a second one runs the same command; the complainant gets a letter.")
        @Argument(help: ArgumentHelp("The complaint's reference or number.", valueName: "ref")) var ref: String
        @Option(help: "Why, for the record; no personal data.") var reason = "complex"
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (step, zone) = try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = ComplaintService.standing(on: database)
                return (try await service.extend(ref, reason: reason, by: person), try await service.zone())
            }
            try ComplaintCommand.show(step, done: "extended", zone: zone, json: output.json) {
                "complaint \($0.reference): to be answered by \($0.dueOn); the complainant gets a letter"
            }
        }
    }

    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer a complaint: the letter of reply goes out, the hold ends.",
            discussion: """
                The first person has written the reply, a second one runs the same command (--reply may be left out then; another file is a \
                proposal of its own). Work resumes no sooner than the next day's window; \
                the hold stays while another complaint of the debtor is open.
                """)
        @Argument(help: ArgumentHelp("The complaint's reference or number.", valueName: "ref")) var ref: String
        @Option(help: ArgumentHelp("The letter of reply; only its SHA-256 is kept.", valueName: "file")) var reply: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let hash = try reply.map { path in
                guard let bytes = FileManager.default.contents(atPath: path) else { throw UsageError("\(path): there is no such file") }
                return Digest.sha256(Array(bytes))
            }
            let (step, zone) = try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = ComplaintService.standing(on: database)
                return (try await service.answer(ref, replyHash: hash, by: person), try await service.zone())
            }
            try ComplaintCommand.show(step, done: "answered", zone: zone, json: output.json) {
                "complaint \($0.reference) answered; work resumes no sooner than the next day's window"
            }
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Close an answered complaint.")
        @Argument(help: ArgumentHelp("The complaint's reference or number.", valueName: "ref")) var ref: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (record, zone) = try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let service = ComplaintService.standing(on: database)
                return (try await service.close(ref, by: person), try await service.zone())
            }
            try ComplaintCommand.show(.done(record), done: "closed", zone: zone, json: output.json) { "complaint \($0.reference) closed" }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Complaints by their last day, with the days left.")
        @Flag(help: "The closed ones too.") var all = false
        @Option(help: "The most to show.") var limit = 1_000
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1...100000, got \(limit)") }
        }

        func run() async throws {
            let lines = try await options.withDatabase { database in
                let service = ComplaintService.standing(on: database)
                let zone = try await service.zone()
                let (complaints, today) = try await service.list(all: all, limit: limit)
                return complaints.map { Line($0, zone: zone, today: today) }
            }
            if output.json { return try Terminal.json(["complaints": lines]) }
            if lines.isEmpty { return Terminal.say(all ? "there is no complaint" : "no complaint is open or answered") }
            Terminal.table(
                ["DUE", "LEFT", "COMPLAINT", "DEBTOR", "SOURCE", "STATE", "RECEIVED", "EXTENDED"],
                lines.map { line in
                    [
                        line.dueOn, line.daysLeft.map { $0 < 0 ? "\(-$0) late" : "\($0)" } ?? "", line.complaintRef, line.debtorRef,
                        line.source,
                        line.state, line.receivedAt, line.extensions == 0 ? "" : "\(line.extensions)",
                    ]
                })
        }
    }

    private static func show(
        _ step: ComplaintStep, done: String, zone: Zone, json: Bool, say: (ComplaintRecord) -> String
    ) throws {
        let word: String
        switch step {
        case .noted:
            word = "noted"
            Terminal.say("noted; a second person has to run the same command")
        case .done(let record):
            word = done
            Terminal.say(say(record))
        }
        if json { try Terminal.json(Result(result: word, complaint: Line(step.record, zone: zone))) }
    }
}

extension ComplaintService {
    /// The service for one command.
    static func standing(on database: Database) -> ComplaintService {
        ComplaintService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
