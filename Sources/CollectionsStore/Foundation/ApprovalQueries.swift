package import CollectionsDomain
package import PostgresDriver

/// Something one operator asked for and a second one decides.
package struct Approval: Hashable, Sendable {
    /// The two answers; raw values are the text of `approval.decision`.
    package enum Decision: String, CaseIterable, Sendable {
        case approved, rejected
    }

    /// Key.
    package let id: Int64
    /// What kind of act it is, e.g. `placement_run`.
    package let kind: String
    /// What it is about, as text, e.g. a run's id.
    package let subject: String
    /// The facts, as JSON text.
    package let detail: String
    /// Who asked.
    package let maker: Int32
    /// Business time of the asking.
    package let madeAt: Instant
    /// Who decided.
    package let checker: Int32?
    /// The answer; nil while open.
    package let decision: Decision?
}

/// Why an approval was not asked for or decided.
package enum ApprovalError: Error, Hashable, CustomStringConvertible {
    case alreadyOpen(kind: String, subject: String)
    case unknown(Int64)
    case alreadyDecided(Int64)
    case makerIsChecker

    package var description: String {
        switch self {
        case .alreadyOpen(let kind, let subject): "an approval of \(kind) \(subject) is open already"
        case .unknown(let id): "no approval has the number \(id)"
        case .alreadyDecided(let id): "approval \(id) is decided"
        case .makerIsChecker: "who asked may not decide: a second operator has to"
        }
    }
}

/// Approvals by four eyes: the SQL. That maker and checker differ is a constraint of the table, not a courtesy of this code.
package enum ApprovalQueries {
    /// Asks for an approval; one may be open per kind and subject.
    package static func ask(
        id: Int64, kind: String, subject: String, detail: CanonicalJSON = [:], maker: Int32, now: Now, in db: PostgresConnection
    ) async throws {
        let result = try await db.query(
            """
            insert into approval (approval_id, kind, subject, detail, maker, made_at)
            values (\(id), \(kind), \(subject), \(detail.postgres), \(maker), \(now.business))
            on conflict (kind, subject) where decision is null do nothing returning approval_id
            """)
        if result.isEmpty { throw ApprovalError.alreadyOpen(kind: kind, subject: subject) }
    }

    /// Decides an open approval.
    ///
    /// - Throws: ``ApprovalError``; ``ApprovalError/makerIsChecker`` comes from the table's constraint and spoils the transaction.
    package static func decide(
        id: Int64, _ decision: Approval.Decision, checker: Int32, reason: String?, now: Now, in db: PostgresConnection
    ) async throws -> Approval {
        let result: PostgresResult
        do {
            result = try await db.query(
                """
                update approval set checker = \(checker), checked_at = \(now.business), decision = \(decision.rawValue), reason = \(reason)
                where approval_id = \(id) and decision is null
                returning approval_id, kind, subject, detail, maker, made_at, checker, decision
                """)
        } catch {
            throw error.sqlState == "23514" ? ApprovalError.makerIsChecker as any Error : error
        }
        if let row = result.first { return try decode(row) }
        throw try await find(id: id, in: db) == nil ? ApprovalError.unknown(id) : ApprovalError.alreadyDecided(id)
    }

    /// The approval of a number.
    package static func find(id: Int64, in db: PostgresConnection) async throws -> Approval? {
        try await db.query(
            "select approval_id, kind, subject, detail, maker, made_at, checker, decision from approval where approval_id = \(id)"
        ).first.map(decode)
    }

    /// The newest approval of a subject, open or decided.
    package static func latest(kind: String, subject: String, in db: PostgresConnection) async throws -> Approval? {
        try await db.query(
            """
            select approval_id, kind, subject, detail, maker, made_at, checker, decision from approval
            where kind = \(kind) and subject = \(subject) order by approval_id desc limit 1
            """
        ).first.map(decode)
    }

    /// What waits for a decision, oldest first.
    package static func open(in db: PostgresConnection) async throws -> [Approval] {
        try await db.query(
            """
            select approval_id, kind, subject, detail, maker, made_at, checker, decision from approval
            where decision is null order by made_at, approval_id
            """
        ).map(decode)
    }

    private static func decode(_ row: PostgresRow) throws -> Approval {
        let (id, kind, subject, detail, maker, madeAt, checker, decision) = try row.decode(
            (Int64, String, String, PostgresJSON, Int32, Instant, Int32?, String?).self)
        return Approval(
            id: id, kind: kind, subject: subject, detail: detail.text, maker: maker, madeAt: madeAt, checker: checker,
            decision: decision.flatMap(Approval.Decision.init))
    }
}
