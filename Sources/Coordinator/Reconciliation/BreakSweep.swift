import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Compares balances of a lane with what the bank reports, and opens or closes breaks.
struct BreakSweep: Sendable {
    let database: Database

    /// Balance against the bank's own, and credit balances. A break closes by itself when the difference is gone.
    func run(part: Int32, now: Now, into report: inout ReconciliationReport) async throws {
        let (opened, closed) = try await database.withAuditedTransaction(database.core, part: part) { tx in
            let db = tx.connection
            var opened = 0
            var closed = 0
            let differences = try await LedgerQueries.balanceDifferences(part: part, in: db)
            let credits = try await LedgerQueries.creditBalances(part: part, in: db)
            for (kind, found, severity) in [("balance", differences, Severity.high), ("credit_balance", credits, .warning)] {
                for difference in found {
                    let draft = BreakDraft(
                        kind: kind, subjectKind: "account", subject: difference.account, debtor: difference.debtor,
                        ours: String(difference.ours),
                        theirs: String(difference.theirs), severity: severity, rule: "I8")
                    let id = try await database.ids.next(.breakRecord)
                    guard try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: db) else { continue }
                    opened += 1
                    tx.audit(.breakChange, subject: id, ["action": "opened", "kind": .string(kind), "account": .int(difference.account)])
                }
                for id in try await BreakQueries.closeGone(part: part, kind: kind, still: found.map(\.account), at: now.business, in: db) {
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
