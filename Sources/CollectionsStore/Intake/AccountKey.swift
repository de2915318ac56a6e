package import CollectionsDomain
package import PostgresDriver

/// The bank's key of an account: its reference with its currency, because a dual-currency card has one reference and two debts.
package enum AccountKey {
    /// The key as it stands in the directory of references.
    package static func text(_ accountRef: String, _ currency: Currency) -> String { "\(accountRef)/\(currency.code)" }

    /// Where the accounts of a reference stand: one, or several for a card in several currencies.
    ///
    /// - Parameter currency: Only this currency's; nil looks for all.
    package static func find(
        _ accountRef: String, currency: Currency? = nil, refs: RefDirectory, in db: PostgresConnection
    ) async throws -> [(currency: Currency, target: RefTarget)] {
        let currencies = currency.map { [$0] } ?? Currency.all
        let found = try await refs.find(kind: .account, currencies.map { text(accountRef, $0) }, in: db)
        return currencies.compactMap { currency in found[text(accountRef, currency)].map { (currency, $0) } }
    }
}
