/// A fact about a debtor, an account or an agency that somebody may not have.
///
/// An unknown fact that a rule needs blocks with `missing_fact.<fact>`; nothing is guessed.
package enum Fact<Value: Sendable>: Sendable {
    /// Nobody has it.
    case unknown
    /// It is known; optional values stand for things that may never have happened.
    case known(Value)

    /// The value, or nil if unknown.
    package var value: Value? {
        switch self {
        case .unknown: nil
        case .known(let value): value
        }
    }
}

extension Fact: Equatable where Value: Equatable {}
extension Fact: Hashable where Value: Hashable {}
