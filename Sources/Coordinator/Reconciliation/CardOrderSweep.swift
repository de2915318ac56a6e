import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Holds orders to the card system against what the bank's files say of the cards: what is done is confirmed, what is overdue becomes a break.
struct CardOrderSweep: Sendable {
    let database: Database

    /// The break of an order nobody confirmed in time.
    static func breakKind(_ act: CardOrder.Act) -> String { "card_\(act.rawValue)_unconfirmed" }

    /// Looks at one lane. Safe to repeat.
    func run(part: Int32, now: Now, into report: inout ReconciliationReport) async throws {
        let (opened, closed) = try await database.withAuditedTransaction(database.core, part: part) { tx in
            let db = tx.connection
            try await Self.confirmDone(part: part, by: "bank_file", now: now, in: tx)
            let overdue = try await CardOrderQueries.open(part: part, in: db).filter { $0.confirmBy <= now.business }
            var opened = 0
            var closed = 0
            for act in CardOrder.Act.allCases {
                let kind = Self.breakKind(act)
                let found = overdue.filter { $0.act == act }
                for order in found {
                    let draft = BreakDraft(
                        kind: kind, subjectKind: "account", subject: order.accountId, debtor: order.debtorId, ours: act.doneStatus,
                        theirs: "ordered \(order.orderedAt)", severity: .high, rule: "legal_referral.card_block.confirm_hours")
                    let id = try await database.ids.next(.breakRecord)
                    guard try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: db) else { continue }
                    opened += 1
                    tx.audit(.breakChange, subject: id, ["action": "opened", "kind": .string(kind), "account": .int(order.accountId)])
                }
                for id in try await BreakQueries.closeGone(
                    part: part, kind: kind, still: found.map(\.accountId), at: now.business, in: db)
                {
                    closed += 1
                    tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(kind)])
                }
            }
            return (opened, closed)
        }
        report.breaksOpened += opened
        report.breaksClosed += closed
    }

    /// Confirms the orders of a lane that the cards' own status says are done.
    static func confirmDone(part: Int32, by: String, now: Now, in tx: AuditedTransaction) async throws {
        let done = try await CardOrderQueries.doneByStatus(part: part, in: tx.connection)
        if done.isEmpty { return }
        _ = try await tx.connection.pipeline(CardOrderQueries.confirm(part: part, orders: done, by: by, at: now.business))
        for order in done { tx.audit(.legal, subject: order.id, entry(order, by: by, now: now)) }
    }

    /// The audit entry of a confirmation.
    static func entry(_ order: CardOrder, by: String, now: Now) -> CanonicalJSON {
        [
            "card_order": .int(order.id), "act": .string(order.act.rawValue), "account": .int(order.accountId), "confirmed_by": .string(by),
            "at": .string(now.business.description),
        ]
    }
}
