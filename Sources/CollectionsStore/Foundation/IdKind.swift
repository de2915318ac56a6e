/// What an id names; raw values are the text of `id_block.kind`.
///
/// Every id is `month << 40 | n`, the month counted from 2020-01 in real time, so that tables partitioned by id leave by the month.
package enum IdKind: String, CaseIterable, Sendable {
    case debtor, account
    case contactPoint = "contact_point"
    case consent, hold
    case caseFile = "case_file"
    case placement, notice, recall, payment, adjustment, promise, plan, commission, complaint, request
    case breakRecord = "break"
    case violation, letter, visit, referral, task, event, activity, permit, outbox, run, approval
    case importFile = "import_file"
    case auditWriter = "audit_writer"
    case cardOrder = "card_order"
    case retain
}

/// Arithmetic on ids of the form `month << 40 | n`.
package enum IdLayout {
    /// Bits below the month.
    package static let bits: Int64 = 40
    /// The most ids of a kind in a month.
    package static let perMonth: Int64 = 1 << bits

    /// The first id of a month (months since 2020-01).
    package static func first(ofMonth month: Int32) -> Int64 { Int64(month) << bits }

    /// The month an id was made in (months since 2020-01, real time).
    package static func month(of id: Int64) -> Int32 { Int32(truncatingIfNeeded: id >> bits) }
}
