import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import Synchronization

/// `recourse day …`: the bank's working day by its plan.
struct DayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day", abstract: "Show how the bank's day stands; run it.", subcommands: [Show.self, Run.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every step of the day, who is late, and what waits for a decision.",
            discussion: """
                A file is expected if it came on two of the last seven days; payments also where a source promises them daily. Exits 1 if a \
                step is late.
                """)
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let board = try await options.withDatabase { try await DayService.standing(on: $0).board() }
            if output.json { try Terminal.json(DayReport(board)) } else { DayReport.say(board) }
            guard board.late.isEmpty else { throw ExitStatus.faults }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The scheduler: take the files of an inbox and run what is due.",
            discussion: """
                Files are named by their kind, such as payments-2026-11-03.csv, and are taken from 05:30 on once FILE.ok is there; then they lie \
                in done/DAY or refused/DAY of the inbox with their acknowledgement. Cases are reconciled at 06:30 when the morning's files have \
                come, at the latest at 07:45, again when a late file comes, and at 22:30. At 07:15 cases whose holder cannot do the next stage are \
                handed over as far as that is approved in advance (recourse place standing), and approved plans are carried out. It may be stopped at any time, and two may run: nothing is done twice.
                With --once it does what is due now and ends; 1 if a file was refused or rows of it were.
                """)
        @Option(help: ArgumentHelp("The directory the bank's systems put files into.", valueName: "dir")) var inbox: String
        @Flag(help: "Do what is due now, then end; else go on until stopped.") var once = false
        @Flag(name: .customLong("daily-feed"), help: "Payments files are promised for every day: without one, demands stop.")
        var isDailyFeed = false
        @Option(help: ArgumentHelp("Seconds between two looks.", valueName: "seconds")) var every = 5
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        /// Lines about files that stay, as far as they were said.
        private static let told = Mutex<Set<String>>([])

        func validate() throws {
            guard (1...3_600).contains(every) else { throw ValidationError("--every must be 1...3600, got \(every)") }
        }

        private struct Result: Encodable {
            struct File: Encodable {
                let report: ImportReport
                let folder: String
            }
            struct Reconciled: Encodable {
                let step: String
                let missing: [String]
                let report: ReconciliationReport
            }
            let taken: [File]
            let unknown: [String]
            let busy: [String]
            let unreadable: [String]
            let suspended: [String]
            let reconciled: Reconciled?
            let handover: HandoverReport?

            init(_ pass: DayPass) {
                taken = pass.taken.map { File(report: $0.report, folder: $0.folder) }
                unknown = pass.unknown
                busy = pass.busy
                unreadable = pass.unreadable.map(\.name)
                suspended = pass.suspended.map(\.name)
                handover = pass.handover
                reconciled = pass.reconciled.map { Reconciled(step: $0.step, missing: $0.missing, report: $0.report) }
            }
        }

        func run() async throws {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: inbox, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw UsageError("--inbox \(inbox): there is no such directory")
            }
            let box = Inbox(directory: inbox)
            let hasFaults = try await options.withDatabase(restartable: true) { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let runner = DayRunner(
                    database: database,
                    environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)),
                    logger: options.logger)
                if once { return try await look(runner, box, person).hasFaults }
                return try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        await Interrupt.wait()
                        return false
                    }
                    group.addTask {
                        while true {
                            _ = try await look(runner, box, person)
                            try await Task.sleep(for: .seconds(every))
                        }
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? false
                }
            }
            if hasFaults { throw ExitStatus.faults }
        }

        private func look(_ runner: DayRunner, _ box: Inbox, _ person: Operator) async throws -> DayPass {
            let pass = try await runner.pass(
                inbox: box, isDailyFeed: isDailyFeed, by: person, holder: "day-\(ProcessInfo.processInfo.processIdentifier)")
            for file in pass.taken {
                Terminal.say(
                    "\(file.report.file): \(file.report.state.rawValue), \(file.report.rows) rows, \(file.report.rejected) rejected; in \(file.folder)"
                )
            }
            // What stays in the inbox is told once, not at every look.
            let left =
                pass.unknown.map { "\($0): its name says no kind of file (hint: recourse import --help)" }
                + pass.busy.map { "\($0): another process is at it" } + pass.unreadable.map { "\($0.name): \($0.reason)" }
            for line in left where Self.told.withLock({ $0.insert(line).inserted }) { Terminal.say(line) }
            for agency in pass.suspended { Terminal.say("agency \(agency.name) suspended and its work taken back: \(agency.reason)") }
            if let (step, missing, report) = pass.reconciled {
                Terminal.say(
                    "\(step): \(report.moved) moved, \(report.breaksOpened) breaks opened, \(report.breaksOpen) open"
                        + (missing.isEmpty ? "" : "; without \(missing.joined(separator: ", "))"))
            }
            if let handover = pass.handover {
                Terminal.say(
                    "handover: \(handover.waiting) accounts waited, \(handover.approved) approved in advance, \(handover.placed) placed"
                        + (handover.forPersons.isEmpty
                            ? "" : "; a second person has to approve \(handover.forPersons.joined(separator: ", "))")
                        + (handover.reason.map { "; \($0)" } ?? ""))
            }
            if once, pass.isEmpty { Terminal.say("nothing is due") }
            if output.json, once || !pass.isEmpty { try Terminal.json(Result(pass)) }
            return pass
        }
    }
}

