import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why a dispute was not resolved.
package enum DisputeError: Error, Hashable, CustomStringConvertible {
    case none(String)

    package var description: String {
        switch self {
        case .none(let ref): "nothing of \(ref) is in dispute (hint: recourse dispute list)"
        }
    }
}

/// What the bank found.
package enum DisputeFinding: String, CaseIterable, Sendable {
    /// The debtor is right: what was corrected comes by an adjustments file; the account rejoins the card with what is left, or closes.
    case upheld
    /// The claim stands: the account rejoins the card.
    case unfounded
}

/// The bank's word on disputes (E13). Work on the account resumes no sooner than the next day's window.
package struct DisputeService: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Open disputes, the oldest first.
    package func open() async throws -> [OpenDispute] {
        var found: [OpenDispute] = []
        for part in database.lanes.all {
            found += try await database.core.withConnection { try await DisputeQueries.open(part: part, in: $0) }
        }
        return found.sorted { $0.since < $1.since }
    }

    /// Resolves the disputes of an account, or of all accounts of a debtor.
    ///
    /// - Parameter reason: Why; goes on record.
    /// - Returns: How many disputes were resolved.
    /// - Throws: ``DisputeError``, ``OperatorError``.
    package func resolve(_ target: HoldTarget, _ finding: DisputeFinding, reason: String, by person: Operator) async throws -> Int {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        return try await database.withAuditedTransaction(database.core, part: target.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            let contexts = try await CaseContext.load(
                part: target.part, debtors: [target.debtor], environment: environment, now: now, in: tx.connection)
            let disputes = try await DisputeQueries.open(part: target.part, debtor: target.debtor, in: tx.connection)
                .filter { target.account == nil || $0.accountId == nil || $0.accountId == target.account }
            guard !disputes.isEmpty else { throw DisputeError.none(target.reference) }
            let cause = TransitionCause(by: "operator:\(person.id)")
            if var context = contexts[target.debtor], !context.facts.state.isClosed {
                var transition = CaseTransition(part: target.part, environment: environment, now: now, database: database)
                let fallback = target.account ?? context.facts.accounts.first?.id ?? 0
                for dispute in disputes {
                    try await transition.take(
                        .disputeResolved(account: dispute.accountId ?? fallback, upheld: finding == .upheld), on: &context, cause: cause)
                }
                tx.audit(try await transition.write(in: tx.connection))
            } else {
                // Nobody works it: the account may be placed again.
                let desk = HoldDesk(database: database, environment: environment, part: target.part, now: now)
                for dispute in disputes {
                    _ = try await desk.release(.dispute, debtor: target.debtor, account: dispute.accountId, by: cause.by, in: tx)
                }
            }
            for dispute in disputes {
                tx.audit(
                    .reconciliation, subject: dispute.accountId ?? target.debtor,
                    [
                        "what": "dispute", "finding": .string(finding.rawValue), "operator": .number(person.id), "reason": .string(reason),
                        "debtor": .int(target.debtor),
                    ])
            }
            try await WorkNewsQueries.announceEverything(in: tx.connection)
            return disputes.count
        }
    }
}
