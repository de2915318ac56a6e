package import CollectionsDomain
package import PostgresDriver

/// One entry of the bank's ledger about to be stored. Amounts are minor units, positive; the entry type gives the direction.
package struct NewPayment: Hashable, Sendable {
    package var paymentId: Int64
    package var paymentRef: String
    package var accountId: Int64
    package var debtorId: Int64
    package var entry: PaymentEntry
    package var amount: Money
    package var paidAt: Instant
    package var postedAt: Instant
    package var channel: String?
    /// `bank` or `agency`.
    package var paidVia: String
    package var reversalOf: String?
    /// The bank's own split, where it gives one.
    package var allocation: PaymentAllocation?
    package var importFileId: Int64?

    package init(
        paymentId: Int64, paymentRef: String, accountId: Int64, debtorId: Int64, entry: PaymentEntry, amount: Money, paidAt: Instant,
        postedAt: Instant,
        channel: String? = nil, paidVia: String = "bank", reversalOf: String? = nil, allocation: PaymentAllocation? = nil,
        importFileId: Int64? = nil
    ) {
        self.paymentId = paymentId
        self.paymentRef = paymentRef
        self.accountId = accountId
        self.debtorId = debtorId
        self.entry = entry
        self.amount = amount
        self.paidAt = paidAt
        self.postedAt = postedAt
        self.channel = channel
        self.paidVia = paidVia
        self.reversalOf = reversalOf
        self.allocation = allocation
        self.importFileId = importFileId
    }
}

