/// Why a rule's value binds (conduct policy, first section).
package enum Force: String, CaseIterable, Hashable, Sendable {
    /// No outside rule found: the bank's default, which the bank may change.
    case bank
    /// Recommended standard, self-regulation, regulator guidance.
    case standard
    /// Breaking it is presumed a violation.
    case presumption
    /// Law or binding regulation.
    case law

    /// Order of strength, ``bank`` lowest.
    var strength: Int {
        switch self {
        case .bank: 0
        case .standard: 1
        case .presumption: 2
        case .law: 3
        }
    }
}

/// Where a value comes from: source ids of the policy file and why it binds.
package struct RuleBasis: Hashable, Sendable {
    /// Source ids as listed in the policy's `sources`; empty for a bank default.
    package var sources: [String]
    /// Why it binds.
    package var force: Force

    package init(sources: [String] = [], force: Force = .bank) {
        self.sources = sources
        self.force = force
    }

    /// A bank default without a source.
    package static let bank = RuleBasis()

    /// The source ids joined for a reason: `CN10, CN14`, or `BANK` where there is none.
    package var sourceText: String {
        sources.isEmpty ? "BANK" : sources.joined(separator: ", ")
    }
}

/// A policy value together with its basis.
package struct Sourced<Value: Sendable>: Sendable {
    /// The value.
    package var value: Value
    /// Where it comes from.
    package var basis: RuleBasis

    package init(_ value: Value, basis: RuleBasis) {
        self.value = value
        self.basis = basis
    }
}

extension Sourced: Equatable where Value: Equatable {}
extension Sourced: Hashable where Value: Hashable {}
