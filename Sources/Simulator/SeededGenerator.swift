/// A small random generator (SplitMix64) whose whole future follows from its seed, so that a simulated day can be lived again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator at the start of the sequence that belongs to `seed`.
    package init(seed: UInt64) { state = seed }

    /// A generator for one subject of a seeded world: the same seed and key always give the same sequence, whatever others draw.
    package init(seed: UInt64, key: some StringProtocol) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        self.init(seed: seed ^ hash)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Whether something of the given probability (0…1) happens.
    package mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    /// One of the values, each as likely as its weight; the last one when all weights are zero.
    package mutating func pick<Value>(_ weighted: [(Value, Double)]) -> Value {
        precondition(!weighted.isEmpty, "nothing to pick from")
        var point = Double.random(in: 0..<1, using: &self) * weighted.reduce(0) { $0 + $1.1 }
        for (value, weight) in weighted {
            point -= weight
            if point < 0 { return value }
        }
        return weighted[weighted.count - 1].0
    }
}
