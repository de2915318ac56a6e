import CollectionsDomain
package import CollectionsStore
package import PostgresDriver

/// Opens cases: the holder's work on all placed accounts of a debtor begins.
package enum CaseOpener {
    /// Opens cases of one lane inside a placement's transaction: the case, its first task, the notice to the holder.
    ///
    /// The caller has taken the case ids, and has inserted the placements (with those ids) before. A debtor's conduct row is made if this is the
    /// debtor's first case, and locked. Counters that never reset come over from the debtor's last case.
    /// - Returns: The audit entries the caller adds to its transaction.
    /// - Throws: SQLSTATE 23505 when the debtor has an open case already: a debtor is never split between holders.
    package static func open(
        _ openings: [CaseOpening], part: Int32, environment: CaseEnvironment, now: Now, database: Database, in db: PostgresConnection
    ) async throws -> [AuditDraft] {
        guard !openings.isEmpty else { return [] }
        let debtors = openings.map(\.debtorId).sorted()
        try await ensureConduct(part: part, debtors: debtors, environment: environment, now: now, in: db)
        let previous = try await db.pipeline([
            ConductQueries.lock(part: part, debtors: debtors), CaseQueries.files(part: part, debtors: debtors),
        ])
        let last = Dictionary(try CaseQueries.files(previous[1]).map { ($0.debtorId, $0) }, uniquingKeysWith: { first, _ in first })

        var provisional = CaseWrites()
        for opening in openings {
            let counters = last[opening.debtorId].map { CaseCounters(stored: $0.counters).carriedOver } ?? CaseCounters()
            provisional.newCases.append(
                CaseWrites.NewCase(
                    change: CaseWrites.CaseChange(
                        caseId: opening.caseId, state: .ready, stage: opening.stage, stageEnteredAt: now.business,
                        step: firstStep(opening, environment),
                        goal: .none, pointId: nil, counters: counters, lightCadence: false, lastWorkedAt: nil, rule: "case.opened",
                        policyVersion: environment.policy.version),
                    debtorId: opening.debtorId, agencyId: opening.agencyId))
        }
        _ = try await db.pipeline(provisional.statements(part: part, now: now))

        var contexts = try await CaseContext.load(part: part, debtors: debtors, environment: environment, now: now, in: db)
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        for opening in openings {
            guard var context = contexts.removeValue(forKey: opening.debtorId), context.facts.caseId == opening.caseId else {
                throw UnreadableCase(caseId: opening.caseId)
            }
            let decision = try await transition.take(.opened, on: &context, cause: TransitionCause(by: "placement"))
            transition.writes.outbox.append(
                OutboxRow(
                    outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: opening.agencyId, kind: "placed",
                    caseId: opening.caseId,
                    body: ["accounts": .number(context.rows.accounts.count), "stage": .string(opening.stage.name)]))
            transition.writes.audit.append(
                AuditDraft(
                    kind: .caseChange, subject: opening.caseId,
                    body: [
                        "state": "opened", "holder": .number(opening.agencyId), "stage": .string(opening.stage.name),
                        "rules": .strings(decision.rules),
                        "accounts": .numbers(context.rows.accounts.map(\.accountId)),
                    ]))
        }
        return try await transition.write(in: db)
    }

    private static func firstStep(_ opening: CaseOpening, _ environment: CaseEnvironment) -> Step {
        if environment.routing.isLawFirm(opening.agencyId) { return .lawFirm }
        switch opening.stage {
        case .informationGathering: return .gather
        case .phone: return .call
        case .letter: return .registeredLetter
        case .fieldVisit: return .visit
        case .legalReferral: return .legalDossier
        }
    }

    /// Makes the conduct row of debtors who have none, from what the bank has told: zones, consents, holds, its own contacts.
    package static func ensureConduct(
        part: Int32, debtors: [Int64], environment: CaseEnvironment, now: Now, in db: PostgresConnection
    ) async throws {
        let known = Set(try ConductQueries.rows(try await db.query(ConductQueries.find(part: part, debtors: debtors))).map(\.debtorId))
        let missing = debtors.filter { !known.contains($0) }
        guard !missing.isEmpty else { return }
        let sources = try await ConductSourceQueries.load(part: part, debtors: missing, in: db)
        let ledgers = missing.map { debtor -> (Int64, [UInt8]) in
            var ledger = sources[debtor]?.ledger ?? ConductLedger()
            ledger = environment.policy.conduct.pruned(ledger, at: now.business)
            return (debtor, ledger.bytes)
        }
        try await db.query(ConductQueries.create(part: part, ledgers))
    }
}
