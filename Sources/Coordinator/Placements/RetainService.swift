package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why nothing was done about a retain.
package enum RetainError: Error, Hashable, CustomStringConvertible {
    case noCase(String)
    case unknown(Int64)
    case decided(Int64)
    case samePerson
    case refused(account: String, RetainRefusal)

    package var description: String {
        switch self {
        case .noCase(let ref): "\(ref) is with no agency"
        case .unknown(let id): "no retain has the number \(id) (hint: recourse retain list)"
        case .decided(let id): "retain \(id) is decided"
        case .samePerson: "who asked may not decide: a second operator has to"
        case .refused(let account, let why): "account \(account): \(why.description) (\(why.rawValue))"
        }
    }
}

/// Retains (留案): asked by the holder, or by an operator for it; decided by the bank. Granted, the placement's term ends 30 days later.
package struct RetainService: Sendable {
    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Open retains, or all of them.
    package func list(all: Bool, limit: Int32) async throws -> [RetainRecord] {
        try await database.core.withConnection { try await RetainQueries.list(all: all, limit: limit, in: $0) }
    }

    /// Asks for the holder: for one account, or all of a debtor's. All or none.
    ///
    /// - Returns: Account and number of each ask.
    /// - Throws: ``RetainError/refused(account:_:)`` for the first account the rule refuses; the refusal is on record.
    package func ask(
        _ target: HoldTarget, for purpose: RetainPurpose, by person: Operator
    ) async throws -> [(account: String, retain: Int64, newEnd: Instant)] {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        let answer = try await database.withAuditedTransaction(database.core, part: target.part) {
            tx -> Result<[(account: String, retain: Int64, newEnd: Instant)], RetainError> in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            let contexts = try await CaseContext.load(
                part: target.part, debtors: [target.debtor], environment: environment, now: now, in: db)
            guard let context = contexts[target.debtor] else { throw RetainError.noCase(target.reference) }
            let wanted = context.rows.accounts.filter { target.account == nil || $0.accountId == target.account }
            guard !wanted.isEmpty else { throw RetainError.noCase(target.reference) }
            let known = try await RetainQueries.known(part: target.part, placements: wanted.map(\.placementId), in: db)
            var rows: [(account: String, row: RetainRow)] = []
            for account in wanted {
                do {
                    let row = try Self.row(
                        account, for: purpose, asker: context.facts.holder, by: "operator:\(person.id)", known: known, context: context,
                        now: now.business, id: try await database.ids.next(.retain))
                    rows.append((account.accountRef, row))
                } catch let refusal as RetainRefusal {
                    tx.audit(
                        .placement, subject: account.placementId,
                        [
                            "what": "retain_not_taken", "purpose": .string(purpose.rawValue), "why": .string(refusal.rawValue),
                            "operator": .number(person.id),
                        ])
                    return .failure(.refused(account: account.accountRef, refusal))
                }
            }
            for (_, row) in rows {
                try await db.query(RetainQueries.insert(part: target.part, row, at: now.business))
                tx.audit(Self.asked(row))
            }
            return .success(rows.map { ($0.account, $0.row.retainId, $0.row.newEnd) })
        }
        return try answer.get()
    }

    /// The row of an ask, if the rule allows it.
    static func row(
        _ account: CaseRows.Account, for purpose: RetainPurpose, asker: Int32, by: String, known: Set<Int64>, context: CaseContext,
        now: Instant, id: Int64
    ) throws(RetainRefusal) -> RetainRow {
        let end = account.extendedUntil ?? account.termEnd
        let newEnd = try Retain.newEnd(
            for: purpose, asker: asker, isActive: account.placementState == "active", termEnd: end,
            isKnown: known.contains(account.placementId), facts: context.facts, now: now, zone: context.hours.zone)
        return RetainRow(
            retainId: id, placementId: account.placementId, debtorId: context.facts.debtorId, caseId: context.facts.caseId, agencyId: asker,
            purpose: purpose, askedBy: by, oldEnd: end, newEnd: newEnd)
    }

    /// The audit entry of an ask.
    static func asked(_ row: RetainRow) -> AuditDraft {
        AuditDraft(
            kind: .placement, subject: row.placementId,
            body: [
                "what": "retain_asked", "retain": .int(row.retainId), "purpose": .string(row.purpose.rawValue), "by": .string(row.askedBy),
                "new_end": .string(row.newEnd.description),
            ])
    }

    /// Decides a retain; granted, the term's end moves in the same transaction, and the agency is told either way.
    ///
    /// - Throws: ``RetainError``; a refusal by rule if the placement has ended or is being recalled meanwhile.
    package func decide(_ id: Int64, granted: Bool, reason: String?, by person: Operator) async throws -> RetainRecord {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        guard let found = try await database.core.withConnection({ try await RetainQueries.find(id, in: $0) }) else {
            throw RetainError.unknown(id)
        }
        guard found.row.askedBy != "operator:\(person.id)" else { throw RetainError.samePerson }
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        return try await database.withAuditedTransaction(database.core, part: found.part) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            // Lock order: the debtor first, then the retain.
            let contexts = try await CaseContext.load(
                part: found.part, debtors: [found.row.debtorId], environment: environment, now: now, in: db)
            guard try await RetainQueries.lockOpen(part: found.part, id: id, in: db) else { throw RetainError.decided(id) }
            let row = found.row
            if granted {
                guard let context = contexts[row.debtorId], context.facts.caseId == row.caseId,
                    context.rows.accounts.contains(where: { $0.placementId == row.placementId && $0.placementState == "active" })
                else { throw RetainError.refused(account: found.accountRef, .notActive) }
                try await db.query(RetainQueries.moveTerm(part: found.part, placement: row.placementId, to: row.newEnd))
                try await db.query(RetainQueries.moveWait(part: found.part, caseId: row.caseId, to: row.newEnd))
            }
            try await db.query(
                RetainQueries.decide(
                    part: found.part, id: id, granted: granted, by: "operator:\(person.id)", reason: reason, at: now.business))
            let notice = OutboxRow(
                outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: row.agencyId, kind: "retain", caseId: row.caseId,
                placementId: row.placementId,
                body: granted
                    ? ["reason": "granted", "effective_at": .string(row.newEnd.description)]
                    : ["reason": "refused"])
            try await db.query(OutboxQueries.insert(part: found.part, [notice], at: now.business))
            tx.audit(
                .placement, subject: row.placementId,
                [
                    "what": .string(granted ? "retain_granted" : "retain_refused"), "retain": .int(id), "reason": .optional(reason),
                    "operator": .number(person.id), "old_end": .string(row.oldEnd.description), "new_end": .string(row.newEnd.description),
                ])
            return found
        }
    }
}
