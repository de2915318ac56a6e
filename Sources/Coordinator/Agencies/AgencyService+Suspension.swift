import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// What a suspension took away.
package struct SuspensionReport: Hashable, Sendable {
    /// Leases revoked.
    package var leases = 0
    /// Tasks ended, leased ones among them.
    package var tasks = 0
    /// Cases that are being recalled since.
    package var cases = 0

    package init() {}
}

extension AgencyService {
    /// Reason code of the recalls a suspension orders.
    static let suspendedReason = "agency_suspended"

    /// Stops an agency at once (DOMAIN section 2, kill switch; E10): no further lease, its leases revoked by one statement per lane, all its
    /// cases recalled (COMPLIANCE, no objection).
    ///
    /// The state goes first, so that nothing is granted or placed while the lanes are cleared; then the leases, which is quick; then, debtor
    /// by debtor, what the leases had reserved is presumed done, and the agency is told. Repeating it completes what was interrupted.
    package func suspend(_ name: String, reason: String, by person: Operator) async throws -> SuspensionReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        return try await suspend(name, reason: reason, actor: "operator:\(person.name)")
    }

    /// - Parameter actor: Who, as text for the record.
    func suspend(_ name: String, reason: String, actor: String) async throws -> SuspensionReport {
        guard !reason.isEmpty else { throw AgencyError.reasonMissing }
        let agency = try await setState(.suspended, of: name, reason: reason, actor: actor)
        var report = SuspensionReport()
        for part in database.lanes.all { try await revoke(part: part, agency: agency.agencyId, &report) }
        // Routes and executors as they are without this agency.
        let environments = CaseEnvironmentSource(database: database, policies: PolicyService(database: database))
        for part in database.lanes.all {
            var last: Int64 = 0
            while true {
                let after = last
                let debtors = try await database.core.withConnection { db in
                    try await SuspensionQueries.debtorsToRecall(part: part, holder: agency.agencyId, after: after, limit: 200, in: db)
                }
                guard let end = debtors.last else { break }
                last = end
                report.cases += try await recall(part: part, debtors, of: agency, actor: actor, environments: environments)
            }
        }
        return report
    }

    /// Lets a suspended agency work again; what was recalled stays recalled.
    package func resume(_ name: String, reason: String, by person: Operator) async throws {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        guard !reason.isEmpty else { throw AgencyError.reasonMissing }
        _ = try await setState(.active, of: name, reason: reason, actor: "operator:\(person.name)")
    }

    /// Suspends agencies whose licence, whitelist entry or evaluation has lapsed, or whose contract has ended, while they hold accounts. For
    /// the daily run.
    ///
    /// - Returns: The agencies suspended, with the document that lapsed; the stored reason says since when.
    package func suspendLapsed(policies: PolicyService) async throws -> [(name: String, reason: String)] {
        let environment = try await PlacementEnvironment.read(database: database, policies: policies)
        var suspended: [(name: String, reason: String)] = []
        for holder in environment.holders where (environment.inventory[holder.id]?.accounts ?? 0) > 0 && holder.offer.isActive {
            guard let lapse = AgencyLapse.lapsed(holder.offer, controls: environment.controls, on: environment.day).first else { continue }
            _ = try await suspend(holder.offer.name, reason: "\(lapse.document.rawValue): \(lapse.text)", actor: "daily run")
            suspended.append((holder.offer.name, lapse.document.rawValue))
        }
        return suspended
    }

    private func setState(_ state: AgencyState, of name: String, reason: String, actor: String) async throws -> AgencyRecord {
        try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let found = try await AgencyQueries.named(name, in: db),
                let agency = try await AgencyQueries.lock([found.agencyId], in: db).first
            else { throw AgencyError.unknown(name) }
            if agency.state == state {
                if state == .active { throw AgencyError.notSuspended(name) }
                return agency
            }
            let now = try await ClockQueries.read(in: db)
            try await AgencyQueries.setState(state, reason: reason, of: agency.agencyId, in: db)
            let notice = OutboxRow(
                outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: agency.agencyId, kind: "agency",
                body: ["state": .string(state.rawValue), "reason": .string(state.rawValue)])
            try await db.query(OutboxQueries.insert(part: Database.controlPart, [notice], at: now.business))
            transaction.audit(
                .agencyChange, subject: Int64(agency.agencyId),
                ["agency": .string(name), "what": .string(state.rawValue), "reason": .string(reason), "by": .string(actor)])
            return agency
        }
    }

    /// Revokes every lease of a lane: the agency's own cases lose their tasks, what it did for others goes back.
    private func revoke(part: Int32, agency: Int32, _ report: inout SuspensionReport) async throws {
        let done = try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            let ended = try await SuspensionQueries.endTasks(part: part, holder: agency, in: db)
            if !ended.isEmpty { try await db.query(TaskQueries.insertEnds(part: part, ended.map(\.row), at: now.real)) }
            let routed = try await SuspensionQueries.takeBackRouted(part: part, executor: agency, at: now.business, in: db)
            return (tasks: ended.count, leases: ended.count { $0.wasLeased } + routed)
        }
        report.tasks += done.tasks
        report.leases += done.leases
    }

    private func recall(
        part: Int32, _ debtors: [Int64], of agency: AgencyRecord, actor: String, environments: CaseEnvironmentSource
    ) async throws -> Int {
        let started = try await database.core.withConnection { db in try await ClockQueries.read(in: db) }
        let environment = try await environments.current(at: started)
        return try await database.withAuditedTransaction(database.core, part: part) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let contexts = try await CaseContext.load(part: part, debtors: debtors, environment: environment, now: now, in: db)
            var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
            var placements: [Int64] = []
            var recalled = 0
            for debtor in debtors {
                guard var context = contexts[debtor], context.rows.file.agencyId == agency.agencyId else { continue }
                if context.facts.state.isClosed || context.facts.state == .recalling { continue }
                let open = context.rows.accounts.filter { $0.placementState == "active" }.map(\.placementId)
                // Leases revoked above are gone from the table: what they had reserved may have been done.
                let live = Set(context.rows.tasks.map(\.taskId))
                for reservation in context.ledger.reservations where !reservation.isPresumed && !live.contains(reservation.task) {
                    context.ledger.settle(task: reservation.task, epoch: reservation.epoch, as: .presumed)
                }
                try await transition.take(.holderSuspended, on: &context, cause: TransitionCause(by: actor))
                placements += open
                recalled += 1
            }
            transaction.audit(try await transition.write(in: db))
            if !placements.isEmpty {
                let ids = try await database.ids.next(.recall, count: placements.count)
                try await db.query(
                    SuspensionQueries.insertRecalls(
                        part: part, holder: agency.agencyId,
                        placements: Array(zip(ids, placements)).map { (recallId: $0, placementId: $1) },
                        reason: Self.suspendedReason, by: actor, at: now.business))
                transaction.audit(
                    placements.map {
                        AuditDraft(
                            kind: .recall, subject: $0,
                            body: [
                                "what": "requested", "category": .string(RecallCategory.compliance.rawValue),
                                "reason": .string(Self.suspendedReason),
                                "agency": .number(agency.agencyId), "by": .string(actor),
                            ])
                    })
            }
            return recalled
        }
    }
}
