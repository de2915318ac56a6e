/// What a simulated debtor is like. Drawn once per debtor from the world's seed, so that every agency that calls meets the same person.
package struct DebtorCharacter: Sendable {
    /// What a debtor may be besides reluctant.
    package enum Circumstance: Sendable {
        case ordinary, disputes, inHardship, complains, represented, deceased, paidAlready
    }

    /// Probability that a dial is answered by the debtor.
    package let reachability: Double
    /// Probability that a talk ends in a promise.
    package let willingness: Double
    /// Probability that a promise is kept.
    package let reliability: Double
    /// Probability that the address on file is right.
    package let addressQuality: Double
    /// What the first talk brings to light.
    package let circumstance: Circumstance

    /// The character of the debtor behind a case.
    package init(seed: UInt64, debtor: some StringProtocol) {
        var random = SeededGenerator(seed: seed, key: debtor)
        reachability = Double.random(in: 0.12...0.6, using: &random)
        willingness = Double.random(in: 0.08...0.5, using: &random)
        reliability = Double.random(in: 0.3...0.9, using: &random)
        addressQuality = random.chance(0.9) ? 0.97 : 0.3
        circumstance = random.pick([
            (.ordinary, 0.915), (.disputes, 0.02), (.inHardship, 0.03), (.complains, 0.01), (.represented, 0.005), (.deceased, 0.005),
            (.paidAlready, 0.015),
        ])
    }
}
