import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation

/// `recourse legal …`: proposals for legal steps, what the bank decides on them, and what comes of it.
struct LegalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "legal", abstract: "Decide on legal steps with two persons, confirm card blocks, enter events of the court.",
        subcommands: [List.self, Show.self, Decide.self, ConfirmBlock.self, Event.self, LegalDossierCommand.self])

    /// One referral for programs and for the table.
    struct Row: Encodable {
        let `case`: String
        let debtor: String
        let account: String
        let state: String
        let route: String?
        let caseNo: String?
        let proposed: String
        let decideBy: String?
        let firstDecision: String?
        let decided: String?
        let cardBlockDue: String?
        let cardBlockConfirmed: String?
        let costs: Int64
        let `guard`: String

        enum CodingKeys: String, CodingKey {
            case `case`, debtor, account, state, route, proposed, decided, costs, `guard`
            case caseNo = "case_no"
            case decideBy = "decide_by"
            case firstDecision = "first_decision"
            case cardBlockDue = "card_block_due"
            case cardBlockConfirmed = "card_block_confirmed"
        }

        init(_ referral: LegalReferral, for role: OperatorRole?) {
            `case` = CaseReport.reference(referral.caseId)
            debtor = referral.debtorRef
            account = referral.accountRef
            state = referral.state
            route = referral.route.flatMap { $0 == .criminalReport && !LegalService.seesEveryRoute(role) ? nil : $0.rawValue }
            caseNo = referral.caseNo
            proposed = referral.proposedAt.description
            decideBy = referral.requestDue?.description
            firstDecision = RequestService.shown(referral.firstDecision, to: role)
            decided = referral.decidedAt?.description
            cardBlockDue = referral.blockDue?.description
            cardBlockConfirmed = referral.blockConfirmedAt?.description
            costs = referral.costs
            `guard` = referral.guardFacts
        }
    }

    static func show(_ rows: [Row]) {
        Terminal.table(
            ["CASE", "DEBTOR", "ACCOUNT", "STATE", "ROUTE", "PROPOSED", "DECIDE BY", "FIRST DECISION", "CARD BLOCK"],
            rows.map { row in
                let block = row.cardBlockConfirmed.map { "confirmed \($0)" } ?? row.cardBlockDue.map { "due \($0)" } ?? ""
                return [
                    row.case, row.debtor, row.account, row.state, row.route ?? "", row.proposed, row.decideBy ?? "",
                    row.firstDecision ?? "", block,
                ]
            })
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List referrals that are not at an end, those waiting longest first, and accounts whose limitation comes near.")
        @Option(help: "Only this state: proposed, approved, rejected, withdrawn, filed, judgment, enforcement, closed.") var state: String?
        @Option(help: "At most so many.") var limit: Int32 = 200
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1...10000, got \(limit)") }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let rows = try await LegalService.standing(on: database).list(state: state, limit: limit).map { Row($0, for: nil) }
                LegalCommand.show(rows)
                let near = try await LegalService.standing(on: database).nearLimitation(limit: limit).map {
                    Near(
                        debtor: $0.debtorRef, account: $0.accountRef, agency: $0.agency, limitation: $0.words,
                        flagged: $0.flaggedAt.description)
                }
                if !near.isEmpty {
                    Terminal.say("limitation ends within 90 days:")
                    Terminal.table(
                        ["DEBTOR", "ACCOUNT", "AGENCY", "LIMITATION", "FLAGGED"],
                        near.map { [$0.debtor, $0.account, $0.agency ?? "", $0.limitation, $0.flagged] })
                }
                if output.json { try Terminal.json(Queue(referrals: rows, limitation: near)) }
            }
        }

        private struct Near: Encodable {
            let debtor: String
            let account: String
            let agency: String?
            let limitation: String
            let flagged: String
        }

        private struct Queue: Encodable {
            let referrals: [Row]
            let limitation: [Near]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a debtor's referrals: guard facts, decisions, orders to the card system.",
            discussion: "With --operator-token of a compliance officer every route is shown.")
        @Argument(help: ArgumentHelp("Case, debtor or account.", valueName: "ref")) var reference: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let isNamed = identity.token != nil || ProcessInfo.variables["RECOURSE_OPERATOR_TOKEN"] != nil
                let role = isNamed ? try await identity.authenticate(in: database).role : nil
                let (head, referrals, orders) = try await LegalService.standing(on: database).show(reference)
                let rows = referrals.map { Row($0, for: role) }
                Terminal.say("debtor \(head.debtorRef), case \(CaseReport.reference(head.caseId)), \(head.state)")
                LegalCommand.show(rows)
                for row in rows { Terminal.say("guard of \(row.account): \(row.guard)") }
                for order in orders {
                    let done = order.confirmedAt.map { "confirmed \($0)" } ?? "to be confirmed by \(order.confirmBy)"
                    Terminal.say("card \(order.act.rawValue) ordered \(order.orderedAt), \(done)")
                }
                if output.json { try Terminal.json(["referrals": rows]) }
            }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide on a proposal; the second person decides the same.",
            discussion: """
                DECISION is civil, lawyer_letter, mediation, payment_order or rejected. Approved: the holder's placement closes and the law firm of the
                route takes the case. Rejected: the card is free again and the holder goes on lightly.
                """)
        @Argument(help: ArgumentHelp("Case, debtor or account.", valueName: "ref")) var reference: String
        @Argument(help: "The decision.") var decision: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private var route: StagePolicy.LegalReferral.Route? { StagePolicy.LegalReferral.Route(rawValue: decision) }

        func validate() throws {
            guard decision == "rejected" || route != nil else {
                throw ValidationError("DECISION must be civil, lawyer_letter, mediation, payment_order or rejected, got \(decision)")
            }
        }

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let progress = try await LegalService.standing(on: database).decide(reference, route: route, by: person)
                switch progress {
                case .decided: Terminal.say("\(reference): \(decision)")
                case .awaitsSecond: Terminal.say("noted; a second person has to decide the same")
                }
                if output.json { try Terminal.json(["state": progress == .decided ? "decided" : "awaits_second"]) }
            }
        }
    }

    struct ConfirmBlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "confirm-block", abstract: "Note that the card system has blocked or unblocked a card, as it was ordered to.",
            discussion:
                "The bank's account files confirm by themselves: a card they call blocked or active settles its order at the next reconciliation."
        )
        @Argument(help: ArgumentHelp("The account's reference.", valueName: "account")) var account: String
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                let act = try await LegalService.standing(on: database).confirmCard(account: account, by: person)
                Terminal.say("account \(account): card \(act.doneStatus)")
                if output.json { try Terminal.json(["account": account, "card_status": act.doneStatus]) }
            }
        }
    }

    struct Event: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter an event of a law firm's case that came to the bank itself.", discussion: "EVENT is one of: \(Self.names).")
        @Argument(help: ArgumentHelp("Case, debtor or account.", valueName: "ref")) var reference: String
        @Argument(help: "What happened.") var event: String
        @Option(help: "When; else now.") var at: String?
        @Option(name: .customLong("case-no"), help: "The court's number.") var caseNo: String?
        @Option(help: "Costs, decimal, in the currency of --currency.") var costs: String?
        @Option(help: "Currency of the costs.") var currency = "CNY"
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private static let results = ResultCode.allCases.filter { $0.family == .firm }
        private static let names = results.map(\.name).joined(separator: ", ")

        private func result() throws -> ResultCode {
            guard let result = Self.results.first(where: { $0.name == event }) else {
                throw ValidationError("EVENT must be one of \(Self.names), got \(event)")
            }
            return result
        }

        private func money() throws -> Money? {
            guard let costs else { return nil }
            guard let code = Currency(currency) else { throw ValidationError("--currency is not known: \(currency)") }
            do {
                return try Money(parsing: costs, currency: code)
            } catch {
                throw ValidationError("--costs must be a decimal amount such as 120.00, got \(costs)")
            }
        }

        func validate() throws {
            _ = try result()
            _ = try money()
            if let at, Reading.instant(at) == nil { throw ValidationError("--at must be like 2026-12-01T09:00:00+08:00, got \(at)") }
            if let caseNo, !(1...100).contains(caseNo.count) { throw ValidationError("--case-no must have 1 to 100 characters") }
        }

        func run() async throws {
            let (result, money) = (try result(), try money())
            try await options.withDatabase { database in
                let person = try await identity.authenticate(in: database)
                try await LegalService.standing(on: database).event(
                    reference, result, at: at.flatMap(Reading.instant), caseNo: caseNo, costs: money, by: person)
                Terminal.say("\(reference): \(event)")
                if output.json { try Terminal.json(["event": event]) }
            }
        }
    }
}

extension LegalService {
    /// The service for one command.
    static func standing(on database: Database) -> LegalService {
        LegalService(database: database, policies: PolicyService(database: database))
    }
}
