import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse place …`: which agency gets which account, decided by two persons and carried out in chunks.
struct PlaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Plan placements, look at them, approve them, carry them out.",
        discussion: """
            place plan -> place approve (a second operator) -> notice send -> place run, again until no account waits for its notice.
            New accounts of debtors who have a case join it without a plan: place follow-on.
            """,
        subcommands: [Plan.self, Show.self, Approve.self, Run.self, Cancel.self, FollowOn.self, List.self, Standing.self])

    /// A number of accounts and money, for programs.
    struct CountLine: Encodable {
        let currency: String
        let bucket: String?
        let accounts: Int
        let debtors: Int
        let amount: String
        let done: Int

        init(_ count: PlacementSummary.Count, currency: String, bucket: String?) {
            self.currency = currency
            self.bucket = bucket
            accounts = count.accounts
            debtors = count.debtors
            amount = PlaceCommand.amount(count.amount, currency)
            done = count.done
        }
    }

    struct AgencyLine: Encodable {
        let agency: String
        let accounts: Int
        let buckets: [CountLine]
    }

    struct ExclusionLine: Encodable {
        let code: String
        let meaning: String?
        let accounts: Int
        let counts: [CountLine]
    }

    /// Decimal major units; an unknown currency is shown in minor units.
    static func amount(_ minorUnits: Int64, _ code: String) -> String {
        Currency(code).map { Money(minorUnits: minorUnits, currency: $0).decimalText } ?? "\(minorUnits)"
    }

    static func agencyLines(_ summary: PlacementSummary, names: [Int32: String]) -> [AgencyLine] {
        summary.placed.map { id, counts in
            AgencyLine(
                agency: names[id] ?? "\(id)", accounts: counts.values.reduce(0) { $0 + $1.accounts },
                buckets: counts.sorted { $0.key < $1.key }.map { CountLine($0.value, currency: $0.key.currency, bucket: $0.key.bucket) })
        }
        .sorted { $0.agency < $1.agency }
    }

    static func exclusionLines(_ summary: PlacementSummary) -> [ExclusionLine] {
        summary.excluded.map { code, counts in
            ExclusionLine(
                code: code, meaning: ExclusionCode(rawValue: code)?.text, accounts: counts.values.reduce(0) { $0 + $1.accounts },
                counts: counts.sorted { $0.key < $1.key }.map { CountLine($0.value, currency: $0.key, bucket: nil) })
        }
        .sorted { ($1.accounts, $0.code) < ($0.accounts, $1.code) }
    }

    static func print(_ summary: PlacementSummary, names: [Int32: String]) {
        let agencies = agencyLines(summary, names: names)
        var rows: [[String]] = []
        for agency in agencies {
            for bucket in agency.buckets {
                rows.append([
                    agency.agency, bucket.bucket ?? "", String(bucket.accounts), String(bucket.debtors), bucket.amount, bucket.currency,
                ])
            }
        }
        if !rows.isEmpty { Terminal.table(["AGENCY", "BUCKET", "ACCOUNTS", "DEBTORS", "BALANCE", "CURRENCY"], rows) }
        let exclusions = exclusionLines(summary)
        if !exclusions.isEmpty {
            Terminal.say("not placed:")
            Terminal.table(["REASON", "ACCOUNTS", "MEANING"], exclusions.map { [$0.code, String($0.accounts), $0.meaning ?? ""] })
        }
    }

    private static func service(_ database: Database, _ options: DatabaseOptions) -> PlacementService {
        PlacementService(database: database, policies: PolicyService(database: database), logger: options.logger)
    }

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Spread a portfolio's eligible accounts over agencies; nothing is placed yet.",
            discussion: "The same accounts, day and seed give the same plan. Without --seed it is the day's number.")
        @Option(help: "The portfolio's name.") var portfolio: String
        @Option(help: "round_robin or weighted (by contract share).") var strategy: String
        @Option(help: "Who begins, and who wins ties.") var seed: Int64?
        @Flag(help: "Store nothing.") var dryRun = false
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let run: String?
            let portfolio: String
            let strategy: String
            let seed: Int64
            let day: String
            let inputHash: String
            let accounts: Int
            let excluded: Int
            let agencies: [AgencyLine]
            let exclusions: [ExclusionLine]

            enum CodingKeys: String, CodingKey {
                case run, portfolio, strategy, seed, day, accounts, excluded, agencies, exclusions
                case inputHash = "input_sha256"
            }
        }

        func validate() throws {
            if AllocationStrategy(rawValue: strategy) == nil {
                let known = AllocationStrategy.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--strategy must be one of \(known), got \(strategy)")
            }
        }

        func run() async throws {
            guard let strategy = AllocationStrategy(rawValue: strategy) else { throw UsageError("--strategy \(self.strategy)") }
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let plan = try await PlaceCommand.service(database, options).plan(
                    portfolio: portfolio, strategy: strategy, seed: seed, dryRun: dryRun, by: person
                ) { Terminal.progress("looked at \($0) accounts") }
                PlaceCommand.print(plan.summary, names: plan.agencies)
                Terminal.say(
                    "\(plan.summary.accounts) accounts planned, \(plan.summary.excludedAccounts) not; seed \(plan.seed), day \(plan.day)")
                if let run = plan.runId {
                    Terminal.say("plan \(run); next: recourse place approve \(run) by a second operator")
                }
                if output.json {
                    try Terminal.json(
                        Result(
                            run: plan.runId.map(String.init), portfolio: plan.portfolio, strategy: plan.strategy.rawValue, seed: plan.seed,
                            day: "\(plan.day)", inputHash: Digest.hex(plan.inputHash), accounts: plan.summary.accounts,
                            excluded: plan.summary.excludedAccounts, agencies: PlaceCommand.agencyLines(plan.summary, names: plan.agencies),
                            exclusions: PlaceCommand.exclusionLines(plan.summary)))
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a plan: counts and money by agency and bucket, exclusions, samples.")
        @Argument(help: ArgumentHelp("The plan's number.", valueName: "run")) var number: Int64
        @Option(help: ArgumentHelp("Only what the plan says of this account.", valueName: "ref")) var account: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct SampleLine: Encodable {
            let account: String
            let agency: String?
            let code: String
            let reason: String
            let done: Bool

            init(_ sample: PlacementView.Sample) {
                account = sample.accountRef
                agency = sample.agency
                code = sample.code
                reason = sample.reason
                done = sample.done
            }
        }

        private struct Result: Encodable {
            let run: String
            let portfolio: String
            let strategy: String
            let seed: Int64
            let state: String
            let day: String
            let accounts: Int
            let excluded: Int
            let done: Int
            let agencies: [AgencyLine]
            let exclusions: [ExclusionLine]
            let samples: [SampleLine]
        }

        func run() async throws {
            try await options.withDatabase { database in
                let service = PlaceCommand.service(database, options)
                if let account {
                    let found = try await service.show(number, account: account)
                    Terminal.table(
                        ["ACCOUNT", "AGENCY", "CODE", "REASON"], found.map { [$0.accountRef, $0.agency ?? "-", $0.code, $0.reason] })
                    if output.json { try Terminal.json(["accounts": found.map(SampleLine.init)]) }
                    return
                }
                let view = try await service.show(number)
                PlaceCommand.print(view.summary, names: view.agencies)
                Terminal.say("samples:")
                Terminal.table(
                    ["ACCOUNT", "AGENCY", "CODE", "REASON"], view.samples.map { [$0.accountRef, $0.agency ?? "-", $0.code, $0.reason] })
                let done = view.summary.placed.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.done } }
                Terminal.say(
                    "plan \(view.run.runId) of \(view.portfolio): \(view.run.state.rawValue), \(view.summary.accounts) accounts (\(done) placed), \(view.summary.excludedAccounts) not"
                )
                if output.json {
                    try Terminal.json(
                        Result(
                            run: String(view.run.runId), portfolio: view.portfolio, strategy: view.run.strategy.rawValue,
                            seed: view.run.seed,
                            state: view.run.state.rawValue, day: "\(view.run.businessOn)", accounts: view.summary.accounts,
                            excluded: view.summary.excludedAccounts, done: done,
                            agencies: PlaceCommand.agencyLines(view.summary, names: view.agencies),
                            exclusions: PlaceCommand.exclusionLines(view.summary), samples: view.samples.map(SampleLine.init)))
                }
            }
        }
    }

    private struct StateResult: Encodable {
        let run: String
        let state: String
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a plan as the second person; its capacity is kept free from here on.",
            discussion: "Refused if accounts, agencies or policy have changed since the plan was made, or an agency has no room any more.")
        @Argument(help: ArgumentHelp("The plan's number.", valueName: "run")) var number: Int64
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayDecide }
                let approved = try await PlaceCommand.service(database, options).approve(number, by: person)
                Terminal.say("plan \(number) is approved; next: recourse notice send --run \(number), then recourse place run \(number)")
                if output.json { try Terminal.json(StateResult(run: String(number), state: approved.state.rawValue)) }
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Carry out an approved plan.",
            discussion:
                "May be stopped at any point and started again. Accounts whose debtor was not told long enough ago wait for the next call.")
        @Argument(help: ArgumentHelp("The plan's number.", valueName: "run")) var number: Int64
        @Option(help: "Chunks at once.") var workers = 2
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let run: String
            let placed: Int
            let joined: Int
            let passedOver: [String: Int]
            let waiting: Int
            let waitingUntil: String?
            let done: Bool

            enum CodingKeys: String, CodingKey {
                case run, placed, joined, waiting, done
                case passedOver = "passed_over"
                case waitingUntil = "waiting_until"
            }
        }

        func validate() throws {
            guard (1...64).contains(workers) else { throw ValidationError("--workers must be 1...64, got \(workers)") }
        }

        func run() async throws {
            try await options.withDatabase(connections: workers + 4, restartable: true) { database in
                let person = try await identity.authenticate(in: database) { $0.mayChange }
                let report = try await PlaceCommand.service(database, options).carryOut(number, workers: workers, by: person) {
                    Terminal.progress("\($0.done) of \($0.total) accounts done, \($0.waiting) waiting")
                }
                Terminal.say("\(report.placed) accounts placed (\(report.joined) joined a case)")
                for (code, count) in report.passedOver.sorted(by: { $0.key < $1.key }) { Terminal.say("\(count) passed over: \(code)") }
                if report.waiting > 0 {
                    let until = report.waitingUntil.map { ", the first until \($0)" } ?? ""
                    Terminal.say("\(report.waiting) wait for the debtor's notice\(until) (hint: recourse notice send --run \(number))")
                }
                Terminal.say(report.isDone ? "plan \(number) is done" : "plan \(number) stays open: run it again")
                if output.json {
                    try Terminal.json(
                        Result(
                            run: String(number), placed: report.placed, joined: report.joined, passedOver: report.passedOver,
                            waiting: report.waiting,
                            waitingUntil: report.waitingUntil.map { "\($0)" }, done: report.isDone))
                }
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up what is left of a plan; the capacity kept for it is free again.")
        @Argument(help: ArgumentHelp("The plan's number.", valueName: "run")) var number: Int64
        @Option(help: "Why; it goes into the record.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database) { $0.mayDecide }
                try await PlaceCommand.service(database, options).cancel(number, reason: reason, by: person)
                Terminal.say("plan \(number) is given up")
                if output.json { try Terminal.json(StateResult(run: String(number), state: PlacementRun.State.cancelled.rawValue)) }
            }
        }
    }

    struct FollowOn: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "follow-on", abstract: "Place new accounts of debtors who have a case with the debtor's holder.",
            discussion: "Debtors who were not told are told, and the account waits for the next call.")
        @Option(help: "One portfolio; else all.") var portfolio: String?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let joined: Int
            let waiting: Int
            let notPlaced: [String: Int]

            enum CodingKeys: String, CodingKey {
                case joined, waiting
                case notPlaced = "not_placed"
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                _ = try await identity.authenticate(in: database) { $0.mayChange }
                let report = try await FollowOnService(
                    database: database, policies: PolicyService(database: database), logger: options.logger
                ).run(portfolio: portfolio)
                Terminal.say("\(report.joined) accounts joined a case, \(report.waiting) wait for the debtor's notice")
                for (code, count) in report.notPlaced.sorted(by: { $0.key < $1.key }) { Terminal.say("\(count) not placed: \(code)") }
                if output.json { try Terminal.json(Result(joined: report.joined, waiting: report.waiting, notPlaced: report.notPlaced)) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List plans, the newest first.")
        @Option(help: "One portfolio; else all.") var portfolio: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            let run: String
            let portfolio: String
            let strategy: String
            let state: String
            let day: String
        }

        func run() async throws {
            try await options.withDatabase { database in
                let lines = try await PlaceCommand.service(database, options).list(portfolio: portfolio).map {
                    Line(
                        run: String($0.run.runId), portfolio: $0.portfolio, strategy: $0.run.strategy.rawValue,
                        state: $0.run.state.rawValue,
                        day: "\($0.run.businessOn)")
                }
                Terminal.table(
                    ["PLAN", "PORTFOLIO", "STRATEGY", "STATE", "DAY"], lines.map { [$0.run, $0.portfolio, $0.strategy, $0.state, $0.day] })
                if output.json { try Terminal.json(["plans": lines]) }
            }
        }
    }
}