/// The board of the day as it is printed.
private struct DayReport: Encodable {
    struct Step: Encodable {
        let step: String
        let at: String
        /// `done`, `due`, `late`, `waiting`, `later`, `not_expected`.
        let state: String
        let since: String?
        let minutesLate: Int?
        let waitsFor: [String]?
        let owner: String
    }
    struct Count: Encodable {
        let what: String
        let count: Int64
        let overdue: Int?
    }

    let day: String
    let time: String
    let steps: [Step]
    let late: [String]
    let reminder: String?
    let ledgerThrough: String?
    let ledgerStale: Bool
    let breaks: [Count]
    let requests: [Count]
    let complaints: Count
    let suspended: [String]
    let ready: [Count]
    let handover: Int64

    init(_ board: DayBoard) {
        day = board.day.description
        time = board.time.description
        steps = board.steps.map { item in
            let (word, since, minutes, needs) = Self.words(item.state, zone: board.zone)
            return Step(
                step: item.step.name, at: item.step.at.description, state: word, since: since, minutesLate: minutes, waitsFor: needs,
                owner: item.step.owner)
        }
        late = board.late.map(\.step.name)
        reminder = board.reminder
        ledgerThrough = board.watermark?.iso8601(in: board.zone)
        ledgerStale = board.ledgerIsStale
        breaks = board.breaks.map { Count(what: $0.kind, count: $0.count, overdue: nil) }
        requests = board.requests.map { Count(what: $0.type, count: Int64($0.open), overdue: $0.overdue) }
        complaints = Count(what: "complaints", count: Int64(board.complaints.open), overdue: board.complaints.overdue)
        suspended = board.suspended.map(\.name)
        ready = board.cases.filter { $0.state == "ready" }.map { Count(what: $0.stage?.name ?? "?", count: $0.count, overdue: nil) }
        handover = board.cases.filter { $0.state == "handover" }.reduce(0) { $0 + $1.count }
    }

    private static func words(_ state: DailyPlan.State, zone: Zone) -> (String, since: String?, late: Int?, needs: [String]?) {
        switch state {
        case .later: ("later", nil, nil, nil)
        case .notExpected: ("not_expected", nil, nil, nil)
        case .waiting(let needs): ("waiting", nil, nil, needs)
        case .due(let minutes): ("due", nil, minutes == 0 ? nil : minutes, nil)
        case .late(let minutes): ("late", nil, minutes, nil)
        case .done(let at): ("done", at.map { zone.timeOfDay(of: $0).description }, nil, nil)
        }
    }

    /// One screen for the desk.
    static func say(_ board: DayBoard) {
        Terminal.say("\(board.day) \(board.time)")
        Terminal.table(
            ["AT", "STEP", "STATE", "WHAT", "WHO OWES IT"],
            board.steps.map { item in
                let text: String =
                    switch item.state {
                    case .later: ""
                    case .notExpected: "none today"
                    case .waiting(let needs): "waits for " + needs.joined(separator: ", ")
                    case .due(let minutes): minutes >= DailyPlan.patienceMinutes ? "due, \(minutes) min late" : "due"
                    case .late(let minutes): "\(minutes) min late"
                    case .done(let at): at.map { "done \(board.zone.timeOfDay(of: $0))" } ?? "passed"
                    }
                return [item.step.at.description, item.step.name, text, item.step.text, item.step.owner]
            })
        for (step, minutes) in board.late { Terminal.say("late: \(step.name), \(minutes) minutes; \(step.owner) owes it") }
        if let reminder = board.reminder { Terminal.say(reminder) }
        let ledger = board.watermark.map { "payments known through \($0.iso8601(in: board.zone)), \(board.ledgerHours ?? 0) hours ago" }
        Terminal.say((ledger ?? "no payments file came yet") + (board.ledgerIsStale ? ": too old, no demand is made" : ""))
        let breaks = board.breaks.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
        Terminal.say("open breaks: " + (breaks.isEmpty ? "none" : breaks))
        let requests = board.requests.map { "\($0.open) \($0.type)" + ($0.overdue > 0 ? " (\($0.overdue) overdue)" : "") }
        Terminal.say("requests to decide: " + (requests.isEmpty ? "none" : requests.joined(separator: ", ")))
        Terminal.say(
            "complaints to answer: \(board.complaints.open)"
                + (board.complaints.overdue > 0 ? " (\(board.complaints.overdue) overdue)" : ""))
        for agency in board.suspended { Terminal.say("agency \(agency.name) is suspended: \(agency.reason)") }
        let ready = board.cases.filter { $0.state == "ready" }.map { "\($0.count) \($0.stage?.name ?? "?")" }
        Terminal.say("cases to work: " + (ready.isEmpty ? "none" : ready.joined(separator: ", ")))
    }
}

extension DayService {
    /// The service for one command.
    static func standing(on database: Database) -> DayService {
        DayService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
