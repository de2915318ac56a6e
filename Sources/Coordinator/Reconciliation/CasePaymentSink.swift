import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Posts entries of the bank's ledger with all that follows from them: amounts, split, commission, and what the case makes of the money
/// (E1, E2, E4), in the importer's transaction. A payment is known with everything that follows from it, or not at all.
package struct CasePaymentSink: PaymentSink {
    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    package func post(_ payments: [NewPayment], part: Int32, now: Now, in transaction: AuditedTransaction) async throws {
        let db = transaction.connection
        let environment = try await environments.current(at: now)
        let payments = payments.sorted { ($0.paidAt, $0.paymentId) < ($1.paidAt, $1.paymentId) }
        let accounts = Set(payments.map(\.accountId)).sorted()
        let money = try await PostedMoney(payments, part: part, in: db)
        let spans = Dictionary(grouping: try await PaymentQueries.spans(part: part, accounts: accounts, in: db), by: \.account)
        let promised = try await PaymentQueries.promised(part: part, accounts: accounts, in: db)
        let schedules = try await rateCards(of: spans, in: db)
        var earned = try await PaymentQueries.earned(part: part, payments: payments.compactMap(\.reversalOf), in: db)

        var stored: [(payment: NewPayment, placement: Int64?)] = []
        var lines: [PaymentQueries.NewLine] = []
        for payment in payments {
            if let taken = payment.reversalOf.flatMap({ earned[$0] }) {
                stored.append((payment, taken.placement))
                if let line = try Attribution.line(base: payment.amount, entry: payment.entry, rate: taken.rate) {
                    lines.append(
                        PaymentQueries.NewLine(
                            id: try await database.ids.next(.commission), payment: payment.paymentId, placement: taken.placement,
                            agency: taken.agency, line: line, paidAt: payment.paidAt, rule: Attribution.Rule.reversal.rawValue))
                }
                transaction.audit(.posting, subject: payment.paymentId, Self.record(payment, placement: taken.placement, rule: .reversal))
                continue
            }
            let held = spans[payment.accountId] ?? []
            let (earning, rule) = Attribution.decide(
                paidAt: payment.paidAt, paidToAgency: payment.paidVia == "agency", spans: held.map(\.span),
                promises: promised[payment.accountId] ?? [], zone: environment.zone)
            stored.append((payment, earning?.placement))
            if let line = try await commission(
                payment, earning, rule, spans: held, schedules: schedules, zone: environment.zone)
            {
                lines.append(line)
                earned[payment.paymentRef] = PaymentQueries.Earned(placement: line.placement, agency: line.agency, rate: line.line.rate)
            }
            transaction.audit(.posting, subject: payment.paymentId, Self.record(payment, placement: earning?.placement, rule: rule))
        }
        var statements = money.statements(stored, part: part, receivedAt: now.business)
        if !lines.isEmpty { statements.append(PaymentQueries.insertCommission(part: part, lines)) }
        _ = try await db.pipeline(statements)
        try await tellCases(payments, part: part, environment: environment, now: now, in: transaction)
    }

    private static func record(_ payment: NewPayment, placement: Int64?, rule: Attribution.Rule) -> CanonicalJSON {
        [
            "account": .int(payment.accountId), "entry": .string(payment.entry.rawValue), "amount": .int(payment.amount.minorUnits),
            "currency": .string(payment.amount.currency.code), "placement": .optional(placement), "rule": .string(rule.rawValue),
        ]
    }

    private func rateCards(of spans: [Int64: [PaymentQueries.Span]], in db: PostgresConnection) async throws -> [Int32: FeeSchedule] {
        var cards: [Int32: FeeSchedule] = [:]
        for id in Set(spans.values.joined().compactMap(\.feeScheduleId)) { cards[id] = try await AgencyQueries.feeSchedule(id, in: db) }
        return cards
    }

    private func commission(
        _ payment: NewPayment, _ earning: Attribution.Span?, _ rule: Attribution.Rule, spans: [PaymentQueries.Span],
        schedules: [Int32: FeeSchedule], zone: Zone
    ) async throws -> PaymentQueries.NewLine? {
        let paidOn = zone.day(of: payment.paidAt)
        guard let earning, rule != .paidToAgency, let terms = spans.first(where: { $0.span.placement == earning.placement }),
            let schedule = terms.feeScheduleId.flatMap({ schedules[$0] }),
            let rate = schedule.rate(
                band: terms.band, tier: Int(terms.tier), isChargedOff: terms.chargedOffOn.map { $0 <= paidOn } ?? false),
            let line = try Attribution.line(base: payment.amount, entry: payment.entry, rate: rate)
        else { return nil }
        return PaymentQueries.NewLine(
            id: try await database.ids.next(.commission), payment: payment.paymentId, placement: earning.placement, agency: earning.agency,
            line: line,
            paidAt: payment.paidAt, rule: rule.rawValue)
    }

    /// Whether a settlement offer's whole sum was paid in its time.
    private static func meets(_ offers: [CaseFacts.OpenPromise], paid: [Int64: [(paidAt: Instant, minorUnits: Int64)]]) -> Bool {
        offers.contains { offer in
            let sum = (paid[offer.account] ?? []).filter { $0.paidAt >= offer.takenAt && $0.paidAt < offer.judgeAfter }
                .reduce(Int64(0)) { $0 + $1.minorUnits }
            return sum >= offer.amount.minorUnits
        }
    }

    private func tellCases(
        _ payments: [NewPayment], part: Int32, environment: CaseEnvironment, now: Now, in transaction: AuditedTransaction
    ) async throws {
        let debtors = Set(payments.map(\.debtorId)).sorted()
        var contexts = try await CaseContext.load(
            part: part, debtors: debtors, environment: environment, now: now, in: transaction.connection)
        var transition = CaseTransition(part: part, environment: environment, now: now, database: database)
        let cause = TransitionCause(by: "ledger")
        let offers = contexts.values.flatMap(\.facts.promises).filter { $0.type == .settlement }
        let paid =
            try await offers.isEmpty
            ? [:]
            : LedgerQueries.payments(
                part: part, debtors: debtors, since: offers.map(\.takenAt).min() ?? now.business, in: transaction.connection)
        for payment in payments {
            guard var context = contexts[payment.debtorId], context.facts.accounts.contains(where: { $0.id == payment.accountId }) else {
                continue
            }
            let event: CaseEvent =
                payment.entry.sign < 0
                ? .payment(
                    account: payment.accountId, fulfilledOffer: Self.meets(offers.filter { $0.account == payment.accountId }, paid: paid))
                : .reversal(account: payment.accountId)
            try await transition.take(event, on: &context, cause: cause)
            contexts[payment.debtorId] = context
        }
        transaction.audit(try await transition.write(in: transaction.connection))
    }
}
