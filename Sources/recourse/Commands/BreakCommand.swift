import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse break …`: differences somebody has to settle.
struct BreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break", abstract: "List, show and resolve breaks.", subcommands: [List.self, Show.self, Resolve.self])

    /// One break for programs and for the table.
    struct Row: Encodable {
        let id: Int64
        let kind: String
        let severity: String
        let state: String
        let agency: String?
        let debtor: String?
        let subject: String
        let ours: String?
        let theirs: String?
        let rule: String?
        let owner: String
        let opened: String
        let ageHours: Int64
        let ageing: String
        let closed: String?
        let resolution: String?

        init(_ record: BreakRecord, now: Instant) {
            let end = record.closedAt ?? now
            id = record.id
            kind = record.kind
            severity = record.severity.rawValue
            state = record.isOpen ? "open" : "closed"
            agency = record.agency
            debtor = record.debtorRef
            subject = "\(record.subjectKind) \(record.subject)"
            ours = record.ours
            theirs = record.theirs
            rule = record.rule
            owner = record.owner
            opened = record.openedAt.description
            ageHours = BreakAgeing.hours(opened: record.openedAt, now: end)
            ageing = BreakAgeing(opened: record.openedAt, now: end).rawValue
            closed = record.closedAt?.description
            resolution = record.resolution
        }

        /// Days and hours, as people read an age.
        var age: String { ageHours < 48 ? "\(ageHours) h" : "\(ageHours / 24) d" }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List open breaks, the oldest first.")
        @Option(help: "Only this kind.") var kind: String?
        @Option(help: "Only this severity: info, warning, high or critical.") var severity: String?
        @Option(help: "Only those about this agency.") var agency: String?
        @Option(help: "At most so many.") var limit: Int32 = 200
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1...10000, got \(limit)") }
            if let severity, Severity(rawValue: severity) == nil {
                throw ValidationError("--severity must be info, warning, high or critical, got \(severity)")
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let (breaks, now) = try await BreakService(database: database).list(
                    kind: kind, severity: severity.flatMap(Severity.init(rawValue:)), agency: agency, limit: limit)
                let rows = breaks.map { Row($0, now: now) }
                Terminal.table(
                    ["BREAK", "AGE", "SEVERITY", "KIND", "AGENCY", "DEBTOR", "SUBJECT", "OURS", "THEIRS"],
                    rows.map {
                        [
                            "\($0.id)", $0.age, $0.severity, $0.kind, $0.agency ?? "", $0.debtor ?? "", $0.subject, $0.ours ?? "",
                            $0.theirs ?? "",
                        ]
                    })
                if output.json { try Terminal.json(["breaks": rows]) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a break and what was proposed about it.")
        @Argument(help: "The break's number.") var id: Int64
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let `break`: Row
            let proposedReason: String?
            let proposedAt: String?
        }

        func run() async throws {
            try await options.withDatabase { database in
                let (record, proposal, now) = try await BreakService(database: database).show(id)
                let row = Row(record, now: now)
                let lines: [(String, String?)] = [
                    ("break", "\(row.id), \(row.kind), \(row.severity), \(row.state)"), ("subject", row.subject), ("debtor", row.debtor),
                    ("agency", row.agency), ("ours", row.ours), ("theirs", row.theirs), ("rule", row.rule), ("owner", row.owner),
                    ("opened", "\(row.opened), \(row.age) (\(row.ageing))"), ("closed", row.closed), ("resolution", row.resolution),
                    ("proposed", proposal.map { "\($0.reason) (\($0.madeAt)); a second person has to say the same" }),
                ]
                for (name, value) in lines { if let value { Terminal.say("\(name): \(value)") } }
                if output.json {
                    try Terminal.json(
                        Result(break: row, proposedReason: proposal?.reason, proposedAt: proposal?.madeAt.description))
                }
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a break by hand; a second person runs the same command.",
            discussion: """
                The second person gives the same reason and may decide (supervisor, compliance, admin). A later run that finds the very same difference \
                leaves it at rest; a different one opens a new break.
                """)
        @Argument(help: "The break's number.") var id: Int64
        @Option(help: "Why, for the record; no personal data.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let id: Int64
            /// `resolved`, or `noted` where a second person has to say the same.
            let state: String
        }

        func validate() throws {
            guard (1...500).contains(reason.count) else { throw ValidationError("--reason must have 1 to 500 characters") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let step = try await BreakService(database: database).resolve(id, reason: reason, by: person)
                switch step {
                case .propose: Terminal.say("noted; a second person has to say the same")
                case .confirm: Terminal.say("break \(id) is closed")
                }
                if output.json { try Terminal.json(Result(id: id, state: step == .confirm ? "resolved" : "noted")) }
            }
        }
    }
}
