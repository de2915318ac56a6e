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
            let done = try await CardOrderQueries.doneByStatus(part: part, in: db)
            if !done.isEmpty {
                _ = try await db.pipeline(CardOrderQueries.confirm(part: part, orders: done, by: "bank_file", at: now.business))
                for order in done { tx.audit(.legal, subject: order.id, Self.entry(order, by: "bank_file", now: now)) }
            }
            let overdue = try await CardOrderQueries.open(part: part, in: db).filter { $0.confirmBy <= now.business }
            var opened = 0
            var closed = 0
            for act in CardOrder.Act.allCases {
                let kind = Self.breakKind(act)
                let found = overdue.filter { $0.act == act }
                for order in found {
                    let draft = BreakDraft(
                        kind: kind, subjectKind: "account", subject: order.accountId, debtor: order.debtorId, ours: act.doneStatus,
                        severity: .high, rule: "legal_referral.card_block.confirm_hours")
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

    /// The audit entry of a confirmation.
    static func entry(_ order: CardOrder, by: String, now: Now) -> CanonicalJSON {
        [
            "card_order": .int(order.id), "act": .string(order.act.rawValue), "account": .int(order.accountId), "confirmed_by": .string(by),
            "at": .string(now.business.description),
        ]
    }
}
