/// The agency a request comes from, as its credential says.
package struct AgencyCaller: Hashable, Sendable {
    /// The agency.
    package let id: Int32
    /// Its name, for logs.
    package let name: String
    /// Its kind: `collection`, `field`, `lettershop`, `law_firm` or `in_house`.
    package let kind: String
    /// Its share of the coordinator when there is more to do than it can: weight of the contract, at least 1.
    package let weight: Int
    /// Whether it may get work; a suspended agency still reports and confirms.
    package let isActive: Bool

    /// Names the caller.
    package init(id: Int32, name: String, kind: String, weight: Int = 1, isActive: Bool = true) {
        self.id = id
        self.name = name
        self.kind = kind
        self.weight = max(1, weight)
        self.isActive = isActive
    }
}

/// Finds the agency a credential belongs to.
package protocol AgencyAuthenticator: Sendable {
    /// The agency whose credential has this SHA-256, if it is valid. Throws ``Problem`` `database-unavailable` if that cannot be found out.
    func caller(tokenHash: [UInt8]) async throws -> AgencyCaller?
}
