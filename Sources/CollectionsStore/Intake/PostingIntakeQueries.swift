package import CollectionsDomain
package import PostgresDriver

/// A payment that is stored, as far as a reversal asks.
package struct StoredPayment: Hashable, Sendable {
    package let accountId: Int64
    package let entry: PaymentEntry
    /// Minor units.
    package let amount: Int64
    /// What reversals and chargebacks have taken back already; minor units.
    package let takenBack: Int64
}

/// An adjustment about to be stored; signed minor units in the direction of the balance.
package struct NewAdjustment: Hashable, Sendable {
    package var adjustmentId: Int64
    package var adjustmentRef: String
    package var accountId: Int64
    package var debtorId: Int64
    package var type: AdjustmentType
    package var amount: Money
    package var effectiveAt: Instant
    package var approvedBy: String?

    package init(
        adjustmentId: Int64, adjustmentRef: String, accountId: Int64, debtorId: Int64, type: AdjustmentType, amount: Money,
        effectiveAt: Instant,
        approvedBy: String?
    ) {
        self.adjustmentId = adjustmentId
        self.adjustmentRef = adjustmentRef
        self.accountId = accountId
        self.debtorId = debtorId
        self.type = type
        self.amount = amount
        self.effectiveAt = effectiveAt
        self.approvedBy = approvedBy
    }
}

/// What intake asks of payments and adjustments: the SQL. Every statement names one lane.
package enum PostingIntakeQueries {
    /// Stored payments of one lane by their references.
    package static func payments(part: Int32, refs: [String], in db: PostgresConnection) async throws -> [String: StoredPayment] {
        var found: [String: StoredPayment] = [:]
        let result = try await db.query(
            """
            select p.payment_ref, p.account_id, p.entry_type, p.amount,
                coalesce((select sum(r.amount) from payment r where r.part = \(part) and r.account_id = p.account_id and r.reversal_of = p.payment_ref), 0)
                    ::bigint
            from payment p where p.part = \(part) and p.payment_ref = any(\(refs))
            """)
        for row in result {
            let (ref, account, word, amount, back) = try row.decode((String, Int64, String, Int64, Int64).self)
            guard let entry = PaymentEntry(rawValue: word) else {
                throw PostgresError(code: .decode, message: "a payment has an entry type this version does not know")
            }
            found[ref] = StoredPayment(accountId: account, entry: entry, amount: amount, takenBack: back)
        }
        return found
    }

    /// The adjustments of one lane that are stored, of some ids.
    package static func adjustments(part: Int32, ids: [Int64], in db: PostgresConnection) async throws -> Set<Int64> {
        Set(
            try await db.query("select adjustment_id from adjustment where part = \(part) and adjustment_id = any(\(ids))").map {
                try $0.get(0, as: Int64.self)
            })
    }

    /// Stores adjustments. One stored before is an error: references were claimed first.
    package static func insertAdjustments(part: Int32, _ adjustments: [NewAdjustment]) -> PostgresQuery {
        """
        insert into adjustment (part, adjustment_id, adjustment_ref, account_id, type, amount, currency, effective_at, approved_by)
        select \(part), u.id, u.ref, u.account, u.type, u.amount, u.currency, u.at, u.approved
        from unnest(\(adjustments.map(\.adjustmentId)), \(adjustments.map(\.adjustmentRef)), \(adjustments.map(\.accountId)),
            \(adjustments.map(\.type.rawValue)), \(adjustments.map(\.amount.minorUnits)), \(adjustments.map(\.amount.currency.code)),
            \(adjustments.map(\.effectiveAt)), \(adjustments.map(\.approvedBy))) u (id, ref, account, type, amount, currency, at, approved)
        """
    }
}
