/// What the transaction found about a task when an outcome arrived: the row (locked), the receipt, the late receipt, and how the task ended.
package struct OutcomeSituation: Hashable, Sendable {
    /// The task's row, read under lock.
    package struct Row: Hashable, Sendable {
        /// Whether somebody holds the task.
        package var isLeased: Bool
        /// The number of its last grant.
        package var epoch: Int32

        package init(isLeased: Bool, epoch: Int32) {
            self.isLeased = isLeased
            self.epoch = epoch
        }
    }

    /// `nil`: there is no row.
    package var row: Row?
    /// Body hash of the accepted outcome of this (task, epoch).
    package var receipt: [UInt8]?
    /// Body hash of the late outcome of this (task, epoch).
    package var lateReceipt: [UInt8]?
    /// Why the task ended without an outcome.
    package var end: TaskEndReason?

    package init(row: Row? = nil, receipt: [UInt8]? = nil, lateReceipt: [UInt8]? = nil, end: TaskEndReason? = nil) {
        self.row = row
        self.receipt = receipt
        self.lateReceipt = lateReceipt
        self.end = end
    }
}

/// Why a late outcome found no lease; the words an agency is told.
package enum LateReason: String, CaseIterable, Sendable {
    /// The lease ran out and the sweep took the task back, or somebody else holds it now.
    case expired
    case released
    case recall
    case hold
    case closed
    case payment
    case replaced
    case quarantine
    case suspended
    /// Another epoch of the task was accepted already.
    case reported

    init(_ end: TaskEndReason) {
        self =
            switch end {
            case .recall: .recall
            case .hold: .hold
            case .closed: .closed
            case .payment: .payment
            case .replaced: .replaced
            case .quarantine: .quarantine
            case .suspended: .suspended
            case .expired: .expired
            case .released: .released
            }
    }
}

/// The answer to one outcome.
package enum OutcomeDecision: Hashable, Sendable {
    /// Row 1: `lease-token-invalid`; only the security log hears of it.
    case tokenInvalid
    /// Row 2: the same receipt and the same `next` as the first time.
    case duplicate
    /// Rows 3 and 6: `outcome-conflict`: counted, the hash audited.
    case conflict
    /// Row 4: `outcome-invalid`; the lease stays in force.
    case invalid([OutcomeFault])
    /// Row 5: the one transition.
    case accepted
    /// Row 6: the late receipt again.
    case lateDuplicate
    /// Row 7: kept as evidence; contact fact and safety facts count once.
    case late(LateReason)
}

/// PROTOCOL section 4: first match decides. The *row*, not the clock, ends a lease: until the sweep has taken it back, an overdue outcome is in
/// time.
package enum OutcomeTable {
    /// Decides about one outcome.
    ///
    /// - Parameters:
    ///   - situation: What the transaction found; `nil`: the token did not verify, or names another agency (one answer for all).
    ///   - epoch: The token's epoch.
    ///   - bodyHash: SHA-256 over the decoded fields in fixed order, without the token.
    ///   - faults: What validation found; asked only where the row is leased at this epoch.
    package static func decide(
        _ situation: OutcomeSituation?, epoch: Int32, bodyHash: [UInt8], faults: () -> [OutcomeFault]
    ) -> OutcomeDecision {
        guard let situation else { return .tokenInvalid }
        if let receipt = situation.receipt { return receipt == bodyHash ? .duplicate : .conflict }
        if let row = situation.row, row.isLeased, row.epoch == epoch {
            let faults = faults()
            return faults.isEmpty ? .accepted : .invalid(faults)
        }
        if let late = situation.lateReceipt { return late == bodyHash ? .lateDuplicate : .conflict }
        return .late(lateReason(situation))
    }

    private static func lateReason(_ situation: OutcomeSituation) -> LateReason {
        if let end = situation.end { return LateReason(end) }
        // The row is still there: the lease ran out, or was given back, and the task waits or is another's.
        return situation.row == nil ? .reported : .expired
    }

    /// The reference an agency gets back: a function of the key, so that every replay gets the same one.
    package static func receiptId(part: Int32, task: Int64, epoch: Int32) -> String {
        "r\(String(part, radix: 36)).\(String(task, radix: 36)).\(String(epoch, radix: 36))"
    }
}
