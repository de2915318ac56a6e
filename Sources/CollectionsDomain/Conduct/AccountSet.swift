/// Accounts of one debtor as bits: bit n stands for the n-th account of the ledger's table.
package struct AccountSet: Hashable, Sendable {
    /// The bits; all of them for the whole debtor.
    package var bits: UInt64

    package init(bits: UInt64) {
        self.bits = bits
    }

    /// Every account of the debtor, also those that come later.
    package static let all = AccountSet(bits: .max)

    /// No account of the table.
    package static let none = AccountSet(bits: 0)

    /// Accounts the table can tell apart; those beyond share the last bit and count together, on the strict side.
    static let capacity = 63

    /// Whether both have an account in common.
    package func meets(_ other: AccountSet) -> Bool {
        bits & other.bits != 0 || bits == .max || other.bits == .max
    }
}
