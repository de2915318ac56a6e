import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse request …`: what agencies and debtors ask of the bank.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "List and decide requests to the bank.", subcommands: [List.self, Decide.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List open requests, the most urgent first.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        struct Row: Encodable {
            let lane: Int32
            let request: Int64
            let type: String
            let caseRef: String
            let debtorRef: String
            let accountRef: String?
            /// What is asked, in codes.
            let detail: String
            let asked: String
            let due: String
            let persons: Int16
            let first: String?
        }

        func run() async throws {
            try await options.withDatabase { database in
                let rows = try await RequestService.standing(on: database).open().map {
                    Row(
                        lane: $0.part, request: $0.id, type: $0.type.rawValue, caseRef: String($0.caseId), debtorRef: $0.debtorRef,
                        accountRef: $0.accountRef, detail: $0.detail, asked: $0.askedAt.description, due: $0.slaDue.description,
                        persons: $0.approvalsNeeded, first: RequestService.shown($0.decision, to: nil))
                }
                Terminal.table(
                    ["LANE", "REQUEST", "TYPE", "DEBTOR", "ACCOUNT", "DUE", "PERSONS", "FIRST DECISION"],
                    rows.map {
                        [
                            "\($0.lane)", "\($0.request)", $0.type, $0.debtorRef, $0.accountRef ?? "all", $0.due, "\($0.persons)",
                            $0.first ?? "",
                        ]
                    })
                if output.json { try Terminal.json(["requests": rows]) }
            }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide a request; where it needs two persons, the second one decides the same.",
            discussion: """
                DECISION is grant, refuse, found, nothing, approve:ROUTE (lawyer_letter, mediation, payment_order, civil), verified:HOLD or unfounded:HOLD.
                An extension is granted with --date, a settlement offer with --amount and --date, hardship relief with --until.
                A plan is granted with --instalment DATE=AMOUNT for each, or with --amount, --months and --date, the day of the first of equal ones.
                """)
        @Argument(help: "The request's lane.") var lane: Int32
        @Argument(help: "The request's number.") var request: Int64
        @Argument(help: "The decision.") var decision: String
        @Option(help: "The new date of an extension or a settlement.") var date: String?
        @Option(help: "What a settlement offer asks for, in the account's currency.") var amount: String?
        @Option(help: "The currency of --amount.") var currency = "CNY"
        @Option(help: ArgumentHelp("One instalment of a plan; again for each.", valueName: "date=amount")) var instalment: [String] = []
        @Option(help: "Equal monthly instalments of --amount, 1 to 60.") var months: Int?
        @Option(help: "When a hardship relief ends.") var until: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let request: Int64
            let decision: String
            /// `decided`, or `noted` where a second person has to decide the same.
            let state: String
        }

        func validate() throws { _ = try read() }

        private static func money(_ text: String, _ currency: Currency, option: String) throws -> Money {
            do {
                let money = try Money(parsing: text, currency: currency)
                if money.isPositive { return money }
            } catch {
                // Said below, with the option's name.
            }
            throw ValidationError("\(option) must be an amount like 5000.00, got \(text)")
        }

        private func read() throws -> RequestDecision {
            let words = decision.split(separator: ":", maxSplits: 1).map(String.init)
            let day = try date.map { text in
                guard let day = Day(iso: text) else { throw ValidationError("--date must be like 2026-12-01, got \(text)") }
                return day
            }
            let end = try until.map { text in
                guard let end = Reading.instant(text) else {
                    throw ValidationError("--until must be like 2026-12-01T09:00:00+08:00, got \(text)")
                }
                return end
            }
            guard let currency = Currency(currency) else {
                throw ValidationError("--currency must be an ISO 4217 code, got \(currency)")
            }
            let money = try amount.map { try Self.money($0, currency, option: "--amount") }
            var plan = try instalment.map { text in
                let parts = text.split(separator: "=").map(String.init)
                guard parts.count == 2, let due = Day(iso: parts[0]) else {
                    throw ValidationError("--instalment must be like 2026-12-01=500.00, got \(text)")
                }
                return PlanInstalment(due: due, amount: try Self.money(parts[1], currency, option: "--instalment"))
            }.sorted { $0.due < $1.due }
            if let months {
                guard (1...60).contains(months), let money, let day, plan.isEmpty else {
                    throw ValidationError("--months must be 1...60 and needs --amount and --date, got \(months)")
                }
                plan = try InstalmentPlan.equal(money, months: months, first: day)
            }
            guard plan.count <= 60 else { throw ValidationError("--instalment: a plan has at most 60 instalments, got \(plan.count)") }
            switch (words[0], words.count > 1 ? words[1] : nil) {
            case ("grant", nil): return .granted(until: end, date: day, amount: money, instalments: plan)
            case ("refuse", nil): return .refused
            case ("found", nil): return .answered(found: true)
            case ("nothing", nil): return .answered(found: false)
            case ("approve", let route?):
                guard let route = StagePolicy.LegalReferral.Route(rawValue: route) else {
                    throw ValidationError("DECISION: unknown route \(route)")
                }
                return .approved(route)
            case ("verified", let hold?): return .verified(try HoldCommand.type(hold))
            case ("unfounded", let hold?): return .unfounded(try HoldCommand.type(hold))
            default:
                throw ValidationError(
                    "DECISION must be grant, refuse, found, nothing, approve:ROUTE, verified:HOLD or unfounded:HOLD, got \(decision)")
            }
        }

        func run() async throws {
            let decision = try read()
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let ruling = try await RequestService.standing(on: database).decide(part: lane, id: request, decision, by: person)
                switch ruling {
                case .decided: Terminal.say("request \(request): \(decision.word)")
                case .awaitsSecond: Terminal.say("noted; a second person has to decide the same")
                }
                if output.json {
                    try Terminal.json(Result(request: request, decision: decision.word, state: ruling == .decided ? "decided" : "noted"))
                }
            }
        }
    }
}

extension RequestService {
    /// The service for one command.
    static func standing(on database: Database) -> RequestService {
        RequestService(
            database: database, environments: CaseEnvironmentSource(database: database, policies: PolicyService(database: database)))
    }
}
