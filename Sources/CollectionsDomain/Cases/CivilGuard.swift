/// Whether civil steps may be proposed for an account: the `entry` of legal_referral (DOMAIN section 4), fact by fact.
package struct CivilGuard: Hashable, Sendable {
    /// The account.
    package var account: Int64
    /// The larger of amount due and balance in the policy's currency; `nil`: no exchange rate.
    package var amount: Money?
    /// Collections whose receipt is confirmable.
    package var collections: Int
    /// DPD / 30, whole.
    package var monthsUnpaid: Int
    /// Letters posted for the account.
    package var lettersPosted: Int
    /// What is missing, by the policy's keys ("min_amount", "not_holds.dispute", "missing_fact.fx_rate"); empty: the guard holds.
    package var missing: [String]

    package init(account: Int64, amount: Money? = nil, collections: Int, monthsUnpaid: Int, lettersPosted: Int, missing: [String]) {
        self.account = account
        self.amount = amount
        self.collections = collections
        self.monthsUnpaid = monthsUnpaid
        self.lettersPosted = lettersPosted
        self.missing = missing
    }

    /// Whether every condition is met.
    package var holds: Bool { missing.isEmpty }
}
