import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse recall …`: the bank takes a debtor's accounts back, and sees to it that work has stopped.
struct RecallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Take a debtor's accounts back from their agency; see which recalls are not confirmed.",
        discussion: "`recourse recall REF --reason TEXT` takes accounts back; the word `request` may be left out.",
        subcommands: [Request.self, List.self, Show.self], defaultSubcommand: Request.self)

    struct Request: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a debtor's accounts back from their agency.",
            discussion: """
                Leases are revoked at once and the agency has to confirm that work has stopped. Categories compliance, deceased and legal take effect at
                once; bank leaves the agency five days to object.
                """)
        @Argument(help: "The debtor's or an account's reference.") var reference: String
        @Option(help: "bank, compliance, deceased or legal.") var category = "bank"
        @Option(help: "Why, for the record; no personal data.") var reason: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Result: Encodable {
            let placements: Int
            let executeAt: String

            enum CodingKeys: String, CodingKey {
                case placements
                case executeAt = "execute_at"
            }
        }

        func validate() throws {
            guard RecallCategory(rawValue: category.uppercased()) != nil else {
                throw ValidationError("--category must be bank, compliance, deceased or legal, got \(category)")
            }
        }

        func run() async throws {
            guard let category = RecallCategory(rawValue: category.uppercased()) else { throw UsageError("--category cannot be read") }
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let environments = CaseEnvironmentSource(database: database, policies: PolicyService(database: database))
                let target = try await HoldService(database: database, environments: environments).target(reference)
                let done = try await RecallService(database: database, environments: environments).recall(
                    target, category: category, reason: reason, by: person)
                Terminal.say("\(done.placements) placements recalled; in effect at \(done.executeAt)")
                if output.json { try Terminal.json(Result(placements: done.placements, executeAt: done.executeAt.description)) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List agencies with recalls in effect that they have not confirmed, the oldest first.",
            discussion: """
                Confirmed within 24 hours, or no new placements to the agency; after 48 hours it is called (a break), after 72 a supervisor decides \
                whether it is suspended.
                """)
        @Flag(help: "Only those past their 24 hours: the call list.") var late = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let agency: String
            let placements: Int64
            let since: String
            let hoursLate: Int64
            let step: String
        }

        func run() async throws {
            try await options.withDatabase { database in
                let (found, now) = try await RecallService.unconfirmed(database: database, lateOnly: late)
                let rows = found.map {
                    Row(
                        agency: $0.agency, placements: $0.placements, since: $0.since.description,
                        hoursLate: StopWork.hoursLate(unconfirmedSince: $0.since, now: now),
                        step: StopWork(unconfirmedSince: $0.since, now: now).rawValue)
                }
                Terminal.table(
                    ["AGENCY", "PLACEMENTS", "SINCE", "HOURS LATE", "STEP"],
                    rows.map { [$0.agency, "\($0.placements)", $0.since, "\($0.hoursLate)", $0.step] })
                if output.json { try Terminal.json(["recalls": rows]) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where the recalls of a debtor or an account stand, from the end of work to the purge.",
            discussion: """
                requested, executed, confirmed, evidence, complete, purge_ordered, proof. Evidence is due \(EvidenceChain.businessDays) business days \
                after the recall took effect, the proof as long after the order; the agency's word comes by `recourse import recall-confirmations`.
                """)
        @Argument(help: "The debtor's or an account's reference.") var reference: String
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let account: String
            let agency: String
            let placement: Int64
            let category: String
            let step: String
            let requested: String
            let executed: String?
            let confirmed: String?
            let stopped: String?
            let evidenceAt: String?
            let evidenceCount: Int?
            let recordedContacts: Int
            let openItems: Int?
            let purgeOrdered: String?
            let purgeProof: String?
            let purgeProofRef: String?

            init(_ recall: RecallEvidence) {
                let chain = recall.chain
                account = recall.accountRef
                agency = recall.agency
                placement = recall.placementId
                category = recall.category
                step = chain.step.rawValue
                requested = recall.requestedAt.description
                executed = chain.executedAt?.description
                confirmed = chain.confirmedAt?.description
                stopped = recall.stoppedAt?.description
                evidenceAt = recall.evidenceAt?.description
                evidenceCount = chain.evidenceCount
                recordedContacts = chain.recordedContacts
                openItems = chain.openItems
                purgeOrdered = chain.purgeOrderedAt?.description
                purgeProof = chain.purgeProofAt?.description
                purgeProofRef = recall.purgeProofRef
            }

            /// The chain in words, step by step.
            var lines: [String] {
                let evidence = evidenceCount.map {
                    "\($0) of \(recordedContacts) recordings, \(openItems ?? 0) open items, \(evidenceAt ?? "")"
                }
                return [
                    "account \(account), placement \(placement) of \(agency), \(category): \(step)", "  requested      \(requested)",
                    "  executed       \(executed ?? "-")", "  confirmed      \(confirmed ?? "-")",
                    "  evidence       \(evidence ?? "- (\(recordedContacts) recordings expected)")",
                    "  purge ordered  \(purgeOrdered ?? "-")",
                    "  purge proof    \(purgeProof.map { "\(purgeProofRef ?? "") \($0)" } ?? "-")",
                ]
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let target = try await HoldService.standing(on: database).target(reference)
                let rows = try await RecallService.chains(of: target, database: database).map(Row.init)
                if rows.isEmpty { Terminal.say("\(reference) was never recalled") }
                for row in rows { for line in row.lines { Terminal.say(line) } }
                if output.json { try Terminal.json(["recalls": rows]) }
            }
        }
    }
}
