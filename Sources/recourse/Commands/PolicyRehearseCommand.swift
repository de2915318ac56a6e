import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver

/// `recourse policy rehearse NEW.yaml`: what a policy would have said to the acts on record.
struct PolicyRehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Replay the recorded contacts under a policy: what it would have allowed, delayed or blocked, by rule, agency and stage.",
        discussion: """
            Nothing is changed. Each act is judged on what had really happened before it; an act the policy would have stopped still counts for \
            those after it. What only the agency could fulfil (recorder, disclosures, staff cards) counts as fulfilled. Delayed means that the \
            policy would have allowed the act at a later time by itself.
            """)
    @Argument(help: ArgumentHelp("The policy file.", valueName: "file")) var file: String
    @Option(help: ArgumentHelp("The first day, on the policy's clock.", valueName: "date")) var from: String?
    @Option(help: ArgumentHelp("The last day, on the policy's clock.", valueName: "date")) var to: String?
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Tally: Encodable {
        let name: String
        let acts: Int
        let allowed: Int
        let delayed: Int
        let blocked: Int
        let meanDelayHours: Double?

        enum CodingKeys: String, CodingKey {
            case name, acts, allowed, delayed, blocked
            case meanDelayHours = "mean_delay_hours"
        }

        init(_ name: String, _ tally: PolicyRehearsal.Tally) {
            self.name = name
            acts = tally.acts
            allowed = tally.allowed
            delayed = tally.delayed
            blocked = tally.blocked
            meanDelayHours = tally.delayed == 0 ? nil : (Double(tally.delaySeconds) / Double(tally.delayed) / 360).rounded() / 10
        }

        var cells: [String] {
            [name, "\(acts)", "\(allowed)", "\(delayed)", "\(blocked)", meanDelayHours.map { "\($0)" } ?? "-"]
        }
    }

    struct Report: Encodable {
        let policy: String
        let version: String
        let total: Tally
        let byRule: [Tally]
        let byAgency: [Tally]
        let byStage: [Tally]

        enum CodingKeys: String, CodingKey {
            case policy, version, total
            case byRule = "by_rule"
            case byAgency = "by_agency"
            case byStage = "by_stage"
        }
    }

    func validate() throws {
        for (name, day) in [("--from", from), ("--to", to)] {
            if let day, Day(iso: day) == nil { throw ValidationError("\(name) must be a date as YYYY-MM-DD, got \(day)") }
        }
    }

    func run() async throws {
        let policy = try PolicyDiffCommand.read(file).conduct
        let zone = policy.time.zone ?? .utc
        let start = from.flatMap { Day(iso: $0) }.map(zone.startOfDay) ?? .distantPast
        let end = to.flatMap { Day(iso: $0) }.map(zone.endOfDay) ?? .distantFuture
        try await options.withDatabase { database in
            let result = try await PolicyRehearser(database: database).run(policy, from: start, until: end)
            let names = try await database.core.withConnection { try await RehearsalQueries.agencyNames(in: $0) }
            let report = Report(
                policy: policy.id, version: policy.version, total: Tally("all acts", result.all),
                byRule: result.byRule.map { Tally($0.key, $0.value) }.sorted { ($1.acts, $0.name) < ($0.acts, $1.name) },
                byAgency: result.byAgency.sorted { $0.key < $1.key }.map {
                    Tally($0.key == 0 ? "the bank" : names[$0.key] ?? "agency \($0.key)", $0.value)
                },
                byStage: result.byStage.map { Tally($0.key?.name ?? "no stage", $0.value) }.sorted { $0.name < $1.name })
            Self.say("", [report.total])
            Self.say("RULE", report.byRule)
            Self.say("AGENCY", report.byAgency)
            Self.say("STAGE", report.byStage)
            if output.json { try Terminal.json(report) }
        }
    }

    private static func say(_ head: String, _ tallies: [Tally]) {
        guard !tallies.isEmpty else { return }
        Terminal.table([head, "ACTS", "ALLOWED", "DELAYED", "BLOCKED", "MEAN DELAY, HOURS"], tallies.map(\.cells))
    }
}
