import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Sets and releases holds on a person inside a transaction, with a case or without: nobody is placed or contacted past a hold.
struct HoldDesk {
    let database: Database
    let environment: CaseEnvironment
    let part: Int32
    let now: Now

    /// Sets a hold; one that is open already stays as it is.
    ///
    /// - Returns: Whether it is new, and its key.
    func set(
        _ type: HoldType, debtor: Int64, account: Int64? = nil, until: Instant? = nil, reason: String, by: String, in tx: AuditedTransaction
    ) async throws -> (isNew: Bool, id: Int64?) {
        let contexts = try await CaseContext.load(part: part, debtors: [debtor], environment: environment, now: now, in: tx.connection)
        if var context = contexts[debtor], !context.facts.state.isClosed {
            if let known = context.rows.holds.first(where: { $0.type == type && $0.accountId == account }) { return (false, known.id) }
            var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
            try await transition.setHold(type, account: account, until: until, reason: reason, cause: TransitionCause(by: by), on: &context)
            tx.audit(try await transition.write(in: tx.connection))
            return (true, context.rows.holds.first { $0.type == type && $0.accountId == account }?.id)
        }
        var ledger = try await lock(debtor, in: tx.connection)
        if let known = try await HoldQueries.open(part: part, debtor: debtor, account: account, type: type, in: tx.connection).first {
            return (false, known)
        }
        let id = try await database.ids.next(.hold)
        var writes = CaseWrites()
        writes.newHolds.append(
            CaseWrites.NewHold(
                holdId: id, debtorId: debtor, accountId: account, caseId: nil, type: type, until: until, setBy: by, reason: reason))
        ledger.hold(type, on: account.map { [$0] }, from: now.business, until: until)
        writes.ledgers[debtor] = ledger.bytes
        _ = try await tx.connection.pipeline(writes.statements(part: part, now: now))
        tx.audit(
            .hold, subject: id,
            ["action": "set", "type": .string(type.rawValue), "account": .optional(account), "rule": .string(reason), "by": .string(by)])
        return (true, id)
    }

    /// Releases holds of a type; false: there was none.
    func release(_ type: HoldType, debtor: Int64, account: Int64? = nil, by: String, in tx: AuditedTransaction) async throws -> Bool {
        let contexts = try await CaseContext.load(part: part, debtors: [debtor], environment: environment, now: now, in: tx.connection)
        if var context = contexts[debtor], context.facts.holds.contains(where: { $0.type == type && $0.account == account }) {
            var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
            try await transition.releaseHold(type, account: account, cause: TransitionCause(by: by), on: &context)
            tx.audit(try await transition.write(in: tx.connection))
            return true
        }
        var ledger = try await lock(debtor, in: tx.connection)
        let known = try await HoldQueries.open(part: part, debtor: debtor, account: account, type: type, in: tx.connection)
        guard !known.isEmpty else { return false }
        while ledger.release(type, on: account.map { [$0] }) {}
        var writes = CaseWrites()
        writes.releasedHolds = known.map { ($0, by) }
        writes.ledgers[debtor] = ledger.bytes
        _ = try await tx.connection.pipeline(writes.statements(part: part, now: now))
        for id in known { tx.audit(.hold, subject: id, ["action": "released", "type": .string(type.rawValue), "by": .string(by)]) }
        return true
    }

    private func lock(_ debtor: Int64, in db: PostgresConnection) async throws -> ConductLedger {
        guard let bytes = try await EventIntakeQueries.lock(part: part, debtors: [debtor], in: db)[debtor] else {
            throw HoldError.unknownDebtor(String(debtor))
        }
        return try ConductLedger(bytes: bytes)
    }
}
