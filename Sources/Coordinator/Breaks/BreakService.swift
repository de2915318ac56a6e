package import CollectionsDomain
package import CollectionsStore
import Foundation
import PostgresDriver

/// Why nothing was done about a break.
package enum BreakError: Error, Hashable, CustomStringConvertible {
    case unknown(Int64)
    case closed(Int64)
    case reasonMissing

    package var description: String {
        switch self {
        case .unknown(let id): "no break has the number \(id) (hint: recourse break list)"
        case .closed(let id): "break \(id) is closed already"
        case .reasonMissing: "a reason is needed: it goes into the record"
        }
    }
}

/// Breaks that somebody has to settle: lists them, and closes them on the word of two persons.
package struct BreakService: Sendable {
    /// `approval.kind` of a proposal to close a break.
    package static let approvalKind = "break_resolution"

    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Open breaks, oldest first, and the instant their age is reckoned at.
    package func list(
        kind: String? = nil, severity: Severity? = nil, agency: String? = nil, limit: Int32
    ) async throws -> (breaks: [BreakRecord], now: Instant) {
        try await database.core.withConnection { db in
            let now = try await ClockQueries.read(in: db)
            return (
                try await BreakListQueries.open(kind: kind, severity: severity, agency: agency, limit: limit, in: db), now.business
            )
        }
    }

    /// One break, and what the first person proposed if a second one has still to agree.
    ///
    /// - Throws: ``BreakError/unknown(_:)``.
    package func show(_ id: Int64) async throws -> (record: BreakRecord, proposal: Proposal?, now: Instant) {
        try await database.core.withConnection { db in
            let now = try await ClockQueries.read(in: db)
            guard let record = try await BreakListQueries.find(id, in: db) else { throw BreakError.unknown(id) }
            return (record, record.isOpen ? try await Self.proposal(for: id, in: db) : nil, now.business)
        }
    }

    /// What one person asked for.
    package struct Proposal: Hashable, Sendable {
        package let approval: Int64
        package let person: Int32
        package let reason: String
        package let madeAt: Instant
    }

    /// Proposes to close a break, or closes it if another person proposed the same.
    ///
    /// The resolution is kept with the row: a run that finds the very same difference again leaves it at rest.
    /// - Throws: ``BreakError``, `BreakResolutionRefusal`, `OperatorError.roleForbids`.
    package func resolve(_ id: Int64, reason: String, by person: Operator) async throws -> BreakResolution.Step {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        guard !reason.isEmpty else { throw BreakError.reasonMissing }
        guard let found = try await database.core.withConnection({ try await BreakListQueries.find(id, in: $0) }) else {
            throw BreakError.unknown(id)
        }
        let approval = try await database.ids.next(.approval)
        return try await database.withAuditedTransaction(database.core, part: found.part) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            guard try await BreakListQueries.lockOpen(part: found.part, id: id, in: db) else { throw BreakError.closed(id) }
            let first = try await Self.proposal(for: id, in: db)
            let step = try BreakResolution.step(first: first.map { ($0.person, $0.reason) }, person: person.id, reason: reason)
            switch step {
            case .propose:
                try await ApprovalQueries.ask(
                    id: approval, kind: Self.approvalKind, subject: String(id), detail: ["reason": .string(reason)], maker: person.id,
                    now: now, in: db)
                tx.audit(
                    .breakChange, subject: id,
                    [
                        "action": "resolution_proposed", "kind": .string(found.kind), "reason": .string(reason),
                        "operator": .number(person.id),
                    ])
            case .confirm:
                guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
                guard let first else { preconditionFailure("a confirmation has a proposal") }
                _ = try await ApprovalQueries.decide(
                    id: first.approval, .approved, checker: person.id, reason: reason, now: now, in: db)
                try await db.query(
                    BreakListQueries.resolve(
                        part: found.part, id: id, resolution: BreakQueries.acceptedPrefix + reason, at: now.business))
                tx.audit(
                    .breakChange, subject: id,
                    [
                        "action": "resolved", "kind": .string(found.kind), "reason": .string(reason), "maker": .number(first.person),
                        "operator": .number(person.id),
                    ])
            }
            return step
        }
    }

    private static func proposal(for id: Int64, in db: PostgresConnection) async throws -> Proposal? {
        guard let approval = try await ApprovalQueries.latest(kind: approvalKind, subject: String(id), in: db), approval.decision == nil
        else { return nil }
        let detail = try JSONDecoder().decode([String: String].self, from: Data(approval.detail.utf8))
        return Proposal(approval: approval.id, person: approval.maker, reason: detail["reason"] ?? "", madeAt: approval.madeAt)
    }
}
