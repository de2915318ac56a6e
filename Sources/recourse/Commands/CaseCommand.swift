import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation

/// `recourse case …`: the record of a case, told in order and with reasons.
struct CaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case", abstract: "Show what happened on a case, by whom, by which rule, and what may come next.",
        subcommands: [Show.self, List.self, Rules.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one case: where it stands and why, its whole record, what may lawfully happen next and when.",
            discussion: "REF is a case (C-<number>), a debtor's or an account's reference. Names, numbers and addresses are never shown.")
        @Argument(help: ArgumentHelp("Case, debtor or account.", valueName: "ref")) var reference: String
        @Option(help: "Language of the words: en or zh.") var language = PlainLanguage.english
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Report: Encodable {
            struct Placement: Encodable {
                let account: String
                let status: String
                let currency: String
                let amountDue: Int64
                let balance: Int64
                let state: String
                let tier: Int16
                let termEnd: String
                let card: String

                enum CodingKeys: String, CodingKey {
                    case account, status, currency, balance, state, tier, card
                    case amountDue = "amount_due"
                    case termEnd = "term_end"
                }
            }

            struct Task: Encodable {
                let task: String
                let step: String
                let executor: String
                let due: String
                let leased: Bool
            }

            let `case`: String
            let debtor: String
            let holder: String
            let stage: String
            let state: String
            let reason: String?
            let until: String?
            let rule: String
            let policyVersion: Int32
            let tasks: [Task]
            let placements: [Placement]
            let timeline: [CaseReport.Line]
            let next: [CaseReport.Next]
            let nextText: [String]

            enum CodingKeys: String, CodingKey {
                case `case`, debtor, holder, stage, state, reason, until, rule, tasks, placements, timeline, next
                case policyVersion = "policy_version"
                case nextText = "next_text"
            }

            init(_ report: CaseReport, words: PlainWords) {
                `case` = CaseReport.reference(report.head.caseId)
                debtor = report.head.debtorRef
                holder = words.actor(.agency(report.head.agencyId), names: report.names)
                stage = report.head.stage.name
                state = report.head.state
                reason = report.head.reason
                until = report.head.until?.iso8601(in: report.zone)
                rule = report.head.lastRule
                policyVersion = report.head.policyVersion
                tasks = report.tasks.map {
                    Task(
                        task: "\($0.taskId)", step: $0.step.name, executor: words.actor(.agency($0.agencyId), names: report.names),
                        due: $0.dueAt.iso8601(in: report.zone), leased: $0.isLeased)
                }
                placements = report.placed.map {
                    Placement(
                        account: $0.accountRef, status: $0.status, currency: $0.currency, amountDue: $0.amountDue, balance: $0.balance,
                        state: $0.state, tier: $0.tier, termEnd: $0.termEnd.iso8601(in: report.zone), card: $0.cardStatus)
                }
                timeline = report.lines(words)
                next = report.nextActs
                nextText = report.nextLines(words)
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let report = try await CaseReporter(database: database, policies: PolicyService(database: database)).report(reference)
                let words = PlainWords(language)
                for line in report.text(words) { Terminal.say(line) }
                if output.json { try Terminal.json(Report(report, words: words)) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List cases, the newest first; closed ones only where --state closed.")
        @Option(help: "Only this stage.") var stage: String?
        @Option(help: "Only this state; else all but closed.") var state: String?
        @Option(help: "Only this holder, by name.") var agency: String?
        @Option(help: "At most so many.") var limit: Int32 = 50
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Row: Encodable {
            let `case`: String
            let debtor: String
            let holder: String
            let stage: String
            let state: String
            let reason: String?
            let until: String?
            let rule: String
            let accounts: Int64
        }

        func validate() throws {
            if let stage, Stage(name: stage) == nil {
                throw ValidationError("--stage must be one of \(Stage.allCases.map(\.name).joined(separator: ", ")), got \(stage)")
            }
            if let state, CaseState.Code(rawValue: state) == nil {
                throw ValidationError(
                    "--state must be one of \(CaseState.Code.allCases.map(\.rawValue).joined(separator: ", ")), got \(state)")
            }
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1...10000, got \(limit)") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let (lines, names) = try await CaseReporter(database: database, policies: PolicyService(database: database)).list(
                    stage: stage.flatMap { Stage(name: $0) }, state: state.flatMap(CaseState.Code.init), agency: agency, limit: limit)
                let rows = lines.map {
                    Row(
                        case: CaseReport.reference($0.caseId), debtor: $0.debtorRef,
                        holder: names.agencies[$0.agencyId] ?? "\($0.agencyId)",
                        stage: $0.stage.name, state: $0.state, reason: $0.reason, until: $0.until?.description, rule: $0.lastRule,
                        accounts: $0.accounts)
                }
                Terminal.table(
                    ["CASE", "DEBTOR", "HOLDER", "STAGE", "STATE", "REASON", "UNTIL", "RULE"],
                    rows.map { [$0.case, $0.debtor, $0.holder, $0.stage, $0.state, $0.reason ?? "", $0.until ?? "", $0.rule] })
                if output.json { try Terminal.json(["cases": rows]) }
            }
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the transition table: what follows from every result and event, asked of the program itself.",
            discussion: "Under the bank's default policy, or under --policy. Needs no database.")
        @Option(help: ArgumentHelp("A policy file whose stages are asked instead.", valueName: "file")) var policy: String?
        @Flag(help: "As a page of documentation with diagrams.") var markdown = false

        func run() async throws {
            let table = try TransitionTable(policy: try policy.map { try PolicyBundle(path: $0).stages } ?? .bankDefault)
            if markdown { return Terminal.say(table.markdown.trimmingCharacters(in: .newlines)) }
            Terminal.table(
                ["STEP", "WHAT", "WHEN", "STAGE AFTER", "NEXT", "RULES"],
                (table.results + table.events).map { row in
                    [
                        row.step?.name ?? "", row.what, row.step == nil ? "" : row.situation.rawValue,
                        row.outcome.place?.rawValue ?? "closed", row.outcome.next, row.outcome.rules.joined(separator: " "),
                    ]
                })
        }
    }
}
