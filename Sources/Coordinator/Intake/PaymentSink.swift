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
        _ = try await db.query(ConductQueries.lock(part: part, debtors: Set(payments.map(\.debtorId)).sorted()))
        var amounts = try await PaymentQueries.lockAmounts(part: part, accounts: Set(payments.map(\.accountId)).sorted(), in: db)
        let currencies = amounts.mapValues(\.balance.currency)
        var splits = try await PaymentQueries.allocations(
            part: part, payments: payments.compactMap(\.reversalOf), currency: { currencies[$0] }, in: db)
        var allocations: [(payment: Int64, component: PaymentComponent, amount: Int64)] = []
        for payment in payments {
            guard let before = amounts[payment.accountId] else {
                throw PostgresError(code: .decode, message: "payment \(payment.paymentId) names an account that is not in its lane")
            }
            // A reversal of a part cannot take the whole's split; it is spread like any other entry.
            let mirrored = try payment.reversalOf.flatMap { splits[$0] }.flatMap { try $0.total(in: payment.amount.currency) == payment.amount ? $0 : nil }
            let (after, split) = try AccountLedger.apply(payment.entry, payment.amount, to: before, allocation: payment.allocation ?? mirrored)
            amounts[payment.accountId] = after
            splits[payment.paymentRef] = split
            for (component, part) in split.parts where part.minorUnits != 0 { allocations.append((payment.paymentId, component, part.minorUnits)) }
            transaction.audit(
                .posting, subject: payment.paymentId,
                [
                    "account": .int(payment.accountId), "entry": .string(payment.entry.rawValue), "amount": .int(payment.amount.minorUnits),
                    "currency": .string(payment.amount.currency.code),
                ])
        }
        var statements = [
            PaymentQueries.insert(part: part, payments.map { ($0, nil) }, receivedAt: now.business),
            PaymentQueries.writeAmounts(part: part, amounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
        ]
        if !allocations.isEmpty { statements.append(PaymentQueries.insertAllocations(part: part, allocations)) }
        _ = try await db.pipeline(statements)
    }
}

/// What follows from the bank's word on an account beyond the figures: its status, and what its case makes of it.
package protocol AccountUpdateSink: Sendable {
    /// Takes reports that were just written, in the importer's transaction; the accounts are locked.
    func take(_ reports: [(report: ReportedAccount, before: KnownReport)], part: Int32, now: Now, in transaction: AuditedTransaction) async throws
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
            switch report.status {
            case .open: if before.status == .curePending { changes.append((report.accountId, .open)) }
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
