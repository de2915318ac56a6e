package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why nothing was done about a legal referral.
package enum LegalError: Error, Hashable, CustomStringConvertible {
    case nothingProposed(String)
    case noOrder(String)
    case notAtLawFirm(String)
    case complianceOnly(OperatorRole)
    case blocked(rules: [String])

    package var description: String {
        switch self {
        case .nothingProposed(let ref): "no proposal for legal steps waits for a decision on \(ref)"
        case .noOrder(let ref): "no order to the card system is open for account \(ref)"
        case .notAtLawFirm(let ref): "\(ref) is not with a law firm: there is no suit to report on"
        case .blocked(let rules): "the conduct policy forbids it: \(rules.joined(separator: ", "))"
        case .complianceOnly(let role): "role \(role.rawValue) may not decide this route"
        }
    }
}

/// What the bank does about legal steps: decides on proposals with two persons, confirms what the card system did, enters events of the court.
///
/// The route of a report to the police is compliance's: nobody else may choose it or is told of it, and no agency ever is.
package struct LegalService: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource
    private let reporter: CaseReporter

    package init(database: Database, policies: PolicyService) {
        self.database = database
        environments = CaseEnvironmentSource(database: database, policies: policies)
        reporter = CaseReporter(database: database, policies: policies)
    }

    /// Whether a role may see and choose the route of a report to the police.
    package static func seesEveryRoute(_ role: OperatorRole?) -> Bool { role == .compliance }

    /// Referrals, those that wait longest first.
    package func list(state: String?, limit: Int32) async throws -> [LegalReferral] {
        try await database.core.withConnection { try await LegalQueries.list(state: state, limit: limit, in: $0) }
    }

    /// Accounts whose limitation ends within 90 days, the nearest last day first (E15).
    package func nearLimitation(limit: Int32) async throws -> [LegalQueries.NearLimitation] {
        try await database.core.withConnection { try await LegalQueries.flagged(kind: LimitationSweep.kind, limit: limit, in: $0) }
    }

    /// Everything about a debtor's referrals.
    ///
    /// - Throws: ``CaseReportError``.
    package func show(_ reference: String) async throws -> (
        head: CaseOverviewQueries.Head, referrals: [LegalReferral], orders: [CardOrder]
    ) {
        let head = try await reporter.find(reference)
        return try await database.core.withConnection { db in
            (
                head, try await LegalQueries.ofDebtor(part: head.part, debtor: head.debtorId, in: db),
                try await CardOrderQueries.ofDebtor(part: head.part, debtor: head.debtorId, in: db)
            )
        }
    }

    /// Decides on the open proposal of a case; the second person decides the same.
    ///
    /// - Parameter route: nil: rejected.
    /// - Throws: ``LegalError``, `RequestError`, ``CaseReportError``.
    package func decide(
        _ reference: String, route: StagePolicy.LegalReferral.Route?, by person: Operator
    ) async throws -> RequestProgress {
        let (head, referrals, _) = try await show(reference)
        guard let request = referrals.compactMap(\.request).first else { throw LegalError.nothingProposed(reference) }
        return try await RequestService(database: database, environments: environments).decide(
            part: head.part, id: request, route.map { .approved($0) } ?? .refused, by: person)
    }

    /// Notes that the card system has done what was ordered for an account's card.
    ///
    /// - Returns: What was done.
    /// - Throws: ``LegalError/noOrder(_:)``.
    package func confirmCard(account reference: String, by person: Operator) async throws -> CardOrder.Act {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let lanes = database.lanes
        guard let found = try await database.core.withConnection({ try await AccountLookup.find(reference, lanes: lanes, in: $0) }) else {
            throw CaseReportError.unknown(reference)
        }
        guard let done = try await confirm(part: found.part, account: found.account, by: person) else {
            throw LegalError.noOrder(reference)
        }
        return done
    }

    /// Orders of every lane that wait for the card system.
    package func openOrders() async throws -> [(part: Int32, order: CardOrder)] {
        var found: [(part: Int32, order: CardOrder)] = []
        for part in database.lanes.all {
            let open = try await database.core.withConnection { try await CardOrderQueries.open(part: part, in: $0) }
            found += open.map { (part, $0) }
        }
        return found
    }

    /// Confirms everything ordered for one card; nil: nothing was.
    package func confirm(part: Int32, account: Int64, by person: Operator) async throws -> CardOrder.Act? {
        try await database.withAuditedTransaction(database.core, part: part) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            let orders = try await CardOrderQueries.open(part: part, accounts: [account], in: db)
            guard let last = orders.last else { return nil }
            let by = "operator:\(person.id)"
            _ = try await db.pipeline(
                [CardOrderQueries.setStatus(part: part, account: account, last.act.doneStatus)]
                    + CardOrderQueries.confirm(part: part, orders: orders, by: by, at: now.business))
            for order in orders { tx.audit(.legal, subject: order.id, CardOrderSweep.entry(order, by: by, now: now)) }
            for act in Set(orders.map(\.act)) {
                let kind = CardOrderSweep.breakKind(act)
                for id in try await BreakQueries.closeSubject(
                    part: part, kind: kind, subject: account, resolution: "confirmed", at: now.business, in: db)
                {
                    tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(kind), "by": .string(by)])
                }
            }
            return last.act
        }
    }

    /// Enters an event of a law firm's case that came to the bank and not through the firm's task.
    ///
    /// - Parameters:
    ///   - event: One of the law firm's results.
    ///   - caseNo: The court's number, where it gave one.
    ///   - costs: Costs of the event.
    /// - Throws: ``LegalError/notAtLawFirm(_:)``.
    package func event(
        _ reference: String, _ event: ResultCode, at: Instant?, caseNo: String?, costs: Money?, by person: Operator
    ) async throws {
        precondition(event.family == .firm, "an event of a law firm's case")
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let head = try await reporter.find(reference)
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        try await database.withAuditedTransaction(database.core, part: head.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            let contexts = try await CaseContext.load(
                part: head.part, debtors: [head.debtorId], environment: environment, now: now, in: tx.connection)
            guard var context = contexts[head.debtorId], context.facts.holderIsLawFirm, !context.facts.state.isClosed else {
                throw LegalError.notAtLawFirm(reference)
            }
            var cause = TransitionCause(by: "operator:\(person.id)")
            cause.caseNo = caseNo
            let report = ReportedOutcome(result: event, occurredAt: at ?? now.business, costs: costs)
            cause.report = report
            var transition = CaseTransition(part: head.part, environment: environment, now: now, database: database)
            let decision = try await transition.take(.activity(report, letter: nil), on: &context, cause: cause)
            tx.audit(try await transition.write(in: tx.connection))
            tx.audit(
                .caseChange, subject: context.facts.caseId,
                [
                    "rules": .strings(decision.rules), "state": .string(decision.state.storedCode), "by": .string(cause.by),
                    "at": .string(now.business.description),
                ])
        }
    }
}
