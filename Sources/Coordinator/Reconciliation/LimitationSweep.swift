import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// E15: flags accounts whose limitation ends within 90 days to the legal queue. What has passed is no flag any more: before a legal stage the case
/// asks the bank's counsel by itself.
struct LimitationSweep: Sendable {
    let database: Database
    let environment: CaseEnvironment

    /// The break of a flag; its subject is the account, its `ours` the last day.
    static let kind = "limitation_near"
    /// Accounts read at once.
    private static let chunk: Int32 = 500

    /// Looks at one lane. Safe to repeat.
    func run(part: Int32, now: Now, into report: inout ReconciliationReport) async throws {
        let near = try await near(part: part, now: now)
        let (opened, closed) = try await database.withAuditedTransaction(database.core, part: part) { tx in
            var opened = 0
            for draft in near {
                let id = try await database.ids.next(.breakRecord)
                guard try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: tx.connection) else { continue }
                opened += 1
                tx.audit(
                    .breakChange, subject: id,
                    ["action": "opened", "kind": .string(draft.kind), "account": .int(draft.subject), "rule": .optional(draft.rule)])
            }
            let gone = try await BreakQueries.closeGone(
                part: part, kind: Self.kind, still: near.map(\.subject), at: now.business, in: tx.connection)
            for id in gone { tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(Self.kind)]) }
            return (opened, gone.count)
        }
        report.breaksOpened += opened
        report.breaksClosed += closed
    }

    private func near(part: Int32, now: Now) async throws -> [BreakDraft] {
        let zone = environment.hours(timeZone: "").zone
        let today = zone.day(of: now.business)
        let horizon = today.adding(days: ConductGate.limitationWarningDays)
        // Months differ in length: a few days more are looked at, and judged exactly below.
        let defaulted = environment.limitationMonths.map { horizon.adding(days: 3).adding(months: -$0) }
        var found: [BreakDraft] = []
        var after: Int64 = 0
        while true {
            let position = after
            let candidates = try await database.core.withConnection {
                try await LimitationQueries.candidates(
                    part: part, after: position, given: horizon, defaulted: defaulted, limit: Self.chunk, in: $0)
            }
            guard let last = candidates.last else { return found }
            after = last.accountId
            for candidate in candidates {
                let end = ConductGate.limitationEnd(
                    policy: environment.policy.conduct, ledger: try ConductLedger(bytes: candidate.ledger), account: candidate.accountId,
                    given: candidate.given, defaultDate: candidate.defaultDate, now: now.business, zone: zone)
                guard let end, ConductGate.isLimitationNear(end, on: today) else { continue }
                found.append(
                    BreakDraft(
                        kind: Self.kind, subjectKind: "account", subject: candidate.accountId, debtor: candidate.debtorId,
                        agency: candidate.agencyId, ours: "last day \(end)", severity: .warning, rule: "E15.limitation_near", owner: "legal"
                    ))
            }
        }
    }
}
