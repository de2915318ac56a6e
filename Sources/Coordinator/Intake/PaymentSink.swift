import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Where payments go once their references are claimed: into the ledger, with whatever follows from them.
package protocol PaymentSink: Sendable {
    /// Posts payments of one lane, none of which is stored yet, in the importer's transaction.
    ///
    /// Either all of them are posted with everything that follows, or the call throws and nothing is. Debtors are locked before accounts.
    /// - Parameters:
    ///   - payments: At most a chunk of the file; a reversal comes after what it takes back.
    ///   - part: Their lane.
    func post(_ payments: [NewPayment], part: Int32, now: Now, in transaction: AuditedTransaction) async throws
}

/// The money part alone: payments, their split, the accounts' amounts. For databases that have no policy and so no cases yet.
package struct PlainPaymentSink: PaymentSink {
    /// Keeps nothing.
    package init() {}

    package func post(_ payments: [NewPayment], part: Int32, now: Now, in transaction: AuditedTransaction) async throws {
        let db = transaction.connection
        let payments = payments.sorted { ($0.paidAt, $0.paymentId) < ($1.paidAt, $1.paymentId) }
        let money = try await PostedMoney(payments, part: part, in: db)
        _ = try await db.pipeline(money.statements(payments.map { ($0, nil) }, part: part, receivedAt: now.business))
        for payment in payments {
            transaction.audit(
                .posting, subject: payment.paymentId,
                [
                    "account": .int(payment.accountId), "entry": .string(payment.entry.rawValue), "amount": .int(payment.amount.minorUnits),
                    "currency": .string(payment.amount.currency.code),
                ])
        }
    }
}

/// What follows from the bank's word on an account beyond the figures: its status, and what its case makes of it.
package protocol AccountUpdateSink: Sendable {
    /// Takes reports that were just written, in the importer's transaction; the accounts are locked.
    func take(_ reports: [(report: ReportedAccount, before: KnownReport)], part: Int32, now: Now, in transaction: AuditedTransaction)
        async throws
}

/// The status alone. For databases that have no cases yet.
package struct PlainAccountUpdateSink: AccountUpdateSink {
    /// Keeps nothing.
    package init() {}

    package func take(
        _ reports: [(report: ReportedAccount, before: KnownReport)], part: Int32, now: Now, in transaction: AuditedTransaction
    ) async throws {
        var changes: [(account: Int64, status: AccountStatus)] = []
        for (report, before) in reports where before.status.isCollected {
            switch report.update {
            case .overdue: if before.status == .curePending { changes.append((report.accountId, .open)) }
            case .cured: changes.append((report.accountId, .cured))
            case .closed: changes.append((report.accountId, .closed))
            case .sold: changes.append((report.accountId, .sold))
            case .chargedOff: changes.append((report.accountId, .chargedOff))
            }
        }
        if changes.isEmpty { return }
        _ = try await transaction.connection.query(AccountUpdateQueries.setStatus(part: part, changes, now: now))
    }
}
