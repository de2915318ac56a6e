import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// The money part of posting: accounts' amounts before and after, and how each payment is spread. Holds the debtors' and accounts' locks.
struct PostedMoney: Sendable {
    private(set) var amounts: [Int64: AccountAmounts]
    private(set) var allocations: [(payment: Int64, component: PaymentComponent, amount: Int64)] = []

    /// Locks debtors, then accounts, and applies the payments in the order given.
    ///
    /// - Throws: ``MoneyError``; an error when a payment's account is not in the lane.
    init(_ payments: [NewPayment], part: Int32, in db: PostgresConnection) async throws {
        _ = try await db.query(ConductQueries.lock(part: part, debtors: Set(payments.map(\.debtorId)).sorted()))
        amounts = try await PaymentQueries.lockAmounts(part: part, accounts: Set(payments.map(\.accountId)).sorted(), in: db)
        let currencies = amounts.mapValues(\.balance.currency)
        var splits = try await PaymentQueries.allocations(
            part: part, payments: payments.compactMap(\.reversalOf), currency: { currencies[$0] }, in: db)
        for payment in payments {
            guard let before = amounts[payment.accountId] else {
                throw PostgresError(code: .decode, message: "payment \(payment.paymentId) names an account that is not in its lane")
            }
            // A reversal of a part cannot take the whole's split; it is spread like any other entry.
            let mirrored = try payment.reversalOf.flatMap { splits[$0] }.flatMap {
                try $0.total(in: payment.amount.currency) == payment.amount ? $0 : nil
            }
            let (after, split) = try AccountLedger.apply(
                payment.entry, payment.amount, to: before, allocation: payment.allocation ?? mirrored)
            amounts[payment.accountId] = after
            splits[payment.paymentRef] = split
            for (component, part) in split.parts where part.minorUnits != 0 {
                allocations.append((payment.paymentId, component, part.minorUnits))
            }
        }
    }

    /// The statements that store payments (each with the placement it counts for), splits and amounts.
    func statements(_ stored: [(payment: NewPayment, placement: Int64?)], part: Int32, receivedAt: Instant) -> [PostgresQuery] {
        var statements = [
            PaymentQueries.insert(part: part, stored, receivedAt: receivedAt),
            PaymentQueries.writeAmounts(part: part, amounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
        ]
        if !allocations.isEmpty { statements.append(PaymentQueries.insertAllocations(part: part, allocations)) }
        return statements
    }
}
