import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Holds open complaints against their clocks: three days before the last one a warning, after it a break for a supervisor.
struct ComplaintSweep: Sendable {
    static let dueKind = "complaint_due"
    static let overdueKind = "complaint_overdue"

    let database: Database
    let environment: CaseEnvironment

    /// Looks at one lane. Safe to repeat.
    func run(part: Int32, now: Now, into report: inout ReconciliationReport) async throws {
        let today = environment.zone.day(of: now.business)
        let (opened, closed) = try await database.withAuditedTransaction(database.core, part: part) { tx in
            let db = tx.connection
            let near = try await ComplaintQueries.due(part: part, until: today.adding(days: ComplaintClock.warningDays), in: db)
            var opened = 0
            var closed = 0
            for (kind, urgency, severity) in [
                (Self.dueKind, ComplaintClock.Urgency.warn, Severity.warning), (Self.overdueKind, .overdue, .high),
            ] {
                let found = near.filter { ComplaintClock.urgency(due: $0.dueOn, today: today) == urgency }
                for complaint in found {
                    let draft = BreakDraft(
                        kind: kind, subjectKind: "complaint", subject: complaint.id, debtor: complaint.debtorId,
                        ours: "\(complaint.reference) to be answered by \(complaint.dueOn)", severity: severity, rule: "complaint.days",
                        owner: urgency == .overdue ? "supervisor" : "operations")
                    let id = try await database.ids.next(.breakRecord)
                    guard try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: db) else { continue }
                    opened += 1
                    tx.audit(.breakChange, subject: id, ["action": "opened", "kind": .string(kind), "complaint": .int(complaint.id)])
                }
                for id in try await BreakQueries.closeGone(part: part, kind: kind, still: found.map(\.id), at: now.business, in: db) {
                    closed += 1
                    tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(kind)])
                }
            }
            return (opened, closed)
        }
        report.breaksOpened += opened
        report.breaksClosed += closed
    }
}
