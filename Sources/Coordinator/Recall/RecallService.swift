package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why nothing was recalled.
package enum RecallError: Error, Hashable, CustomStringConvertible {
    case unknownDebtor(String)
    case nothingPlaced(String)

    package var description: String {
        switch self {
        case .unknownDebtor(let ref): "no debtor or account has the reference \(ref)"
        case .nothingPlaced(let ref): "\(ref) is with no agency, or is being recalled already"
        }
    }
}

/// The bank takes a debtor's accounts back from their holder (E7).
///
/// Leases are revoked in the same transaction that marks the case as recalling; the holder gets a notice it has to confirm. Categories without
/// an objection window take effect at once, the others when it has passed (the reconciliation run does that).
package struct RecallService: Sendable {
    /// Days the holder has to object [B].
    static let objectionDays = 5

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Recalls the case of a debtor.
    ///
    /// - Returns: How many placements are being recalled, and when that takes effect.
    package func recall(
        _ target: HoldTarget, category: RecallCategory, reason: String, by person: Operator
    ) async throws -> (placements: Int, executeAt: Instant) {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        return try await database.withAuditedTransaction(database.core, part: target.part) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            let contexts = try await CaseContext.load(
                part: target.part, debtors: [target.debtor], environment: environment, now: now, in: db)
            guard var context = contexts[target.debtor], !context.facts.state.isClosed, context.facts.state.code != .recalling else {
                throw RecallError.nothingPlaced(target.reference)
            }
            let placements = context.rows.accounts.filter { $0.placementState == "active" }.map(\.placementId)
            guard !placements.isEmpty else { throw RecallError.nothingPlaced(target.reference) }
            let holder = context.rows.file.agencyId
            let cause = TransitionCause(by: "operator:\(person.id)")
            var transition = CaseTransition(part: target.part, environment: environment, now: now, database: database)
            try await transition.take(.recallRequested(category), on: &context, cause: cause)
            let executeAt =
                category.hasObjectionWindow
                ? context.hours.zone.endOfDay(context.hours.zone.day(of: now.business).adding(days: Self.objectionDays)) : now.business
            var recalls: [(id: Int64, placement: Int64, agency: Int32)] = []
            for placement in placements { recalls.append((try await database.ids.next(.recall), placement, holder)) }
            try await db.query(
                RecallQueries.insert(
                    part: target.part, recalls, category: category.rawValue, reason: reason, requestedAt: now.business,
                    executeAt: executeAt,
                    by: "operator:\(person.id)"))
            if !category.hasObjectionWindow { try await transition.take(.recallExecuted(category), on: &context, cause: cause) }
            tx.audit(try await transition.write(in: db))
            if !category.hasObjectionWindow {
                try await db.query(RecallQueries.executed(part: target.part, placements: placements, at: now.business))
            }
            for recall in recalls {
                tx.audit(
                    .recall, subject: recall.placement,
                    [
                        "what": "requested", "category": .string(category.rawValue), "reason": .string(reason),
                        "operator": .number(person.id),
                    ])
            }
            return (placements.count, executeAt)
        }
    }

    /// Recalls in effect that agencies have not confirmed, by agency, and the instant they are reckoned at.
    ///
    /// - Parameter lateOnly: Only agencies whose oldest one is past its day.
    package static func unconfirmed(
        database: Database, lateOnly: Bool
    ) async throws -> (found: [RecallQueries.Unconfirmed], now: Instant) {
        try await database.core.withConnection { db in
            let now = try await ClockQueries.read(in: db).business
            let limit = lateOnly ? now - .seconds(StopWork.dueHours * 3_600) : now
            return (try await RecallQueries.unconfirmed(before: limit, in: db), now)
        }
    }

    /// The recalls of a debtor or an account with what was handed over since, the newest first.
    package static func chains(of target: HoldTarget, database: Database) async throws -> [RecallEvidence] {
        try await database.core.withConnection { db in
            try await EvidenceQueries.ofDebtor(part: target.part, debtor: target.debtor, account: target.account, in: db)
        }
    }
}