/// Payments and what they do to accounts: the SQL. Callers hold the debtors' locks.
package enum PaymentQueries {
    /// The amounts of accounts, locked in id order.
    package static func lockAmounts(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Int64: AccountAmounts] {
        let result = try await db.query(
            """
            select a.account_id, a.currency, a.balance, a.amount_due, a.principal, a.interest, a.fees
            from unnest(\(accounts.sorted())::bigint[]) u(id) cross join lateral
                (select * from account where part = \(part) and account_id = u.id for no key update) a
            """)
        var found: [Int64: AccountAmounts] = [:]
        for row in result {
            let (id, code, balance, due, principal, interest, fees) = try row.decode(
                (Int64, String, Int64, Int64, Int64, Int64, Int64).self)
            guard let currency = Currency(code) else {
                throw PostgresError(code: .decode, message: "account \(id) has an unknown currency")
            }
            func money(_ amount: Int64) -> Money { Money(minorUnits: amount, currency: currency) }
            found[id] = AccountAmounts(
                balance: money(balance), amountDue: money(due), principal: money(principal), interest: money(interest), fees: money(fees))
        }
        return found
    }

    /// Writes the amounts of accounts whose rows are locked.
    package static func writeAmounts(part: Int32, _ amounts: [(account: Int64, amounts: AccountAmounts)]) -> PostgresQuery {
        """
        update account a set balance = u.balance, amount_due = u.due, principal = u.principal, interest = u.interest, fees = u.fees
        from unnest(\(amounts.map(\.account))::bigint[], \(amounts.map(\.amounts.balance.minorUnits))::bigint[],
            \(amounts.map(\.amounts.amountDue.minorUnits))::bigint[], \(amounts.map(\.amounts.principal.minorUnits))::bigint[],
            \(amounts.map(\.amounts.interest.minorUnits))::bigint[], \(amounts.map(\.amounts.fees.minorUnits))::bigint[])
            u(id, balance, due, principal, interest, fees)
        where a.part = \(part) and a.account_id = u.id
        """
    }

    /// Stores payments, each with the placement it counts for. A payment stored before is an error: references were claimed first.
    package static func insert(part: Int32, _ payments: [(payment: NewPayment, placement: Int64?)], receivedAt: Instant) -> PostgresQuery {
        """
        insert into payment (part, payment_id, payment_ref, account_id, debtor_id, entry_type, amount, currency, paid_at, posted_at, channel, paid_via,
            reversal_of, placement_id, received_at, import_file_id)
        select \(part), u.id, u.ref, u.account, u.debtor, u.entry, u.amount, u.currency, u.paid, u.posted, u.channel, u.via, u.reversal, u.placement,
            \(receivedAt), u.file
        from unnest(\(payments.map(\.payment.paymentId))::bigint[], \(payments.map(\.payment.paymentRef))::text[],
            \(payments.map(\.payment.accountId))::bigint[], \(payments.map(\.payment.debtorId))::bigint[],
            \(payments.map(\.payment.entry.rawValue))::text[], \(payments.map(\.payment.amount.minorUnits))::bigint[],
            \(payments.map(\.payment.amount.currency.code))::text[], \(payments.map(\.payment.paidAt))::timestamptz[],
            \(payments.map(\.payment.postedAt))::timestamptz[], \(payments.map(\.payment.channel))::text[],
            \(payments.map(\.payment.paidVia))::text[], \(payments.map(\.payment.reversalOf))::text[], \(payments.map(\.placement))::bigint[],
            \(payments.map(\.payment.importFileId))::bigint[])
            u(id, ref, account, debtor, entry, amount, currency, paid, posted, channel, via, reversal, placement, file)
        """
    }

    /// Stores how payments were spread.
    package static func insertAllocations(part: Int32, _ rows: [(payment: Int64, component: PaymentComponent, amount: Int64)])
        -> PostgresQuery
    {
        """
        insert into payment_allocation (part, payment_id, component, amount)
        select \(part), u.id, u.component, u.amount
        from unnest(\(rows.map(\.payment))::bigint[], \(rows.map(\.component.rawValue))::text[], \(rows.map(\.amount))::bigint[])
            u(id, component, amount)
        """
    }

    /// The split of payments by their references: a reversal mirrors it.
    package static func allocations(
        part: Int32, payments refs: [String], currency: (Int64) -> Currency?, in db: PostgresConnection
    ) async throws -> [String: PaymentAllocation] {
        guard !refs.isEmpty else { return [:] }
        let result = try await db.query(
            """
            select p.payment_ref, p.account_id, a.component, a.amount from payment p
            join payment_allocation a on a.part = p.part and a.payment_id = p.payment_id
            where p.part = \(part) and p.payment_ref = any(\(refs))
            """)
        var found: [String: PaymentAllocation] = [:]
        for row in result {
            let (ref, account, word, amount) = try row.decode((String, Int64, String, Int64).self)
            guard let component = PaymentComponent(rawValue: word), let currency = currency(account) else { continue }
            found[ref, default: PaymentAllocation(parts: [:])].parts[component] = Money(minorUnits: amount, currency: currency)
        }
        return found
    }

    /// One placement of an account, with what its commission is reckoned from.
    package struct Span: Hashable, Sendable {
        package let account: Int64
        package let span: Attribution.Span
        package let band: String
        package let tier: Int16
        package let feeScheduleId: Int32?
        /// The day on which the bank charged the account off.
        package let chargedOffOn: Day?
    }

    /// All placements of accounts, open and closed.
    package static func spans(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Span] {
        try await db.query(
            """
            select p.account_id, p.placement_id, p.agency_id, p.starts_at, p.closed_at, p.bucket, p.tier, p.fee_schedule_id, a.charge_off_on
            from placement p join account a on a.part = p.part and a.account_id = p.account_id
            where p.part = \(part) and p.account_id = any(\(accounts)) order by p.account_id, p.starts_at
            """
        ).map { row in
            let (account, id, agency, starts, closed, bucket, tier, schedule, chargedOff) = try row.decode(
                (Int64, Int64, Int32, Instant, Instant?, String, Int16, Int32?, Day?).self)
            return Span(
                account: account, span: Attribution.Span(placement: id, agency: agency, startsAt: starts, endedAt: closed), band: bucket,
                tier: tier,
                feeScheduleId: schedule, chargedOffOn: chargedOff)
        }
    }

    /// Promises of accounts, whatever became of them.
    package static func promised(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Int64: [Attribution.Promised]]
    {
        let result = try await db.query(
            """
            select account_id, agency_id, taken_at, judge_after from promise
            where part = \(part) and account_id = any(\(accounts)) and state not in ('claimed', 'cancelled')
            """)
        var found: [Int64: [Attribution.Promised]] = [:]
        for row in result {
            let (account, agency, taken, judge) = try row.decode((Int64, Int32, Instant, Instant).self)
            found[account, default: []].append(Attribution.Promised(agency: agency, takenAt: taken, judgeAfter: judge))
        }
        return found
    }

    /// What a payment earned.
    package struct Earned: Hashable, Sendable {
        package let placement: Int64
        package let agency: Int32
        package let rate: BasisPoints

        package init(placement: Int64, agency: Int32, rate: BasisPoints) {
            self.placement = placement
            self.agency = agency
            self.rate = rate
        }
    }

    /// What payments earned, by their references: a reversal takes it back from whoever it was paid to, even after the placement's end.
    package static func earned(part: Int32, payments refs: [String], in db: PostgresConnection) async throws -> [String: Earned] {
        guard !refs.isEmpty else { return [:] }
        let result = try await db.query(
            """
            select p.payment_ref, l.placement_id, l.agency_id, l.rate_bp from payment p
            join commission_line l on l.part = p.part and l.payment_id = p.payment_id and l.type = 'fee'
            where p.part = \(part) and p.payment_ref = any(\(refs))
            """)
        var found: [String: Earned] = [:]
        for row in result {
            let (ref, placement, agency, points) = try row.decode((String, Int64, Int32, Int32).self)
            guard let rate = BasisPoints(Int(points)) else {
                throw PostgresError(code: .decode, message: "a commission line has a rate outside 0 to 100 %")
            }
            found[ref] = Earned(placement: placement, agency: agency, rate: rate)
        }
        return found
    }

    /// One line of commission to be stored.
    package struct NewLine: Hashable, Sendable {
        package let id: Int64
        package let payment: Int64
        package let placement: Int64
        package let agency: Int32
        package let line: CommissionLine
        package let paidAt: Instant
        package let rule: String

        package init(id: Int64, payment: Int64, placement: Int64, agency: Int32, line: CommissionLine, paidAt: Instant, rule: String) {
            self.id = id
            self.payment = payment
            self.placement = placement
            self.agency = agency
            self.line = line
            self.paidAt = paidAt
            self.rule = rule
        }
    }

    /// Stores commission lines.
    package static func insertCommission(part: Int32, _ lines: [NewLine]) -> PostgresQuery {
        """
        insert into commission_line (part, commission_line_id, payment_id, placement_id, agency_id, type, base_amount, rate_bp, fee, currency, paid_at, rule)
        select \(part), u.id, u.payment, u.placement, u.agency, u.type, u.base, u.rate, u.fee, u.currency, u.paid, u.rule
        from unnest(\(lines.map(\.id))::bigint[], \(lines.map(\.payment))::bigint[], \(lines.map(\.placement))::bigint[],
            \(lines.map(\.agency))::int[], \(lines.map(\.line.type.rawValue))::text[], \(lines.map(\.line.base.minorUnits))::bigint[],
            \(lines.map { Int32($0.line.rate.value) })::int[], \(lines.map(\.line.fee.minorUnits))::bigint[],
            \(lines.map(\.line.base.currency.code))::text[], \(lines.map(\.paidAt))::timestamptz[], \(lines.map(\.rule))::text[])
            u(id, payment, placement, agency, type, base, rate, fee, currency, paid, rule)
        """
    }
}
