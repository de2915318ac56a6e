package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Posts entries of the bank's ledger: amounts of the account, split, commission, and what the case makes of the money (E1, E2, E4).
///
/// All of it in the caller's transaction of one lane, so that a payment is known with everything that follows from it or not at all.
package struct PaymentPosting: Sendable {
    private let database: Database
    private let environment: CaseEnvironment
    private let now: Now
    private let schedules: [Int32: FeeSchedule]

    /// - Parameter schedules: Rate cards by their id, from ``AgencyQueries``.
    package init(database: Database, environment: CaseEnvironment, now: Now, schedules: [Int32: FeeSchedule]) {
        self.database = database
        self.environment = environment
        self.now = now
        self.schedules = schedules
    }

    /// Posts payments of one lane in the order of `paidAt`; none of them is stored yet.
    package func post(_ payments: [NewPayment], part: Int32, in transaction: AuditedTransaction) async throws {
        let db = transaction.connection
        let payments = payments.sorted { ($0.paidAt, $0.paymentId) < ($1.paidAt, $1.paymentId) }
        let debtors = Set(payments.map(\.debtorId)).sorted()
        let accounts = Set(payments.map(\.accountId)).sorted()
        // Lock order: the debtors, then their accounts.
        _ = try await db.pipeline([ConductQueries.lock(part: part, debtors: debtors)])
        var amounts = try await PaymentQueries.lockAmounts(part: part, accounts: accounts, in: db)
        let spans = Dictionary(grouping: try await PaymentQueries.spans(part: part, accounts: accounts, in: db), by: \.account)
        let promised = try await PaymentQueries.promised(part: part, accounts: accounts, in: db)
        let currencies = amounts.mapValues(\.balance.currency)
        var splits = try await PaymentQueries.allocations(
            part: part, payments: payments.compactMap(\.reversalOf), currency: { currencies[$0] }, in: db)

        var stored: [(payment: NewPayment, placement: Int64?)] = []
        var allocations: [(payment: Int64, component: PaymentComponent, amount: Int64)] = []
        var lines: [PaymentQueries.NewLine] = []
        for payment in payments {
            guard let before = amounts[payment.accountId] else {
                throw PostgresError(code: .decode, message: "payment \(payment.paymentId) names an account that is not in its lane")
            }
            let given = payment.allocation ?? payment.reversalOf.flatMap { splits[$0] }
            let (after, split) = try AccountLedger.apply(payment.entry, payment.amount, to: before, allocation: given)
            amounts[payment.accountId] = after
            splits[payment.paymentRef] = split
            for (component, part) in split.parts where part.minorUnits != 0 { allocations.append((payment.paymentId, component, part.minorUnits)) }
            let (earning, rule) = Attribution.decide(
                paidAt: payment.paidAt, paidToAgency: payment.paidVia == "agency", spans: (spans[payment.accountId] ?? []).map(\.span),
                promises: promised[payment.accountId] ?? [], zone: environment.policy.conduct.time.zone ?? .utc)
            stored.append((payment, earning?.placement))
            if let line = try await commission(payment, earning, rule, spans: spans[payment.accountId] ?? []) { lines.append(line) }
            transaction.audit(
                .posting, subject: payment.paymentId,
                [
                    "account": .int(payment.accountId), "entry": .string(payment.entry.rawValue), "amount": .int(payment.amount.minorUnits),
                    "currency": .string(payment.amount.currency.code), "placement": .optional(earning?.placement), "rule": .string(rule.rawValue),
                ])
        }
        var statements = [
            PaymentQueries.insert(part: part, stored, receivedAt: now.business),
            PaymentQueries.insertAllocations(part: part, allocations),
            PaymentQueries.writeAmounts(part: part, amounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
        ]
        if !lines.isEmpty { statements.append(PaymentQueries.insertCommission(part: part, lines)) }
        _ = try await db.pipeline(statements)
        try await tellCases(payments, part: part, debtors: debtors, in: transaction)
    }

    private func commission(
        _ payment: NewPayment, _ earning: Attribution.Span?, _ rule: Attribution.Rule, spans: [PaymentQueries.Span]
    ) async throws -> PaymentQueries.NewLine? {
        guard let earning, rule != .paidToAgency, let terms = spans.first(where: { $0.span.placement == earning.placement }),
            let schedule = terms.feeScheduleId.flatMap({ schedules[$0] }), let rate = schedule.rate(band: terms.band, tier: Int(terms.tier)),
            let line = try Attribution.line(base: payment.amount, entry: payment.entry, rate: rate)
        else { return nil }
        return PaymentQueries.NewLine(
            id: try await database.ids.next(.commission), payment: payment.paymentId, placement: earning.placement, agency: earning.agency, line: line,
            paidAt: payment.paidAt, rule: rule.rawValue)
    }

    private func tellCases(_ payments: [NewPayment], part: Int32, debtors: [Int64], in transaction: AuditedTransaction) async throws {
        var contexts = try await CaseContext.load(part: part, debtors: debtors, environment: environment, now: now, in: transaction.connection)
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        let cause = TransitionCause(by: "ledger")
        for payment in payments {
            guard var context = contexts[payment.debtorId], context.facts.accounts.contains(where: { $0.id == payment.accountId }) else { continue }
            let event: CaseEvent =
                payment.entry.sign < 0 ? .payment(account: payment.accountId, fulfilledOffer: false) : .reversal(account: payment.accountId)
            try await transition.take(event, on: &context, cause: cause)
            contexts[payment.debtorId] = context
        }
        transaction.audit(try await transition.write(in: transaction.connection))
    }
}
