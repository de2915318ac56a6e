/// What the ledger says about one promise.
package struct PromiseVerdict: Hashable, Sendable {
    /// The promise's id.
    package var promise: Int64
    /// The account it was for.
    package var account: Int64
    /// What it was.
    package var type: PromiseType
    /// ``PromiseState/kept``, ``PromiseState/partiallyKept`` or ``PromiseState/broken``.
    package var state: PromiseState
    /// What was promised.
    package var promised: Money
    /// What counted: paid within [taken, due + grace].
    package var paid: Money

    package init(promise: Int64, account: Int64, type: PromiseType, state: PromiseState, promised: Money, paid: Money) {
        self.promise = promise
        self.account = account
        self.type = type
        self.state = state
        self.promised = promised
        self.paid = paid
    }
}
