package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why a request was not decided.
package enum RequestError: Error, Hashable, CustomStringConvertible {
    case unknown(Int64)
    case samePerson
    case differs(first: String)
    case mayNotDecide(OperatorRole)

    package var description: String {
        switch self {
        case .unknown(let id): "there is no open request \(id)"
        case .samePerson: "the second decision must be another person's"
        case .differs(let first): "the first person decided '\(first)': the second may only agree, or the request is asked anew"
        case .mayNotDecide(let role): "role \(role.rawValue) may not decide requests"
        }
    }
}

/// What became of a decision.
package enum RequestProgress: Hashable, Sendable {
    /// Decided; the case goes on.
    case decided
    /// A second person has to agree.
    case awaitsSecond
}

/// Decisions of the bank on what agencies and debtors ask; two persons where the request needs two.
package struct RequestService: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// A stored decision as a role may see it: the route of a report to the police is compliance's alone.
    package static func shown(_ decision: String?, to role: OperatorRole?) -> String? {
        guard let decision, decision.hasSuffix(StagePolicy.LegalReferral.Route.criminalReport.rawValue),
            !LegalService.seesEveryRoute(role)
        else { return decision }
        return "decided"
    }

    /// Open requests, the most urgent of each lane first.
    package func open(perLane limit: Int32 = 1_000) async throws -> [OpenRequest] {
        var found: [OpenRequest] = []
        for part in database.lanes.all {
            found += try await database.core.withConnection { try await RequestQueries.open(part: part, limit: limit, in: $0) }
        }
        return found.sorted { ($0.slaDue, $0.id) < ($1.slaDue, $1.id) }
    }

    /// Decides a request, or notes the first of two decisions. The case moves in the same transaction.
    ///
    /// - Throws: ``RequestError``.
    package func decide(part: Int32, id: Int64, _ decision: RequestDecision, by person: Operator) async throws -> RequestProgress {
        guard person.role.mayChange else { throw RequestError.mayNotDecide(person.role) }
        // A report to the police is compliance's alone, both persons.
        if decision == .approved(.criminalReport), !LegalService.seesEveryRoute(person.role) {
            throw LegalError.complianceOnly(person.role)
        }
        let first = try await database.core.withTransaction { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: first)
        return try await database.withAuditedTransaction(database.core, part: part) { tx in
            let db = tx.connection
            guard let debtor = try await RequestQueries.debtor(part: part, id: id, in: db) else { throw RequestError.unknown(id) }
            let now = try await ClockQueries.read(in: db)
            // Lock order: the debtor first, then the request.
            var contexts = try await CaseContext.load(part: part, debtors: [debtor], environment: environment, now: now, in: db)
            guard let request = try await RequestQueries.lockOpen(part: part, id: id, in: db) else { throw RequestError.unknown(id) }
            if case .approved(let route) = decision, let context = contexts[debtor], context.facts.caseId == request.caseId {
                try await LegalGate(environment: environment).check(route, context: context, part: part, now: now.business, in: db)
            }
            let word = decision.word
            if request.approvalsNeeded > 1 {
                guard let maker = request.maker else {
                    try await RequestQueries.propose(part: part, id: id, decision: word, by: person.id, in: db)
                    tx.audit(
                        .request, subject: id, ["action": "first_decision", "decision": .string(word), "operator": .number(person.id)])
                    return .awaitsSecond
                }
                guard maker != person.id else { throw RequestError.samePerson }
                guard person.role.mayDecide else { throw RequestError.mayNotDecide(person.role) }
                guard request.decision == word else {
                    throw RequestError.differs(first: Self.shown(request.decision, to: person.role) ?? "nothing")
                }
            }
            try await RequestQueries.decide(
                part: part, id: id, state: decision.isGranted ? "granted" : "refused", decision: word, maker: request.maker ?? person.id,
                checker: request.maker == nil ? nil : person.id, at: now.business, in: db)
            if var context = contexts[debtor], context.facts.caseId == request.caseId {
                var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
                try await transition.take(
                    .requestDecided(request.type, decision), on: &context, cause: TransitionCause(by: "operator:\(person.id)"))
                tx.audit(try await transition.write(in: db))
                contexts[debtor] = context
            }
            tx.audit(
                .request, subject: id,
                ["action": "decided", "type": .string(request.type.rawValue), "decision": .string(word), "operator": .number(person.id)])
            return .decided
        }
    }
}

extension RequestDecision {
    /// The stored word of the decision.
    package var word: String {
        switch self {
        case .granted(let until, let date, let amount, let instalments):
            // Both persons have to grant the same.
            (["granted"] + [until.map { "until \($0)" }, amount.map(\.description), date.map(\.description)].compactMap { $0 }
                + instalments.map { "\($0.due) \($0.amount)" }).joined(separator: " ")
        case .refused: "refused"
        case .approved(let route): "approved:\(route.rawValue)"
        case .verified(let hold): "verified:\(hold.rawValue)"
        case .unfounded(let hold): "unfounded:\(hold.rawValue)"
        case .answered(let found): found ? "answered:found" : "answered:nothing"
        }
    }

    /// Whether what was asked is so, or is allowed.
    package var isGranted: Bool {
        switch self {
        case .granted, .approved, .verified: true
        case .answered(let found): found
        case .refused, .unfounded: false
        }
    }
}
